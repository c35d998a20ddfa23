#include "ledger/chain/build.h"

#include <assert.h>
#include <inttypes.h>
#include <time.h>

/* More than header, list headers and the widest string header take beside the transactions. */
#define BLOCK_OVERHEAD_BYTES 1024
#define TRANSACTION_OVERHEAD 9
/* Senders passed over for lack of room before a block counts as full. */
#define SKIPS_MAX 64

static uint64_t clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool fill_header(const struct chain_rules *rules, const struct tip *parent,
                        const struct build_request *request, struct candidate *candidate,
                        struct error *error)
{
    const unsigned leader = rules_leader(rules, request->view);
    if (request->view <= tip_view(parent) || request->view >> 40 != 0)
        return error_set(error, ERROR_INVALID,
                         "build: view %" PRIu64 " is not after the parent's, %" PRIu64,
                         request->view, tip_view(parent));
    if (!address_equal(&request->beneficiary, &rules->record->committee[leader].payout))
        return error_set(error, ERROR_INVALID,
                         "build: the beneficiary is not the payout account of member %u, who "
                         "leads view %" PRIu64,
                         leader, request->view);
    if (!reveal_is_next(&parent->reveals[leader], &request->reveal))
        return error_set(error, ERROR_INVALID,
                         "build: not the reveal due of member %u after %" PRIu64 " used", leader,
                         parent->reveals[leader].used);

    struct header *header = &candidate->block.header;
    const uint64_t earliest_ms = tip_time_ms(parent) + 1;
    const uint64_t time_ms = request->now_ms > earliest_ms ? request->now_ms : earliest_ms;
    *header = (struct header){
        .parent_hash = parent->hash,
        .ommers_hash = EMPTY_OMMERS_HASH,
        .beneficiary = request->beneficiary,
        .number = parent->header.number + 1,
        .gas_limit = rules->record->parameters.gas_limit,
        .timestamp = time_ms / 1000,
        .mix_hash = reveal_mix(&parent->header.mix_hash, &request->reveal),
        .base_fee = rules_base_fee(rules->genesis, &parent->header),
        .parent_beacon_block_root = rules->record_hash,
    };
    const struct extra_data extra = {.view = request->view,
                                     .milliseconds = (uint16_t)(time_ms % 1000)};
    extra_data_encode(&extra, header);
    candidate->block.reveal = request->reveal;
    memcpy(candidate->tip.reveals, parent->reveals, sizeof candidate->tip.reveals);
    candidate->tip.members = parent->members;
    candidate->tip.reveals[leader].last = request->reveal;
    candidate->tip.reveals[leader].used++;
    return true;
}

/* Transactions and receipts as they are taken; both grow by doubling in the arena. */
struct taken {
    struct transaction *transactions;
    struct receipt *receipts;
    size_t count;
    size_t capacity;
    size_t size_bytes;
};

static void *grown(struct arena *arena, const void *old, size_t count, size_t capacity, size_t size)
{
    void *array = arena_array(arena, capacity, size);
    if (count > 0)
        memcpy(array, old, count * size);
    return array;
}

static void reserve_one(struct taken *taken, struct arena *arena)
{
    if (taken->count < taken->capacity)
        return;
    taken->capacity = taken->capacity == 0 ? 64 : 2 * taken->capacity;
    taken->transactions = grown(arena, taken->transactions, taken->count, taken->capacity,
                                sizeof *taken->transactions);
    taken->receipts =
        grown(arena, taken->receipts, taken->count, taken->capacity, sizeof *taken->receipts);
}

/* Does it wait for room or price, rather than being wrong for good? */
static bool waits(enum transaction_verdict verdict)
{
    return verdict == TRANSACTION_GAS_OVER_BLOCK || verdict == TRANSACTION_FEE_BELOW_BASE
           || verdict == TRANSACTION_NONCE_TOO_HIGH;
}

static void take_transactions(struct candidate_run *run, uint64_t budget_ms,
                              const struct build_source *source, struct taken *taken)
{
    const uint64_t size_max = run->rules->record->parameters.block_size_max;
    const uint64_t started_ms = clock_ms();
    unsigned skips = 0;
    taken->size_bytes = BLOCK_OVERHEAD_BYTES;
    const struct transaction *tx;
    while (skips < SKIPS_MAX && (tx = source->next(source->context)) != NULL) {
        if (budget_ms > 0 && taken->count > 0 && clock_ms() - started_ms >= budget_ms)
            break;
        const size_t size = tx->encoded.size + TRANSACTION_OVERHEAD;
        if (taken->size_bytes + size > size_max) {
            source->skip_sender(source->context);
            skips++;
            continue;
        }
        reserve_one(taken, &run->candidate->arena);
        struct transaction_outcome outcome;
        enum transaction_verdict verdict =
            execute_transaction(&run->execution, tx, &taken->receipts[taken->count], &outcome);
        if (verdict == TRANSACTION_OK) {
            taken->transactions[taken->count++] = *tx;
            taken->size_bytes += size;
            source->taken(source->context);
        } else if (waits(verdict)) {
            source->skip_sender(source->context);
            skips++;
        } else {
            source->dropped(source->context, verdict);
        }
    }
}

/* What was recovered before is not recovered again. */
static void take_signers(struct transaction *tx, const struct transaction *from)
{
    tx->sender = from->sender;
    for (size_t i = 0; i < tx->authorizations_count; i++) {
        tx->authorizations[i].has_authority = from->authorizations[i].has_authority;
        tx->authorizations[i].authority = from->authorizations[i].authority;
    }
}

/* Makes the candidate independent of the pool: transactions point into its own container. */
static void put_together(struct candidate *candidate, const struct chain_rules *rules)
{
    struct buffer container = {0};
    candidate->block.hash = header_hash(&candidate->block.header, rules->record->fork);
    block_container_encode(&candidate->block, rules->record->fork, &container);
    candidate->container = arena_copy(&candidate->arena, buffer_view(&container));
    buffer_cleanup(&container);

    struct block decoded;
    enum block_verdict verdict = block_container_decode(&decoded, rules->record->fork,
                                                        candidate->container, &candidate->arena);
    assert(verdict == BLOCK_OK);
    (void)verdict;
    for (size_t i = 0; i < decoded.transactions_count; i++)
        take_signers(&decoded.transactions[i], &candidate->block.transactions[i]);
    candidate->block = decoded;
}

bool block_fill(const struct chain_rules *rules, const struct tip *parent,
                const struct ground *ground, uint64_t budget_ms, const struct build_source *source,
                struct candidate *candidate, struct error *error)
{
    struct candidate_run run = {
        .candidate = candidate, .rules = rules, .parent = parent, .ground = ground};
    struct taken taken = {0};
    candidate_run_begin(&run);
    take_transactions(&run, budget_ms, source, &taken);
    candidate->block.transactions = taken.transactions;
    candidate->block.transactions_count = taken.count;
    candidate->receipts = taken.receipts;

    struct execution_results results;
    const bool ok = candidate_run_finish(&run, &results, error);
    candidate_run_cleanup(&run);
    if (!ok)
        return false;
    if (results.verdict != REQUESTS_OK)
        return error_set(error, ERROR_CORRUPT,
                         "build: block %" PRIu64 ": %s; the ledger cannot go on",
                         parent->header.number + 1, requests_verdict_text(results.verdict));
    struct header *header = &candidate->block.header;
    header->transactions_root = block_transactions_root(taken.transactions, taken.count);
    header->withdrawals_root = block_withdrawals_root(NULL, 0);
    header->gas_used = results.gas_used;
    header->receipts_root = results.receipts_root;
    header->state_root = results.state_root;
    header->requests_hash = results.requests_hash;
    candidate->block.requests = results.requests;
    memcpy(header->logs_bloom, results.logs_bloom, sizeof header->logs_bloom);
    put_together(candidate, rules);
    return candidate_complete(candidate, rules, error);
}

bool block_build(const struct chain_rules *rules, const struct tip *parent,
                 const struct ground *ground, const struct build_request *request,
                 const struct build_source *source, struct candidate *candidate,
                 struct error *error)
{
    return fill_header(rules, parent, request, candidate, error)
           && block_fill(rules, parent, ground, request->execution_budget_ms, source, candidate,
                         error);
}

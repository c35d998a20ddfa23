#include "ledger/levm/transition.h"

#include <inttypes.h>

#include "ledger/trie/trie.h"
#include "vm/crypto/keccak.h"

#define BLOCK_HASHES_KNOWN 256 /* the yellow paper's BLOCKHASH */

/* One run. */
struct run {
    const struct transition *transition;
    const struct transition_watch *watch;
    struct transition_result *result;
    struct execution execution;
    bool is_hash_missing;
    uint64_t missing_hash;
};

static hash256 block_hash(void *context, uint64_t number)
{
    struct run *run = context;
    const struct transition *transition = run->transition;
    uint64_t own_number = transition->environment.number;
    if (number >= own_number || own_number - number > BLOCK_HASHES_KNOWN)
        return (hash256){{0}};
    for (size_t i = 0; i < transition->hashes_count; i++)
        if (transition->hashes[i].number == number)
            return transition->hashes[i].hash;
    if (!run->is_hash_missing)
        run->missing_hash = number;
    run->is_hash_missing = true;
    return (hash256){{0}};
}

static void refuse(struct run *run, size_t index, const char *why)
{
    run->result->refusals[run->result->refusals_count++] = (struct transition_refusal){index, why};
}

static enum transition_end run_transaction(struct run *run, size_t index, struct error *error)
{
    const struct transition_watch *watch = run->watch;
    const struct transition_transaction *from = &run->transition->transactions[index];
    struct transition_result *result = run->result;
    struct transition_outcome *out = &result->outcomes[result->outcomes_count];
    struct transaction_outcome outcome;
    if (from->refused != NULL) {
        refuse(run, index, from->refused);
        return TRANSITION_DONE;
    }
    if (watch != NULL
        && !watch->begin(watch->context, result->outcomes_count, &from->tx.hash,
                         &run->execution.tracer, error))
        return TRANSITION_NOT_WATCHED;
    enum transaction_verdict verdict =
        execute_transaction(&run->execution, &from->tx, &out->receipt, &outcome);
    run->execution.tracer = NULL;
    if (watch != NULL)
        watch->end(watch->context);
    if (verdict != TRANSACTION_OK) {
        refuse(run, index, transaction_verdict_text(verdict));
        return TRANSITION_DONE;
    }
    if (run->is_hash_missing) {
        error_set(error, ERROR_INVALID,
                  "transaction %zu asks for the hash of block %" PRIu64
                  ", which 'blockHashes' does not have",
                  index, run->missing_hash);
        return TRANSITION_MISSING_HASH;
    }
    out->tx = &from->tx;
    out->gas_used = outcome.gas_used;
    if (outcome.is_create)
        out->created = outcome.created;
    result->outcomes_count++;
    return TRANSITION_DONE;
}

static enum transition_end run_transactions(struct run *run, struct error *error)
{
    size_t count = run->transition->transactions_count;
    enum transition_end end = TRANSITION_DONE;
    struct arena *arena = run->execution.arena;
    run->result->outcomes = arena_array(arena, count, sizeof *run->result->outcomes);
    run->result->refusals = arena_array(arena, count, sizeof *run->result->refusals);
    for (size_t i = 0; end == TRANSITION_DONE && i < count; i++)
        end = run_transaction(run, i, error);
    return end;
}

static void pay_reward(struct run *run)
{
    if (!run->transition->has_reward)
        return;
    state_begin_transaction(run->execution.state);
    state_add_balance(run->execution.state, &run->transition->environment.beneficiary,
                      &run->transition->reward_wei);
    state_end_transaction(run->execution.state);
}

static enum transition_end collect_requests(struct run *run, struct error *error)
{
    struct transition_result *result = run->result;
    struct receipt *receipts =
        arena_array(run->execution.arena, result->outcomes_count, sizeof *receipts);
    for (size_t i = 0; i < result->outcomes_count; i++)
        receipts[i] = result->outcomes[i].receipt;
    enum requests_verdict verdict =
        execution_collect_requests(&run->execution, receipts, result->outcomes_count,
                                   &MAINNET_DEPOSIT_CONTRACT, &result->requests);
    result->requests_hash = requests_hash(&result->requests);
    if (verdict == REQUESTS_OK)
        return TRANSITION_DONE;
    error_set(error, ERROR_INVALID, "%s", requests_verdict_text(verdict));
    return TRANSITION_INVALID;
}

static hash256 hash_logs(const struct transition_result *result, struct arena *arena)
{
    size_t count = 0;
    struct buffer out = {0};
    for (size_t i = 0; i < result->outcomes_count; i++)
        count += result->outcomes[i].receipt.logs_count;
    struct log *logs = arena_array(arena, count, sizeof *logs);
    size_t at = 0;
    for (size_t i = 0; i < result->outcomes_count; i++)
        for (size_t k = 0; k < result->outcomes[i].receipt.logs_count; k++)
            logs[at++] = result->outcomes[i].receipt.logs[k];
    logs_encode(logs, count, &out);
    hash256 hash = keccak256(out.data, out.size);
    buffer_cleanup(&out);
    return hash;
}

static void sum_receipts(struct transition_result *result, struct arena *arena)
{
    struct bytes *encoded = arena_array(arena, result->outcomes_count, sizeof *encoded);
    struct buffer out = {0};
    for (size_t i = 0; i < result->outcomes_count; i++) {
        const struct receipt *receipt = &result->outcomes[i].receipt;
        buffer_clear(&out);
        receipt_encode(receipt, &out);
        encoded[i] = arena_copy(arena, buffer_view(&out));
        for (size_t k = 0; k < BLOOM_SIZE; k++)
            result->bloom[k] |= receipt->bloom[k];
    }
    result->receipts_root = trie_root_of_list(encoded, result->outcomes_count);
    result->logs_hash = hash_logs(result, arena);
    buffer_cleanup(&out);
}

static void sum_transactions(struct transition_result *result, struct arena *arena)
{
    struct bytes *encoded = arena_array(arena, result->outcomes_count, sizeof *encoded);
    for (size_t i = 0; i < result->outcomes_count; i++)
        encoded[i] = result->outcomes[i].tx->encoded;
    result->transactions_root = trie_root_of_list(encoded, result->outcomes_count);
}

static enum transition_end finish(struct run *run, struct error *error)
{
    const struct transition *transition = run->transition;
    struct transition_result *result = run->result;
    struct arena *arena = run->execution.arena;
    struct state_changes changes = state_changes(run->execution.state, arena);
    if (!memory_state_apply(transition->state, &changes, error))
        return TRANSITION_INVALID;
    result->state_root = memory_state_root(transition->state);
    result->withdrawals_root =
        block_withdrawals_root(transition->withdrawals, transition->withdrawals_count);
    result->gas_used = run->execution.gas_used;
    sum_receipts(result, arena);
    sum_transactions(result, arena);
    return TRANSITION_DONE;
}

enum transition_end transition_run(const struct transition *transition,
                                   const struct transition_watch *watch, struct vm *vm,
                                   struct arena *arena, struct transition_result *result,
                                   struct error *error)
{
    struct state_reader reader = memory_state_reader(transition->state);
    struct run run = {.transition = transition, .watch = watch, .result = result};
    run.execution = (struct execution){.vm = vm,
                                       .state = state_new(&reader),
                                       .arena = arena,
                                       .environment = transition->environment};
    *result = (struct transition_result){0};
    state_set_block_hashes(run.execution.state, block_hash, &run);
    execution_begin_block(&run.execution);
    enum transition_end end = run_transactions(&run, error);
    if (end == TRANSITION_DONE) {
        pay_reward(&run);
        execution_end_block(&run.execution, transition->withdrawals, transition->withdrawals_count);
        end = collect_requests(&run, error);
    }
    if (end == TRANSITION_DONE)
        end = finish(&run, error);
    state_free(run.execution.state);
    return end;
}

#include "ledger/chain/candidate.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ledger/chain/leader.h"
#include "ledger/chain/seal.h"

void candidate_cleanup(struct candidate *candidate)
{
    arena_cleanup(&candidate->arena);
}

uint64_t tip_time_ms(const struct tip *tip)
{
    return header_time_ms(&tip->header);
}

uint64_t tip_view(const struct tip *tip)
{
    struct extra_data extra;
    return tip->header.number > 0 && !tip->is_seal && extra_data_decode(&extra, &tip->header)
               ? extra.view
               : 0;
}

void tip_enter_epoch(struct tip *tip, const struct epoch_record *record,
                     const struct epoch_record *next)
{
    struct reveal_progress before[COMMITTEE_SIZE_MAX];
    memcpy(before, tip->reveals, sizeof before);
    seal_carry_reveals(record, before, next, tip->reveals);
    tip->members = next->committee_size;
}

/* EIP-1559: "ELASTICITY_MULTIPLIER = 2", "BASE_FEE_MAX_CHANGE_DENOMINATOR = 8". */
u256 market_base_fee(const struct header *parent)
{
    const uint64_t target = parent->gas_limit / 2;
    if (parent->gas_used == target)
        return parent->base_fee;
    const bool is_over = parent->gas_used > target;
    const u256 gas_delta =
        u256_from_u64(is_over ? parent->gas_used - target : target - parent->gas_used);
    const u256 target_gas = u256_from_u64(target), eight = u256_from_u64(8);
    u256 delta = u256_mul(&parent->base_fee, &gas_delta);
    delta = u256_div(&delta, &target_gas);
    delta = u256_div(&delta, &eight);
    if (is_over && u256_is_zero(&delta))
        delta = U256_ONE;
    return is_over ? u256_add(&parent->base_fee, &delta) : u256_sub(&parent->base_fee, &delta);
}

u256 rules_base_fee(const struct genesis *genesis, const struct header *parent)
{
    if (genesis->fees == FEES_FREE)
        return U256_ZERO;
    const u256 fee = market_base_fee(parent);
    return u256_less(&fee, &genesis->base_fee_floor) ? genesis->base_fee_floor : fee;
}

unsigned rules_leader(const struct chain_rules *rules, uint64_t view)
{
    return leader_of_view(&rules->seal_mix_hash, rules->record->committee_size, view);
}

struct block_environment rules_environment(const struct chain_rules *rules,
                                           const struct header *header)
{
    return (struct block_environment){
        .fork = rules->record->fork,
        .chain_id = rules->chain_id,
        .number = header->number,
        .timestamp = header->timestamp,
        .gas_limit = header->gas_limit,
        .beneficiary = header->beneficiary,
        .prev_randao = header->mix_hash,
        .base_fee = header->base_fee,
        .blob_base_fee = U256_ONE, /* EIP-4844: the least, since there are no blobs */
        .parent_beacon_block_root = header->parent_beacon_block_root,
        .parent_hash = header->parent_hash,
    };
}

void candidate_run_begin(struct candidate_run *run)
{
    run->state = state_new(&run->ground->reader);
    state_set_block_hashes(run->state, run->ground->block_hash, run->ground->block_hash_context);
    run->execution = (struct execution){
        .vm = run->ground->vm,
        .state = run->state,
        .arena = &run->candidate->arena,
        .environment = rules_environment(run->rules, &run->candidate->block.header),
        .is_cancelled = run->ground->is_cancelled,
        .cancel_context = run->ground->cancel_context,
    };
    execution_begin_block(&run->execution);
}

hash256 candidate_receipts_root(const struct receipt *receipts, size_t count)
{
    struct bytes *values = memory_new(count * sizeof *values);
    size_t *ends = memory_new(count * sizeof *ends);
    struct buffer encoded = {0};
    for (size_t i = 0; i < count; i++) {
        receipt_encode(&receipts[i], &encoded);
        ends[i] = encoded.size;
    }
    for (size_t i = 0; i < count; i++) {
        const size_t start = i == 0 ? 0 : ends[i - 1];
        values[i] = bytes_of(encoded.data + start, ends[i] - start);
    }
    const hash256 root = trie_root_of_list(values, count);
    buffer_cleanup(&encoded);
    free(ends);
    free(values);
    return root;
}

/* The counters and the tail after this block. */
static void fill_tip(struct candidate_run *run)
{
    struct candidate *candidate = run->candidate;
    struct tip *tip = &candidate->tip;
    const u256 destroyed = state_destroyed(run->state);
    tip->supply = run->parent->supply;
    tip->supply.burnt = u256_add(&tip->supply.burnt, &run->execution.burnt_wei);
    tip->supply.destroyed = u256_add(&tip->supply.destroyed, &destroyed);
    /* ledger.md, Tail: "after a block with transactions ... the ledger adds `tail` empty
     * blocks, then falls silent". */
    if (candidate->block.transactions_count > 0)
        tip->tail_left = run->rules->record->parameters.tail;
    else
        tip->tail_left = run->parent->tail_left > 0 ? run->parent->tail_left - 1 : 0;
}

bool candidate_run_finish(struct candidate_run *run, struct execution_results *results,
                          struct error *error)
{
    struct candidate *candidate = run->candidate;
    const struct block *block = &candidate->block;
    *results = (struct execution_results){0};
    execution_end_block(&run->execution, block->withdrawals, block->withdrawals_count);
    /* There is no deposit contract on a ledger of ours. */
    results->verdict = execution_collect_requests(
        &run->execution, candidate->receipts, block->transactions_count, NULL, &results->requests);
    if (state_failed(run->state, error))
        return false;
    if (results->verdict != REQUESTS_OK)
        return true;
    if (run->rules->record->fork >= VM_FORK_PRAGUE)
        results->requests_hash = requests_hash(&results->requests);

    candidate->changes = state_changes(run->state, &candidate->arena);
    results->state_root = run->parent->header.state_root;
    if (!state_root_update(&run->ground->nodes, &results->state_root, &candidate->changes,
                           &candidate->arena, &candidate->nodes, error))
        return false;
    results->gas_used = run->execution.gas_used;
    results->receipts_root =
        candidate_receipts_root(candidate->receipts, block->transactions_count);
    memset(results->logs_bloom, 0, sizeof results->logs_bloom);
    for (size_t i = 0; i < block->transactions_count; i++)
        if (candidate->receipts[i].logs_count > 0)
            for (size_t byte = 0; byte < BLOOM_SIZE; byte++)
                results->logs_bloom[byte] |= candidate->receipts[i].bloom[byte];
    fill_tip(run);
    return true;
}

bool candidate_complete(struct candidate *candidate, const struct chain_rules *rules,
                        struct error *error)
{
    const struct block *block = &candidate->block;
    struct tip *tip = &candidate->tip;
    tip->header = block->header;
    tip->hash = block->hash;
    struct epoch_record *next = arena_alloc(&candidate->arena, sizeof *next);
    switch (seal_read(block->requests.data[REQUEST_CONSOLIDATIONS], rules->record,
                      &candidate->arena, next)) {
    case SEAL_NONE: return true;
    case SEAL_READ: break;
    case SEAL_UNSUPPORTED:
        return error_set(error, ERROR_VERSION,
                         "block %" PRIu64 " raises the fork or the protocol version to one that is "
                         "not in this version: needs a newer lnode",
                         block->header.number);
    }
    seal_complete(next, rules->record, &block->header, &block->hash, &tip->supply);
    tip->is_seal = true;
    candidate->next = next;
    return true;
}

void candidate_run_cleanup(struct candidate_run *run)
{
    state_free(run->state);
    run->state = NULL;
}

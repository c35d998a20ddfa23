#include "ledger/chain/validate.h"

static bool is_time_after(const struct block *block, const struct tip *parent)
{
    return header_time_ms(&block->header) > tip_time_ms(parent);
}

static bool has_fixed_fields(const struct header *header)
{
    static const uint8_t no_nonce[8] = {0};
    return u256_is_zero(&header->difficulty)
           && memcmp(header->nonce, no_nonce, sizeof no_nonce) == 0
           && hash256_equal(&header->ommers_hash, &EMPTY_OMMERS_HASH) && header->blob_gas_used == 0
           && header->excess_blob_gas == 0;
}

/* extraData: our version, a view after the parent's, no blind on an open ledger. */
static bool has_good_extra_data(const struct block *block, const struct tip *parent,
                                struct extra_data *extra)
{
    static const uint8_t no_blind[sizeof extra->blind_commitment] = {0};
    return extra_data_decode(extra, &block->header) && extra->milliseconds < 1000
           && extra->view > tip_view(parent) && block->blind.size == 0
           && memcmp(extra->blind_commitment, no_blind, sizeof no_blind) == 0;
}

static size_t size_in_geths_form(const struct block *block, enum vm_fork fork)
{
    struct buffer encoded = {0};
    block_encode(block, fork, &encoded);
    const size_t size = encoded.size;
    buffer_cleanup(&encoded);
    return size;
}

/* What a header says before anything is run; fills the tip's reveals. */
static enum block_verdict check_header(const struct chain_rules *rules, const struct tip *parent,
                                       struct candidate *candidate)
{
    const struct block *block = &candidate->block;
    const struct header *header = &block->header;
    const hash256 mix = reveal_mix(&parent->header.mix_hash, &block->reveal);
    const u256 base_fee = rules_base_fee(rules->genesis, &parent->header);
    struct extra_data extra;
    if (!hash256_equal(&header->mix_hash, &mix))
        return BLOCK_BAD_TRANSFER;
    if (header->number != parent->header.number + 1)
        return BLOCK_BAD_NUMBER;
    if (!has_good_extra_data(block, parent, &extra))
        return BLOCK_BAD_EXTRA_DATA;
    if (!is_time_after(block, parent))
        return BLOCK_BAD_TIME;
    if (!has_fixed_fields(header))
        return BLOCK_BAD_FIXED_FIELD;
    if (header->gas_limit != rules->record->parameters.gas_limit)
        return BLOCK_BAD_GAS_LIMIT;
    if (!u256_equal(&header->base_fee, &base_fee))
        return BLOCK_BAD_BASE_FEE;

    const unsigned leader = rules_leader(rules, extra.view);
    if (!address_equal(&header->beneficiary, &rules->record->committee[leader].payout))
        return BLOCK_BAD_BENEFICIARY;
    if (!reveal_is_next(&parent->reveals[leader], &block->reveal))
        return BLOCK_BAD_REVEAL;
    if (!hash256_equal(&header->parent_beacon_block_root, &rules->record_hash))
        return BLOCK_BAD_EPOCH_RECORD;
    /* Grants come with the token contract: no parent posts any yet. */
    if (block->withdrawals_count != 0)
        return BLOCK_BAD_WITHDRAWALS;
    if (size_in_geths_form(block, rules->record->fork) > rules->record->parameters.block_size_max)
        return BLOCK_TOO_LARGE;

    memcpy(candidate->tip.reveals, parent->reveals, sizeof candidate->tip.reveals);
    candidate->tip.members = parent->members;
    candidate->tip.reveals[leader].last = block->reveal;
    candidate->tip.reveals[leader].used++;
    return BLOCK_OK;
}

static enum block_verdict recover_senders(const struct chain_rules *rules,
                                          const struct sender_cache *senders, struct block *block)
{
    for (size_t i = 0; i < block->transactions_count; i++) {
        struct transaction *tx = &block->transactions[i];
        if (tx->encoded.size > TRANSACTION_SIZE_MAX
            || transaction_check(tx, rules->record->fork, rules->chain_id) != TRANSACTION_OK)
            return BLOCK_TRANSACTION_REFUSED;
        if (senders->sender(senders->context, tx, &tx->sender))
            transaction_recover_authorities(tx);
        else if (transaction_recover(tx) != TRANSACTION_OK)
            return BLOCK_TRANSACTION_REFUSED;
    }
    return BLOCK_OK;
}

static enum block_verdict execute_all(struct candidate_run *run)
{
    struct candidate *candidate = run->candidate;
    const struct block *block = &candidate->block;
    candidate->receipts =
        arena_array(&candidate->arena, block->transactions_count, sizeof *candidate->receipts);
    for (size_t i = 0; i < block->transactions_count; i++) {
        struct transaction_outcome outcome;
        if (execute_transaction(&run->execution, &block->transactions[i], &candidate->receipts[i],
                                &outcome)
            != TRANSACTION_OK)
            return BLOCK_TRANSACTION_REFUSED;
    }
    return BLOCK_OK;
}

static enum block_verdict compare_results(const struct header *header, enum vm_fork fork,
                                          const struct execution_results *results)
{
    if (results->verdict != REQUESTS_OK)
        return BLOCK_SYSTEM_CALL_FAILED;
    if (header->gas_used != results->gas_used)
        return BLOCK_BAD_GAS_USED;
    if (!hash256_equal(&header->receipts_root, &results->receipts_root))
        return BLOCK_BAD_RECEIPTS_ROOT;
    if (memcmp(header->logs_bloom, results->logs_bloom, sizeof header->logs_bloom) != 0)
        return BLOCK_BAD_BLOOM;
    if (fork >= VM_FORK_PRAGUE && !hash256_equal(&header->requests_hash, &results->requests_hash))
        return BLOCK_BAD_REQUESTS;
    if (!hash256_equal(&header->state_root, &results->state_root))
        return BLOCK_BAD_STATE_ROOT;
    return BLOCK_OK;
}

static bool execute_block(const struct chain_rules *rules, const struct tip *parent,
                          const struct ground *ground, struct candidate *candidate,
                          enum block_verdict *verdict, struct error *error)
{
    struct candidate_run run = {
        .candidate = candidate, .rules = rules, .parent = parent, .ground = ground};
    struct execution_results results;
    candidate_run_begin(&run);
    *verdict = execute_all(&run);
    bool ok = true;
    if (*verdict == BLOCK_OK) {
        ok = candidate_run_finish(&run, &results, error);
        if (ok)
            *verdict = compare_results(&candidate->block.header, rules->record->fork, &results);
    } else if (state_failed(run.state, error)) {
        ok = false;
    }
    candidate_run_cleanup(&run);
    return ok;
}

bool block_validate(const struct chain_rules *rules, const struct tip *parent,
                    const struct ground *ground, const struct sender_cache *senders,
                    struct candidate *candidate, enum block_verdict *verdict, struct error *error)
{
    *verdict = block_parts_match(&candidate->block, rules->record->fork);
    if (*verdict == BLOCK_OK)
        *verdict = check_header(rules, parent, candidate);
    if (*verdict == BLOCK_OK)
        *verdict = recover_senders(rules, senders, &candidate->block);
    if (*verdict != BLOCK_OK)
        return true;
    return execute_block(rules, parent, ground, candidate, verdict, error)
           && (*verdict != BLOCK_OK || candidate_complete(candidate, rules, error));
}

#include "tests/vectors/blocks.h"

#include <stdio.h>
#include <stdlib.h>

#include "ledger/chain/system_calls.h"
#include "ledger/levm/alloc.h"
#include "ledger/levm/blob_fee.h"
#include "ledger/trie/trie.h"
#include "vm/base/hex.h"

struct chain {
    struct memory_state *state;
    struct vm *vm;
    struct arena arena;
    enum vm_fork fork;
    uint64_t chain_id;
    hash256 *hashes; /* by number */
    size_t hashes_count;
};

static hash256 block_hash(void *context, uint64_t number)
{
    const struct chain *chain = context;
    bool is_known = number < chain->hashes_count && chain->hashes_count - number <= 256;
    return is_known ? chain->hashes[number] : (hash256){{0}};
}

/* What is wrong with an executed block; NULL if its header is right. */
static const char *compare(const struct block *block, const struct execution *execution,
                           const struct receipt *receipts, const hash256 *state_root,
                           const hash256 *requests)
{
    struct bytes *encoded = memory_new_zeroed(block->transactions_count, sizeof *encoded);
    uint8_t bloom[BLOOM_SIZE] = {0};
    for (size_t i = 0; i < block->transactions_count; i++) {
        struct buffer out = {0};
        receipt_encode(&receipts[i], &out);
        encoded[i] = arena_copy(execution->arena, buffer_view(&out));
        buffer_cleanup(&out);
        for (size_t b = 0; b < sizeof bloom; b++)
            bloom[b] |= receipts[i].bloom[b];
    }
    hash256 receipts_root = trie_root_of_list(encoded, block->transactions_count);
    free(encoded);
    if (execution->gas_used != block->header.gas_used)
        return "gas used differs";
    if (!hash256_equal(&receipts_root, &block->header.receipts_root))
        return "receipts root differs";
    if (memcmp(bloom, block->header.logs_bloom, sizeof bloom) != 0)
        return "logs bloom differs";
    if (!hash256_equal(state_root, &block->header.state_root))
        return "state root differs";
    if (execution->environment.fork >= VM_FORK_PRAGUE
        && !hash256_equal(requests, &block->header.requests_hash))
        return "requests hash differs";
    return NULL;
}

static const char *execute_block(struct chain *chain, struct block *block)
{
    const struct header *header = &block->header;
    struct state_reader reader = memory_state_reader(chain->state);
    struct error error = {0};
    struct execution execution = {
        .vm = chain->vm,
        .state = state_new(&reader),
        .arena = &chain->arena,
        .environment = {.fork = chain->fork,
                        .chain_id = chain->chain_id,
                        .number = header->number,
                        .timestamp = header->timestamp,
                        .gas_limit = header->gas_limit,
                        .beneficiary = header->beneficiary,
                        .prev_randao = header->mix_hash,
                        .base_fee = header->base_fee,
                        .blob_base_fee = blob_base_fee(header->excess_blob_gas,
                                                       blob_update_fraction(chain->fork)),
                        .parent_beacon_block_root = header->parent_beacon_block_root,
                        .parent_hash = header->parent_hash},
    };
    struct receipt *receipts =
        arena_array(&chain->arena, block->transactions_count, sizeof *receipts);
    const char *wrong = NULL;
    state_set_block_hashes(execution.state, block_hash, chain);
    execution_begin_block(&execution);
    for (size_t i = 0; wrong == NULL && i < block->transactions_count; i++) {
        struct transaction_outcome outcome;
        struct transaction *tx = &block->transactions[i];
        enum transaction_verdict verdict = transaction_recover(tx);
        if (verdict == TRANSACTION_OK)
            verdict = execute_transaction(&execution, tx, &receipts[i], &outcome);
        if (verdict != TRANSACTION_OK)
            wrong = transaction_verdict_text(verdict);
    }
    execution_end_block(&execution, block->withdrawals, block->withdrawals_count);
    struct requests requests = {0};
    if (wrong == NULL) {
        enum requests_verdict verdict = execution_collect_requests(
            &execution, receipts, block->transactions_count, &MAINNET_DEPOSIT_CONTRACT, &requests);
        if (verdict != REQUESTS_OK)
            wrong = requests_verdict_text(verdict);
    }
    if (wrong == NULL) {
        hash256 root, requests_digest = requests_hash(&requests);
        struct state_changes changes = state_changes(execution.state, &chain->arena);
        if (memory_state_root_after(chain->state, &changes, &root, &error))
            wrong = compare(block, &execution, receipts, &root, &requests_digest);
        else
            wrong = "the state's trie is damaged";
        if (wrong == NULL && !memory_state_apply(chain->state, &changes, &error))
            wrong = "the state's trie is damaged";
    }
    state_free(execution.state);
    return wrong;
}

static const char *check_block(struct chain *chain, struct bytes encoded)
{
    struct block block;
    if (chain->fork >= VM_FORK_OSAKA && encoded.size > BLOCK_RLP_SIZE_MAX)
        return block_verdict_text(BLOCK_TOO_LARGE);
    enum block_verdict verdict = block_decode(&block, chain->fork, encoded, &chain->arena);
    if (verdict != BLOCK_OK)
        return block_verdict_text(verdict);
    hash256 transactions = block_transactions_root(block.transactions, block.transactions_count);
    hash256 withdrawals = block_withdrawals_root(block.withdrawals, block.withdrawals_count);
    if (!hash256_equal(&transactions, &block.header.transactions_root)
        || !hash256_equal(&withdrawals, &block.header.withdrawals_root))
        return block_verdict_text(BLOCK_BAD_TRANSFER);
    if (!hash256_equal(&block.header.parent_hash, &chain->hashes[chain->hashes_count - 1]))
        return block_verdict_text(BLOCK_UNKNOWN_PARENT);
    const char *wrong = execute_block(chain, &block);
    if (wrong == NULL)
        chain->hashes[chain->hashes_count++] = block.hash;
    return wrong;
}

/* True if the block holds a blob transaction: the one thing here that is out of scope. */
static bool has_blob_transaction(const json_t *block)
{
    size_t i;
    json_t *tx;
    json_t *transactions = json_object_get(block, "transactions");
    if (transactions == NULL)
        transactions = json_object_get(json_object_get(block, "rlp_decoded"), "transactions");
    json_array_foreach(transactions, i, tx)
    {
        const char *type = json_string_value(json_object_get(tx, "type"));
        if (type != NULL && strtoul(type, NULL, 16) == TRANSACTION_BLOB)
            return true;
    }
    return false;
}

static const char *run_chain(struct chain *chain, const json_t *fields)
{
    size_t i;
    json_t *block;
    struct error error = {0};
    json_t *genesis = json_object_get(fields, "genesisBlockHeader");
    hash256 root;
    if (!alloc_read(json_object_get(fields, "pre"), chain->state, &error)
        || !input_hash(genesis, "stateRoot", &root, &error)
        || !input_hash(genesis, "hash", &chain->hashes[0], &error)
        || !input_u64(json_object_get(fields, "config"), "chainid", &chain->chain_id, &error))
        return "the test is malformed";
    hash256 own_root = memory_state_root(chain->state);
    if (!hash256_equal(&own_root, &root))
        return "the root of the pre-state differs";
    chain->hashes_count = 1;
    json_array_foreach(json_object_get(fields, "blocks"), i, block)
    {
        struct bytes encoded;
        if (!value_bytes(json_object_get(block, "rlp"), "rlp", &chain->arena, &encoded, &error))
            return "the test is malformed";
        bool must_fail = json_object_get(block, "expectException") != NULL;
        const char *wrong = check_block(chain, encoded);
        if (must_fail && wrong == NULL)
            return "a wrong block was accepted";
        if (!must_fail && wrong != NULL)
            return wrong;
    }
    return NULL;
}

void blocks_on_test(void *context, const char *name, const json_t *fields)
{
    struct tally *tally = context;
    char reason[120];
    size_t i;
    json_t *block;
    json_t *blocks = json_object_get(fields, "blocks");
    const char *network = json_string_value(json_object_get(fields, "network"));
    struct chain chain = {0};
    if (network == NULL || !vm_fork_parse(&chain.fork, network)) {
        snprintf(reason, sizeof reason, "fork %s: out of scope", network == NULL ? "?" : network);
        tally_skip(tally, reason);
        return;
    }
    json_array_foreach(blocks, i, block)
    {
        if (has_blob_transaction(block)) {
            tally_skip(tally, "blob transaction (type 3): out of scope");
            return;
        }
    }
    chain.state = memory_state_new();
    chain.vm = vm_new();
    chain.hashes = memory_new_zeroed(json_array_size(blocks) + 1, sizeof *chain.hashes);
    const char *wrong = run_chain(&chain, fields);
    if (wrong == NULL)
        tally_pass(tally);
    else
        tally_fail(tally, name, wrong);
    memory_state_free(chain.state);
    vm_free(chain.vm);
    arena_cleanup(&chain.arena);
    free(chain.hashes);
}

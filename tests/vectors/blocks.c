#include "tests/vectors/blocks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/chain/block.h"
#include "ledger/levm/alloc.h"
#include "ledger/levm/json_output.h"
#include "tests/vectors/tool.h"
#include "vm/base/hex.h"

#define HASHES_MAX              256  /* what BLOCKHASH can ask for */
#define GAS_LIMIT_BOUND_DIVISOR 1024 /* the yellow paper, 4.3.4; EIP-1559 */
#define GAS_LIMIT_MIN           5000

/* A chain being run, one `levm t8n` a block. */
struct chain {
    const char *levm;
    const char *network;
    enum vm_fork fork;
    char chain_id[24];
    json_t *alloc;  /* the state, as t8n takes and gives it */
    json_t *hashes; /* {"number": "0xhash"}: the last 256 blocks */
    struct header parent;
    hash256 parent_hash;
    struct arena arena;
};

static void remember(struct chain *chain, const struct block *block)
{
    char number[24];
    snprintf(number, sizeof number, "%" PRIu64, block->header.number);
    output_hash(chain->hashes, number, &block->hash);
    if (block->header.number >= HASHES_MAX) {
        snprintf(number, sizeof number, "%" PRIu64, block->header.number - HASHES_MAX);
        json_object_del(chain->hashes, number);
    }
    chain->parent = block->header;
    chain->parent_hash = block->hash;
}

/* ---- What t8n is told ---------------------------------------------------------------------- */

static json_t *withdrawals_json(const struct block *block)
{
    json_t *list = json_array();
    for (size_t i = 0; i < block->withdrawals_count; i++) {
        const struct withdrawal *withdrawal = &block->withdrawals[i];
        json_t *fields = json_object();
        output_u64(fields, "index", withdrawal->index);
        output_u64(fields, "validatorIndex", withdrawal->validator_index);
        output_address(fields, "address", &withdrawal->address);
        output_u64(fields, "amount", withdrawal->amount_gwei);
        json_array_append_new(list, fields);
    }
    return list;
}

/* The block's own base fee and excess are left out: t8n derives them from the parent's. */
static json_t *env_json(const struct chain *chain, const struct block *block)
{
    const struct header *header = &block->header;
    json_t *env = json_object();
    output_address(env, "currentCoinbase", &header->beneficiary);
    output_u64(env, "currentGasLimit", header->gas_limit);
    output_u64(env, "currentNumber", header->number);
    output_u64(env, "currentTimestamp", header->timestamp);
    output_hash(env, "currentRandom", &header->mix_hash);
    output_hash(env, "parentBeaconBlockRoot", &header->parent_beacon_block_root);
    output_u256(env, "parentBaseFee", &chain->parent.base_fee);
    output_u64(env, "parentGasUsed", chain->parent.gas_used);
    output_u64(env, "parentGasLimit", chain->parent.gas_limit);
    output_u64(env, "parentExcessBlobGas", chain->parent.excess_blob_gas);
    output_u64(env, "parentBlobGasUsed", chain->parent.blob_gas_used);
    json_object_set(env, "blockHashes", chain->hashes);
    json_object_set_new(env, "withdrawals", withdrawals_json(block));
    return env;
}

/* The block's list of transactions, as it stands in its RLP. */
static struct bytes transactions_of(struct bytes encoded)
{
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader parts = rlp_list(&in);
    rlp_item(&parts);
    return rlp_item(&parts);
}

/* {"alloc", "result"} of the block; NULL if t8n would not. */
static json_t *transition(const struct chain *chain, const struct block *block,
                          struct bytes encoded)
{
    const char *const arguments[] = {chain->levm,
                                     "t8n",
                                     "--input.alloc=stdin",
                                     "--input.env=stdin",
                                     "--input.txs=stdin",
                                     "--output.alloc=stdout",
                                     "--output.result=stdout",
                                     "--state.fork",
                                     chain->network,
                                     "--state.chainid",
                                     chain->chain_id,
                                     "--state.reward=-1",
                                     NULL};
    struct buffer out = {0};
    json_t *input = json_object();
    json_object_set(input, "alloc", chain->alloc);
    json_object_set_new(input, "env", env_json(chain, block));
    output_bytes(input, "txsRlp", transactions_of(encoded));
    char *text = json_dumps(input, JSON_COMPACT);
    bool ok = tool_run(arguments, bytes_of_text(text), &out);
    json_t *output = ok ? json_loads((const char *)out.data, 0, NULL) : NULL;
    free(text);
    json_decref(input);
    buffer_cleanup(&out);
    return output;
}

/* ---- What it must say ---------------------------------------------------------------------- */

static bool says(const json_t *result, const char *member, struct bytes expected)
{
    struct buffer text = {0};
    const char *got = json_string_value(json_object_get(result, member));
    hex_append(&text, expected);
    bool ok = got != NULL && bytes_equal(bytes_of_text(got), buffer_view(&text));
    buffer_cleanup(&text);
    return ok;
}

static bool says_hash(const json_t *result, const char *member, const hash256 *expected)
{
    return says(result, member, bytes_of(expected->bytes, sizeof expected->bytes));
}

static bool says_number(const json_t *result, const char *member, const u256 *expected)
{
    char text[U256_HEX_SIZE];
    const char *got = json_string_value(json_object_get(result, member));
    u256_format_quantity(text, expected);
    return got != NULL && strcmp(got, text) == 0;
}

/* What is wrong with a header by itself and beside its parent's; NULL if nothing. The rest of it is
 * compared with what t8n says. */
static const char *check_header(const struct header *header, const struct header *parent)
{
    static const uint8_t no_nonce[sizeof header->nonce];
    uint64_t change = header->gas_limit > parent->gas_limit ? header->gas_limit - parent->gas_limit
                                                            : parent->gas_limit - header->gas_limit;
    if (header->number != parent->number + 1)
        return block_verdict_text(BLOCK_BAD_NUMBER);
    if (header->timestamp <= parent->timestamp)
        return block_verdict_text(BLOCK_BAD_TIME);
    if (change >= parent->gas_limit / GAS_LIMIT_BOUND_DIVISOR || header->gas_limit < GAS_LIMIT_MIN
        || header->gas_limit > INT64_MAX || header->gas_used > header->gas_limit)
        return block_verdict_text(BLOCK_BAD_GAS_LIMIT);
    if (!hash256_equal(&header->ommers_hash, &EMPTY_OMMERS_HASH)
        || !u256_is_zero(&header->difficulty)
        || memcmp(header->nonce, no_nonce, sizeof no_nonce) != 0)
        return block_verdict_text(BLOCK_BAD_FIXED_FIELD);
    return NULL;
}

/* What is wrong with a block by its transition; NULL if its header is right. */
static const char *compare(const struct chain *chain, const struct header *header,
                           const json_t *result)
{
    u256 gas_used = u256_from_u64(header->gas_used);
    u256 excess = u256_from_u64(header->excess_blob_gas);
    u256 blob_gas_used = u256_from_u64(header->blob_gas_used);
    if (json_object_get(result, "rejected") != NULL)
        return "a transaction was refused";
    if (!says_number(result, "currentBaseFee", &header->base_fee))
        return "base fee differs";
    if (!says_number(result, "currentExcessBlobGas", &excess))
        return "excess blob gas differs";
    if (!says_number(result, "blobGasUsed", &blob_gas_used))
        return "blob gas used differs";
    if (!says_number(result, "gasUsed", &gas_used))
        return "gas used differs";
    if (!says_hash(result, "receiptsRoot", &header->receipts_root))
        return "receipts root differs";
    if (!says(result, "logsBloom", bytes_of(header->logs_bloom, sizeof header->logs_bloom)))
        return "logs bloom differs";
    if (!says_hash(result, "stateRoot", &header->state_root))
        return "state root differs";
    if (!says_hash(result, "txRoot", &header->transactions_root))
        return "transactions root differs";
    if (!says_hash(result, "withdrawalsRoot", &header->withdrawals_root))
        return "withdrawals root differs";
    if (chain->fork >= VM_FORK_PRAGUE && !says_hash(result, "requestsHash", &header->requests_hash))
        return "requests hash differs";
    return NULL;
}

static const char *check_block(struct chain *chain, struct bytes encoded)
{
    struct block block;
    if (chain->fork >= VM_FORK_OSAKA && encoded.size > BLOCK_RLP_SIZE_MAX)
        return block_verdict_text(BLOCK_TOO_LARGE);
    enum block_verdict verdict = block_decode(&block, chain->fork, encoded, &chain->arena);
    if (verdict != BLOCK_OK)
        return block_verdict_text(verdict);
    if (!hash256_equal(&block.header.parent_hash, &chain->parent_hash))
        return block_verdict_text(BLOCK_UNKNOWN_PARENT);
    const char *wrong = check_header(&block.header, &chain->parent);
    if (wrong != NULL)
        return wrong;
    json_t *output = transition(chain, &block, encoded);
    if (output == NULL)
        return "levm t8n gave no result";
    wrong = compare(chain, &block.header, json_object_get(output, "result"));
    if (wrong == NULL) {
        json_decref(chain->alloc);
        chain->alloc = json_incref(json_object_get(output, "alloc"));
        remember(chain, &block);
    }
    json_decref(output);
    return wrong;
}

/* ---- Tests --------------------------------------------------------------------------------- */

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

/* Block 0, whose state is the pre-state. */
static const char *begin_chain(struct chain *chain, const json_t *fields)
{
    struct error error = {0};
    struct bytes encoded;
    struct block genesis;
    uint64_t chain_id;
    struct memory_state *pre = memory_state_new();
    json_t *alloc = json_object_get(fields, "pre");
    const char *wrong = NULL;
    if (!alloc_read(alloc, pre, &error)
        || !value_bytes(json_object_get(fields, "genesisRLP"), "genesisRLP", &chain->arena,
                        &encoded, &error)
        || !input_u64(json_object_get(fields, "config"), "chainid", &chain_id, &error)
        || block_decode(&genesis, chain->fork, encoded, &chain->arena) != BLOCK_OK)
        wrong = "the test is malformed";
    hash256 root = memory_state_root(pre);
    memory_state_free(pre);
    if (wrong != NULL)
        return wrong;
    if (!hash256_equal(&root, &genesis.header.state_root))
        return "the root of the pre-state differs";
    snprintf(chain->chain_id, sizeof chain->chain_id, "%" PRIu64, chain_id);
    chain->alloc = json_incref(alloc);
    remember(chain, &genesis);
    return NULL;
}

static const char *run_chain(struct chain *chain, const json_t *fields)
{
    size_t i;
    json_t *block;
    struct error error = {0};
    const char *wrong = begin_chain(chain, fields);
    if (wrong != NULL)
        return wrong;
    json_array_foreach(json_object_get(fields, "blocks"), i, block)
    {
        struct bytes encoded;
        if (!value_bytes(json_object_get(block, "rlp"), "rlp", &chain->arena, &encoded, &error))
            return "the test is malformed";
        bool must_fail = json_object_get(block, "expectException") != NULL;
        wrong = check_block(chain, encoded);
        if (must_fail && wrong == NULL)
            return "a wrong block was accepted";
        if (!must_fail && wrong != NULL)
            return wrong;
    }
    return NULL;
}

void blocks_on_test(void *context, const char *name, const json_t *fields)
{
    struct vectors_runner *runner = context;
    struct tally *tally = runner->tally;
    char reason[120];
    size_t i;
    json_t *block;
    const char *network = json_string_value(json_object_get(fields, "network"));
    struct chain chain = {.levm = runner->levm, .network = network};
    if (network == NULL || !vm_fork_parse(&chain.fork, network)) {
        snprintf(reason, sizeof reason, "fork %s: out of scope", network == NULL ? "?" : network);
        tally_skip(tally, reason);
        return;
    }
    json_array_foreach(json_object_get(fields, "blocks"), i, block)
    {
        if (has_blob_transaction(block)) {
            tally_skip(tally, "blob transaction (type 3): out of scope");
            return;
        }
    }
    chain.hashes = json_object();
    const char *wrong = run_chain(&chain, fields);
    if (wrong == NULL)
        tally_pass(tally);
    else
        tally_fail(tally, name, wrong);
    json_decref(chain.alloc);
    json_decref(chain.hashes);
    arena_cleanup(&chain.arena);
}

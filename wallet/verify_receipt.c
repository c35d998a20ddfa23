/* Receipts against their block: the transaction is in it, the receipts are all of it, and every
 * field the node shows is what these yield. */
#include "ledger/chain/block.h"
#include "ledger/chain/receipt.h"
#include "ledger/trie/trie.h"
#include "vm/base/hex.h"
#include "wallet/chain.h"
#include "wallet/verify.h"

#include <inttypes.h>
#include <stdio.h>

/* The transactions of the block, checked against its header. */
static enum wallet_exit fetch_block(struct wallet *wallet, const struct verified_ledger *ledger,
                                    const struct verified_block *proven, struct block *block)
{
    char quantity[24];
    json_t *answer;
    struct bytes encoded;
    snprintf(quantity, sizeof quantity, "0x%" PRIx64, proven->header.number);
    enum wallet_exit code =
        verify_ask(wallet, "debug_getRawBlock", json_pack("[s]", quantity), &answer);
    bool ok = code == WALLET_OK && verify_bytes(wallet, answer, &encoded)
              && block_decode(block, ledger->genesis.fork, encoded, &wallet->arena) == BLOCK_OK;
    json_decref(answer);
    if (code != WALLET_OK)
        return code;
    if (!ok)
        return verify_refuse(wallet, "the node's block %" PRIu64 " is malformed",
                             proven->header.number);
    if (!hash256_equal(&block->hash, &proven->hash))
        return verify_refuse(wallet, "the node's block %" PRIu64 " is not the final one",
                             proven->header.number);
    hash256 root = block_transactions_root(block->transactions, block->transactions_count);
    if (!hash256_equal(&root, &proven->header.transactions_root))
        return verify_refuse(wallet, "the transactions are not those of block %" PRIu64,
                             proven->header.number);
    return WALLET_OK;
}

static bool read_hash(const json_t *object, const char *name, hash256 *out)
{
    const json_t *value = json_object_get(object, name);
    return json_is_string(value)
           && hex_decode_fixed(out->bytes, 32, json_string_value(value), json_string_length(value));
}

static bool read_log(struct wallet *wallet, const json_t *json, struct log *log)
{
    struct bytes account;
    const json_t *topics = json_object_get(json, "topics");
    *log = (struct log){.topics_count = json_array_size(topics)};
    if (!json_is_array(topics) || log->topics_count > LOG_TOPICS_MAX
        || !verify_bytes(wallet, json_object_get(json, "address"), &account)
        || account.size != sizeof log->account.bytes
        || !verify_bytes(wallet, json_object_get(json, "data"), &log->data))
        return false;
    memcpy(log->account.bytes, account.data, account.size);
    for (size_t i = 0; i < log->topics_count; i++) {
        struct bytes topic;
        if (!verify_bytes(wallet, json_array_get(topics, i), &topic) || topic.size != 32)
            return false;
        memcpy(log->topics[i].bytes, topic.data, 32);
    }
    return true;
}

/* What the receipts' root commits to, out of a receipt as RPC shows it. */
static bool read_receipt(struct wallet *wallet, const json_t *json, struct receipt *receipt)
{
    uint64_t type, status;
    const json_t *logs = json_object_get(json, "logs");
    *receipt = (struct receipt){.logs_count = json_array_size(logs)};
    if (!json_is_array(logs) || !chain_read_u64(json, "type", &type) || type > TRANSACTION_SET_CODE
        || !chain_read_u64(json, "status", &status) || status > 1
        || !chain_read_u64(json, "cumulativeGasUsed", &receipt->cumulative_gas_used))
        return false;
    receipt->type = (enum transaction_type)type;
    receipt->is_success = status == 1;
    receipt->logs = arena_array(&wallet->arena, receipt->logs_count, sizeof *receipt->logs);
    for (size_t i = 0; i < receipt->logs_count; i++)
        if (!read_log(wallet, json_array_get(logs, i), &receipt->logs[i]))
            return false;
    receipt_compute_bloom(receipt);
    return true;
}

static struct bytes encode_receipt(struct wallet *wallet, const struct receipt *receipt)
{
    struct buffer out = {0};
    receipt_encode(receipt, &out);
    struct bytes encoded = arena_copy(&wallet->arena, buffer_view(&out));
    buffer_cleanup(&out);
    return encoded;
}

/* All receipts of the block, checked against its header. */
static enum wallet_exit fetch_receipts(struct wallet *wallet, const struct verified_block *proven,
                                       size_t count, struct receipt *receipts)
{
    char quantity[24];
    json_t *answer;
    struct bytes *encoded = arena_array(&wallet->arena, count, sizeof *encoded);
    snprintf(quantity, sizeof quantity, "0x%" PRIx64, proven->header.number);
    enum wallet_exit code =
        verify_ask(wallet, "eth_getBlockReceipts", json_pack("[s]", quantity), &answer);
    bool ok = code == WALLET_OK && json_is_array(answer) && json_array_size(answer) == count;
    for (size_t i = 0; i < count && ok; i++) {
        ok = read_receipt(wallet, json_array_get(answer, i), &receipts[i]);
        if (ok)
            encoded[i] = encode_receipt(wallet, &receipts[i]);
    }
    json_decref(answer);
    if (code != WALLET_OK)
        return code;
    if (!ok)
        return verify_refuse(wallet, "the receipts of block %" PRIu64 " are malformed or not %zu",
                             proven->header.number, count);
    hash256 root = trie_root_of_list(encoded, count);
    if (!hash256_equal(&root, &proven->header.receipts_root))
        return verify_refuse(wallet, "the receipts are not those of block %" PRIu64,
                             proven->header.number);
    return WALLET_OK;
}

static enum wallet_exit differs(struct wallet *wallet, const char *field)
{
    return verify_refuse(wallet, "the receipt's %s is not what its block holds", field);
}

static bool is_number(const json_t *object, const char *name, uint64_t expected)
{
    uint64_t said;
    return chain_read_u64(object, name, &said) && said == expected;
}

static bool is_hash(const json_t *object, const char *name, const hash256 *expected)
{
    hash256 said;
    return read_hash(object, name, &said) && hash256_equal(&said, expected);
}

/* `expected` NULL: the field must be null or absent. */
static bool is_address(struct wallet *wallet, const json_t *object, const char *name,
                       const address *expected)
{
    struct bytes said;
    const json_t *value = json_object_get(object, name);
    if (expected == NULL)
        return value == NULL || json_is_null(value);
    return verify_bytes(wallet, value, &said)
           && bytes_equal(said, bytes_of(expected->bytes, sizeof expected->bytes));
}

/* What was found in the block, at `index`. */
static enum wallet_exit compare(struct wallet *wallet, const struct verified_block *proven,
                                const struct block *block, const struct receipt *receipts,
                                size_t index, const json_t *said)
{
    struct transaction *tx = &block->transactions[index];
    struct receipt shown;
    u256 price, tip, said_price;
    uint64_t before = index > 0 ? receipts[index - 1].cumulative_gas_used : 0;
    if (transaction_recover(tx) != TRANSACTION_OK
        || !transaction_effective_price(tx, &proven->header.base_fee, &price, &tip))
        return verify_refuse(wallet, "the transaction of block %" PRIu64 " is not a valid one",
                             proven->header.number);
    address created = vm_create_address(&tx->sender, tx->nonce);
    if (!read_receipt(wallet, said, &shown))
        return verify_refuse(wallet, "the receipt lacks fields, or some are malformed");
    if (shown.is_success != receipts[index].is_success)
        return differs(wallet, "status");
    if (shown.type != receipts[index].type
        || shown.cumulative_gas_used != receipts[index].cumulative_gas_used)
        return differs(wallet, "type or cumulativeGasUsed");
    if (!bytes_equal(encode_receipt(wallet, &shown), encode_receipt(wallet, &receipts[index])))
        return differs(wallet, "list of logs");
    if (!is_number(said, "gasUsed", receipts[index].cumulative_gas_used - before))
        return differs(wallet, "gasUsed");
    if (!chain_read_quantity(said, "effectiveGasPrice", &said_price)
        || !u256_equal(&said_price, &price))
        return differs(wallet, "effectiveGasPrice");
    if (!is_hash(said, "transactionHash", &tx->hash) || !is_hash(said, "blockHash", &proven->hash)
        || !is_number(said, "transactionIndex", index))
        return differs(wallet, "place in the block");
    if (!is_address(wallet, said, "from", &tx->sender))
        return differs(wallet, "sender");
    if (!is_address(wallet, said, "to", tx->is_create ? NULL : &tx->to))
        return differs(wallet, "recipient");
    if (!is_address(wallet, said, "contractAddress", tx->is_create ? &created : NULL))
        return differs(wallet, "contractAddress");
    return WALLET_OK;
}

enum wallet_exit verify_receipt(struct wallet *wallet, const struct verified_ledger *ledger,
                                const hash256 *transaction, const json_t *receipt,
                                struct verified_block *proven)
{
    struct block block;
    uint64_t height;
    if (!chain_read_u64(receipt, "blockNumber", &height))
        return verify_refuse(wallet, "the receipt names no block");
    enum wallet_exit code = verify_block(wallet, ledger, height, proven);
    if (code == WALLET_OK)
        code = fetch_block(wallet, ledger, proven, &block);
    if (code != WALLET_OK)
        return code;
    struct receipt *receipts =
        arena_array(&wallet->arena, block.transactions_count, sizeof *receipts);
    code = fetch_receipts(wallet, proven, block.transactions_count, receipts);
    if (code != WALLET_OK)
        return code;
    for (size_t i = 0; i < block.transactions_count; i++)
        if (hash256_equal(&block.transactions[i].hash, transaction))
            return compare(wallet, proven, &block, receipts, i, receipt);
    return verify_refuse(wallet, "block %" PRIu64 " holds no such transaction", height);
}

#include "ledger/chain/block.h"

#include <stdlib.h>

#include "ledger/trie/trie.h"
#include "vm/crypto/keccak.h"

#define TRANSACTION_ENCODED_SIZE_MIN 10 /* nine empty fields, the list */
#define WITHDRAWAL_ENCODED_SIZE_MIN  25 /* three empty integers, an address, the list */

const char *block_verdict_text(enum block_verdict verdict)
{
    switch (verdict) {
    case BLOCK_OK: return "ok";
    case BLOCK_BAD_RLP: return "block is not canonical RLP";
    case BLOCK_BAD_VERSION: return "block container has an unknown version";
    case BLOCK_BAD_TRANSACTION: return "block holds a transaction that does not decode";
    case BLOCK_BAD_TRANSFER: return "a part of the block does not match its header";
    case BLOCK_UNKNOWN_PARENT: return "unknown parent block";
    case BLOCK_BAD_NUMBER: return "number is not its parent's plus one";
    case BLOCK_BAD_TIME: return "time is not after its parent's";
    case BLOCK_BAD_EXTRA_DATA: return "extraData is malformed";
    case BLOCK_BAD_FIXED_FIELD:
        return "difficulty, nonce, ommers or blob field is not the fixed one";
    case BLOCK_BAD_GAS_LIMIT: return "gas limit is not the ledger's";
    case BLOCK_BAD_BASE_FEE: return "base fee is not what the parent implies";
    case BLOCK_BAD_BENEFICIARY: return "beneficiary is not the leader's payout account";
    case BLOCK_BAD_REVEAL: return "reveal does not continue the proposer's hash chain";
    case BLOCK_BAD_EPOCH_RECORD: return "parentBeaconBlockRoot is not the epoch record in force";
    case BLOCK_BAD_WITHDRAWALS: return "withdrawals are not what the parent's requests imply";
    case BLOCK_TOO_LARGE: return "block is larger than the ledger allows";
    case BLOCK_TRANSACTION_REFUSED: return "block holds a transaction that its state refuses";
    case BLOCK_BAD_GAS_USED: return "gas used is not what execution used";
    case BLOCK_BAD_RECEIPTS_ROOT: return "receipts root is not that of the receipts";
    case BLOCK_BAD_BLOOM: return "logs bloom is not that of the logs";
    case BLOCK_BAD_STATE_ROOT: return "state root is not that of the state";
    case BLOCK_BAD_REQUESTS: return "requestsHash is not that of the requests execution yields";
    case BLOCK_SYSTEM_CALL_FAILED: return "a system call at the block's end failed";
    case BLOCK_VERDICT_COUNT: break;
    }
    return "unknown block verdict";
}

static void encode_withdrawal(const struct withdrawal *withdrawal, struct buffer *out)
{
    size_t fields = rlp_open_list(out);
    rlp_put_u64(out, withdrawal->index);
    rlp_put_u64(out, withdrawal->validator_index);
    rlp_put_address(out, &withdrawal->address);
    rlp_put_u64(out, withdrawal->amount_gwei);
    rlp_close_list(out, fields);
}

static void put_transactions(const struct block *block, struct buffer *out)
{
    size_t list = rlp_open_list(out);
    for (size_t i = 0; i < block->transactions_count; i++) {
        const struct transaction *tx = &block->transactions[i];
        if (tx->type == TRANSACTION_LEGACY)
            buffer_append_bytes(out, tx->encoded);
        else
            rlp_put_string(out, tx->encoded);
    }
    rlp_close_list(out, list);
}

void block_encode(const struct block *block, enum vm_fork fork, struct buffer *out)
{
    size_t parts = rlp_open_list(out);
    header_encode(&block->header, fork, out);
    put_transactions(block, out);
    rlp_close_list(out, rlp_open_list(out)); /* no ommers */
    size_t withdrawals = rlp_open_list(out);
    for (size_t i = 0; i < block->withdrawals_count; i++)
        encode_withdrawal(&block->withdrawals[i], out);
    rlp_close_list(out, withdrawals);
    rlp_close_list(out, parts);
}

void block_container_encode(const struct block *block, enum vm_fork fork, struct buffer *out)
{
    size_t container = rlp_open_list(out);
    rlp_put_u64(out, BLOCK_CONTAINER_VERSION);
    block_encode(block, fork, out);
    size_t extras = rlp_open_list(out);
    rlp_put_hash(out, &block->reveal);
    rlp_put_string(out, block->blind);
    requests_encode(&block->requests, out);
    rlp_close_list(out, extras);
    rlp_close_list(out, container);
}

/* How many items a list still holds; 0 if one of them is malformed. */
static size_t count_items(struct rlp_reader list)
{
    size_t count = 0;
    for (; rlp_has_more(&list); count++)
        rlp_item(&list);
    return list.verdict == RLP_OK ? count : 0;
}

struct bytes block_take_transaction(struct rlp_reader *in)
{
    return rlp_is_list(in) ? rlp_item(in) : rlp_string(in);
}

static bool read_transactions(struct rlp_reader *in, struct block *block, struct arena *arena)
{
    bool are_good = true;
    struct rlp_reader list = rlp_list(in);
    /* Bounded twice: a list of empty items must not claim room for as many transactions. */
    size_t count_max = count_items(list);
    if (count_max > list.left / TRANSACTION_ENCODED_SIZE_MIN)
        count_max = list.left / TRANSACTION_ENCODED_SIZE_MIN;
    block->transactions = arena_array(arena, count_max, sizeof *block->transactions);
    while (are_good && rlp_has_more(&list)) {
        struct transaction tx;
        struct bytes encoded = block_take_transaction(&list);
        if (list.verdict != RLP_OK)
            break;
        are_good = transaction_decode(&tx, encoded, arena, NULL) == TRANSACTION_OK;
        if (are_good)
            block->transactions[block->transactions_count++] = tx;
    }
    if (are_good)
        rlp_leave(in, &list);
    return are_good;
}

static void read_withdrawals(struct rlp_reader *in, struct block *block, struct arena *arena)
{
    struct rlp_reader list = rlp_list(in);
    block->withdrawals =
        arena_array(arena, list.left / WITHDRAWAL_ENCODED_SIZE_MIN, sizeof *block->withdrawals);
    while (rlp_has_more(&list)) {
        struct withdrawal withdrawal;
        struct rlp_reader fields = rlp_list(&list);
        withdrawal.index = rlp_u64(&fields);
        withdrawal.validator_index = rlp_u64(&fields);
        rlp_fixed(&fields, withdrawal.address.bytes, sizeof withdrawal.address.bytes);
        withdrawal.amount_gwei = rlp_u64(&fields);
        rlp_leave(&list, &fields);
        if (list.verdict == RLP_OK)
            block->withdrawals[block->withdrawals_count++] = withdrawal;
    }
    rlp_leave(in, &list);
}

static enum block_verdict read_block(struct block *block, enum vm_fork fork, struct rlp_reader *in,
                                     struct arena *arena)
{
    struct rlp_reader parts = rlp_list(in);
    header_decode(&block->header, fork, &parts);
    if (!read_transactions(&parts, block, arena))
        return BLOCK_BAD_TRANSACTION;
    struct rlp_reader ommers = rlp_list(&parts);
    rlp_leave(&parts, &ommers); /* there are none: one would be trailing */
    read_withdrawals(&parts, block, arena);
    rlp_leave(in, &parts);
    if (in->verdict == RLP_OK)
        block->hash = header_hash(&block->header, fork);
    return in->verdict == RLP_OK ? BLOCK_OK : BLOCK_BAD_RLP;
}

enum block_verdict block_decode(struct block *block, enum vm_fork fork, struct bytes encoded,
                                struct arena *arena)
{
    *block = (struct block){0};
    struct rlp_reader in = rlp_reader_over(encoded);
    enum block_verdict verdict = read_block(block, fork, &in, arena);
    if (verdict != BLOCK_OK)
        return verdict;
    return rlp_finished(&in) ? BLOCK_OK : BLOCK_BAD_RLP;
}

static bool has_requests(const struct requests *requests)
{
    for (unsigned type = 0; type < REQUEST_TYPE_COUNT; type++)
        if (requests->data[type].size > 0)
            return true;
    return false;
}

/* [reveal, blind, requests] */
static void read_extras(struct rlp_reader *in, struct block *block, enum vm_fork fork)
{
    struct rlp_reader extras = rlp_list(in);
    rlp_fixed(&extras, block->reveal.bytes, sizeof block->reveal.bytes);
    block->blind = rlp_string(&extras);
    if (block->blind.size != 0 && block->blind.size != sizeof(hash256))
        rlp_fail(&extras, RLP_WRONG_SIZE);
    requests_read(&extras, &block->requests);
    if (fork < VM_FORK_PRAGUE && has_requests(&block->requests))
        rlp_fail(&extras, RLP_TRAILING);
    rlp_leave(in, &extras);
}

enum block_verdict block_container_decode(struct block *block, enum vm_fork fork,
                                          struct bytes encoded, struct arena *arena)
{
    *block = (struct block){0};
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader container = rlp_list(&in);
    uint64_t version = rlp_u64(&container);
    if (container.verdict != RLP_OK)
        return BLOCK_BAD_RLP;
    if (version != BLOCK_CONTAINER_VERSION)
        return BLOCK_BAD_VERSION;
    enum block_verdict verdict = read_block(block, fork, &container, arena);
    if (verdict != BLOCK_OK)
        return verdict;
    read_extras(&container, block, fork);
    rlp_leave(&in, &container);
    return rlp_finished(&in) ? BLOCK_OK : BLOCK_BAD_RLP;
}

hash256 block_transactions_root(const struct transaction *transactions, size_t count)
{
    struct bytes *values = memory_new_zeroed(count, sizeof *values);
    for (size_t i = 0; i < count; i++)
        values[i] = transactions[i].encoded;
    hash256 root = trie_root_of_list(values, count);
    free(values);
    return root;
}

hash256 block_withdrawals_root(const struct withdrawal *withdrawals, size_t count)
{
    struct bytes *values = memory_new_zeroed(count, sizeof *values);
    struct buffer out = {0};
    for (size_t i = 0; i < count; i++) {
        size_t start = out.size;
        encode_withdrawal(&withdrawals[i], &out);
        values[i].size = out.size - start;
    }
    for (size_t i = 0, start = 0; i < count; start += values[i++].size)
        values[i].data = out.data + start;
    hash256 root = trie_root_of_list(values, count);
    buffer_cleanup(&out);
    free(values);
    return root;
}

/* The commitment is the first 24 bytes of the blind's hash, or zero where there is none. */
static bool blind_matches(const struct block *block)
{
    struct extra_data extra;
    if (block->header.number == 0) /* its extraData is the genesis document's hash */
        return block->blind.size == 0;
    if (!extra_data_decode(&extra, &block->header))
        return true; /* malformed in the header itself: that is validation's verdict */
    hash256 expected = {{0}};
    if (block->blind.size > 0)
        expected = keccak256(block->blind.data, block->blind.size);
    return memcmp(extra.blind_commitment, expected.bytes, sizeof extra.blind_commitment) == 0;
}

static bool requests_match(const struct block *block, enum vm_fork fork)
{
    if (fork < VM_FORK_PRAGUE)
        return true; /* there are none, and no field that would commit to them */
    const hash256 hash = requests_hash(&block->requests);
    return hash256_equal(&hash, &block->header.requests_hash);
}

enum block_verdict block_parts_match(const struct block *block, enum vm_fork fork)
{
    hash256 transactions = block_transactions_root(block->transactions, block->transactions_count);
    hash256 withdrawals = block_withdrawals_root(block->withdrawals, block->withdrawals_count);
    bool match = hash256_equal(&transactions, &block->header.transactions_root)
                 && hash256_equal(&withdrawals, &block->header.withdrawals_root)
                 && requests_match(block, fork) && blind_matches(block);
    return match ? BLOCK_OK : BLOCK_BAD_TRANSFER;
}

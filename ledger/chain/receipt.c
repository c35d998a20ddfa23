#include "ledger/chain/receipt.h"

#include <assert.h>

#include "vm/crypto/keccak.h"

#define LOG_ENCODED_SIZE_MIN 24 /* a list of an address, an empty list and an empty string */
#define TOPIC_ENCODED_SIZE   33

/* The three bits of an entry: the low 11 bits of the first three pairs of
 * bytes of its hash (yellow paper, 4.3.1, M3:2048). */
static void bloom_bits(struct bytes entry, size_t bits[3])
{
    hash256 hash = keccak256(entry.data, entry.size);
    for (size_t i = 0; i < 3; i++)
        bits[i] = (size_t)(hash.bytes[2 * i] << 8 | hash.bytes[2 * i + 1]) & (BLOOM_SIZE * 8 - 1);
}

void bloom_add(uint8_t bloom[BLOOM_SIZE], struct bytes entry)
{
    size_t bits[3];
    bloom_bits(entry, bits);
    for (size_t i = 0; i < 3; i++)
        bloom[BLOOM_SIZE - 1 - bits[i] / 8] |= (uint8_t)(1u << bits[i] % 8);
}

bool bloom_may_contain(const uint8_t bloom[BLOOM_SIZE], struct bytes entry)
{
    size_t bits[3];
    bloom_bits(entry, bits);
    for (size_t i = 0; i < 3; i++)
        if ((bloom[BLOOM_SIZE - 1 - bits[i] / 8] & 1u << bits[i] % 8) == 0)
            return false;
    return true;
}

static void put_log(const struct log *log, struct buffer *out)
{
    assert(log->topics_count <= LOG_TOPICS_MAX);
    size_t fields = rlp_open_list(out);
    rlp_put_address(out, &log->account);
    size_t topics = rlp_open_list(out);
    for (size_t i = 0; i < log->topics_count; i++)
        rlp_put_hash(out, &log->topics[i]);
    rlp_close_list(out, topics);
    rlp_put_string(out, log->data);
    rlp_close_list(out, fields);
}

void logs_encode(const struct log *logs, size_t count, struct buffer *out)
{
    size_t list = rlp_open_list(out);
    for (size_t i = 0; i < count; i++)
        put_log(&logs[i], out);
    rlp_close_list(out, list);
}

void receipt_compute_bloom(struct receipt *receipt)
{
    memset(receipt->bloom, 0, sizeof receipt->bloom);
    for (size_t i = 0; i < receipt->logs_count; i++) {
        const struct log *log = &receipt->logs[i];
        bloom_add(receipt->bloom, bytes_of(log->account.bytes, sizeof log->account.bytes));
        for (size_t t = 0; t < log->topics_count; t++)
            bloom_add(receipt->bloom, bytes_of(log->topics[t].bytes, sizeof log->topics[t].bytes));
    }
}

void receipt_encode(const struct receipt *receipt, struct buffer *out)
{
    if (receipt->type != TRANSACTION_LEGACY)
        buffer_append_u8(out, (uint8_t)receipt->type);
    size_t fields = rlp_open_list(out);
    rlp_put_u64(out, receipt->is_success ? 1 : 0); /* EIP-658 */
    rlp_put_u64(out, receipt->cumulative_gas_used);
    rlp_put_string(out, bytes_of(receipt->bloom, sizeof receipt->bloom));
    logs_encode(receipt->logs, receipt->logs_count, out);
    rlp_close_list(out, fields);
}

static void read_log(struct rlp_reader *in, struct log *log)
{
    struct rlp_reader fields = rlp_list(in);
    rlp_fixed(&fields, log->account.bytes, sizeof log->account.bytes);
    struct rlp_reader topics = rlp_list(&fields);
    if (topics.left > LOG_TOPICS_MAX * TOPIC_ENCODED_SIZE)
        rlp_fail(&topics, RLP_WRONG_SIZE);
    while (rlp_has_more(&topics)) {
        hash256 topic;
        rlp_fixed(&topics, topic.bytes, sizeof topic.bytes);
        if (topics.verdict == RLP_OK)
            log->topics[log->topics_count++] = topic;
    }
    rlp_leave(&fields, &topics);
    log->data = rlp_string(&fields);
    rlp_leave(in, &fields);
}

static void read_logs(struct rlp_reader *in, struct receipt *receipt, struct arena *arena)
{
    struct rlp_reader list = rlp_list(in);
    receipt->logs = arena_array(arena, list.left / LOG_ENCODED_SIZE_MIN, sizeof *receipt->logs);
    while (rlp_has_more(&list)) {
        struct log log = {0};
        read_log(&list, &log);
        if (list.verdict == RLP_OK)
            receipt->logs[receipt->logs_count++] = log;
    }
    rlp_leave(in, &list);
}

bool receipt_decode(struct receipt *receipt, struct bytes encoded, struct arena *arena)
{
    *receipt = (struct receipt){0};
    struct rlp_reader in = rlp_reader_over(encoded);
    if (in.left == 0)
        return false;
    if (!rlp_is_list(&in)) {
        if (in.next[0] < TRANSACTION_ACCESS_LIST || in.next[0] > TRANSACTION_SET_CODE)
            return false;
        receipt->type = in.next[0];
        in.next++;
        in.left--;
    }
    struct rlp_reader fields = rlp_list(&in);
    uint64_t status = rlp_u64(&fields);
    receipt->is_success = status == 1;
    receipt->cumulative_gas_used = rlp_u64(&fields);
    rlp_fixed(&fields, receipt->bloom, sizeof receipt->bloom);
    read_logs(&fields, receipt, arena);
    rlp_leave(&in, &fields);
    return rlp_finished(&in) && status <= 1;
}

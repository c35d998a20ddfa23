#include "ledger/codec/rlp.h"

#include <assert.h>

enum {
    STRING_SHORT = 0x80, /* + size, up to 55 */
    STRING_LONG = 0xb7,  /* + count of the size's bytes, 1 to 8 */
    LIST_SHORT = 0xc0,
    LIST_LONG = 0xf7,
    SHORT_SIZE_MAX = 55,
};

const char *rlp_verdict_text(enum rlp_verdict verdict)
{
    switch (verdict) {
    case RLP_OK: return "ok";
    case RLP_TRUNCATED: return "rlp: item is longer than what is left";
    case RLP_TRAILING: return "rlp: bytes behind the end";
    case RLP_NOT_CANONICAL: return "rlp: non-canonical size information";
    case RLP_WRONG_KIND: return "rlp: list where a string was expected, or the reverse";
    case RLP_WRONG_SIZE: return "rlp: string of the wrong size";
    case RLP_LEADING_ZERO: return "rlp: integer with leading zeros";
    case RLP_TOO_LARGE: return "rlp: integer too large";
    }
    return "rlp: unknown verdict";
}

struct rlp_reader rlp_reader_over(struct bytes encoded)
{
    return (struct rlp_reader){encoded.data, encoded.size, RLP_OK};
}

bool rlp_is_list(const struct rlp_reader *in)
{
    return rlp_has_more(in) && in->next[0] >= LIST_SHORT;
}

bool rlp_fail(struct rlp_reader *in, enum rlp_verdict verdict)
{
    if (in->verdict == RLP_OK) {
        in->verdict = verdict;
        in->left = 0;
    }
    return false;
}

bool rlp_finished(struct rlp_reader *in)
{
    if (in->verdict == RLP_OK && in->left > 0)
        rlp_fail(in, RLP_TRAILING);
    return in->verdict == RLP_OK;
}

/* One item's shape: where its payload starts, and how long it is. */
struct item {
    bool is_list;
    size_t header_size;
    size_t payload_size;
};

/* A size of its own `count` bytes: no leading zero, and over 55 (else the short form). */
static bool read_long_size(struct rlp_reader *in, size_t count, size_t *size)
{
    if (count > in->left - 1)
        return rlp_fail(in, RLP_TRUNCATED);
    if (in->next[1] == 0)
        return rlp_fail(in, RLP_NOT_CANONICAL);
    uint64_t value = 0;
    for (size_t i = 1; i <= count; i++)
        value = value << 8 | in->next[i];
    if (value <= SHORT_SIZE_MAX)
        return rlp_fail(in, RLP_NOT_CANONICAL);
    if (value > in->left)
        return rlp_fail(in, RLP_TRUNCATED);
    *size = (size_t)value;
    return true;
}

/* Reads the next item's header; the item is known to fit when this returns true. */
static bool read_header(struct rlp_reader *in, struct item *item)
{
    *item = (struct item){0};
    if (in->verdict != RLP_OK)
        return false;
    if (in->left == 0)
        return rlp_fail(in, RLP_TRUNCATED);

    uint8_t first = in->next[0];
    item->is_list = first >= LIST_SHORT;
    item->header_size = 1;
    if (first < STRING_SHORT) {
        item->header_size = 0;
        item->payload_size = 1;
        return true;
    }
    unsigned base = item->is_list ? LIST_SHORT : STRING_SHORT;
    unsigned size = first - base;
    if (size <= SHORT_SIZE_MAX) {
        item->payload_size = size;
    } else {
        size_t count = size - SHORT_SIZE_MAX;
        if (!read_long_size(in, count, &item->payload_size))
            return false;
        item->header_size += count;
    }
    if (item->payload_size > in->left - item->header_size)
        return rlp_fail(in, RLP_TRUNCATED);
    if (!item->is_list && size == 1 && in->next[1] < STRING_SHORT)
        return rlp_fail(in, RLP_NOT_CANONICAL); /* such a byte stands for itself */
    return true;
}

/* Moves past `item` and returns its payload. */
static struct bytes take_payload(struct rlp_reader *in, const struct item *item)
{
    struct bytes payload = bytes_of(in->next + item->header_size, item->payload_size);
    in->next += item->header_size + item->payload_size;
    in->left -= item->header_size + item->payload_size;
    return payload;
}

static struct bytes take_kind(struct rlp_reader *in, bool is_list)
{
    struct item item;
    if (!read_header(in, &item))
        return bytes_of(NULL, 0);
    if (item.is_list != is_list) {
        rlp_fail(in, RLP_WRONG_KIND);
        return bytes_of(NULL, 0);
    }
    return take_payload(in, &item);
}

struct bytes rlp_string(struct rlp_reader *in)
{
    return take_kind(in, false);
}

void rlp_fixed(struct rlp_reader *in, void *out, size_t size)
{
    struct bytes string = rlp_string(in);
    if (in->verdict == RLP_OK && string.size != size)
        rlp_fail(in, RLP_WRONG_SIZE);
    if (in->verdict != RLP_OK)
        memset(out, 0, size);
    else if (size > 0)
        memcpy(out, string.data, size);
}

/* An integer's bytes: no leading zeros, at most `size_max`. */
static struct bytes take_integer(struct rlp_reader *in, size_t size_max)
{
    struct bytes string = rlp_string(in);
    if (string.size > 0 && string.data[0] == 0)
        rlp_fail(in, RLP_LEADING_ZERO);
    else if (string.size > size_max)
        rlp_fail(in, RLP_TOO_LARGE);
    return in->verdict == RLP_OK ? string : bytes_of(NULL, 0);
}

uint64_t rlp_u64(struct rlp_reader *in)
{
    struct bytes string = take_integer(in, sizeof(uint64_t));
    uint64_t value = 0;
    for (size_t i = 0; i < string.size; i++)
        value = value << 8 | string.data[i];
    return value;
}

u256 rlp_u256(struct rlp_reader *in)
{
    struct bytes string = take_integer(in, sizeof(u256));
    return string.size == 0 ? U256_ZERO : u256_load_be(string.data, string.size);
}

struct rlp_reader rlp_list(struct rlp_reader *in)
{
    struct rlp_reader list = rlp_reader_over(take_kind(in, true));
    list.verdict = in->verdict;
    return list;
}

void rlp_leave(struct rlp_reader *in, struct rlp_reader *list)
{
    if (!rlp_finished(list))
        rlp_fail(in, list->verdict);
}

struct bytes rlp_item(struct rlp_reader *in)
{
    struct item item;
    const uint8_t *start = in->next;
    if (!read_header(in, &item))
        return bytes_of(NULL, 0);
    take_payload(in, &item);
    return bytes_of(start, item.header_size + item.payload_size);
}

/* Writes the header of a payload of `size`; at most 9 bytes. */
static size_t format_header(uint8_t out[9], size_t size, bool is_list)
{
    uint8_t base = is_list ? LIST_SHORT : STRING_SHORT;
    if (size <= SHORT_SIZE_MAX) {
        out[0] = (uint8_t)(base + size);
        return 1;
    }
    size_t count = 0;
    for (size_t rest = size; rest > 0; rest >>= 8)
        count++;
    out[0] = (uint8_t)(base + SHORT_SIZE_MAX + count);
    for (size_t i = 0; i < count; i++)
        out[count - i] = (uint8_t)(size >> (8 * i));
    return 1 + count;
}

void rlp_put_string(struct buffer *out, struct bytes string)
{
    if (string.size != 1 || string.data[0] >= STRING_SHORT) {
        uint8_t header[9];
        buffer_append(out, header, format_header(header, string.size, false));
    }
    buffer_append_bytes(out, string);
}

void rlp_put_u64(struct buffer *out, uint64_t value)
{
    uint8_t big_endian[8];
    size_t size = 0;
    for (int shift = 56; shift >= 0; shift -= 8) {
        uint8_t byte = (uint8_t)(value >> shift);
        if (size > 0 || byte != 0)
            big_endian[size++] = byte;
    }
    rlp_put_string(out, bytes_of(big_endian, size));
}

void rlp_put_u256(struct buffer *out, const u256 *value)
{
    uint8_t big_endian[32];
    u256_store_be(big_endian, value);
    size_t size = u256_byte_length(value);
    rlp_put_string(out, bytes_of(big_endian + sizeof big_endian - size, size));
}

size_t rlp_open_list(struct buffer *out)
{
    return out->size;
}

void rlp_close_list(struct buffer *out, size_t start)
{
    assert(start <= out->size);
    size_t payload_size = out->size - start;
    uint8_t header[9];
    size_t header_size = format_header(header, payload_size, true);
    buffer_extend(out, header_size);
    memmove(out->data + start + header_size, out->data + start, payload_size);
    memcpy(out->data + start, header, header_size);
}

/* RLP (yellow paper, appendix B): reading through a cursor, strictly canonical, and writing
 * into a buffer. A reader that failed stays failed, as cursor.h says; rlp_error() names the
 * first reason. Depth is bounded by the caller's own structure: there is no recursion here. */
#ifndef LEDGER_CODEC_RLP_H
#define LEDGER_CODEC_RLP_H
#include "vm/base/bytes.h"
#include "vm/base/u256.h"

enum rlp_verdict {
    RLP_OK,
    RLP_TRUNCATED,     /* an item is longer than what is left */
    RLP_TRAILING,      /* bytes behind the end */
    RLP_NOT_CANONICAL, /* a longer form than needed, or a size with leading zeros */
    RLP_WRONG_KIND,    /* a list where a string was expected, or the reverse */
    RLP_WRONG_SIZE,    /* a fixed-size string of another size */
    RLP_LEADING_ZERO,  /* an integer with leading zeros */
    RLP_TOO_LARGE,     /* an integer that does not fit */
};
const char *rlp_verdict_text(enum rlp_verdict verdict);

struct rlp_reader {
    const uint8_t *next;
    size_t left;
    enum rlp_verdict verdict;
};

struct rlp_reader rlp_reader_over(struct bytes encoded);
bool rlp_is_list(const struct rlp_reader *in); /* what comes next; false at the end */
static inline bool rlp_has_more(const struct rlp_reader *in)
{
    return in->verdict == RLP_OK && in->left > 0;
}
/* Marks the reader failed (the first verdict stays); returns false. */
bool rlp_fail(struct rlp_reader *in, enum rlp_verdict verdict);
/* Ok and nothing left over; else the verdict is set to RLP_TRAILING. */
bool rlp_finished(struct rlp_reader *in);

/* Each takes one item; zero or empty after a failure. */
struct bytes rlp_string(struct rlp_reader *in);
void rlp_fixed(struct rlp_reader *in, void *out, size_t size);
uint64_t rlp_u64(struct rlp_reader *in);
u256 rlp_u256(struct rlp_reader *in);
/* Enters a list: a reader over its items. When it fails, so does `in`; after reading, hand
 * the inner reader to rlp_leave(), which carries its failure (or trailing items) over. */
struct rlp_reader rlp_list(struct rlp_reader *in);
void rlp_leave(struct rlp_reader *in, struct rlp_reader *list);
/* The next item, header and all, without looking inside. */
struct bytes rlp_item(struct rlp_reader *in);

void rlp_put_string(struct buffer *out, struct bytes string);
void rlp_put_u64(struct buffer *out, uint64_t value);
void rlp_put_u256(struct buffer *out, const u256 *value);
static inline void rlp_put_hash(struct buffer *out, const hash256 *hash)
{
    rlp_put_string(out, bytes_of(hash->bytes, sizeof hash->bytes));
}
static inline void rlp_put_address(struct buffer *out, const address *account)
{
    rlp_put_string(out, bytes_of(account->bytes, sizeof account->bytes));
}
/* A list: remember the start, put the items, close it (the header is inserted in front). */
size_t rlp_open_list(struct buffer *out);
void rlp_close_list(struct buffer *out, size_t start);
#endif

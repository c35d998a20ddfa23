/* Writing JSON answers as text, straight into a buffer.
 *
 * Commas are placed by looking at what stands before: a key or item written after `{`, `[` or
 * `:` gets none. So an object is write_raw("{"), fields, write_raw("}"). */
#ifndef RPC_WRITE_H
#define RPC_WRITE_H
#include "vm/base/bytes.h"
#include "vm/base/u256.h"

static inline void write_raw(struct buffer *out, const char *json)
{
    buffer_append_text(out, json);
}
/* The comma between items, if one is due. */
void write_separator(struct buffer *out);
/* `"key":`, with the comma before it if one is due; `key` needs no escaping. */
void write_key(struct buffer *out, const char *key);

/* Values. */
void write_quantity(struct buffer *out, uint64_t value); /* "0x1f" */
void write_u256(struct buffer *out, const u256 *value);  /* "0x1f" */
void write_decimal(struct buffer *out, uint64_t value);  /* 31 */
void write_data(struct buffer *out, struct bytes bytes); /* "0x001f" */
void write_hash(struct buffer *out, const hash256 *hash);
void write_address(struct buffer *out, const address *account);
void write_bool(struct buffer *out, bool value);
/* Escaped; bytes that are no UTF-8 become U+FFFD. */
void write_string(struct buffer *out, struct bytes text);
void write_text(struct buffer *out, const char *text);

/* Key and value. */
void write_key_quantity(struct buffer *out, const char *key, uint64_t value);
void write_key_u256(struct buffer *out, const char *key, const u256 *value);
void write_key_decimal(struct buffer *out, const char *key, uint64_t value);
void write_key_data(struct buffer *out, const char *key, struct bytes bytes);
void write_key_hash(struct buffer *out, const char *key, const hash256 *hash);
void write_key_address(struct buffer *out, const char *key, const address *account);
void write_key_bool(struct buffer *out, const char *key, bool value);
void write_key_text(struct buffer *out, const char *key, const char *text);
void write_key_raw(struct buffer *out, const char *key, const char *json);
#endif

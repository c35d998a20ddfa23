/* ABI values for people: read from what they type, shown as text and JSON.
 *
 *   integers   5  -3  0x1f            address  0x... or any name the caller knows
 *   bytes      0x00ff                 bool     true, false
 *   string     as it is; inside lists in quotes if it holds , ( ) [ ] or quotes
 *   array      [1,2,3]                tuple    (bob,5)
 *
 * Shown, integers are decimal (as texts in JSON, exact in any language), addresses carry their
 * checksum, and control characters of a string are escaped: they come from strangers and reach
 * a terminal. */
#ifndef LEDGER_CODEC_ABI_TEXT_H
#define LEDGER_CODEC_ABI_TEXT_H
#include "ledger/codec/abi.h"

/* How the caller turns a name into an address; false with *error filled. */
typedef bool (*abi_resolve_fn)(void *context, const char *text, address *account,
                               struct error *error);

struct abi_reading {
    struct arena *arena;
    abi_resolve_fn resolve; /* NULL: only 0x... */
    void *context;
};

/* `text` is the whole of one value. */
bool abi_value_parse(const struct abi_type *type, const char *text,
                     const struct abi_reading *reading, struct abi_value *value,
                     struct error *error) __attribute__((warn_unused_result));

/* `count` texts for a function's or constructor's parameters. The error names the parameter. */
bool abi_values_parse(const struct abi_param *params, size_t params_count, const char *const *texts,
                      size_t texts_count, const struct abi_reading *reading,
                      struct abi_value *values, struct error *error)
    __attribute__((warn_unused_result));

/* New references. A tuple whose fields all have different names is an object, else a list. */
json_t *abi_value_json(const struct abi_type *type, const struct abi_value *value);
/* Appends one line, without its end. */
void abi_value_format(const struct abi_type *type, const struct abi_value *value,
                      struct buffer *out);
/* Appends "name(first: 1, second: 0x...)"; `is_hash` as abi_decode_event() fills it, or NULL. */
void abi_values_format(const char *name, const struct abi_param *params,
                       const struct abi_value *values, const bool *is_hash, size_t count,
                       struct buffer *out);

/* Text from outside for a terminal: control characters and broken UTF-8 become \xNN. */
void text_format_safe(struct bytes text, struct buffer *out);

/* Appends why a call was reverted: Error(string)'s text, Panic(uint256)'s meaning, a custom
 * error of `abi` (may be NULL) with its values, else the data in hex. */
void abi_revert_format(const struct abi *abi, struct bytes data, struct buffer *out);
#endif

/* Reading the JSON of test files: each function takes a member of an object into a plain
 * value, or says which member of which object is wrong. Objects are borrowed. */
#ifndef LEDGER_LEVM_JSON_H
#define LEDGER_LEVM_JSON_H
#include <jansson.h>

#include "vm/base/arena.h"
#include "vm/base/error.h"
#include "vm/base/u256.h"

/* A text or a file ("-": stdin) of one JSON document; free with json_decref(). NULL with an error
 * of the operating system's, or ERROR_INVALID; `what` names the text. Nesting is bounded by
 * jansson (2,048 levels), memory by INPUT_MEMORY_MAX, and a name that stands twice in one object is
 * refused. */
#define INPUT_MEMORY_MAX (768u << 20) /* bytes that the values of one document may take */
json_t *input_parse(struct bytes text, const char *what, struct error *error);
json_t *input_read(const char *path, struct error *error);

/* The member, of this type; false when it is not there or of another type. */
bool input_object(const json_t *object, const char *name, json_t **out, struct error *error);
bool input_array(const json_t *object, const char *name, json_t **out, struct error *error);

/* Quantities: 0x-hex with or without leading zeros, or decimal text. */
bool input_u256(const json_t *object, const char *name, u256 *out, struct error *error);
bool input_u64(const json_t *object, const char *name, uint64_t *out, struct error *error);
bool input_address(const json_t *object, const char *name, address *out, struct error *error);
bool input_hash(const json_t *object, const char *name, hash256 *out, struct error *error);

/* The same of a value at hand; `what` names it in the error. */
bool value_u256(const json_t *value, const char *what, u256 *out, struct error *error);
bool value_u64(const json_t *value, const char *what, uint64_t *out, struct error *error);
bool value_bytes(const json_t *value, const char *what, struct arena *arena, struct bytes *out,
                 struct error *error);
/* Hex of exactly `size` bytes with 0x; shorter is refused. */
bool text_fixed(const char *text, const char *what, void *out, size_t size, struct error *error);
/* Hex of whole bytes, or an address of at most 20, with or without 0x; what stands around it as
 * space does not count. Appends to `out`. */
bool text_bytes(struct bytes text, const char *what, struct buffer *out, struct error *error);
bool text_address(const char *text, const char *what, address *out, struct error *error);
bool text_u64(const char *text, const char *what, uint64_t *out, struct error *error);
bool text_u256(const char *text, const char *what, u256 *out, struct error *error);
#endif

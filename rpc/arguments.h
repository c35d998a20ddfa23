/* From JSON parameters to the typed arguments a method's row asks for.
 *
 * Every refusal is -32602 and names the parameter, what was found and what was expected:
 *   params[1]: block "0xzz" is not hexadecimal; expected a tag, a 0x quantity or a block object */
#ifndef RPC_ARGUMENTS_H
#define RPC_ARGUMENTS_H
#include "rpc/call.h"

/* `params` may be NULL (none given). False after call_fail(). Decoded data is in the call's
 * arena; JSON and names are borrowed from `params`. */
bool arguments_read(struct call *call, const json_t *params);

/* For methods that look into objects of their own. `where` is like "params[0].from". */
bool argument_address(struct call *call, const char *where, const json_t *value, address *out);
bool argument_hash(struct call *call, const char *where, const json_t *value, hash256 *out);
bool argument_quantity(struct call *call, const char *where, const json_t *value, uint64_t *out);
bool argument_u256(struct call *call, const char *where, const json_t *value, u256 *out);
bool argument_data(struct call *call, const char *where, const json_t *value, struct bytes *out);
/* A storage key: a quantity or 32 bytes. */
bool argument_slot(struct call *call, const char *where, const json_t *value, u256 *out);
bool argument_block(struct call *call, const char *where, const json_t *value,
                    struct block_ref *out);
/* "a number", "\"0xzz\"" (cut to a readable length): what stands there, for error texts. */
const char *argument_shown(struct call *call, const json_t *value);
/* The JSON schema of a kind, for the OpenRPC document. */
const char *param_kind_schema(enum param_kind kind);
#endif

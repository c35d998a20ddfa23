/* A call in the plain form that nearly every client sends: an object of jsonrpc, id, method and
 * params, each at most once, params a list of strings and booleans, no escapes, only ASCII.
 *
 * It is read without jansson, in a fifth of the time. Anything else is left to jansson, whose
 * verdict is the only one: this reader accepts less than jansson does and refuses nothing. */
#ifndef RPC_PLAIN_H
#define RPC_PLAIN_H
#include "vm/base/bytes.h"
#include <jansson.h>
#include <stdbool.h>

struct plain_call {
    struct bytes id; /* as written, within the item; empty for a notification */
    struct bytes method;
    json_t *params; /* a list, for the caller to json_decref(); NULL: none, or an empty one */
};

/* False, with nothing to release, when the item is not in the plain form. */
bool plain_call_read(struct bytes item, struct plain_call *call);
#endif

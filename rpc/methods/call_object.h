/* The object eth_call and eth_estimateGas take, turned into a transaction that nobody signed. */
#ifndef RPC_METHODS_CALL_OBJECT_H
#define RPC_METHODS_CALL_OBJECT_H
#include "rpc/call.h"

struct call_object {
    struct transaction tx; /* gas_limit 0 and has_gas false: as much as is allowed */
    bool has_gas, has_nonce;
    bool has_fee; /* a price was named and is not zero: fees are charged */
};

/* `where` is like "params[0]". Strict: an unknown member or a contradiction is -32602 naming it. False after call_fail(). */
bool call_object_read(struct call *call, const char *where, const json_t *json,
                      struct call_object *object);
#endif

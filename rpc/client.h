/* A small JSON-RPC client for `lwallet` and tests: blocking, one connection, HTTP only.
 * Answers are bounded; a node that lies about sizes or stalls costs a clear error. */
#ifndef RPC_CLIENT_H
#define RPC_CLIENT_H
#include "vm/base/bytes.h"
#include "vm/base/error.h"
#include <jansson.h>

struct rpc_client;

/* `url` like "http://127.0.0.1:8545/o/acme". `token` (may be NULL) is sent as
 * Authorization: Bearer. Connects on first use. */
struct rpc_client *rpc_client_new(const char *url, const char *token, uint64_t timeout_ms,
                                  struct error *error);
void rpc_client_free(struct rpc_client *client); /* accepts NULL */
const char *rpc_client_url(const struct rpc_client *client);

/* What a node answered instead of a result. */
struct rpc_failure {
    bool is_remote; /* false: the node could not be reached or spoke nonsense, see `text` */
    int code;       /* JSON-RPC error code */
    char text[512];
    struct buffer data; /* revert data, if any; buffer_cleanup() */
};

/* Takes the reference of `params` (an array; NULL for none). Returns a new reference, or NULL
 * with *failure filled. */
json_t *rpc_client_call(struct rpc_client *client, const char *method, json_t *params,
                        struct rpc_failure *failure);
#endif

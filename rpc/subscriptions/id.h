/* Ids of subscriptions and filters: random, so that nobody can name another's. */
#ifndef RPC_SUBSCRIPTIONS_ID_H
#define RPC_SUBSCRIPTIONS_ID_H
#include "rpc/websocket/outbox.h"

struct rpc_id rpc_id_new(void);
void rpc_id_write(struct buffer *out, const struct rpc_id *id); /* as JSON */
bool rpc_id_parse(struct rpc_id *id, const char *text);         /* false: it is none of ours */
bool rpc_id_equal(const struct rpc_id *a, const struct rpc_id *b);
#endif

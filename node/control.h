/* How the other commands of lnode ask the running one: a unix socket in the data directory.
 *
 * One request a connection, one line; the answer is "ok" or "error TEXT" on a line, then the
 * content until the end. The folder is closed to other users, and so is the socket.
 *
 *   status                 JSON: version, uptime, problem, RPC address, organisations
 *   blocks LABEL FROM      next height on a line, then records of block_stream.h
 *   invite LABEL HOURS     a link for one node that may join the ledger within that time
 *   join LABEL LINK        the label of the ledger, which is here then; LABEL - : of its name
 *   foundings              JSON list: what others ask this node to found with them
 *   founding yes|no WHAT   the operator's word about it; WHAT is a label or a session's first digits
 *
 * One thread serves one request at a time and sleeps otherwise, so others wait while a ledger is
 * joined; blocks are collected by the ledger's actor in slices, so block making goes on. */
#ifndef NODE_CONTROL_H
#define NODE_CONTROL_H
#include "node/host.h"

struct control;

/* Loop thread. `rpc_bind` and `rpc_port` are shown by `status`. */
struct control *control_start(struct loop *loop, struct host *host, const char *data_dir,
                              const char *rpc_bind, uint16_t rpc_port, struct error *error);
/* Takes no further request. Accepts NULL. */
void control_stop(struct control *control);
void control_free(struct control *control); /* after workers_stop(); accepts NULL */

/* Asks the node that runs in `data_dir`; appends the content. ERROR_NOT_FOUND when none runs,
 * else the node's error. */
bool control_ask(const char *data_dir, const char *request, struct buffer *answer,
                 struct error *error) __attribute__((warn_unused_result));
#endif

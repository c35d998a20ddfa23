/* The listener and its connections: HTTP/1.1 with keep-alive, one request at a time on each.
 *
 *   accept ─► head ─► guard ─► body ─► handler ... front_answer() ─► next request
 *
 * What a client sends ahead (pipelining) waits in its socket and a bounded buffer until its
 * turn, so answers come in order. A connection that was refused is told why, then drained for a
 * moment and closed. Loop thread only. */
#ifndef RPC_HTTP_FRONT_H
#define RPC_HTTP_FRONT_H
#include "rpc/http/guard.h"
#include "rpc/server.h"

struct event_base;
struct front;
struct front_call; /* a request that waits for its answer */

/* `call` stays valid until front_answer(), also when the client has left. */
typedef void (*front_handler)(void *context, struct front_call *call);

struct front_config {
    const char *bind; /* numeric */
    uint16_t port;
    const struct rpc_limits *limits; /* borrowed */
    const struct http_guard *guard;  /* borrowed */
    front_handler on_request;
    front_handler on_gone; /* the client left while its call is being worked on */
    void *context;
};

struct front *front_start(struct event_base *loop, const struct front_config *config,
                          struct error *error);
uint16_t front_port(const struct front *front);
/* Takes no new connection and no new request; idle connections close at once. */
void front_stop(struct front *front);
void front_free(struct front *front); /* no call may be open; accepts NULL */

const struct http_request *front_call_request(const struct front_call *call);
const struct http_destination *front_call_destination(const struct front_call *call);
struct buffer front_call_take_body(struct front_call *call);
void front_call_set_context(struct front_call *call, void *context);
void *front_call_context(const struct front_call *call);

/* Exactly once a call; takes the body's memory. `type` is the content type; `headers` (may be
 * NULL) are further header lines, each ended by CR LF. */
void front_answer(struct front_call *call, int status, const char *type, const char *headers,
                  struct buffer *body);
#endif

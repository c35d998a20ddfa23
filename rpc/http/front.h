/* The listener and its connections: HTTP/1.1 with keep-alive, one request at a time on each.
 *
 *   loop: accept ─► worker: head ─► guard ─► body ─► handler ... front_answer() ─► next request
 *
 * A connection belongs to one thread at a time. Between its events it belongs to nobody and is
 * watched; the worker that gets the event holds it, through the handler and whatever threads the
 * call passes, until front_answer() lets go of it again. So no part of it is locked, and a
 * request that a worker can answer wakes no other thread. Deadlines are looked at on the loop
 * thread, which cuts a socket: that is an event like any other.
 *
 * What a client sends ahead (pipelining) waits in its socket and a bounded buffer until its
 * turn, so answers come in order; short ones to requests that came together leave together. A
 * connection that was refused is told why, then drained for a moment and closed. One that asks for
 * another protocol is given away by front_take_over(). */
#ifndef RPC_HTTP_FRONT_H
#define RPC_HTTP_FRONT_H
#include "rpc/host.h"
#include "rpc/http/guard.h"
#include "rpc/server.h"
#include <sys/stat.h>

struct event_base;
struct front;
struct rpc_counts; /* rpc/metrics/counts.h */
struct front_call; /* a request that waits for its answer */
struct peer;       /* rpc/http/peers.h: the address it comes from */
struct peers;

/* On a worker, with its machine. The call is the handler's until it answers it. */
typedef void (*front_handler)(void *context, struct front_call *call, struct vm *machine);

struct front_config {
    const char *bind; /* numeric */
    uint16_t port;
    const char *path; /* of a Unix socket beside it; NULL: none */
    mode_t path_mode;
    struct peers *peers;             /* borrowed */
    const struct rpc_limits *limits; /* borrowed */
    const struct http_guard *guard;  /* borrowed */
    const struct rpc_host *host;     /* borrowed; watch() and post() */
    struct rpc_counts *counts;       /* borrowed; NULL: nothing is counted */
    front_handler on_request;
    /* On a worker: those that were read together are answered or on their way elsewhere. */
    void (*end_turn)(void *context);
    void *context;
};

/* Loop thread, as are the next three. */
struct front *front_start(struct event_base *loop, const struct front_config *config,
                          struct error *error);
uint16_t front_port(const struct front *front);
/* Takes no new connection and no new request; idle connections close at once. */
void front_stop(struct front *front);
void front_free(struct front *front); /* once no worker runs any more; accepts NULL */

struct front_figures {
    uint64_t connections, connections_max;
    uint64_t accepted, refused;
    uint64_t body_bytes, answer_bytes; /* in memory now */
};
struct front_figures front_figures(struct front *front); /* any thread */

const struct http_request *front_call_request(const struct front_call *call);
const struct http_destination *front_call_destination(const struct front_call *call);
struct peer *front_call_peer(const struct front_call *call);
struct buffer front_call_take_body(struct front_call *call);

/* Whether the connection has broken, so that nobody will read the answer. A client that has only
 * closed its side still waits. */
bool front_call_is_gone(const struct front_call *call);

/* Any thread, exactly once a call, which the caller may not touch again. Takes the body's memory.
 * `type` is the content type; `headers` (may be NULL) are further header lines, each ended by
 * CR LF. True when on_request() for it has not returned: then end_turn() is still to come here, and
 * the destination stays as it is until on_request() returns. */
bool front_answer(struct front_call *call, int status, const char *type, const char *headers,
                  struct buffer *body);

/* Answers to requests that came together leave together. Whoever takes long over a call, or hands
 * it to another thread, says so before, on the thread that has it: those before it are not kept
 * waiting then. */
void front_flush(struct front_call *call);

/* A connection that speaks another protocol from now on. */
struct front_connection {
    int fd;               /* watched before: rpc/host.h's `is_new` is false */
    struct peer *peer;    /* the taker's, too: it ends in peers_leave() */
    struct buffer ahead;  /* received behind the request */
    struct buffer unsent; /* of answers to requests before it: to be sent first */
};
/* Any thread, in place of front_answer(): the connection is the caller's, and not closed. False
 * when the front is stopping: the call is still to be answered. */
bool front_take_over(struct front_call *call, struct front_connection *connection);
#endif

/* The WebSocket connections of a server: requests come in and answers go out on each, and from
 * any thread notifications are pushed to many.
 *
 *   event ─► worker: reads a message ─► handler ... socket_answer()
 *   any thread: socket_hold() ─ socket_push() ... ─ socket_let_go() ─► sent, as far as it goes
 *
 * The reading side of a connection belongs to the worker that got its event, which hands it back
 * before the message is worked on: pings are answered meanwhile, and a few requests run at once.
 * The sending side is under the connection's lock, held for as long as the socket takes bytes
 * without waiting. What does not go waits in a bounded outbox and leaves when the socket is
 * writable; beyond the bound the client is told so and dropped.
 *
 * A connection that has ended leaves a place that the next one takes; places are given back with
 * the server. So a late event meets a place in use or an empty one, never freed memory, and a
 * `struct socket_ref` may outlive what it names. */
#ifndef RPC_WEBSOCKET_SOCKETS_H
#define RPC_WEBSOCKET_SOCKETS_H
#include "rpc/host.h"
#include "rpc/server.h"
#include "rpc/websocket/outbox.h"

struct event_base;
struct front_connection;
struct peer;
struct peers;
struct socket;
struct sockets;

struct socket_ref {
    struct socket *socket; /* NULL: none */
    uint64_t serial;       /* each connection has another */
};

struct sockets_config {
    const struct rpc_limits *limits; /* borrowed */
    const struct rpc_host *host;     /* borrowed; watch(), post(), run() */
    struct peers *peers;             /* borrowed */
    /* On a worker. Takes the message's memory; the request is the handler's until
     * socket_answer(). */
    void (*on_message)(void *context, struct socket *socket, struct buffer *message,
                       struct vm *machine);
    /* Any thread, once a connection, when it has ended and before its place is taken again. */
    void (*on_ended)(void *context, struct socket *socket);
    void *context;
};

struct sockets *sockets_new(struct event_base *loop, const struct sockets_config *config);
/* Loop thread. Tells every client that the node stops, and ends what is left. */
void sockets_stop(struct sockets *sockets);
void sockets_free(struct sockets *sockets); /* once no worker runs any more; accepts NULL */
struct sockets_figures {
    uint64_t connections;
    uint64_t waiting_bytes; /* in all outboxes now */
    uint64_t dropped;       /* for being too slow */
};
struct sockets_figures sockets_figures(struct sockets *sockets); /* any thread */
/* The account of bytes that wait in all outboxes, for payloads. */
atomic_size_t *sockets_account(struct sockets *sockets);

/* Any thread. Takes the connection; `hello` (the handshake's answer) is sent first. */
void sockets_add(struct sockets *sockets, struct front_connection *connection, const char *org,
                 bool is_authorized, struct bytes hello);

/* ---- For the handler, between message and answer ------------------------------------------- */

const char *socket_org(const struct socket *socket); /* as in the path; empty: the default one */
struct peer *socket_peer(const struct socket *socket);
bool socket_is_authorized(const struct socket *socket);
bool socket_is_gone(struct socket *socket); /* nobody will read the answer */
struct socket_ref socket_refer(const struct socket *socket);
/* Any thread, exactly once a message, of which it is the size. Takes the text; an empty one says
 * nothing. */
void socket_answer(struct socket *socket, struct buffer *text, size_t message_size);

/* ---- Pushing, from any thread -------------------------------------------------------------- */

/* False when the connection has ended or is ending; else it is held until socket_let_go(), with
 * nothing but pushes in between. */
bool socket_hold(struct socket_ref ref);
void socket_push(struct socket *socket, const struct rpc_id *id, struct payload *payload);
void socket_let_go(struct socket *socket);

/* A word for its user's own use, under a lock of the user's, who leaves it NULL when the
 * connection has ended. What socket_is_open() says of it holds until `on_ended` begins. */
void **socket_attachment(struct socket *socket);
bool socket_is_open(struct socket_ref ref);
#endif

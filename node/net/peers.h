/* The nodes that this one is connected with: one connection each.
 *
 *   wanted ─► dialer ─► lookup ─► channel ─┐
 *   listener ─► gate ─► channel ───────────┴─► open ─► up ◄═► messages ─► down
 *
 * Its owner says who is wanted, and who else may come in; it hears who is there and what they say.
 * Where two nodes dial each other at once, the connection that the one with the smaller id made
 * stays on both sides; of two that one side made the newer stays, for the older must be dead. Neither
 * is seen from outside. All on the loop thread; callbacks come from the loop, and peers_close() is
 * called in none of them. Design: consensus 5. */
#ifndef NODE_NET_PEERS_H
#define NODE_NET_PEERS_H
#include "node/net/endpoint.h"
#include "node/net/hello.h"

#define PEERS_MAX 512 /* who is not wanted is turned away while so many are there */

struct event_base;
struct peers;
struct workers;

struct peers_events {
    /* A node that is not wanted is there: may it stay? */
    bool (*may_come)(void *arg, const struct node_id *who);
    /* The most that it may send in one message; what is larger is passed over. */
    uint32_t (*size_max)(void *arg, const struct node_id *who);
    void (*on_up)(void *arg, const struct node_id *who);
    void (*on_down)(void *arg, const struct node_id *who);
    /* `message` is borrowed during the call. */
    void (*on_message)(void *arg, const struct node_id *who, struct bytes message);
};

struct peers_config {
    struct event_base *loop;
    struct workers *workers;
    const struct secret_key *node_key; /* borrowed */
    uint32_t network;
    uint32_t message_max;
    const char *bind; /* a numeric address; NULL: it only dials */
    uint16_t port;    /* 0: any */
    uint64_t seed;    /* of the dialer */
    const struct peers_events *events;
    void *arg;
};

struct peers *peers_open(const struct peers_config *config, struct error *error);
/* Ends all connections; nothing is called any more. Accepts NULL. */
void peers_close(struct peers *peers);
uint16_t peers_port(const struct peers *peers); /* 0: it only dials */

/* From now on it is kept connected, as far as that is possible; dialer_want(). */
void peers_want(struct peers *peers, const struct node_id *who, const struct endpoint *endpoints,
                unsigned count);
/* No longer; a connection that is open stays until somebody ends it. */
void peers_forget(struct peers *peers, const struct node_id *who);

bool peers_is_up(const struct peers *peers, const struct node_id *who);
/* False: it is not there, or does not read and is about to be down. */
bool peers_send(struct peers *peers, const struct node_id *who, struct bytes message);
/* Bytes on their way that it has not read yet; 0 where it is not there. */
size_t peers_unsent(const struct peers *peers, const struct node_id *who);
/* Asks again how much each may send. */
void peers_limit(struct peers *peers);
/* Its connection is to end; on_down() follows, if it is up. */
void peers_drop(struct peers *peers, const struct node_id *who, const char *why);
#endif

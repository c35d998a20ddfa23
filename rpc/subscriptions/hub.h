/* Who wants to be told of what, and telling them.
 *
 *   the ledger's actor: a block is final, a transaction was admitted
 *        └─► a job of any worker for each share of the connections: reads what is new, writes
 *            each notification once, pushes it to all of the share who subscribed to it
 *
 * Nobody polls: without subscribers a block costs one look at a counter. A connection belongs to
 * one of four shares, which are told side by side, and between which others get the worker. To a
 * share a ledger's blocks are told by one job at a time, in order, each block once, however fast
 * they come. */
#ifndef RPC_SUBSCRIPTIONS_HUB_H
#define RPC_SUBSCRIPTIONS_HUB_H
#include "rpc/subscriptions/criteria.h"
#include "rpc/websocket/sockets.h"

struct hub;
struct subscription;

enum subscription_kind {
    SUBSCRIPTION_HEADS,
    SUBSCRIPTION_LOGS,
    SUBSCRIPTION_PENDING,      /* hashes of transactions that were admitted */
    SUBSCRIPTION_PENDING_FULL, /* those transactions */
    SUBSCRIPTION_SYNCING,      /* says nothing: a committee of one is never behind */
    SUBSCRIPTION_KIND_COUNT,
};

struct hub_config {
    const struct rpc_host *host;     /* borrowed */
    const struct rpc_limits *limits; /* borrowed */
    atomic_size_t *account;          /* of payloads' bytes: sockets_account() */
    /* Around each job: false when the server is stopping, and nothing begins any more. */
    bool (*begin)(void *context);
    void (*end)(void *context);
    void *context;
};

struct hub *hub_new(const struct hub_config *config);
void hub_free(struct hub *hub); /* once no worker runs any more; accepts NULL */

/* On the ledger's actor. */
void hub_on_head(struct hub *hub, struct rpc_ledger *ledger);
void hub_on_admitted(struct hub *hub, struct rpc_ledger *ledger, const struct transaction *tx);
/* Any thread: forgets what the connection subscribed to. */
void hub_on_ended(struct hub *hub, struct socket *socket);

/* The account of bytes that criteria take. */
atomic_size_t *hub_criteria_account(struct hub *hub);

/* A subscription that has not begun. Takes `criteria` (NULL unless SUBSCRIPTION_LOGS). Links to
 * `*list`, where those of one request wait for its answer. */
void subscription_make(struct subscription **list, enum subscription_kind kind,
                       struct rpc_ledger *ledger, struct criteria *criteria, struct rpc_id *id);
/* How many the connection has, with those of `list`. While its request is under way. */
size_t hub_count(struct hub *hub, struct socket *socket, const struct subscription *list);
/* False: this connection has no such subscription. While its request is under way. */
bool hub_unsubscribe(struct hub *hub, struct socket *socket, const struct rpc_id *id);
/* Any worker, with the ledger pinned, once the answer that names them is on its way: from now on
 * they are told. Takes all of `*list`; those whose connection has ended are dropped. */
void hub_begin(struct hub *hub, struct socket_ref ref, struct subscription **list);
void subscriptions_drop(struct subscription **list);
#endif

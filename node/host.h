/* What JSON-RPC asks of the node (rpc/host.h), answered by shelf, workers and actors. */
#ifndef NODE_HOST_H
#define NODE_HOST_H
#include "node/actor.h"
#include "node/founding_desk.h"
#include "node/shelf.h"
#include "rpc/host.h"
#include <pthread.h>
#include <stdatomic.h>

struct host {
    const char *data_dir;
    pthread_t loop_thread;
    struct shelf *shelf;
    struct workers *workers;
    struct actor *administration; /* founding: one at a time */
    struct joining *joining;
    const struct secret_key *node_key;
    uint32_t network;
    struct founding_desk *desk;                    /* its; NULL: nobody founds with this node */
    uint64_t started_ms;                           /* clock_boot_ms() */
    _Atomic(const struct rpc_listener *) listener; /* NULL: nobody listens */
};

/* `host` is borrowed and must outlive the server. */
struct rpc_host host_for_rpc(struct host *host);
/* Seats call it on their ledger's actor when a block has become final; `host` is its context. */
void host_on_head(void *host, struct rpc_ledger *ledger);
struct node_status host_status(const struct host *host);
#endif

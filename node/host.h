/* What JSON-RPC asks of the node (rpc/host.h), answered by shelf, workers and actors. */
#ifndef NODE_HOST_H
#define NODE_HOST_H
#include "node/actor.h"
#include "node/shelf.h"
#include "rpc/host.h"

struct host {
    struct shelf *shelf;
    struct workers *workers;
    struct actor *administration; /* founding: one at a time */
    uint64_t started_ms;          /* clock_boot_ms() */
};

/* `host` is borrowed and must outlive the server. */
struct rpc_host host_for_rpc(struct host *host);
struct node_status host_status(const struct host *host);
#endif

/* A host for tests: one sample organisation, no threads. Work runs when asked for, `done` on the
 * next turn of the loop if there is one. */
#ifndef TESTS_UNIT_RPC_FAKE_HOST_H
#define TESTS_UNIT_RPC_FAKE_HOST_H
#include "rpc/host.h"
#include "rpc/server.h"
#include "tests/unit/ledger/sample.h"
#include <stdatomic.h>

struct event;
struct event_base;
struct rpc_counts;

#define FAKE_DESCRIPTORS_MAX 256

struct fake_host {
    struct sample sample;
    struct rpc_host host;
    struct event *watches[FAKE_DESCRIPTORS_MAX]; /* by descriptor */
    const struct rpc_watch *watched[FAKE_DESCRIPTORS_MAX];
    struct event_base *loop; /* NULL: `run` and `acquire` are not used */
    unsigned wakes;
    unsigned runs[3];       /* by place */
    unsigned waits;         /* for a block */
    unsigned block_at_wait; /* at this one a block is made; 0: at none */
    unsigned pins;          /* acquired and not released */
    unsigned pinned;        /* ever */
    bool is_full;           /* `run` refuses */
    bool is_closed;         /* its ledger has to be opened first */
    bool is_silent;         /* `run` takes the work and keeps it, as a slow node does */
    void *kept;             /* what it kept */
    rpc_work_fn kept_work;
    struct hub *hub; /* of fake_ask() */
    struct filters *filters;
    struct rpc_limits limits; /* of both */
    atomic_size_t waiting_bytes;
    const struct rpc_listener *listener; /* who wants to be told of blocks */
    struct rpc_counts *counts;           /* of fake_ask(); NULL: nothing is counted */
    struct ledger_counts ledger_counts;  /* shown as its figures */
    struct consensus_counts consensus_counts;
    bool has_created;
    struct org_request created; /* the last org_create */
    struct joint_request joint; /* the last org_found*, but for its document */
    size_t joint_acceptances;
};

void fake_host_start(struct fake_host *fake, struct event_base *loop);
void fake_host_stop(struct fake_host *fake);
struct rpc_ledger *fake_ledger(struct fake_host *fake);
/* Runs what was kept. */
void fake_host_let_go(struct fake_host *fake);

/* Carries a request through its places without a server; the answer is text the caller frees. */
char *fake_ask(struct fake_host *fake, const struct rpc_limits *limits, bool is_authorized,
               const char *body);
#endif

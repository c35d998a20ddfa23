/* What JSON-RPC asks of the process around it: ledgers, executors, the node's own powers.
 *
 * `node/` implements this and hands it to rpc_server_new(); `rpc/` knows nothing else of the
 * node. Requests are read, worked off and answered by workers; the loop thread accepts, opens
 * ledgers and keeps the time:
 *
 *   worker: read, pin the ledger ─► (the ledger's actor | the node's actor) ─► answer
 *              └─ not open? ─► loop: acquire ─► any worker
 *
 * A work function runs on a worker with that worker's machine. It hands itself on with run(), and
 * comes to the loop thread with post(). */
#ifndef RPC_HOST_H
#define RPC_HOST_H
#include "ledger/ledger.h"
#include "ledger/org/acceptance.h"

struct rpc_ledger; /* one of the node's ledgers, pinned open; defined by the host */

/* Where a piece of work runs. */
enum rpc_place {
    RPC_ANY_WORKER, /* reads over an immutable view */
    RPC_ON_LEDGER,  /* one at a time with all other jobs of that ledger: pool and submission */
    RPC_ON_NODE,    /* one at a time with all other administration: founding */
};

typedef void (*rpc_work_fn)(struct vm *machine, void *arg);
typedef void (*rpc_done_fn)(void *arg);
/* `ledger` is NULL on failure, and `error` says why (ERROR_NOT_FOUND: no such organisation). */
typedef void (*rpc_acquired_fn)(void *arg, struct rpc_ledger *ledger, const struct error *error);

/* An organisation on this node, as org_list shows it. Plain values. */
struct org_summary {
    char label[65];
    char name[GENESIS_NAME_MAX + 1];
    char symbol[GENESIS_SYMBOL_MAX + 1];
    hash256 id;
    uint64_t chain_id;
    address founder;
    enum transparency_level transparency;
    bool is_default;
    uint64_t height;               /* of the last final block this process knows of */
    uint64_t block_time;           /* seconds; of that block */
    char stopped[ERROR_TEXT_SIZE]; /* why this ledger stands still; empty if it does not */
};

/* What org_create takes: the founder's choices; the node adds its committee entry. */
struct org_request {
    char label[65]; /* [a-z0-9][a-z0-9-]* */
    char name[GENESIS_NAME_MAX + 1];
    char symbol[GENESIS_SYMBOL_MAX + 1];
    address founder;
    enum transparency_level transparency;
    enum fee_mode fees;
    u256 base_fee_floor;
    bool has_fork; /* else the newest */
    enum vm_fork fork;
    uint64_t chain_id_fixed; /* 0: from the document's hash */
    uint64_t pulse_ms;       /* 0: the default */
    u256 grant_wei;          /* the founder's genesis coin; may be 0 */
    char reason[GENESIS_REASON_MAX + 1];
    bool make_default;
};

/* What a founder's wallet asks of each node that is to found an organisation together with others. */
struct joint_request {
    uint8_t session[FOUNDING_SESSION_SIZE];
    char label[65];
    struct bytes document; /* for an offer the terms, else the genesis document */
    signature founder;     /* over founding_digest(); of a completion nothing */
    bool is_operators;     /* it came with the operator's token: the operator need not be asked */
};

struct joint_offered {
    bool is_asked; /* the operator has not answered yet; else: */
    struct committee_entry entry;
    uint32_t network; /* nodes of different networks do not talk */
};

/* ---- Figures for /metrics ------------------------------------------------------------------ */

/* What a member does for a block, one after the other. */
enum block_step { BLOCK_BUILD, BLOCK_VALIDATE, BLOCK_SIGN, BLOCK_COMMIT, BLOCK_STEP_COUNT };

/* Written by the loop thread, read by any. */
struct consensus_counts {
    tally view;          /* of the last final block */
    tally views_skipped; /* between final blocks since the start */
    tally builds_failed;
    struct histogram steps[BLOCK_STEP_COUNT];
    struct histogram block; /* from the order to build until it is final */
};

struct org_figures {
    struct org_summary summary;
    bool is_open;
    unsigned committee_size;
    size_t pool_max;               /* transactions */
    size_t jobs_waiting, jobs_max; /* requests that wait for this ledger's actor */
    uint64_t jobs_refused;
    struct store_figures store;         /* while it is open */
    const struct ledger_counts *ledger; /* these two live as long as the host */
    const struct consensus_counts *consensus;
};

#define NODE_WORKERS_MAX 64
struct node_figures {
    uint64_t start_time_ms; /* since 1970 */
    uint64_t cpu_ns, loop_cpu_ns;
    uint64_t resident_bytes, virtual_bytes;
    uint64_t heap_used_bytes, heap_free_bytes; /* of malloc */
    uint64_t descriptors_open, descriptors_max;
    uint64_t disk_free_bytes, disk_size_bytes;     /* of the data directory's file system */
    uint64_t jobs_waiting, jobs_max, jobs_refused; /* for any worker */
    unsigned workers, workers_idle;
    struct {
        uint64_t tasks;
        uint64_t cpu_ns;
    } each_worker[NODE_WORKERS_MAX];
};

struct node_status {
    char version[32];
    uint64_t uptime_ms;
    size_t orgs_count;
    bool is_ok;
    char problem[ERROR_TEXT_SIZE]; /* when not ok: what is wrong and what to do */
};

/* What becomes of a descriptor's event. */
struct rpc_watch {
    rpc_work_fn ready;
    void *arg;
};

/* Who is told what happens on ledgers. */
struct rpc_listener {
    /* On the ledger's actor: a block of it has become final. */
    void (*on_head)(void *arg, struct rpc_ledger *ledger);
    void *arg;
};

struct rpc_host_ops {
    /* Loop thread. Pins the ledger named by label, id (0x-hex) or, if NULL, the default one,
     * opening it when it is closed; calls `acquired` now or later. */
    void (*acquire)(void *host, const char *name, rpc_acquired_fn acquired, void *arg);
    /* Any thread. The same when that ledger is open now; NULL: acquire() has to see to it. */
    struct rpc_ledger *(*acquire_open)(void *host, const char *name);
    void (*release)(void *host, struct rpc_ledger *ledger); /* any thread */

    /* Any thread. Once any of `events` (EPOLLIN, EPOLLOUT, and always an end or an error) holds
     * for `fd`, watch->ready runs once on a worker; closing the descriptor ends the watch, which
     * is the caller's to keep. `is_new`: watched for the first time. */
    void (*watch)(void *host, const struct rpc_watch *watch, int fd, uint32_t events, bool is_new);

    /* Loop thread. From now on the listener, which is the caller's to keep, is told; NULL: nobody. */
    void (*listen)(void *host, const struct rpc_listener *listener);

    /* Any thread. Runs `work` at `place` (`ledger` may be NULL unless RPC_ON_LEDGER). False
     * when the queue is full: nothing will run. */
    bool (*run)(void *host, enum rpc_place place, struct rpc_ledger *ledger, rpc_work_fn work,
                void *arg);
    /* Any thread. Calls `done` on the loop thread. */
    void (*post)(void *host, rpc_done_fn done, void *arg);

    /* Any thread. */
    struct ledger *(*ledger)(struct rpc_ledger *ledger);
    const char *(*label)(const struct rpc_ledger *ledger);
    /* All organisations, default first, in `arena`. */
    struct org_summary *(*orgs)(void *host, struct arena *arena, size_t *count);
    struct node_status (*status)(void *host);
    /* Of all organisations, in `arena`; and of the node. */
    struct org_figures *(*org_figures)(void *host, struct arena *arena, size_t *count);
    void (*node_figures)(void *host, struct node_figures *figures);
    uint64_t (*now_ms)(void *host); /* since 1970 */

    /* On the ledger's actor, after transactions were admitted: there is work. */
    void (*wake)(void *host, struct rpc_ledger *ledger);

    /* On the node's actor: founds and opens; the document is in the new ledger. */
    bool (*create_org)(void *host, const struct org_request *request, struct org_summary *summary,
                       struct error *error);
    /* On the node's actor: founding together with other nodes, step by step; each may be repeated.
     * ERROR_DENIED when the operator does not want it. */
    bool (*joint_offer)(void *host, const struct joint_request *request,
                        struct joint_offered *offered, struct error *error);
    bool (*joint_accept)(void *host, const struct joint_request *request, signature *acceptance,
                         struct error *error);
    /* With the acceptances of all members, in index order: founds, and opens. */
    bool (*joint_complete)(void *host, const struct joint_request *request,
                           const signature *acceptances, size_t count, struct org_summary *summary,
                           struct error *error);
};

struct rpc_host {
    const struct rpc_host_ops *ops;
    void *context; /* first argument of the functions that take `host` */
};
#endif

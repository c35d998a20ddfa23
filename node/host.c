#include "node/host.h"

#include <stdio.h>
#include <stdlib.h>

#include "node/clock.h"
#include "node/figures.h"

static void host_acquire(void *context, const char *name, rpc_acquired_fn acquired, void *arg)
{
    struct host *host = context;
    shelf_acquire(host->shelf, name, acquired, arg);
}

static struct rpc_ledger *host_acquire_open(void *context, const char *name)
{
    struct host *host = context;
    return shelf_acquire_open(host->shelf, name);
}

static void host_watch(void *context, const struct rpc_watch *watch, int fd, uint32_t events,
                       bool is_new)
{
    struct host *host = context;
    workers_watch(host->workers, watch, fd, events, is_new);
}

static void host_listen(void *context, const struct rpc_listener *listener)
{
    struct host *host = context;
    atomic_store(&host->listener, listener);
}

void host_on_head(void *context, struct rpc_ledger *ledger)
{
    struct host *host = context;
    const struct rpc_listener *listener = atomic_load(&host->listener);
    if (listener != NULL)
        listener->on_head(listener->arg, ledger);
}

static void host_release(void *context, struct rpc_ledger *ledger)
{
    struct host *host = context;
    shelf_release(host->shelf, ledger->seat);
}

static bool host_run(void *context, enum rpc_place place, struct rpc_ledger *ledger,
                     rpc_work_fn work, void *arg)
{
    struct host *host = context;
    switch (place) {
    case RPC_ANY_WORKER: return workers_submit(host->workers, work, NULL, arg);
    case RPC_ON_LEDGER: return actor_submit(seat_actor(ledger->seat), work, NULL, arg);
    case RPC_ON_NODE: return actor_submit(host->administration, work, NULL, arg);
    }
    return false;
}

static void host_post(void *context, rpc_done_fn done, void *arg)
{
    struct host *host = context;
    struct work *message = memory_new(sizeof *message);
    *message = (struct work){.done = done, .arg = arg};
    workers_post(host->workers, message);
}

static struct ledger *host_ledger(struct rpc_ledger *ledger)
{
    return seat_ledger(ledger->seat);
}

static const char *host_label(const struct rpc_ledger *ledger)
{
    return seat_organisation(ledger->seat)->label;
}

static struct org_summary *host_orgs(void *context, struct arena *arena, size_t *count)
{
    const struct host *host = context;
    return shelf_summaries(host->shelf, arena, count);
}

struct node_status host_status(const struct host *host)
{
    struct node_status status = {
        .uptime_ms = clock_boot_ms() - host->started_ms,
        .orgs_count = shelf_count(host->shelf),
    };
    snprintf(status.version, sizeof status.version, "%s", LEITHER_VERSION);
    status.is_ok = shelf_status(host->shelf, status.problem);
    return status;
}

static struct node_status host_status_op(void *context)
{
    return host_status(context);
}

static struct org_figures *host_org_figures(void *context, struct arena *arena, size_t *count)
{
    const struct host *host = context;
    return shelf_figures(host->shelf, arena, count);
}

static void host_node_figures(void *context, struct node_figures *figures)
{
    const struct host *host = context;
    node_figures_read(figures, host->workers, host->loop_thread, host->data_dir);
    figures->start_time_ms = clock_wall_ms() - (clock_boot_ms() - host->started_ms);
}

static uint64_t host_now_ms(void *context)
{
    (void)context;
    return clock_wall_ms();
}

static void host_wake(void *context, struct rpc_ledger *ledger)
{
    (void)context;
    seat_wake(ledger->seat);
}

static bool host_create_org(void *context, const struct org_request *request,
                            struct org_summary *summary, struct error *error)
{
    struct host *host = context;
    struct founding founding;
    struct genesis_coin coins[1];

    return founding_from_request(&founding, request, clock_wall_ms() / 1000, coins, error)
           && shelf_found(host->shelf, &founding, request->make_default, summary, error);
}

static bool host_joint_offer(void *context, const struct joint_request *request,
                             struct joint_offered *offered, struct error *error)
{
    struct host *host = context;
    return founding_desk_offer(host->desk, request, clock_wall_ms() / 1000, offered, error);
}

static bool host_joint_accept(void *context, const struct joint_request *request,
                              signature *acceptance, struct error *error)
{
    struct host *host = context;
    return founding_desk_accept(host->desk, request, acceptance, error);
}

/* A ledger that the others wait for, on its way to being open. */
struct opening {
    struct shelf *shelf;
    char label[LABEL_MAX + 1];
};

static void on_opened(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct opening *opening = arg;
    (void)error; /* the seat logged and shows it */
    if (ledger != NULL)
        shelf_release(opening->shelf, ledger->seat);
    free(opening);
}

static void open_ledger(void *arg)
{
    struct opening *opening = arg;
    shelf_acquire(opening->shelf, opening->label, on_opened, opening);
}

/* The other members wait for this one, whether or not somebody asks for the ledger here. */
static bool host_joint_complete(void *context, const struct joint_request *request,
                                const signature *acceptances, size_t count,
                                struct org_summary *summary, struct error *error)
{
    struct host *host = context;
    if (!founding_desk_complete(host->desk, request, acceptances, count, summary, error))
        return false;
    struct opening *opening = memory_new(sizeof *opening);
    opening->shelf = host->shelf;
    snprintf(opening->label, sizeof opening->label, "%s", request->label);
    host_post(host, open_ledger, opening);
    return true;
}

static const struct rpc_host_ops operations = {
    .acquire = host_acquire,
    .acquire_open = host_acquire_open,
    .release = host_release,
    .watch = host_watch,
    .listen = host_listen,
    .run = host_run,
    .post = host_post,
    .ledger = host_ledger,
    .label = host_label,
    .orgs = host_orgs,
    .status = host_status_op,
    .org_figures = host_org_figures,
    .node_figures = host_node_figures,
    .now_ms = host_now_ms,
    .wake = host_wake,
    .create_org = host_create_org,
    .joint_offer = host_joint_offer,
    .joint_accept = host_joint_accept,
    .joint_complete = host_joint_complete,
};

struct rpc_host host_for_rpc(struct host *host)
{
    return (struct rpc_host){.ops = &operations, .context = host};
}

#include "tests/unit/rpc/fake_host.h"

#include "rpc/dispatch.h"
#include "rpc/subscriptions/filters.h"
#include "rpc/subscriptions/hub.h"
#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>

/* The organisation is called "sample"; so is every pinned ledger of it. */
static bool is_known(struct fake_host *fake, const char *name)
{
    (void)fake;
    return name == NULL || strcmp(name, "sample") == 0 || strcmp(name, "acme") == 0;
}

static void fake_acquire(void *host, const char *name, rpc_acquired_fn acquired, void *arg)
{
    struct fake_host *fake = host;
    struct error error = {0};
    if (!is_known(fake, name)) {
        error_set(&error, ERROR_NOT_FOUND, "no organisation \"%s\" on this node", name);
        acquired(arg, NULL, &error);
        return;
    }
    fake->pins++;
    fake->pinned++;
    acquired(arg, fake_ledger(fake), &error);
}

static struct rpc_ledger *fake_acquire_open(void *host, const char *name)
{
    struct fake_host *fake = host;
    if (!is_known(fake, name) || fake->is_closed)
        return NULL;
    fake->pins++;
    fake->pinned++;
    return fake_ledger(fake);
}

static void fake_release(void *host, struct rpc_ledger *ledger)
{
    struct fake_host *fake = host;
    cr_assert_eq(ledger, fake_ledger(fake));
    cr_assert_neq(fake->pins, 0);
    fake->pins--;
}

struct pending {
    rpc_done_fn done;
    void *arg;
};

static void on_pending(evutil_socket_t fd, short what, void *arg)
{
    struct pending pending = *(struct pending *)arg;
    (void)fd;
    (void)what;
    free(arg);
    pending.done(pending.arg);
}

static bool fake_run(void *host, enum rpc_place place, struct rpc_ledger *ledger, rpc_work_fn work,
                     void *arg)
{
    struct fake_host *fake = host;
    cr_assert(place != RPC_ON_LEDGER || ledger != NULL);
    if (fake->is_full)
        return false;
    fake->runs[place]++;
    if (fake->is_silent) {
        fake->kept = arg;
        fake->kept_work = work;
    } else {
        work(fake->sample.vm, arg);
    }
    return true;
}

static void fake_post(void *host, rpc_done_fn done, void *arg)
{
    struct fake_host *fake = host;
    struct timeval now = {0, 0};
    struct pending *pending = memory_new(sizeof *pending);
    *pending = (struct pending){done, arg};
    event_base_once(fake->loop, -1, EV_TIMEOUT, on_pending, pending, &now);
}

static void on_event(evutil_socket_t fd, short what, void *arg)
{
    struct fake_host *fake = arg;
    const struct rpc_watch *watch = fake->watched[fd];
    (void)what;
    watch->ready(fake->sample.vm, watch->arg);
}

/* A later watch of a descriptor takes the place of the one before, as epoll has it. */
static void fake_watch(void *host, const struct rpc_watch *watch, int fd, uint32_t events,
                       bool is_new)
{
    struct fake_host *fake = host;
    short what = (short)((events & EPOLLIN ? EV_READ : 0) | (events & EPOLLOUT ? EV_WRITE : 0));
    (void)is_new;
    cr_assert_lt(fd, FAKE_DESCRIPTORS_MAX);
    if (fake->watches[fd] != NULL)
        event_free(fake->watches[fd]);
    fake->watched[fd] = watch;
    fake->watches[fd] = event_new(fake->loop, fd, what, on_event, fake);
    event_add(fake->watches[fd], NULL);
}

static void fake_listen(void *host, const struct rpc_listener *listener)
{
    struct fake_host *fake = host;
    fake->listener = listener;
}

void fake_host_let_go(struct fake_host *fake)
{
    fake->is_silent = false;
    fake->kept_work(fake->sample.vm, fake->kept);
}

static struct ledger *ledger_of(struct rpc_ledger *ledger)
{
    return ((struct fake_host *)(void *)ledger)->sample.ledger;
}

static const char *label_of(const struct rpc_ledger *ledger)
{
    (void)ledger;
    return "sample";
}

static void summarise(struct fake_host *fake, struct org_summary *org)
{
    const struct genesis *genesis = ledger_genesis(fake->sample.ledger);
    snprintf(org->label, sizeof org->label, "sample");
    snprintf(org->name, sizeof org->name, "%s", genesis->name);
    snprintf(org->symbol, sizeof org->symbol, "%s", genesis->symbol);
    org->id = *ledger_id(fake->sample.ledger);
    org->chain_id = ledger_chain_id(fake->sample.ledger);
    org->founder = genesis->founder;
    org->transparency = genesis->transparency;
    org->is_default = true;
    org->height = ledger_head(fake->sample.ledger)->number;
    org->block_time = ledger_head(fake->sample.ledger)->header.timestamp;
}

static struct org_summary *fake_orgs(void *host, struct arena *arena, size_t *count)
{
    struct org_summary *orgs = arena_array(arena, 1, sizeof *orgs);
    *count = 1;
    summarise(host, orgs);
    return orgs;
}

static struct node_status fake_status(void *host)
{
    struct node_status status = {.version = "0.1.0", .uptime_ms = 5, .orgs_count = 1};
    (void)host;
    status.is_ok = true;
    return status;
}

static struct org_figures *fake_org_figures(void *host, struct arena *arena, size_t *count)
{
    struct fake_host *fake = host;
    struct org_figures *figures = arena_array(arena, 1, sizeof *figures);
    *count = 1;
    summarise(fake, &figures->summary);
    figures->is_open = !fake->is_closed;
    figures->committee_size = 1;
    figures->store.files[0] = 3;
    figures->ledger = &fake->ledger_counts;
    figures->consensus = &fake->consensus_counts;
    return figures;
}

static void fake_node_figures(void *host, struct node_figures *figures)
{
    (void)host;
    *figures = (struct node_figures){.workers = 2, .cpu_ns = 1500000000};
}

static uint64_t fake_now_ms(void *host)
{
    struct fake_host *fake = host;
    return fake->sample.now_ms;
}

static void fake_wake(void *host, struct rpc_ledger *ledger)
{
    struct fake_host *fake = host;
    (void)ledger;
    fake->wakes++;
}

static bool fake_create_org(void *host, const struct org_request *request,
                            struct org_summary *summary, struct error *error)
{
    struct fake_host *fake = host;
    if (strcmp(request->label, "taken") == 0)
        return error_set(error, ERROR_EXISTS, "there is an organisation \"taken\" already");
    fake->has_created = true;
    fake->created = *request;
    summarise(fake, summary);
    return true;
}

/* The label says what becomes of it. */
static bool fake_joint(struct fake_host *fake, const struct joint_request *request,
                       struct error *error)
{
    fake->joint = *request;
    fake->joint.document = bytes_of(NULL, request->document.size);
    return strcmp(request->label, "unwanted") != 0
           || error_set(error, ERROR_DENIED, "this node's operator does not want to take part");
}

static bool fake_joint_offer(void *host, const struct joint_request *request,
                             struct joint_offered *offered, struct error *error)
{
    *offered = (struct joint_offered){.network = 3};
    offered->is_asked = strcmp(request->label, "asked") == 0;
    offered->entry.weight = 1;
    return fake_joint(host, request, error);
}

static bool fake_joint_accept(void *host, const struct joint_request *request,
                              signature *acceptance, struct error *error)
{
    memset(acceptance->bytes, 0x22, sizeof acceptance->bytes);
    return fake_joint(host, request, error);
}

static bool fake_joint_complete(void *host, const struct joint_request *request,
                                const signature *acceptances, size_t count,
                                struct org_summary *summary, struct error *error)
{
    struct fake_host *fake = host;
    (void)acceptances;
    fake->joint_acceptances = count;
    summarise(fake, summary);
    return fake_joint(fake, request, error);
}

static const struct rpc_host_ops OPS = {
    .acquire = fake_acquire,
    .acquire_open = fake_acquire_open,
    .release = fake_release,
    .watch = fake_watch,
    .listen = fake_listen,
    .run = fake_run,
    .post = fake_post,
    .ledger = ledger_of,
    .label = label_of,
    .orgs = fake_orgs,
    .status = fake_status,
    .org_figures = fake_org_figures,
    .node_figures = fake_node_figures,
    .now_ms = fake_now_ms,
    .wake = fake_wake,
    .create_org = fake_create_org,
    .joint_offer = fake_joint_offer,
    .joint_accept = fake_joint_accept,
    .joint_complete = fake_joint_complete,
};

static bool always(void *context)
{
    (void)context;
    return true;
}

static void nothing(void *context)
{
    (void)context;
}

void fake_host_start(struct fake_host *fake, struct event_base *loop)
{
    memset(fake, 0, sizeof *fake);
    sample_start(&fake->sample);
    fake->host = (struct rpc_host){&OPS, fake};
    fake->loop = loop;
    fake->limits = rpc_limits_default();
    const struct hub_config hub = {.host = &fake->host,
                                   .limits = &fake->limits,
                                   .account = &fake->waiting_bytes,
                                   .begin = always,
                                   .end = nothing};
    fake->hub = hub_new(&hub);
    fake->filters = filters_new(&fake->limits);
}

void fake_host_stop(struct fake_host *fake)
{
    cr_expect_eq(fake->pins, 0, "a ledger was not released");
    for (int fd = 0; fd < FAKE_DESCRIPTORS_MAX; fd++)
        if (fake->watches[fd] != NULL)
            event_free(fake->watches[fd]);
    filters_free(fake->filters); /* before the account of what they keep */
    hub_free(fake->hub);
    sample_cleanup(&fake->sample);
}

struct rpc_ledger *fake_ledger(struct fake_host *fake)
{
    return (struct rpc_ledger *)(void *)fake;
}

struct asking {
    struct exchange *exchange;
    struct fake_host *fake;
    bool has_extra;
};

static void on_acquired(void *arg, struct rpc_ledger *ledger, const struct error *error)
{
    struct asking *asking = arg;
    asking->has_extra = ledger != NULL;
    exchange_acquired(asking->exchange, ledger, error);
}

char *fake_ask(struct fake_host *fake, const struct rpc_limits *limits, bool is_authorized,
               const char *body)
{
    struct buffer request = {0};
    buffer_append_text(&request, body);
    struct asking asking = {.fake = fake};
    asking.exchange = exchange_new(&fake->host, limits, fake_ledger(fake), &request, is_authorized);
    exchange_set_hub(asking.exchange, fake->hub, fake->filters, NULL);
    exchange_set_counts(asking.exchange, fake->counts);
    struct exchange_next next = {EXCHANGE_RUN, RPC_ANY_WORKER, NULL};
    while (next.step != EXCHANGE_DONE) {
        enum rpc_place place = next.place;
        if (next.step == EXCHANGE_ACQUIRE) {
            if (asking.has_extra)
                fake_release(fake, fake_ledger(fake));
            asking.has_extra = false;
            fake_acquire(fake, next.org, on_acquired, &asking);
            place = RPC_ANY_WORKER;
        }
        if (next.step == EXCHANGE_WAIT) {
            exchange_waited(asking.exchange, false);
            if (++fake->waits == fake->block_at_wait)
                sample_block(&fake->sample);
        }
        fake->runs[place]++;
        next = exchange_run(asking.exchange, place, fake->sample.vm);
    }
    struct buffer answer = exchange_take_answer(asking.exchange);
    exchange_free(asking.exchange);
    if (asking.has_extra)
        fake_release(fake, fake_ledger(fake));
    buffer_append_u8(&answer, 0);
    return (char *)answer.data;
}

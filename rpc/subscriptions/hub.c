#include "rpc/subscriptions/hub.h"

#include "rpc/subscriptions/news.h"
#include "rpc/subscriptions/id.h"
#include <pthread.h>
#include <stdlib.h>

#define SHARES        4 /* of a ledger's connections: told side by side, each by a job of its own */
#define ANNOUNCED_MAX 1024 /* admitted transactions that wait for the job; then who admits helps */

struct subscription {
    struct subscription *newer, *older; /* of its kind in the feed; under the hub's lock */
    struct subscription *next;          /* of its connection; likewise */
    enum subscription_kind kind;
    struct rpc_ledger *ledger;
    struct feed *feed; /* once it has begun */
    struct socket_ref socket;
    struct rpc_id id;
    struct criteria *criteria;
};

/* What is told of one ledger to one share of the connections. Feeds are never removed: there are
 * no more than shares of ledgers. */
struct feed {
    struct feed *next;
    struct hub *hub;
    struct rpc_ledger *ledger;
    uint64_t share;
    char label[65];
    /* Under the hub's lock: */
    struct subscription *kinds[SUBSCRIPTION_KIND_COUNT];
    size_t counts[SUBSCRIPTION_KIND_COUNT];
    bool is_scheduled;  /* its job runs, or is about to */
    bool has_news;      /* a block, since the job looked last */
    bool is_live;       /* somebody wants blocks, and `published` holds */
    uint64_t published; /* up to this height they were told of them */
    struct announced *announced;
    size_t announced_count;
    /* The job's: */
    struct rpc_ledger *pinned;
};

struct hub {
    struct hub_config config;
    atomic_size_t criteria_bytes;
    atomic_size_t block_subscriptions;   /* that want blocks or logs, in all feeds */
    atomic_size_t pending_subscriptions; /* that want transactions */
    pthread_mutex_t lock;
    struct feed *feeds;
};

/* ---- Feeds, with the lock ---------------------------------------------------------------- */

static struct feed *find_feed(struct hub *hub, const struct rpc_ledger *ledger, uint64_t share)
{
    struct feed *feed = hub->feeds;
    while (feed != NULL && (feed->ledger != ledger || feed->share != share))
        feed = feed->next;
    return feed;
}

/* All that a connection is told comes from one feed, and so in order. */
static struct feed *make_feed(struct hub *hub, struct rpc_ledger *ledger, struct socket_ref ref)
{
    const char *label = hub->config.host->ops->label(ledger);
    uint64_t share = ref.serial % SHARES;
    struct feed *feed = find_feed(hub, ledger, share);
    if (feed != NULL)
        return feed;
    feed = memory_new_zeroed(1, sizeof *feed);
    feed->hub = hub;
    feed->ledger = ledger;
    feed->share = share;
    memcpy(feed->label, label, strnlen(label, sizeof feed->label - 1));
    feed->next = hub->feeds;
    hub->feeds = feed;
    return feed;
}

static atomic_size_t *counter_of(struct hub *hub, enum subscription_kind kind)
{
    switch (kind) {
    case SUBSCRIPTION_HEADS:
    case SUBSCRIPTION_LOGS: return &hub->block_subscriptions;
    case SUBSCRIPTION_PENDING:
    case SUBSCRIPTION_PENDING_FULL: return &hub->pending_subscriptions;
    case SUBSCRIPTION_SYNCING:
    case SUBSCRIPTION_KIND_COUNT: break;
    }
    return NULL;
}

static bool wants_blocks(const struct feed *feed)
{
    return feed->counts[SUBSCRIPTION_HEADS] + feed->counts[SUBSCRIPTION_LOGS] > 0;
}

static bool wants_transactions(const struct feed *feed)
{
    return feed->counts[SUBSCRIPTION_PENDING] + feed->counts[SUBSCRIPTION_PENDING_FULL] > 0;
}

static void link_to_feed(struct hub *hub, struct subscription *one, struct feed *feed)
{
    atomic_size_t *counter = counter_of(hub, one->kind);
    one->feed = feed;
    one->newer = NULL;
    one->older = feed->kinds[one->kind];
    if (one->older != NULL)
        one->older->newer = one;
    feed->kinds[one->kind] = one;
    feed->counts[one->kind]++;
    if (counter != NULL)
        atomic_fetch_add(counter, 1);
}

static void unlink_from_feed(struct hub *hub, struct subscription *one)
{
    struct feed *feed = one->feed;
    atomic_size_t *counter = counter_of(hub, one->kind);
    if (one->newer != NULL)
        one->newer->older = one->older;
    else
        feed->kinds[one->kind] = one->older;
    if (one->older != NULL)
        one->older->newer = one->newer;
    feed->counts[one->kind]--;
    if (counter != NULL)
        atomic_fetch_sub(counter, 1);
    if (!wants_blocks(feed))
        feed->is_live = false;
}

/* ---- Subscriptions ----------------------------------------------------------------------- */

static void subscription_free(struct subscription *one)
{
    criteria_release(one->criteria);
    free(one);
}

void subscription_make(struct subscription **list, enum subscription_kind kind,
                       struct rpc_ledger *ledger, struct criteria *criteria, struct rpc_id *id)
{
    struct subscription *one = memory_new_zeroed(1, sizeof *one);
    one->kind = kind;
    one->ledger = ledger;
    one->criteria = criteria;
    one->id = *id = rpc_id_new();
    one->next = *list;
    *list = one;
}

void subscriptions_drop(struct subscription **list)
{
    while (*list != NULL) {
        struct subscription *one = *list;
        *list = one->next;
        subscription_free(one);
    }
}

/* With the lock. */
static struct subscription **of_socket(struct socket *socket)
{
    return (struct subscription **)(void *)socket_attachment(socket);
}

size_t hub_count(struct hub *hub, struct socket *socket, const struct subscription *list)
{
    size_t count = 0;
    for (; list != NULL; list = list->next)
        count++;
    pthread_mutex_lock(&hub->lock);
    for (const struct subscription *one = *of_socket(socket); one != NULL; one = one->next)
        count++;
    pthread_mutex_unlock(&hub->lock);
    return count;
}

bool hub_unsubscribe(struct hub *hub, struct socket *socket, const struct rpc_id *id)
{
    pthread_mutex_lock(&hub->lock);
    struct subscription **at = of_socket(socket);
    while (*at != NULL && !rpc_id_equal(&(*at)->id, id))
        at = &(*at)->next;
    struct subscription *found = *at;
    if (found != NULL) {
        *at = found->next;
        unlink_from_feed(hub, found);
    }
    pthread_mutex_unlock(&hub->lock);
    if (found != NULL)
        subscription_free(found);
    return found != NULL;
}

void hub_on_ended(struct hub *hub, struct socket *socket)
{
    pthread_mutex_lock(&hub->lock);
    struct subscription *all = *of_socket(socket);
    *of_socket(socket) = NULL;
    for (struct subscription *one = all; one != NULL; one = one->next)
        unlink_from_feed(hub, one);
    pthread_mutex_unlock(&hub->lock);
    subscriptions_drop(&all);
}

/* UINT64_MAX, and nobody is told anything, if the store cannot be read. */
static uint64_t head_now(const struct hub *hub, struct rpc_ledger *ledger)
{
    struct error error = {0};
    struct ledger_view *view = ledger_view_open(hub->config.host->ops->ledger(ledger), &error);
    uint64_t head = view != NULL ? view_head(view) : UINT64_MAX;
    ledger_view_close(view);
    return head;
}

/* With the lock. False: the connection has ended meanwhile. */
static bool link_to_socket(struct subscription *one, struct socket_ref ref)
{
    if (!socket_is_open(ref))
        return false;
    struct subscription **head = of_socket(ref.socket);
    one->socket = ref;
    one->next = *head;
    *head = one;
    return true;
}

static void begin_one(struct hub *hub, struct socket_ref ref, struct subscription *one)
{
    struct rpc_ledger *ledger = one->ledger;
    uint64_t head = head_now(hub, ledger);
    pthread_mutex_lock(&hub->lock);
    bool is_linked = link_to_socket(one, ref);
    if (is_linked) {
        struct feed *feed = make_feed(hub, ledger, ref);
        link_to_feed(hub, one, feed);
        if (wants_blocks(feed) && !feed->is_live) {
            feed->is_live = true;
            feed->published = head;
        }
    }
    pthread_mutex_unlock(&hub->lock);
    if (!is_linked)
        subscription_free(one);
    else if (head_now(hub, ledger) > head) /* final before anybody was there to be told */
        hub_on_head(hub, ledger);
}

void hub_begin(struct hub *hub, struct socket_ref ref, struct subscription **list)
{
    while (*list != NULL) {
        struct subscription *one = *list;
        *list = one->next;
        begin_one(hub, ref, one);
    }
}

/* ---- Publishing -------------------------------------------------------------------------- */

/* With the lock: those who are told, as they are now. */
static void copy_targets(const struct feed *feed, enum subscription_kind kind, struct news *news)
{
    struct targets *targets = &news->targets[kind];
    targets->list = arena_array(&news->arena, feed->counts[kind], sizeof *targets->list);
    targets->count = 0;
    for (const struct subscription *one = feed->kinds[kind]; one != NULL; one = one->older)
        targets->list[targets->count++] = (struct target){
            one->socket, one->id, one->criteria != NULL ? criteria_share(one->criteria) : NULL};
}

/* With the lock: the transactions that were announced, with those who are told. */
static void take_announced(struct feed *feed, struct news *news)
{
    copy_targets(feed, SUBSCRIPTION_PENDING, news);
    copy_targets(feed, SUBSCRIPTION_PENDING_FULL, news);
    news->announced = feed->announced;
    news->announced_count = feed->announced_count;
    feed->announced = NULL;
    feed->announced_count = 0;
}

/* With the lock. False, and the feed rests, when there is nothing new. */
static bool take_news(struct feed *feed, struct news *news)
{
    if (!feed->has_news && feed->announced_count == 0) {
        feed->is_scheduled = false;
        return false;
    }
    if (feed->announced_count > 0)
        take_announced(feed, news);
    news->has_blocks = feed->has_news && wants_blocks(feed);
    feed->has_news = false;
    if (!news->has_blocks)
        return true;
    copy_targets(feed, SUBSCRIPTION_HEADS, news);
    copy_targets(feed, SUBSCRIPTION_LOGS, news);
    /* Who subscribes from here on is told of what becomes final from here on. */
    uint64_t head = head_now(feed->hub, feed->pinned);
    news->has_blocks = head != UINT64_MAX;
    news->from = feed->published + 1;
    news->to = head;
    return true;
}

static void publish_job(struct vm *machine, void *arg)
{
    struct feed *feed = arg;
    struct hub *hub = feed->hub;
    const struct rpc_host *host = hub->config.host;
    struct rpc_ledger *pinned = feed->pinned;
    bool has_more = true;
    (void)machine;
    while (has_more) {
        struct news news = {.account = hub->config.account};
        pthread_mutex_lock(&hub->lock);
        has_more = take_news(feed, &news);
        pthread_mutex_unlock(&hub->lock);
        uint64_t told = 0;
        bool has_told = has_more && news_publish(&news, host->ops->ledger(pinned), &told);
        news_cleanup(&news);
        if (!has_told)
            continue;
        pthread_mutex_lock(&hub->lock);
        if (told > feed->published) /* else all had left, and somebody new has come */
            feed->published = told;
        pthread_mutex_unlock(&hub->lock);
    }
    host->ops->release(host->context, pinned);
    hub->config.end(hub->config.context);
}

/* On the ledger's actor, where it is open: it stays so until the job is done. */
static void schedule(struct feed *feed)
{
    struct hub *hub = feed->hub;
    const struct rpc_host *host = hub->config.host;
    bool has_begun = hub->config.begin(hub->config.context);
    feed->pinned = has_begun ? host->ops->acquire_open(host->context, feed->label) : NULL;
    if (feed->pinned == NULL) { /* stopping, or closing: a block more comes with the next one */
        if (has_begun)
            hub->config.end(hub->config.context);
        pthread_mutex_lock(&hub->lock);
        feed->is_scheduled = false;
        pthread_mutex_unlock(&hub->lock);
    } else if (!host->ops->run(host->context, RPC_ANY_WORKER, NULL, publish_job, feed)) {
        publish_job(NULL, feed); /* the queue is full: whoever has news brings them */
    }
}

static void tell_of_head(struct hub *hub, struct rpc_ledger *ledger, uint64_t share)
{
    bool is_due = false;
    pthread_mutex_lock(&hub->lock);
    struct feed *feed = find_feed(hub, ledger, share);
    if (feed != NULL && wants_blocks(feed)) {
        feed->has_news = true;
        is_due = !feed->is_scheduled;
        feed->is_scheduled = true;
    }
    pthread_mutex_unlock(&hub->lock);
    if (is_due)
        schedule(feed);
}

void hub_on_head(struct hub *hub, struct rpc_ledger *ledger)
{
    if (atomic_load(&hub->block_subscriptions) == 0)
        return;
    for (uint64_t share = 0; share < SHARES; share++)
        tell_of_head(hub, ledger, share);
}

/* With the lock. Whoever admits more than the job can tell of tells of them by itself. */
static void announce(struct feed *feed, const struct transaction *tx, struct news *overflow)
{
    if (feed->announced_count == ANNOUNCED_MAX)
        take_announced(feed, overflow);
    if (feed->announced == NULL)
        feed->announced = memory_new_zeroed(ANNOUNCED_MAX, sizeof *feed->announced);
    feed->announced[feed->announced_count++] =
        announced_new(tx, feed->counts[SUBSCRIPTION_PENDING] > 0,
                      feed->counts[SUBSCRIPTION_PENDING_FULL] > 0, feed->hub->config.account);
}

static void tell_of_admitted(struct hub *hub, struct rpc_ledger *ledger, uint64_t share,
                             const struct transaction *tx)
{
    struct news overflow = {.account = hub->config.account};
    bool is_due = false;
    pthread_mutex_lock(&hub->lock);
    struct feed *feed = find_feed(hub, ledger, share);
    if (feed != NULL && wants_transactions(feed)) {
        announce(feed, tx, &overflow);
        is_due = !feed->is_scheduled;
        feed->is_scheduled = true;
    }
    pthread_mutex_unlock(&hub->lock);
    uint64_t told;
    news_publish(&overflow, NULL, &told);
    news_cleanup(&overflow);
    if (is_due)
        schedule(feed);
}

void hub_on_admitted(struct hub *hub, struct rpc_ledger *ledger, const struct transaction *tx)
{
    if (atomic_load(&hub->pending_subscriptions) == 0)
        return;
    for (uint64_t share = 0; share < SHARES; share++)
        tell_of_admitted(hub, ledger, share, tx);
}

/* ---- Life -------------------------------------------------------------------------------- */

struct hub *hub_new(const struct hub_config *config)
{
    struct hub *hub = memory_new_zeroed(1, sizeof *hub);
    hub->config = *config;
    pthread_mutex_init(&hub->lock, NULL);
    return hub;
}

void hub_free(struct hub *hub)
{
    if (hub == NULL)
        return;
    while (hub->feeds != NULL) {
        struct feed *feed = hub->feeds;
        hub->feeds = feed->next;
        for (int kind = 0; kind < SUBSCRIPTION_KIND_COUNT; kind++)
            while (feed->kinds[kind] != NULL) {
                struct subscription *one = feed->kinds[kind];
                feed->kinds[kind] = one->older;
                subscription_free(one);
            }
        struct news rest = {.announced = feed->announced, .announced_count = feed->announced_count};
        news_cleanup(&rest);
        free(feed);
    }
    pthread_mutex_destroy(&hub->lock);
    free(hub);
}

atomic_size_t *hub_criteria_account(struct hub *hub)
{
    return &hub->criteria_bytes;
}

#include "rpc/subscriptions/filters.h"

#include <pthread.h>
#include <stdlib.h>

struct filter {
    struct filter *next;
    const struct rpc_ledger *ledger;
    enum filter_kind kind;
    struct rpc_id id;
    struct criteria *criteria;
    uint64_t at; /* height, or number in the ring, of the first it was not told of */
    uint64_t asked_ms;
};

/* The latest transactions that a ledger admitted, numbered as they came. */
struct ring {
    struct ring *next;
    const struct rpc_ledger *ledger;
    size_t users;      /* filters */
    uint64_t admitted; /* the number of the next one */
    hash256 *hashes;   /* NULL without users */
};

struct filters {
    const struct rpc_limits *limits;
    atomic_size_t pending_count; /* filters of transactions, on all ledgers */
    pthread_mutex_t lock;        /* all below */
    struct filter *all;
    size_t count;
    struct ring *rings; /* one a ledger that ever had such a filter */
};

/* ---- Under the lock ---------------------------------------------------------------------- */

static struct ring *find_ring(const struct filters *filters, const struct rpc_ledger *ledger)
{
    struct ring *ring = filters->rings;
    while (ring != NULL && ring->ledger != ledger)
        ring = ring->next;
    return ring;
}

static struct ring *use_ring(struct filters *filters, const struct rpc_ledger *ledger)
{
    struct ring *ring = find_ring(filters, ledger);
    if (ring == NULL) {
        ring = memory_new_zeroed(1, sizeof *ring);
        ring->ledger = ledger;
        ring->next = filters->rings;
        filters->rings = ring;
    }
    if (ring->hashes == NULL)
        ring->hashes = memory_new_zeroed(FILTERS_RING_HASHES, sizeof *ring->hashes);
    ring->users++;
    atomic_fetch_add(&filters->pending_count, 1);
    return ring;
}

static void leave_ring(struct filters *filters, const struct rpc_ledger *ledger)
{
    struct ring *ring = find_ring(filters, ledger);
    atomic_fetch_sub(&filters->pending_count, 1);
    if (--ring->users > 0)
        return;
    free(ring->hashes);
    ring->hashes = NULL;
}

static void drop(struct filters *filters, struct filter **at)
{
    struct filter *filter = *at;
    *at = filter->next;
    filters->count--;
    if (filter->kind == FILTER_PENDING)
        leave_ring(filters, filter->ledger);
    criteria_release(filter->criteria);
    free(filter);
}

static void expire(struct filters *filters, uint64_t now_ms)
{
    struct filter **at = &filters->all;
    while (*at != NULL) {
        if (now_ms > (*at)->asked_ms + filters->limits->filter_lifetime_ms)
            drop(filters, at);
        else
            at = &(*at)->next;
    }
}

/* Where the filter is linked; a link to NULL if there is none. */
static struct filter **find(struct filters *filters, const struct rpc_ledger *ledger,
                            const struct rpc_id *id)
{
    struct filter **at = &filters->all;
    while (*at != NULL && ((*at)->ledger != ledger || !rpc_id_equal(&(*at)->id, id)))
        at = &(*at)->next;
    return at;
}

/* ---- Any thread -------------------------------------------------------------------------- */

struct filters *filters_new(const struct rpc_limits *limits)
{
    struct filters *filters = memory_new_zeroed(1, sizeof *filters);
    filters->limits = limits;
    pthread_mutex_init(&filters->lock, NULL);
    return filters;
}

void filters_free(struct filters *filters)
{
    if (filters == NULL)
        return;
    while (filters->all != NULL)
        drop(filters, &filters->all);
    while (filters->rings != NULL) {
        struct ring *ring = filters->rings;
        filters->rings = ring->next;
        free(ring);
    }
    pthread_mutex_destroy(&filters->lock);
    free(filters);
}

bool filters_add(struct filters *filters, const struct rpc_ledger *ledger, enum filter_kind kind,
                 struct criteria *criteria, uint64_t next, uint64_t now_ms, struct rpc_id *id)
{
    pthread_mutex_lock(&filters->lock);
    expire(filters, now_ms);
    bool has_room = filters->count < filters->limits->filters_max;
    if (has_room) {
        struct filter *filter = memory_new(sizeof *filter);
        *id = rpc_id_new();
        *filter = (struct filter){filters->all, ledger, kind, *id, criteria, next, now_ms};
        if (kind == FILTER_PENDING)
            filter->at = use_ring(filters, ledger)->admitted;
        filters->all = filter;
        filters->count++;
    }
    pthread_mutex_unlock(&filters->lock);
    if (!has_room)
        criteria_release(criteria);
    return has_room;
}

bool filters_remove(struct filters *filters, const struct rpc_ledger *ledger,
                    const struct rpc_id *id, uint64_t now_ms)
{
    pthread_mutex_lock(&filters->lock);
    expire(filters, now_ms);
    struct filter **at = find(filters, ledger, id);
    bool is_there = *at != NULL;
    if (is_there)
        drop(filters, at);
    pthread_mutex_unlock(&filters->lock);
    return is_there;
}

bool filters_look(struct filters *filters, const struct rpc_ledger *ledger, const struct rpc_id *id,
                  uint64_t now_ms, struct filter_look *look)
{
    pthread_mutex_lock(&filters->lock);
    expire(filters, now_ms);
    struct filter *filter = *find(filters, ledger, id);
    if (filter != NULL) {
        filter->asked_ms = now_ms;
        look->kind = filter->kind;
        look->next = filter->at;
        look->criteria = filter->criteria != NULL ? criteria_share(filter->criteria) : NULL;
    }
    pthread_mutex_unlock(&filters->lock);
    return filter != NULL;
}

bool filters_take_pending(struct filters *filters, const struct rpc_ledger *ledger,
                          const struct rpc_id *id, struct buffer *hashes)
{
    pthread_mutex_lock(&filters->lock);
    struct filter *filter = *find(filters, ledger, id);
    if (filter != NULL) {
        const struct ring *ring = find_ring(filters, ledger);
        uint64_t oldest =
            ring->admitted > FILTERS_RING_HASHES ? ring->admitted - FILTERS_RING_HASHES : 0;
        for (uint64_t at = filter->at > oldest ? filter->at : oldest; at < ring->admitted; at++)
            buffer_append(hashes, &ring->hashes[at % FILTERS_RING_HASHES], sizeof *ring->hashes);
        filter->at = ring->admitted;
    }
    pthread_mutex_unlock(&filters->lock);
    return filter != NULL;
}

void filters_advance(struct filters *filters, const struct rpc_ledger *ledger,
                     const struct rpc_id *id, uint64_t next)
{
    pthread_mutex_lock(&filters->lock);
    struct filter *filter = *find(filters, ledger, id);
    if (filter != NULL && filter->at < next)
        filter->at = next;
    pthread_mutex_unlock(&filters->lock);
}

void filters_on_admitted(struct filters *filters, const struct rpc_ledger *ledger,
                         const hash256 *hash, uint64_t now_ms)
{
    if (atomic_load(&filters->pending_count) == 0)
        return;
    pthread_mutex_lock(&filters->lock);
    struct ring *ring = find_ring(filters, ledger);
    if (ring != NULL && ring->users > 0) {
        ring->hashes[ring->admitted++ % FILTERS_RING_HASHES] = *hash;
        if (ring->admitted % FILTERS_RING_HASHES == 0)
            expire(filters, now_ms); /* nobody else may come by to see that they are forgotten */
    }
    pthread_mutex_unlock(&filters->lock);
}

size_t filters_count(struct filters *filters)
{
    pthread_mutex_lock(&filters->lock);
    size_t count = filters->count;
    pthread_mutex_unlock(&filters->lock);
    return count;
}

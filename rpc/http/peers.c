#include "rpc/http/peers.h"

#include "vm/base/bytes.h"
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#define GONE_MAX  1024 /* addresses without a connection that are remembered at least */
#define AHEAD_NS  UINT64_C(1000000000)
#define SECOND_NS UINT64_C(1000000000)

struct peer {
    struct in6_addr address;
    bool is_local;            /* of the Unix socket */
    size_t connections;       /* under the table's lock, as is the next */
    uint64_t left;            /* when it had its last one: the table's count of leavings */
    _Atomic uint64_t paid_ns; /* until when what it asked for is paid */
};

struct peers {
    const struct rpc_limits *limits;
    pthread_mutex_t lock; /* all below */
    uint64_t leavings;
    size_t connections;
    size_t used; /* entries that were ever taken */
    size_t size;
    struct peer entries[];
};

struct peers *peers_new(const struct rpc_limits *limits)
{
    /* At the most, every connection is of another address. */
    size_t size = limits->connections_max + GONE_MAX;
    struct peers *peers = memory_new_zeroed(1, sizeof *peers + size * sizeof *peers->entries);
    peers->limits = limits;
    peers->size = size;
    pthread_mutex_init(&peers->lock, NULL);
    return peers;
}

void peers_free(struct peers *peers)
{
    if (peers == NULL)
        return;
    pthread_mutex_destroy(&peers->lock);
    free(peers);
}

/* With the lock. A walk over all: with few addresses it is short, and many cannot be chosen so
 * that it is longer. */
static struct peer *find(struct peers *peers, const struct in6_addr *from)
{
    for (size_t index = 0; index < peers->used; index++) {
        struct peer *peer = &peers->entries[index];
        if (peer->is_local == (from == NULL)
            && (from == NULL || memcmp(&peer->address, from, sizeof *from) == 0))
            return peer;
    }
    return NULL;
}

/* With the lock: a new entry, or that of the address which has been gone for longest. */
static struct peer *take(struct peers *peers, const struct in6_addr *from)
{
    struct peer *taken = NULL;
    if (peers->used < peers->size) {
        taken = &peers->entries[peers->used++];
    } else {
        for (size_t index = 0; index < peers->size; index++) {
            struct peer *peer = &peers->entries[index];
            if (peer->connections == 0 && (taken == NULL || peer->left < taken->left))
                taken = peer;
        }
    }
    assert(taken != NULL); /* there are more entries than connections */
    *taken = (struct peer){.is_local = from == NULL};
    if (from != NULL)
        taken->address = *from;
    return taken;
}

enum peers_verdict peers_enter(struct peers *peers, const struct in6_addr *from, size_t beyond,
                               struct peer **out)
{
    enum peers_verdict verdict = PEERS_WELCOME;
    assert(beyond < GONE_MAX);
    pthread_mutex_lock(&peers->lock);
    struct peer *peer = find(peers, from);
    if (from != NULL && peer != NULL
        && peer->connections >= peers->limits->connections_per_address_max)
        verdict = PEERS_ADDRESS_FULL;
    else if (peers->connections >= peers->limits->connections_max + beyond)
        verdict = PEERS_FULL;
    if (verdict == PEERS_WELCOME) {
        *out = peer != NULL ? peer : take(peers, from);
        (*out)->connections++;
        peers->connections++;
    }
    pthread_mutex_unlock(&peers->lock);
    return verdict;
}

void peers_leave(struct peers *peers, struct peer *peer)
{
    pthread_mutex_lock(&peers->lock);
    assert(peer->connections > 0 && peers->connections > 0);
    peer->connections--;
    peers->connections--;
    peer->left = ++peers->leavings;
    pthread_mutex_unlock(&peers->lock);
}

uint64_t peers_charge(struct peers *peers, struct peer *peer, size_t calls, uint64_t now_ms)
{
    uint64_t rate = peers->limits->calls_per_second_max;
    if (rate == 0 || peer->is_local)
        return 0;
    uint64_t now = now_ms * 1000000, cost = calls * (SECOND_NS / rate);
    uint64_t paid = atomic_load(&peer->paid_ns), next;
    do {
        if (paid >= now + AHEAD_NS)
            return (paid - now - AHEAD_NS) / 1000000 + 1;
        next = (paid > now ? paid : now) + cost;
    } while (!atomic_compare_exchange_weak(&peer->paid_ns, &paid, next));
    return 0;
}

#include "rpc/metrics/counts.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

struct method_counts {
    struct histogram durations;
    tally failures;
};

/* Of one thread. */
struct shard {
    struct shard *next;
    pthread_t thread;
    tally codes[RPC_CODES_MAX];
    tally statuses[HTTP_STATUSES];
    struct method_counts methods[]; /* as METHODS */
};

struct rpc_counts {
    uint64_t number;      /* of its like in this process: an address may come again */
    pthread_mutex_t lock; /* adding a shard */
    _Atomic(struct shard *) shards;
};

static const struct {
    int code;
    const char *label;
} codes[] = {
    {RPC_PARSE_ERROR, "-32700"},
    {RPC_INVALID_REQUEST, "-32600"},
    {RPC_METHOD_NOT_FOUND, "-32601"},
    {RPC_INVALID_PARAMS, "-32602"},
    {RPC_INTERNAL_ERROR, "-32603"},
    {RPC_SERVER_ERROR, "-32000"},
    {RPC_NOT_FOUND, "-32001"},
    {RPC_TIMEOUT, "-32002"},
    {RPC_RESPONSE_TOO_LARGE, "-32003"},
    {RPC_LIMIT_EXCEEDED, "-32005"},
    {RPC_DENIED, "-32006"},
    {RPC_REVERTED, "3"},
    {0, "other"},
};
#define CODES (sizeof codes / sizeof *codes)
static_assert(CODES <= RPC_CODES_MAX, "a tally for each code");

struct rpc_counts *rpc_counts_new(void)
{
    static atomic_uint_fast64_t made;
    struct rpc_counts *counts = memory_new_zeroed(1, sizeof *counts);
    counts->number = atomic_fetch_add(&made, 1) + 1;
    pthread_mutex_init(&counts->lock, NULL);
    return counts;
}

void rpc_counts_free(struct rpc_counts *counts)
{
    if (counts == NULL)
        return;
    for (struct shard *shard = atomic_load(&counts->shards), *next; shard != NULL; shard = next) {
        next = shard->next;
        free(shard);
    }
    pthread_mutex_destroy(&counts->lock);
    free(counts);
}

static struct shard *shard_of(struct rpc_counts *counts, pthread_t thread)
{
    struct shard *shard = atomic_load(&counts->shards);
    while (shard != NULL && !pthread_equal(shard->thread, thread))
        shard = shard->next;
    return shard;
}

static struct shard *add_shard(struct rpc_counts *counts)
{
    pthread_mutex_lock(&counts->lock);
    struct shard *shard = shard_of(counts, pthread_self());
    if (shard == NULL) {
        shard = memory_new_zeroed(1, sizeof *shard + METHODS_COUNT * sizeof *shard->methods);
        shard->thread = pthread_self();
        shard->next = atomic_load(&counts->shards);
        atomic_store(&counts->shards, shard);
    }
    pthread_mutex_unlock(&counts->lock);
    return shard;
}

static struct shard *own_shard(struct rpc_counts *counts)
{
    static _Thread_local struct {
        uint64_t number;
        struct shard *shard;
    } last;
    if (last.number != counts->number) {
        last.shard = add_shard(counts);
        last.number = counts->number;
    }
    return last.shard;
}

static size_t index_of_code(int code)
{
    size_t index = 0;
    while (index < CODES - 1 && codes[index].code != code)
        index++;
    return index;
}

void rpc_counts_call(struct rpc_counts *counts, const struct method *method, uint64_t duration_ns,
                     int error_code)
{
    struct shard *own = own_shard(counts);
    if (error_code != 0)
        tally_add(&own->codes[index_of_code(error_code)], 1);
    if (method == NULL)
        return;
    struct method_counts *of_method = &own->methods[method - METHODS];
    histogram_add(&of_method->durations, duration_ns);
    if (error_code != 0)
        tally_add(&of_method->failures, 1);
}

void rpc_counts_answer(struct rpc_counts *counts, int http_status)
{
    assert(http_status > 0 && http_status < HTTP_STATUSES);
    tally_add(&own_shard(counts)->statuses[http_status], 1);
}

struct rpc_totals *rpc_counts_read(struct rpc_counts *counts, struct arena *arena)
{
    struct rpc_totals *totals = arena_array(arena, 1, sizeof *totals);
    totals->methods = arena_array(arena, METHODS_COUNT, sizeof *totals->methods);
    for (const struct shard *shard = atomic_load(&counts->shards); shard != NULL;
         shard = shard->next) {
        for (size_t code = 0; code < CODES; code++)
            totals->codes[code] += tally_read(&shard->codes[code]);
        for (size_t status = 0; status < HTTP_STATUSES; status++)
            totals->statuses[status] += tally_read(&shard->statuses[status]);
        for (size_t method = 0; method < METHODS_COUNT; method++) {
            distribution_add(&totals->methods[method].durations, &shard->methods[method].durations);
            totals->methods[method].failures += tally_read(&shard->methods[method].failures);
        }
    }
    return totals;
}

const char *rpc_code_label(size_t index)
{
    return index < CODES ? codes[index].label : NULL;
}

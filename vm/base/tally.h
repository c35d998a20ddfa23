/* Counters and latencies that one thread at a time writes and any thread reads at any moment.
 *
 * Writing is a plain load and store, so it costs the writer nothing and needs no lock; two
 * threads that wrote one tally together would lose counts. A reader sees each number whole, but
 * not several numbers of one moment. */
#ifndef VM_BASE_TALLY_H
#define VM_BASE_TALLY_H
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef _Atomic(uint64_t) tally;

static inline uint64_t tally_read(const tally *from)
{
    return atomic_load_explicit(from, memory_order_relaxed);
}

static inline void tally_set(tally *into, uint64_t value)
{
    atomic_store_explicit(into, value, memory_order_relaxed);
}

static inline void tally_add(tally *into, uint64_t more)
{
    tally_set(into, tally_read(into) + more);
}

/* How long things took: how many up to each bound, and all of it together. */
#define HISTOGRAM_BOUNDS 13
extern const uint64_t HISTOGRAM_BOUNDS_NS[HISTOGRAM_BOUNDS]; /* 100 us to 30 s, ascending */

struct histogram {
    tally counts[HISTOGRAM_BOUNDS + 1]; /* each of its own bucket; the last beyond all bounds */
    tally sum_ns;
};
void histogram_add(struct histogram *histogram, uint64_t duration_ns);

/* A histogram, or the sum of several, as plain numbers. */
struct distribution {
    uint64_t counts[HISTOGRAM_BOUNDS + 1];
    uint64_t count; /* of all */
    uint64_t sum_ns;
};
void distribution_add(struct distribution *sum, const struct histogram *histogram);
#endif

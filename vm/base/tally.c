#include "vm/base/tally.h"

#define MICROSECOND_NS UINT64_C(1000)
#define MILLISECOND_NS UINT64_C(1000000)
#define SECOND_NS      UINT64_C(1000000000)

const uint64_t HISTOGRAM_BOUNDS_NS[HISTOGRAM_BOUNDS] = {
    100 * MICROSECOND_NS,   250 * MICROSECOND_NS, 500 * MICROSECOND_NS, 1 * MILLISECOND_NS,
    5 * MILLISECOND_NS / 2, 5 * MILLISECOND_NS,   10 * MILLISECOND_NS,  25 * MILLISECOND_NS,
    100 * MILLISECOND_NS,   250 * MILLISECOND_NS, 1 * SECOND_NS,        5 * SECOND_NS,
    30 * SECOND_NS,
};

void histogram_add(struct histogram *histogram, uint64_t duration_ns)
{
    size_t bucket = 0;
    while (bucket < HISTOGRAM_BOUNDS && duration_ns > HISTOGRAM_BOUNDS_NS[bucket])
        bucket++;
    tally_add(&histogram->counts[bucket], 1);
    tally_add(&histogram->sum_ns, duration_ns);
}

void distribution_add(struct distribution *sum, const struct histogram *histogram)
{
    for (size_t bucket = 0; bucket <= HISTOGRAM_BOUNDS; bucket++) {
        const uint64_t count = tally_read(&histogram->counts[bucket]);
        sum->counts[bucket] += count;
        sum->count += count;
    }
    sum->sum_ns += tally_read(&histogram->sum_ns);
}

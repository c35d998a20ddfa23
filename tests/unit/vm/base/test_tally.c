#include "vm/base/tally.h"

#include <criterion/criterion.h>

Test(tally, bounds_ascend)
{
    for (size_t i = 1; i < HISTOGRAM_BOUNDS; i++)
        cr_expect(HISTOGRAM_BOUNDS_NS[i - 1] < HISTOGRAM_BOUNDS_NS[i], "bound %zu", i);
}

/* Prometheus: a bucket holds what is less than or equal to its bound. */
Test(tally, a_duration_counts_up_to_and_with_its_bound)
{
    for (size_t i = 0; i < HISTOGRAM_BOUNDS; i++) {
        struct histogram histogram = {0};
        struct distribution values = {0};
        histogram_add(&histogram, HISTOGRAM_BOUNDS_NS[i]);
        histogram_add(&histogram, HISTOGRAM_BOUNDS_NS[i] + 1);
        distribution_add(&values, &histogram);
        cr_expect_eq(values.counts[i], 1, "bound %zu", i);
        cr_expect_eq(values.counts[i + 1], 1, "beyond bound %zu", i);
        cr_expect_eq(values.sum_ns, 2 * HISTOGRAM_BOUNDS_NS[i] + 1);
    }
}

Test(tally, a_distribution_is_the_sum_of_histograms)
{
    struct histogram one = {0}, other = {0};
    struct distribution sum = {0};
    histogram_add(&one, 5);
    histogram_add(&other, 7);
    histogram_add(&other, UINT64_MAX / 2);
    distribution_add(&sum, &one);
    distribution_add(&sum, &other);
    cr_expect_eq(sum.count, 3);
    cr_expect_eq(sum.counts[0], 2);
    cr_expect_eq(sum.counts[HISTOGRAM_BOUNDS], 1);
    cr_expect_eq(sum.sum_ns, 12 + UINT64_MAX / 2);
}

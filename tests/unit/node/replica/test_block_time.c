#include "node/replica/block_time.h"

#include <criterion/criterion.h>

#define NOW_MS 1800000000000ULL

/* R6: up to ten seconds ahead, and however far behind. */
Test(block_time, fits_up_to_ten_seconds_ahead_of_the_clock)
{
    cr_expect(block_time_fits(NOW_MS + 10000, NOW_MS));
    cr_expect_not(block_time_fits(NOW_MS + 10001, NOW_MS));
    cr_expect_not(block_time_fits(UINT64_MAX, NOW_MS));
    cr_expect(block_time_fits(NOW_MS - 3600000, NOW_MS));
    cr_expect(block_time_fits(0, NOW_MS));
}

Test(block_time, fits_whatever_it_is_when_the_clock_is_not_set)
{
    cr_expect_not(wall_clock_is_set(0), "1970: a machine without a battery");
    cr_expect(block_time_fits(NOW_MS, 0));
    cr_expect(block_time_fits(UINT64_MAX, WALL_CLOCK_SET_MS - 1));
    cr_expect(wall_clock_is_set(WALL_CLOCK_SET_MS));
    cr_expect_not(block_time_fits(NOW_MS, WALL_CLOCK_SET_MS));
}

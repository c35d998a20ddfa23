#include "node/departures.h"

#include <criterion/criterion.h>

#define COUNT 4

Test(departures, leave_in_the_order_in_which_they_began)
{
    static const unsigned ready[COUNT] = {2, 0, 3, 1}, taken[COUNT] = {0, 1, 1, 4};
    struct departures departures = {0};
    struct departure each[COUNT];
    int numbers[COUNT];
    unsigned count = 0;
    for (int i = 0; i < COUNT; i++)
        departures_begin(&departures, &each[i], &numbers[i]);
    cr_expect_null(departures_take(&departures));
    for (unsigned i = 0; i < COUNT; i++) {
        each[ready[i]].is_ready = true;
        for (void *next; (next = departures_take(&departures)) != NULL; count++)
            cr_expect_eq(next, &numbers[count]);
        cr_expect_eq(count, taken[i]);
    }
}

Test(departures, go_on_after_all_have_left)
{
    struct departures departures = {0};
    struct departure one;
    int number;
    for (unsigned i = 0; i < 3; i++) {
        departures_begin(&departures, &one, &number);
        cr_expect_null(departures_take(&departures));
        one.is_ready = true;
        cr_expect_eq(departures_take(&departures), &number);
        cr_expect_null(departures_take(&departures));
    }
}

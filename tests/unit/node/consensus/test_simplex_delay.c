/* D, the one-way delay to the q-th nearest member, and the timeouts made of it (2.5). */
#include <criterion/criterion.h>

#include "tests/unit/node/consensus/simplex_bench.h"

#define SAMPLES 200 /* until the mean has settled */

static void measure(struct bench *bench, unsigned member, uint64_t rtt_ms, unsigned times)
{
    for (unsigned i = 0; i < times; i++)
        simplex_on_delay(bench->engine, member, rtt_ms);
}

/* How long after work came the view is given up. */
static uint64_t patience_ms(struct bench *bench)
{
    tell_work(bench, WORK_TRANSACTIONS);
    return time_to_nullify_ms(bench);
}

/* The same of every other member. */
static void measure_all(struct bench *bench, uint64_t rtt_ms, unsigned times)
{
    for (unsigned i = 0; i + 1 < bench->config.thresholds.members; i++)
        measure(bench, bench_other(bench, i), rtt_ms, times);
}

Test(simplex_delay, is_100_ms_until_it_is_measured_and_settles_on_half_the_way_there_and_back)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    cr_expect_eq(simplex_delay_ms(bench.engine), 100);
    measure_all(&bench, 80, 1);
    cr_expect_eq(simplex_delay_ms(bench.engine), 40 + 4 * 20, "the first deviation is half of it");
    measure_all(&bench, 80, SAMPLES);
    cr_expect_geq(simplex_delay_ms(bench.engine), 40);
    cr_expect_leq(simplex_delay_ms(bench.engine), 44);
    bench_end(&bench);
}

/* With seven members a quorum is five: oneself and the four nearest others. */
Test(simplex_delay, is_that_to_the_member_who_completes_a_quorum)
{
    struct bench bench;
    bench_start(&bench, 7, 7);
    for (unsigned i = 0; i < 6; i++)
        measure(&bench, bench_other(&bench, i), 100 * (6 - i), SAMPLES);
    cr_expect_geq(simplex_delay_ms(bench.engine), 200);
    cr_expect_leq(simplex_delay_ms(bench.engine), 210, "not the 250 and 300 of the two farthest");
    bench_end(&bench);
}

/* Of two members, one far away: 100 ms is taken for the one that nobody has measured. */
Test(simplex_delay, of_members_not_measured_is_taken_as_100_ms)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    measure(&bench, bench_other(&bench, 0), 2, SAMPLES);
    cr_expect_eq(simplex_delay_ms(bench.engine), 100);
    measure(&bench, bench_other(&bench, 1), 2, SAMPLES);
    cr_expect_eq(simplex_delay_ms(bench.engine), 20, "three of four are at hand");
    bench_end(&bench);
}

Test(simplex_delay, grows_with_how_much_it_varies)
{
    struct bench bench;
    bench_start(&bench, 2, 2);
    for (unsigned i = 0; i < SAMPLES; i++)
        simplex_on_delay(bench.engine, bench_other(&bench, 0), i % 2 == 0 ? 100 : 300);
    cr_expect_geq(simplex_delay_ms(bench.engine), 100 + 4 * 40);
    cr_expect_leq(simplex_delay_ms(bench.engine), 100 + 4 * 60);
    bench_end(&bench);
}

Test(simplex_delay, is_at_least_20_ms_and_at_most_10_s)
{
    struct bench bench;
    bench_start(&bench, 2, 2);
    measure_all(&bench, 0, SAMPLES);
    cr_expect_eq(simplex_delay_ms(bench.engine), 20);
    measure_all(&bench, UINT64_MAX, SAMPLES);
    cr_expect_eq(simplex_delay_ms(bench.engine), 10000);
    bench_end(&bench);
}

Test(simplex_delay, is_of_other_members_only)
{
    struct bench bench;
    bench_start(&bench, 2, 2);
    measure(&bench, bench.config.own_index, 5000, 10);
    measure(&bench, 2, 5000, 10);
    measure(&bench, UINT32_MAX, 5000, 10);
    cr_expect_eq(simplex_delay_ms(bench.engine), 100);
    bench_end(&bench);
    bench_start(&bench, 1, 1);
    measure(&bench, 1, 5000, 10);
    cr_expect_eq(simplex_delay_ms(bench.engine), 100);
    bench_end(&bench);
}

/* t_leader = 2D + 2D + execution: a committee in one room does not wait like one around the world. */
Test(simplex_delay, decides_how_long_a_leader_is_waited_for)
{
    struct bench bench;
    bench_start(&bench, 2, 2);
    measure_all(&bench, 2000, SAMPLES);
    const uint64_t far = simplex_delay_ms(bench.engine);
    cr_assert_geq(far, 1000);
    cr_expect_eq(patience_ms(&bench), 4 * far + 50);
    bench_end(&bench);
    bench_start(&bench, 2, 2);
    measure(&bench, bench_other(&bench, 0), 2, SAMPLES);
    cr_expect_eq(patience_ms(&bench), 200, "2.5: at least");
    bench_end(&bench);
}

/* Each ledger of a device has another seed, and each member another place: within 5 %, the same
 * for the same, spread for others. */
Test(simplex_delay, timeouts_of_many_ledgers_are_spread)
{
    uint64_t least = UINT64_MAX, most = 0;
    for (unsigned seed = 1; seed <= 40; seed++) {
        uint64_t took[2];
        for (unsigned turn = 0; turn < 2; turn++) {
            struct bench bench;
            bench_init(&bench, 4, 4);
            simplex_free(bench.engine);
            bench.config.timer_seed = seed;
            bench.engine = simplex_new(&bench.config);
            bench_begin(&bench);
            took[turn] = patience_ms(&bench);
            bench_end(&bench);
        }
        cr_expect_eq(took[0], took[1], "seed %u", seed);
        least = took[0] < least ? took[0] : least;
        most = took[0] > most ? took[0] : most;
    }
    cr_expect_geq(least, 450 - 450 / 20);
    cr_expect_leq(most, 450 + 450 / 20 + 1);
    cr_expect_gt(most - least, 20, "%lu to %lu ms", (unsigned long)least, (unsigned long)most);
}

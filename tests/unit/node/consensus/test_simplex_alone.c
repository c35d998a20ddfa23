/* The engine of a committee of one: what it says counts at once, and it waits for nobody. */
#include <criterion/criterion.h>

#include "tests/unit/node/consensus/simplex_bench.h"

#define PULSE_MS 1000

static void start(struct bench *bench, uint64_t pulse_ms)
{
    bench_init(bench, 1, 1);
    bench->config.pulse_ms = pulse_ms;
    bench->config.final_ms = bench->now_ms;
    bench_restart(bench);
    bench->config.final_ms = bench->now_ms;
    bench_begin(bench);
    bench_clear(bench);
}

/* Answers a BUILD with the block of that number, and signs what follows from it until it is final;
 * returns the view. */
static uint64_t build_and_finish(struct bench *bench, unsigned number, enum work_kind left)
{
    const struct simplex_action *build = find_action(bench, SIMPLEX_BUILD);
    cr_assert_not_null(build, "block %u is not asked for", number);
    const uint64_t view = build->view;
    const struct simplex_block block = {block_hash(number), build->block, view, number, false};
    bench_clear(bench);
    simplex_on_built(bench->engine, &block, bench->now_ms, &bench->out);
    tell_work(bench, left);
    cr_expect_null(find_action(bench, SIMPLEX_BUILD), "one block after the other");
    finish_proposal(bench);
    finish_casts(bench);
    return view;
}

Test(simplex_alone, asks_for_nothing_and_has_no_timer_without_work)
{
    struct bench bench;
    start(&bench, PULSE_MS);
    cr_expect_eq(simplex_next_ms(bench.engine), UINT64_MAX);
    simplex_on_time(bench.engine, bench.now_ms + 1000000, &bench.out);
    cr_expect_eq(bench.out.count, 0);
    bench_end(&bench);
}

Test(simplex_alone, waits_a_pulse_after_the_last_block)
{
    struct bench bench;
    start(&bench, PULSE_MS);
    tell_work(&bench, WORK_TRANSACTIONS);
    cr_expect_null(find_action(&bench, SIMPLEX_BUILD));
    cr_expect_eq(simplex_next_ms(bench.engine), bench.now_ms + PULSE_MS);
    tell_time(&bench, PULSE_MS);
    cr_assert_not_null(find_action(&bench, SIMPLEX_BUILD));
    cr_expect_eq(find_action(&bench, SIMPLEX_BUILD)->view, 1);
    bench_end(&bench);
}

Test(simplex_alone, builds_at_once_at_pulse_0_but_waits_before_an_empty_block)
{
    struct bench bench;
    start(&bench, 0);
    tell_work(&bench, WORK_EMPTY_BLOCK);
    cr_expect_null(find_action(&bench, SIMPLEX_BUILD));
    cr_expect_eq(simplex_next_ms(bench.engine), bench.now_ms + 10);
    tell_work(&bench, WORK_TRANSACTIONS);
    cr_expect_not_null(find_action(&bench, SIMPLEX_BUILD));
    bench_end(&bench);
}

Test(simplex_alone, finalizes_its_block_in_one_turn)
{
    struct bench bench;
    start(&bench, 0);
    tell_work(&bench, WORK_TRANSACTIONS);
    build_and_finish(&bench, 1, WORK_NONE);
    cr_assert_eq(count_actions(&bench, SIMPLEX_COMMIT), 1);
    const struct simplex_action *commit = find_action(&bench, SIMPLEX_COMMIT);
    cr_expect_eq(commit->message.certificate.kind, MESSAGE_FINALIZE);
    cr_expect_eq(commit->message.certificate.signatures_count, 1);
    cr_expect_eq(simplex_final_height(bench.engine), 1);
    cr_expect_eq(simplex_next_ms(bench.engine), UINT64_MAX, "nothing is left to do");
    bench_end(&bench);
}

Test(simplex_alone, goes_on_while_work_is_left_a_view_a_block)
{
    struct bench bench;
    start(&bench, PULSE_MS);
    tell_work(&bench, WORK_TRANSACTIONS);
    for (unsigned i = 1; i <= 20; i++) {
        tell_time(&bench, PULSE_MS);
        cr_assert_eq(build_and_finish(&bench, i, WORK_TRANSACTIONS), i);
        cr_assert_eq(simplex_final_height(bench.engine), i);
        cr_assert_null(find_action(&bench, SIMPLEX_BUILD), "a pulse lies between");
        cr_assert_eq(simplex_next_ms(bench.engine), bench.now_ms + PULSE_MS);
    }
    bench_end(&bench);
}

Test(simplex_alone, builds_the_next_block_only_on_a_final_one)
{
    struct bench bench;
    start(&bench, 0);
    tell_work(&bench, WORK_TRANSACTIONS);
    build_and_finish(&bench, 1, WORK_TRANSACTIONS);
    size_t commit = 0, next = 0;
    for (size_t i = 0; i < bench.out.count; i++) {
        commit = bench.out.actions[i].kind == SIMPLEX_COMMIT ? i : commit;
        next = bench.out.actions[i].kind == SIMPLEX_BUILD ? i : next;
    }
    cr_expect_gt(commit, 0);
    cr_expect_gt(next, commit);
    bench_end(&bench);
}

Test(simplex_alone, sleeps_when_there_was_nothing_to_include)
{
    struct bench bench;
    start(&bench, 0);
    tell_work(&bench, WORK_TRANSACTIONS);
    simplex_on_build_failed(bench.engine, 1, UNBUILT_NOTHING_NEW, bench.now_ms, &bench.out);
    cr_expect_eq(simplex_next_ms(bench.engine), UINT64_MAX);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 0, "no view is given up");
    bench_clear(&bench);
    tell_work(&bench, WORK_TRANSACTIONS);
    cr_expect_not_null(find_action(&bench, SIMPLEX_BUILD));
    bench_end(&bench);
}

Test(simplex_alone, pauses_longer_after_each_failed_build)
{
    struct bench bench;
    uint64_t expected = 1000;
    start(&bench, 0);
    tell_work(&bench, WORK_TRANSACTIONS);
    for (unsigned i = 0; i < 10; i++) {
        const struct simplex_action *build = find_action(&bench, SIMPLEX_BUILD);
        cr_assert_not_null(build, "after failure %u", i);
        const uint64_t view = build->view;
        bench_clear(&bench);
        simplex_on_build_failed(bench.engine, view, UNBUILT_FAILED, bench.now_ms, &bench.out);
        cr_assert_not_null(find_cast(&bench, MESSAGE_NULLIFY, view));
        finish_casts(&bench);
        tell_work(&bench, WORK_TRANSACTIONS);
        cr_assert_null(find_action(&bench, SIMPLEX_BUILD));
        cr_assert_eq(simplex_next_ms(bench.engine), bench.now_ms + expected, "after failure %u", i);
        bench_clear(&bench);
        tell_time(&bench, expected);
        expected = expected < 64000 ? expected * 2 : expected;
    }
    build_and_finish(&bench, 1, WORK_NONE);
    cr_expect_eq(simplex_final_height(bench.engine), 1);
    bench_end(&bench);
}

Test(simplex_alone, is_never_timed_out_however_long_a_build_takes)
{
    struct bench bench;
    start(&bench, 0);
    tell_work(&bench, WORK_TRANSACTIONS);
    cr_expect_eq(simplex_next_ms(bench.engine), UINT64_MAX);
    tell_time(&bench, 3600000);
    build_and_finish(&bench, 1, WORK_NONE);
    cr_expect_eq(simplex_final_view(bench.engine), 1);
    bench_end(&bench);
}

Test(simplex_alone, goes_on_from_its_last_block_after_a_restart)
{
    struct bench bench;
    start(&bench, 0);
    tell_work(&bench, WORK_TRANSACTIONS);
    build_and_finish(&bench, 1, WORK_NONE);
    bench_restart(&bench);
    bench_begin(&bench);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_time(&bench, 10);
    cr_expect_eq(build_and_finish(&bench, 2, WORK_NONE), 2);
    cr_expect_eq(simplex_final_height(bench.engine), 2);
    bench_end(&bench);
}

/* Its own finalize vote is in the log and the block's certificate says what it was for: there is
 * nobody else to propose it again. */
Test(simplex_alone, finalizes_after_a_restart_what_it_voted_for_before)
{
    struct bench bench;
    const hash256 proposal = digest_of(1, 0, 1);
    start(&bench, 0);
    bench_restart(&bench);
    tell_logged_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    simplex_on_logged_vote(bench.engine, MESSAGE_NOTARIZE, 1, &proposal);
    simplex_on_logged_vote(bench.engine, MESSAGE_FINALIZE, 1, &proposal);
    bench_begin(&bench);
    tell_block(&bench, 1, 0, 1);
    finish_casts(&bench);
    cr_expect_eq(simplex_final_view(bench.engine), 1);
    cr_expect_eq(simplex_final_height(bench.engine), 1);
    bench_end(&bench);
}

/* t_retry: what a member repeats as long as nothing is final, however long that lasts. */
#include <criterion/criterion.h>

#include "tests/unit/node/consensus/simplex_bench.h"

/* Gives up the first `views` views, each of which a quorum nullifies; stands in the one after. */
static void fail_views(struct bench *bench, unsigned views)
{
    tell_work(bench, WORK_TRANSACTIONS);
    for (uint64_t view = 1; view <= views; view++) {
        tell_nullifies(bench, 2, view);
        finish_casts(bench);
        tell_certificate(bench, MESSAGE_NULLIFY, view, 0, 0);
    }
}

/* Up to the next t_retry, and what is sent then; counts the votes a view. */
static unsigned count_resent(struct bench *bench, unsigned sent[], unsigned views)
{
    unsigned votes = 0;
    bench_clear(bench);
    while (count_sent(bench, PEER_VOTE) == 0) {
        cr_assert_lt(simplex_next_ms(bench->engine), bench->now_ms + LONG_MS);
        bench->now_ms = simplex_next_ms(bench->engine);
        simplex_on_time(bench->engine, bench->now_ms, &bench->out);
    }
    for (size_t i = 0; i < bench->out.count; i++) {
        const struct simplex_action *action = &bench->out.actions[i];
        if (action->kind != SIMPLEX_SEND || action->message.kind != PEER_VOTE)
            continue;
        cr_assert_leq(action->message.vote.view, views);
        sent[action->message.vote.view]++;
        votes++;
    }
    return votes;
}

/* However many views failed, a retry repeats the votes of 16 of them: of the newest eight each time,
 * of all others in turn, so that every vote goes out again and again until a view is final. */
Test(simplex_resend, repeats_the_newest_votes_each_time_and_older_ones_in_turn)
{
    struct bench bench;
    unsigned sent[41] = {0};
    bench_start(&bench, 4, 1);
    fail_views(&bench, 39);
    tell_nullifies(&bench, 2, 40);
    finish_casts(&bench);
    for (unsigned time = 0; time < 4; time++) /* 32 others */
        cr_expect_eq(count_resent(&bench, sent, 40), 16, "time %u", time);
    for (unsigned view = 1; view <= 40; view++)
        cr_expect_eq(sent[view], view > 32 ? 4 : 1, "view %u: %u", view, sent[view]);
    cr_expect_eq(count_resent(&bench, sent, 40), 16);
    cr_expect_eq(sent[1], 2, "from the front again");
    bench_end(&bench);
}

Test(simplex_resend, repeats_all_votes_of_few_views)
{
    struct bench bench;
    unsigned sent[13] = {0};
    bench_start(&bench, 4, 1);
    fail_views(&bench, 11);
    tell_nullifies(&bench, 2, 12);
    finish_casts(&bench);
    cr_expect_eq(count_resent(&bench, sent, 12), 12);
    for (unsigned view = 1; view <= 12; view++)
        cr_expect_eq(sent[view], 1, "view %u", view);
    bench_end(&bench);
}

/* Whoever voted for it has it. */
Test(simplex_resend, repeats_its_proposal_to_those_who_did_not_vote_for_it)
{
    struct bench bench;
    unsigned sent[2] = {0}, to[4] = {0};
    bench_start(&bench, 4, 1);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_time(&bench, bench.config.pulse_ms);
    tell_built(&bench, 1, 0, 1);
    finish_proposal(&bench);
    finish_casts(&bench);
    cr_assert_eq(count_sent(&bench, PEER_PROPOSAL), 1, "to all");
    const hash256 digest = digest_of(1, 0, 1);
    tell_votes(&bench, 1, MESSAGE_NOTARIZE, 1, &digest);
    count_resent(&bench, sent, 1);
    for (size_t i = 0; i < bench.out.count; i++) {
        const struct simplex_action *action = &bench.out.actions[i];
        if (action->kind != SIMPLEX_SEND || action->message.kind != PEER_PROPOSAL)
            continue;
        cr_assert_lt(action->to, 4);
        to[action->to]++;
    }
    cr_expect_eq(to[bench.config.own_index], 0);
    cr_expect_eq(to[bench_other(&bench, 0)], 0);
    cr_expect_eq(to[bench_other(&bench, 1)], 1);
    cr_expect_eq(to[bench_other(&bench, 2)], 1);
    bench_end(&bench);
}

/* What an engine says of itself in a STATUS, and what it does on another's. */
#include <criterion/criterion.h>

#include "tests/unit/node/consensus/simplex_bench.h"

/* Encoded and decoded, as `member` receives it. */
static struct status status_to(const struct bench *bench, unsigned member)
{
    struct status status = {0}, received;
    struct buffer encoded = {0};
    simplex_fill_status(bench->engine, member, &status);
    status_encode(&status, &encoded);
    cr_assert(status_decode(&received, buffer_view(&encoded), bench->config.thresholds.members));
    buffer_cleanup(&encoded);
    return received;
}

Test(simplex_status, shows_each_member_its_own_latest_votes)
{
    struct bench bench;
    const hash256 proposal = digest_of(2, 1, 2);
    bench_start(&bench, 4, 4);
    const unsigned member = bench_other(&bench, 1);
    tell_vote(&bench, member, MESSAGE_NULLIFY, 1, NULL);
    tell_vote(&bench, member, MESSAGE_NULLIFY, 2, NULL);
    tell_vote(&bench, member, MESSAGE_NOTARIZE, 2, &proposal);
    struct status status = status_to(&bench, member);
    cr_assert_eq(status.votes_count, 2);
    cr_expect_eq(status.votes[0].kind, MESSAGE_NOTARIZE);
    cr_expect_eq(status.votes[1].view, 2);
    status = status_to(&bench, bench_other(&bench, 0));
    cr_expect_eq(status.votes_count, 0);
    bench_end(&bench);
}

/* A follower asks, too: it has no votes, and an index of none. */
Test(simplex_status, shows_no_votes_to_whoever_is_no_member)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_nullifies(&bench, 1, 1);
    cr_expect_eq(status_to(&bench, 4).votes_count, 0);
    cr_expect_eq(status_to(&bench, SIMPLEX_ALL).votes_count, 0);
    bench_end(&bench);
}

/* Whoever is behind learns from it that there is a seal. */
Test(simplex_status, of_a_sealed_engine_is_accepted)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_final_seal(&bench);
    const struct status status = status_to(&bench, 0);
    cr_expect_eq(status.final_view, 1);
    cr_expect_eq(status.view, 2);
    cr_expect_eq(status.entry_kind, MESSAGE_FINALIZE);
    bench_end(&bench);
}

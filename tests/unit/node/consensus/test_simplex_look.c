/* What is worth verifying (2.15 pre): what this member would take if its signatures are good. */
#include <criterion/criterion.h>

#include "tests/unit/node/consensus/simplex_bench.h"

static bool wants_vote(const struct bench *bench, struct vote vote)
{
    return simplex_wants_vote(bench->engine, &vote);
}

static bool wants_certificate(const struct bench *bench, struct certificate certificate)
{
    return simplex_wants_certificate(bench->engine, &certificate);
}

static bool wants_proposal(const struct bench *bench, struct proposal proposal)
{
    return simplex_wants_proposal(bench->engine, &proposal);
}

Test(simplex_look, at_votes_that_are_new_or_contradict)
{
    struct bench bench;
    const hash256 one = digest_of(1, 0, 1), two = digest_of(1, 0, 2);
    bench_start(&bench, 4, 4);
    const uint16_t signer = (uint16_t)bench_other(&bench, 0);
    struct vote vote = {
        .kind = MESSAGE_NOTARIZE, .epoch = 1, .view = 1, .proposal = one, .signer = signer};
    cr_expect(wants_vote(&bench, vote));
    tell_vote(&bench, signer, MESSAGE_NOTARIZE, 1, &one);
    cr_expect_not(wants_vote(&bench, vote), "it is here");
    vote.proposal = two;
    cr_expect(wants_vote(&bench, vote), "evidence");
    tell_vote(&bench, signer, MESSAGE_NOTARIZE, 1, &two);
    vote.proposal = digest_of(1, 0, 3);
    cr_expect_not(wants_vote(&bench, vote), "it is accused already");
    vote.view = 4;
    cr_expect_not(wants_vote(&bench, vote), "too far ahead");
    vote.view = 0;
    cr_expect_not(wants_vote(&bench, vote), "final");
    vote.view = 2, vote.signer = 4;
    cr_expect_not(wants_vote(&bench, vote), "a stranger");
    vote.signer = signer, vote.epoch = 2;
    cr_expect_not(wants_vote(&bench, vote), "another epoch");
    bench_end(&bench);
}

Test(simplex_look, at_certificates_of_open_views_that_are_not_here)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    struct certificate certificate = {.kind = MESSAGE_NULLIFY, .epoch = 1, .view = 1};
    cr_expect(wants_certificate(&bench, certificate));
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    cr_expect_not(wants_certificate(&bench, certificate), "it is here");
    certificate.kind = MESSAGE_NOTARIZE;
    cr_expect(wants_certificate(&bench, certificate), "of another kind");
    certificate.view = 1000;
    cr_expect(wants_certificate(&bench, certificate), "it leads there");
    certificate.epoch = 2;
    cr_expect_not(wants_certificate(&bench, certificate), "another epoch");
    certificate.epoch = 1, certificate.view = 0;
    cr_expect_not(wants_certificate(&bench, certificate), "final");
    bench_end(&bench);
}

Test(simplex_look, at_the_first_proposal_of_a_view_and_at_one_that_accuses_its_leader)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    struct proposal proposal = {.epoch = 1, .view = 1, .block = block_hash(1)};
    cr_expect(wants_proposal(&bench, proposal));
    tell_nullifies(&bench, 1, 1);
    cr_expect(wants_proposal(&bench, proposal), "votes of the view came first");
    tell_proposal(&bench, 1, 0, 1);
    cr_expect_not(wants_proposal(&bench, proposal), "it is here");
    proposal.block = block_hash(2);
    cr_expect(wants_proposal(&bench, proposal), "evidence");
    tell_proposal(&bench, 1, 0, 2);
    proposal.block = block_hash(3);
    cr_expect_not(wants_proposal(&bench, proposal), "its leader is accused already");
    proposal.view = 50;
    cr_expect(wants_proposal(&bench, proposal), "its certificates may lead there");
    proposal.view = 0;
    cr_expect_not(wants_proposal(&bench, proposal), "final");
    proposal.view = 2, proposal.epoch = 2;
    cr_expect_not(wants_proposal(&bench, proposal), "another epoch");
    bench_end(&bench);
}

Test(simplex_look, at_nothing_once_the_epoch_is_sealed)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_final_seal(&bench);
    cr_expect_not(wants_vote(&bench, (struct vote){MESSAGE_NULLIFY, .epoch = 1, .view = 2}));
    cr_expect_not(wants_certificate(
        &bench, (struct certificate){.kind = MESSAGE_NULLIFY, .epoch = 1, .view = 2}));
    cr_expect_not(wants_proposal(&bench, (struct proposal){.epoch = 1, .view = 2}));
    bench_end(&bench);
}

Test(simplex_look, helps_members_that_are_behind_and_nobody_else)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    bench_clear(&bench);
    simplex_help(bench.engine, 4, 1, bench.now_ms, &bench.out);
    simplex_help(bench.engine, bench_other(&bench, 0), 2, bench.now_ms, &bench.out);
    cr_expect_eq(bench.out.count, 0, "a stranger, and who stands here");
    simplex_help(bench.engine, bench_other(&bench, 0), 1, bench.now_ms, &bench.out);
    cr_expect_not_null(find_sent_certificate(&bench, MESSAGE_NULLIFY, 1));
    bench_end(&bench);
}

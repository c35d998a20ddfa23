/* The rules R0 to R7 of the design (consensus 2.6), each where it decides. */
#include <criterion/criterion.h>

#include "tests/unit/node/consensus/simplex_bench.h"

static unsigned votes_sent_in(const struct bench *bench, uint64_t view)
{
    unsigned count = 0;
    for (size_t i = 0; i < bench->out.count; i++) {
        const struct simplex_action *action = &bench->out.actions[i];
        count += (action->kind == SIMPLEX_CAST && action->vote.view == view)
                 || (action->kind == SIMPLEX_SEND && action->message.kind == PEER_VOTE
                     && action->message.vote.view == view);
    }
    return count;
}

/* ---- R0: nothing at or below the final view ------------------------------------------------- */

Test(simplex_r0, says_nothing_in_a_view_that_is_final)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_nullifies(&bench, 2, 1);
    finish_casts(&bench);
    cr_assert_gt(votes_sent_in(&bench, 1), 0, "it nullified view 1");
    tell_final(&bench, 1);
    cr_assert_eq(simplex_final_view(bench.engine), 1);
    bench_clear(&bench);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    tell_proposal(&bench, 1, 0, 1);
    tell_nullifies(&bench, 3, 1);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_time(&bench, LONG_MS);
    cr_expect_eq(votes_sent_in(&bench, 1), 0);
    cr_expect_eq(simplex_view(bench.engine), 2);
    bench_end(&bench);
}

Test(simplex_r0, drops_a_vote_that_was_synced_too_late)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_block(&bench, 1, 0, 1);
    tell_proposal(&bench, 1, 0, 1);
    cr_assert_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 1));
    tell_certificate(&bench, MESSAGE_FINALIZE, 1, 0, 1);
    finish_casts(&bench);
    cr_expect_eq(count_sent(&bench, PEER_VOTE), 0);
    bench_end(&bench);
}

/* ---- R1: notarize --------------------------------------------------------------------------- */

Test(simplex_r1, notarizes_the_first_proposal_and_names_a_leader_of_two)
{
    struct bench bench;
    const hash256 first = digest_of(1, 0, 1);
    bench_start(&bench, 4, 4);
    tell_block(&bench, 1, 0, 1);
    tell_sibling(&bench, 2, 0, 1);
    tell_proposal(&bench, 1, 0, 1);
    const struct vote *vote = find_cast(&bench, MESSAGE_NOTARIZE, 1);
    cr_assert_not_null(vote);
    cr_expect(hash256_equal(&vote->proposal, &first));
    tell_proposal(&bench, 1, 0, 2);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 1);
    cr_assert_eq(count_actions(&bench, SIMPLEX_ACCUSE), 1);
    cr_expect_eq(find_action(&bench, SIMPLEX_ACCUSE)->evidence.signer, bench_leader(&bench, 1));
    tell_proposal(&bench, 1, 0, 2);
    cr_expect_eq(count_actions(&bench, SIMPLEX_ACCUSE), 1, "once");
    bench_end(&bench);
}

Test(simplex_r1, notarizes_in_the_current_view_only)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_block(&bench, 1, 0, 1);
    tell_block(&bench, 2, 1, 2);
    tell_proposal(&bench, 2, 1, 2);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 0);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 2), "kept until its view came");
    bench_end(&bench);
}

Test(simplex_r1, does_not_notarize_after_nullifying)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_block(&bench, 1, 0, 1);
    tell_nullifies(&bench, 2, 1);
    cr_assert_not_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    tell_proposal(&bench, 1, 0, 1);
    cr_expect_null(find_cast(&bench, MESSAGE_NOTARIZE, 1));
    bench_end(&bench);
}

Test(simplex_r1, asks_for_the_nullification_of_a_skipped_view_before_it_votes)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_notarized(&bench, 1);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 2, 1, 2);
    tell_header(&bench, 5, 1, 3, 2, false);
    tell_executed(&bench, 5, true);
    bench_clear(&bench);
    tell_proposal(&bench, 3, 1, 5);
    cr_expect_null(find_cast(&bench, MESSAGE_NOTARIZE, 3));
    cr_expect(is_asked_for(&bench, 2));
    tell_certificate(&bench, MESSAGE_NULLIFY, 2, 0, 0);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 3));
    bench_end(&bench);
}

Test(simplex_r1, asks_for_the_parents_certificate_before_it_votes)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_block(&bench, 1, 0, 1);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    tell_block(&bench, 2, 1, 2);
    bench_clear(&bench);
    tell_proposal(&bench, 2, 1, 2);
    cr_expect_null(find_cast(&bench, MESSAGE_NOTARIZE, 2));
    cr_expect(is_asked_for(&bench, 1));
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 2));
    bench_end(&bench);
}

/* The block must name the certified block as its parent and the view as its own. */
Test(simplex_r1, gives_up_a_view_whose_block_does_not_fit)
{
    static const struct {
        unsigned parent;
        uint64_t view;
        enum consensus_message vote;
    } rows[] = {{1, 2, MESSAGE_NOTARIZE}, {0, 2, MESSAGE_NULLIFY}, {1, 1, MESSAGE_NULLIFY}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct bench bench;
        bench_start(&bench, 4, 4);
        tell_notarized(&bench, 1);
        tell_block(&bench, 2, rows[i].parent, rows[i].view);
        bench_clear(&bench);
        tell_proposal(&bench, 2, 1, 2);
        cr_expect_not_null(find_cast(&bench, rows[i].vote, 2), "row %zu", i);
        cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 1, "row %zu", i);
        bench_end(&bench);
    }
}

Test(simplex_r1, gives_up_a_view_whose_parent_is_not_below_it_or_below_the_final_one)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_proposal(&bench, 1, 1, 1);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    tell_final(&bench, 1);
    tell_proposal(&bench, 2, 0, 0);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 2));
    bench_end(&bench);
}

Test(simplex_r1, notarizes_the_parent_again)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_notarized(&bench, 1);
    tell_proposal(&bench, 2, 1, 1);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 2));
    bench_end(&bench);
}

Test(simplex_r1, notarizes_nothing_but_the_seal_after_the_seal)
{
    for (unsigned again = 0; again < 2; again++) {
        struct bench bench;
        bench_start(&bench, 4, 4);
        tell_seal(&bench, 1, 0, 1);
        tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
        tell_block(&bench, 2, 1, 2);
        tell_proposal(&bench, 2, 1, again ? 1 : 2);
        cr_expect_not_null(find_cast(&bench, again ? MESSAGE_NOTARIZE : MESSAGE_NULLIFY, 2));
        bench_end(&bench);
    }
}

Test(simplex_r1, waits_with_a_block_on_a_parent_16_deep_until_something_is_final)
{
    struct bench bench;
    bench_start(&bench, 4, 18); /* leads none of the views 1 to 17 but 2, 6, 10, 14 */
    for (unsigned i = 1; i <= 16; i++) {
        tell_notarized(&bench, i);
    }
    tell_block(&bench, 17, 16, 17);
    bench_clear(&bench);
    tell_proposal(&bench, 17, 16, 17);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 0, "neither a notarize nor a nullify vote");
    cr_expect(is_asked_for(&bench, 1), "for a finalization at 1 or above");
    tell_certificate(&bench, MESSAGE_FINALIZE, 1, 0, 1);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 17));
    bench_end(&bench);
}

/* ---- R2: nullify ---------------------------------------------------------------------------- */

Test(simplex_r2, gives_up_a_view_with_work_when_its_leader_is_late)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_time(&bench, LONG_MS);
    cr_expect_eq(bench.out.count, 0, "idle");
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_time(&bench, 449); /* t_leader = 2 * 100 + 2 * 100 + 50 ms */
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 0);
    tell_time(&bench, 1);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 1);
    bench_end(&bench);
}

Test(simplex_r2, gives_up_a_view_with_a_proposal_when_it_takes_too_long)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_block(&bench, 1, 0, 1);
    tell_proposal(&bench, 1, 0, 1);
    tell_time(&bench, 699); /* t_adv = t_leader + 2 * 100 + 50 ms */
    cr_expect_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    tell_time(&bench, 1);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 1), "also after its own notarize vote");
    bench_end(&bench);
}

Test(simplex_r2, follows_the_leader_or_enough_that_one_is_honest)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    const unsigned leader = bench_leader(&bench, 1);
    unsigned told = 0;
    for (unsigned i = 0; i < 3 && told < 2; i++) {
        if (bench_other(&bench, i) == leader)
            continue;
        tell_vote(&bench, bench_other(&bench, i), MESSAGE_NULLIFY, 1, NULL);
        told++;
        cr_expect_eq(find_cast(&bench, MESSAGE_NULLIFY, 1) != NULL, told == 2, "%u", told);
    }
    bench_end(&bench);
    bench_start(&bench, 4, 4);
    tell_vote(&bench, leader, MESSAGE_NULLIFY, 1, NULL);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    bench_end(&bench);
}

/* Votes that came before their view, and none twice. */
Test(simplex_r2, looks_again_when_it_enters_a_view)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_vote(&bench, bench_leader(&bench, 2), MESSAGE_NULLIFY, 2, NULL);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 0);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 2));
    tell_time(&bench, LONG_MS);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 1);
    bench_end(&bench);
}

Test(simplex_r2, gives_up_its_own_view_when_it_cannot_build)
{
    struct bench bench;
    bench_start(&bench, 4, 1);
    tell_work(&bench, WORK_TRANSACTIONS);
    cr_assert_eq(count_actions(&bench, SIMPLEX_BUILD), 1);
    simplex_on_build_failed(bench.engine, 1, UNBUILT_FAILED, bench.now_ms, &bench.out);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    bench_end(&bench);
}

/* As after a crash that cost the certificate: the log has the finalize vote alone. */
Test(simplex_r2, never_nullifies_a_view_that_it_voted_to_finalize)
{
    struct bench bench;
    const hash256 proposal = digest_of(1, 0, 1);
    bench_init(&bench, 4, 4);
    simplex_on_logged_vote(bench.engine, MESSAGE_FINALIZE, 1, &proposal);
    bench_begin(&bench);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_nullifies(&bench, 2, 1);
    tell_time(&bench, LONG_MS);
    cr_assert_eq(simplex_view(bench.engine), 1);
    cr_expect_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    bench_end(&bench);
}

/* ---- R3: finalize --------------------------------------------------------------------------- */

Test(simplex_r3, finalizes_what_is_notarized_and_executed_also_after_the_view)
{
    struct bench bench;
    const hash256 proposal = digest_of(1, 0, 1);
    bench_start(&bench, 4, 4);
    tell_proposal(&bench, 1, 0, 1);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    cr_expect_eq(simplex_view(bench.engine), 2);
    cr_expect_null(find_cast(&bench, MESSAGE_FINALIZE, 1), "not executed yet");
    tell_block(&bench, 1, 0, 1);
    const struct vote *vote = find_cast(&bench, MESSAGE_FINALIZE, 1);
    cr_assert_not_null(vote);
    cr_expect(hash256_equal(&vote->proposal, &proposal));
    bench_end(&bench);
}

Test(simplex_r3, does_not_finalize_what_is_executed_but_not_notarized)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_block(&bench, 1, 0, 1);
    tell_proposal(&bench, 1, 0, 1);
    finish_casts(&bench);
    const hash256 proposal = digest_of(1, 0, 1);
    tell_vote(&bench, bench_other(&bench, 0), MESSAGE_NOTARIZE, 1, &proposal);
    cr_expect_null(find_cast(&bench, MESSAGE_FINALIZE, 1), "two of three");
    tell_vote(&bench, bench_other(&bench, 1), MESSAGE_NOTARIZE, 1, &proposal);
    cr_expect_not_null(find_cast(&bench, MESSAGE_FINALIZE, 1));
    bench_end(&bench);
}

Test(simplex_r3, does_not_finalize_against_its_own_notarize_vote)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_block(&bench, 1, 0, 1);
    tell_sibling(&bench, 2, 0, 1);
    tell_proposal(&bench, 1, 0, 1);
    cr_assert_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 1));
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 2);
    cr_expect_null(find_cast(&bench, MESSAGE_FINALIZE, 1));
    bench_end(&bench);
}

/* 2.7b: all that a proposal stands on is asked for at once, each view for what it must have been. */
Test(simplex_r1, asks_for_the_whole_ancestry_of_a_proposal_at_once)
{
    struct bench bench;
    unsigned wanted = 0;
    bench_start(&bench, 4, 4);
    tell_certificate(&bench, MESSAGE_NULLIFY, 6, 0, 0);
    bench_clear(&bench);
    tell_proposal(&bench, 7, 2, 5);
    for (size_t i = 0; i < bench.out.count; i++) {
        const struct simplex_action *want = &bench.out.actions[i];
        if (want->kind != SIMPLEX_WANT_CERTIFICATE)
            continue;
        cr_expect_eq(want->view, 2 + wanted, "views 2 to 5; view 6 is here");
        cr_expect_eq(want->to, bench_leader(&bench, 7), "the proposer first");
        cr_expect_eq(want->kinds, wanted == 0 ? CERTIFICATE_KIND_BIT(MESSAGE_NOTARIZE)
                                                    | CERTIFICATE_KIND_BIT(MESSAGE_FINALIZE)
                                              : CERTIFICATE_KIND_BIT(MESSAGE_NULLIFY));
        wanted++;
    }
    cr_expect_eq(wanted, 4);
    bench_end(&bench);
}

Test(simplex_r1, asks_no_more_than_32_views_of_one_proposal_at_once)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_certificate(&bench, MESSAGE_NULLIFY, 100000, 0, 0);
    bench_clear(&bench);
    tell_proposal(&bench, 100001, 2, 5);
    cr_expect_eq(count_actions(&bench, SIMPLEX_WANT_CERTIFICATE), 32);
    bench_end(&bench);
}

Test(simplex_r1, names_who_has_a_block_that_it_wants)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_proposal(&bench, 1, 0, 1);
    const struct simplex_action *want = find_action(&bench, SIMPLEX_WANT_BLOCK);
    cr_assert_not_null(want);
    cr_expect_eq(want->to, bench_leader(&bench, 1));
    cr_expect_eq(want->view, 1);
    bench_clear(&bench);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 2, 0, 2);
    want = find_action(&bench, SIMPLEX_WANT_BLOCK);
    cr_assert_not_null(want);
    cr_expect_eq(want->signers[0], 7, "three of four signed");
    cr_expect_eq(want->view, 2);
    bench_end(&bench);
}

/* ---- R4: views ------------------------------------------------------------------------------ */

Test(simplex_r4, enters_above_the_highest_certificate_without_its_block)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_certificate(&bench, MESSAGE_NULLIFY, 3, 0, 0);
    cr_expect_eq(simplex_view(bench.engine), 4);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1000, 3, 7);
    cr_expect_eq(simplex_view(bench.engine), 1001);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 5, 3, 5);
    cr_expect_eq(simplex_view(bench.engine), 1001, "never back");
    cr_expect_eq(count_actions(&bench, SIMPLEX_WANT_BLOCK), 2);
    bench_end(&bench);
}

Test(simplex_r4, makes_a_certificate_of_a_quorum_and_enters_by_it)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_nullifies(&bench, 2, 1);
    finish_casts(&bench); /* its own is the third */
    cr_expect_eq(simplex_view(bench.engine), 2);
    const struct simplex_action *log = find_action(&bench, SIMPLEX_LOG);
    cr_assert_not_null(log);
    cr_expect_eq(log->message.certificate.kind, MESSAGE_NULLIFY);
    cr_expect_eq(log->message.certificate.signatures_count, 3);
    bench_end(&bench);
}

/* ---- R5: validity --------------------------------------------------------------------------- */

Test(simplex_r5, gives_up_a_view_whose_block_is_invalid)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_proposal(&bench, 1, 0, 1);
    tell_header(&bench, 1, 0, 1, 1, false);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 0, "what is unknown is not invalid");
    tell_executed(&bench, 1, false);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    tell_executed(&bench, 1, true);
    cr_expect_null(find_cast(&bench, MESSAGE_NOTARIZE, 1), "a verdict is stable");
    bench_end(&bench);
}

Test(simplex_r5, votes_no_more_once_a_certified_block_is_invalid_here)
{
    for (unsigned order = 0; order < 2; order++) {
        struct bench bench;
        bench_start(&bench, 4, 4);
        tell_header(&bench, 1, 0, 1, 1, false);
        if (order == 0)
            tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
        tell_executed(&bench, 1, false);
        if (order == 1)
            tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
        cr_expect_eq(count_actions(&bench, SIMPLEX_HALT), 1);
        bench_clear(&bench);
        tell_work(&bench, WORK_TRANSACTIONS);
        tell_nullifies(&bench, 3, 2);
        tell_time(&bench, LONG_MS);
        cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 0);
        tell_request(&bench, 0, 1, CERTIFICATE_KINDS_ALL);
        cr_expect_not_null(find_sent_certificate(&bench, MESSAGE_NOTARIZE, 1), "it still serves");
        bench_end(&bench);
    }
}

/* ---- R6: time ------------------------------------------------------------------------------- */

/* The node holds a block from the future back (R6), so here it is unknown until it fits. */
Test(simplex_r6, votes_for_a_block_that_was_held_back_once_it_fits)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_header(&bench, 1, 0, 1, 1, false);
    tell_proposal(&bench, 1, 0, 1);
    tell_time(&bench, 600);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 0, "held, not invalid");
    tell_executed(&bench, 1, true);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 1));
    bench_end(&bench);
}

/* Nor does it give its view up at once: with no clock set anywhere, views would pass in no time. */
Test(simplex_r6, leads_no_view_before_its_clock_is_set)
{
    struct bench bench;
    bench_start(&bench, 4, 1);
    simplex_on_clock(bench.engine, false, bench.now_ms, &bench.out);
    tell_work(&bench, WORK_TRANSACTIONS);
    cr_expect_eq(bench.out.count, 0);
    simplex_on_clock(bench.engine, true, bench.now_ms, &bench.out);
    cr_expect_eq(count_actions(&bench, SIMPLEX_BUILD), 1);
    bench_end(&bench);
}

Test(simplex_r6, votes_without_a_clock)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    simplex_on_clock(bench.engine, false, bench.now_ms, &bench.out);
    tell_proposal(&bench, 1, 0, 1);
    tell_block(&bench, 1, 0, 1);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 1));
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_nullifies(&bench, 3, 1);
    tell_time(&bench, LONG_MS);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 2));
    bench_end(&bench);
}

/* ---- R7: one proposal a view ---------------------------------------------------------------- */

Test(simplex_r7, builds_once_and_sends_nothing_before_it_is_logged)
{
    struct bench bench;
    bench_start(&bench, 4, 1);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_work(&bench, WORK_TRANSACTIONS);
    cr_assert_eq(count_actions(&bench, SIMPLEX_BUILD), 1);
    tell_built(&bench, 1, 0, 1);
    tell_built(&bench, 2, 0, 1);
    cr_assert_eq(count_actions(&bench, SIMPLEX_PROPOSE), 1);
    cr_expect_eq(count_sent(&bench, PEER_PROPOSAL), 0);
    finish_proposal(&bench);
    cr_expect_eq(count_sent(&bench, PEER_PROPOSAL), 1);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 1), "its own vote by the same path");
    bench_end(&bench);
}

Test(simplex_r7, sends_a_logged_proposal_again_and_builds_no_other)
{
    struct bench bench;
    const hash256 block = block_hash(1);
    bench_init(&bench, 4, 1);
    simplex_on_logged_proposal(bench.engine, 1, 0, &block);
    tell_start(&bench);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_audited(&bench, 0);
    tell_time(&bench, 100);
    cr_expect_eq(count_actions(&bench, SIMPLEX_BUILD), 0);
    cr_assert_eq(count_actions(&bench, SIMPLEX_PROPOSE), 1);
    const struct simplex_action *action = find_action(&bench, SIMPLEX_PROPOSE);
    cr_expect(hash256_equal(&action->message.proposal.block, &block));
    bench_end(&bench);
}

Test(simplex_r7, drops_a_block_that_was_built_too_late)
{
    struct bench bench;
    bench_start(&bench, 4, 1);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    tell_built(&bench, 1, 0, 1);
    cr_expect_eq(count_actions(&bench, SIMPLEX_PROPOSE), 0);
    bench_end(&bench);
}

/* ---- After a loss of the log (2.9) ---------------------------------------------------------- */

Test(simplex_silence, lasts_up_to_the_bound_which_is_logged_before_any_vote)
{
    struct bench bench;
    struct status status;
    bench_init(&bench, 4, 4);
    tell_start(&bench);
    tell_nullifies(&bench, 2, 1);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 0, "not before the audit is over");
    bench_clear(&bench);
    tell_audited(&bench, 2);
    cr_assert_eq(bench.out.actions[0].kind, SIMPLEX_BOUND);
    cr_expect_eq(bench.out.actions[0].view, 2);
    simplex_fill_status(bench.engine, 0, &status);
    cr_expect_eq(status.highest_voted_view, 2);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    tell_nullifies(&bench, 2, 2);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 0);
    tell_certificate(&bench, MESSAGE_NULLIFY, 2, 0, 0);
    tell_nullifies(&bench, 2, 3);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 3));
    bench_end(&bench);
}

Test(simplex_silence, outlives_a_restart_with_the_new_log)
{
    struct bench bench;
    bench_init(&bench, 4, 4);
    simplex_on_logged_bound(bench.engine, 2);
    bench_begin(&bench);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    tell_nullifies(&bench, 2, 2);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), 0);
    cr_expect_eq(count_actions(&bench, SIMPLEX_BOUND), 0, "it is in the log");
    bench_end(&bench);
}

/* E-11: with every member needed, a reason that came during the audit must not be lost. */
Test(simplex_silence, looks_after_the_audit_at_what_came_meanwhile)
{
    struct bench bench;
    bench_init(&bench, 4, 4);
    tell_start(&bench);
    tell_vote(&bench, bench_leader(&bench, 1), MESSAGE_NULLIFY, 1, NULL);
    tell_audited(&bench, 0);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    bench_end(&bench);
    bench_init(&bench, 4, 4);
    tell_start(&bench);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_time(&bench, LONG_MS);
    tell_audited(&bench, 0);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 1), "it timed out");
    bench_end(&bench);
}

/* ---- The parent again (2.7) ----------------------------------------------------------------- */

static void expect_proposes_again(struct bench *bench, unsigned block)
{
    const hash256 hash = block_hash(block);
    tell_time(bench, 1000);
    cr_expect_eq(count_actions(bench, SIMPLEX_BUILD), 0);
    cr_assert_eq(count_actions(bench, SIMPLEX_PROPOSE), 1);
    const struct proposal *proposal = &find_action(bench, SIMPLEX_PROPOSE)->message.proposal;
    cr_expect(hash256_equal(&proposal->block, &hash));
    cr_expect_eq(proposal->parent_view, proposal->view - 1);
}

Test(simplex_again, a_leader_without_work_proposes_a_tip_that_is_not_final)
{
    struct bench bench;
    bench_start(&bench, 4, 2);
    tell_notarized(&bench, 1);
    expect_proposes_again(&bench, 1);
    bench_end(&bench);
}

Test(simplex_again, a_leader_with_work_proposes_the_seal)
{
    struct bench bench;
    bench_start(&bench, 4, 2);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_seal(&bench, 1, 0, 1);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    expect_proposes_again(&bench, 1);
    bench_end(&bench);
}

Test(simplex_again, a_leader_with_work_proposes_a_tip_16_deep)
{
    struct bench bench;
    bench_start(&bench, 4, 17);
    for (unsigned i = 1; i <= 16; i++) {
        tell_notarized(&bench, i);
        bench_clear(&bench);
    }
    tell_work(&bench, WORK_TRANSACTIONS);
    expect_proposes_again(&bench, 16);
    bench_end(&bench);
}

/* 2.8: work that others put into blocks meanwhile keeps nobody awake. */
Test(simplex_idle, sleeps_when_its_work_is_gone_and_nobody_spoke)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_work(&bench, WORK_TRANSACTIONS);
    cr_assert_neq(simplex_next_ms(bench.engine), UINT64_MAX);
    tell_work(&bench, WORK_NONE);
    cr_expect_eq(simplex_next_ms(bench.engine), UINT64_MAX);
    tell_nullifies(&bench, 1, 1);
    cr_assert_neq(simplex_next_ms(bench.engine), UINT64_MAX, "somebody else has work");
    tell_work(&bench, WORK_NONE);
    cr_expect_neq(simplex_next_ms(bench.engine), UINT64_MAX);
    bench_end(&bench);
}

/* It has no vote that could end the view. */
Test(simplex_idle, a_follower_has_no_timer_whatever_it_hears)
{
    struct bench bench;
    bench_init(&bench, 4, 4);
    bench.config.own_index = 4;
    bench_restart(&bench);
    bench_begin(&bench);
    tell_nullifies(&bench, 1, 1);
    tell_proposal(&bench, 1, 0, 1);
    cr_expect_eq(simplex_next_ms(bench.engine), UINT64_MAX);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    cr_expect_eq(simplex_view(bench.engine), 2, "but it follows");
    cr_expect_eq(simplex_next_ms(bench.engine), UINT64_MAX);
    bench_end(&bench);
}

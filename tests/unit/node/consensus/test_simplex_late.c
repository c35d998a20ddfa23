/* What comes too late, twice, early, from another epoch or about nothing that is known changes
 * nothing; and what comes last still completes what came before. */
#include <criterion/criterion.h>

#include "tests/unit/node/consensus/simplex_bench.h"

/* ---- Certificates --------------------------------------------------------------------------- */

Test(simplex_late, a_certificate_is_logged_once)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    for (unsigned i = 0; i < 3; i++)
        tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    cr_expect_eq(count_actions(&bench, SIMPLEX_LOG), 1);
    bench_end(&bench);
}

Test(simplex_late, a_sealed_engine_takes_no_certificate_and_asks_for_none)
{
    struct bench bench;
    bench_start(&bench, 4, 2);
    tell_final_seal(&bench);
    cr_assert_eq(count_actions(&bench, SIMPLEX_SEALED), 1);
    bench_clear(&bench);
    bench.now_ms += LONG_MS;
    tell_certificate(&bench, MESSAGE_NULLIFY, 2, 0, 0);
    const struct status ahead = {.epoch = 1, .view = 9, .final_view = 7};
    tell_status(&bench, &ahead);
    cr_expect_eq(bench.out.count, 0);
    bench_end(&bench);
}

Test(simplex_late, requests_are_answered_with_what_would_help)
{
    struct bench bench;
    const struct certificate_request foreign = {2, 1, CERTIFICATE_KINDS_ALL};
    bench_start(&bench, 4, 4);
    tell_request(&bench, 0, 0, CERTIFICATE_KINDS_ALL);
    cr_expect_eq(bench.out.count, 0, "nothing is final yet");
    tell_final(&bench, 1);
    tell_certificate(&bench, MESSAGE_NULLIFY, 2, 0, 0);
    bench_clear(&bench);
    simplex_on_certificate_request(bench.engine, 0, &foreign, &bench.out);
    tell_request(&bench, 0, 2, CERTIFICATE_KIND_BIT(MESSAGE_FINALIZE));
    cr_expect_eq(bench.out.count, 0, "another epoch, another kind");
    tell_request(&bench, 0, 1, CERTIFICATE_KINDS_ALL);
    cr_expect_not_null(find_sent_certificate(&bench, MESSAGE_FINALIZE, 1));
    tell_request(&bench, 0, 2, CERTIFICATE_KIND_BIT(MESSAGE_NULLIFY));
    cr_expect_not_null(find_sent_certificate(&bench, MESSAGE_NULLIFY, 2));
    bench_end(&bench);
}

/* ---- Proposals ------------------------------------------------------------------------------ */

Test(simplex_late, a_proposal_brings_the_certificates_that_it_stands_on)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_block(&bench, 1, 0, 1);
    tell_block(&bench, 3, 1, 3);
    struct certificate certificates[2] = {
        {.kind = MESSAGE_NOTARIZE, .epoch = 1, .view = 1, .block_hash = block_hash(1)},
        {.kind = MESSAGE_NULLIFY, .epoch = 1, .view = 2}};
    for (unsigned i = 0; i < 2; i++) {
        certificates[i].signatures = bench.signatures;
        certificates[i].signatures_count = 3;
    }
    const struct proposal proposal = {.epoch = 1,
                                      .view = 3,
                                      .parent_view = 1,
                                      .block = block_hash(3),
                                      .certificates = certificates,
                                      .certificates_count = 2};
    simplex_on_proposal(bench.engine, &proposal, bench.now_ms, &bench.out);
    cr_expect_eq(simplex_view(bench.engine), 3);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 3));
    bench_end(&bench);
}

/* Its certificates end the epoch, so the proposal itself comes too late; and so does what comes to
 * a sealed engine, or of another epoch. */
Test(simplex_late, a_proposal_behind_the_seal_is_nothing)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_seal(&bench, 1, 0, 1);
    struct certificate seal = {.kind = MESSAGE_FINALIZE,
                               .epoch = 1,
                               .view = 1,
                               .block_hash = block_hash(1),
                               .signatures = bench.signatures,
                               .signatures_count = 3};
    struct proposal proposal = {.epoch = 1,
                                .view = 2,
                                .parent_view = 1,
                                .block = block_hash(2),
                                .certificates = &seal,
                                .certificates_count = 1};
    simplex_on_proposal(bench.engine, &proposal, bench.now_ms, &bench.out);
    cr_expect_eq(count_actions(&bench, SIMPLEX_SEALED), 1);
    cr_expect_null(find_cast(&bench, MESSAGE_NOTARIZE, 2));
    bench_clear(&bench);
    simplex_on_proposal(bench.engine, &proposal, bench.now_ms, &bench.out);
    proposal.epoch = 2;
    simplex_on_proposal(bench.engine, &proposal, bench.now_ms, &bench.out);
    cr_expect_eq(bench.out.count, 0);
    bench_end(&bench);
}

Test(simplex_late, a_proposal_that_comes_last_completes_the_finalization)
{
    struct bench bench;
    const hash256 proposal = digest_of(1, 0, 1);
    bench_start(&bench, 4, 4);
    tell_block(&bench, 1, 0, 1);
    tell_votes(&bench, 3, MESSAGE_FINALIZE, 1, &proposal);
    cr_expect_eq(simplex_final_height(bench.engine), 0,
                 "nobody can tell what the digest stands for");
    cr_expect(is_asked_for(&bench, 1));
    tell_proposal(&bench, 1, 0, 1);
    cr_expect_eq(simplex_final_height(bench.engine), 1);
    bench_end(&bench);
}

Test(simplex_late, a_proposal_that_comes_last_may_end_the_epoch)
{
    struct bench bench;
    const hash256 proposal = digest_of(1, 0, 1);
    bench_start(&bench, 4, 4);
    tell_seal(&bench, 1, 0, 1);
    tell_votes(&bench, 3, MESSAGE_FINALIZE, 1, &proposal);
    tell_proposal(&bench, 1, 0, 1);
    cr_expect_eq(count_actions(&bench, SIMPLEX_SEALED), 1);
    cr_expect_null(find_cast(&bench, MESSAGE_NOTARIZE, 1));
    bench_end(&bench);
}

Test(simplex_late, one_proposal_told_twice_accuses_nobody)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_proposal(&bench, 1, 0, 1);
    tell_proposal(&bench, 1, 0, 1);
    cr_expect_eq(count_actions(&bench, SIMPLEX_ACCUSE), 0);
    bench_end(&bench);
}

/* ---- What this member leads ----------------------------------------------------------------- */

/* After a restart, with any vote of that view in the log: a proposal now could contradict it. */
Test(simplex_late, a_leader_that_voted_in_its_view_proposes_nothing_in_it)
{
    const hash256 proposal = digest_of(1, 0, 1), none = {{0}};
    for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++) {
        struct bench bench;
        bench_init(&bench, 4, 1);
        simplex_on_logged_vote(bench.engine, (enum consensus_message)kind, 1,
                               kind == MESSAGE_NULLIFY ? &none : &proposal);
        bench_begin(&bench);
        tell_work(&bench, WORK_TRANSACTIONS);
        tell_time(&bench, LONG_MS);
        cr_expect_eq(count_actions(&bench, SIMPLEX_BUILD), 0, "kind %u", kind);
        bench_end(&bench);
    }
}

/* Somebody has its key, or it forgot: a second proposal would contradict the first, and must not get
 * mixed up with it. */
Test(simplex_late, a_leader_that_hears_a_proposal_of_its_own_makes_no_other)
{
    struct bench bench;
    bench_start(&bench, 4, 2);
    tell_block(&bench, 1, 0, 1);
    tell_block(&bench, 2, 1, 2);
    tell_proposal(&bench, 2, 1, 2);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0); /* leads into view 2 */
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_time(&bench, LONG_MS);
    cr_expect_eq(count_actions(&bench, SIMPLEX_BUILD), 0);
    bench_end(&bench);
}

/* It nullified meanwhile, was silenced by a halt, or somebody with its key was faster. */
Test(simplex_late, a_block_that_was_built_too_late_is_not_proposed)
{
    for (unsigned reason = 0; reason < 3; reason++) {
        struct bench bench;
        bench_start(&bench, 4, 1);
        tell_work(&bench, WORK_TRANSACTIONS);
        cr_assert_eq(count_actions(&bench, SIMPLEX_BUILD), 1);
        if (reason == 0) {
            tell_nullifies(&bench, 2, 1);
        } else if (reason == 1) {
            tell_proposal(&bench, 1, 0, 2);
        } else {
            tell_header(&bench, 3, 0, 1, 1, false);
            tell_executed(&bench, 3, false);
            tell_certificate(&bench, MESSAGE_FINALIZE, 9, 0, 3);
            cr_assert_eq(count_actions(&bench, SIMPLEX_HALT), 1);
        }
        tell_built(&bench, 1, 0, 1);
        cr_expect_eq(count_actions(&bench, SIMPLEX_PROPOSE), 0, "reason %u", reason);
        bench_end(&bench);
    }
}

Test(simplex_late, the_outcome_of_a_build_that_nobody_waits_for_is_nothing)
{
    struct bench bench;
    bench_start(&bench, 4, 1);
    tell_built(&bench, 7, 6, 90);
    tell_built(&bench, 0, 0, 1);
    simplex_on_build_failed(bench.engine, 90, UNBUILT_FAILED, bench.now_ms, &bench.out);
    simplex_on_build_failed(bench.engine, 1, UNBUILT_FAILED, bench.now_ms, &bench.out);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    bench_clear(&bench);
    simplex_on_build_failed(bench.engine, 1, UNBUILT_FAILED, bench.now_ms, &bench.out);
    cr_expect_eq(bench.out.count, 0);
    bench_end(&bench);
}

/* With nothing to include and a tip that is not final, it proposes the tip. */
Test(simplex_late, a_build_that_found_nothing_goes_on_with_the_tip)
{
    struct bench bench;
    bench_start(&bench, 4, 2);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_notarized(&bench, 1);
    tell_time(&bench, 10);
    cr_assert_eq(count_actions(&bench, SIMPLEX_BUILD), 1);
    simplex_on_build_failed(bench.engine, 2, UNBUILT_NOTHING_NEW, bench.now_ms, &bench.out);
    tell_time(&bench, 300);
    cr_assert_eq(count_actions(&bench, SIMPLEX_PROPOSE), 1);
    const hash256 tip = block_hash(1);
    cr_expect(hash256_equal(&find_action(&bench, SIMPLEX_PROPOSE)->message.proposal.block, &tip));
    bench_end(&bench);
}

/* Leads view 2, block 1 of view 1 is notarized there, and no block can be added to it. */
static void start_without_room(struct bench *bench)
{
    bench_start(bench, 4, 2);
    tell_work(bench, WORK_TRANSACTIONS);
    tell_notarized(bench, 1);
    tell_time(bench, 10);
    cr_assert_eq(count_actions(bench, SIMPLEX_BUILD), 1);
    bench_clear(bench);
    simplex_on_build_failed(bench->engine, 2, UNBUILT_NO_ROOM, bench->now_ms, &bench->out);
}

/* Consensus 2.7: who fills the overlay bound proposes the parent itself, once it can have become
 * final. No view is given up. */
Test(simplex_late, a_build_without_room_goes_on_with_the_tip)
{
    struct bench bench;
    start_without_room(&bench);
    tell_time(&bench, 2 * simplex_delay_ms(bench.engine) - 20);
    cr_expect_eq(count_actions(&bench, SIMPLEX_PROPOSE), 0);
    tell_time(&bench, 20);
    const struct simplex_action *again = find_action(&bench, SIMPLEX_PROPOSE);
    cr_assert_not_null(again);
    const hash256 tip = block_hash(1);
    cr_expect(hash256_equal(&again->message.proposal.block, &tip));
    cr_expect_eq(again->message.proposal.parent_view, 1);
    cr_expect_eq(count_actions(&bench, SIMPLEX_BUILD), 0);
    cr_expect_null(find_cast(&bench, MESSAGE_NULLIFY, 2));
    bench_end(&bench);
}

/* A final tip is not proposed again: finality made room. */
Test(simplex_late, without_room_it_builds_again_once_the_tip_is_final)
{
    struct bench bench;
    start_without_room(&bench);
    tell_certificate(&bench, MESSAGE_FINALIZE, 1, 0, 1);
    tell_time(&bench, 2 * simplex_delay_ms(bench.engine));
    cr_expect_eq(count_actions(&bench, SIMPLEX_BUILD), 1);
    tell_built(&bench, 2, 1, 2);
    const struct simplex_action *made = find_action(&bench, SIMPLEX_PROPOSE);
    const hash256 built = block_hash(2);
    cr_assert_not_null(made);
    cr_expect(hash256_equal(&made->message.proposal.block, &built));
    bench_end(&bench);
}

/* Blocks of views that failed take all there is: another leader may have room. */
Test(simplex_late, without_room_on_a_final_block_the_view_is_given_up_after_one_more_try)
{
    struct bench bench;
    bench_start(&bench, 4, 1);
    tell_work(&bench, WORK_TRANSACTIONS);
    cr_assert_eq(count_actions(&bench, SIMPLEX_BUILD), 1);
    simplex_on_build_failed(bench.engine, 1, UNBUILT_NO_ROOM, bench.now_ms, &bench.out);
    cr_expect_eq(count_actions(&bench, SIMPLEX_BUILD), 2);
    cr_expect_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    simplex_on_build_failed(bench.engine, 1, UNBUILT_NO_ROOM, bench.now_ms, &bench.out);
    cr_expect_eq(count_actions(&bench, SIMPLEX_BUILD), 2);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    bench_end(&bench);
}

Test(simplex_late, a_proposal_that_was_synced_too_late_is_not_sent)
{
    for (unsigned reason = 0; reason < 3; reason++) {
        struct bench bench;
        bench_start(&bench, 4, 1);
        tell_work(&bench, WORK_TRANSACTIONS);
        tell_built(&bench, 1, 0, 1);
        struct proposal proposal = find_action(&bench, SIMPLEX_PROPOSE)->message.proposal;
        if (reason == 0) { /* its view is final */
            tell_certificate(&bench, MESSAGE_FINALIZE, 1, 0, 1);
        } else if (reason == 1) { /* the epoch is over */
            tell_seal(&bench, 2, 0, 3);
            tell_certificate(&bench, MESSAGE_FINALIZE, 3, 0, 2);
        } else { /* nobody knows the view */
            proposal.view = 90;
        }
        simplex_on_proposed(bench.engine, &proposal, bench.now_ms, &bench.out);
        cr_expect_eq(count_sent(&bench, PEER_PROPOSAL), 0, "reason %u", reason);
        bench_end(&bench);
    }
}

/* Its log lost the parent's certificate: who got the proposal could not follow it. */
Test(simplex_late, a_proposal_without_its_parents_certificate_is_not_sent)
{
    struct bench bench;
    const hash256 block = block_hash(3);
    bench_init(&bench, 4, 3);
    tell_logged_certificate(&bench, MESSAGE_NULLIFY, 2, 0, 0);
    simplex_on_logged_proposal(bench.engine, 3, 1, &block);
    bench_begin(&bench);
    finish_proposal(&bench);
    cr_expect_eq(count_sent(&bench, PEER_PROPOSAL), 0);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    tell_time(&bench, LONG_MS);
    cr_expect_gt(count_sent(&bench, PEER_PROPOSAL), 0, "it is, once it has that");
    bench_end(&bench);
}

/* ---- Votes ---------------------------------------------------------------------------------- */

Test(simplex_late, a_member_is_accused_once_a_view)
{
    struct bench bench;
    const hash256 one = digest_of(1, 0, 1), two = digest_of(1, 0, 2);
    bench_start(&bench, 4, 4);
    for (unsigned i = 0; i < 3; i++) {
        tell_vote(&bench, bench_other(&bench, 0), MESSAGE_FINALIZE, 1, &one);
        tell_vote(&bench, bench_other(&bench, 0), MESSAGE_FINALIZE, 1, &two);
        tell_vote(&bench, bench_other(&bench, 0), MESSAGE_NULLIFY, 1, NULL);
    }
    cr_expect_eq(count_actions(&bench, SIMPLEX_ACCUSE), 1);
    bench_end(&bench);
}

/* Others give a restarted member its own old votes back; it needs no help from itself. */
Test(simplex_late, an_own_old_vote_that_comes_back_is_not_answered)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    bench_clear(&bench);
    tell_vote(&bench, bench.config.own_index, MESSAGE_NULLIFY, 1, NULL);
    cr_expect_eq(bench.out.count, 0);
    bench_end(&bench);
}

/* Nothing was final before, so the one certificate is all that helps. */
Test(simplex_late, who_is_behind_gets_what_leads_here)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    bench_clear(&bench);
    struct status status = {.epoch = 1, .signer = (uint16_t)bench_other(&bench, 0), .view = 1};
    tell_status(&bench, &status);
    cr_expect_eq(bench.out.count, 1);
    cr_expect_not_null(find_sent_certificate(&bench, MESSAGE_NULLIFY, 1));
    tell_block(&bench, 1, 0, 2);
    tell_certificate(&bench, MESSAGE_FINALIZE, 2, 0, 1);
    bench_clear(&bench);
    bench.now_ms += LONG_MS;
    status.view = 3; /* stands in our view, but what is final it does not know */
    tell_status(&bench, &status);
    cr_expect_eq(bench.out.count, 1, "one certificate is both");
    cr_expect_not_null(find_sent_certificate(&bench, MESSAGE_FINALIZE, 2));
    status.epoch = 2;
    bench.now_ms += LONG_MS;
    tell_status(&bench, &status);
    cr_expect_eq(bench.out.count, 1, "another epoch's");
    bench_end(&bench);
}

Test(simplex_late, who_is_ahead_is_asked_for_what_leads_there)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    const struct status status = {
        .epoch = 1, .signer = (uint16_t)bench_other(&bench, 0), .view = 9, .final_view = 7};
    tell_status(&bench, &status);
    cr_expect_eq(count_sent(&bench, PEER_GET_CERTIFICATE), 2);
    bench_end(&bench);
}

Test(simplex_late, a_vote_that_was_synced_after_the_seal_is_not_sent)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_header(&bench, 1, 0, 1, 1, true);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    tell_nullifies(&bench, 2, 2);
    cr_assert_not_null(find_cast(&bench, MESSAGE_NULLIFY, 2));
    const struct vote vote = *find_cast(&bench, MESSAGE_NULLIFY, 2);
    tell_executed(&bench, 1, true);
    tell_certificate(&bench, MESSAGE_FINALIZE, 1, 0, 1);
    cr_assert_eq(count_actions(&bench, SIMPLEX_SEALED), 1);
    bench_clear(&bench);
    simplex_on_cast(bench.engine, &vote, bench.now_ms, &bench.out);
    cr_expect_eq(count_sent(&bench, PEER_VOTE), 0);
    bench_end(&bench);
}

/* ---- Blocks and finality -------------------------------------------------------------------- */

Test(simplex_late, a_verdict_without_a_header_or_on_an_old_block_is_nothing)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_executed(&bench, 9, true);
    tell_header(&bench, 0, 0, 0, 0, false);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1); /* wanted, not here */
    bench_clear(&bench);
    tell_executed(&bench, 1, true);
    cr_expect_eq(bench.out.count, 0);
    bench_end(&bench);
}

/* The block of the higher view is still asked for when a lower one is final. */
Test(simplex_late, what_is_named_above_the_final_view_stays_wanted)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_block(&bench, 1, 0, 1);
    tell_proposal(&bench, 1, 0, 9); /* named below only */
    tell_certificate(&bench, MESSAGE_NOTARIZE, 2, 1, 2);
    tell_proposal(&bench, 3, 2, 3);
    tell_certificate(&bench, MESSAGE_FINALIZE, 1, 0, 1);
    cr_assert_eq(simplex_final_height(bench.engine), 1);
    bench_clear(&bench);
    tell_time(&bench, LONG_MS);
    const hash256 two = block_hash(2), three = block_hash(3), nine = block_hash(9);
    bool wants[3] = {false};
    for (size_t i = 0; i < bench.out.count; i++)
        if (bench.out.actions[i].kind == SIMPLEX_WANT_BLOCK) {
            wants[0] |= hash256_equal(&bench.out.actions[i].block, &two);
            wants[1] |= hash256_equal(&bench.out.actions[i].block, &three);
            wants[2] |= hash256_equal(&bench.out.actions[i].block, &nine);
        }
    cr_expect(wants[0]);
    cr_expect(wants[1]);
    cr_expect_not(wants[2]);
    bench_end(&bench);
}

/* Two finalizations whose blocks are missing: the higher one is what is waited for. */
Test(simplex_late, the_highest_finalization_without_its_blocks_is_kept)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_certificate(&bench, MESSAGE_FINALIZE, 5, 4, 5);
    bench_clear(&bench);
    tell_certificate(&bench, MESSAGE_FINALIZE, 3, 2, 3);
    const hash256 highest = block_hash(5);
    const struct simplex_action *sync = find_action(&bench, SIMPLEX_SYNC);
    cr_assert_not_null(sync);
    cr_expect(hash256_equal(&sync->block, &highest), "what came late asks for no less");
    tell_certificate(&bench, MESSAGE_FINALIZE, 7, 6, 7);
    tell_synced(&bench, 5, 4, 5);
    tell_synced(&bench, 3, 2, 3);
    cr_expect_eq(simplex_final_height(bench.engine), 0);
    tell_synced(&bench, 7, 6, 7);
    cr_expect_eq(simplex_final_height(bench.engine), 7);
    tell_synced(&bench, 7, 6, 7);
    cr_expect_eq(simplex_final_height(bench.engine), 7, "nothing is pending any more");
    bench_end(&bench);
}

Test(simplex_late, blocks_that_come_one_by_one_make_a_pending_finalization_whole)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_certificate(&bench, MESSAGE_FINALIZE, 2, 1, 2);
    tell_header(&bench, 2, 1, 2, 2, false);
    tell_block(&bench, 1, 0, 1);
    cr_expect_eq(count_actions(&bench, SIMPLEX_COMMIT), 0);
    tell_executed(&bench, 2, true);
    cr_expect_eq(count_actions(&bench, SIMPLEX_COMMIT), 2);
    cr_expect_eq(simplex_final_height(bench.engine), 2);
    bench_end(&bench);
}

/* It ends with a finalization pending: under the sanitizers nothing leaks. */
Test(simplex_late, an_engine_may_end_with_a_finalization_pending)
{
    struct bench bench;
    const hash256 block = block_hash(2);
    bench_start(&bench, 4, 4);
    cr_expect_null(simplex_pending_final(bench.engine));
    tell_certificate(&bench, MESSAGE_FINALIZE, 2, 1, 2);
    cr_assert_not_null(simplex_pending_final(bench.engine));
    cr_expect(hash256_equal(simplex_pending_final(bench.engine), &block));
    cr_expect_eq(count_actions(&bench, SIMPLEX_SYNC), 1);
    bench_end(&bench);
}

/* ---- The log at the start ------------------------------------------------------------------- */

Test(simplex_late, what_the_log_has_of_final_views_is_passed_over)
{
    struct bench bench;
    const hash256 proposal = digest_of(1, 0, 1), block = block_hash(1);
    bench_start(&bench, 4, 1);
    tell_final(&bench, 1);
    bench_restart(&bench);
    simplex_on_logged_vote(bench.engine, MESSAGE_NOTARIZE, 1, &proposal);
    simplex_on_logged_proposal(bench.engine, 1, 0, &block);
    tell_logged_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    bench_begin(&bench);
    cr_expect_eq(simplex_view(bench.engine), 2);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST) + count_actions(&bench, SIMPLEX_PROPOSE), 0);
    bench_end(&bench);
}

Test(simplex_late, a_finalization_in_the_log_waits_for_its_blocks_after_a_restart)
{
    struct bench bench;
    bench_init(&bench, 4, 4);
    tell_logged_certificate(&bench, MESSAGE_FINALIZE, 2, 1, 2);
    tell_logged_certificate(&bench, MESSAGE_FINALIZE, 2, 1, 2);
    tell_logged_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    tell_start(&bench);
    cr_expect_eq(simplex_view(bench.engine), 3);
    cr_expect_eq(count_actions(&bench, SIMPLEX_SYNC), 1);
    tell_synced(&bench, 2, 1, 2);
    cr_expect_eq(simplex_final_height(bench.engine), 2);
    bench_end(&bench);
}

/* A proposal of a view that is over is no matter any more; one that came during the audit is. */
Test(simplex_late, after_the_audit_only_the_current_view_is_acted_in)
{
    struct bench bench;
    const hash256 block = block_hash(1);
    bench_init(&bench, 4, 1);
    simplex_on_logged_proposal(bench.engine, 1, 0, &block);
    tell_logged_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    tell_work(&bench, WORK_TRANSACTIONS);
    cr_expect_eq(bench.out.count, 0, "not before the start");
    tell_start(&bench);
    tell_block(&bench, 2, 0, 2);
    tell_proposal(&bench, 2, 0, 2);
    cr_expect_null(find_cast(&bench, MESSAGE_NOTARIZE, 2));
    tell_audited(&bench, 0);
    cr_expect_eq(count_actions(&bench, SIMPLEX_PROPOSE), 0);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 2));
    bench_end(&bench);
}

/* ---- Time ----------------------------------------------------------------------------------- */

/* 2.5: x 1.5 for each view that timed out since the last finalization, eight times at most. */
Test(simplex_late, views_that_time_out_one_after_the_other_take_longer_up_to_a_limit)
{
    struct bench bench;
    uint64_t last = 0;
    bench_start(&bench, 4, 4);
    tell_work(&bench, WORK_TRANSACTIONS);
    for (uint64_t view = 1; view <= 14; view++) {
        const uint64_t took = time_to_nullify_ms(&bench);
        if (simplex_next_ms(bench.engine) != UINT64_MAX && view > 1
            && bench_leader(&bench, view) != bench.config.own_index) {
            cr_expect_geq(took, last, "view %lu", (unsigned long)view);
            cr_expect_leq(took, 60000);
            last = took;
        }
        tell_certificate(&bench, MESSAGE_NULLIFY, view, 0, 0);
        bench_clear(&bench);
    }
    cr_expect_gt(last, 10000);
    bench_end(&bench);
}

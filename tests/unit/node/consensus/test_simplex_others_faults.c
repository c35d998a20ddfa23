/* What other implementations of such protocols got wrong (consensus 2.10), each a test of its own.
 * What is no matter of the engine stands where it belongs; node/consensus/README.md has the list. */
#include <criterion/criterion.h>

#include "tests/unit/node/consensus/simplex_bench.h"

/* ava-labs#280, #290: the rebroadcast finalized a view that had timed out. */
Test(simplex_others_faults, no_resend_finalizes_a_view_that_timed_out)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_block(&bench, 1, 0, 1);
    tell_time(&bench, 1000);
    cr_assert_not_null(find_cast(&bench, MESSAGE_NULLIFY, 1));
    finish_casts(&bench);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    tell_time(&bench, LONG_MS);
    tell_executed(&bench, 1, true);
    cr_expect_gt(count_sent(&bench, PEER_VOTE), 1, "it resent");
    cr_expect_null(find_cast(&bench, MESSAGE_FINALIZE, 1));
    bench_end(&bench);
}

/* ava-labs#546: a later vote took the place of a verified one and poisoned the certificate. */
Test(simplex_others_faults, the_first_vote_of_a_member_stays)
{
    struct bench bench;
    const hash256 proposal = digest_of(1, 0, 1);
    bench_start(&bench, 4, 4);
    tell_proposal(&bench, 1, 0, 1);
    tell_vote(&bench, bench_other(&bench, 0), MESSAGE_NOTARIZE, 1, &proposal);
    struct vote again = {.kind = MESSAGE_NOTARIZE,
                         .epoch = 1,
                         .view = 1,
                         .proposal = proposal,
                         .signer = (uint16_t)bench_other(&bench, 0)};
    again.signature.bytes[0] = 0xee;
    simplex_on_vote(bench.engine, &again, bench.now_ms, &bench.out);
    tell_vote(&bench, bench_other(&bench, 1), MESSAGE_NOTARIZE, 1, &proposal);
    cr_assert_eq(simplex_view(bench.engine), 1);
    tell_vote(&bench, bench_other(&bench, 2), MESSAGE_NOTARIZE, 1, &proposal);
    cr_assert_eq(simplex_view(bench.engine), 2);
    const struct certificate *made = &find_action(&bench, SIMPLEX_LOG)->message.certificate;
    cr_assert_eq(made->signatures_count, 3);
    for (unsigned i = 0; i < 3; i++)
        cr_expect_eq(made->signatures[i].bytes[0], bench_other(&bench, i) + 1);
    bench_end(&bench);
}

/* CVE-2020-15091: votes for another block were counted. */
Test(simplex_others_faults, votes_for_two_proposals_do_not_add_up)
{
    struct bench bench;
    const hash256 first = digest_of(1, 0, 1), second = digest_of(1, 0, 2);
    bench_start(&bench, 4, 4);
    tell_proposal(&bench, 1, 0, 1);
    tell_vote(&bench, bench_other(&bench, 0), MESSAGE_NOTARIZE, 1, &first);
    tell_vote(&bench, bench_other(&bench, 1), MESSAGE_NOTARIZE, 1, &first);
    tell_vote(&bench, bench_other(&bench, 2), MESSAGE_NOTARIZE, 1, &second);
    tell_vote(&bench, bench_other(&bench, 2), MESSAGE_NOTARIZE, 1, &first);
    cr_expect_eq(simplex_view(bench.engine), 1);
    cr_expect_eq(count_actions(&bench, SIMPLEX_LOG), 0);
    cr_expect_eq(count_actions(&bench, SIMPLEX_ACCUSE), 1);
    bench_end(&bench);
}

/* ava-labs#542: work was forgotten when a queue was full: the ledger stood still. */
Test(simplex_others_faults, work_outlives_a_build_that_failed)
{
    struct bench bench;
    bench_start(&bench, 4, 1);
    tell_work(&bench, WORK_TRANSACTIONS);
    simplex_on_build_failed(bench.engine, 1, UNBUILT_FAILED, bench.now_ms, &bench.out);
    tell_time(&bench, 1000); /* the pause after it */
    bench_clear(&bench);
    for (uint64_t view = 1; view <= 4; view++)
        tell_certificate(&bench, MESSAGE_NULLIFY, view, 0, 0);
    tell_time(&bench, 100);
    cr_assert_eq(count_actions(&bench, SIMPLEX_BUILD), 1, "it leads view 5, too");
    cr_expect_eq(find_action(&bench, SIMPLEX_BUILD)->view, 5);
    bench_end(&bench);
}

/* ava-labs#544: a self-declared number took the place of what was needed. */
Test(simplex_others_faults, a_claimed_height_hides_no_other_block)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_header(&bench, 9, 0, 1, 1, false); /* of the same height and view */
    tell_header(&bench, 8, 0, 1, UINT64_MAX, false);
    tell_block(&bench, 1, 0, 1);
    tell_proposal(&bench, 3, 1, 9); /* of a view far ahead */
    tell_proposal(&bench, 1, 0, 1);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 1));
    tell_certificate(&bench, MESSAGE_FINALIZE, 1, 0, 1);
    cr_expect_eq(simplex_final_height(bench.engine), 1);
    bench_end(&bench);
}

/* ava-labs#543: votes of the old committee counted in the new one. */
Test(simplex_others_faults, votes_of_another_epoch_count_for_nothing)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    for (unsigned epoch = 0; epoch <= 2; epoch += 2) {
        for (unsigned i = 0; i < 3; i++) {
            const struct vote vote = {.kind = MESSAGE_NULLIFY,
                                      .epoch = epoch,
                                      .view = 1,
                                      .signer = (uint16_t)bench_other(&bench, i)};
            simplex_on_vote(bench.engine, &vote, bench.now_ms, &bench.out);
        }
        const struct certificate certificate = {.kind = MESSAGE_NULLIFY, .epoch = epoch, .view = 1};
        simplex_on_certificate(bench.engine, &certificate, bench.now_ms, &bench.out);
    }
    cr_expect_eq(simplex_view(bench.engine), 1);
    cr_expect_eq(bench.out.count, 0);
    bench_end(&bench);
}

/* ava-labs#545: a height was used again after the seal. */
Test(simplex_others_faults, nothing_more_is_said_in_an_epoch_that_is_sealed)
{
    struct bench bench;
    bench_start(&bench, 4, 2);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_final_seal(&bench);
    cr_assert_eq(count_actions(&bench, SIMPLEX_SEALED), 1);
    bench_clear(&bench);
    tell_block(&bench, 2, 1, 2);
    tell_proposal(&bench, 2, 1, 2);
    tell_nullifies(&bench, 3, 2);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_time(&bench, LONG_MS);
    cr_expect_eq(count_actions(&bench, SIMPLEX_CAST) + count_actions(&bench, SIMPLEX_BUILD)
                     + count_actions(&bench, SIMPLEX_COMMIT),
                 0);
    bench_end(&bench);
}

/* ava-labs#540: a proposal without a block in the log made every restart crash. */
Test(simplex_others_faults, a_logged_proposal_of_the_parent_again_survives_a_restart)
{
    struct bench bench;
    const hash256 block = block_hash(1), proposal = digest_of(2, 1, 1);
    bench_init(&bench, 4, 2);
    tell_logged_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
    simplex_on_logged_proposal(bench.engine, 2, 1, &block);
    simplex_on_logged_vote(bench.engine, MESSAGE_NOTARIZE, 2, &proposal);
    bench_begin(&bench);
    cr_assert_eq(simplex_view(bench.engine), 2);
    cr_expect_eq(count_actions(&bench, SIMPLEX_PROPOSE), 1);
    const struct vote *vote = find_cast(&bench, MESSAGE_NOTARIZE, 2);
    cr_assert_not_null(vote);
    cr_expect(hash256_equal(&vote->proposal, &proposal));
    bench_end(&bench);
}

/* ava-labs#306: votes were sent for ever to those who had moved on. */
Test(simplex_others_faults, who_votes_in_an_old_view_gets_the_certificate)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_final(&bench, 1);
    tell_certificate(&bench, MESSAGE_NULLIFY, 2, 0, 0);
    bench_clear(&bench);
    bench.now_ms += 1000;
    const unsigned late = bench_other(&bench, 0);
    tell_vote(&bench, late, MESSAGE_NULLIFY, 1, NULL);
    cr_expect_not_null(find_sent_certificate(&bench, MESSAGE_FINALIZE, 1));
    cr_expect_not_null(find_sent_certificate(&bench, MESSAGE_NULLIFY, 2));
    cr_expect_eq(find_action(&bench, SIMPLEX_SEND)->to, late);
    bench_clear(&bench);
    for (unsigned i = 0; i < 100; i++)
        tell_vote(&bench, late, MESSAGE_NULLIFY, 1, NULL);
    cr_expect_eq(bench.out.count, 0, "not more often than it would ask");
    bench_end(&bench);
}

/* commonware#2695, #4386: one holds the notarization of a view, the other its nullification, and
 * each refused what the other's leader built on. */
Test(simplex_others_faults, holders_of_either_certificate_of_a_view_accept_both_parents)
{
    for (unsigned skips = 0; skips < 2; skips++) {
        struct bench bench;
        bench_start(&bench, 4, 4);
        tell_block(&bench, 1, 0, 1);
        if (skips)
            tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
        else
            tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
        tell_header(&bench, 2, skips ? 0 : 1, 2, skips ? 1 : 2, false);
        tell_executed(&bench, 2, true);
        tell_proposal(&bench, 2, skips ? 0 : 1, 2);
        cr_expect_eq(count_actions(&bench, SIMPLEX_CAST), skips, "finalize of view 1, or nothing");
        cr_expect(is_asked_for(&bench, 1));
        if (skips)
            tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
        else
            tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1);
        cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 2));
        bench_end(&bench);
    }
}

/* commonware#2192, tempo#956: after a restart nobody could fetch what only this member held. */
Test(simplex_others_faults, a_restarted_member_answers_with_the_certificates_of_its_log)
{
    struct bench bench;
    bench_init(&bench, 4, 4);
    tell_logged_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    tell_start(&bench);
    bench_clear(&bench);
    tell_request(&bench, 2, 1, CERTIFICATE_KINDS_ALL);
    cr_expect_not_null(find_sent_certificate(&bench, MESSAGE_NULLIFY, 1));
    bench_end(&bench);
}

/* commonware#4275: all crash after their nullify votes; each lacked its own in the tally. */
Test(simplex_others_faults, own_votes_of_before_a_crash_count_again)
{
    struct bench bench;
    const hash256 none = {{0}};
    bench_init(&bench, 4, 4);
    simplex_on_logged_vote(bench.engine, MESSAGE_NULLIFY, 1, &none);
    bench_begin(&bench);
    finish_casts(&bench);
    cr_expect_eq(count_sent(&bench, PEER_VOTE), 1, "sent again");
    tell_nullifies(&bench, 2, 1);
    cr_expect_eq(simplex_view(bench.engine), 2);
    bench_end(&bench);
}

/* commonware#2192: one missing certificate ended all later attempts to propose. */
Test(simplex_others_faults, a_leader_proposes_when_the_missing_certificate_comes)
{
    struct bench bench;
    bench_start(&bench, 4, 3);
    tell_work(&bench, WORK_TRANSACTIONS);
    tell_certificate(&bench, MESSAGE_NULLIFY, 2, 0, 0);
    tell_time(&bench, 100);
    cr_expect_eq(count_actions(&bench, SIMPLEX_BUILD), 0);
    cr_expect(is_asked_for(&bench, 1));
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    tell_time(&bench, 100);
    cr_expect_eq(count_actions(&bench, SIMPLEX_BUILD), 1);
    bench_end(&bench);
}

/* daeji#278: a restarted node refused everything it had missed. */
Test(simplex_others_faults, a_restarted_member_takes_what_it_missed)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    bench_restart(&bench);
    bench_begin(&bench);
    tell_certificate(&bench, MESSAGE_FINALIZE, 500, 499, 200);
    cr_assert_eq(count_actions(&bench, SIMPLEX_SYNC), 1);
    const struct simplex_block synced = {block_hash(200), block_hash(199), 500, 200, false};
    simplex_on_synced(bench.engine, &synced, bench.now_ms, &bench.out);
    cr_expect_eq(simplex_final_height(bench.engine), 200);
    cr_expect_eq(simplex_view(bench.engine), 501);
    tell_block(&bench, 201, 200, 501);
    tell_proposal(&bench, 501, 500, 201);
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE, 501), "and votes at once");
    bench_end(&bench);
}

/* tempo#1020: who was down at the last block of an epoch never came back. */
Test(simplex_others_faults, a_sealed_engine_leads_a_late_member_to_the_seal)
{
    struct bench early, late;
    bench_start(&early, 4, 4);
    tell_final_seal(&early);
    bench_clear(&early);
    early.now_ms += 1000;
    tell_vote(&early, bench_other(&early, 0), MESSAGE_NULLIFY, 1, NULL);
    const struct certificate *seal = find_sent_certificate(&early, MESSAGE_FINALIZE, 1);
    cr_assert_not_null(seal);
    bench_start(&late, 4, 3);
    simplex_on_certificate(late.engine, seal, late.now_ms, &late.out);
    cr_assert_eq(count_actions(&late, SIMPLEX_SYNC), 1);
    const struct simplex_block synced = {block_hash(1), block_hash(0), 1, 1, true};
    simplex_on_synced(late.engine, &synced, late.now_ms, &late.out);
    cr_expect_eq(count_actions(&late, SIMPLEX_SEALED), 1);
    bench_end(&late);
    bench_end(&early);
}

/* Who lacks the seal may stand in the view after it and ask for that one. */
Test(simplex_others_faults, a_sealed_engine_answers_every_request_with_the_seal)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    tell_final_seal(&bench);
    bench_clear(&bench);
    tell_request(&bench, 3, 2, CERTIFICATE_KINDS_ALL);
    cr_expect_not_null(find_sent_certificate(&bench, MESSAGE_FINALIZE, 1));
    bench_end(&bench);
}

/* The caller passes on what is new, once (2.7). */
Test(simplex_others_faults, a_vote_and_a_proposal_are_new_once)
{
    struct bench bench;
    const hash256 digest = digest_of(1, 0, 1);
    struct vote vote = {.kind = MESSAGE_NOTARIZE, .epoch = 1, .view = 1, .proposal = digest};
    const struct proposal proposal = {.epoch = 1, .view = 1, .block = block_hash(1)};
    bench_start(&bench, 4, 2);
    vote.signer = (uint16_t)bench_other(&bench, 0);
    cr_expect(simplex_on_proposal(bench.engine, &proposal, bench.now_ms, &bench.out));
    cr_expect_not(simplex_on_proposal(bench.engine, &proposal, bench.now_ms, &bench.out));
    cr_expect(simplex_on_vote(bench.engine, &vote, bench.now_ms, &bench.out));
    cr_expect_not(simplex_on_vote(bench.engine, &vote, bench.now_ms, &bench.out));
    vote.view = 9; /* too far ahead to keep */
    cr_expect_not(simplex_on_vote(bench.engine, &vote, bench.now_ms, &bench.out));
    bench_end(&bench);
}

/* commonware#2043: one signer counted twice. */
Test(simplex_others_faults, a_member_counts_once_however_often_it_votes)
{
    struct bench bench;
    bench_start(&bench, 7, 7);
    for (unsigned i = 0; i < 100; i++)
        tell_vote(&bench, bench_leader(&bench, 1), MESSAGE_FINALIZE, 1, &bench.config.final_block);
    cr_expect_eq(simplex_view(bench.engine), 1);
    cr_expect_eq(bench.out.count, 0);
    bench_end(&bench);
}

/* commonware#4377: leaders drawn from certificates, which differ between members. */
Test(simplex_others_faults, leaders_do_not_depend_on_who_signed)
{
    struct bench bench;
    struct certificate entry = {.kind = MESSAGE_NULLIFY, .epoch = 1, .view = 1, .bitmap = {0x0e}};
    bench_start(&bench, 4, 2);
    entry.signatures = bench.signatures;
    entry.signatures_count = 3;
    tell_work(&bench, WORK_TRANSACTIONS);
    simplex_on_certificate(bench.engine, &entry, bench.now_ms, &bench.out);
    tell_time(&bench, 100);
    cr_expect_eq(count_actions(&bench, SIMPLEX_BUILD), 1);
    bench_end(&bench);
}

/* GHSA-p7mv-53f2-4cwj: an index beyond the committee. */
Test(simplex_others_faults, a_signer_beyond_the_committee_is_nobody)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    for (unsigned signer = 4; signer <= UINT16_MAX; signer++)
        tell_vote(&bench, signer, MESSAGE_NULLIFY, 1, NULL);
    struct status status = {.epoch = 1, .view = 1, .signer = UINT16_MAX};
    tell_status(&bench, &status);
    cr_expect_eq(bench.out.count, 0);
    bench_end(&bench);
}

/* cometbft#4114: evidence stopped the node. */
Test(simplex_others_faults, evidence_stops_nothing)
{
    struct bench bench;
    const hash256 proposal = digest_of(1, 0, 1);
    bench_start(&bench, 4, 4);
    const unsigned liar = bench_other(&bench, 0);
    tell_vote(&bench, liar, MESSAGE_NULLIFY, 1, NULL);
    tell_vote(&bench, liar, MESSAGE_FINALIZE, 1, &proposal);
    cr_assert_eq(count_actions(&bench, SIMPLEX_ACCUSE), 1);
    tell_notarized(&bench, 1);
    cr_expect_eq(simplex_view(bench.engine), 2);
    bench_end(&bench);
}

/* 2.13: nobody makes an engine keep what lies far ahead. */
Test(simplex_others_faults, votes_and_proposals_far_ahead_are_not_kept)
{
    struct bench bench;
    bench_start(&bench, 4, 4);
    for (uint64_t view = 4; view < 100; view++)
        tell_nullifies(&bench, 3, view);
    tell_proposal(&bench, 3, 2, 1);
    cr_expect_eq(bench.out.count, 0);
    tell_certificate(&bench, MESSAGE_NULLIFY, 3, 0, 0);
    cr_expect_eq(simplex_view(bench.engine), 4, "no vote of view 4 was kept");
    bench_end(&bench);
}

/* What a replica makes of proposals, verdicts, its log and the end of an epoch. */
#include "node/replica/replica.h"

#include "tests/unit/node/replica/replica_bench.h"

/* ---- From a proposal to a vote ---------------------------------------------------------------- */

Test(replica, reads_executes_logs_and_notarizes_what_a_leader_proposes)
{
    struct bench bench = start();
    tell_proposal(&bench, 1, 0, 1, "a block");
    const struct replica_action *read = find(&bench, REPLICA_READ);
    cr_assert(names(read, 1));
    cr_expect(bytes_equal(read->body, bytes_of_text("a block")));
    cr_expect_null(find_message(&bench, PEER_GET_BLOCK), "it came with the proposal");
    clear(&bench);
    tell_read(&bench, 1, 0, 1, 1);
    cr_assert(names(find(&bench, REPLICA_EXECUTE), 1));
    clear(&bench);
    tell_executed(&bench, 1, REPLICA_VALID);
    cr_assert_eq(bench.out.actions[0].kind, REPLICA_LOG_BLOCK, "in front of the vote for it");
    cr_expect(names(&bench.out.actions[0], 1));
    cr_assert_eq(bench.out.actions[1].kind, REPLICA_CAST);
    const struct vote_record *record = &bench.out.actions[1].record;
    cr_expect_eq(record->kind, VOTE_RECORD_VOTE);
    cr_expect_eq(record->vote, MESSAGE_NOTARIZE);
    cr_expect_eq(record->view, 1);
    cr_expect(hash256_equal(&record->ledger, &ledger));
    cr_expect(hash256_equal(&record->proposal, &bench.out.actions[1].vote.proposal));
    finish(&bench);
}

Test(replica, asks_the_leader_for_a_block_that_did_not_come)
{
    struct bench bench = start();
    tell_proposal(&bench, 1, 0, 1, NULL);
    const struct replica_action *ask = find_message(&bench, PEER_GET_BLOCK);
    cr_assert_not_null(ask);
    cr_expect_eq(ask->to, leader_of(&bench, 1));
    const struct message answer = body_of(1);
    cr_expect(looks(&bench, ask->to, &answer));
    tell(&bench, leader_of(&bench, 1), &answer);
    cr_expect(names(find(&bench, REPLICA_READ), 1));
    cr_expect_not(looks(&bench, 0, &answer), "once");
    finish(&bench);
}

/* A retry names the block only: who was not here when it was sent asks for it. */
Test(replica, sends_the_body_of_its_block_once)
{
    struct bench bench = make(true);
    take_seat(&bench, MEMBERS, leader_of(&bench, 1));
    begin(&bench);
    replica_on_work(bench.replica, WORK_TRANSACTIONS, bench.now_ms, &bench.out);
    cr_assert_not_null(find(&bench, REPLICA_BUILD));
    const struct simplex_block built = {block_hash(1), block_hash(0), 1, 1, false};
    replica_on_built(bench.replica, &built, bench.now_ms, &bench.out);
    cr_assert_not_null(find(&bench, REPLICA_PROPOSE));
    const struct proposal proposal = find(&bench, REPLICA_PROPOSE)->proposal;
    replica_on_proposed(bench.replica, &proposal, bench.now_ms, &bench.out);
    cr_assert_not_null(find_message(&bench, PEER_PROPOSAL));
    cr_expect(find_message(&bench, PEER_PROPOSAL)->has_body);
    clear(&bench);
    for (unsigned i = 0; i < 100 && find_message(&bench, PEER_PROPOSAL) == NULL; i++)
        pass(&bench, 100);
    const struct replica_action *again = find_message(&bench, PEER_PROPOSAL);
    cr_assert_not_null(again);
    cr_expect_not(again->has_body);
    cr_expect(names(again, 1));
    finish(&bench);
}

/* What came from the leader of view 1 was not block 1, which is no verdict on it; then it comes. */
static void expect_asked_elsewhere(struct bench *bench)
{
    cr_expect_null(find(bench, REPLICA_CAST));
    const struct replica_action *ask = find_message(bench, PEER_GET_BLOCK);
    cr_assert_not_null(ask);
    cr_expect_neq(ask->to, leader_of(bench, 1));
    tell_body(bench, ask->to, 1);
    tell_read(bench, 1, 0, 1, 1);
    tell_executed(bench, 1, REPLICA_VALID);
    cr_expect_not_null(find_cast(bench, MESSAGE_NOTARIZE));
}

/* R5: what is wrong with a transfer is never a verdict on the hash. */
Test(replica, asks_elsewhere_for_a_block_that_came_damaged)
{
    struct bench bench = start();
    const hash256 hash = block_hash(1);
    tell_proposal(&bench, 1, 0, 1, "another block");
    clear(&bench);
    replica_on_read(bench.replica, &hash, NULL, bench.now_ms, &bench.out);
    expect_asked_elsewhere(&bench);
    finish(&bench);
}

/* A wrong reveal shows only when the block is executed. */
Test(replica, asks_elsewhere_for_a_block_whose_damage_shows_late)
{
    struct bench bench = start();
    propose(&bench, 1, REPLICA_BAD_TRANSFER);
    expect_asked_elsewhere(&bench);
    finish(&bench);
}

Test(replica, nullifies_a_view_whose_block_is_invalid)
{
    struct bench bench = start();
    propose(&bench, 1, REPLICA_INVALID);
    cr_expect_null(find_cast(&bench, MESSAGE_NOTARIZE));
    cr_expect_not_null(find_cast(&bench, MESSAGE_NULLIFY));
    finish(&bench);
}

/* R6 */
Test(replica, tries_again_a_block_whose_time_has_not_come)
{
    struct bench bench = start();
    propose(&bench, 1, REPLICA_NOT_YET);
    cr_expect_null(find(&bench, REPLICA_CAST));
    cr_expect_leq(replica_next_ms(bench.replica), bench.now_ms + 1000);
    clear(&bench);
    pass(&bench, 1000);
    cr_expect(names(find(&bench, REPLICA_EXECUTE), 1));
    finish(&bench);
}

/* R6: what a quorum voted for is not held up by a clock that is wrong here. */
Test(replica, says_of_a_certified_block_that_its_time_is_right)
{
    struct bench bench = start();
    tell_proposal(&bench, 1, 0, 1, "a block");
    tell_read(&bench, 1, 0, 1, 1);
    cr_assert(names(find(&bench, REPLICA_EXECUTE), 1));
    cr_expect_not(find(&bench, REPLICA_EXECUTE)->time_is_right);
    tell_executed(&bench, 1, REPLICA_NOT_YET);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    tell_proposal(&bench, 2, 1, 2, "its child");
    tell_read(&bench, 2, 1, 2, 2);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 2, 1, 2);
    clear(&bench);
    pass(&bench, 1000);
    cr_assert(names(find(&bench, REPLICA_EXECUTE), 1));
    cr_expect(find(&bench, REPLICA_EXECUTE)->time_is_right, "through its child");
    tell_executed(&bench, 1, REPLICA_VALID);
    cr_assert_eq(count(&bench, REPLICA_EXECUTE), 2);
    finish(&bench);
}

/* A leader whose clock is ahead for good makes a block a view that nobody can vote for. */
Test(replica, forgets_a_block_that_was_put_off_with_its_view)
{
    struct bench bench = start();
    propose(&bench, 1, REPLICA_NOT_YET);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    tell_certificate(&bench, MESSAGE_NULLIFY, 2, 0, 0);
    clear(&bench);
    cr_expect_gt(replica_next_ms(bench.replica), bench.now_ms + 1000, "nothing waits for it");
    pass(&bench, 1000);
    cr_expect_null(find(&bench, REPLICA_EXECUTE));
    tell_certificate(&bench, MESSAGE_NOTARIZE, 1, 0, 1); /* both may exist */
    const struct replica_action *ask = find_message(&bench, PEER_GET_BLOCK);
    cr_assert_not_null(ask, "others have it");
    const struct message answer = {.kind = PEER_BLOCK,
                                   .block = {block_hash(1), bytes_of_text("a block")}};
    tell(&bench, ask->to, &answer);
    tell_read(&bench, 1, 0, 1, 1);
    cr_assert(names(find(&bench, REPLICA_EXECUTE), 1));
    cr_expect(find(&bench, REPLICA_EXECUTE)->time_is_right);
    finish(&bench);
}

/* Its timer would fire for ever. */
Test(replica, waits_for_no_block_whose_parent_is_gone)
{
    struct bench bench = start();
    notarize(&bench, 1);
    propose(&bench, 2, REPLICA_NOT_YET);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    tell_certificate(&bench, MESSAGE_NULLIFY, 2, 0, 0);
    tell_proposal(&bench, 3, 0, 3, "beside block 1");
    tell_read(&bench, 3, 0, 3, 1);
    tell_executed(&bench, 3, REPLICA_VALID);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 3, 0, 3);
    tell_certificate(&bench, MESSAGE_FINALIZE, 3, 0, 3);
    cr_assert_eq(simplex_final_height(replica_engine(bench.replica)), 1);
    pass(&bench, 1000);
    cr_expect_gt(replica_next_ms(bench.replica), bench.now_ms);
    finish(&bench);
}

Test(replica, keeps_its_word_that_no_clock_is_set_over_epochs)
{
    for (unsigned is_set = 0; is_set < 2; is_set++) {
        struct bench bench = make(true);
        bench.config.engine.own_index = leader_of(&bench, 1);
        replica_on_clock(bench.replica, false, bench.now_ms, &bench.out);
        replica_on_start(bench.replica, bench.now_ms, &bench.out);
        struct simplex_config next = bench.config.engine;
        next.epoch = bench.config.engine.epoch = 2;
        replica_on_epoch(bench.replica, &next, false, bench.now_ms, &bench.out);
        connect_others(&bench);
        for (unsigned i = 0; i + 1 < MEMBERS; i++)
            answer_audit(&bench, other(&bench, i));
        cr_assert(replica_is_audited(bench.replica));
        clear(&bench);
        if (is_set)
            replica_on_clock(bench.replica, true, bench.now_ms, &bench.out);
        replica_on_work(bench.replica, WORK_TRANSACTIONS, bench.now_ms, &bench.out);
        cr_expect_eq(find(&bench, REPLICA_BUILD) != NULL, is_set);
        finish(&bench);
    }
}

Test(replica, executes_a_block_after_its_parent_whatever_comes_first)
{
    struct bench bench = start();
    tell_certificate(&bench, MESSAGE_NOTARIZE, 2, 1, 2);
    tell_body(&bench, other(&bench, 0), 2);
    clear(&bench);
    tell_read(&bench, 2, 1, 2, 2);
    cr_expect_null(find(&bench, REPLICA_EXECUTE));
    const struct replica_action *ask = find_message(&bench, PEER_GET_BLOCK);
    cr_assert_not_null(ask, "its parent is asked for");
    tell_body(&bench, ask->to, 1);
    tell_read(&bench, 1, 0, 1, 1);
    cr_expect(names(find(&bench, REPLICA_EXECUTE), 1));
    clear(&bench);
    tell_executed(&bench, 1, REPLICA_VALID);
    cr_expect(names(find(&bench, REPLICA_EXECUTE), 2));
    finish(&bench);
}

/* ---- What is logged --------------------------------------------------------------------------- */

Test(replica, logs_a_block_once_however_often_it_is_proposed)
{
    struct bench bench = start();
    notarize(&bench, 1);
    cr_expect_eq(count(&bench, REPLICA_LOG_BLOCK), 1);
    tell_proposal(&bench, 2, 1, 1, NULL); /* the parent itself again */
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE));
    cr_expect_eq(count(&bench, REPLICA_LOG_BLOCK), 1);
    finish(&bench);
}

Test(replica, logs_a_certificate_before_it_votes_in_the_view_it_led_into)
{
    struct bench bench = start();
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    const struct replica_action *log = find(&bench, REPLICA_LOG);
    cr_assert_not_null(log);
    cr_expect_eq(log->record.kind, VOTE_RECORD_CERTIFICATE);
    cr_expect_eq(log->record.view, 1);
    struct certificate read;
    struct arena arena = {0};
    cr_assert(certificate_decode(&read, log->record.body, &arena));
    cr_expect_eq(read.kind, MESSAGE_NULLIFY);
    arena_cleanup(&arena);
    finish(&bench);
}

Test(replica, goes_on_from_its_log_after_a_restart)
{
    struct bench bench = make(true);
    struct buffer encoded = {0};
    struct certificate notarization = {.kind = MESSAGE_NOTARIZE,
                                       .epoch = 1,
                                       .view = 1,
                                       .block_hash = block_hash(1),
                                       .bitmap = {0x07},
                                       .signatures = bench.signatures,
                                       .signatures_count = 3};
    const hash256 hash = block_hash(1), digest = proposal_digest(1, 1, 0, &hash);
    certificate_encode(&notarization, &encoded);
    const struct vote_record records[] = {
        {.kind = VOTE_RECORD_BLOCK,
         .ledger = ledger,
         .epoch = 1,
         .view = 1,
         .block = hash,
         .body = bytes_of_text("a block")},
        {.kind = VOTE_RECORD_VOTE,
         .ledger = ledger,
         .epoch = 1,
         .view = 1,
         .vote = MESSAGE_NOTARIZE,
         .proposal = digest},
        {.kind = VOTE_RECORD_CERTIFICATE,
         .ledger = ledger,
         .epoch = 1,
         .view = 1,
         .body = buffer_view(&encoded)},
    };
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        cr_assert(replica_on_record(bench.replica, &records[i]), "record %zu", i);
    replica_on_start(bench.replica, bench.now_ms, &bench.out);
    cr_expect_eq(simplex_view(replica_engine(bench.replica)), 2);
    cr_assert(names(find(&bench, REPLICA_READ), 1));
    tell_read(&bench, 1, 0, 1, 1);
    cr_assert(names(find(&bench, REPLICA_EXECUTE), 1));
    tell_executed(&bench, 1, REPLICA_VALID);
    cr_expect_null(find(&bench, REPLICA_CAST), "not before the audit is over");
    answer_audit(&bench, other(&bench, 0));
    answer_audit(&bench, other(&bench, 1));
    cr_expect_not_null(find_cast(&bench, MESSAGE_NOTARIZE), "signed and sent again");
    cr_expect_not_null(find_cast(&bench, MESSAGE_FINALIZE));
    cr_expect_eq(count(&bench, REPLICA_LOG_BLOCK), 0, "the log has it");
    buffer_cleanup(&encoded);
    finish(&bench);
}

Test(replica, refuses_records_that_are_not_its_own_or_not_sound)
{
    struct bench bench = make(true);
    const struct vote_record good = {
        .kind = VOTE_RECORD_VOTE, .ledger = ledger, .epoch = 1, .view = 1, .vote = MESSAGE_NULLIFY};
    struct vote_record bad = good;
    bad.ledger.bytes[0]++;
    cr_expect_not(replica_on_record(bench.replica, &bad), "of another ledger");
    bad = good, bad.epoch = 2;
    cr_expect_not(replica_on_record(bench.replica, &bad), "of another epoch");
    bad = good, bad.kind = VOTE_RECORD_CERTIFICATE, bad.body = bytes_of_text("none");
    cr_expect_not(replica_on_record(bench.replica, &bad), "no certificate");
    struct buffer encoded = {0};
    struct certificate foreign = {.kind = MESSAGE_NULLIFY,
                                  .epoch = 1,
                                  .view = 1,
                                  .bitmap = {0x13},
                                  .signatures = bench.signatures,
                                  .signatures_count = 3};
    certificate_encode(&foreign, &encoded);
    bad.body = buffer_view(&encoded);
    cr_expect_not(replica_on_record(bench.replica, &bad), "member 4 of 4");
    encoded.size = 0;
    foreign.bitmap[0] = 0x03, foreign.signatures_count = 2;
    certificate_encode(&foreign, &encoded);
    bad.body = buffer_view(&encoded);
    cr_expect_not(replica_on_record(bench.replica, &bad), "two of three");
    cr_expect(replica_on_record(bench.replica, &good));
    buffer_cleanup(&encoded);
    finish(&bench);
}

/* ---- Finality --------------------------------------------------------------------------------- */

Test(replica, commits_a_chain_at_once_under_its_one_certificate)
{
    struct bench bench = start();
    notarize(&bench, 1);
    notarize(&bench, 2);
    clear(&bench);
    tell_certificate(&bench, MESSAGE_FINALIZE, 2, 1, 2);
    cr_assert_eq(count(&bench, REPLICA_COMMIT), 1);
    cr_expect(names(find(&bench, REPLICA_COMMIT), 2));
    cr_expect_eq(find(&bench, REPLICA_COMMIT)->certificate.kind, MESSAGE_FINALIZE);
    cr_expect_eq(simplex_final_height(replica_engine(bench.replica)), 2);
    finish(&bench);
}

/* R0 after a restart counts from what the store has. */
Test(replica, commits_the_final_block_once_more_when_it_is_final_in_a_later_view)
{
    struct bench bench = start();
    notarize(&bench, 1);
    tell_certificate(&bench, MESSAGE_FINALIZE, 1, 0, 1);
    clear(&bench);
    tell_proposal(&bench, 2, 1, 1, NULL);
    tell_certificate(&bench, MESSAGE_FINALIZE, 2, 1, 1);
    cr_assert_eq(count(&bench, REPLICA_COMMIT), 1);
    cr_expect(names(find(&bench, REPLICA_COMMIT), 1));
    cr_expect_eq(find(&bench, REPLICA_COMMIT)->certificate.view, 2);
    finish(&bench);
}

Test(replica, lets_go_of_blocks_of_failed_views_but_of_none_that_is_certified)
{
    struct bench bench = start();
    notarize(&bench, 1);
    uint64_t view = 2;
    unsigned dropped = 0;
    for (; view < 60; view++) { /* each proposes another child of block 1, and is nullified */
        clear(&bench);
        tell_proposal(&bench, view, 1, (unsigned)view, "a block");
        tell_read(&bench, (unsigned)view, 1, view, 2);
        tell_executed(&bench, (unsigned)view, REPLICA_VALID);
        tell_certificate(&bench, MESSAGE_NULLIFY, view, 0, 0);
        dropped += count(&bench, REPLICA_DROP);
        cr_expect_not(names(find(&bench, REPLICA_DROP), 1), "view %d", (int)view);
    }
    cr_expect_geq(dropped, 58 - 24);
    clear(&bench);
    tell_certificate(&bench, MESSAGE_NOTARIZE, 2, 1, 2); /* dropped long ago; both may exist */
    cr_expect_not_null(find_message(&bench, PEER_GET_BLOCK), "it is asked for again");
    finish(&bench);
}

/* ---- Epochs ----------------------------------------------------------------------------------- */

Test(replica, goes_into_the_next_epoch_and_proves_to_others_that_the_last_is_over)
{
    struct bench bench = start();
    tell_proposal(&bench, 1, 0, 1, "a seal");
    const struct simplex_block seal = {block_hash(1), block_hash(0), 1, 1, true};
    replica_on_read(bench.replica, &seal.hash, &seal, bench.now_ms, &bench.out);
    tell_executed(&bench, 1, REPLICA_VALID);
    clear(&bench);
    tell_certificate(&bench, MESSAGE_FINALIZE, 1, 0, 1);
    cr_expect(names(find(&bench, REPLICA_COMMIT), 1));
    cr_assert(names(find(&bench, REPLICA_SEALED), 1));
    struct simplex_config next = bench.config.engine;
    next.epoch = 2;
    next.final_height = 1;
    next.final_block = block_hash(1);
    next.seal_mix_hash.bytes[1] = 0x77;
    clear(&bench);
    replica_on_epoch(bench.replica, &next, false, bench.now_ms, &bench.out);
    cr_expect_eq(replica_epoch(bench.replica), 2);
    cr_expect_eq(simplex_view(replica_engine(bench.replica)), 1);
    struct message late = nullify_of(other(&bench, 0));
    bench.now_ms += 10000;
    cr_expect_not(looks(&bench, late.vote.signer, &late));
    const struct replica_action *proof = find(&bench, REPLICA_SERVE_SEAL);
    cr_assert_not_null(proof);
    cr_expect_eq(proof->to, late.vote.signer);
    cr_expect_eq(proof->epoch, 1);
    clear(&bench);
    const struct message ask = {.kind = PEER_GET_CERTIFICATE, .get_certificate = {1, 1, 7}};
    cr_expect_not(looks(&bench, REPLICA_FOLLOWERS, &ask));
    cr_expect_eq(find(&bench, REPLICA_SERVE_SEAL)->to, REPLICA_FOLLOWERS);
    clear(&bench);
    bench.now_ms += 1000;
    late.vote.epoch = 3;
    cr_expect_not(looks(&bench, late.vote.signer, &late));
    const struct replica_action *question = find_message(&bench, PEER_GET_CERTIFICATE);
    cr_assert_not_null(question, "how did our epoch end?");
    cr_expect_eq(question->message.get_certificate.epoch, 2);
    late.vote.epoch = 2;
    cr_expect(looks(&bench, late.vote.signer, &late));
    finish(&bench);
}

/* A backup put back, or a store that began anew: the member may have voted in epochs that the store
 * comes to only now. */
Test(replica, whose_store_is_older_than_its_votes_is_silent_in_the_next_epoch_too)
{
    for (unsigned is_old = 0; is_old < 2; is_old++) {
        struct bench bench = make(false);
        replica_on_start(bench.replica, bench.now_ms, &bench.out);
        bench.config.engine.epoch = 2;
        clear(&bench);
        replica_on_epoch(bench.replica, &bench.config.engine, is_old, bench.now_ms, &bench.out);
        cr_expect_null(find(&bench, REPLICA_ADOPT_LOG), "the seal's batch named it, if it may");
        connect_others(&bench);
        cr_expect_eq(find(&bench, REPLICA_STATUS)->status.is_amnesiac, is_old);
        for (unsigned i = 0; i + 1 < MEMBERS; i++)
            answer_audit(&bench, other(&bench, i));
        cr_expect(replica_is_audited(bench.replica));
        notarize(&bench, 1);
        cr_expect_eq(count(&bench, REPLICA_CAST) > 0, !is_old, "silent in view 1 if it may be old");
        const struct replica_action *adopt = find(&bench, REPLICA_ADOPT_LOG);
        cr_expect_eq(adopt == NULL ? 0 : adopt->view, is_old ? 2 : 0);
        finish(&bench);
    }
}

Test(replica, tells_a_follower_where_it_stands_when_that_connects)
{
    struct bench bench = start();
    replica_on_peer(bench.replica, REPLICA_FOLLOWERS + 7, true, bench.now_ms, &bench.out);
    const struct replica_action *told = find(&bench, REPLICA_STATUS);
    cr_assert_not_null(told);
    cr_expect_eq(told->to, REPLICA_FOLLOWERS + 7);
    cr_expect_eq(told->status.votes_count, 0);
    cr_expect(hash256_is_zero(&told->status.question), "a follower has no answer that counts");
    clear(&bench);
    replica_on_peer(bench.replica, REPLICA_FOLLOWERS + 7, false, bench.now_ms, &bench.out);
    cr_expect_eq(bench.out.count, 0);
    finish(&bench);
}

Test(replica, a_follower_votes_never_and_commits_what_is_final)
{
    struct bench bench = make(true);
    take_seat(&bench, MEMBERS, MEMBERS);
    replica_on_start(bench.replica, bench.now_ms, &bench.out);
    for (unsigned i = 0; i < MEMBERS; i++)
        replica_on_peer(bench.replica, i, true, bench.now_ms, &bench.out);
    notarize(&bench, 1);
    tell_certificate(&bench, MESSAGE_FINALIZE, 1, 0, 1);
    cr_expect_eq(count(&bench, REPLICA_CAST), 0);
    cr_expect(names(find(&bench, REPLICA_COMMIT), 1));
    cr_expect_null(find(&bench, REPLICA_STATUS), "it has no key to sign one");
    clear(&bench);
    pass(&bench, 60000);
    const struct replica_action *ask = find_message(&bench, PEER_GET_CERTIFICATE);
    cr_assert_not_null(ask, "what has come since");
    cr_expect_eq(ask->message.get_certificate.view, 2);
    finish(&bench);
}

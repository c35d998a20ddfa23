/* What a replica asks and tells others: the audit after a start, and what it verifies of all that
 * comes. */
#include "node/replica/replica.h"

#include "tests/unit/node/replica/replica_bench.h"

/* ---- The startup audit ------------------------------------------------------------------------ */

Test(replica, asks_everybody_what_it_may_have_forgotten_until_it_knows)
{
    struct bench bench = make(true);
    replica_on_start(bench.replica, bench.now_ms, &bench.out);
    connect_others(&bench);
    cr_expect_eq(count(&bench, REPLICA_STATUS), 3);
    cr_expect(hash256_equal(&find(&bench, REPLICA_STATUS)->status.question, &bench.config.nonce));
    clear(&bench);
    pass(&bench, 2000);
    cr_expect_eq(count(&bench, REPLICA_STATUS), 3, "again after two seconds");
    answer_audit(&bench, other(&bench, 0));
    cr_expect_not(replica_is_audited(bench.replica));
    answer_audit(&bench, other(&bench, 1));
    cr_expect(replica_is_audited(bench.replica));
    finish(&bench);
}

Test(replica, without_its_log_stays_silent_and_adopts_the_new_one_before_it_votes)
{
    struct bench bench = make(false);
    replica_on_start(bench.replica, bench.now_ms, &bench.out);
    connect_others(&bench);
    cr_expect(find(&bench, REPLICA_STATUS)->status.is_amnesiac);
    for (unsigned i = 0; i + 1 < MEMBERS; i++)
        answer_audit(&bench, other(&bench, i));
    const struct replica_action *log = find(&bench, REPLICA_LOG);
    cr_assert_not_null(log);
    cr_expect_eq(log->record.kind, VOTE_RECORD_BOUND);
    cr_expect_eq(log->record.view, 2, "one above what the others stand in");
    cr_expect_eq((log + 1)->kind, REPLICA_ADOPT_LOG);
    notarize(&bench, 1);
    cr_expect_null(find(&bench, REPLICA_CAST), "silent in view 1");
    finish(&bench);
}

/* Two members that lose their logs one after the other must not be the only ones who had the
 * certificates of a view that failed: no leader could ever prove what its block stands on. */
Test(replica, adopts_a_new_log_only_with_a_certificate_of_each_view_that_may_be_stood_on)
{
    struct bench bench = make(false);
    replica_on_start(bench.replica, bench.now_ms, &bench.out);
    connect_others(&bench);
    tell_certificate(&bench, MESSAGE_NULLIFY, 3, 0, 0);
    clear(&bench);
    for (unsigned i = 0; i + 1 < MEMBERS; i++)
        answer_audit(&bench, other(&bench, i));
    cr_assert(replica_is_audited(bench.replica));
    cr_expect_eq(find(&bench, REPLICA_LOG)->record.kind, VOTE_RECORD_BOUND);
    cr_expect_null(find(&bench, REPLICA_ADOPT_LOG));
    bool asks[3] = {false};
    for (size_t i = 0; i < bench.out.count; i++) {
        const struct replica_action *action = &bench.out.actions[i];
        if (action->kind == REPLICA_SEND && action->message.kind == PEER_GET_CERTIFICATE)
            asks[action->message.get_certificate.view] = true;
    }
    cr_expect(asks[1] && asks[2]);
    clear(&bench);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    cr_expect_null(find(&bench, REPLICA_ADOPT_LOG));
    tell_certificate(&bench, MESSAGE_NOTARIZE, 2, 0, 2);
    cr_expect_not_null(find(&bench, REPLICA_ADOPT_LOG), "either kind does");
    finish(&bench);
}

Test(replica, adopts_a_new_log_when_what_it_misses_is_final)
{
    struct bench bench = make(false);
    replica_on_start(bench.replica, bench.now_ms, &bench.out);
    connect_others(&bench);
    tell_certificate(&bench, MESSAGE_NULLIFY, 3, 0, 0);
    for (unsigned i = 0; i + 1 < MEMBERS; i++)
        answer_audit(&bench, other(&bench, i));
    clear(&bench);
    tell_proposal(&bench, 2, 0, 2, "a block");
    tell_read(&bench, 2, 0, 2, 1);
    tell_executed(&bench, 2, REPLICA_VALID);
    tell_certificate(&bench, MESSAGE_FINALIZE, 2, 0, 2);
    cr_assert_eq(simplex_final_view(replica_engine(bench.replica)), 2);
    cr_expect_not_null(find(&bench, REPLICA_ADOPT_LOG), "whatever was said of view 1");
    finish(&bench);
}

/* Nobody else can tell what it said: its operator can. */
Test(replica, alone_without_its_log_waits_for_a_word_and_then_adopts_the_new_one)
{
    struct bench bench = make(false);
    take_seat(&bench, 1, 0);
    replica_on_start(bench.replica, bench.now_ms, &bench.out);
    replica_on_work(bench.replica, WORK_TRANSACTIONS, bench.now_ms, &bench.out);
    pass(&bench, 100000);
    cr_expect_not(replica_is_audited(bench.replica));
    cr_expect_eq(bench.out.count, 0);
    replica_on_confirmed(bench.replica, bench.now_ms, &bench.out);
    cr_expect(replica_is_audited(bench.replica));
    cr_assert_eq(bench.out.count, 2);
    cr_expect_eq(bench.out.actions[0].kind, REPLICA_ADOPT_LOG, "or every start asks again");
    cr_expect_eq(bench.out.actions[1].kind, REPLICA_BUILD);
    finish(&bench);
}

Test(replica, shows_an_asker_its_votes_and_what_led_here)
{
    struct bench bench = start();
    const struct message vote = nullify_of(other(&bench, 2));
    tell(&bench, other(&bench, 2), &vote);
    tell_certificate(&bench, MESSAGE_NULLIFY, 1, 0, 0);
    clear(&bench);
    struct message question = {.kind = PEER_STATUS};
    question.status = (struct status){
        .epoch = 1, .signer = (uint16_t)other(&bench, 2), .view = 2, .question = {{9, 9}}};
    tell(&bench, other(&bench, 2), &question);
    const struct replica_action *answer = find(&bench, REPLICA_STATUS);
    cr_assert_not_null(answer);
    cr_expect_eq(answer->to, other(&bench, 2));
    cr_expect(hash256_equal(&answer->status.answered, &question.status.question));
    cr_expect_eq(answer->status.votes_count, 1);
    cr_expect_null(find_message(&bench, PEER_CERTIFICATE), "it stands there itself");
    question.status.view = 1;
    tell(&bench, other(&bench, 2), &question);
    cr_expect_not_null(find_message(&bench, PEER_CERTIFICATE), "else the answer does not count");
    finish(&bench);
}

/* 2.5: from the answers to its STATUS, which ask something new each time. */
Test(replica, measures_how_far_the_others_are)
{
    struct bench bench = start();
    hash256 first = {{0}};
    cr_expect_eq(simplex_delay_ms(replica_engine(bench.replica)), 100, "not known yet");
    for (unsigned round = 0; round < 2; round++) {
        clear(&bench);
        while (find(&bench, REPLICA_STATUS) == NULL) {
            bench.now_ms = replica_next_ms(bench.replica);
            replica_on_time(bench.replica, bench.now_ms, &bench.out);
        }
        const hash256 question = find(&bench, REPLICA_STATUS)->status.question;
        cr_expect_not(hash256_is_zero(&question));
        cr_expect_not(hash256_equal(&question, &first));
        bench.now_ms += 60;
        for (unsigned i = 0; i + 1 < MEMBERS; i++)
            tell_answer(&bench, other(&bench, i), round == 0 ? &question : &first);
        cr_expect_eq(simplex_delay_ms(replica_engine(bench.replica)), 90,
                     "30 ms one way and four times half of it for not knowing better");
        first = question;
        bench.now_ms += 5000; /* who answers the old question again changes nothing */
    }
    finish(&bench);
}

/* ---- What is worth verifying ------------------------------------------------------------------ */

Test(replica, looks_at_nothing_twice_nor_at_what_is_past_or_far_ahead)
{
    struct bench bench = start();
    struct message vote = nullify_of(other(&bench, 0));
    const unsigned from = vote.vote.signer;
    cr_expect(looks(&bench, from, &vote));
    tell(&bench, from, &vote);
    cr_expect_not(looks(&bench, from, &vote), "again");
    vote.vote.view = 4;
    cr_expect_not(looks(&bench, from, &vote), "view + 3");
    vote.vote.view = 3;
    cr_expect(looks(&bench, from, &vote), "view + 2");
    vote.vote.epoch = 2;
    cr_expect_not(looks(&bench, from, &vote), "epoch 2");
    notarize(&bench, 1);
    tell_certificate(&bench, MESSAGE_FINALIZE, 1, 0, 1);
    clear(&bench);
    vote.vote.epoch = 1, vote.vote.view = 1, vote.vote.signer = (uint16_t)other(&bench, 1);
    bench.now_ms += 10000;
    cr_expect_not(looks(&bench, from, &vote), "final");
    const struct replica_action *help = find_message(&bench, PEER_CERTIFICATE);
    cr_assert_not_null(help, "the sender gets what it lacks");
    cr_expect_eq(help->message.certificate.kind, MESSAGE_FINALIZE);
    const struct message block = body_of(77);
    cr_expect_not(looks(&bench, from, &block));
    tell(&bench, from, &block);
    cr_expect_null(find(&bench, REPLICA_READ));
    finish(&bench);
}

/* ava-labs#555: what was checked once let another vote of that member pass without a check. */
Test(replica, looks_at_a_vote_that_differs_from_one_that_was_checked)
{
    struct bench bench = start();
    struct message message = {.kind = PEER_VOTE};
    message.vote = (struct vote){.kind = MESSAGE_FINALIZE,
                                 .epoch = 1,
                                 .view = 1,
                                 .proposal = block_hash(1),
                                 .signer = (uint16_t)other(&bench, 1)};
    const unsigned from = other(&bench, 1);
    cr_expect(looks(&bench, from, &message));
    tell(&bench, from, &message);
    cr_expect_not(looks(&bench, from, &message), "the same");
    message.vote.proposal = block_hash(2);
    cr_expect(looks(&bench, from, &message));
    message.vote.kind = MESSAGE_NOTARIZE;
    cr_expect(looks(&bench, from, &message));
    message.vote.signer = (uint16_t)other(&bench, 2);
    cr_expect(looks(&bench, from, &message));
    finish(&bench);
}

/* 2.7: a partial mesh. */
Test(replica, passes_on_what_is_new_once)
{
    struct bench bench = start();
    const struct message vote = nullify_of(other(&bench, 0));
    tell(&bench, other(&bench, 1), &vote);
    const struct replica_action *relay = find(&bench, REPLICA_RELAY);
    cr_assert_not_null(relay);
    cr_expect_eq(relay->signer, other(&bench, 0));
    cr_expect_eq(relay->to, other(&bench, 1), "not back to where it came from");
    clear(&bench);
    tell(&bench, other(&bench, 2), &vote);
    cr_expect_null(find(&bench, REPLICA_RELAY));
    tell_proposal(&bench, 1, 0, 1, "a block");
    cr_expect_eq(find(&bench, REPLICA_RELAY)->signer, leader_of(&bench, 1));
    cr_expect_eq(find(&bench, REPLICA_RELAY)->message.proposal.form, PROPOSAL_WHOLE_BLOCK);
    finish(&bench);
}

/* One replica; the test is its driver, its disk and all the other members. Blocks are numbers. */
#include "node/replica/replica.h"

#include <criterion/criterion.h>

#include "ledger/chain/leader.h"

#define MEMBERS 4

static const hash256 ledger = {{0xaa}};

struct bench {
    struct replica_config config;
    struct replica *replica;
    struct replica_queue out;
    uint64_t now_ms;
    signature signatures[MEMBERS];
};

static hash256 block_hash(unsigned number)
{
    return (hash256){{0xb0, (uint8_t)(number >> 8), (uint8_t)number}};
}

static unsigned leader_of(const struct bench *bench, uint64_t view)
{
    return leader_of_view(&bench->config.engine.seal_mix_hash, MEMBERS, view);
}

/* A member that does not lead the first views. */
static struct bench make(bool log_is_whole)
{
    struct bench bench = {.now_ms = 1000000};
    bench.config = (struct replica_config){
        .ledger = ledger,
        .engine = {.epoch = 1,
                   .thresholds = thresholds_of(MEMBERS, quorum_size(QUORUM_BFT, MEMBERS)),
                   .seal_mix_hash = {{0x11}},
                   .pulse_ms = 1000,
                   .execution_ms = 50,
                   .final_block = block_hash(0),
                   .final_ms = 1000000 - 1000},
        .log_is_whole = log_is_whole,
        .nonce = {{0x42, 7}},
    };
    bench.config.engine.own_index = leader_of(&bench, 4);
    bench.replica = replica_new(&bench.config);
    return bench;
}

/* The same in another seat, of a committee of so many. */
static void take_seat(struct bench *bench, unsigned members, unsigned own_index)
{
    replica_free(bench->replica);
    bench->config.engine.thresholds = thresholds_of(members, quorum_size(QUORUM_BFT, members));
    bench->config.engine.own_index = own_index;
    bench->replica = replica_new(&bench->config);
}

static unsigned other(const struct bench *bench, unsigned i)
{
    return i < bench->config.engine.own_index ? i : i + 1;
}

static void finish(struct bench *bench)
{
    replica_free(bench->replica);
    replica_queue_cleanup(&bench->out);
}

static void clear(struct bench *bench)
{
    replica_queue_clear(&bench->out);
}

static const struct replica_action *find(const struct bench *bench, enum replica_action_kind kind)
{
    for (size_t i = 0; i < bench->out.count; i++)
        if (bench->out.actions[i].kind == kind)
            return &bench->out.actions[i];
    return NULL;
}

static unsigned count(const struct bench *bench, enum replica_action_kind kind)
{
    unsigned found = 0;
    for (size_t i = 0; i < bench->out.count; i++)
        found += bench->out.actions[i].kind == kind;
    return found;
}

static const struct replica_action *find_message(const struct bench *bench, enum peer_message kind)
{
    for (size_t i = 0; i < bench->out.count; i++)
        if (bench->out.actions[i].kind == REPLICA_SEND
            && bench->out.actions[i].message.kind == kind)
            return &bench->out.actions[i];
    return NULL;
}

static const struct vote *find_cast(const struct bench *bench, enum consensus_message kind)
{
    for (size_t i = 0; i < bench->out.count; i++)
        if (bench->out.actions[i].kind == REPLICA_CAST && bench->out.actions[i].vote.kind == kind)
            return &bench->out.actions[i].vote;
    return NULL;
}

static void tell(struct bench *bench, unsigned from, const struct message *message)
{
    replica_on_message(bench->replica, from, message, bench->now_ms, &bench->out);
}

/* Whether the message is worth verifying. */
static bool looks(struct bench *bench, unsigned from, const struct message *message)
{
    return replica_look(bench->replica, from, message, bench->now_ms, &bench->out);
}

static void pass(struct bench *bench, uint64_t ms)
{
    bench->now_ms += ms;
    replica_on_time(bench->replica, bench->now_ms, &bench->out);
}

/* STATUS of a member that stands in view 1, answering that question. */
static void tell_answer(struct bench *bench, unsigned member, const hash256 *question)
{
    struct message message = {.kind = PEER_STATUS};
    message.status = (struct status){.epoch = bench->config.engine.epoch,
                                     .signer = (uint16_t)member,
                                     .view = 1,
                                     .final_hash = block_hash(0),
                                     .answered = *question};
    tell(bench, member, &message);
}

static void answer_audit(struct bench *bench, unsigned member)
{
    tell_answer(bench, member, &bench->config.nonce);
}

static void connect_others(struct bench *bench)
{
    for (unsigned i = 0; i + 1 < MEMBERS; i++)
        replica_on_peer(bench->replica, other(bench, i), true, bench->now_ms, &bench->out);
}

/* Started, connected to all, and its audit is over. */
static struct bench start(void)
{
    struct bench bench = make(true);
    replica_on_start(bench.replica, bench.now_ms, &bench.out);
    connect_others(&bench);
    answer_audit(&bench, other(&bench, 0));
    answer_audit(&bench, other(&bench, 1));
    cr_assert(replica_is_audited(bench.replica));
    clear(&bench);
    return bench;
}

static struct message proposal_of(const struct bench *bench, uint64_t view, uint64_t parent_view,
                                  unsigned block, const char *body)
{
    struct message message = {.kind = PEER_PROPOSAL};
    message.proposal =
        (struct proposal){.epoch = bench->config.engine.epoch,
                          .view = view,
                          .parent_view = parent_view,
                          .block = block_hash(block),
                          .form = body == NULL ? PROPOSAL_WITHOUT_BLOCK : PROPOSAL_WHOLE_BLOCK,
                          .body = body == NULL ? (struct bytes){0} : bytes_of_text(body)};
    return message;
}

static void tell_proposal(struct bench *bench, uint64_t view, uint64_t parent_view, unsigned block,
                          const char *body)
{
    const struct message message = proposal_of(bench, view, parent_view, block, body);
    tell(bench, leader_of(bench, view), &message);
}

static void tell_certificate(struct bench *bench, enum consensus_message kind, uint64_t view,
                             uint64_t parent_view, unsigned block)
{
    struct message message = {.kind = PEER_CERTIFICATE};
    message.certificate = (struct certificate){.kind = kind,
                                               .epoch = bench->config.engine.epoch,
                                               .view = view,
                                               .bitmap = {0x07},
                                               .signatures = bench->signatures,
                                               .signatures_count = 3};
    if (kind != MESSAGE_NULLIFY) {
        message.certificate.parent_view = parent_view;
        message.certificate.block_hash = block_hash(block);
    }
    tell(bench, other(bench, 0), &message);
}

static struct message body_of(unsigned block)
{
    return (struct message){.kind = PEER_BLOCK,
                            .block = {block_hash(block), bytes_of_text("a block")}};
}

static void tell_body(struct bench *bench, unsigned from, unsigned block)
{
    const struct message message = body_of(block);
    tell(bench, from, &message);
}

/* A member's word that it gives up view 1. */
static struct message nullify_of(unsigned member)
{
    return (struct message){
        .kind = PEER_VOTE,
        .vote = {.kind = MESSAGE_NULLIFY, .epoch = 1, .view = 1, .signer = (uint16_t)member}};
}

static void tell_read(struct bench *bench, unsigned number, unsigned parent, uint64_t view,
                      uint64_t height)
{
    const struct simplex_block info = {block_hash(number), block_hash(parent), view, height, false};
    replica_on_read(bench->replica, &info.hash, &info, bench->now_ms, &bench->out);
}

static void tell_executed(struct bench *bench, unsigned number, enum replica_verdict verdict)
{
    const hash256 hash = block_hash(number);
    replica_on_executed(bench->replica, &hash, verdict, bench->now_ms, &bench->out);
}

/* A block of view `number` on the one before is proposed and read, and the ledger says this. */
static void propose(struct bench *bench, unsigned number, enum replica_verdict verdict)
{
    tell_proposal(bench, number, number - 1, number, "a block");
    tell_read(bench, number, number - 1, number, number);
    tell_executed(bench, number, verdict);
}

/* One that is valid is notarized by a quorum. */
static void notarize(struct bench *bench, unsigned number)
{
    propose(bench, number, REPLICA_VALID);
    tell_certificate(bench, MESSAGE_NOTARIZE, number, number - 1, number);
}

static bool names(const struct replica_action *action, unsigned block)
{
    const hash256 hash = block_hash(block);
    return action != NULL && hash256_equal(&action->block, &hash);
}

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
    cr_expect_not(find(&bench, REPLICA_EXECUTE)->is_certified);
    tell_executed(&bench, 1, REPLICA_NOT_YET);
    tell_proposal(&bench, 2, 1, 2, "its child");
    tell_certificate(&bench, MESSAGE_NOTARIZE, 2, 1, 2);
    tell_read(&bench, 2, 1, 2, 2);
    clear(&bench);
    pass(&bench, 1000);
    cr_assert(names(find(&bench, REPLICA_EXECUTE), 1));
    cr_expect(find(&bench, REPLICA_EXECUTE)->is_certified, "through its child");
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
    cr_expect(names(find(&bench, REPLICA_EXECUTE), 1));
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
        cr_expect_eq(count(&bench, REPLICA_ADOPT_LOG), is_old ? 0 : 1);
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

#include "node/consensus/audit.h"

#include <criterion/criterion.h>

#include "tests/unit/node/consensus/committee.h"

static const hash256 nonce = {{42}};

static struct audit start(unsigned members, bool log_is_whole)
{
    struct audit audit;
    const struct thresholds of = thresholds_of(members, quorum_size(QUORUM_BFT, members));
    audit_init(&audit, &of, 0, &nonce, log_is_whole, 5);
    return audit;
}

static struct status answer(unsigned signer, uint64_t view)
{
    return (struct status){.epoch = 1, .signer = (uint16_t)signer, .view = view, .answered = nonce};
}

static void hear(struct audit *audit, unsigned signer, uint64_t view)
{
    const struct status status = answer(signer, view);
    audit_on_status(audit, &status);
}

static struct status showing(unsigned signer, enum consensus_message kind, uint64_t view,
                             hash256 proposal)
{
    struct status status = answer(signer, 9);
    status.votes[0] = (struct vote){kind, 1, view, proposal, 0, {{0}}};
    status.votes_count = 1;
    return status;
}

/* C1: two losses one after the other; whoever forgot a vote answers how far its silence reaches. */
Test(audit, stays_silent_above_the_silence_of_others)
{
    uint64_t silent;
    struct audit audit = start(4, false);
    hear(&audit, 1, 7);
    hear(&audit, 2, 7);
    struct status status = answer(3, 7);
    status.highest_voted_view = 8;
    audit_on_status(&audit, &status);
    cr_expect(audit_is_over(&audit, 6, &silent));
    cr_expect_eq(silent, 9);
}

/* Who lost its log more than once may stand far below its silence; so may a liar say. */
Test(audit, hears_nobody_who_may_have_voted_far_above_its_view)
{
    struct audit audit = start(4, false);
    uint64_t silent;
    struct status status = answer(3, 7);
    hear(&audit, 1, 7);
    hear(&audit, 2, 7);
    status.highest_voted_view = 7 + 5;
    audit_on_status(&audit, &status);
    cr_expect_not(audit_is_over(&audit, 6, &silent));
    status.view = 8;
    audit_on_status(&audit, &status);
    cr_expect(audit_is_over(&audit, 7, &silent), "certificates led it there");
    cr_expect_eq(silent, 13);
    struct audit deceived = start(4, false);
    status.highest_voted_view = UINT64_MAX;
    hear(&deceived, 1, 7);
    hear(&deceived, 2, 7);
    audit_on_status(&deceived, &status);
    cr_expect_not(audit_is_over(&deceived, 7, &silent));
}

/* Else every restart after a loss would wait for all who remember, and two of them for each other. */
Test(audit, does_not_miss_votes_below_the_end_of_an_earlier_silence)
{
    uint64_t silent;
    struct audit audit = start(4, true);
    audit_on_bound(&audit, 7);
    const struct status old = showing(1, MESSAGE_NULLIFY, 7, (hash256){{0}});
    audit_on_status(&audit, &old);
    hear(&audit, 2, 9);
    cr_expect(audit_is_over(&audit, 8, &silent));
    cr_expect_eq(silent, 0);
    audit = start(4, true);
    audit_on_bound(&audit, 7);
    const struct status newer = showing(1, MESSAGE_NULLIFY, 8, (hash256){{0}});
    audit_on_status(&audit, &newer);
    hear(&audit, 2, 9);
    cr_expect_not(audit_is_over(&audit, 8, &silent), "that one is missing");
}

Test(audit, with_a_whole_log_ends_at_one_answer_less_than_a_quorum)
{
    uint64_t silent = 99;
    struct audit audit = start(4, true);
    cr_expect_not(audit_is_over(&audit, 9, &silent));
    hear(&audit, 1, 9);
    hear(&audit, 1, 10);
    cr_expect_not(audit_is_over(&audit, 9, &silent), "one member answering twice");
    hear(&audit, 2, 9);
    cr_expect(audit_is_over(&audit, 9, &silent));
    cr_expect_eq(silent, 0);
}

Test(audit, of_a_committee_of_one_needs_nobody_with_its_log_and_the_operator_without)
{
    uint64_t silent = 99;
    struct audit whole = start(1, true), lost = start(1, false);
    cr_expect(audit_is_over(&whole, 0, &silent));
    cr_expect_not(audit_is_over(&lost, 0, &silent));
    audit_on_confirmed(&lost);
    cr_expect(audit_is_over(&lost, 0, &silent));
    cr_expect_eq(silent, 0, "nobody else would end a silent view");
}

Test(audit, without_a_log_waits_for_all_that_must_remember_and_stays_silent_above_them)
{
    uint64_t silent;
    struct audit audit = start(4, false);
    hear(&audit, 1, 7);
    hear(&audit, 2, 9);
    cr_expect_not(audit_is_over(&audit, 9, &silent), "four members need all three others");
    hear(&audit, 3, 8);
    cr_expect(audit_is_over(&audit, 9, &silent));
    cr_expect_eq(silent, 10, "one above the highest");
}

Test(audit, does_not_count_who_answers_another_question_forgot_or_is_oneself)
{
    uint64_t silent;
    struct audit audit = start(4, true);
    struct status status = answer(1, 9);
    status.answered.bytes[0]++;
    audit_on_status(&audit, &status);
    status = answer(2, 9);
    status.is_amnesiac = true;
    audit_on_status(&audit, &status);
    hear(&audit, 0, 9);
    hear(&audit, 3, 9);
    cr_expect_not(audit_is_over(&audit, 9, &silent), "only member 3 counts");
}

/* A liar names a view nobody was in: until its certificate is seen, it did not answer. */
Test(audit, believes_a_view_only_with_the_certificate_before_it)
{
    uint64_t silent;
    struct audit audit = start(4, false);
    hear(&audit, 1, 7);
    hear(&audit, 2, 7);
    hear(&audit, 3, UINT64_MAX);
    cr_expect_not(audit_is_over(&audit, 6, &silent));
    cr_expect_not(audit_is_over(&audit, UINT64_MAX - 2, &silent));
    hear(&audit, 3, 8);
    cr_expect_not(audit_is_over(&audit, 7, &silent), "what it said stays said");
    struct audit honest = start(4, false);
    for (unsigned i = 1; i < 4; i++)
        hear(&honest, i, 6 + i);
    cr_expect_not(audit_is_over(&honest, 7, &silent), "view 9 is not proven yet");
    cr_expect(audit_is_over(&honest, 8, &silent));
    cr_expect_eq(silent, 10);
}

Test(audit, finds_a_vote_that_the_log_does_not_have)
{
    const hash256 p = {{1}}, other = {{2}}, none = {{0}};
    static const struct {
        enum consensus_message kind;
        uint64_t view;
        unsigned proposal; /* of none, p, other */
        bool is_forgotten;
    } shown[] = {
        {MESSAGE_NOTARIZE, 8, 1, false}, {MESSAGE_NOTARIZE, 7, 2, false},
        {MESSAGE_NOTARIZE, 9, 1, true},  {MESSAGE_NOTARIZE, 8, 2, true},
        {MESSAGE_NULLIFY, 8, 0, true},   {MESSAGE_FINALIZE, 6, 1, false},
        {MESSAGE_FINALIZE, 7, 1, true},  {MESSAGE_NULLIFY, 5, 0, false}, /* final: not needed */
    };
    const hash256 proposals[3] = {none, p, other};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        uint64_t silent;
        struct audit audit = start(4, true);
        audit_on_record(&audit, MESSAGE_FINALIZE, 6, &p);
        audit_on_record(&audit, MESSAGE_NOTARIZE, 8, &p);
        audit_on_record(&audit, MESSAGE_NOTARIZE, 6, &other);
        const struct status status =
            showing(1, shown[i].kind, shown[i].view, proposals[shown[i].proposal]);
        audit_on_status(&audit, &status);
        hear(&audit, 2, 9);
        cr_expect_eq(audit_is_over(&audit, 8, &silent), !shown[i].is_forgotten, "case %zu", i);
        hear(&audit, 3, 9);
        cr_expect(audit_is_over(&audit, 8, &silent), "case %zu", i);
        cr_expect_eq(silent, shown[i].is_forgotten ? 10 : 0, "case %zu", i);
    }
}

/* An amnesiac's word counts for nothing, but the vote it shows carries our own signature. */
Test(audit, believes_its_own_signature_from_anybody)
{
    uint64_t silent;
    struct audit audit = start(4, true);
    struct status status = showing(1, MESSAGE_NOTARIZE, 9, nonce);
    status.is_amnesiac = true;
    audit_on_status(&audit, &status);
    hear(&audit, 2, 9);
    hear(&audit, 3, 9);
    cr_expect_not(audit_is_over(&audit, 9, &silent));
    struct audit strangers = start(4, true);
    status.votes[0].signer = 2;
    audit_on_status(&strangers, &status);
    cr_expect_not(strangers.is_amnesiac, "another member's vote");
}

/* The seal's block came after all that this member can have said in its epoch. */
Test(audit, knows_which_epochs_an_old_store_cannot_have_been_in)
{
    cr_expect(audit_is_epoch_new(7, 7));
    cr_expect(audit_is_epoch_new(7, 8));
    cr_expect_not(audit_is_epoch_new(7, 6), "final in view 6, perhaps, and by that member");
    cr_expect_not(audit_is_epoch_new(0, 9), "nobody was asked");
}

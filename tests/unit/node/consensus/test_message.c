/* STATUS, the requests, and the envelope around everything members send each other. */
#include "node/consensus/message.h"

#include <criterion/criterion.h>

#include "tests/unit/node/consensus/committee.h"

static struct status sample_status(const struct committee *committee)
{
    const hash256 block = block_named(5), proposal = block_named(6);
    struct status status = {.epoch = 1,
                            .signer = 3,
                            .view = 9,
                            .highest_voted_view = 9,
                            .final_height = 5,
                            .final_hash = block,
                            .final_view = 6,
                            .earliest_height = 1,
                            .entry_kind = MESSAGE_NULLIFY,
                            .entry_view = 8,
                            .question = block_named(77),
                            .answered = block_named(78),
                            .protocol_highest = 2,
                            .votes_count = 2};
    status.votes[0] = committee_vote(committee, 1, MESSAGE_NOTARIZE, 9, &proposal);
    status.votes[1] = committee_vote(committee, 1, MESSAGE_NULLIFY, 8, NULL);
    const hash256 digest = status_digest(&status, &committee->domain);
    secret_key_sign(&committee->keys[3], &digest, &status.signature);
    return status;
}

static bool is_accepted(const struct status *status, unsigned committee_size)
{
    struct buffer encoded = {0};
    struct status decoded;
    status_encode(status, &encoded);
    const bool ok = status_decode(&decoded, buffer_view(&encoded), committee_size);
    buffer_cleanup(&encoded);
    return ok;
}

Test(status, rejects_what_no_honest_member_says)
{
    struct committee committee;
    committee_init(&committee, 4);
    const struct status good = sample_status(&committee);
    struct status bad;

    cr_assert(is_accepted(&good, 4));
    cr_expect_not(is_accepted(&good, 3), "sender 3 of 3");
    bad = good, bad.entry_view = 7;
    cr_expect_not(is_accepted(&bad, 4), "R4: entered by the certificate of the view before");
    bad = good, bad.entry_kind = 0;
    cr_expect_not(is_accepted(&bad, 4), "only view 1 needs no certificate");
    bad = good, bad.entry_kind = MESSAGE_PROPOSAL;
    cr_expect_not(is_accepted(&bad, 4));
    bad = good, bad.view = 0, bad.entry_view = UINT64_MAX, bad.final_view = 0;
    cr_expect_not(is_accepted(&bad, 4), "there is no view 0");
    bad = good, bad.final_view = 9;
    cr_expect_not(is_accepted(&bad, 4), "finality leads into a higher view");
    bad = good, bad.protocol_lowest = 3;
    cr_expect_not(is_accepted(&bad, 4));
    bad = good, bad.votes[1] = good.votes[0];
    cr_expect_not(is_accepted(&bad, 4), "one vote of each kind");
    bad = good, bad.votes[1].signer = 2;
    cr_expect_not(is_accepted(&bad, 4), "votes of two members");
    bad = good, bad.votes[1].epoch = 2;
    cr_expect_not(is_accepted(&bad, 4), "a vote of another epoch");
    bad = (struct status){.epoch = 1, .view = 1};
    cr_expect(is_accepted(&bad, 4), "the start of an epoch");
}

Test(status, is_signed_as_a_whole)
{
    struct committee committee;
    struct buffer encoded = {0};
    struct status decoded;
    unsigned accepted = 0;
    committee_init(&committee, 4);
    const struct status good = sample_status(&committee);

    cr_expect_eq(status_check(&good, &committee.domain, &committee.record), STATUS_OK);
    status_encode(&good, &encoded);
    for (size_t i = 0; i < encoded.size; i++) {
        encoded.data[i] ^= 1;
        if (status_decode(&decoded, buffer_view(&encoded), 4)) {
            accepted++;
            cr_expect_neq(status_check(&decoded, &committee.domain, &committee.record), STATUS_OK,
                          "byte %zu", i);
        }
        encoded.data[i] ^= 1;
    }
    cr_expect_gt(accepted, 300, "most flips decode: %u", accepted);
    buffer_cleanup(&encoded);
}

/* A flag that is not defined yet, a vote too many, and votes not one of each kind in order. */
Test(status, has_one_form)
{
    struct committee committee;
    struct buffer encoded = {0};
    struct status decoded;
    committee_init(&committee, 4);
    struct status status = sample_status(&committee);
    const struct vote notarize = status.votes[0], nullify = status.votes[1];

    status_encode(&status, &encoded);
    const size_t flags = 1 + 8 + 2 + 8 + 8 + 8 + 32 + 8 + 8 + 1 + 8;
    encoded.data[flags] = 2;
    cr_expect_not(status_decode(&decoded, buffer_view(&encoded), 4));
    encoded.data[flags] = 1;
    cr_expect(status_decode(&decoded, buffer_view(&encoded), 4));
    encoded.data[flags + 1 + 32 + 32 + 8 + 8] = STATUS_VOTES_MAX + 1;
    cr_expect_not(status_decode(&decoded, buffer_view(&encoded), 4));
    buffer_cleanup(&encoded);
    status.votes[0] = nullify, status.votes[1] = notarize;
    cr_expect_not(is_accepted(&status, 4), "another order");
    status.votes[1] = nullify;
    cr_expect_not(is_accepted(&status, 4), "one kind twice");
    status.votes[0] = committee_vote(&committee, 2, MESSAGE_NOTARIZE, 9, &notarize.proposal);
    cr_expect_not(is_accepted(&status, 4), "of two members");
}

/* Nobody can be told that it forgot a vote which it never gave. */
Test(status, shows_votes_that_prove_themselves)
{
    struct committee committee;
    committee_init(&committee, 4);
    struct status status = sample_status(&committee);
    status.votes[0].view = 8; /* the liar signs what it claims */
    const hash256 digest = status_digest(&status, &committee.domain);
    secret_key_sign(&committee.keys[3], &digest, &status.signature);
    cr_expect_eq(status_check(&status, &committee.domain, &committee.record), STATUS_BAD_VOTE);

    struct status other = sample_status(&committee);
    other.signer = 9;
    cr_expect_eq(status_check(&other, &committee.domain, &committee.record), STATUS_UNKNOWN_SIGNER);
    other.signer = 3, other.epoch = 2;
    cr_expect_eq(status_check(&other, &committee.domain, &committee.record), STATUS_WRONG_EPOCH);
}

/* One of each kind. */
static unsigned sample_messages(const struct committee *committee, struct message out[7],
                                struct arena *arena)
{
    const hash256 block = block_named(9);
    out[0] = (struct message){.kind = PEER_PROPOSAL,
                              .proposal = committee_proposal(committee, 1, 9, 8, &block)};
    out[1] = (struct message){.kind = PEER_VOTE,
                              .vote = committee_vote(committee, 3, MESSAGE_FINALIZE, 9, &block)};
    out[2] = (struct message){
        .kind = PEER_CERTIFICATE,
        .certificate = committee_certificate(committee, 1, MESSAGE_NOTARIZE, 9, 8, &block, arena)};
    out[3] = (struct message){.kind = PEER_STATUS, .status = sample_status(committee)};
    out[4] = (struct message){.kind = PEER_GET_CERTIFICATE, .get_certificate = {1, 9, 5}};
    out[5] = (struct message){.kind = PEER_GET_BLOCK, .get_block = block};
    out[6] = (struct message){.kind = PEER_BLOCK,
                              .block = {block, bytes_of_text("a block in its stored form")}};
    return 7;
}

Test(message, decodes_to_what_was_encoded_and_at_no_smaller_length)
{
    struct committee committee;
    struct message messages[7], decoded;
    struct arena arena = {0};
    committee_init(&committee, 4);
    const unsigned count = sample_messages(&committee, messages, &arena);

    for (unsigned i = 0; i < count; i++) {
        struct buffer encoded = {0}, again = {0};
        message_encode(&messages[i], &encoded);
        cr_assert(message_decode(&decoded, buffer_view(&encoded), 4, &arena), "message %u", i);
        cr_expect_eq(decoded.kind, messages[i].kind);
        message_encode(&decoded, &again);
        cr_expect(bytes_equal(buffer_view(&encoded), buffer_view(&again)), "message %u", i);

        const size_t least = messages[i].kind == PEER_BLOCK ? 33 : encoded.size - 1;
        for (size_t size = 0; size <= least; size++)
            cr_expect_not(message_decode(&decoded, bytes_of(encoded.data, size), 4, &arena),
                          "message %u of %zu bytes", i, size);
        buffer_cleanup(&encoded);
        buffer_cleanup(&again);
    }
    arena_cleanup(&arena);
}

Test(message, rejects_unknown_kinds_members_beyond_the_committee_and_empty_requests)
{
    struct committee committee;
    struct message messages[7], decoded;
    struct arena arena = {0};
    struct buffer encoded = {0};
    committee_init(&committee, 4);
    const unsigned count = sample_messages(&committee, messages, &arena);

    for (unsigned i = 0; i < 4; i++) {
        buffer_clear(&encoded);
        message_encode(&messages[i], &encoded);
        cr_expect_eq(message_decode(&decoded, buffer_view(&encoded), 3, &arena),
                     messages[i].kind == PEER_PROPOSAL, "message %u names member 3 of 3", i);
    }
    for (unsigned kinds = 0; kinds < 256; kinds++) {
        messages[4].get_certificate.kinds = (uint8_t)kinds;
        buffer_clear(&encoded);
        message_encode(&messages[4], &encoded);
        cr_expect_eq(message_decode(&decoded, buffer_view(&encoded), 4, &arena),
                     kinds >= 1 && kinds <= CERTIFICATE_KINDS_ALL, "kinds %u", kinds);
    }
    for (unsigned kind = 0; kind < 256; kind++) {
        encoded.data[0] = (uint8_t)kind;
        if (kind < PEER_PROPOSAL || kind > PEER_BLOCK)
            cr_expect_not(message_decode(&decoded, buffer_view(&encoded), 4, &arena), "%u", kind);
    }
    cr_expect_eq(count, PEER_BLOCK);
    buffer_cleanup(&encoded);
    arena_cleanup(&arena);
}

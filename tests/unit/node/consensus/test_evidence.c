#include "node/consensus/evidence.h"

#include <criterion/criterion.h>

#include "tests/unit/node/consensus/committee.h"

static const enum consensus_message kinds[] = {MESSAGE_NOTARIZE, MESSAGE_NULLIFY, MESSAGE_FINALIZE};

/* consensus 2.11: E1, E2, E3, and nothing else; NOTARIZE with NULLIFY or FINALIZE is legal. */
Test(evidence, is_found_in_exactly_the_forbidden_pairs)
{
    struct committee committee;
    struct evidence evidence;
    const hash256 proposals[2] = {block_named(1), block_named(2)};
    committee_init(&committee, 4);

    for (unsigned a = 0; a < 6; a++) {
        for (unsigned b = 0; b < 6; b++) {
            const struct vote first =
                committee_vote(&committee, 2, kinds[a % 3], 7, &proposals[a / 3]);
            const struct vote second =
                committee_vote(&committee, 2, kinds[b % 3], 7, &proposals[b / 3]);
            const bool two_of_a_kind = a % 3 == b % 3 && a != b && kinds[a % 3] != MESSAGE_NULLIFY;
            const bool nullified_and_final = a % 3 != b % 3 && a % 3 != 0 && b % 3 != 0;
            const bool expected = two_of_a_kind || nullified_and_final;
            cr_assert_eq(evidence_of_votes(&evidence, &first, &second), expected, "%u %u", a, b);
            if (expected)
                cr_assert_eq(evidence_check(&evidence, &committee.domain, &committee.record),
                             EVIDENCE_OK, "%u %u", a, b);
        }
    }
}

Test(evidence, needs_one_member_one_view_and_one_epoch)
{
    struct committee committee;
    struct evidence evidence;
    const hash256 proposals[2] = {block_named(1), block_named(2)};
    committee_init(&committee, 4);
    const struct vote a = committee_vote(&committee, 2, MESSAGE_FINALIZE, 7, &proposals[0]);
    struct vote b = committee_vote(&committee, 2, MESSAGE_FINALIZE, 7, &proposals[1]);

    cr_assert(evidence_of_votes(&evidence, &a, &b));
    b.signer = 1;
    cr_expect_not(evidence_of_votes(&evidence, &a, &b), "two members");
    b.signer = 2, b.view = 8;
    cr_expect_not(evidence_of_votes(&evidence, &a, &b), "two views");
    b.view = 7, b.epoch = 2;
    cr_expect_not(evidence_of_votes(&evidence, &a, &b), "two epochs");
}

Test(evidence, names_a_leader_with_two_proposals)
{
    struct committee committee;
    struct evidence evidence;
    committee_init(&committee, 4);
    const hash256 block = block_named(1);
    const struct proposal a = committee_proposal(&committee, 3, 7, 6, &block);
    const struct proposal b = committee_proposal(&committee, 3, 7, 5, &block);

    cr_assert(evidence_of_proposals(&evidence, &a, &b, 3), "one block on two parent views");
    cr_expect_eq(evidence.signer, 3);
    cr_expect_eq(evidence_check(&evidence, &committee.domain, &committee.record), EVIDENCE_OK);
    cr_expect_not(evidence_of_proposals(&evidence, &a, &a, 3), "the same proposal twice");
}

/* So that it is included once, whoever found it and in whatever order. */
Test(evidence, has_one_encoding_for_a_pair)
{
    struct committee committee;
    struct evidence one, other, decoded;
    uint8_t wire[EVIDENCE_SIZE_BYTES + 1] = {0}, again[EVIDENCE_SIZE_BYTES];
    const hash256 proposals[2] = {block_named(1), block_named(2)};
    committee_init(&committee, 4);

    for (unsigned kind = 0; kind < 3; kind++) {
        const struct vote a = committee_vote(&committee, 2, kinds[kind], 7, &proposals[0]);
        const struct vote b = committee_vote(
            &committee, 2, kinds[kind] == MESSAGE_NULLIFY ? MESSAGE_FINALIZE : kinds[kind], 7,
            &proposals[1]);
        cr_assert(evidence_of_votes(&one, &a, &b));
        cr_assert(evidence_of_votes(&other, &b, &a));
        evidence_encode(&one, wire);
        evidence_encode(&other, again);
        cr_expect_arr_eq(wire, again, sizeof again);

        cr_assert(evidence_decode(&decoded, bytes_of(wire, EVIDENCE_SIZE_BYTES), 3));
        evidence_encode(&decoded, again);
        cr_expect_arr_eq(wire, again, sizeof again);
        cr_expect_not(evidence_decode(&decoded, bytes_of(wire, EVIDENCE_SIZE_BYTES), 2),
                      "signer 2 of 2 members");
        for (size_t size = 0; size <= sizeof wire; size++)
            cr_expect_eq(evidence_decode(&decoded, bytes_of(wire, size), 4),
                         size == EVIDENCE_SIZE_BYTES, "%zu", size);
        struct evidence turned = {one.epoch, one.view, one.signer, one.second, one.first};
        evidence_encode(&turned, wire);
        cr_expect_not(evidence_decode(&decoded, bytes_of(wire, EVIDENCE_SIZE_BYTES), 4),
                      "the pair the other way round");
    }
}

Test(evidence, does_not_accuse_who_did_not_sign_both)
{
    struct committee committee;
    struct evidence evidence, changed;
    const hash256 proposals[2] = {block_named(1), block_named(2)};
    committee_init(&committee, 4);
    const struct vote a = committee_vote(&committee, 2, MESSAGE_NOTARIZE, 7, &proposals[0]);
    const struct vote b = committee_vote(&committee, 2, MESSAGE_NOTARIZE, 7, &proposals[1]);
    cr_assert(evidence_of_votes(&evidence, &a, &b));

    changed = evidence, changed.signer = 1;
    cr_expect_eq(evidence_check(&changed, &committee.domain, &committee.record),
                 EVIDENCE_BAD_SIGNATURE);
    changed.signer = 4;
    cr_expect_eq(evidence_check(&changed, &committee.domain, &committee.record),
                 EVIDENCE_UNKNOWN_SIGNER);
    changed = evidence, changed.epoch = 2;
    cr_expect_eq(evidence_check(&changed, &committee.domain, &committee.record),
                 EVIDENCE_WRONG_EPOCH);
    changed = evidence, changed.view++;
    cr_expect_eq(evidence_check(&changed, &committee.domain, &committee.record),
                 EVIDENCE_BAD_SIGNATURE);
    changed = evidence, changed.first.signature = evidence.second.signature;
    cr_expect_eq(evidence_check(&changed, &committee.domain, &committee.record),
                 EVIDENCE_BAD_SIGNATURE);
    changed = evidence, changed.second.kind = changed.first.kind = MESSAGE_FINALIZE;
    cr_expect_eq(evidence_check(&changed, &committee.domain, &committee.record),
                 EVIDENCE_BAD_SIGNATURE, "a vote of one kind never passes for another");
}

Test(evidence, decodes_only_as_one_of_the_four_contradictions)
{
    struct committee committee;
    struct evidence evidence, decoded;
    uint8_t wire[EVIDENCE_SIZE_BYTES];
    const hash256 proposals[2] = {block_named(1), block_named(2)};
    committee_init(&committee, 4);
    const struct vote a = committee_vote(&committee, 2, MESSAGE_NULLIFY, 7, NULL);
    const struct vote b = committee_vote(&committee, 2, MESSAGE_FINALIZE, 7, &proposals[1]);
    cr_assert(evidence_of_votes(&evidence, &a, &b));
    for (unsigned first = 0; first < 7; first++)
        for (unsigned second = 0; second < 7; second++) {
            evidence_encode(&evidence, wire);
            wire[1] = (uint8_t)first, wire[2] = (uint8_t)second;
            const bool is_pair = (first == second && first != MESSAGE_NULLIFY && first > 0
                                  && first <= MESSAGE_FINALIZE)
                                 || (first == MESSAGE_NULLIFY && second == MESSAGE_FINALIZE);
            cr_expect_eq(evidence_decode(&decoded, bytes_of(wire, sizeof wire), 4), is_pair,
                         "types %u and %u", first, second);
        }
    evidence_encode(&evidence, wire);
    wire[1 + 1 + 1 + 8 + 8 + 2] = 1; /* a NULLIFY names no proposal */
    cr_expect_not(evidence_decode(&decoded, bytes_of(wire, sizeof wire), 4));
    evidence_encode(&evidence, wire);
    wire[0] = EVIDENCE_VERSION + 1;
    cr_expect_not(evidence_decode(&decoded, bytes_of(wire, sizeof wire), 4));
}

Test(evidence, of_two_proposals_needs_one_view_and_one_epoch)
{
    struct evidence evidence;
    const struct proposal one = {.epoch = 1, .view = 5, .block = block_named(1)};
    struct proposal two = {.epoch = 1, .view = 5, .block = block_named(2)};
    cr_expect(evidence_of_proposals(&evidence, &one, &two, 2));
    two.view = 6;
    cr_expect_not(evidence_of_proposals(&evidence, &one, &two, 2));
    two.view = 5, two.epoch = 2;
    cr_expect_not(evidence_of_proposals(&evidence, &one, &two, 2));
    cr_expect_not(evidence_of_proposals(&evidence, &one, &one, 2), "one and the same");
}

/* cometbft#4114: evidence against a member that had left since stopped every node. It is checked
 * against the committee of its own epoch, where it holds, and refused by any other. */
Test(evidence, of_a_member_that_has_left_is_a_matter_of_its_own_epoch)
{
    struct committee before, after;
    struct evidence evidence, decoded;
    uint8_t wire[EVIDENCE_SIZE_BYTES];
    const hash256 one = block_named(1), two = block_named(2);
    committee_init(&before, 4);
    committee_init(&after, 3);
    after.record.epoch = 2;
    after.domain = signing_domain_of(1337, &before.domain.genesis_hash, &after.record);
    const struct vote a = committee_vote(&before, 3, MESSAGE_FINALIZE, 7, &one);
    const struct vote b = committee_vote(&before, 3, MESSAGE_FINALIZE, 7, &two);
    cr_assert(evidence_of_votes(&evidence, &a, &b));
    evidence_encode(&evidence, wire);
    cr_expect_eq(evidence_check(&evidence, &before.domain, &before.record), EVIDENCE_OK);
    cr_expect_eq(evidence_check(&evidence, &after.domain, &after.record), EVIDENCE_WRONG_EPOCH);
    cr_expect_not(evidence_decode(&decoded, bytes_of(wire, sizeof wire), 3));
    evidence.epoch = 2; /* whatever somebody claims */
    cr_expect_eq(evidence_check(&evidence, &after.domain, &after.record), EVIDENCE_UNKNOWN_SIGNER);
}

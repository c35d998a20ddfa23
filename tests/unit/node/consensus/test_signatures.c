/* A signature has one form: the same key and digest with the other s, or bytes of which no key can
 * be recovered, pass for nothing, whatever is signed. */
#include <criterion/criterion.h>

#include "node/consensus/evidence.h"
#include "tests/unit/node/consensus/committee.h"

/* s becomes the group order less s, and the recovery id the other: by the same key, of high s. */
static signature with_high_s(signature from)
{
    static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe,
                                      0xba, 0xae, 0xdc, 0xe6, 0xaf, 0x48, 0xa0, 0x3b,
                                      0xbf, 0xd2, 0x5e, 0x8c, 0xd0, 0x36, 0x41, 0x41};
    int borrow = 0;
    for (int i = 31; i >= 0; i--) {
        const int digit = order[i] - from.bytes[32 + i] - borrow;
        borrow = digit < 0;
        from.bytes[32 + i] = (uint8_t)(digit + 256 * borrow);
    }
    from.bytes[64] ^= 1;
    return from;
}

/* No point has an x of the field's size or more. */
static signature unrecoverable(signature from)
{
    memset(from.bytes, 0xff, 32);
    return from;
}

Test(signatures, the_other_s_is_by_the_same_key)
{
    struct committee committee;
    address signer;
    committee_init(&committee, 4);
    const struct vote vote = committee_vote(&committee, 2, MESSAGE_NULLIFY, 7, NULL);
    const signature other = with_high_s(vote.signature);
    const hash256 digest = vote_digest(&committee.domain, MESSAGE_NULLIFY, 7, &vote.proposal);
    cr_assert(signature_recover_address(&other, &digest, &signer));
    cr_expect(address_equal(&signer, &committee.entries[2].consensus));
    cr_expect_not(signature_is_low_s(&other));
}

Test(signatures, of_a_vote_have_one_form)
{
    struct committee committee;
    committee_init(&committee, 4);
    const struct vote good = committee_vote(&committee, 2, MESSAGE_NULLIFY, 7, NULL);
    struct vote bad = good;
    cr_expect_eq(vote_check(&good, &committee.domain, &committee.record), VOTE_OK);
    bad.signature = with_high_s(good.signature);
    cr_expect_eq(vote_check(&bad, &committee.domain, &committee.record), VOTE_BAD_SIGNATURE);
    bad.signature = unrecoverable(good.signature);
    cr_expect_eq(vote_check(&bad, &committee.domain, &committee.record), VOTE_BAD_SIGNATURE);
}

Test(signatures, of_a_proposal_have_one_form)
{
    struct committee committee;
    committee_init(&committee, 4);
    const hash256 block = block_named(9);
    const struct proposal good = committee_proposal(&committee, 1, 9, 6, &block);
    struct proposal bad = good;
    bad.signature = with_high_s(good.signature);
    cr_expect_eq(proposal_check(&bad, &committee.domain, &committee.record, 1),
                 PROPOSAL_BAD_SIGNATURE);
    bad.signature = unrecoverable(good.signature);
    cr_expect_eq(proposal_check(&bad, &committee.domain, &committee.record, 1),
                 PROPOSAL_BAD_SIGNATURE);
}

Test(signatures, of_a_status_have_one_form)
{
    struct committee committee;
    struct status good = {.epoch = 1, .signer = 2, .view = 1, .highest_voted_view = 1};
    committee_init(&committee, 4);
    committee_sign_status(&committee, &good);
    struct status bad = good;
    cr_expect_eq(status_check(&good, &committee.domain, &committee.record), STATUS_OK);
    bad.signature = with_high_s(good.signature);
    cr_expect_eq(status_check(&bad, &committee.domain, &committee.record), STATUS_BAD_SIGNATURE);
    bad.signature = unrecoverable(good.signature);
    cr_expect_eq(status_check(&bad, &committee.domain, &committee.record), STATUS_BAD_SIGNATURE);
}

/* Each of the two alone: nobody is accused by halves. */
Test(signatures, of_evidence_have_one_form)
{
    struct committee committee;
    struct evidence good;
    committee_init(&committee, 4);
    const hash256 one = block_named(1), two = block_named(2);
    const struct vote a = committee_vote(&committee, 2, MESSAGE_NOTARIZE, 7, &one);
    const struct vote b = committee_vote(&committee, 2, MESSAGE_NOTARIZE, 7, &two);
    cr_assert(evidence_of_votes(&good, &a, &b));
    cr_assert_eq(evidence_check(&good, &committee.domain, &committee.record), EVIDENCE_OK);
    for (unsigned i = 0; i < 3; i++) {
        struct evidence bad = good;
        struct statement *statement = i % 2 == 0 ? &bad.second : &bad.first;
        statement->signature =
            i == 2 ? unrecoverable(statement->signature) : with_high_s(statement->signature);
        cr_expect_eq(evidence_check(&bad, &committee.domain, &committee.record),
                     EVIDENCE_BAD_SIGNATURE, "%u", i);
    }
}

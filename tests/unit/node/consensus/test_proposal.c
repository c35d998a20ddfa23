#include "node/consensus/proposal.h"

#include <criterion/criterion.h>

#include "tests/unit/node/consensus/committee.h"
#include "vm/base/hex.h"

/* Proposes a block in view 9 on what was notarized in view 6; 7 and 8 were nullified. */
static struct proposal sample(const struct committee *committee, struct arena *arena)
{
    const hash256 parent = block_named(6), block = block_named(9);
    struct proposal proposal = committee_proposal(committee, 1, 9, 6, &block);
    proposal.form = PROPOSAL_WHOLE_BLOCK;
    proposal.body = bytes_of_text("a block in its stored form");
    proposal.certificates =
        arena_array(arena, PROPOSAL_CERTIFICATES_MAX + 1, sizeof *proposal.certificates);
    proposal.certificates_count = 3;
    proposal.certificates[0] =
        committee_certificate(committee, 0, MESSAGE_NOTARIZE, 6, 5, &parent, arena);
    proposal.certificates[1] =
        committee_certificate(committee, 1, MESSAGE_NULLIFY, 7, 0, NULL, arena);
    proposal.certificates[2] =
        committee_certificate(committee, 0, MESSAGE_NULLIFY, 8, 0, NULL, arena);
    return proposal;
}

static bool decodes(struct bytes encoded, unsigned committee_size)
{
    struct proposal decoded;
    struct arena arena = {0};
    const bool ok = proposal_decode(&decoded, encoded, committee_size, &arena);
    arena_cleanup(&arena);
    return ok;
}

static bool is_accepted(const struct proposal *proposal, unsigned committee_size)
{
    struct buffer encoded = {0};
    proposal_encode(proposal, &encoded);
    const bool ok = decodes(buffer_view(&encoded), committee_size);
    buffer_cleanup(&encoded);
    return ok;
}

Test(proposal, has_the_documented_layout)
{
    struct proposal proposal = {.epoch = 1, .view = 9, .parent_view = 6};
    struct buffer encoded = {0};
    char text[400] = {0};

    memset(proposal.block.bytes, 0xbb, sizeof proposal.block.bytes);
    memset(proposal.signature.bytes, 0xcd, sizeof proposal.signature.bytes);
    proposal_encode(&proposal, &encoded);
    cr_assert_eq(encoded.size, 1 + 8 + 8 + 8 + 32 + 65 + 1 + 4 + 1);
    hex_encode(text, encoded.data, encoded.size);
    cr_expect(strncmp(text,
                      "01"
                      "0000000000000001"
                      "0000000000000009"
                      "0000000000000006"
                      "bbbb",
                      54)
                  == 0,
              "%s", text);
    cr_expect_str_eq(text + strlen(text) - 14,
                     "cd"
                     "00"
                     "00000000"
                     "00",
                     "%s", text);
    buffer_cleanup(&encoded);
}

Test(proposal, decodes_to_what_was_encoded_and_at_no_other_length)
{
    struct committee committee;
    struct arena arena = {0};
    struct buffer encoded = {0}, again = {0};
    struct proposal decoded;

    committee_init(&committee, 4);
    struct proposal proposal = sample(&committee, &arena);
    proposal_encode(&proposal, &encoded);
    cr_assert(proposal_decode(&decoded, buffer_view(&encoded), 4, &arena));
    proposal_encode(&decoded, &again);
    cr_expect(bytes_equal(buffer_view(&encoded), buffer_view(&again)));
    cr_expect(bytes_equal(decoded.body, proposal.body));

    for (size_t size = 0; size < encoded.size; size++)
        cr_expect_not(decodes(bytes_of(encoded.data, size), 4), "%zu bytes", size);
    buffer_append_u8(&encoded, 0);
    cr_expect_not(decodes(buffer_view(&encoded), 4), "one byte more");
    buffer_cleanup(&encoded);
    buffer_cleanup(&again);
    arena_cleanup(&arena);
}

/* Each wrong certificate alone: another epoch, order, kind or view, an outsider, one too many. */
Test(proposal, rejects_certificates_that_cannot_justify_it)
{
    struct committee committee;
    struct arena arena = {0};
    committee_init(&committee, 4);
    const hash256 block = block_named(6);
    struct proposal good = sample(&committee, &arena);
    struct certificate *c = good.certificates;
    const struct certificate kept[3] = {c[0], c[1], c[2]};

    cr_assert(is_accepted(&good, 4));
    cr_expect_not(is_accepted(&good, 3), "a signer beyond the committee");
    c[0].epoch = 2;
    cr_expect_not(is_accepted(&good, 4), "another epoch");
    c[0] = kept[0];
    c[1] = kept[2], c[2] = kept[1];
    cr_expect_not(is_accepted(&good, 4), "decreasing views");
    c[1] = kept[1];
    cr_expect_not(is_accepted(&good, 4), "one view twice");
    c[2] = kept[2];
    c[1] = committee_certificate(&committee, 0, MESSAGE_NOTARIZE, 7, 6, &block, &arena);
    cr_expect_not(is_accepted(&good, 4), "a notarization above the parent view");
    c[1] = kept[1];
    c[0] = committee_certificate(&committee, 0, MESSAGE_NULLIFY, 6, 0, NULL, &arena);
    cr_expect_not(is_accepted(&good, 4), "a nullification of the parent view");
    c[0] = kept[0];
    c[2].view = 9;
    cr_expect_not(is_accepted(&good, 4), "a certificate of its own view");
    c[2] = kept[2];
    good.certificates_count = 0;
    cr_expect(is_accepted(&good, 4), "none at all: the receiver asks");
    arena_cleanup(&arena);
}

Test(proposal, rejects_more_certificates_than_its_maximum)
{
    struct committee committee;
    struct arena arena = {0};
    struct buffer encoded = {0};
    committee_init(&committee, 1);
    const hash256 block = block_named(30);
    struct proposal proposal = committee_proposal(&committee, 0, 30, 1, &block);
    struct certificate certificates[PROPOSAL_CERTIFICATES_MAX];
    for (unsigned i = 0; i < PROPOSAL_CERTIFICATES_MAX; i++)
        certificates[i] =
            committee_certificate(&committee, 0, MESSAGE_NULLIFY, 2 + i, 0, NULL, &arena);
    proposal.certificates = certificates;
    proposal.certificates_count = PROPOSAL_CERTIFICATES_MAX;
    cr_assert(is_accepted(&proposal, 1));

    proposal_encode(&proposal, &encoded);
    const size_t count_at = 1 + 8 + 8 + 8 + 32 + 65 + 1 + 4;
    cr_assert_eq(encoded.data[count_at], PROPOSAL_CERTIFICATES_MAX);
    encoded.data[count_at]++;
    struct buffer tenth = {0};
    struct certificate one = certificates[0];
    one.view = 20;
    certificate_encode(&one, &tenth);
    buffer_append_u16_be(&encoded, (uint16_t)tenth.size);
    buffer_append_bytes(&encoded, buffer_view(&tenth));
    cr_expect_not(decodes(buffer_view(&encoded), 1));
    buffer_cleanup(&tenth);
    buffer_cleanup(&encoded);
    arena_cleanup(&arena);
}

Test(proposal, rejects_unknown_versions_and_forms_and_a_body_that_should_not_be_there)
{
    struct committee committee;
    struct arena arena = {0};
    struct buffer encoded = {0};
    committee_init(&committee, 4);
    struct proposal proposal = sample(&committee, &arena);
    const size_t form_at = 1 + 8 + 8 + 8 + 32 + 65;

    proposal_encode(&proposal, &encoded);
    for (unsigned value = 0; value < 256; value++) {
        encoded.data[0] = (uint8_t)value;
        cr_expect_eq(decodes(buffer_view(&encoded), 4), value == PROPOSAL_VERSION);
    }
    encoded.data[0] = PROPOSAL_VERSION;
    for (unsigned form = 0; form < 256; form++) {
        encoded.data[form_at] = (uint8_t)form;
        cr_expect_eq(decodes(buffer_view(&encoded), 4),
                     form == PROPOSAL_WHOLE_BLOCK || form == PROPOSAL_COMPACT_BLOCK, "%u", form);
    }
    encoded.data[form_at] = PROPOSAL_WHOLE_BLOCK;
    memset(encoded.data + form_at + 1, 0xff, 4);
    cr_expect_not(decodes(buffer_view(&encoded), 4), "a body of 4 GiB that is not there");
    buffer_cleanup(&encoded);
    arena_cleanup(&arena);
}

/* P binds view, parent view and block (consensus 2.2): the signature covers all three. */
Test(proposal, is_checked_against_the_leader)
{
    struct committee committee;
    committee_init(&committee, 4);
    const hash256 block = block_named(9), other = block_named(10);
    const struct proposal good = committee_proposal(&committee, 1, 9, 6, &block);
    struct proposal bad;

    cr_expect_eq(proposal_check(&good, &committee.domain, &committee.record, 1), PROPOSAL_OK);
    cr_expect_eq(proposal_check(&good, &committee.domain, &committee.record, 2),
                 PROPOSAL_BAD_SIGNATURE);
    bad = good, bad.view++;
    cr_expect_eq(proposal_check(&bad, &committee.domain, &committee.record, 1),
                 PROPOSAL_BAD_SIGNATURE);
    bad = good, bad.parent_view--;
    cr_expect_eq(proposal_check(&bad, &committee.domain, &committee.record, 1),
                 PROPOSAL_BAD_SIGNATURE);
    bad = good, bad.block = other;
    cr_expect_eq(proposal_check(&bad, &committee.domain, &committee.record, 1),
                 PROPOSAL_BAD_SIGNATURE);
    bad = good, bad.epoch++;
    cr_expect_eq(proposal_check(&bad, &committee.domain, &committee.record, 1),
                 PROPOSAL_WRONG_EPOCH);
}

/* A NOTARIZE never passes for a proposal of the same block, nor the other way. */
Test(proposal, has_a_signing_domain_of_its_own)
{
    struct committee committee;
    committee_init(&committee, 4);
    const hash256 block = block_named(9);
    struct proposal proposal = committee_proposal(&committee, 1, 9, 6, &block);
    const hash256 identity = proposal_digest_of(&proposal);

    struct vote vote = committee_vote(&committee, 1, MESSAGE_NOTARIZE, 9, &identity);
    vote.signature = proposal.signature;
    cr_expect_eq(vote_check(&vote, &committee.domain, &committee.record), VOTE_BAD_SIGNATURE);
    proposal.signature = committee_vote(&committee, 1, MESSAGE_NOTARIZE, 9, &identity).signature;
    cr_expect_eq(proposal_check(&proposal, &committee.domain, &committee.record, 1),
                 PROPOSAL_BAD_SIGNATURE);
}

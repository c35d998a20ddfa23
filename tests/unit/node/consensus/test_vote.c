#include <criterion/criterion.h>

#include "node/consensus/vote.h"
#include "vm/base/hex.h"
#include "vm/crypto/secret_key.h"

static struct vote sample_vote(void)
{
    struct vote vote = {
        .kind = MESSAGE_FINALIZE, .epoch = 1, .view = 0x0102030405060708, .signer = 3};
    memset(vote.proposal.bytes, 0xab, sizeof vote.proposal.bytes);
    memset(vote.signature.bytes, 0xcd, sizeof vote.signature.bytes);
    return vote;
}

Test(vote, has_the_documented_layout)
{
    struct vote vote = sample_vote();
    uint8_t wire[VOTE_SIZE_BYTES];
    char text[2 * VOTE_SIZE_BYTES + 1] = {0};

    vote_encode(&vote, wire);
    hex_encode(text, wire, sizeof wire);
    cr_expect(strncmp(text,
                      "01"
                      "04"
                      "0000000000000001"
                      "0102030405060708"
                      "abababababababababababababababababababababababababababababababab"
                      "0003"
                      "cdcd",
                      2 * 54)
                  == 0,
              "%s", text);
}

/* A peer may cut or pad a message anywhere: only the exact length decodes. */
Test(vote, rejects_every_other_length)
{
    struct vote vote = sample_vote(), received;
    uint8_t wire[VOTE_SIZE_BYTES + 1] = {0};

    vote_encode(&vote, wire);
    for (size_t size = 0; size <= sizeof wire; size++)
        cr_expect(vote_decode(&received, wire, size, 4) == (size == VOTE_SIZE_BYTES), "%zu", size);
}

Test(vote, decodes_to_what_was_encoded)
{
    struct vote vote = sample_vote(), received;
    uint8_t wire[VOTE_SIZE_BYTES], again[VOTE_SIZE_BYTES];

    vote_encode(&vote, wire);
    cr_assert(vote_decode(&received, wire, sizeof wire, 4));
    vote_encode(&received, again);
    cr_expect_arr_eq(wire, again, sizeof wire);
}

Test(vote, rejects_unknown_versions_kinds_and_signers)
{
    struct vote vote = sample_vote(), received;
    uint8_t wire[VOTE_SIZE_BYTES];

    vote_encode(&vote, wire);
    cr_expect_not(vote_decode(&received, wire, sizeof wire, 3), "signer 3 of 3 members");
    wire[0] = VOTE_VERSION + 1;
    cr_expect_not(vote_decode(&received, wire, sizeof wire, 4));
    wire[0] = VOTE_VERSION;
    for (unsigned kind = 0; kind < 256; kind++) {
        wire[1] = (uint8_t)kind;
        bool is_good = kind == MESSAGE_NOTARIZE || kind == MESSAGE_FINALIZE;
        cr_expect(vote_decode(&received, wire, sizeof wire, 4) == is_good, "kind %u", kind);
    }
}

Test(vote, checks_the_signature_against_the_named_member)
{
    struct secret_key keys[2];
    struct committee_entry entries[2] = {{.weight = 1}, {.weight = 1}};
    for (unsigned i = 0; i < 2; i++) {
        uint8_t secret[32] = {[31] = (uint8_t)(i + 1)};
        cr_assert(secret_key_load(&keys[i], secret));
        entries[i].consensus = secret_key_address(&keys[i]);
    }
    struct epoch_record record = {.epoch = 1, .committee = entries, .committee_size = 2};
    hash256 genesis = {{9}};
    struct signing_domain domain = signing_domain_of(5, &genesis, &record);
    struct vote vote = sample_vote();
    vote.signer = 1;
    hash256 digest = vote_digest(&domain, vote.kind, vote.view, &vote.proposal);
    secret_key_sign(&keys[1], &digest, &vote.signature);

    cr_expect_eq(vote_check(&vote, &domain, &record), VOTE_OK);
    vote.signer = 0;
    cr_expect_eq(vote_check(&vote, &domain, &record), VOTE_BAD_SIGNATURE);
    vote.signer = 1;
    vote.view++;
    cr_expect_eq(vote_check(&vote, &domain, &record), VOTE_BAD_SIGNATURE);
    vote.view--;
    vote.signer = 2;
    cr_expect_eq(vote_check(&vote, &domain, &record), VOTE_UNKNOWN_SIGNER);
    vote.signer = 1;
    vote.epoch = 2;
    cr_expect_eq(vote_check(&vote, &domain, &record), VOTE_WRONG_EPOCH);
}

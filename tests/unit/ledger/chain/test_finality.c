/* Quorums, codecs and checks of what settles a block. The vectors stand in docs/formats.md. */
#include "ledger/chain/finality.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "ledger/chain/leader.h"
#include "tests/unit/ledger/vectors.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"
#include "vm/crypto/secret_key.h"

static struct arena arena;

static void stop(void)
{
    arena_cleanup(&arena);
}

TestSuite(finality, .fini = stop);

static void expect_hex(const char *what, const void *bytes, size_t size, const char *hex)
{
    char text[2 * 1024 + 1] = {0};
    cr_assert(size <= 1024);
    hex_encode(text, bytes, size);
    cr_expect_str_eq(text, hex, "%s: %s", what, text);
}

/* consensus.md: bft floor(2n/3) + 1, crash floor(n/2) + 1, all n. */
Test(finality, has_the_quorums_of_its_modes)
{
    static const struct {
        unsigned n, bft, crash;
    } rows[] = {{1, 1, 1}, {2, 2, 2}, {3, 3, 2},  {4, 3, 3},    {5, 4, 3},
                {6, 5, 4}, {7, 5, 4}, {10, 7, 6}, {99, 67, 50}, {100, 67, 51}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_expect(quorum_size(QUORUM_BFT, rows[i].n) == rows[i].bft, "n = %u", rows[i].n);
        cr_expect(quorum_size(QUORUM_CRASH, rows[i].n) == rows[i].crash, "n = %u", rows[i].n);
        cr_expect(quorum_size(QUORUM_ALL, rows[i].n) == rows[i].n);
    }
}

static struct secret_key key_of(unsigned member)
{
    struct secret_key key = {{0}};
    key.bytes[31] = (uint8_t)(member + 1);
    return key;
}

/* Members with keys 1, 2, ...; everything else from the index. */
static struct epoch_record committee_of(unsigned size, enum quorum_mode mode)
{
    struct committee_entry *entries = arena_array(&arena, size, sizeof *entries);
    for (unsigned i = 0; i < size; i++) {
        struct secret_key key = key_of(i);
        entries[i].consensus = secret_key_address(&key);
        memset(entries[i].node_key, (int)i + 1, sizeof entries[i].node_key);
        entries[i].node_key[0] = 2;
        memset(entries[i].payout.bytes, (int)i + 1, sizeof entries[i].payout.bytes);
        entries[i].weight = 1;
        snprintf(entries[i].endpoint, sizeof entries[i].endpoint, "%s", "box.example:30800");
        memset(entries[i].reveal_salt.bytes, (int)i + 3, 32);
        memset(entries[i].reveal_commitment.bytes, (int)i + 4, 32);
    }
    struct epoch_record record = {.epoch = 1,
                                  .fork = VM_FORK_CANCUN,
                                  .first_height = 1,
                                  .mode = mode,
                                  .quorum = quorum_size(mode, size),
                                  .parameters = {.pulse_ms = 1000,
                                                 .tail = 5,
                                                 .block_size_max = 262144,
                                                 .gas_limit = 60000000},
                                  .committee = entries,
                                  .committee_size = size};
    memset(record.seal.bytes, 0x55, sizeof record.seal.bytes);
    record.supply.issued = u256_from_u64(1000);
    return record;
}

static struct signing_domain domain_of(const struct epoch_record *record)
{
    return signing_domain_of(1234, &record->seal, record);
}

static struct certificate certificate_by(const struct epoch_record *record,
                                         enum consensus_message kind, const hash256 *block,
                                         unsigned signers)
{
    const struct signing_domain domain = domain_of(record);
    struct certificate certificate = {.kind = kind, .epoch = 1, .view = 7};
    if (kind != MESSAGE_NULLIFY) {
        certificate.parent_view = 6;
        certificate.block_hash = *block;
    }
    const hash256 proposal =
        proposal_digest(1, 7, certificate.parent_view, &certificate.block_hash);
    const hash256 digest = vote_digest(&domain, kind, 7, &proposal);
    certificate.signatures = arena_array(&arena, signers, sizeof *certificate.signatures);
    for (unsigned i = 0; i < signers; i++) {
        struct secret_key key = key_of(i);
        certificate.bitmap[i / 8] |= (uint8_t)(1 << i % 8);
        secret_key_sign(&key, &digest, &certificate.signatures[certificate.signatures_count++]);
    }
    return certificate;
}

Test(finality, writes_records_as_documented)
{
    const struct epoch_record record = committee_of(1, QUORUM_BFT);
    const struct signing_domain domain = domain_of(&record);
    struct buffer out = {0};
    committee_entry_encode(&record.committee[0], &out);
    expect_hex("committee entry", out.data, out.size, VECTOR_COMMITTEE_ENTRY);
    buffer_clear(&out);
    epoch_record_encode(&record, &out);
    expect_hex("epoch record", out.data, out.size, VECTOR_EPOCH_RECORD);
    const hash256 record_hash = epoch_record_hash(&record);
    expect_hex("epoch record's hash", record_hash.bytes, 32, VECTOR_EPOCH_RECORD_HASH);
    expect_hex("committee hash", domain.committee.bytes, 32, VECTOR_COMMITTEE_HASH);

    hash256 block;
    memset(block.bytes, 0xbb, sizeof block.bytes);
    const hash256 proposal = proposal_digest(1, 7, 6, &block);
    expect_hex("proposal digest", proposal.bytes, 32, VECTOR_PROPOSAL);
    const hash256 notarize = vote_digest(&domain, MESSAGE_NOTARIZE, 7, &proposal);
    const hash256 nullify = vote_digest(&domain, MESSAGE_NULLIFY, 7, NULL);
    expect_hex("NOTARIZE digest", notarize.bytes, 32, VECTOR_NOTARIZE);
    expect_hex("NULLIFY digest", nullify.bytes, 32, VECTOR_NULLIFY);
    const struct certificate certificate = certificate_by(&record, MESSAGE_FINALIZE, &block, 1);
    buffer_clear(&out);
    certificate_encode(&certificate, &out);
    expect_hex("certificate", out.data, out.size, VECTOR_CERTIFICATE);
    buffer_cleanup(&out);
}

/* The digest is the plain hash of the concatenation that consensus 2.3 gives. */
Test(finality, signs_the_documented_bytes)
{
    const struct epoch_record record = committee_of(1, QUORUM_BFT);
    const struct signing_domain domain = domain_of(&record);
    uint8_t bytes[4 + 1 + 32 + 32 + 8 + 32 + 8] = {'O', 'R', 'G', '1', MESSAGE_NULLIFY};
    bytes[5 + 30] = 1234 >> 8;
    bytes[5 + 31] = 1234 & 0xff;
    memset(bytes + 37, 0x55, 32);
    bytes[69 + 7] = 1;
    memcpy(bytes + 77, domain.committee.bytes, 32);
    bytes[109 + 7] = 7;
    const hash256 expected = keccak256(bytes, sizeof bytes);
    const hash256 digest = vote_digest(&domain, MESSAGE_NULLIFY, 7, NULL);
    cr_expect(hash256_equal(&digest, &expected));
}

Test(finality, reads_what_it_wrote_and_no_other_length)
{
    const struct epoch_record record = committee_of(4, QUORUM_BFT);
    const hash256 block = {{8}};
    const struct certificate certificate = certificate_by(&record, MESSAGE_FINALIZE, &block, 3);
    struct buffer out = {0}, again = {0};
    certificate_encode(&certificate, &out);
    struct certificate read;
    for (size_t size = 0; size < out.size; size++)
        cr_expect(!certificate_decode(&read, bytes_of(out.data, size), &arena), "%zu", size);
    cr_assert(certificate_decode(&read, buffer_view(&out), &arena));
    certificate_encode(&read, &again);
    cr_expect(bytes_equal(buffer_view(&out), buffer_view(&again)));
    buffer_append_u8(&out, 0);
    cr_expect(!certificate_decode(&read, buffer_view(&out), &arena));

    struct epoch_record read_record;
    buffer_clear(&out);
    epoch_record_encode(&record, &out);
    cr_assert(epoch_record_decode(&read_record, buffer_view(&out), &arena));
    buffer_clear(&again);
    epoch_record_encode(&read_record, &again);
    cr_expect(bytes_equal(buffer_view(&out), buffer_view(&again)));
    for (size_t size = 0; size < out.size; size++)
        cr_expect(!epoch_record_decode(&read_record, bytes_of(out.data, size), &arena));
    buffer_cleanup(&out);
    buffer_cleanup(&again);
}

/* consensus 2.2: a longer bitmap than needed, or a signer of 100 or more, is no certificate. */
Test(finality, refuses_loose_bitmaps)
{
    const struct epoch_record record = committee_of(1, QUORUM_BFT);
    const hash256 block = {{8}};
    const struct certificate certificate = certificate_by(&record, MESSAGE_FINALIZE, &block, 1);
    struct buffer out = {0}, loose = {0};
    struct certificate read;
    certificate_encode(&certificate, &out);
    const size_t bitmap = 1 + 1 + 8 + 8 + 8 + 32;
    buffer_append(&loose, out.data, bitmap);
    buffer_append_u8(&loose, 2);
    buffer_append_u8(&loose, 1);
    buffer_append_u8(&loose, 0);
    buffer_append(&loose, out.data + bitmap + 2, SIGNATURE_SIZE);
    cr_expect(!certificate_decode(&read, buffer_view(&loose), &arena));

    struct certificate far = certificate;
    memset(far.bitmap, 0, sizeof far.bitmap);
    far.bitmap[12] = 1 << 4; /* signer 100 */
    buffer_clear(&out);
    certificate_encode(&far, &out);
    cr_expect(!certificate_decode(&read, buffer_view(&out), &arena));
    buffer_cleanup(&out);
    buffer_cleanup(&loose);
}

Test(finality, counts_exactly_a_quorum_of_members)
{
    const struct epoch_record record = committee_of(4, QUORUM_BFT);
    const struct signing_domain domain = domain_of(&record);
    const hash256 block = {{8}};
    struct certificate good = certificate_by(&record, MESSAGE_FINALIZE, &block, 3);
    struct certificate few = certificate_by(&record, MESSAGE_FINALIZE, &block, 2);
    struct certificate many = certificate_by(&record, MESSAGE_FINALIZE, &block, 4);
    struct certificate far = certificate_by(&record, MESSAGE_FINALIZE, &block, 5);
    struct certificate other = good;
    other.epoch = 2;
    struct certificate swapped = good;
    swapped.bitmap[0] = 0x0b; /* members 0, 1, 3 with the signatures of 0, 1, 2 */
    struct certificate moved = good;
    moved.view = 8;
    struct certificate proposal = good;
    proposal.kind = MESSAGE_PROPOSAL;
    cr_expect(certificate_check(&good, &domain, &record) == FINALITY_OK);
    cr_expect(certificate_check(&few, &domain, &record) == FINALITY_QUORUM_MISSED);
    cr_expect(certificate_check(&many, &domain, &record) == FINALITY_QUORUM_MISSED);
    cr_expect(certificate_check(&far, &domain, &record) == FINALITY_UNKNOWN_SIGNER);
    cr_expect(certificate_check(&other, &domain, &record) == FINALITY_WRONG_EPOCH);
    cr_expect(certificate_check(&swapped, &domain, &record) == FINALITY_BAD_SIGNATURE);
    cr_expect(certificate_check(&moved, &domain, &record) == FINALITY_BAD_SIGNATURE);
    cr_expect(certificate_check(&proposal, &domain, &record) == FINALITY_WRONG_KIND);
}

/* Three headers in a row, the last one certified. */
static struct finality_proof proof_of(const struct epoch_record *record)
{
    struct finality_proof proof = {.headers_count = 3};
    proof.headers = arena_array(&arena, 3, sizeof *proof.headers);
    const hash256 record_hash = epoch_record_hash(record);
    for (unsigned i = 0; i < 3; i++) {
        proof.headers[i].number = 5 + i;
        proof.headers[i].extra_data_size = 32;
        proof.headers[i].parent_beacon_block_root = record_hash;
        if (i > 0)
            proof.headers[i].parent_hash = header_hash(&proof.headers[i - 1], record->fork);
    }
    const hash256 last = header_hash(&proof.headers[2], record->fork);
    proof.finalization = certificate_by(record, MESSAGE_FINALIZE, &last, record->quorum);
    return proof;
}

Test(finality, proves_a_block_through_its_descendants)
{
    const struct epoch_record record = committee_of(4, QUORUM_BFT);
    const struct signing_domain domain = domain_of(&record);
    struct finality_proof proof = proof_of(&record), read;
    struct buffer out = {0};
    finality_proof_encode(&proof, record.fork, &out);
    cr_assert(finality_proof_decode(&read, record.fork, buffer_view(&out), &arena));
    cr_expect(finality_proof_check(&read, &domain, &record) == FINALITY_OK);
    for (size_t size = 0; size < out.size; size++)
        cr_expect(!finality_proof_decode(&read, record.fork, bytes_of(out.data, size), &arena));
    buffer_cleanup(&out);

    proof.headers[0].gas_used = 1;
    cr_expect(finality_proof_check(&proof, &domain, &record) == FINALITY_BROKEN_CHAIN);
    proof = proof_of(&record);
    proof.headers_count = 2;
    cr_expect(finality_proof_check(&proof, &domain, &record) == FINALITY_WRONG_BLOCK);
    proof = proof_of(&record);
    proof.finalization.kind = MESSAGE_NOTARIZE;
    cr_expect(finality_proof_check(&proof, &domain, &record) == FINALITY_WRONG_KIND);
    proof = proof_of(&record);
    proof.headers[2].parent_beacon_block_root.bytes[0] ^= 1;
    cr_expect(finality_proof_check(&proof, &domain, &record) == FINALITY_WRONG_RECORD);
}

/* Every member leads once in n views, in an order that the seal's mixHash decides. */
Test(finality, gives_every_member_its_turn)
{
    const hash256 one = {{1}}, two = {{2}};
    bool differs = false;
    unsigned turns[7] = {0};
    for (uint64_t view = 0; view < 7; view++) {
        turns[leader_of_view(&one, 7, view)]++;
        differs |= leader_of_view(&one, 7, view) != leader_of_view(&two, 7, view);
        cr_expect(leader_of_view(&one, 7, view) == leader_of_view(&one, 7, view + 7));
    }
    for (unsigned i = 0; i < 7; i++)
        cr_expect(turns[i] == 1);
    cr_expect(differs);
    cr_expect(leader_of_view(&one, 1, 12345) == 0);
}

#include "node/consensus/evidence.h"

#include <assert.h>

#include "vm/base/cursor.h"

static_assert(EVIDENCE_SIZE_BYTES == 1 + 1 + 1 + 8 + 8 + 2 + 2 * 32 + 2 * SIGNATURE_SIZE,
              "layout in evidence.h");

static int compare_proposals(const struct statement *a, const struct statement *b)
{
    return memcmp(a->proposal.bytes, b->proposal.bytes, sizeof a->proposal.bytes);
}

/* E1 to E4, in the one order in which a pair is written. */
static bool contradicts(const struct statement *first, const struct statement *second)
{
    switch (first->kind) {
    case MESSAGE_PROPOSAL:
    case MESSAGE_NOTARIZE:
    case MESSAGE_FINALIZE:
        return second->kind == first->kind && compare_proposals(first, second) < 0;
    case MESSAGE_NULLIFY:
        return second->kind == MESSAGE_FINALIZE && hash256_is_zero(&first->proposal);
    case MESSAGE_STATUS: return false;
    }
    return false;
}

static bool make(struct evidence *evidence, struct statement a, struct statement b)
{
    const bool in_order = contradicts(&a, &b);
    evidence->first = in_order ? a : b;
    evidence->second = in_order ? b : a;
    return contradicts(&evidence->first, &evidence->second);
}

bool evidence_of_votes(struct evidence *evidence, const struct vote *a, const struct vote *b)
{
    *evidence = (struct evidence){.epoch = a->epoch, .view = a->view, .signer = a->signer};
    return a->epoch == b->epoch && a->view == b->view && a->signer == b->signer
           && make(evidence, (struct statement){a->kind, a->proposal, a->signature},
                   (struct statement){b->kind, b->proposal, b->signature});
}

bool evidence_of_proposals(struct evidence *evidence, const struct proposal *a,
                           const struct proposal *b, uint16_t leader)
{
    *evidence = (struct evidence){.epoch = a->epoch, .view = a->view, .signer = leader};
    return a->epoch == b->epoch && a->view == b->view
           && make(evidence,
                   (struct statement){MESSAGE_PROPOSAL, proposal_digest_of(a), a->signature},
                   (struct statement){MESSAGE_PROPOSAL, proposal_digest_of(b), b->signature});
}

void evidence_encode(const struct evidence *evidence, uint8_t out[EVIDENCE_SIZE_BYTES])
{
    const struct statement *const both[2] = {&evidence->first, &evidence->second};
    struct buffer encoded = {0};
    buffer_append_u8(&encoded, EVIDENCE_VERSION);
    for (unsigned i = 0; i < 2; i++)
        buffer_append_u8(&encoded, (uint8_t)both[i]->kind);
    buffer_append_u64_be(&encoded, evidence->epoch);
    buffer_append_u64_be(&encoded, evidence->view);
    buffer_append_u16_be(&encoded, evidence->signer);
    for (unsigned i = 0; i < 2; i++)
        buffer_append(&encoded, both[i]->proposal.bytes, sizeof both[i]->proposal.bytes);
    for (unsigned i = 0; i < 2; i++)
        buffer_append(&encoded, both[i]->signature.bytes, sizeof both[i]->signature.bytes);
    assert(encoded.size == EVIDENCE_SIZE_BYTES);
    memcpy(out, encoded.data, EVIDENCE_SIZE_BYTES);
    buffer_cleanup(&encoded);
}

bool evidence_decode(struct evidence *evidence, struct bytes encoded, unsigned committee_size)
{
    struct statement *const both[2] = {&evidence->first, &evidence->second};
    struct cursor in = cursor_over(encoded.data, encoded.size);
    const uint8_t version = cursor_u8(&in);
    for (unsigned i = 0; i < 2; i++)
        both[i]->kind = (enum consensus_message)cursor_u8(&in);
    evidence->epoch = cursor_u64_be(&in);
    evidence->view = cursor_u64_be(&in);
    evidence->signer = cursor_u16_be(&in);
    for (unsigned i = 0; i < 2; i++)
        cursor_copy(&in, both[i]->proposal.bytes, sizeof both[i]->proposal.bytes);
    for (unsigned i = 0; i < 2; i++)
        cursor_copy(&in, both[i]->signature.bytes, sizeof both[i]->signature.bytes);
    return cursor_finished(&in) && version == EVIDENCE_VERSION && evidence->signer < committee_size
           && contradicts(&evidence->first, &evidence->second);
}

static bool is_signed(const struct statement *statement, const struct evidence *evidence,
                      const struct signing_domain *domain, const address *member)
{
    const hash256 digest =
        vote_digest(domain, statement->kind, evidence->view, &statement->proposal);
    address signer;
    return signature_is_low_s(&statement->signature)
           && signature_recover_address(&statement->signature, &digest, &signer)
           && address_equal(&signer, member);
}

enum evidence_verdict evidence_check(const struct evidence *evidence,
                                     const struct signing_domain *domain,
                                     const struct epoch_record *record)
{
    if (evidence->epoch != domain->epoch)
        return EVIDENCE_WRONG_EPOCH;
    if (evidence->signer >= record->committee_size)
        return EVIDENCE_UNKNOWN_SIGNER;
    const address *member = &record->committee[evidence->signer].consensus;
    if (!is_signed(&evidence->first, evidence, domain, member)
        || !is_signed(&evidence->second, evidence, domain, member))
        return EVIDENCE_BAD_SIGNATURE;
    return EVIDENCE_OK;
}

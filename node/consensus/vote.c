#include "node/consensus/vote.h"

#include <assert.h>

#include "vm/base/cursor.h"

static_assert(VOTE_SIZE_BYTES == 1 + 1 + 8 + 8 + 32 + 2 + SIGNATURE_SIZE, "layout in vote.h");

static void put_be(uint8_t **out, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        *(*out)++ = (uint8_t)(value >> (8 * (size - 1 - i)));
}

static void put_bytes(uint8_t **out, const uint8_t *bytes, size_t size)
{
    memcpy(*out, bytes, size);
    *out += size;
}

void vote_encode(const struct vote *vote, uint8_t out[VOTE_SIZE_BYTES])
{
    uint8_t *next = out;
    put_be(&next, VOTE_VERSION, 1);
    put_be(&next, (uint64_t)vote->kind, 1);
    put_be(&next, vote->epoch, 8);
    put_be(&next, vote->view, 8);
    put_bytes(&next, vote->proposal.bytes, sizeof vote->proposal.bytes);
    put_be(&next, vote->signer, 2);
    put_bytes(&next, vote->signature.bytes, sizeof vote->signature.bytes);
    assert(next == out + VOTE_SIZE_BYTES);
}

static bool is_vote_kind(uint8_t kind)
{
    return kind == MESSAGE_NOTARIZE || kind == MESSAGE_NULLIFY || kind == MESSAGE_FINALIZE;
}

bool vote_decode(struct vote *vote, const uint8_t *bytes, size_t size, unsigned committee_size)
{
    struct cursor in = cursor_over(bytes, size);
    uint8_t version = cursor_u8(&in);
    uint8_t kind = cursor_u8(&in);
    vote->epoch = cursor_u64_be(&in);
    vote->view = cursor_u64_be(&in);
    cursor_copy(&in, vote->proposal.bytes, sizeof vote->proposal.bytes);
    vote->signer = cursor_u16_be(&in);
    cursor_copy(&in, vote->signature.bytes, sizeof vote->signature.bytes);
    vote->kind = (enum consensus_message)kind;

    return cursor_finished(&in) /* nothing missing, nothing left over */
           && version == VOTE_VERSION && is_vote_kind(kind) && vote->signer < committee_size
           && (kind != MESSAGE_NULLIFY || hash256_is_zero(&vote->proposal));
}

enum vote_verdict vote_check(const struct vote *vote, const struct signing_domain *domain,
                             const struct epoch_record *record)
{
    address signer;
    hash256 digest;

    if (vote->epoch != domain->epoch)
        return VOTE_WRONG_EPOCH;
    if (vote->signer >= record->committee_size)
        return VOTE_UNKNOWN_SIGNER;
    digest = vote_digest(domain, vote->kind, vote->view, &vote->proposal);
    if (!signature_is_low_s(&vote->signature)
        || !signature_recover_address(&vote->signature, &digest, &signer)
        || !address_equal(&signer, &record->committee[vote->signer].consensus))
        return VOTE_BAD_SIGNATURE;
    return VOTE_OK;
}

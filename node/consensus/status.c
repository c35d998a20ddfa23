#include "node/consensus/status.h"

#include <assert.h>

#include "vm/base/cursor.h"
#include "vm/crypto/keccak.h"

#define FLAG_AMNESIAC 1

static void put_hash(struct buffer *out, const hash256 *hash)
{
    buffer_append(out, hash->bytes, sizeof hash->bytes);
}

static void put_votes(const struct status *status, struct buffer *out)
{
    assert(status->votes_count <= STATUS_VOTES_MAX);
    buffer_append_u8(out, (uint8_t)status->votes_count);
    for (unsigned i = 0; i < status->votes_count; i++)
        vote_encode(&status->votes[i], buffer_extend(out, VOTE_SIZE_BYTES));
}

/* All but the signature. */
static void encode_body(const struct status *status, struct buffer *out)
{
    buffer_append_u8(out, STATUS_VERSION);
    buffer_append_u64_be(out, status->epoch);
    buffer_append_u16_be(out, status->signer);
    buffer_append_u64_be(out, status->view);
    buffer_append_u64_be(out, status->highest_voted_view);
    buffer_append_u64_be(out, status->final_height);
    put_hash(out, &status->final_hash);
    buffer_append_u64_be(out, status->final_view);
    buffer_append_u64_be(out, status->earliest_height);
    buffer_append_u8(out, (uint8_t)status->entry_kind);
    buffer_append_u64_be(out, status->entry_view);
    buffer_append_u8(out, status->is_amnesiac ? FLAG_AMNESIAC : 0);
    put_hash(out, &status->question);
    put_hash(out, &status->answered);
    buffer_append_u64_be(out, status->protocol_lowest);
    buffer_append_u64_be(out, status->protocol_highest);
    put_votes(status, out);
}

hash256 status_digest(const struct status *status, const struct signing_domain *domain)
{
    struct buffer body = {0};
    encode_body(status, &body);
    const hash256 hash = keccak256(body.data, body.size);
    buffer_cleanup(&body);
    return signing_digest(domain, MESSAGE_STATUS, bytes_of(hash.bytes, sizeof hash.bytes));
}

void status_encode(const struct status *status, struct buffer *out)
{
    encode_body(status, out);
    buffer_append(out, status->signature.bytes, sizeof status->signature.bytes);
}

static bool entry_is_sound(const struct status *status)
{
    if (status->view == 0 || status->entry_view != status->view - 1)
        return false; /* R4: a view is entered by the certificate of the one before */
    switch ((int)status->entry_kind) {
    case 0: return status->entry_view == 0;
    case MESSAGE_NOTARIZE:
    case MESSAGE_NULLIFY:
    case MESSAGE_FINALIZE: return status->entry_view > 0;
    default: return false;
    }
}

static bool read_votes(struct cursor *in, struct status *status, unsigned committee_size)
{
    const unsigned count = cursor_u8(in);
    if (count > STATUS_VOTES_MAX)
        return false;
    for (unsigned i = 0; i < count; i++) {
        struct vote *vote = &status->votes[i];
        const struct bytes encoded = cursor_take(in, VOTE_SIZE_BYTES);
        if (!vote_decode(vote, encoded.data, encoded.size, committee_size)
            || vote->epoch != status->epoch || vote->signer != status->votes[0].signer
            || (i > 0 && vote->kind <= status->votes[i - 1].kind))
            return false;
    }
    status->votes_count = count;
    return true;
}

bool status_decode(struct status *status, struct bytes encoded, unsigned committee_size)
{
    *status = (struct status){0};
    struct cursor in = cursor_over(encoded.data, encoded.size);
    const uint8_t version = cursor_u8(&in);
    status->epoch = cursor_u64_be(&in);
    status->signer = cursor_u16_be(&in);
    status->view = cursor_u64_be(&in);
    status->highest_voted_view = cursor_u64_be(&in);
    status->final_height = cursor_u64_be(&in);
    cursor_copy(&in, status->final_hash.bytes, sizeof status->final_hash.bytes);
    status->final_view = cursor_u64_be(&in);
    status->earliest_height = cursor_u64_be(&in);
    status->entry_kind = (enum consensus_message)cursor_u8(&in);
    status->entry_view = cursor_u64_be(&in);
    const uint8_t flags = cursor_u8(&in);
    status->is_amnesiac = flags & FLAG_AMNESIAC;
    cursor_copy(&in, status->question.bytes, sizeof status->question.bytes);
    cursor_copy(&in, status->answered.bytes, sizeof status->answered.bytes);
    status->protocol_lowest = cursor_u64_be(&in);
    status->protocol_highest = cursor_u64_be(&in);
    const bool votes_are_sound = read_votes(&in, status, committee_size);
    cursor_copy(&in, status->signature.bytes, sizeof status->signature.bytes);

    return votes_are_sound && cursor_finished(&in) && version == STATUS_VERSION
           && status->signer < committee_size && flags <= FLAG_AMNESIAC && entry_is_sound(status)
           && status->final_view < status->view
           && status->protocol_lowest <= status->protocol_highest;
}

enum status_verdict status_check(const struct status *status, const struct signing_domain *domain,
                                 const struct epoch_record *record)
{
    address signer;

    if (status->epoch != domain->epoch)
        return STATUS_WRONG_EPOCH;
    if (status->signer >= record->committee_size)
        return STATUS_UNKNOWN_SIGNER;
    const hash256 digest = status_digest(status, domain);
    if (!signature_is_low_s(&status->signature)
        || !signature_recover_address(&status->signature, &digest, &signer)
        || !address_equal(&signer, &record->committee[status->signer].consensus))
        return STATUS_BAD_SIGNATURE;
    for (unsigned i = 0; i < status->votes_count; i++)
        if (vote_check(&status->votes[i], domain, record) != VOTE_OK)
            return STATUS_BAD_VOTE;
    return STATUS_OK;
}

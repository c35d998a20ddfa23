#include "node/consensus/proposal.h"

#include <assert.h>

#include "vm/base/cursor.h"

hash256 proposal_digest_of(const struct proposal *proposal)
{
    return proposal_digest(proposal->epoch, proposal->view, proposal->parent_view,
                           &proposal->block);
}

static void put_certificate(const struct certificate *certificate, struct buffer *out)
{
    struct buffer encoded = {0};
    certificate_encode(certificate, &encoded);
    assert(encoded.size <= UINT16_MAX);
    buffer_append_u16_be(out, (uint16_t)encoded.size);
    buffer_append_bytes(out, buffer_view(&encoded));
    buffer_cleanup(&encoded);
}

void proposal_encode(const struct proposal *proposal, struct buffer *out)
{
    assert((proposal->form == PROPOSAL_WITHOUT_BLOCK) == (proposal->body.size == 0));
    assert(proposal->body.size <= UINT32_MAX);
    assert(proposal->certificates_count <= PROPOSAL_CERTIFICATES_MAX);
    buffer_append_u8(out, PROPOSAL_VERSION);
    buffer_append_u64_be(out, proposal->epoch);
    buffer_append_u64_be(out, proposal->view);
    buffer_append_u64_be(out, proposal->parent_view);
    buffer_append(out, proposal->block.bytes, sizeof proposal->block.bytes);
    buffer_append(out, proposal->signature.bytes, sizeof proposal->signature.bytes);
    buffer_append_u8(out, (uint8_t)proposal->form);
    buffer_append_u32_be(out, (uint32_t)proposal->body.size);
    buffer_append_bytes(out, proposal->body);
    buffer_append_u8(out, (uint8_t)proposal->certificates_count);
    for (unsigned i = 0; i < proposal->certificates_count; i++)
        put_certificate(&proposal->certificates[i], out);
}

/* Whether it can stand behind `before` (0: none) in what justifies the proposal. */
static bool certificate_fits(const struct certificate *certificate, const struct proposal *proposal,
                             uint64_t before)
{
    const bool is_nullification = certificate->kind == MESSAGE_NULLIFY;
    return certificate->epoch == proposal->epoch && certificate->view > before
           && certificate->view < proposal->view
           && (is_nullification ? certificate->view > proposal->parent_view
                                : certificate->view == proposal->parent_view);
}

static bool read_certificates(struct cursor *in, struct proposal *proposal, unsigned committee_size,
                              struct arena *arena)
{
    const unsigned count = cursor_u8(in);
    if (count > PROPOSAL_CERTIFICATES_MAX)
        return false;
    proposal->certificates = arena_array(arena, count, sizeof *proposal->certificates);
    uint64_t before = 0;
    for (unsigned i = 0; i < count; i++) {
        struct certificate *certificate = &proposal->certificates[i];
        const struct bytes encoded = cursor_take(in, cursor_u16_be(in));
        if (!certificate_decode(certificate, encoded, arena)
            || certificate_signers_end(certificate) > committee_size
            || !certificate_fits(certificate, proposal, before))
            return false;
        before = certificate->view;
        proposal->certificates_count++;
    }
    return true;
}

bool proposal_decode(struct proposal *proposal, struct bytes encoded, unsigned committee_size,
                     struct arena *arena)
{
    *proposal = (struct proposal){0};
    struct cursor in = cursor_over(encoded.data, encoded.size);
    const uint8_t version = cursor_u8(&in);
    proposal->epoch = cursor_u64_be(&in);
    proposal->view = cursor_u64_be(&in);
    proposal->parent_view = cursor_u64_be(&in);
    cursor_copy(&in, proposal->block.bytes, sizeof proposal->block.bytes);
    cursor_copy(&in, proposal->signature.bytes, sizeof proposal->signature.bytes);
    const uint8_t form = cursor_u8(&in);
    proposal->body = cursor_take(&in, cursor_u32_be(&in));
    if (in.failed || version != PROPOSAL_VERSION || form > PROPOSAL_COMPACT_BLOCK
        || (form == PROPOSAL_WITHOUT_BLOCK) != (proposal->body.size == 0))
        return false;
    proposal->form = (enum proposal_form)form;
    return read_certificates(&in, proposal, committee_size, arena) && cursor_finished(&in);
}

enum proposal_verdict proposal_check(const struct proposal *proposal,
                                     const struct signing_domain *domain,
                                     const struct epoch_record *record, unsigned leader)
{
    address signer;

    assert(leader < record->committee_size);
    if (proposal->epoch != domain->epoch)
        return PROPOSAL_WRONG_EPOCH;
    const hash256 identity = proposal_digest_of(proposal);
    const hash256 digest = vote_digest(domain, MESSAGE_PROPOSAL, proposal->view, &identity);
    if (!signature_is_low_s(&proposal->signature)
        || !signature_recover_address(&proposal->signature, &digest, &signer)
        || !address_equal(&signer, &record->committee[leader].consensus))
        return PROPOSAL_BAD_SIGNATURE;
    return PROPOSAL_OK;
}

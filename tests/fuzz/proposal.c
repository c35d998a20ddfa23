/* A proposal that its leader really signed, with a block and the certificates that it stands on,
 * and any edits: what still passes for the leader's is of the same view, parent view and block, and
 * each certificate in it that still passes is one that a quorum signed. */
#include "tests/fuzz/edits.h"
#include "tests/fuzz/target.h"
#include "tests/unit/node/consensus/committee.h"

#define MEMBERS      4
#define LEADER       1
#define CERTIFICATES 3

static struct committee committee;
static struct proposal base;
static struct buffer base_bytes, certificate_bytes[CERTIFICATES];

static void make_base(void)
{
    static struct arena arena;
    static struct certificate certificates[CERTIFICATES];
    committee_init(&committee, MEMBERS);
    const hash256 parent = block_named(6), block = block_named(9);
    certificates[0] = committee_certificate(&committee, 0, MESSAGE_NOTARIZE, 6, 5, &parent, &arena);
    certificates[1] = committee_certificate(&committee, 1, MESSAGE_NULLIFY, 7, 0, NULL, &arena);
    certificates[2] = committee_certificate(&committee, 0, MESSAGE_NULLIFY, 8, 0, NULL, &arena);
    for (unsigned i = 0; i < CERTIFICATES; i++)
        certificate_encode(&certificates[i], &certificate_bytes[i]);
    base = committee_proposal(&committee, LEADER, 9, 6, &block);
    base.form = PROPOSAL_WHOLE_BLOCK;
    base.body = bytes_of_text("a block in its stored form");
    base.certificates = certificates;
    base.certificates_count = CERTIFICATES;
    proposal_encode(&base, &base_bytes);
}

static void check_certificate(const struct certificate *certificate)
{
    struct buffer encoded = {0};
    bool is_ours = false;
    if (certificate_check(certificate, &committee.domain, &committee.record) != FINALITY_OK)
        return;
    certificate_encode(certificate, &encoded);
    for (unsigned i = 0; i < CERTIFICATES; i++)
        is_ours |= bytes_equal(buffer_view(&encoded), buffer_view(&certificate_bytes[i]));
    must(is_ours, "a certificate that nobody signed is accepted");
    buffer_cleanup(&encoded);
}

static void check(struct bytes encoded)
{
    struct arena arena = {0};
    struct buffer again = {0};
    struct proposal proposal;
    if (proposal_decode(&proposal, encoded, MEMBERS, &arena)) {
        proposal_encode(&proposal, &again);
        must(bytes_equal(buffer_view(&again), encoded), "what was decoded encodes differently");
        if (proposal_check(&proposal, &committee.domain, &committee.record, LEADER) == PROPOSAL_OK)
            must(proposal.view == base.view && proposal.parent_view == base.parent_view
                     && hash256_equal(&proposal.block, &base.block)
                     && memcmp(&proposal.signature, &base.signature, SIGNATURE_SIZE) == 0,
                 "a proposal that its leader did not sign is accepted");
        for (unsigned i = 0; i < proposal.certificates_count; i++)
            check_certificate(&proposal.certificates[i]);
    }
    buffer_cleanup(&again);
    arena_cleanup(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(data, size);
    struct buffer edited = {0};
    if (base_bytes.size == 0)
        make_base();
    buffer_append_bytes(&edited, buffer_view(&base_bytes));
    edit(&edited, &in);
    check(buffer_view(&edited));
    buffer_cleanup(&edited);
    return 0;
}

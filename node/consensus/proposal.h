/* A leader's proposal on the wire: which block should follow which certificate.
 *
 *   version u8 | epoch u64 | view u64 | parent view u64 | block hash 32 | signature 65
 *   | form u8 | body size u32 | body | certificates u8 | (size u16 | certificate) each
 *
 * big-endian. The signature is vote_digest() of MESSAGE_PROPOSAL: it covers view and P, which
 * binds the parent view and the block. Body and certificates stand outside it: the body is held
 * against the block hash by the ledger, a certificate proves itself. So whoever relays a
 * proposal may cut them, and a body that does not fit is a bad transfer by the sender, never a
 * fault of the leader.
 * Formats: docs/formats.md; design: consensus 2.2, 2.7. */
#ifndef NODE_CONSENSUS_PROPOSAL_H
#define NODE_CONSENSUS_PROPOSAL_H
#include "ledger/chain/finality.h"

#define PROPOSAL_VERSION 1
/* The certificate at the parent view and up to 8 nullifications (consensus 2.7). */
#define PROPOSAL_CERTIFICATES_MAX 9

enum proposal_form {
    PROPOSAL_WITHOUT_BLOCK, /* the parent itself again, or a block that is asked for by hash */
    PROPOSAL_WHOLE_BLOCK,
    PROPOSAL_COMPACT_BLOCK,
};

struct proposal {
    uint64_t epoch;
    uint64_t view;
    uint64_t parent_view; /* 0: the epoch's seal */
    hash256 block;
    signature signature; /* by the leader of `view` */
    enum proposal_form form;
    struct bytes body; /* empty only without block; borrowed */
    struct certificate *certificates;
    unsigned certificates_count;
};

hash256 proposal_digest_of(const struct proposal *proposal); /* P */

void proposal_encode(const struct proposal *proposal, struct buffer *out);
/* Accepts only what proposal_encode() writes, with certificates by members below
 * `committee_size`, of the same epoch, in increasing order of views: at most one that names a
 * block, at the parent view, and nullifications of views between it and the proposal's. `body`
 * borrows from `encoded`. A parent view that is not below the view is accepted here, so that the
 * leader's signature on it counts. */
bool proposal_decode(struct proposal *proposal, struct bytes encoded, unsigned committee_size,
                     struct arena *arena);

enum proposal_verdict {
    PROPOSAL_OK,
    PROPOSAL_WRONG_EPOCH,
    PROPOSAL_BAD_SIGNATURE, /* high s, not recoverable, or not the leader's */
};
/* Checks the leader's signature, not the certificates; `leader` is the index of the leader of
 * its view. The caller runs it on a worker. */
enum proposal_verdict proposal_check(const struct proposal *proposal,
                                     const struct signing_domain *domain,
                                     const struct epoch_record *record, unsigned leader);
#endif

/* Proof that a member contradicted itself: two signed statements of one view that no honest
 * member ever makes both, however often it was restarted.
 *
 *   E1 two NOTARIZE of different proposals    E2 two FINALIZE of different proposals
 *   E3 NULLIFY and FINALIZE                   E4 two PROPOSALs, different
 *
 * NOTARIZE with NULLIFY is legal, and so are two signatures of one statement. It needs nothing
 * beside it but the committee of its epoch, so a contract can check it:
 *
 *   version u8 | type u8 | type u8 | epoch u64 | view u64 | signer u16
 *   | digest 32 | digest 32 | signature 65 | signature 65           big-endian, 215 bytes
 *
 * The digest is P, zero for a NULLIFY. One pair has one encoding: the NULLIFY stands first,
 * else the smaller digest. Formats: docs/formats.md; design: consensus 2.11. */
#ifndef NODE_CONSENSUS_EVIDENCE_H
#define NODE_CONSENSUS_EVIDENCE_H
#include "node/consensus/proposal.h"
#include "node/consensus/vote.h"

#define EVIDENCE_VERSION    1
#define EVIDENCE_SIZE_BYTES 215

struct statement {
    enum consensus_message kind;
    hash256 proposal; /* zero for a NULLIFY */
    signature signature;
};

struct evidence {
    uint64_t epoch;
    uint64_t view;
    uint16_t signer;
    struct statement first, second;
};

/* False unless the two votes are by one member, of one view, and contradict each other. */
bool evidence_of_votes(struct evidence *evidence, const struct vote *a, const struct vote *b);
/* The same for two proposals of one view; `leader` is its leader. */
bool evidence_of_proposals(struct evidence *evidence, const struct proposal *a,
                           const struct proposal *b, uint16_t leader);

void evidence_encode(const struct evidence *evidence, uint8_t out[EVIDENCE_SIZE_BYTES]);
/* Accepts only what evidence_encode() writes of a pair that contradicts itself, from a signer
 * below `committee_size`. */
bool evidence_decode(struct evidence *evidence, struct bytes encoded, unsigned committee_size);

enum evidence_verdict {
    EVIDENCE_OK,
    EVIDENCE_WRONG_EPOCH,
    EVIDENCE_UNKNOWN_SIGNER,
    EVIDENCE_BAD_SIGNATURE, /* one of the two is not the member's */
};
/* `evidence` came from one of the functions above, so it is a contradiction. */
enum evidence_verdict evidence_check(const struct evidence *evidence,
                                     const struct signing_domain *domain,
                                     const struct epoch_record *record);
#endif

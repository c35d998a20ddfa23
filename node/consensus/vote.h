/* A vote on the wire.
 *
 *   version u8 | message type u8 | epoch u64 | view u64 | proposal digest 32 | signer u16
 *   | signature 65                                      big-endian, 117 bytes
 *
 * The digest is zero in a NULLIFY. What the signature covers is vote_digest() in
 * ledger/chain/finality.h. Formats: docs/formats.md; design: consensus 2.2. */
#ifndef NODE_CONSENSUS_VOTE_H
#define NODE_CONSENSUS_VOTE_H
#include "ledger/chain/finality.h"

#define VOTE_VERSION    1
#define VOTE_SIZE_BYTES 117

struct vote {
    enum consensus_message kind; /* NOTARIZE, NULLIFY or FINALIZE */
    uint64_t epoch;
    uint64_t view;
    hash256 proposal;
    uint16_t signer; /* index in the committee */
    signature signature;
};

void vote_encode(const struct vote *vote, uint8_t out[VOTE_SIZE_BYTES]);
/* Accepts only what vote_encode() writes, from a signer below `committee_size`. */
bool vote_decode(struct vote *vote, const uint8_t *bytes, size_t size, unsigned committee_size);

enum vote_verdict {
    VOTE_OK,
    VOTE_WRONG_EPOCH,
    VOTE_UNKNOWN_SIGNER,
    VOTE_BAD_SIGNATURE, /* high s, not recoverable, or not the signer's */
};
/* Checks the signature against the committee of `record`; the caller runs it on a worker. */
enum vote_verdict vote_check(const struct vote *vote, const struct signing_domain *domain,
                             const struct epoch_record *record);
#endif

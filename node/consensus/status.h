/* Where a member stands: sent on connect, every now and then, and in answer to a fresh nonce.
 *
 *   version u8 | epoch u64 | signer u16 | view u64 | highest voted view u64
 *   | final height u64 | final hash 32 | final view u64 | earliest height u64
 *   | entry kind u8 | entry view u64 | flags u8 | question 32 | answered 32
 *   | lowest protocol u64 | highest protocol u64 | votes u8 | votes 117 each | signature 65
 *
 * big-endian. `votes` are the receiver's own, as the sender has them: of each kind the one with
 * the highest view, in order of kinds. They are whole and signed, so nobody can make a member
 * believe that it forgot something. The signature is over signing_digest() of MESSAGE_STATUS and
 * the keccak256 of all before it. Formats: docs/formats.md; design: consensus 2.2, 2.9. */
#ifndef NODE_CONSENSUS_STATUS_H
#define NODE_CONSENSUS_STATUS_H
#include "node/consensus/vote.h"

#define STATUS_VERSION   1
#define STATUS_VOTES_MAX 3 /* one of each kind */

struct status {
    uint64_t epoch;
    uint16_t signer;
    uint64_t view;
    /* The highest of the views it voted in and of its silence after a loss of its log (audit.h): it
     * may have voted in any view up to it. */
    uint64_t highest_voted_view;
    uint64_t final_height;
    hash256 final_hash;
    uint64_t final_view;
    uint64_t earliest_height; /* of a block whose body can be asked for */
    /* The certificate that led into `view`: its view is one below. Kind 0 and view 0 at the
     * start of an epoch. */
    enum consensus_message entry_kind;
    uint64_t entry_view;
    bool is_amnesiac; /* its vote log is lost: it counts for nobody's audit */
    hash256 question; /* answer it in a STATUS; zero: nothing is asked */
    hash256 answered; /* the receiver's question; zero if this answers none */
    uint64_t protocol_lowest;
    uint64_t protocol_highest;
    struct vote votes[STATUS_VOTES_MAX]; /* the receiver's own */
    unsigned votes_count;
    signature signature;
};

/* The digest its sender signs. */
hash256 status_digest(const struct status *status, const struct signing_domain *domain);
void status_encode(const struct status *status, struct buffer *out);
/* Accepts only what status_encode() writes, with signers below `committee_size`, an entry
 * certificate of the view below (R4), and votes of the same epoch, all by one member. */
bool status_decode(struct status *status, struct bytes encoded, unsigned committee_size);

enum status_verdict {
    STATUS_OK,
    STATUS_WRONG_EPOCH,
    STATUS_UNKNOWN_SIGNER,
    STATUS_BAD_SIGNATURE,
    STATUS_BAD_VOTE, /* a vote it shows is not by the member it names */
};
/* Checks the sender's signature and those of the votes; the caller runs it on a worker. */
enum status_verdict status_check(const struct status *status, const struct signing_domain *domain,
                                 const struct epoch_record *record);
#endif

/* What the engine knows of one view: the proposal, the votes that came, its own, and certificates.
 * Votes are kept as they came first and never replaced; memory for them is taken when the first of
 * a kind comes, and only for what differs between members. */
#ifndef NODE_CONSENSUS_ROUND_H
#define NODE_CONSENSUS_ROUND_H
#include "node/consensus/proposal.h"
#include "node/consensus/vote.h"

#define VOTE_KINDS       3
#define KIND_INDEX(kind) ((unsigned)(kind)-MESSAGE_NOTARIZE)

struct tally {
    uint8_t has[(COMMITTEE_SIZE_MAX + 7) / 8];
    signature *signatures; /* by signer; NULL until the first came */
    hash256 *proposals;    /* the same; none of NULLIFY */
};

struct own_vote {
    bool is_cast; /* promised: logged or about to be */
    bool is_sent; /* logged and signed: `vote` is whole */
    struct vote vote;
};

enum own_proposal {
    OWN_PROPOSAL_NONE,
    OWN_PROPOSAL_BUILDING,
    OWN_PROPOSAL_MADE, /* logged or about to be */
    OWN_PROPOSAL_SENT,
};

struct round {
    uint64_t view;
    uint64_t epoch;    /* of the votes */
    bool has_proposal; /* the first from the leader */
    struct proposal proposal;
    hash256 digest; /* P of it */
    enum own_proposal own_proposal;
    bool lacks_room; /* to build on a tip that is not final */
    struct own_vote own[VOTE_KINDS];
    struct tally tallies[VOTE_KINDS];
    bool has_certificate[VOTE_KINDS];
    struct certificate certificates[VOTE_KINDS];
    bool is_armed;
    bool is_timed_out;
    uint64_t wanted_ms; /* when its certificates were asked for last */
    uint8_t wanted_kinds;
    uint8_t accused[(COMMITTEE_SIZE_MAX + 7) / 8];
};

struct round *round_new(uint64_t view);
void round_free(struct round *round); /* accepts NULL */

bool round_has_vote(const struct round *round, enum consensus_message kind, unsigned signer);
/* The vote of this kind by this member; false if none came. */
bool round_vote(const struct round *round, enum consensus_message kind, unsigned signer,
                struct vote *out);
void round_put_vote(struct round *round, const struct vote *vote, unsigned members);
/* Evidence against a member is told once a view. */
bool round_is_accused(const struct round *round, unsigned member);
void round_accuse(struct round *round, unsigned member);
/* How many voted so; `proposal` is NULL for any. */
unsigned round_count(const struct round *round, enum consensus_message kind,
                     const hash256 *proposal, unsigned members);
/* Of the first `quorum` votes for the proposal, by index. */
struct certificate round_make_certificate(const struct round *round, enum consensus_message kind,
                                          const hash256 *proposal, unsigned members,
                                          unsigned quorum);
/* Takes the certificate's memory. */
void round_put_certificate(struct round *round, const struct certificate *certificate);
const struct certificate *round_certificate(const struct round *round, enum consensus_message kind);
/* The certificate that names a block: the notarization or else the finalization; or NULL. */
const struct certificate *round_block_certificate(const struct round *round);
bool round_certifies(const struct round *round, const hash256 *block);
/* The proposal or a certificate does. */
bool round_names(const struct round *round, const hash256 *block);
struct certificate certificate_copy(const struct certificate *certificate);
#endif

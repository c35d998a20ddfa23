/* The startup audit: may this member vote again, or has it forgotten what it promised?
 *
 * At the start it asks everybody for a STATUS on a fresh nonce. With its vote log whole it waits
 * for q - 1 answers, since without so many no certificate is possible, and looks whether one shows
 * a vote of its own that the log does not have. If so, or without a log, it is *amnesiac*: it waits
 * for |R| answers of others that remember, and then neither votes nor proposes in views up to one
 * above the highest that any of them stands in or may have voted in. (Its last voted view V needed
 * a certificate of V - 1; R meets the signers of it in an honest member. If that one remembers, it
 * stands at V - 1 or higher; if it forgot, it voted in V - 1 before, so the end of its own silence,
 * which it answers as its highest voted view, is V - 1 or higher.) Design: consensus 2.9.
 *
 * The end of the silence is itself a record of the log, in front of the first vote after it, and
 * a log that was made anew counts as lost until that record is on the disk: else a second crash
 * would find a whole, nearly empty log and nothing forgotten.
 *
 * An answer counts only when the certificate that led its sender into its view is held here, and
 * the view that it may have voted in lies at most `members` above (each loss of a log in one view
 * adds one): otherwise one liar could silence a forgetful member for the whole epoch. An honest one
 * that lost its log and stands further below its silence counts once certificates led it there. */
#ifndef NODE_CONSENSUS_AUDIT_H
#define NODE_CONSENSUS_AUDIT_H
#include "node/consensus/quorum.h"
#include "node/consensus/status.h"

/* Of one kind of vote: the highest view that the log has. */
struct promised {
    uint64_t view; /* 0: none */
    hash256 proposal;
};

struct audit {
    struct thresholds thresholds;
    unsigned own_index;
    hash256 nonce;
    bool is_amnesiac;
    bool is_confirmed;                          /* by the operator, in a committee of one */
    uint64_t known_view;                        /* votes up to here may be missing from the log */
    struct promised promised[STATUS_VOTES_MAX]; /* NOTARIZE, NULLIFY, FINALIZE */
    uint64_t views[COMMITTEE_SIZE_MAX];         /* what each member answered; 0: nothing yet */
    uint64_t voted[COMMITTEE_SIZE_MAX];         /* the highest view it may have voted in */
};

/* `log_is_whole`: the node's log is the one that this ledger's store names. `final_view` is the
 * last final block's: what is not above it may be missing from the log. */
void audit_init(struct audit *audit, const struct thresholds *thresholds, unsigned own_index,
                const hash256 *nonce, bool log_is_whole, uint64_t final_view);
/* A vote of this member, as the log has it; before the first answer. */
void audit_on_record(struct audit *audit, enum consensus_message kind, uint64_t view,
                     const hash256 *proposal);
/* The end of a silence after an earlier loss, as the log has it; before the first answer. What was
 * said up to there may be missing, too: nothing is ever said there again. */
void audit_on_bound(struct audit *audit, uint64_t view);
/* A STATUS whose signatures were checked. Answers with another nonce, from this member itself or
 * from one without its log count for nothing, but the votes they show prove themselves. */
void audit_on_status(struct audit *audit, const struct status *status);
/* The operator of a committee of one says that nothing is signed twice: no silence, no bound, and
 * the log counts as whole from here on. */
void audit_on_confirmed(struct audit *audit);

/* Whether the audit is over, with `certified` the highest view of which a certificate is held. If
 * so, no votes and no proposals in views up to *silent_until. */
bool audit_is_over(const struct audit *audit, uint64_t certified, uint64_t *silent_until);

/* A store that was put back from a backup, or that began anew, may be epochs behind what its member
 * said: then amnesia does not end with the epoch, nor is the next one new to the member. It is if
 * the audit of this one ended, with a silence up to `silent_until` (0: it did not), and the seal's
 * block is of a view from there on. (Had the member been in the next epoch before it forgot, the
 * seal would have been final by then. R meets the quorum that finalized it in an honest member,
 * which stood in that view or had voted there, so the silence would end above it, and the block's
 * own view is not above the one in which it became final.) */
bool audit_is_epoch_new(uint64_t silent_until, uint64_t seal_view);
#endif

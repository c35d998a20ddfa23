/* A committee's agreement on blocks, as a pure state machine: Simplex consensus with the rules of
 * the design, R0 to R7 and the state machine of 2.15.
 *
 *   view v:  leader proposes ─► q NOTARIZE ─► everybody enters v + 1 ─► q FINALIZE: final
 *            no proposal in time ─► q NULLIFY ─► everybody enters v + 1
 *
 * It is told what happened and what time it is, and appends what to do to a queue. It opens no
 * socket, reads no clock, signs nothing and knows no ledger: blocks are hashes, headers' figures
 * and verdicts. Votes, certificates and proposals arrive verified. Times are milliseconds of a
 * clock that never jumps. Each function names the rule that it implements.
 *
 * What a member promises goes out in two steps: SIMPLEX_CAST asks for a vote to be logged, synced
 * and signed; when all three are done the caller says simplex_on_cast(), and only then the vote is
 * sent and counted. The same for proposals. */
#ifndef NODE_CONSENSUS_SIMPLEX_H
#define NODE_CONSENSUS_SIMPLEX_H
#include "node/consensus/evidence.h"
#include "node/consensus/message.h"
#include "node/consensus/quorum.h"
#include "vm/base/arena.h"

#define SIMPLEX_DEPTH_MAX 16 /* blocks above the last final one (consensus 1, change 7) */

struct simplex; /* opaque */

enum simplex_action_kind {
    SIMPLEX_CAST,    /* `vote`: log, sync, sign; then simplex_on_cast(). With a NOTARIZE, unless the
                        log has it: the body of `block`, in front (vote_record.h) */
    SIMPLEX_LOG,     /* `certificate`: log; no sync is needed */
    SIMPLEX_BOUND,   /* `view`: log; once it is synced, a log that was made anew counts as whole */
    SIMPLEX_BUILD,   /* a block for `view` on `block`; then simplex_on_built() or _failed() */
    SIMPLEX_PROPOSE, /* `proposal`: log behind its block, sync, sign; then simplex_on_proposed() */
    SIMPLEX_SEND,    /* `message` to member `to`, SIMPLEX_ALL: to all others */
    SIMPLEX_WANT_BLOCK,       /* `block`, and execute it once its parent is valid (resolver.h) */
    SIMPLEX_WANT_CERTIFICATE, /* of `view`, one of `kinds` (resolver.h) */
    SIMPLEX_COMMIT,           /* `block`; in order of height; the last with its finalization */
    SIMPLEX_ACCUSE,           /* `evidence` */
    SIMPLEX_SYNC,             /* blocks up to `block` are final, and not all are here */
    SIMPLEX_HALT,             /* a certified block is invalid here: alarm, serve, vote no more */
    SIMPLEX_SEALED,           /* `block` is the epoch's seal and final: the epoch is over */
};

#define SIMPLEX_ALL UINT32_MAX

struct simplex_action {
    enum simplex_action_kind kind;
    uint32_t to; /* of what is wanted: whom to ask first; SIMPLEX_ALL: no one in particular */
    uint64_t view;
    hash256 block;
    uint8_t kinds;                                 /* CERTIFICATE_KIND_BIT() of what would help */
    uint8_t signers[(COMMITTEE_SIZE_MAX + 7) / 8]; /* who signed for what is wanted, and has it */
    struct vote vote;
    struct message message; /* certificates live in the queue's memory */
    struct evidence evidence;
};

/* Grows as needed; one step appends a bounded number (a handful per open view). Empty is all
 * zero. */
struct simplex_queue {
    struct simplex_action *actions;
    size_t count, capacity;
    struct arena memory;
};
void simplex_queue_clear(struct simplex_queue *queue);
void simplex_queue_cleanup(struct simplex_queue *queue);

struct simplex_config {
    uint64_t epoch;
    struct thresholds thresholds;
    unsigned own_index;    /* `thresholds.members` for a follower */
    hash256 seal_mix_hash; /* draws the leaders */
    uint64_t pulse_ms;
    uint64_t execution_ms; /* time that a block may take to execute */
    uint64_t timer_seed;   /* spreads the timeouts by up to 5 %; 0: exact */
    /* the last final block */
    uint64_t final_view; /* 0 at the start of an epoch: the block is the seal before it */
    uint64_t final_height;
    hash256 final_block;
    const struct certificate *finalization; /* its own; NULL at the start of an epoch; copied */
    uint64_t final_ms; /* when it was made, or later; the next one waits a pulse from there */
};

struct simplex *simplex_new(const struct simplex_config *config);
void simplex_free(struct simplex *simplex); /* accepts NULL */

/* Between simplex_new() and simplex_on_start(): what the vote log has of this ledger and epoch.
 * A certificate stands in it before any vote of the view that it led into. */
void simplex_on_logged_vote(struct simplex *simplex, enum consensus_message kind, uint64_t view,
                            const hash256 *proposal);
void simplex_on_logged_proposal(struct simplex *simplex, uint64_t view, uint64_t parent_view,
                                const hash256 *block);
void simplex_on_logged_certificate(struct simplex *simplex, const struct certificate *certificate);
/* The highest of the bounds in the log (SIMPLEX_BOUND). */
void simplex_on_logged_bound(struct simplex *simplex, uint64_t view);
void simplex_on_start(struct simplex *simplex, uint64_t now_ms, struct simplex_queue *out);
/* The startup audit is over (audit.h): no votes in views up to `silent_until`, nor up to a bound in
 * the log. */
void simplex_on_audited(struct simplex *simplex, uint64_t silent_until, uint64_t now_ms,
                        struct simplex_queue *out);

/* After a loss: whether of a view between the final one and the one that it stands in when the audit
 * ends no certificate is here yet. They are asked for; others may have lost theirs since, so a log
 * that was made anew counts as whole only once they came (2.9). */
bool simplex_is_recovering(const struct simplex *simplex);

/* Whether what came is worth verifying (2.15 pre): nothing that is known, past or too far ahead. */
bool simplex_wants_vote(const struct simplex *simplex, const struct vote *vote);
bool simplex_wants_certificate(const struct simplex *simplex,
                               const struct certificate *certificate);
bool simplex_wants_proposal(const struct simplex *simplex, const struct proposal *proposal);
/* Member `member` spoke in `view`, whether that is true or not: if it is behind it gets what leads
 * here, twice a second at most. */
void simplex_help(struct simplex *simplex, unsigned member, uint64_t view, uint64_t now_ms,
                  struct simplex_queue *out);
/* Whether a block is looked for or kept: named by a proposal or certificate above the final view. */
bool simplex_knows_block(const struct simplex *simplex, const hash256 *block);
/* Whether a certificate above the final view names it. */
bool simplex_is_certified(const struct simplex *simplex, const hash256 *block);
/* It is not here any more: as if it never came. Not the parent of a block that is here. */
void simplex_forget_block(struct simplex *simplex, const hash256 *block);

/* True for a vote that was not here yet: the caller passes it on to its neighbours that have no
 * link to the signer (2.7). The same for proposals. */
bool simplex_on_vote(struct simplex *simplex, const struct vote *vote, uint64_t now_ms,
                     struct simplex_queue *out);
void simplex_on_certificate(struct simplex *simplex, const struct certificate *certificate,
                            uint64_t now_ms, struct simplex_queue *out);
bool simplex_on_proposal(struct simplex *simplex, const struct proposal *proposal, uint64_t now_ms,
                         struct simplex_queue *out);
/* Where another member stands, verified: who is behind gets what leads here, and what it has final
 * above ours is asked for. */
void simplex_on_status(struct simplex *simplex, const struct status *status, uint64_t now_ms,
                       struct simplex_queue *out);
void simplex_on_certificate_request(struct simplex *simplex, uint32_t from,
                                    const struct certificate_request *request,
                                    struct simplex_queue *out);

/* What the engine must know of a block; its parts fit the header. */
struct simplex_block {
    hash256 hash;
    hash256 parent;
    uint64_t view; /* the header's own: whose leader made it */
    uint64_t height;
    bool is_seal;
};
/* A block that a proposal or a certificate named (2.13): it is kept until a block of its height is
 * final. */
void simplex_on_block(struct simplex *simplex, const struct simplex_block *block, uint64_t now_ms,
                      struct simplex_queue *out);
/* The verdict on a block whose header was told. */
void simplex_on_executed(struct simplex *simplex, const hash256 *block, bool is_valid,
                         uint64_t now_ms, struct simplex_queue *out);

/* What waits that is in no block yet. */
enum work_kind {
    WORK_NONE,
    WORK_EMPTY_BLOCK, /* only the tail: a block without transactions */
    WORK_TRANSACTIONS,
};
void simplex_on_work(struct simplex *simplex, enum work_kind work, uint64_t now_ms,
                     struct simplex_queue *out);
/* Whether the wall clock was ever set (R6): a member that does not know the time never leads. It does
 * until told otherwise. */
void simplex_on_clock(struct simplex *simplex, bool is_set, uint64_t now_ms,
                      struct simplex_queue *out);
/* The block was built, executed and is valid here. */
void simplex_on_built(struct simplex *simplex, const struct simplex_block *block, uint64_t now_ms,
                      struct simplex_queue *out);
/* Why there is no block. */
enum unbuilt {
    UNBUILT_NOTHING_NEW, /* to include on that parent */
    UNBUILT_NO_ROOM,     /* for one more block that is not final */
    UNBUILT_FAILED,
};
/* A tip that is not final is proposed again where nothing is new or no room is. Without room on a
 * final block it is tried once more in that view, since finality makes room. Then, as after a
 * failure, the view is given up, and this member builds no block for a second, for twice as long
 * after each further failure. */
void simplex_on_build_failed(struct simplex *simplex, uint64_t view, enum unbuilt why,
                             uint64_t now_ms, struct simplex_queue *out);
void simplex_on_cast(struct simplex *simplex, const struct vote *vote, uint64_t now_ms,
                     struct simplex_queue *out);
void simplex_on_proposed(struct simplex *simplex, const struct proposal *proposal, uint64_t now_ms,
                         struct simplex_queue *out);

/* All blocks up to this one are stored and valid here: what SIMPLEX_SYNC asked for. */
void simplex_on_synced(struct simplex *simplex, const struct simplex_block *block, uint64_t now_ms,
                       struct simplex_queue *out);
/* What a STATUS to `member` says, but for nonces, flags, protocols and signature; without votes to
 * whoever is no member. */
void simplex_fill_status(const struct simplex *simplex, uint32_t member, struct status *status);

/* A question to the member and its answer took so long. D, the one-way delay to the q-th nearest
 * member, is what the timeouts are made of; 100 ms until it is known, 20 ms to 10 s (2.5). */
void simplex_on_delay(struct simplex *simplex, unsigned member, uint64_t rtt_ms);
uint64_t simplex_delay_ms(const struct simplex *simplex);

/* When to call simplex_on_time(); UINT64_MAX: nothing is pending. */
uint64_t simplex_next_ms(const struct simplex *simplex);
void simplex_on_time(struct simplex *simplex, uint64_t now_ms, struct simplex_queue *out);

unsigned simplex_leader(const struct simplex *simplex, uint64_t view);
uint64_t simplex_view(const struct simplex *simplex);
uint64_t simplex_final_view(const struct simplex *simplex);
uint64_t simplex_final_height(const struct simplex *simplex);
/* What the next block would stand on: certified in the highest view, or final. */
hash256 simplex_tip(const struct simplex *simplex);
hash256 simplex_final_block(const struct simplex *simplex);
/* The block of a finalization that waits until all blocks up to it are valid here (SIMPLEX_SYNC);
 * NULL: none waits. Borrowed until the next call. */
const hash256 *simplex_pending_final(const struct simplex *simplex);
/* Of the last final view; NULL at the start of an epoch. Borrowed until the next call. */
const struct certificate *simplex_finalization(const struct simplex *simplex);
#endif

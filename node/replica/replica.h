/* One member of a committee, or a follower of it, as a pure machine: all that is between peers,
 * disk and ledger, and the engine.
 *
 *   peers ── look, verify ──► messages ─┐              ┌─► cast, log, propose ──► vote log, key
 *   vote log ── replay ─────► records ──┼─► replica ───┼─► read, execute, build, commit ► ledger
 *   ledger ── results ──────► blocks ───┘  engine      ├─► send, serve ─────────► peers
 *   clock ──────────────────► time         audit       └─► sync, sealed, accuse, halt
 *                                          resolver
 *
 * It decides what is worth verifying, asks for what is missing, executes blocks once their parents
 * are valid, runs the startup audit, says where it stands, and goes from epoch to epoch. Whoever
 * drives it does what it asks for and says when it is done: the node's seat with a ledger, a vote
 * log and sockets, the simulator with virtual ones. It opens nothing, reads no clock and signs
 * nothing; times are milliseconds of a clock that never jumps. Messages arrive verified. A peer is
 * a member's index in the committee of the epoch in force or, for who has no seat in it, any number
 * from REPLICA_FOLLOWERS on that the driver gives it. Design: consensus 2.7 to 2.15. */
#ifndef NODE_REPLICA_REPLICA_H
#define NODE_REPLICA_REPLICA_H
#include "node/consensus/audit.h"
#include "node/consensus/resolver.h"
#include "node/consensus/vote_record.h"

#define REPLICA_FOLLOWERS 1000

struct replica; /* opaque */

enum replica_action_kind {
    /* What is promised, in this order into the vote log. CAST and PROPOSE: `record` and all before
     * it are on the disk; then sign, and say replica_on_cast() or replica_on_proposed(). */
    REPLICA_LOG,       /* `record` */
    REPLICA_LOG_BLOCK, /* `block` with its body, which is valid here, for `view` */
    REPLICA_CAST,      /* `vote`, `record` */
    REPLICA_PROPOSE,   /* `proposal`, `record` */
    REPLICA_ADOPT_LOG, /* sync what was logged; then the ledger's store names this log, and `view` is
                          the end of the silence after the loss (audit_is_epoch_new()) */

    /* What the ledger does. */
    REPLICA_BUILD,   /* a block for `view` on `block`; replica_on_built() or _build_failed() */
    REPLICA_READ,    /* `body`: whether its parts fit its header; replica_on_read() */
    REPLICA_EXECUTE, /* `block`, whose `body` was read, on a valid parent; replica_on_executed(). A
                        time that does not fit our clock (block_time.h) puts it off, unless
                        `time_is_right` */
    REPLICA_COMMIT,  /* `block` and those it stands on, with `certificate`; or the final block once
                        more, in a later view */
    REPLICA_DROP,    /* `block` was executed and is of a view that failed: its memory is wanted */
    REPLICA_SYNC,    /* blocks up to `block` are final and too many are missing; on_synced() */

    /* What leaves the node. */
    REPLICA_SEND,   /* `message` to peer `to`, SIMPLEX_ALL: to all others that are connected; with
                      `has_body` the proposal's block goes with it, whole or compact, to whom that
                      is not too much now: who lacks it asks for it */
    REPLICA_STATUS, /* `status` to peer `to`: sign and send */
    REPLICA_RELAY,  /* `message` to neighbours that have no link to who signed it, `signer`, and are
                      not peer `to`, from whom it came (2.7) */
    REPLICA_SERVE,  /* the body of `block` to peer `to`, if it is here */
    REPLICA_SERVE_SEAL, /* the FINALIZATION of the seal of `epoch`, which is over, to peer `to` */

    /* What somebody has to know of. */
    REPLICA_ACCUSE, /* `evidence` */
    REPLICA_HALT,   /* `block` is certified and invalid here: it serves and votes no more */
    REPLICA_SEALED, /* `block` is the seal and final; once it is committed replica_on_epoch() */
};

struct replica_action {
    enum replica_action_kind kind;
    uint32_t to;
    uint64_t view;
    hash256 block;
    unsigned signer;
    uint64_t epoch;
    bool has_body;
    bool time_is_right;        /* a certificate names the block or one that stands on it, or this
                                  member's log has it: the time was judged before */
    struct bytes body;         /* lives as long as the queue */
    struct vote_record record; /* and so does its body */
    union {
        struct vote vote;
        struct proposal proposal;
        struct certificate certificate;
        struct message message;
        struct status status;
        struct evidence evidence;
    };
};

/* Grows as needed. Empty is all zero. What it holds lives until it is cleared. */
struct replica_queue {
    struct replica_action *actions;
    size_t count, capacity;
    struct arena memory;
};
void replica_queue_clear(struct replica_queue *queue);
void replica_queue_cleanup(struct replica_queue *queue);

struct replica_config {
    hash256 ledger;               /* block 0's hash: whose records it logs */
    struct simplex_config engine; /* of the epoch in force */
    bool log_is_whole;            /* the vote log is the one that the ledger's store names, and
                                     that was so since this epoch began or the log was adopted */
    hash256 nonce;                /* random: of the startup audit */
    uint64_t earliest_height;     /* that others may ask for */
    uint64_t protocol_lowest, protocol_highest;
};

struct replica *replica_new(const struct replica_config *config);
void replica_free(struct replica *replica); /* accepts NULL */

/* Between replica_new() and replica_on_start(): the log's records of this ledger and epoch. One
 * that is not sound is refused and changes nothing. */
bool replica_on_record(struct replica *replica, const struct vote_record *record);
void replica_on_start(struct replica *replica, uint64_t now_ms, struct replica_queue *out);
/* In a committee of one, whose operator says that nothing is signed twice: the log is adopted. */
void replica_on_confirmed(struct replica *replica, uint64_t now_ms, struct replica_queue *out);

/* A peer is connected, or no longer. Whoever has no seat is told where this member stands, once. */
void replica_on_peer(struct replica *replica, unsigned peer, bool is_up, uint64_t now_ms,
                     struct replica_queue *out);
/* Whether a message is worth verifying (2.15 pre): cheap, before any signature is checked. Its
 * sender may get what it lacks; one of an epoch above ours is asked how ours ended. */
bool replica_look(struct replica *replica, unsigned from, const struct message *message,
                  uint64_t now_ms, struct replica_queue *out);
/* A message whose signatures are good. */
void replica_on_message(struct replica *replica, unsigned from, const struct message *message,
                        uint64_t now_ms, struct replica_queue *out);

void replica_on_cast(struct replica *replica, const struct vote *vote, uint64_t now_ms,
                     struct replica_queue *out);
void replica_on_proposed(struct replica *replica, const struct proposal *proposal, uint64_t now_ms,
                         struct replica_queue *out);

/* What waits on top of simplex_tip(). Members that know of none hear of it by this one's votes; one
 * that is silent after a loss casts none, so transactions are passed on until they are in a block. */
void replica_on_work(struct replica *replica, enum work_kind work, uint64_t now_ms,
                     struct replica_queue *out);
/* Whether the wall clock was ever set (block_time.h); also before replica_on_start(). As if it were
 * until told otherwise, over all epochs. */
void replica_on_clock(struct replica *replica, bool is_set, uint64_t now_ms,
                      struct replica_queue *out);
void replica_on_built(struct replica *replica, const struct simplex_block *block, uint64_t now_ms,
                      struct replica_queue *out);
void replica_on_build_failed(struct replica *replica, uint64_t view, enum unbuilt why,
                             uint64_t now_ms, struct replica_queue *out);
/* NULL: what came as `hash` is not it (BAD_TRANSFER). */
void replica_on_read(struct replica *replica, const hash256 *hash,
                     const struct simplex_block *block, uint64_t now_ms, struct replica_queue *out);
enum replica_verdict {
    REPLICA_VALID,
    REPLICA_INVALID,
    REPLICA_BAD_TRANSFER, /* what came beside its header is not its own: asked of somebody else */
    REPLICA_NOT_YET, /* its time is too far ahead of our clock (R6): asked for again in a second; forgotten
                        with its view, unless a certificate names it */
};
void replica_on_executed(struct replica *replica, const hash256 *hash, enum replica_verdict verdict,
                         uint64_t now_ms, struct replica_queue *out);
/* All blocks up to this one are stored: what REPLICA_SYNC asked for. */
void replica_on_synced(struct replica *replica, const struct simplex_block *block, uint64_t now_ms,
                       struct replica_queue *out);
/* The seal is committed: the next epoch begins. Nobody is connected in it yet. `engine` as in struct
 * replica_config. Nothing was said in it, so the batch that commits the seal makes the store name
 * the log that is in use, whatever happened to an earlier one. Not so when the store was put back
 * from a backup or began anew, and is behind what this member said: with `may_have_voted`
 * (audit_is_epoch_new()) it begins without its log. It knows of no work yet. */
void replica_on_epoch(struct replica *replica, const struct simplex_config *engine,
                      bool may_have_voted, uint64_t now_ms, struct replica_queue *out);

/* When to call replica_on_time(); UINT64_MAX: nothing is pending. */
uint64_t replica_next_ms(const struct replica *replica);
void replica_on_time(struct replica *replica, uint64_t now_ms, struct replica_queue *out);

/* The epoch that a message belongs to; 0: none in particular. */
uint64_t replica_epoch_of(const struct message *message);
uint64_t replica_epoch(const struct replica *replica);
bool replica_is_audited(const struct replica *replica);
/* The engine of the epoch in force; to look at. */
const struct simplex *replica_engine(const struct replica *replica);
#endif

/* What the parts of the engine share: what it holds, and what they ask of each other. Private to
 * this folder; the rest of the node sees node/consensus/simplex.h.
 *
 *   start.c ──┐
 *   votes.c ──┼─► certificates.c ─► final.c
 *   timers.c ─┤         │ enters a view
 *   propose.c ◄─────────┘        all speak through rules.c, R0 to R3: nothing else casts a vote
 *
 * Each function may append actions, and may move the engine to another view or final block; a
 * `struct round` of a view at or below the final one is gone after it. */
#ifndef NODE_CONSENSUS_SIMPLEX_STATE_H
#define NODE_CONSENSUS_SIMPLEX_STATE_H
#include "node/consensus/round.h"
#include "node/consensus/simplex.h"

/* Blocks above the final one that are looked for: another member may be a depth ahead of us. */
#define CHAIN_MAX        (2 * SIMPLEX_DEPTH_MAX)
#define VIEWS_AHEAD      2   /* consensus 2.13: votes up to two views above ours */
#define TIMEOUT_LEAST    200 /* 2.5, milliseconds */
#define TIMEOUT_MOST     60000
#define TIMEOUT_GROWTH   8 /* 2.5: x 1.5 up to eight times */
#define RETRY_LEAST      1000
#define RESEND_VIEWS     8 /* whose own votes are repeated at once: the newest, and of others in turn */
#define DELAY_UNKNOWN_MS 100 /* one-way delay to a member, until it is measured */
#define DELAY_LEAST_MS   20  /* 2.5 */
#define DELAY_MOST_MS    10000
#define WANTS_AT_ONCE    32   /* certificates of one proposal's ancestry, 2.7b */
#define EMPTY_WAIT_MS    10   /* at pulse 0 */
#define BUILD_PAUSE      1000 /* after a failed build; doubled with each further one */
#define BUILD_DOUBLING   6
#define NEVER            UINT64_MAX

enum verdict { VERDICT_UNKNOWN, VERDICT_VALID, VERDICT_INVALID };

/* A block above the last final one. */
struct known_block {
    struct simplex_block info;
    bool has_info;
    bool was_wanted;
    enum verdict verdict;
};

/* One way to a member, in quarters of a millisecond; a mean of 0: not measured yet. */
struct measured_delay {
    uint16_t mean, deviation;
};

struct simplex_timers {
    uint64_t slot, leader, advance, retry; /* when each is due; NEVER: it is off */
};

struct simplex {
    struct simplex_config config;
    uint8_t leaders[COMMITTEE_SIZE_MAX]; /* by view modulo members */

    uint64_t view;
    uint64_t final_view;
    struct simplex_block final; /* its info, as far as known: hash and height always */
    bool has_final_certificate;
    struct certificate final_certificate;
    bool has_pending_final; /* final, but not all blocks up to it are valid here */
    struct certificate pending_final;

    struct round **rounds; /* above the final view, in increasing order */
    size_t rounds_count, rounds_capacity;
    struct known_block *blocks;
    size_t blocks_count, blocks_capacity;

    bool is_started;
    bool is_halted;
    bool is_sealed;
    bool has_no_clock; /* the wall clock was never set */
    enum work_kind work;
    uint64_t silent_until; /* UINT64_MAX until the startup audit is over */
    uint64_t bound;        /* of the silence, as logged or about to be; 0: nothing was forgotten */
    uint64_t lost_below;   /* the view in which it knew what it had forgotten; 0: nothing */
    unsigned timeouts;     /* k: views timed out since the last finalization */
    unsigned build_failures; /* in a row */
    uint64_t build_pause_ms; /* no block is built here before */
    struct measured_delay delays[COMMITTEE_SIZE_MAX];
    uint64_t delay_ms; /* D: to the q-th nearest member */
    struct simplex_timers timers;
    uint64_t resent_view;                   /* whose own votes were repeated last, in turn */
    uint64_t notarized_ms;                  /* when we last entered a view by a notarization */
    uint64_t helped_ms[COMMITTEE_SIZE_MAX]; /* when each member was last sent what it lacked */
};

/* ---- state.c: views ---- */

/* Where the view's round stands or would stand. */
size_t simplex_round_place(const struct simplex *s, uint64_t view);
/* NULL while nothing is known of the view. */
struct round *simplex_find_round(const struct simplex *s, uint64_t view);
struct round *simplex_need_round(struct simplex *s, uint64_t view);
/* NULL while there is none; of views above the final one. */
const struct certificate *simplex_certificate_of(const struct simplex *s, uint64_t view,
                                                 enum consensus_message kind);
/* R0: the view is the final one or below it; nothing is said or counted there. */
bool simplex_is_past(const struct simplex *s, uint64_t view);
unsigned simplex_leader_of(const struct simplex *s, uint64_t view);
bool simplex_is_member(const struct simplex *s);
bool simplex_is_alone(const struct simplex *s); /* a committee of one */
/* What led into the current view: any certificate of the one before. */
const struct certificate *simplex_entry_certificate(const struct simplex *s);
/* 2.8: something new to include, or a tip that is notarized and not final. */
bool simplex_work_pending(const struct simplex *s);
/* The first view at `from` or above and below `view` that lacks its certificate, and at the parent
 * or above; 0 if none. */
uint64_t simplex_ancestry_missing(const struct simplex *s, uint64_t parent_view, uint64_t from,
                                  uint64_t view);
/* Of the final view or of one that has a certificate with a block. */
hash256 simplex_certified_block(const struct simplex *s, uint64_t view);

/* ---- queue.c: what is to be done ---- */

struct simplex_action *simplex_append(struct simplex_queue *out, enum simplex_action_kind kind);
/* A copy in the queue's memory. */
void simplex_put_certificate(struct simplex_action *action, const struct certificate *certificate,
                             struct simplex_queue *out);
void simplex_send_certificate(const struct certificate *certificate, uint32_t to,
                              struct simplex_queue *out);
void simplex_send_vote(const struct vote *vote, uint32_t to, struct simplex_queue *out);
/* For the certificates of a view; keeps nothing, so the view may be anybody's claim. */
void simplex_send_request(const struct simplex *s, uint64_t view, uint32_t to,
                          struct simplex_queue *out);
/* SIMPLEX_WANT_CERTIFICATE; the same kinds of a view not more often than RETRY_LEAST. */
void simplex_want_certificate(struct simplex *s, uint64_t view, uint8_t kinds, uint32_t first,
                              uint64_t now_ms, struct simplex_queue *out);

/* ---- start.c ---- */

/* SIMPLEX_WANT_CERTIFICATE for each view that simplex_is_recovering() is about. */
void simplex_want_lost(struct simplex *s, uint64_t now_ms, struct simplex_queue *out);

/* ---- blocks.c ---- */

struct known_block *simplex_need_block(struct simplex *s, const hash256 *hash);
bool simplex_is_final_block(const struct simplex *s, const hash256 *hash);
enum verdict simplex_verdict_of(struct simplex *s, const hash256 *hash);
/* NULL while the header is not here. */
const struct simplex_block *simplex_info_of(struct simplex *s, const hash256 *hash);
void simplex_want_block(struct simplex *s, const hash256 *hash, struct simplex_queue *out);
/* SIMPLEX_WANT_BLOCK, and who should have it. */
void simplex_append_want(const struct simplex *s, const hash256 *hash, struct simplex_queue *out);

/* ---- rules.c: what this member may say ---- */

/* Whether any vote or proposal may be made in the view (R0, 2.9). */
bool simplex_may_speak(const struct simplex *s, uint64_t view);
bool simplex_has_cast(const struct round *round, enum consensus_message kind);
/* R1, the only emitter of NOTARIZE. */
void simplex_try_notarize(struct simplex *s, struct round *round, uint64_t now_ms,
                          struct simplex_queue *out);
/* R2, the only emitter of NULLIFY: of the current view. */
void simplex_try_nullify(struct simplex *s, uint64_t now_ms, struct simplex_queue *out);
/* R3, the only emitter of FINALIZE. */
void simplex_try_finalize(struct simplex *s, struct round *round, uint64_t now_ms,
                          struct simplex_queue *out);
/* R2: the leader itself gives the view up, or so many that one of them is honest. */
bool simplex_must_nullify(const struct simplex *s, const struct round *round);
/* The round's proposal, once the view is the current one. */
void simplex_consider(struct simplex *s, struct round *round, uint64_t now_ms,
                      struct simplex_queue *out);

/* ---- certificates.c: views are entered here only (R4) ---- */

void simplex_enter(struct simplex *s, uint64_t view, uint64_t now_ms, struct simplex_queue *out);
void simplex_halt(struct simplex *s, const hash256 *block, struct simplex_queue *out);
/* Makes the certificate when a quorum voted so and the proposal is known. */
void simplex_try_certificate(struct simplex *s, struct round *round, enum consensus_message kind,
                             const hash256 *proposal, uint64_t now_ms, struct simplex_queue *out);

/* ---- final.c ---- */

/* Commits, or keeps the certificate, which is of a view above the final one, until all blocks up to
 * its own are valid here. */
void simplex_set_final(struct simplex *s, const struct certificate *finalization,
                       struct simplex_queue *out);

/* ---- propose.c: what this member leads ---- */

void simplex_try_propose(struct simplex *s, uint64_t now_ms, struct simplex_queue *out);
/* R7: the proposal is fixed here, and logged before it leaves. */
void simplex_propose(struct simplex *s, struct round *round, uint64_t parent_view,
                     const hash256 *block, struct simplex_queue *out);
/* What was logged and signed, after the certificates that it stands on. */
void simplex_send_proposal(struct simplex *s, const struct round *round, uint32_t to,
                           struct simplex_queue *out);

/* ---- timers.c ---- */

/* The view has work: t_leader, t_adv and t_retry run. They count from the slot, so that waiting
 * for it is no fault of the leader. */
void simplex_arm(struct simplex *s, uint64_t now_ms);
void simplex_disarm(struct simplex *s);
/* When a proposal of the current view may be made at the earliest. */
uint64_t simplex_slot_ms(const struct simplex *s);
#endif

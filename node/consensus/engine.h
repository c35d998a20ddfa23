/* The committee's agreement on blocks, as a pure state machine.
 *
 *   work ─► BUILD ─► VALIDATE ─► SIGN notarize ─► SIGN finalize ─► COMMIT ─► committed ─► ...
 *
 * The engine is told what happened and what time it is; it appends what to do to a queue. It
 * opens no socket, reads no clock, signs nothing and knows no ledger: blocks are hashes and
 * verdicts. This version runs a committee of one: its own notarize vote is the notarization,
 * its own finalize vote the finalization, in the formats that every committee has.
 *
 * Times are milliseconds of one clock that never jumps. Nothing pending means no timer: an idle
 * engine costs nothing. Invariant, asserted: never two different votes of one kind in one view,
 * and none at all in a view that is not above the last final one. Design: consensus 2.4-2.8. */
#ifndef NODE_CONSENSUS_ENGINE_H
#define NODE_CONSENSUS_ENGINE_H
#include "ledger/chain/finality.h"
#include "vm/base/error.h"

struct engine; /* opaque */

enum action_kind {
    ACTION_BUILD,    /* a block on `parent` for `view`; answer engine_on_built() */
    ACTION_VALIDATE, /* execute the proposed `block`; answer engine_on_validated() */
    ACTION_SIGN,     /* `digest` with the consensus key; answer engine_on_signed() */
    ACTION_COMMIT,   /* `block` with its two certificates; answer engine_on_committed() */
    ACTION_TIMER,    /* call engine_on_time() at `at_ms`; replaces an earlier timer */
};

struct action {
    enum action_kind kind;
    uint64_t view;
    hash256 parent;
    hash256 block;
    enum consensus_message vote; /* ACTION_SIGN */
    hash256 digest;
    struct certificate notarization, finalization; /* ACTION_COMMIT; signatures are the
                                                      engine's until it is told the outcome */
    uint64_t at_ms;
};

#define ACTION_QUEUE_MAX 16 /* one step never asks for more; asserted */
struct action_queue {
    struct action actions[ACTION_QUEUE_MAX];
    unsigned count;
};

/* What waits to go into a block on top of the head. */
enum work_kind {
    WORK_NONE,
    WORK_EMPTY_BLOCK, /* only the tail: a block without transactions */
    WORK_TRANSACTIONS,
};

struct engine_config {
    const struct epoch_record *record; /* copied */
    struct signing_domain domain;
    unsigned own_index; /* in the committee */
    /* where the ledger stands */
    hash256 head;
    uint64_t head_view;
    uint64_t head_time_ms; /* when the head was notarized, on the clock of `now_ms` */
};

/* This version runs a committee of one: ERROR_UNSUPPORTED for a larger one, ERROR_INVALID when
 * `own_index` is none of its members. */
struct engine *engine_new(const struct engine_config *config, struct error *error);
void engine_free(struct engine *engine); /* accepts NULL */

/* There is something to put into a block on top of the head. Told without need, it does no
 * harm; what comes while a block is under way is told again by engine_on_committed(). */
void engine_on_work(struct engine *engine, enum work_kind work, uint64_t now_ms,
                    struct action_queue *out);
void engine_on_time(struct engine *engine, uint64_t now_ms, struct action_queue *out);
void engine_on_built(struct engine *engine, uint64_t view, const hash256 *block, uint64_t now_ms,
                     struct action_queue *out);
/* Nothing could be built (nothing includable, or a failure that was reported elsewhere). If
 * work is told again the engine tries again, after a pause that grows with each failure. */
void engine_on_build_failed(struct engine *engine, uint64_t view, uint64_t now_ms,
                            struct action_queue *out);
/* The verdict on the proposed block. An invalid one is dropped without a vote, and the engine
 * pauses as after a failed build. */
void engine_on_validated(struct engine *engine, const hash256 *block, bool is_valid,
                         uint64_t now_ms, struct action_queue *out);
void engine_on_signed(struct engine *engine, enum consensus_message vote, uint64_t view,
                      const signature *own, uint64_t now_ms, struct action_queue *out);
/* `work`: what is left to do on top of the new head. */
void engine_on_committed(struct engine *engine, const hash256 *block, enum work_kind work,
                         uint64_t now_ms, struct action_queue *out);
#endif

/* The committee's agreement on blocks, as a pure state machine.
 *
 *   work ─► BUILD ─► built ─► VOTE notarize ─► VOTE finalize ─► COMMIT ─► committed ─► ...
 *
 * The engine is told what happened and what time it is; it appends what to do to a queue. It
 * opens no socket, reads no clock, signs nothing and knows no ledger: blocks are hashes and
 * verdicts. This version runs a committee of one: its own notarize vote is the notarization,
 * its own finalize vote the finalization, in the formats that every committee has. */
#ifndef NODE_CONSENSUS_ENGINE_H
#define NODE_CONSENSUS_ENGINE_H
#include "ledger/chain/finality.h"

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

struct engine_config {
    const struct epoch_record *record; /* copied */
    struct signing_domain domain;
    unsigned own_index; /* in the committee */
    /* where the ledger stands */
    hash256 head;
    uint64_t head_view;
    uint64_t head_time_ms; /* block time of the head */
};

struct engine *engine_new(const struct engine_config *config);
void engine_free(struct engine *engine); /* accepts NULL */

/* There is something to put into a block (on top of the head). Told again after a commit when
 * work is left; told without need, it does no harm. */
void engine_on_work(struct engine *engine, uint64_t now_ms, struct action_queue *out);
void engine_on_time(struct engine *engine, uint64_t now_ms, struct action_queue *out);
void engine_on_built(struct engine *engine, uint64_t view, const hash256 *block,
                     uint64_t now_ms, struct action_queue *out);
/* Nothing could be built (nothing includable, or a failure that was reported elsewhere). */
void engine_on_build_failed(struct engine *engine, uint64_t view, uint64_t now_ms,
                            struct action_queue *out);
void engine_on_validated(struct engine *engine, const hash256 *block, bool is_valid,
                         uint64_t now_ms, struct action_queue *out);
void engine_on_signed(struct engine *engine, enum consensus_message vote, uint64_t view,
                      const signature *own, uint64_t now_ms, struct action_queue *out);
/* `has_work`: whether engine_on_work() would be told at once. */
void engine_on_committed(struct engine *engine, const hash256 *block, bool has_work,
                         uint64_t now_ms, struct action_queue *out);
#endif

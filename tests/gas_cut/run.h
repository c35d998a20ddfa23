/* One transaction on one pre-state at a gas limit of the caller's, by one of the machine's loops,
 * with all that came of it. */
#ifndef TESTS_GAS_CUT_RUN_H
#define TESTS_GAS_CUT_RUN_H
#include "ledger/chain/execute.h"
#include "tests/dispatch/dispatch.h"

/* What stays the same from run to run. */
struct subject {
    struct vm *vm;
    struct state_reader pre; /* the state before; never changed */
    struct block_environment environment;
    struct transaction tx; /* `gas_limit` is the one it came with */
};

struct run {
    enum transaction_verdict verdict;
    struct transaction_outcome outcome; /* its output in the arena */
    struct state_changes changes;       /* in the arena */
    uint64_t marks;                     /* state_marks() after it */
};

/* When code is analysed (vm/frame.h, heat_needed): at once, never, or once it has used a little
 * gas. For the latter two, what the cache has is forgotten first. */
#define RUN_ANALYSED 0
#define RUN_STEPWISE UINT32_MAX
#define RUN_WARMING  1

/* How to run it. */
struct run_mode {
    enum dispatch dispatch;
    uint32_t heat_needed;
    uint64_t gas_limit;
    struct vm_tracer *tracer; /* NULL: the plain loop */
    /* Called with the state before the transaction; for tracers that look into it. May be NULL. */
    void (*on_state)(void *context, struct state *state);
    void *context;
};

/* The result lives in the arena. */
struct run run_at(const struct subject *subject, const struct run_mode *mode, struct arena *arena);

/* Empty if both ended alike; else what differs, first thing first. Two failures for different
 * reasons are alike if `is_reason_free`: the traced loop may name another one (vm/README.md). */
const char *run_difference(const struct run *left, const struct run *right, bool is_reason_free,
                           struct arena *arena);
const char *changes_difference(const struct state_changes *left, const struct state_changes *right,
                               struct arena *arena);
#endif

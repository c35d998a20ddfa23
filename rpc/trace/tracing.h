/* One transaction being traced: made before it, attached to its execution, written out after it.
 *
 *   trace_begin()   reads what the tracer wants of the state before; tracing.vm goes into the
 *                   execution
 *   (it runs)
 *   trace_end()     writes the result, one JSON value, to `out`
 *   trace_cleanup() in any case
 *
 * A tracer takes from `size_left` before it keeps or writes anything, so that no contract makes
 * it grow: once that is used up `is_full` is set, nothing more is kept, and the run is to be ended.
 * Results are geth's (docs/rpc.md, Traces). Each kind of tracer is one file of this folder. */
#ifndef RPC_TRACE_TRACING_H
#define RPC_TRACE_TRACING_H
#include "ledger/chain/execute.h"
#include "rpc/trace/options.h"
#include "vm/tracer.h"

/* What the machine said of the step it is at, for telling why it failed. */
struct trace_step {
    uint8_t opcode;
    size_t stack_size;
    bool has_failed;
};

struct tracing {
    /* The caller's. */
    const struct trace_options *options;
    struct state *state;
    const struct transaction *tx;
    const struct block_environment *environment;
    uint64_t logs_before; /* of earlier transactions of the block */
    size_t size_left;     /* bytes that what is kept or written may still take */
    struct buffer *out;
    /* Ours. */
    bool is_full;
    struct vm_tracer vm;
    struct arena arena;
    struct trace_step step;
    void *own; /* the tracer's, in the arena */
};

void trace_begin(struct tracing *tracing);
void trace_end(struct tracing *tracing, const struct transaction_outcome *outcome);
void trace_cleanup(struct tracing *tracing);
/* What would make the answer smaller, in words: "disableStack, ..." */
const char *trace_advice(const struct trace_options *options);

/* ---- For the tracers --------------------------------------------------------------------- */

/* False, from the first time on that it cannot be had. */
bool trace_take(struct tracing *tracing, size_t size);
/* Why a message or step failed, in geth's words; in the arena or static. With `is_create`, gas
 * that ran out after the last step is that for the new contract's code. */
const char *trace_failure(struct tracing *tracing, enum vm_status status, bool is_create);
/* For on_step and on_step_end: keeps tracing->step. */
void trace_note_step(struct tracing *tracing, const struct vm_step *step);
void trace_note_step_end(struct tracing *tracing, enum vm_status status);

struct trace_tracer {
    void (*begin)(struct tracing *tracing);
    void (*end)(struct tracing *tracing, const struct transaction_outcome *outcome);
    void (*cleanup)(struct tracing *tracing); /* what is not in the arena; may be NULL */
};
extern const struct trace_tracer TRACER_STEPS;     /* steps.c */
extern const struct trace_tracer TRACER_CALLS;     /* calls.c */
extern const struct trace_tracer TRACER_PRESTATE;  /* prestate.c */
extern const struct trace_tracer TRACER_SELECTORS; /* selectors.c */
#endif

#include "rpc/trace/tracing.h"

#include "rpc/write.h"
#include "vm/opcodes.h"

#define STACK_WORDS_MAX 1024 /* yellow paper, 9.1 */

/* noopTracer: it runs, and that is all. */
static void begin_nothing(struct tracing *tracing)
{
    (void)tracing;
}

static void end_nothing(struct tracing *tracing, const struct transaction_outcome *outcome)
{
    (void)outcome;
    write_raw(tracing->out, "{}");
}

static const struct trace_tracer TRACER_NOTHING = {begin_nothing, end_nothing, NULL};

static const struct {
    const struct trace_tracer *tracer;
    const char *advice;
} KINDS[TRACE_KIND_COUNT] = {
    [TRACE_STEPS] = {&TRACER_STEPS, "disableStack, disableStorage, limit (in steps), no "
                                    "enableMemory, or the callTracer"},
    [TRACE_CALLS] = {&TRACER_CALLS, "onlyTopCall, no withLog, or the 4byteTracer"},
    [TRACE_PRESTATE] = {&TRACER_PRESTATE, "disableCode, disableStorage or diffMode"},
    [TRACE_SELECTORS] = {&TRACER_SELECTORS, "the callTracer with onlyTopCall"},
    [TRACE_NOTHING] = {&TRACER_NOTHING, "one transaction"},
};

void trace_begin(struct tracing *tracing)
{
    tracing->is_full = false;
    tracing->vm = (struct vm_tracer){.context = tracing};
    tracing->arena = (struct arena){0};
    tracing->step = (struct trace_step){0};
    KINDS[tracing->options->kind].tracer->begin(tracing);
}

void trace_end(struct tracing *tracing, const struct transaction_outcome *outcome)
{
    KINDS[tracing->options->kind].tracer->end(tracing, outcome);
}

void trace_cleanup(struct tracing *tracing)
{
    const struct trace_tracer *tracer = KINDS[tracing->options->kind].tracer;
    if (tracer->cleanup != NULL)
        tracer->cleanup(tracing);
    arena_cleanup(&tracing->arena);
}

const char *trace_advice(const struct trace_options *options)
{
    return KINDS[options->kind].advice;
}

/* ---- For the tracers --------------------------------------------------------------------- */

bool trace_take(struct tracing *tracing, size_t size)
{
    if (tracing->is_full || size > tracing->size_left) {
        tracing->is_full = true;
        return false;
    }
    tracing->size_left -= size;
    return true;
}

void trace_note_step(struct tracing *tracing, const struct vm_step *step)
{
    tracing->step = (struct trace_step){step->opcode, step->stack_size, false};
}

void trace_note_step_end(struct tracing *tracing, enum vm_status status)
{
    tracing->step.has_failed = status != VM_SUCCESS;
}

static const char *stack_failure(struct tracing *tracing, bool is_overflow)
{
    const struct vm_opcode_traits *traits = &VM_OPCODE_TRAITS[tracing->step.opcode];
    if (is_overflow)
        return arena_format(&tracing->arena, "stack limit reached %zu (%d)",
                            tracing->step.stack_size,
                            STACK_WORDS_MAX + traits->stack_in - traits->stack_out);
    return arena_format(&tracing->arena, "stack underflow (%zu <=> %d)", tracing->step.stack_size,
                        traits->stack_in);
}

static const char *opcode_failure(struct tracing *tracing)
{
    const uint8_t opcode = tracing->step.opcode;
    const char *name = VM_OPCODE_TRAITS[opcode].name;
    if (name != NULL)
        return arena_format(&tracing->arena, "invalid opcode: %s", name);
    return arena_format(&tracing->arena, "invalid opcode: opcode 0x%x not defined", opcode);
}

const char *trace_failure(struct tracing *tracing, enum vm_status status, bool is_create)
{
    switch (status) {
    case VM_OUT_OF_GAS:
        return is_create && !tracing->step.has_failed ? "contract creation code storage out of gas"
                                                      : "out of gas";
    case VM_STACK_UNDERFLOW: return stack_failure(tracing, false);
    case VM_STACK_OVERFLOW: return stack_failure(tracing, true);
    case VM_INVALID_OPCODE: return opcode_failure(tracing);
    case VM_STATIC_STATE_CHANGE: return "write protection";
    case VM_DEPTH_EXCEEDED: return "max call depth exceeded";
    case VM_NONCE_OVERFLOW: return "nonce uint64 overflow";
    case VM_CODE_TOO_LARGE: return "max code size exceeded";
    case VM_INITCODE_TOO_LARGE: return "max initcode size exceeded";
    case VM_INVALID_CODE_PREFIX: return "invalid code: must not begin with 0xef";
    case VM_SUCCESS:
    case VM_REVERT:
    case VM_INVALID_JUMP:
    case VM_RETURN_DATA_OUT_OF_BOUNDS:
    case VM_INSUFFICIENT_BALANCE:
    case VM_CREATE_COLLISION:
    case VM_PRECOMPILE_FAILURE:
    case VM_CANCELLED:
    case VM_STATUS_COUNT: break;
    }
    return vm_status_name(status);
}

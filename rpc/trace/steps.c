/* geth's struct logger: every step with its stack and, where asked for, memory, return data and
 * the slots its contract has read and written so far.
 *
 *   {"structLogs":[{"pc","op","gas","depth","stack"?,"memory"?,"returnData"?,"storage"?,
 *                   "gasCost","refund"?,"error"?}, ..],"gas","failed","returnValue"}
 *
 * Entries go into the answer at once; what is not known before the step is over stands last. */
#include "rpc/trace/tracing.h"

#include "rpc/trace/touched.h"
#include "rpc/write.h"
#include "vm/opcodes.h"

/* What a value takes at most, with its separators. */
#define STEP_SIZE  240 /* all that is not listed here */
#define WORD_SIZE  69
#define WORDS_SIZE 32 /* a list's brackets and name */
#define SLOT_SIZE  138

struct steps {
    uint64_t count; /* entries written */
    bool is_open;   /* an entry lacks its end */
    bool is_held;   /* its cost is held_cost less what a create is given */
    uint64_t held_cost;
    size_t left_before, out_before; /* the open entry's: what it did not need is given back */
    struct touched touched;         /* slots, by contract */
};

/* Ends the open entry. The refund is that behind the step, as geth has counted it by then. */
static void close_entry(struct tracing *tracing, uint64_t gas_cost, enum vm_status status)
{
    struct steps *steps = tracing->own;
    struct buffer *out = tracing->out;
    const int64_t refund = state_refund(tracing->state);
    steps->is_open = steps->is_held = false;
    write_key_decimal(out, "gasCost", gas_cost);
    if (refund > 0)
        write_key_decimal(out, "refund", (uint64_t)refund);
    if (status != VM_SUCCESS)
        write_key_text(out, "error", trace_failure(tracing, status, false));
    write_raw(out, "}");
    const size_t size = out->size - steps->out_before;
    if (!tracing->is_full && size < steps->left_before)
        tracing->size_left = steps->left_before - size;
}

static void write_stack(struct buffer *out, const struct vm_step *step)
{
    write_key_raw(out, "stack", "[");
    for (size_t i = 0; i < step->stack_size; i++) {
        write_separator(out);
        write_u256(out, &step->stack[i]);
    }
    write_raw(out, "]");
}

/* A machine's memory is a whole number of words. */
static void write_memory(struct buffer *out, struct bytes memory)
{
    write_key_raw(out, "memory", "[");
    for (size_t at = 0; at < memory.size; at += 32) {
        write_separator(out);
        write_data(out, bytes_of(memory.data + at, 32));
    }
    write_raw(out, "]");
}

static void write_word(struct buffer *out, const u256 *word)
{
    const hash256 bytes = u256_to_hash(word);
    write_hash(out, &bytes);
}

/* Notes what this SLOAD or SSTORE reads or writes, and shows all its contract's slots so far. */
static void write_storage(struct tracing *tracing, const struct vm_step *step)
{
    struct steps *steps = tracing->own;
    struct touched *touched = &steps->touched;
    struct buffer *out = tracing->out;
    const u256 *top = &step->stack[step->stack_size - 1];
    uint32_t account = touched_find_account(touched, &step->account);
    if (account == TOUCHED_NONE)
        account = touched_add_account(touched, &step->account);
    uint32_t slot = touched_find_slot(touched, account, top);
    if (slot == TOUCHED_NONE)
        slot = touched_add_slot(touched, account, top);
    touched_slot_at(touched, slot)->value =
        step->opcode == VM_OP_SLOAD ? state_slot(tracing->state, &step->account, top) : top[-1];
    write_key_raw(out, "storage", "{");
    slot = touched_account_at(touched, account)->first_slot;
    while (slot != TOUCHED_NONE && trace_take(tracing, SLOT_SIZE)) {
        const struct touched_slot *shown = touched_slot_at(touched, slot);
        write_separator(out);
        write_word(out, &shown->key);
        write_raw(out, ":");
        write_word(out, &shown->value);
        slot = shown->next;
    }
    write_raw(out, "}");
}

static bool shows_storage(const struct trace_options *options, const struct vm_step *step)
{
    return !options->disable_storage
           && ((step->opcode == VM_OP_SLOAD && step->stack_size >= 1)
               || (step->opcode == VM_OP_SSTORE && step->stack_size >= 2));
}

/* The room of an entry at most, but for its slots, which take theirs one by one. What is kept of a
 * slot is less than what is written of it. */
static bool take_room(struct tracing *tracing, const struct vm_step *step)
{
    const struct trace_options *options = tracing->options;
    size_t size = STEP_SIZE;
    if (!options->disable_stack)
        size += WORDS_SIZE + step->stack_size * WORD_SIZE;
    if (options->enable_memory)
        size += WORDS_SIZE + step->memory.size / 32 * WORD_SIZE;
    if (options->enable_return_data)
        size += WORDS_SIZE + 2 * step->return_data.size;
    if (shows_storage(options, step))
        size += WORDS_SIZE;
    return trace_take(tracing, size);
}

static void write_op(struct buffer *out, uint8_t opcode)
{
    const char *name = VM_OPCODE_TRAITS[opcode].name;
    write_key(out, "op");
    if (opcode == VM_OP_PREVRANDAO)
        name = "DIFFICULTY"; /* as geth still calls it */
    if (name != NULL)
        write_text(out, name);
    else
        buffer_append_format(out, "\"opcode 0x%x not defined\"", opcode);
}

static void on_step(void *context, const struct vm_step *step)
{
    struct tracing *tracing = context;
    struct steps *steps = tracing->own;
    const struct trace_options *options = tracing->options;
    struct buffer *out = tracing->out;
    trace_note_step(tracing, step);
    if (options->steps_max > 0 && steps->count >= options->steps_max)
        return;
    steps->left_before = tracing->size_left;
    steps->out_before = out->size;
    if (!take_room(tracing, step))
        return;
    steps->count++;
    steps->is_open = true;
    write_separator(out);
    write_raw(out, "{");
    write_key_decimal(out, "pc", step->pc);
    write_op(out, step->opcode);
    write_key_decimal(out, "gas", step->gas);
    write_key_decimal(out, "depth", step->depth);
    if (!options->disable_stack)
        write_stack(out, step);
    if (options->enable_memory && step->memory.size > 0)
        write_memory(out, step->memory);
    if (options->enable_return_data && step->return_data.size > 0)
        write_key_data(out, "returnData", step->return_data);
    if (shows_storage(options, step))
        write_storage(tracing, step);
}

/* geth counts what a call is given as its cost, but not what a create is given. */
static void on_step_end(void *context, uint64_t gas_cost, enum vm_status status)
{
    struct tracing *tracing = context;
    struct steps *steps = tracing->own;
    const uint8_t opcode = tracing->step.opcode;
    const uint64_t base_gas = VM_OPCODE_TRAITS[opcode].base_gas;
    trace_note_step_end(tracing, status);
    if (!steps->is_open)
        return;
    if (status != VM_SUCCESS && gas_cost < base_gas)
        gas_cost = base_gas; /* what it would have cost at least */
    if (status == VM_SUCCESS && (opcode == VM_OP_CREATE || opcode == VM_OP_CREATE2)) {
        steps->is_held = true;
        steps->held_cost = gas_cost;
    } else {
        close_entry(tracing, gas_cost, status);
    }
}

static void on_enter(void *context, const struct vm_enter *enter)
{
    struct tracing *tracing = context;
    struct steps *steps = tracing->own;
    if (steps->is_held)
        close_entry(tracing, steps->held_cost - enter->gas, VM_SUCCESS);
}

static void begin(struct tracing *tracing)
{
    tracing->own = arena_alloc(&tracing->arena, sizeof(struct steps));
    tracing->vm.on_step = on_step;
    tracing->vm.on_step_end = on_step_end;
    tracing->vm.on_enter = on_enter;
    write_raw(tracing->out, "{\"structLogs\":[");
}

/* "Return data when successful and revert reason when reverted, otherwise empty": the machine's
 * output is that. */
static void end(struct tracing *tracing, const struct transaction_outcome *outcome)
{
    struct buffer *out = tracing->out;
    if (!trace_take(tracing, STEP_SIZE + 2 * outcome->output.size))
        return;
    write_raw(out, "]");
    write_key_decimal(out, "gas", outcome->gas_used);
    write_key_bool(out, "failed", outcome->status != VM_SUCCESS);
    write_key_data(out, "returnValue", outcome->output);
    write_raw(out, "}");
}

static void cleanup(struct tracing *tracing)
{
    struct steps *steps = tracing->own;
    touched_cleanup(&steps->touched);
}

const struct trace_tracer TRACER_STEPS = {begin, end, cleanup};

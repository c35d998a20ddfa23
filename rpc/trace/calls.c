/* geth's callTracer: the tree of messages.
 *
 *   {"from","gas","gasUsed","to"?,"input","output"?,"error"?,"revertReason"?,"calls"?:[..],
 *    "logs"?:[{"address","topics","data","position","index"}],"value"?,"type"}
 *
 * The tree is kept until the transaction is over: a log stays only if no message above it fails,
 * and the outermost message's gas is the transaction's. */
#include "rpc/trace/tracing.h"

#include "rpc/methods/revert.h"
#include "rpc/write.h"
#include "vm/opcodes.h"

#define CALL_SIZE 420 /* one message's members but input, output and logs, at most */
#define LOG_SIZE  200 /* one log's but topics and data */

struct traced_log {
    struct traced_log *next;
    address account;
    hash256 topics[LOG_TOPICS_MAX];
    size_t topics_count;
    struct bytes data;
    uint64_t position; /* how many messages its own had sent before */
    uint64_t index;    /* in the block */
};

struct traced_call {
    struct traced_call *parent, *first, *last, *next; /* first and last of those it sent */
    struct traced_log *first_log, *last_log;
    uint64_t calls_count;
    uint8_t opcode;
    bool has_to, has_value;
    bool is_undone; /* it or one above it failed */
    address from, to;
    u256 value;
    uint64_t gas, gas_used;
    struct bytes input, output;
    const char *error;         /* NULL: none */
    const char *revert_reason; /* NULL: none */
};

struct calls {
    struct traced_call *root, *current;
    unsigned depth; /* of the message that runs, also of one that is not kept */
};

static bool is_create(uint8_t opcode)
{
    return opcode == VM_OP_CREATE || opcode == VM_OP_CREATE2;
}

/* ---- Watching ---------------------------------------------------------------------------- */

static bool keeps(const struct tracing *tracing)
{
    const struct calls *calls = tracing->own;
    return !tracing->is_full && (!tracing->options->only_top_call || calls->depth <= 1);
}

static struct traced_call *add_call(struct tracing *tracing, uint8_t opcode, struct bytes input)
{
    struct calls *calls = tracing->own;
    struct traced_call *parent = calls->current;
    if (!trace_take(tracing, CALL_SIZE + 2 * input.size))
        return NULL;
    struct traced_call *call = arena_alloc(&tracing->arena, sizeof *call);
    *call = (struct traced_call){.parent = parent, .opcode = opcode, .has_to = true};
    call->input = arena_copy(&tracing->arena, input);
    if (parent == NULL)
        calls->root = call;
    else if (parent->last == NULL)
        parent->first = call;
    else
        parent->last->next = call;
    if (parent != NULL) {
        parent->last = call;
        parent->calls_count++;
    }
    return call;
}

/* Who calls is whose code runs: of a DELEGATECALL not the sender that its code is told. */
static void on_enter(void *context, const struct vm_enter *enter)
{
    struct tracing *tracing = context;
    struct calls *calls = tracing->own;
    calls->depth++;
    if (!keeps(tracing))
        return;
    struct traced_call *call = add_call(tracing, enter->opcode, enter->input);
    if (call == NULL)
        return;
    const bool is_own = enter->opcode == VM_OP_DELEGATECALL || enter->opcode == VM_OP_CALLCODE;
    call->from = is_own ? enter->recipient : enter->sender;
    call->to = enter->code_address;
    call->has_value = enter->opcode != VM_OP_STATICCALL;
    call->value = enter->value;
    call->gas = enter->depth == 1 ? tracing->tx->gas_limit : enter->gas;
    calls->current = call;
}

/* What it gave back, or why it failed. */
static void finish(struct tracing *tracing, struct traced_call *call, enum vm_status status,
                   struct bytes output)
{
    const bool has_output = status == VM_SUCCESS || status == VM_REVERT;
    if (status != VM_SUCCESS) {
        call->error = trace_failure(tracing, status, is_create(call->opcode));
        call->has_to = !is_create(call->opcode);
    }
    if (!has_output || !trace_take(tracing, 2 * output.size))
        return;
    call->output = arena_copy(&tracing->arena, output);
    if (status == VM_REVERT)
        call->revert_reason = revert_reason(call->output, &tracing->arena);
    if (call->revert_reason != NULL) /* escaped, a byte takes six */
        (void)trace_take(tracing, 6 * strlen(call->revert_reason));
}

static void on_exit_message(void *context, enum vm_status status, uint64_t gas_used,
                            struct bytes output)
{
    struct tracing *tracing = context;
    struct calls *calls = tracing->own;
    struct traced_call *call = calls->current;
    if (keeps(tracing)) {
        call->gas_used = gas_used;
        finish(tracing, call, status, output);
        calls->current = call->parent;
    }
    calls->depth--;
}

static void on_log(void *context, const struct vm_log *log)
{
    struct tracing *tracing = context;
    struct calls *calls = tracing->own;
    struct traced_call *call = calls->current;
    size_t earlier;
    (void)state_logs(tracing->state, &earlier);
    if (!keeps(tracing)
        || !trace_take(tracing, LOG_SIZE + 69 * log->topics_count + 2 * log->data.size))
        return;
    struct traced_log *kept = arena_alloc(&tracing->arena, sizeof *kept);
    *kept = (struct traced_log){.account = log->account,
                                .topics_count = log->topics_count,
                                .data = arena_copy(&tracing->arena, log->data),
                                .position = call->calls_count,
                                .index = tracing->logs_before + earlier};
    for (size_t i = 0; i < log->topics_count; i++)
        kept->topics[i] = u256_to_hash(&log->topics[i]);
    if (call->last_log == NULL)
        call->first_log = kept;
    else
        call->last_log->next = kept;
    call->last_log = kept;
}

static void on_selfdestruct(void *context, const address *account, const address *beneficiary,
                            const u256 *balance)
{
    struct tracing *tracing = context;
    if (!keeps(tracing) || tracing->options->only_top_call)
        return;
    struct traced_call *call = add_call(tracing, VM_OP_SELFDESTRUCT, bytes_of(NULL, 0));
    if (call == NULL)
        return;
    call->from = *account;
    call->to = *beneficiary;
    call->has_value = true;
    call->value = *balance;
}

static void on_step(void *context, const struct vm_step *step)
{
    trace_note_step(context, step);
}

static void on_step_end(void *context, uint64_t gas_cost, enum vm_status status)
{
    (void)gas_cost;
    trace_note_step_end(context, status);
}

static void begin(struct tracing *tracing)
{
    tracing->own = arena_alloc(&tracing->arena, sizeof(struct calls));
    tracing->vm.on_step = on_step;
    tracing->vm.on_step_end = on_step_end;
    tracing->vm.on_enter = on_enter;
    tracing->vm.on_exit = on_exit_message;
    tracing->vm.on_selfdestruct = on_selfdestruct;
    if (tracing->options->with_log)
        tracing->vm.on_log = on_log;
}

/* ---- Writing ----------------------------------------------------------------------------- */

static void write_logs(struct buffer *out, const struct traced_call *call)
{
    if (call->is_undone || call->first_log == NULL)
        return;
    write_key_raw(out, "logs", "[");
    for (const struct traced_log *log = call->first_log; log != NULL; log = log->next) {
        write_separator(out);
        write_raw(out, "{");
        write_key_address(out, "address", &log->account);
        write_key_raw(out, "topics", "[");
        for (size_t i = 0; i < log->topics_count; i++) {
            write_separator(out);
            write_hash(out, &log->topics[i]);
        }
        write_raw(out, "]");
        write_key_data(out, "data", log->data);
        write_key_quantity(out, "position", log->position);
        write_key_quantity(out, "index", log->index);
        write_raw(out, "}");
    }
    write_raw(out, "]");
}

/* All that stands before the messages it sent. */
static void open_call(struct buffer *out, struct traced_call *call)
{
    call->is_undone = call->error != NULL || (call->parent != NULL && call->parent->is_undone);
    write_separator(out);
    write_raw(out, "{");
    write_key_address(out, "from", &call->from);
    write_key_quantity(out, "gas", call->gas);
    write_key_quantity(out, "gasUsed", call->gas_used);
    if (call->has_to)
        write_key_address(out, "to", &call->to);
    write_key_data(out, "input", call->input);
    if (call->output.size > 0)
        write_key_data(out, "output", call->output);
    if (call->error != NULL)
        write_key_text(out, "error", call->error);
    if (call->revert_reason != NULL)
        write_key_text(out, "revertReason", call->revert_reason);
    if (call->first != NULL)
        write_key_raw(out, "calls", "[");
}

static void close_call(struct buffer *out, const struct traced_call *call)
{
    if (call->first != NULL)
        write_raw(out, "]");
    write_logs(out, call);
    if (call->has_value)
        write_key_u256(out, "value", &call->value);
    write_key_text(out, "type", VM_OPCODE_TRAITS[call->opcode].name);
    write_raw(out, "}");
}

/* Without recursion: a tree is up to 1,026 messages deep. */
static void write_tree(struct buffer *out, struct traced_call *root)
{
    struct traced_call *call = root;
    open_call(out, call);
    for (;;) {
        while (call->first != NULL) {
            call = call->first;
            open_call(out, call);
        }
        close_call(out, call);
        while (call != root && call->next == NULL) {
            call = call->parent;
            close_call(out, call);
        }
        if (call == root)
            return;
        call = call->next;
        open_call(out, call);
    }
}

static void end(struct tracing *tracing, const struct transaction_outcome *outcome)
{
    struct calls *calls = tracing->own;
    if (tracing->is_full)
        return;
    calls->root->gas_used = outcome->gas_used;
    write_tree(tracing->out, calls->root);
}

const struct trace_tracer TRACER_CALLS = {begin, end, NULL};

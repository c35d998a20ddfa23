#include "rpc/trace/replay.h"

#include "rpc/scope.h"
#include <inttypes.h>

void replay_init(struct replay *replay, struct call *call, const struct trace_options *options)
{
    uint64_t now_ms = scope_now_ms(), request_ms = call->scope->deadline_ms;
    *replay = (struct replay){.call = call, .options = options};
    replay->deadline_ms = call_begin_long(call);
    if (options->has_timeout)
        replay->deadline_ms = now_ms < request_ms && options->timeout_ms < request_ms - now_ms
                                  ? now_ms + options->timeout_ms
                                  : request_ms;
}

void replay_cleanup(struct replay *replay)
{
    state_free(replay->state);
    arena_cleanup(&replay->arena);
}

/* ---- Ends that are none ------------------------------------------------------------------ */

static bool is_late(const struct replay *replay)
{
    return scope_now_ms() >= replay->deadline_ms || call_is_abandoned(replay->call);
}

static bool is_over(void *context)
{
    const struct replay *replay = context;
    return (replay->tracing != NULL && replay->tracing->is_full) || is_late(replay);
}

static bool fail_late(struct replay *replay)
{
    call_fail(
        replay->call, RPC_SERVER_ERROR,
        "execution timeout: the trace did not end in time; ask for more (timeout: \"20s\", at "
        "most what is left of the request's 30 s) or for less: %s",
        trace_advice(replay->options));
    return false;
}

static bool fail_full(struct replay *replay)
{
    call_fail(replay->call, RPC_RESPONSE_TOO_LARGE,
              "response too large: the trace takes more than %zu bytes; ask for less: %s",
              replay->call->limits->response_size_max, trace_advice(replay->options));
    return false;
}

/* After a run: whether it is worth anything. */
static bool is_good(struct replay *replay, enum vm_status status)
{
    struct error error = {0};
    if (state_failed(replay->state, &error)) {
        call_fail_with(replay->call, &error);
        return false;
    }
    if (replay->tracing != NULL && replay->tracing->is_full)
        return fail_full(replay);
    return status != VM_CANCELLED || fail_late(replay);
}

/* ---- Beginning --------------------------------------------------------------------------- */

static void open_state(struct replay *replay)
{
    struct ledger_view *view = replay->call->scope->view;
    replay->hashes = (struct view_block_hashes){view, replay->execution.environment.number};
    replay->state = state_new(&replay->reader);
    state_set_block_hashes(replay->state, view_block_hash, &replay->hashes);
    replay->execution.vm = replay->call->machine;
    replay->execution.state = replay->state;
    replay->execution.arena = &replay->arena;
    replay->execution.is_cancelled = is_over;
    replay->execution.cancel_context = replay;
}

bool replay_before(struct replay *replay, uint64_t height)
{
    struct call *call = replay->call;
    const struct block_ref parent = {.tag = BLOCK_AT_NUMBER, .number = height - 1};
    struct error error = {0};
    if (!call_state(call, &parent, &replay->reader)
        || !call_block(call, height, &replay->block, NULL))
        return false;
    if (!view_environment(call->scope->view, height, &replay->execution.environment, &error)) {
        call_fail_with(call, &error);
        return false;
    }
    open_state(replay);
    execution_begin_block(&replay->execution);
    return true;
}

bool replay_after(struct replay *replay, const struct block_ref *ref)
{
    struct call *call = replay->call;
    struct block_environment *environment = &replay->execution.environment;
    struct error error = {0};
    uint64_t height;
    if (!call_state(call, ref, &replay->reader) || !call_height(call, ref, &height))
        return false;
    if (ref->tag == BLOCK_PENDING ? !view_environment_pending(
            call->scope->view, call->host->ops->now_ms(call->host->context), environment, &error)
                                  : !view_environment(call->scope->view, height, environment,
                                                      &error)) {
        call_fail_with(call, &error);
        return false;
    }
    open_state(replay);
    return true;
}

/* ---- Running ----------------------------------------------------------------------------- */

/* The block's next transaction. The block is final, so it can be carried out. */
static bool run_next(struct replay *replay, struct transaction *tx,
                     struct transaction_outcome *outcome)
{
    size_t logs_count;
    if (is_late(replay))
        return fail_late(replay);
    const enum transaction_verdict verdict =
        execute_transaction(&replay->execution, tx, NULL, outcome);
    if (!is_good(replay, verdict == TRANSACTION_OK ? outcome->status : VM_SUCCESS))
        return false;
    if (verdict != TRANSACTION_OK) {
        call_fail(replay->call, RPC_INTERNAL_ERROR,
                  "block %" PRIu64 ": transaction %zu cannot be carried out again (%s): run "
                  "`lnode check`",
                  replay->execution.environment.number, replay->next,
                  transaction_verdict_text(verdict));
        return false;
    }
    (void)state_logs(replay->state, &logs_count);
    replay->logs_before += logs_count;
    replay->next++;
    return true;
}

static struct transaction next_transaction(const struct replay *replay)
{
    struct transaction tx = replay->block->transactions[replay->next];
    transaction_recover_authorities(&tx);
    return tx;
}

bool replay_skip_to(struct replay *replay, size_t index)
{
    struct transaction_outcome outcome;
    while (replay->next < index) {
        struct transaction tx = next_transaction(replay);
        if (!run_next(replay, &tx, &outcome))
            return false;
    }
    return true;
}

static void begin_trace(struct replay *replay, struct tracing *tracing,
                        const struct transaction *tx)
{
    struct call *call = replay->call;
    const size_t max = call->limits->response_size_max, used = call->out->size;
    *tracing = (struct tracing){
        .options = replay->options,
        .state = replay->state,
        .tx = tx,
        .environment = &replay->execution.environment,
        .logs_before = replay->logs_before,
        .size_left = used < max ? max - used : 0,
        .out = call->out,
    };
    trace_begin(tracing);
    replay->tracing = tracing;
    replay->execution.tracer = &tracing->vm;
}

static bool end_trace(struct replay *replay, struct tracing *tracing,
                      const struct transaction_outcome *outcome, bool ok)
{
    if (ok) {
        trace_end(tracing, outcome);
        ok = is_good(replay, VM_SUCCESS);
    }
    trace_cleanup(tracing);
    replay->tracing = NULL;
    replay->execution.tracer = NULL;
    return ok;
}

bool replay_trace(struct replay *replay)
{
    struct transaction tx = next_transaction(replay);
    struct transaction_outcome outcome = {0};
    struct tracing tracing;
    begin_trace(replay, &tracing, &tx);
    return end_trace(replay, &tracing, &outcome, run_next(replay, &tx, &outcome));
}

static bool run_call(struct replay *replay, const struct transaction *tx,
                     struct transaction_outcome *outcome)
{
    const enum transaction_verdict verdict = execute_call(&replay->execution, tx, outcome);
    if (!is_good(replay, verdict == TRANSACTION_OK ? outcome->status : VM_SUCCESS))
        return false;
    if (verdict != TRANSACTION_OK)
        call_fail(replay->call, RPC_SERVER_ERROR, "tracing failed: %s",
                  transaction_verdict_text(verdict));
    return verdict == TRANSACTION_OK;
}

bool replay_trace_call(struct replay *replay, const struct transaction *tx)
{
    struct transaction_outcome outcome = {0};
    struct tracing tracing;
    replay->logs_before = 0; /* it is in no block */
    begin_trace(replay, &tracing, tx);
    return end_trace(replay, &tracing, &outcome, run_call(replay, tx, &outcome));
}

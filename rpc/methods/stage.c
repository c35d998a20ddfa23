#include "rpc/methods/stage.h"

#include "rpc/methods/revert.h"
#include "rpc/scope.h"
#include <inttypes.h>

static bool is_over(void *context)
{
    struct stage *stage = context;
    return scope_now_ms() >= stage->deadline_ms || call_is_abandoned(stage->call);
}

static bool read_environment(struct stage *stage, const struct block_ref *ref, uint64_t height)
{
    struct call *call = stage->call;
    struct ledger_view *view = call->scope->view;
    struct error error = {0};
    uint64_t now_ms = call->host->ops->now_ms(call->host->context);
    bool ok = ref->tag == BLOCK_PENDING
                  ? view_environment_pending(view, now_ms, &stage->environment, &error)
                  : view_environment(view, height, &stage->environment, &error);
    stage->hashes = (struct view_block_hashes){view, stage->environment.number};
    if (!ok)
        call_fail_with(call, &error);
    return ok;
}

static const json_t *json_argument(const struct call *call, size_t index)
{
    return call->arguments[index].is_given ? call->arguments[index].json : NULL;
}

static bool set_stage(struct stage *stage, struct call *call)
{
    struct block_ref ref = {.tag = BLOCK_LATEST};
    uint64_t height;
    *stage = (struct stage){.call = call};
    if (call->arguments[1].is_given)
        ref = call->arguments[1].block;
    stage->deadline_ms = call_begin_long(call);
    struct block_overrides block;
    if (!call_object_read(call, "params[0]", call->arguments[0].json, &stage->object)
        || !state_overrides_read(call, "params[2]", json_argument(call, 2), &stage->overrides)
        || !block_overrides_read(call, "params[3]", json_argument(call, 3), false, &block)
        || !call_state(call, &ref, &stage->reader) || !call_height(call, &ref, &height)
        || !read_environment(stage, &ref, height))
        return false;
    block_overrides_apply(&block, &stage->environment);
    return true;
}

struct state *stage_state(struct stage *stage)
{
    struct state *state = state_new(&stage->reader);
    state_set_block_hashes(state, view_block_hash, &stage->hashes);
    state_overrides_apply(&stage->overrides, state);
    return state;
}

enum call_outcome stage_answer(struct call *call, enum call_outcome (*answer)(struct stage *))
{
    struct stage stage;
    enum call_outcome outcome = set_stage(&stage, call) ? answer(&stage) : CALL_FAILED;
    arena_cleanup(&stage.arena);
    return outcome;
}

uint64_t stage_gas(const struct stage *stage)
{
    const uint64_t most = stage->call->limits->call_gas_max;
    return stage->object.has_gas && stage->object.tx.gas_limit < most ? stage->object.tx.gas_limit
                                                                      : most;
}

static bool fail_late(struct call *call)
{
    call_fail(call, RPC_SERVER_ERROR, "execution aborted (timeout = %" PRIu64 "ms)",
              call->limits->call_timeout_ms);
    return false;
}

bool stage_run(struct stage *stage, const struct transaction *asked, uint64_t gas, struct run *run)
{
    struct call *call = stage->call;
    if (scope_now_ms() >= stage->deadline_ms) /* many short runs, of which none is cancelled */
        return fail_late(call);
    struct state *state = stage_state(stage);
    arena_reset(&stage->arena);
    struct execution execution = {
        .vm = call->machine,
        .state = state,
        .arena = &stage->arena,
        .environment = stage->environment,
        .tracer = stage->tracer,
        .is_cancelled = is_over,
        .cancel_context = stage,
    };
    struct transaction tx = *asked;
    struct error error = {0};
    tx.gas_limit = gas;
    *run = (struct run){0};
    run->verdict = execute_call(&execution, &tx, &run->outcome);
    int64_t refund = state_refund(state);
    run->refund = refund > 0 ? (uint64_t)refund : 0;
    bool failed = state_failed(state, &error);
    state_free(state);
    if (failed) {
        call_fail_with(call, &error);
        return false;
    }
    if (run->verdict == TRANSACTION_OK && run->outcome.status == VM_CANCELLED)
        return fail_late(call);
    return true;
}

bool run_succeeded(const struct run *run)
{
    return run->verdict == TRANSACTION_OK && run->outcome.status == VM_SUCCESS;
}

enum call_outcome run_fail(struct call *call, const struct run *run, uint64_t gas)
{
    if (run->verdict != TRANSACTION_OK)
        return call_fail(call, RPC_SERVER_ERROR, "err: %s (supplied gas %" PRIu64 ")",
                         transaction_verdict_text(run->verdict), gas);
    if (run->outcome.status == VM_REVERT)
        return revert_fail(call, run->outcome.output);
    return call_fail(call, RPC_SERVER_ERROR, "%s", vm_status_name(run->outcome.status));
}

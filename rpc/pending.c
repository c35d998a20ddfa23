#include "rpc/pending.h"

#include "rpc/scope.h"

struct collected {
    struct waiting *waiting;
    size_t count;
    struct call *call;
    uint64_t deadline_ms;
};

bool pending_is_asked_for(const struct call *call)
{
    const struct method *method = call->method;
    if (!method->shows_pending)
        return false;
    for (size_t index = 0; index < method->params_count; index++) {
        const enum param_kind kind = method->params[index].kind;
        if ((kind == PARAM_BLOCK || kind == PARAM_HEIGHT) && call->arguments[index].is_given
            && call->arguments[index].block.tag == BLOCK_PENDING)
            return true;
    }
    return false;
}

static bool is_over(void *context)
{
    const struct collected *collected = context;
    return scope_now_ms() >= collected->deadline_ms || call_is_abandoned(collected->call);
}

static enum call_outcome build(struct call *call)
{
    struct collected *collected = call->state;
    struct request_scope *scope = call->scope;
    struct ledger_view *view = call_view(call);
    struct error error = {0};
    if (view == NULL)
        return CALL_FAILED;
    if (scope->preview != NULL) { /* another call of the batch was here */
        call->state = NULL;
        return call->method->run(call);
    }
    collected->call = call;
    collected->deadline_ms = call_begin_long(call);
    scope->preview =
        preview_new(view, call->machine, collected->waiting, collected->count,
                    call->host->ops->now_ms(call->host->context), is_over, collected, &error);
    if (scope->preview == NULL)
        return call_fail_with(call, &error);
    call->state = NULL;
    return call->method->run(call);
}

enum call_outcome pending_collect(struct call *call)
{
    struct collected *collected = arena_alloc(call->arena, sizeof *collected);
    call->state = collected;
    if (call->scope->preview != NULL && call->scope->view_of == call->ledger)
        return call_continue(call, RPC_ANY_WORKER, build);
    scope_refresh(call->scope);
    if (call_view(call) == NULL) /* no older than the pool */
        return CALL_FAILED;
    collected->count = ledger_waiting(call->ledger, call->arena, &collected->waiting);
    return call_continue(call, RPC_ANY_WORKER, build);
}

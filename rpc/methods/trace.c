/* debug_trace*: transactions, calls and whole blocks carried out again, and told. */
#include "rpc/methods/methods.h"

#include "rpc/methods/call_object.h"
#include "rpc/methods/overrides.h"
#include "rpc/scope.h"
#include "rpc/trace/replay.h"
#include "vm/base/hex.h"
#include <inttypes.h>

static bool read_options(struct call *call, unsigned index, struct trace_options *options)
{
    const struct argument *argument = &call->arguments[index];
    return trace_options_read(call, arena_format(call->arena, "params[%u]", index),
                              argument->is_given ? argument->json : NULL, options);
}

/* ---- One transaction --------------------------------------------------------------------- */

static enum call_outcome trace_at(struct call *call, const struct trace_options *options,
                                  uint64_t height, uint64_t index)
{
    struct replay replay;
    replay_init(&replay, call, options);
    bool ok = replay_before(&replay, height) && replay_skip_to(&replay, (size_t)index)
              && replay_trace(&replay);
    replay_cleanup(&replay);
    return ok ? CALL_ANSWERED : CALL_FAILED;
}

enum call_outcome method_debug_trace_transaction(struct call *call)
{
    struct trace_options options;
    struct ledger_view *view = call_view(call);
    struct error error = {0};
    uint64_t height, index;
    if (view == NULL || !read_options(call, 1, &options))
        return CALL_FAILED;
    if (!view_find_transaction(view, &call->arguments[0].hash, &height, &index, &error))
        return error.code == ERROR_NOT_FOUND
                   ? call_fail(call, RPC_SERVER_ERROR, "transaction not found")
                   : call_fail_with(call, &error);
    return trace_at(call, &options, height, index);
}

/* ---- A block ----------------------------------------------------------------------------- */

static bool find_block(struct call *call, const struct block_ref *ref, uint64_t *height)
{
    bool is_known;
    if (ref->tag == BLOCK_PENDING) {
        call_fail(call, RPC_SERVER_ERROR,
                  "tracing the pending block is not supported: it has no transactions yet; trace "
                  "latest");
        return false;
    }
    if (!call_height_or_null(call, ref, height, &is_known))
        return false;
    if (!is_known && ref->tag == BLOCK_AT_HASH) {
        char digits[65] = {0};
        hex_encode(digits, ref->hash.bytes, sizeof ref->hash.bytes);
        call_fail(call, RPC_SERVER_ERROR, "block 0x%s not found", digits);
    } else if (!is_known) {
        call_fail(call, RPC_SERVER_ERROR,
                  "block #%" PRIu64 " not found: the last final block is %" PRIu64, ref->number,
                  view_head(call->scope->view));
    } else if (*height == 0) {
        call_fail(call, RPC_SERVER_ERROR, "genesis is not traceable");
        is_known = false;
    }
    return is_known;
}

static bool trace_all(struct replay *replay)
{
    struct buffer *out = replay->call->out;
    write_raw(out, "[");
    for (size_t i = 0; i < replay->block->transactions_count; i++) {
        write_separator(out);
        write_raw(out, "{");
        write_key_hash(out, "txHash", &replay->block->transactions[i].hash);
        write_key(out, "result");
        if (!replay_trace(replay))
            return false;
        write_raw(out, "}");
    }
    write_raw(out, "]");
    return true;
}

enum call_outcome method_debug_trace_block(struct call *call)
{
    struct trace_options options;
    struct block_ref ref = call->arguments[0].block;
    struct replay replay;
    uint64_t height;
    if (call->method->params[0].kind == PARAM_HASH)
        ref = (struct block_ref){.tag = BLOCK_AT_HASH, .hash = call->arguments[0].hash};
    if (!read_options(call, 1, &options) || !find_block(call, &ref, &height))
        return CALL_FAILED;
    replay_init(&replay, call, &options);
    bool ok = replay_before(&replay, height) && trace_all(&replay);
    replay_cleanup(&replay);
    return ok ? CALL_ANSWERED : CALL_FAILED;
}

/* ---- A call ------------------------------------------------------------------------------ */

/* The state after a block, or within it behind the transactions before txIndex. */
static bool set_stage(struct replay *replay, const struct block_ref *ref)
{
    uint64_t height;
    if (!replay->options->has_index)
        return replay_after(replay, ref);
    if (!find_block(replay->call, ref, &height) || !replay_before(replay, height))
        return false;
    const size_t count = replay->block->transactions_count;
    if (replay->options->index > count) {
        call_fail(replay->call, RPC_SERVER_ERROR,
                  "transaction index %" PRIu64 " out of range for block %" PRIu64
                  ": it has %zu transactions",
                  replay->options->index, height, count);
        return false;
    }
    return replay_skip_to(replay, (size_t)replay->options->index);
}

struct overrides {
    struct state_overrides state;
    struct block_overrides block;
};

static bool read_overrides(struct call *call, struct overrides *overrides)
{
    const json_t *config = call->arguments[2].is_given ? call->arguments[2].json : NULL;
    return state_overrides_read(call, "params[2].stateOverrides",
                                json_object_get(config, "stateOverrides"), &overrides->state)
           && block_overrides_read(call, "params[2].blockOverrides",
                                   json_object_get(config, "blockOverrides"), false,
                                   &overrides->block);
}

static bool apply_overrides(const struct overrides *overrides, struct replay *replay)
{
    state_overrides_apply(&overrides->state, replay->state);
    block_overrides_apply(&overrides->block, &replay->execution.environment);
    return true;
}

enum call_outcome method_debug_trace_call(struct call *call)
{
    struct trace_options options;
    struct block_ref ref = {.tag = BLOCK_LATEST};
    struct call_object object;
    struct overrides overrides;
    struct replay replay;
    if (call->arguments[1].is_given)
        ref = call->arguments[1].block;
    if (!read_options(call, 2, &options) || !read_overrides(call, &overrides)
        || !call_object_read(call, "params[0]", call->arguments[0].json, &object))
        return CALL_FAILED;
    if (!object.has_gas || object.tx.gas_limit > call->limits->call_gas_max)
        object.tx.gas_limit = call->limits->call_gas_max;
    replay_init(&replay, call, &options);
    bool ok = set_stage(&replay, &ref) && apply_overrides(&overrides, &replay)
              && replay_trace_call(&replay, &object.tx);
    replay_cleanup(&replay);
    return ok ? CALL_ANSWERED : CALL_FAILED;
}

/* eth_simulateV1 (execution-apis): calls in blocks that might follow, over overridden state. */
#include "rpc/methods/methods.h"

#include "rpc/arguments.h"
#include "rpc/methods/revert.h"
#include "rpc/methods/show.h"
#include "rpc/methods/simulation.h"
#include "rpc/scope.h"
#include <string.h>

#define VM_EXECUTION_ERROR (-32015)
#define TOO_MANY_BLOCKS    (-38026)

/* ---- Reading ----------------------------------------------------------------------------- */

static bool refuse_member(struct call *call, const char *where, const char *expected)
{
    call_fail(call, RPC_INVALID_PARAMS, "%s: not understood; expected %s", where, expected);
    return false;
}

static bool read_flag(struct call *call, const char *where, const json_t *value, bool *flag)
{
    *flag = json_is_true(value);
    if (json_is_boolean(value))
        return true;
    call_fail(call, RPC_INVALID_PARAMS, "%s: found %s; expected true or false", where,
              argument_shown(call, value));
    return false;
}

static bool read_calls(struct call *call, const char *where, const json_t *list,
                       struct simulated_block *block)
{
    if (!json_is_array(list)) {
        call_fail(call, RPC_INVALID_PARAMS, "%s: found %s; expected a list of calls", where,
                  argument_shown(call, list));
        return false;
    }
    block->calls_count = json_array_size(list);
    block->calls = arena_array(call->arena, block->calls_count, sizeof *block->calls);
    for (size_t index = 0; index < block->calls_count; index++) {
        const json_t *json = json_array_get(list, index);
        const char *at = arena_format(call->arena, "%s[%zu]", where, index);
        if (!json_is_object(json)) {
            call_fail(call, RPC_INVALID_PARAMS, "%s: found %s; expected an object", at,
                      argument_shown(call, json));
            return false;
        }
        if (!call_object_read(call, at, json, &block->calls[index].object))
            return false;
    }
    return true;
}

static bool read_block(struct call *call, const char *where, const json_t *json,
                       struct simulated_block *block)
{
    const char *key;
    json_t *member;
    if (!json_is_object(json)) {
        call_fail(call, RPC_INVALID_PARAMS, "%s: found %s; expected an object", where,
                  argument_shown(call, json));
        return false;
    }
    json_object_foreach((json_t *)json, key, member)
    {
        const char *at = arena_format(call->arena, "%s.%.40s", where, key);
        bool ok = true;
        if (json_is_null(member))
            continue;
        if (strcmp(key, "blockOverrides") == 0)
            ok = block_overrides_read(call, at, member, true, &block->overrides);
        else if (strcmp(key, "stateOverrides") == 0)
            ok = state_overrides_read(call, at, member, &block->state);
        else if (strcmp(key, "calls") == 0)
            ok = read_calls(call, at, member, block);
        else
            ok = refuse_member(call, at, "blockOverrides, stateOverrides or calls");
        if (!ok)
            return false;
    }
    return true;
}

static bool read_blocks(struct call *call, const char *where, const json_t *list,
                        struct simulation *simulation)
{
    simulation->blocks_count = json_array_size(list);
    if (!json_is_array(list) || simulation->blocks_count == 0) {
        call_fail(call, RPC_INVALID_PARAMS, "%s: found %s; expected a list of at least one block",
                  where, json_is_array(list) ? "an empty list" : argument_shown(call, list));
        return false;
    }
    if (simulation->blocks_count > SIMULATED_BLOCKS_MAX) {
        call_fail(call, TOO_MANY_BLOCKS, "too many blocks: %zu given, at most %d",
                  simulation->blocks_count, SIMULATED_BLOCKS_MAX);
        return false;
    }
    simulation->blocks =
        arena_array(call->arena, simulation->blocks_count, sizeof *simulation->blocks);
    for (size_t index = 0; index < simulation->blocks_count; index++)
        if (!read_block(call, arena_format(call->arena, "%s[%zu]", where, index),
                        json_array_get(list, index), &simulation->blocks[index]))
            return false;
    return true;
}

static bool read_payload(struct call *call, const json_t *json, struct simulation *simulation,
                         bool *shows_transactions)
{
    const char *key;
    json_t *member;
    *shows_transactions = false;
    json_object_foreach((json_t *)json, key, member)
    {
        const char *at = arena_format(call->arena, "params[0].%.40s", key);
        bool ok = true;
        if (strcmp(key, "blockStateCalls") == 0 || json_is_null(member))
            continue; /* read below, also when it is missing */
        if (strcmp(key, "traceTransfers") == 0)
            ok = read_flag(call, at, member, &simulation->traces_transfers);
        else if (strcmp(key, "validation") == 0)
            ok = read_flag(call, at, member, &simulation->validates);
        else if (strcmp(key, "returnFullTransactions") == 0)
            ok = read_flag(call, at, member, shows_transactions);
        else
            ok = refuse_member(call, at,
                               "blockStateCalls, traceTransfers, validation or "
                               "returnFullTransactions");
        if (!ok)
            return false;
    }
    return read_blocks(call, "params[0].blockStateCalls", json_object_get(json, "blockStateCalls"),
                       simulation);
}

/* ---- Writing ----------------------------------------------------------------------------- */

static void write_logs(struct buffer *out, const struct block *block,
                       const struct simulated_call *call, size_t index, size_t logs_before)
{
    write_key_raw(out, "logs", "[");
    for (size_t log = 0; log < call->logs_count; log++) {
        const struct found_log found = {
            .log = &call->logs[log],
            .height = block->header.number,
            .block_hash = block->hash,
            .block_timestamp = block->header.timestamp,
            .transaction_hash = call->object.tx.hash,
            .transaction_index = index,
            .log_index = logs_before + log,
        };
        show_found_log(out, &found);
    }
    write_raw(out, "]");
}

static void write_failure(struct call *call, const struct simulated_call *simulated)
{
    struct buffer *out = call->out;
    const char *text;
    write_key_raw(out, "error", "{");
    if (simulated->status == VM_REVERT) {
        const char *reason = revert_reason(simulated->output, call->arena);
        text = reason == NULL ? "execution reverted"
                              : arena_format(call->arena, "execution reverted: %s", reason);
        write_raw(out, "\"code\":3");
        write_key_data(out, "data", simulated->output);
    } else {
        text =
            arena_format(call->arena, "vm execution error: %s", vm_status_name(simulated->status));
        buffer_append_format(out, "\"code\":%d", VM_EXECUTION_ERROR);
    }
    write_key_text(out, "message", text);
    write_raw(out, "}");
}

static void write_calls(struct call *call, const struct simulated_block *block)
{
    struct buffer *out = call->out;
    size_t logs = 0;
    write_key_raw(out, "calls", "[");
    for (size_t index = 0; index < block->calls_count; index++) {
        const struct simulated_call *simulated = &block->calls[index];
        const bool is_success = simulated->status == VM_SUCCESS;
        write_separator(out);
        write_raw(out, "{");
        write_key_quantity(out, "status", is_success ? 1 : 0);
        write_key_data(out, "returnData", simulated->output);
        write_key_quantity(out, "gasUsed", simulated->gas_used);
        write_logs(out, &block->block, simulated, index, logs);
        if (!is_success)
            write_failure(call, simulated);
        write_raw(out, "}");
        logs += simulated->logs_count;
    }
    write_raw(out, "]");
}

enum call_outcome method_eth_simulate_v1(struct call *call)
{
    struct simulation simulation = {.call = call};
    struct block_ref ref = {.tag = BLOCK_LATEST};
    const enum vm_fork fork = ledger_genesis(call->ledger)->fork;
    bool shows_transactions;
    if (call->arguments[1].is_given)
        ref = call->arguments[1].block;
    if (!read_payload(call, call->arguments[0].json, &simulation, &shows_transactions)
        || !call_height(call, &ref, &simulation.base) || !simulation_run(&simulation))
        return CALL_FAILED;
    write_raw(call->out, "[");
    for (size_t index = 0; index < simulation.blocks_count; index++) {
        write_separator(call->out);
        show_block(call->out, &simulation.blocks[index].block, fork, shows_transactions);
        call->out->size--; /* the brace: the block goes on with its calls */
        write_calls(call, &simulation.blocks[index]);
        write_raw(call->out, "}");
    }
    write_raw(call->out, "]");
    return CALL_ANSWERED;
}

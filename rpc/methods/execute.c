/* Running code without a transaction: eth_call and eth_estimateGas, at any block. */
#include "rpc/methods/methods.h"

#include "rpc/methods/call_object.h"
#include "rpc/methods/revert.h"
#include "rpc/scope.h"
#include <inttypes.h>

#define GAS_TRANSACTION  21000 /* yellow paper, appendix G */
#define GAS_CALL_STIPEND 2300

/* Everything a run needs, set up once and used for every probe of an estimate. */
struct stage {
    struct call *call;
    struct state_reader reader;
    struct block_environment environment;
    struct view_block_hashes hashes;
    struct call_object object;
    struct arena arena; /* of one run: its output and logs */
    uint64_t deadline_ms;
};

/* How one run ended; `refund` is what it counted up, for the first guess. */
struct run {
    enum transaction_verdict verdict;
    struct transaction_outcome outcome;
    uint64_t refund;
};

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

static bool set_stage(struct stage *stage, struct call *call)
{
    struct block_ref ref = {.tag = BLOCK_LATEST};
    uint64_t height;
    *stage = (struct stage){.call = call};
    if (call->arguments[1].is_given)
        ref = call->arguments[1].block;
    stage->deadline_ms = call_deadline_ms(call);
    return call_object_read(call, call->arguments[0].json, &stage->object)
           && call_state(call, &ref, &stage->reader) && call_height(call, &ref, &height)
           && read_environment(stage, &ref, height);
}

static enum call_outcome on_stage(struct call *call, enum call_outcome (*answer)(struct stage *))
{
    struct stage stage;
    enum call_outcome outcome = set_stage(&stage, call) ? answer(&stage) : CALL_FAILED;
    arena_cleanup(&stage.arena);
    return outcome;
}

/* One run over untouched state; what the run before answered is gone. False, with the call failed, when the world failed or time is
 * up; otherwise `run` tells how it ended. */
static bool run_with(struct stage *stage, uint64_t gas, struct run *run)
{
    struct call *call = stage->call;
    struct state *state = state_new(&stage->reader);
    arena_reset(&stage->arena);
    struct execution execution = {
        .vm = call->machine,
        .state = state,
        .arena = &stage->arena,
        .environment = stage->environment,
        .is_cancelled = is_over,
        .cancel_context = stage,
    };
    struct transaction tx = stage->object.tx;
    struct error error = {0};
    tx.gas_limit = gas;
    *run = (struct run){0};
    state_set_block_hashes(state, view_block_hash, &stage->hashes);
    run->verdict = execute_call(&execution, &tx, &run->outcome);
    int64_t refund = state_refund(state);
    run->refund = refund > 0 ? (uint64_t)refund : 0;
    bool failed = state_failed(state, &error);
    state_free(state);
    if (failed) {
        call_fail_with(call, &error);
        return false;
    }
    if (run->verdict == TRANSACTION_OK && run->outcome.status == VM_CANCELLED) {
        call_fail(call, RPC_SERVER_ERROR, "execution aborted (timeout = %" PRIu64 "ms)",
                  call->limits->call_timeout_ms);
        return false;
    }
    return true;
}

static bool succeeded(const struct run *run)
{
    return run->verdict == TRANSACTION_OK && run->outcome.status == VM_SUCCESS;
}

/* Why a run failed, as geth says it. */
static enum call_outcome fail_with_run(struct call *call, const struct run *run, uint64_t gas)
{
    if (run->verdict != TRANSACTION_OK)
        return call_fail(call, RPC_SERVER_ERROR, "err: %s (supplied gas %" PRIu64 ")",
                         transaction_verdict_text(run->verdict), gas);
    if (run->outcome.status == VM_REVERT)
        return revert_fail(call, run->outcome.output);
    return call_fail(call, RPC_SERVER_ERROR, "%s", vm_status_name(run->outcome.status));
}

static enum call_outcome answer_call(struct stage *stage)
{
    struct call *call = stage->call;
    struct run run;
    uint64_t gas = call->limits->call_gas_max;
    if (stage->object.has_gas && stage->object.tx.gas_limit < gas)
        gas = stage->object.tx.gas_limit;
    if (!run_with(stage, gas, &run))
        return CALL_FAILED;
    if (!succeeded(&run))
        return fail_with_run(call, &run, gas);
    write_data(call->out, run.outcome.output);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_call(struct call *call)
{
    return on_stage(call, answer_call);
}

/* ---- Estimating -------------------------------------------------------------------------- */

/* Upper end of the search: the block's limit or the caller's, what the sender can pay for, the
 * node's cap. */
static bool highest_gas(struct stage *stage, uint64_t *highest)
{
    struct call *call = stage->call;
    const struct transaction *tx = &stage->object.tx;
    *highest = stage->environment.gas_limit;
    if (stage->object.has_gas && tx->gas_limit >= GAS_TRANSACTION)
        *highest = tx->gas_limit;
    struct account sender;
    stage->reader.ops->account(stage->reader.context, &tx->sender, &sender);
    if (!call_state_is_good(call, &stage->reader))
        return false;
    if (u256_less(&sender.balance, &tx->value)) {
        call_fail(call, RPC_SERVER_ERROR, "insufficient funds for transfer");
        return false;
    }
    if (stage->object.has_fee) {
        u256 available = u256_sub(&sender.balance, &tx->value);
        u256 allowance = u256_div(&available, &tx->max_fee);
        if (u256_fits_u64(&allowance) && allowance.limbs[0] < *highest)
            *highest = allowance.limbs[0];
    }
    if (call->limits->call_gas_max < *highest)
        *highest = call->limits->call_gas_max;
    return true;
}

/* A plain transfer to an account without code costs the base price: one probe settles it. */
static bool is_plain_transfer(struct stage *stage)
{
    const struct transaction *tx = &stage->object.tx;
    struct account to;
    if (tx->is_create || tx->data.size > 0 || tx->access_list_count > 0
        || tx->type == TRANSACTION_SET_CODE)
        return false;
    return !stage->reader.ops->account(stage->reader.context, &tx->to, &to)
           || hash256_equal(&to.code_hash, &EMPTY_CODE_HASH);
}

/* What 63/64 per call level (EIP-150), stipend and refund may ask for beyond the gas used. The
 * refund is at most a fifth of what was used before it (EIP-3529). */
static uint64_t first_guess(const struct run *run)
{
    uint64_t used = run->outcome.gas_used;
    uint64_t refund = run->refund < used / 4 ? run->refund : used / 4;
    return (used + refund + GAS_CALL_STIPEND) * 64 / 63;
}

/* The least gas above `lowest` that succeeds; `highest` is known to. As geth: from the bottom,
 * since most calls need little of a high limit. */
static bool search(struct stage *stage, uint64_t lowest, uint64_t highest, uint64_t *found)
{
    struct run run;
    while (lowest + 1 < highest) {
        uint64_t middle = lowest + (highest - lowest) / 2;
        if (lowest > 0 && middle / 2 > lowest)
            middle = lowest * 2;
        if (!run_with(stage, middle, &run))
            return false;
        if (succeeded(&run))
            highest = middle;
        else
            lowest = middle;
    }
    *found = highest;
    return true;
}

static bool estimate(struct stage *stage, uint64_t highest, const struct run *at_highest,
                     uint64_t *found)
{
    struct run run;
    uint64_t lowest = at_highest->outcome.gas_used - 1, guess = first_guess(at_highest);
    if (guess < highest) {
        if (!run_with(stage, guess, &run))
            return false;
        if (succeeded(&run))
            highest = guess;
        else
            lowest = guess;
    }
    return search(stage, lowest, highest, found);
}

static enum call_outcome answer_estimate(struct stage *stage)
{
    struct call *call = stage->call;
    struct run run;
    uint64_t highest, found;
    if (!highest_gas(stage, &highest))
        return CALL_FAILED;
    if (is_plain_transfer(stage) && highest >= GAS_TRANSACTION) {
        if (!run_with(stage, GAS_TRANSACTION, &run))
            return CALL_FAILED;
        if (succeeded(&run)) {
            write_quantity(call->out, GAS_TRANSACTION);
            return CALL_ANSWERED;
        }
    }
    if (!run_with(stage, highest, &run))
        return CALL_FAILED;
    if (run.verdict == TRANSACTION_GAS_BELOW_INTRINSIC || run.verdict == TRANSACTION_GAS_BELOW_FLOOR
        || (run.verdict == TRANSACTION_OK && run.outcome.status == VM_OUT_OF_GAS))
        return call_fail(call, RPC_SERVER_ERROR, "gas required exceeds allowance (%" PRIu64 ")",
                         highest);
    if (!succeeded(&run))
        return fail_with_run(call, &run, highest);
    if (!estimate(stage, highest, &run, &found))
        return CALL_FAILED;
    write_quantity(call->out, found);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_estimate_gas(struct call *call)
{
    return on_stage(call, answer_estimate);
}

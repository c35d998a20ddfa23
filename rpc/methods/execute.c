/* eth_call and eth_estimateGas, at any block. */
#include "rpc/methods/methods.h"

#include "rpc/methods/stage.h"
#include "rpc/scope.h"
#include <inttypes.h>

#define GAS_TRANSACTION  21000 /* yellow paper, appendix G */
#define GAS_CALL_STIPEND 2300

static enum call_outcome answer_call(struct stage *stage)
{
    struct call *call = stage->call;
    struct run run;
    const uint64_t gas = stage_gas(stage);
    if (!stage_run(stage, &stage->object.tx, gas, &run))
        return CALL_FAILED;
    if (!run_succeeded(&run))
        return run_fail(call, &run, gas);
    write_data(call->out, run.outcome.output);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_call(struct call *call)
{
    return stage_answer(call, answer_call);
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
    struct state *state = stage_state(stage);
    const struct account sender = state_account(state, &tx->sender);
    state_free(state);
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
    if (tx->is_create || tx->data.size > 0 || tx->access_list_count > 0
        || tx->type == TRANSACTION_SET_CODE)
        return false;
    struct state *state = stage_state(stage);
    const bool has_code = state_code(state, &tx->to).size > 0;
    state_free(state);
    return !has_code;
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
        if (!stage_run(stage, &stage->object.tx, middle, &run))
            return false;
        if (run_succeeded(&run))
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
        if (!stage_run(stage, &stage->object.tx, guess, &run))
            return false;
        if (run_succeeded(&run))
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
        if (!stage_run(stage, &stage->object.tx, GAS_TRANSACTION, &run))
            return CALL_FAILED;
        if (run_succeeded(&run)) {
            write_quantity(call->out, GAS_TRANSACTION);
            return CALL_ANSWERED;
        }
    }
    if (!stage_run(stage, &stage->object.tx, highest, &run))
        return CALL_FAILED;
    if (run.verdict == TRANSACTION_GAS_BELOW_INTRINSIC || run.verdict == TRANSACTION_GAS_BELOW_FLOOR
        || (run.verdict == TRANSACTION_OK && run.outcome.status == VM_OUT_OF_GAS))
        return call_fail(call, RPC_SERVER_ERROR, "gas required exceeds allowance (%" PRIu64 ")",
                         highest);
    if (!run_succeeded(&run))
        return run_fail(call, &run, highest);
    if (!estimate(stage, highest, &run, &found))
        return CALL_FAILED;
    write_quantity(call->out, found);
    return CALL_ANSWERED;
}

enum call_outcome method_eth_estimate_gas(struct call *call)
{
    return stage_answer(call, answer_estimate);
}

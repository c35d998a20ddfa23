/* Running code without a transaction: what eth_call, eth_estimateGas and eth_createAccessList
 * share. Arguments: call object, block, state overrides, block overrides. */
#ifndef RPC_METHODS_STAGE_H
#define RPC_METHODS_STAGE_H
#include "rpc/methods/call_object.h"
#include "rpc/methods/overrides.h"

/* Everything a run needs, set up once and used for every run. */
struct stage {
    struct call *call;
    struct state_reader reader;
    struct block_environment environment;
    struct view_block_hashes hashes;
    struct call_object object;
    struct state_overrides overrides;
    struct vm_tracer *tracer; /* NULL, or what watches the next run */
    struct arena arena;       /* of one run: its output and logs */
    uint64_t deadline_ms;
};

/* How one run ended; `refund` is what it counted up, for the first guess of an estimate. */
struct run {
    enum transaction_verdict verdict;
    struct transaction_outcome outcome;
    uint64_t refund;
};

/* Reads the call's arguments and calls `answer`. */
enum call_outcome stage_answer(struct call *call, enum call_outcome (*answer)(struct stage *));
/* The state every run starts from; the caller frees it. */
struct state *stage_state(struct stage *stage);
/* What a run may use: the caller's gas, or as much as the node allows. */
uint64_t stage_gas(const struct stage *stage);

/* One run of `tx` with `gas`, over untouched state; what the run before answered is gone. False,
 * with the call failed, when the world failed or time is up; else `run` tells how it ended. */
bool stage_run(struct stage *stage, const struct transaction *tx, uint64_t gas, struct run *run);
bool run_succeeded(const struct run *run);
/* Why a run failed, in geth's words: call_fail(). */
enum call_outcome run_fail(struct call *call, const struct run *run, uint64_t gas);
#endif

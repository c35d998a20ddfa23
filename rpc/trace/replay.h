/* Runs a trace over: a block being carried out again up to some transaction, or the state after
 * one, and then traced runs on top.
 *
 * A final block is replayed as it was made: its system calls, then its transactions in order, over
 * the state before it. Everything lives until replay_cleanup(); every false comes after
 * call_fail(). */
#ifndef RPC_TRACE_REPLAY_H
#define RPC_TRACE_REPLAY_H
#include "ledger/chain/system_calls.h"
#include "rpc/trace/tracing.h"

struct replay {
    struct call *call;
    const struct trace_options *options;
    uint64_t deadline_ms;
    struct state_reader reader;
    struct state *state;
    struct execution execution;
    struct view_block_hashes hashes;
    struct arena arena;
    const struct block *block; /* the scope's; NULL over the state after a block */
    size_t next;               /* transaction of the block */
    uint64_t logs_before;
    const struct tracing *tracing; /* of the run going on; NULL if it is not traced */
};

/* For replay_cleanup() in any case. */
void replay_init(struct replay *replay, struct call *call, const struct trace_options *options);
void replay_cleanup(struct replay *replay);

/* Before the first transaction of the block at `height`, which is not 0. */
bool replay_before(struct replay *replay, uint64_t height);
/* After the block that `ref` means (`pending`: in a block that would follow now). */
bool replay_after(struct replay *replay, const struct block_ref *ref);
/* Runs the block's transactions before `index`, which is at most their count. */
bool replay_skip_to(struct replay *replay, size_t index);
/* Runs the block's next transaction and writes its trace. */
bool replay_trace(struct replay *replay);
/* Runs a call that is not of the block, and writes its trace. */
bool replay_trace_call(struct replay *replay, const struct transaction *tx);
#endif

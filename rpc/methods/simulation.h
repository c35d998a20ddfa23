/* Blocks that might follow a block of the ledger, executed and thrown away: what eth_simulateV1
 * runs. Everything lives in the call's arena. */
#ifndef RPC_METHODS_SIMULATION_H
#define RPC_METHODS_SIMULATION_H
#include "rpc/methods/call_object.h"
#include "rpc/methods/overrides.h"

#define SIMULATED_BLOCKS_MAX 256 /* execution-apis; as far as BLOCKHASH looks back */

struct simulated_call {
    struct call_object object; /* asked for; then with nonce, gas, encoding and hash */
    enum vm_status status;
    uint64_t gas_used;
    struct bytes output;
    struct log *logs; /* with transfers of coin, where these are traced */
    size_t logs_count;
};

struct simulated_block {
    struct block_overrides overrides;
    struct state_overrides state;
    struct simulated_call *calls;
    size_t calls_count;
    struct block block; /* the result */
};

struct simulation {
    struct call *call;
    uint64_t base; /* the block below the first simulated one */
    bool validates, traces_transfers;
    struct simulated_block *blocks; /* room for SIMULATED_BLOCKS_MAX; gaps are filled */
    size_t blocks_count;
    /* Ours. */
    struct header parent;
    struct state *state;
    uint64_t gas_left, deadline_ms;
    size_t done;        /* blocks */
    size_t answer_size; /* bytes that outputs and logs so far take at least */
    struct view_block_hashes hashes;
};

/* Fills gaps between numbers with empty blocks and runs all. False after call_fail(), with the
 * codes of execution-apis (-38010 and following). */
bool simulation_run(struct simulation *simulation);
/* What traced transfers of coin are logged by. */
extern const address SIMULATION_COIN_ADDRESS;
#endif

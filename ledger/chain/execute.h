/* Executing transactions: from (state, block environment, transaction) to receipt.
 *
 * Pure: no clock, no disk beyond the state's reader, no globals. Used by block building,
 * validation, calls, levm and tests alike. What a block does before its first transaction and
 * after its last is in system_calls.h. */
#ifndef LEDGER_CHAIN_EXECUTE_H
#define LEDGER_CHAIN_EXECUTE_H
#include "ledger/chain/receipt.h"
#include "ledger/state/state.h"
#include "vm/vm.h"

/* What a block's header fixes for the transactions in it. */
struct block_environment {
    enum vm_fork fork;
    uint64_t chain_id;
    uint64_t number;
    uint64_t timestamp;
    uint64_t gas_limit;
    address beneficiary;
    hash256 prev_randao;
    u256 base_fee;
    u256 blob_base_fee; /* wei; 1 where no blob ever was (EIP-4844) */
    hash256 parent_beacon_block_root;
    hash256 parent_hash;
};

/* One block being executed. Plain value: fill `vm`, `state`, `environment`, `chain_id_check`,
 * `arena`; the rest starts zero. */
struct execution {
    struct vm *vm;
    struct state *state;
    struct arena *arena; /* receipts and their logs */
    struct block_environment environment;
    struct vm_tracer *tracer; /* may be NULL */
    uint64_t chain_id_check;  /* of transaction_check(): 0 accepts any chain id, and none */
    bool takes_any_sender;    /* also contracts: for simulations */
    bool (*is_cancelled)(void *context); /* may be NULL */
    void *cancel_context;
    /* counted up */
    uint64_t gas_used;
    u256 burnt_wei;    /* base fee times gas */
    bool is_warmed_up; /* precompiles are marked warm in the state */
};

/* What the machine is told of the block; the fields of a transaction are the caller's to fill. */
struct vm_environment execution_vm_environment(const struct execution *execution);

/* How one transaction ended, beyond its receipt. */
struct transaction_outcome {
    enum vm_status status;
    uint64_t gas_used;
    struct bytes output; /* return or revert data; valid until the next run of the vm */
    bool is_create;
    address created; /* the contract of a creation, also of a failed one */
};

/* Checks everything against block and state, pays, runs, refunds. On any verdict but OK the
 * state is as before and nothing is counted. The receipt (may be NULL) and its logs live in
 * the execution's arena. Sender and authorities must have been recovered. */
enum transaction_verdict execute_transaction(struct execution *execution,
                                             const struct transaction *tx, struct receipt *receipt,
                                             struct transaction_outcome *outcome);

/* A call that is not a transaction (eth_call, eth_estimateGas): no signature, nonce or code
 * check on the sender, no gas cap; fees are charged only if `tx->max_fee` is not zero. Leaves its changes
 * in the state, which the caller throws away. */
enum transaction_verdict execute_call(struct execution *execution, const struct transaction *tx,
                                      struct transaction_outcome *outcome);
#endif

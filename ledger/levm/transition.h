/* One block's transition, as `levm t8n` makes it: what the fork does at a block's start, the
 * transactions, rewards, withdrawals, requests; and what a header says of all that. A transaction
 * that may not run is left out and told of; it does not make the block invalid. */
#ifndef LEDGER_LEVM_TRANSITION_H
#define LEDGER_LEVM_TRANSITION_H
#include "ledger/chain/system_calls.h"
#include "ledger/state/memory.h"

struct transition_transaction {
    struct transaction tx; /* recovered, unless refused */
    const char *refused;   /* why it cannot be on this chain; NULL if it can */
};

struct transition_hash {
    uint64_t number;
    hash256 hash;
};

/* Watches transactions, if told to. */
struct transition_watch {
    void *context;
    /* Before the transaction that will be number `index` of those that run: a tracer or NULL.
     * False, with an error, ends the transition. */
    bool (*begin)(void *context, size_t index, const hash256 *hash, struct vm_tracer **tracer,
                  struct error *error);
    void (*end)(void *context);
};

struct transition {
    struct memory_state *state; /* before; after the transition, what came out */
    struct block_environment environment;
    const struct transition_transaction *transactions;
    size_t transactions_count;
    const struct withdrawal *withdrawals;
    size_t withdrawals_count;
    const struct transition_hash *hashes; /* of blocks before, for BLOCKHASH */
    size_t hashes_count;
    bool has_reward; /* also one of 0 touches the beneficiary */
    u256 reward_wei;
};

/* One transaction that ran. */
struct transition_outcome {
    const struct transaction *tx;
    struct receipt receipt;
    uint64_t gas_used;
    address created; /* zero if it creates nothing */
};

struct transition_refusal {
    size_t index; /* among all transactions */
    const char *why;
};

/* Everything lives in the arena. */
struct transition_result {
    hash256 state_root, transactions_root, receipts_root, withdrawals_root;
    hash256 logs_hash; /* keccak256 of the RLP of all logs */
    hash256 requests_hash;
    struct requests requests;
    uint8_t bloom[BLOOM_SIZE];
    uint64_t gas_used;
    struct transition_outcome *outcomes;
    size_t outcomes_count;
    struct transition_refusal *refusals;
    size_t refusals_count;
};

enum transition_end {
    TRANSITION_DONE,
    TRANSITION_INVALID,      /* no such block can be: a system call that may not fail failed */
    TRANSITION_MISSING_HASH, /* BLOCKHASH asked for one that was not given */
    TRANSITION_NOT_WATCHED,  /* the watch failed */
};

/* On anything but TRANSITION_DONE the error says why, and the state is as before. */
enum transition_end transition_run(const struct transition *transition,
                                   const struct transition_watch *watch, /* may be NULL */
                                   struct vm *vm, struct arena *arena,
                                   struct transition_result *result, struct error *error)
    __attribute__((warn_unused_result));
#endif

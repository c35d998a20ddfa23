/* State and block overrides, as geth takes them: what a call is told to find in place of what the
 * ledger holds. Nothing of it outlives the call. */
#ifndef RPC_METHODS_OVERRIDES_H
#define RPC_METHODS_OVERRIDES_H
#include "ledger/chain/execute.h"
#include "rpc/call.h"

struct slot_override {
    u256 key, value;
};

struct account_override {
    address account;
    bool has_nonce, has_balance, has_code;
    bool has_state; /* `slots` are all there is; else they stand beside the others */
    uint64_t nonce;
    u256 balance;
    struct bytes code;
    struct slot_override *slots;
    size_t slots_count;
};

struct state_overrides {
    struct account_override *accounts;
    size_t count;
};

struct block_overrides {
    bool has_number, has_time, has_gas_limit, has_beneficiary, has_prev_randao, has_base_fee,
        has_blob_base_fee;
    uint64_t number, time, gas_limit;
    address beneficiary;
    hash256 prev_randao;
    u256 base_fee, blob_base_fee;
    struct withdrawal *withdrawals; /* only where `takes_withdrawals` */
    size_t withdrawals_count;
};

/* `where` is like "params[2]"; `json` an object or NULL. False after call_fail(), which names the
 * member. Everything lives in the call's arena or is borrowed from `json`. */
bool state_overrides_read(struct call *call, const char *where, const json_t *json,
                          struct state_overrides *overrides);
bool block_overrides_read(struct call *call, const char *where, const json_t *json,
                          bool takes_withdrawals, struct block_overrides *overrides);

/* Before the first transaction, or between two. */
void state_overrides_apply(const struct state_overrides *overrides, struct state *state);
void block_overrides_apply(const struct block_overrides *overrides,
                           struct block_environment *environment);
#endif

/* Accounts and slots that a trace has met, in the order in which it met them. */
#ifndef RPC_TRACE_TOUCHED_H
#define RPC_TRACE_TOUCHED_H
#include "ledger/state/index.h"

#define TOUCHED_NONE UINT32_MAX

struct touched_slot {
    u256 key;
    u256 value;
    uint32_t account; /* its number */
    uint32_t next;    /* of the same account, or TOUCHED_NONE */
};

/* What is known of the account beside its slots is the tracer's to fill in. */
struct touched_account {
    address address;
    uint32_t first_slot, last_slot;
    uint64_t nonce;
    u256 balance;
    struct bytes code; /* borrowed */
    hash256 code_hash;
    bool is_created; /* by this transaction */
    bool is_deleted;
    bool is_unchanged;
};

/* All zero is empty; numbers count from 0. Pointers live until the next one is added. */
struct touched {
    uint64_t seed; /* 0: not set yet */
    struct index account_index, slot_index;
    struct buffer accounts; /* of struct touched_account */
    struct buffer slots;    /* of struct touched_slot */
};
#define TOUCHED_ACCOUNT_SIZE (sizeof(struct touched_account) + 16)
#define TOUCHED_SLOT_SIZE    (sizeof(struct touched_slot) + 16)

void touched_cleanup(struct touched *touched);
size_t touched_accounts_count(const struct touched *touched);
struct touched_account *touched_account_at(const struct touched *touched, uint32_t number);
struct touched_slot *touched_slot_at(const struct touched *touched, uint32_t number);
/* TOUCHED_NONE if it was not added. */
uint32_t touched_find_account(struct touched *touched, const address *account);
uint32_t touched_find_slot(struct touched *touched, uint32_t account, const u256 *key);
/* What was not added before. All but address or key and account is zero. */
uint32_t touched_add_account(struct touched *touched, const address *account);
uint32_t touched_add_slot(struct touched *touched, uint32_t account, const u256 *key);
#endif

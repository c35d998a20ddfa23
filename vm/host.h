/* What the machine asks of the world: one table of plain functions.
 *
 * The machine (vm.h) prices gas, keeps stacks and memory and runs calls and creates itself;
 * the host keeps state, the journal that undoes it, the access lists of EIP-2929 and logs.
 * Functions cannot fail: a host whose disk fails remembers that, answers zero, and its owner
 * asks afterwards. Pointers handed in or out are borrowed until the next host call. */
#ifndef VM_HOST_H
#define VM_HOST_H
#include "vm/base/bytes.h"
#include "vm/base/u256.h"

struct vm_analysis; /* vm/analysis.h: immutable, cached by code hash */

/* A slot as EIP-2200 pricing needs it. */
struct vm_slot {
    u256 current;
    u256 original; /* at the start of the transaction */
    bool was_warm; /* accessed before in this transaction; it is warm now */
};

/* Runnable code: `bytes` lives at least as long as the outermost vm_execute(). */
struct vm_code {
    struct bytes bytes;
    hash256 hash; /* keccak256 of the bytes; of nothing, for no code */
};

struct vm_host_ops {
    /* Accounts. An account that does not exist reads as all zero. */
    bool (*is_empty)(void *host, const address *account); /* EIP-161: nonce, balance, code */
    u256 (*balance)(void *host, const address *account);
    uint64_t (*nonce)(void *host, const address *account);
    void (*set_nonce)(void *host, const address *account, uint64_t nonce);
    hash256 (*code_hash)(void *host, const address *account); /* zero if it does not exist */
    uint64_t (*code_size)(void *host, const address *account);
    struct vm_code (*code)(void *host, const address *account);
    void (*set_code)(void *host, const address *account, struct bytes code);
    /* Moves value; the caller has checked the balance. Touches `to` even when 0. */
    void (*transfer)(void *host, const address *from, const address *to, const u256 *value);
    /* EIP-684 and EIP-7610: nonce, code or storage stands in the way. */
    bool (*has_collision)(void *host, const address *account);
    /* A contract about to be created: remembered as created in this transaction (EIP-6780). */
    void (*create_account)(void *host, const address *account);
    /* Moves the whole balance to the beneficiary; deletes the account at the transaction's end
     * only if it was created in this transaction (EIP-6780). */
    void (*selfdestruct)(void *host, const address *account, const address *beneficiary);

    /* Storage. */
    struct vm_slot (*load_slot)(void *host, const address *account, const u256 *key);
    void (*store_slot)(void *host, const address *account, const u256 *key, const u256 *value);
    u256 (*load_transient)(void *host, const address *account, const u256 *key);
    void (*store_transient)(void *host, const address *account, const u256 *key, const u256 *value);

    /* EIP-2929: marks warm; returns whether it was warm already. */
    bool (*access_account)(void *host, const address *account);

    /* The refund counter is part of the journal. */
    void (*add_refund)(void *host, int64_t gas);

    /* At most 4 topics. Journaled. */
    void (*log)(void *host, const address *account, const u256 *topics, size_t topics_count,
                struct bytes data);

    /* One of the last 256 blocks' hashes; zero for any other number. */
    hash256 (*block_hash)(void *host, uint64_t number);

    /* Marks a point in the journal, and undoes everything after it. */
    size_t (*snapshot)(void *host);
    void (*revert_to)(void *host, size_t snapshot);
};

struct vm_host {
    const struct vm_host_ops *ops;
    void *context; /* first argument of every function */
};
#endif

/* A small world in memory for the machine to run in: the test's host.
 *
 * A snapshot is a whole copy, so that a revert is right by construction. */
#ifndef TESTS_UNIT_VM_WORLD_H
#define TESTS_UNIT_VM_WORLD_H
#include "vm/frame.h"
#include "vm/tracer.h"
#include "vm/vm.h"

#define WORLD_ACCOUNTS_MAX  256
#define WORLD_SLOTS_MAX     256
#define WORLD_LOGS_MAX      8 /* the first ones; all are counted */
#define WORLD_SNAPSHOTS_MAX 4096

struct world_account {
    address address;
    bool exists, is_warm, is_created, is_destroyed;
    uint64_t nonce;
    u256 balance;
    struct bytes code; /* in the world's own heap until world_cleanup() */
};

struct world_slot {
    address account;
    u256 key, current, original, transient;
    bool is_warm;
};

struct world_log {
    address account;
    u256 topics[4];
    size_t topics_count;
    uint8_t data[64]; /* the beginning */
    size_t data_size;
};

struct world_state {
    struct world_account accounts[WORLD_ACCOUNTS_MAX];
    size_t accounts_count;
    struct world_slot slots[WORLD_SLOTS_MAX];
    size_t slots_count;
    struct world_log logs[WORLD_LOGS_MAX];
    size_t logs_count;
    int64_t refund;
};

struct world {
    struct world_state now;
    struct world_state *snapshots[WORLD_SNAPSHOTS_MAX];
    size_t snapshots_count;
    void *codes[4096];
    size_t codes_count;
    struct vm_environment environment;
    struct vm *vm;
    struct vm_tracer *tracer;
};

#define WORLD_CONTRACT 0xc0de /* the low bytes of the account that world_run() calls */
#define WORLD_SENDER   0x5e4d

/* For world->vm->heat_needed: code is analysed at once, never, or after it has run a while. A new
 * world's is analysed. */
#define WORLD_ANALYSED 0
#define WORLD_STEPWISE UINT32_MAX
#define WORLD_WARMING  1

void world_init(struct world *world);
void world_cleanup(struct world *world);
struct vm_host world_host(struct world *world);

address world_address(uint64_t number); /* the number in the low bytes */
struct world_account *world_account(struct world *world, const address *account); /* makes it */
struct world_slot *world_slot(struct world *world, const address *account, uint64_t key);
/* `hex` may contain blanks. */
void world_set_code(struct world *world, uint64_t number, const char *hex);
void world_set_code_bytes(struct world *world, uint64_t number, struct bytes code);

/* Calls the contract with this code and gas, from the sender. */
struct vm_result world_run(struct world *world, const char *code_hex, uint64_t gas);
struct vm_result world_call(struct world *world, uint64_t gas, struct bytes input);
/* The 32 bytes of output as a number. */
u256 world_answer(struct vm_result result);
#endif

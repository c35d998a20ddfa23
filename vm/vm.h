/* The machine: runs one message and everything it calls.
 *
 * A `struct vm` is one worker's stack of frames, reused from run to run and not shared between
 * threads. It knows nothing of ledgers: the world is the host, the rules are the fork. Calls do
 * not recurse on the native stack. */
#ifndef VM_VM_H
#define VM_VM_H
#include "vm/host.h"

/* In the order of their activation, so that `fork >= VM_FORK_PRAGUE` reads as it should. */
enum vm_fork {
    VM_FORK_CANCUN,
    VM_FORK_PRAGUE,
    VM_FORK_OSAKA,
    VM_FORK_COUNT,
};
#define VM_FORK_NEWEST VM_FORK_OSAKA

/* "cancun"; parsing ignores case. */
const char *vm_fork_name(enum vm_fork fork);
bool vm_fork_parse(enum vm_fork *fork, const char *name);

/* Why a message ended. Names, for people and for tests: vm_status_name(). */
enum vm_status {
    VM_SUCCESS,
    VM_REVERT,
    VM_OUT_OF_GAS,
    VM_STACK_UNDERFLOW,
    VM_STACK_OVERFLOW,
    VM_INVALID_JUMP,
    VM_INVALID_OPCODE,      /* undefined in this fork, or 0xfe */
    VM_STATIC_STATE_CHANGE, /* EIP-214 */
    VM_RETURN_DATA_OUT_OF_BOUNDS,
    VM_DEPTH_EXCEEDED, /* 1024 */
    VM_INSUFFICIENT_BALANCE,
    VM_CREATE_COLLISION,
    VM_NONCE_OVERFLOW,      /* EIP-2681 */
    VM_CODE_TOO_LARGE,      /* EIP-170 */
    VM_INITCODE_TOO_LARGE,  /* EIP-3860 */
    VM_INVALID_CODE_PREFIX, /* EIP-3541 */
    VM_PRECOMPILE_FAILURE,
    VM_CANCELLED, /* the deadline of vm_environment passed */
    VM_STATUS_COUNT,
};
const char *vm_status_name(enum vm_status status); /* "out of gas" */

/* What block and transaction opcodes answer. */
struct vm_environment {
    enum vm_fork fork;
    uint64_t chain_id;
    /* block */
    uint64_t number;
    uint64_t timestamp;
    uint64_t gas_limit;
    address coinbase;
    hash256 prev_randao;
    u256 base_fee;
    u256 blob_base_fee;
    /* transaction */
    address origin;
    u256 gas_price;             /* effective */
    const hash256 *blob_hashes; /* state tests only; our transactions have none */
    size_t blob_hashes_count;
    /* Polled now and then: the run ends with VM_CANCELLED when it becomes true. May be NULL. */
    bool (*is_cancelled)(void *context);
    void *cancel_context;
};

enum vm_message_kind {
    VM_CALL,
    VM_CREATE, /* `input` is the init code, `recipient` the new contract's address */
};

/* The outermost message of a transaction. Nonce, gas payment and access lists are the
 * caller's; the value is transferred by the machine. */
struct vm_message {
    enum vm_message_kind kind;
    bool is_static; /* for read-only callers such as system tools; false in transactions */
    uint64_t gas;
    address sender;
    address recipient;
    address code_address; /* whose code runs, as a rule the recipient; the machine follows a
                             delegation (EIP-7702) by itself */
    u256 value;
    struct bytes input;
    int64_t refund; /* counted before this message, which only a tracer is told */
};

struct vm_result {
    enum vm_status status;
    uint64_t gas_left;   /* 0 unless VM_SUCCESS or VM_REVERT */
    struct bytes output; /* return or revert data; valid until the next run of this vm */
};

struct vm_tracer; /* vm/tracer.h; NULL costs nothing */

struct vm *vm_new(void);
void vm_free(struct vm *vm); /* accepts NULL */

/* Every state change of a failed message is undone through the host before this returns. */
struct vm_result vm_execute(struct vm *vm, const struct vm_environment *environment,
                            const struct vm_host *host, const struct vm_message *message,
                            struct vm_tracer *tracer);

/* True for the addresses that run a precompile in this fork; the caller of vm_execute() warms
 * them (EIP-2929). `index` counts from 0; false beyond the last. */
bool vm_is_precompile(enum vm_fork fork, const address *account);
bool vm_precompile_at(enum vm_fork fork, size_t index, address *account);

/* EIP-1014 and the CREATE rule. */
address vm_create_address(const address *sender, uint64_t nonce);
address vm_create2_address(const address *sender, const hash256 *salt, const hash256 *init_code);
#endif

/* Watching a run, step by step (EIP-3155) and call by call.
 *
 * With a tracer the machine runs a second instantiation of its loop, which checks and charges
 * instruction by instruction; without one nothing of this is compiled into the loop. Results
 * are the same. Any function may be NULL. What is pointed to lives until the callback returns. */
#ifndef VM_TRACER_H
#define VM_TRACER_H
#include "vm/vm.h"

/* An instruction about to run. */
struct vm_step {
    uint64_t pc;
    uint8_t opcode;    /* names: vm/opcodes.h */
    uint64_t gas;      /* before it */
    unsigned depth;    /* 1 for the outermost message */
    int64_t refund;    /* so far, with what was counted before this run */
    const u256 *stack; /* bottom first */
    size_t stack_size;
    struct bytes memory;
    struct bytes return_data;
    address account; /* whose storage it works on */
};

/* A message about to run, also one that runs a precompile or no code, and one that is refused
 * (too deep, not paid for, nonce at its end): then its end follows at once. */
struct vm_enter {
    uint8_t opcode; /* VM_OP_CALL, .., VM_OP_CREATE2; the outermost is a CALL or a CREATE */
    unsigned depth; /* 1 for the outermost message; CALL_DEPTH_MAX + 2 for the deepest refused */
    address sender;
    address recipient;    /* whose storage; for a create, the new contract */
    address code_address; /* whose code, or delegate's code; for a create, the new contract */
    u256 value;
    uint64_t gas;
    struct bytes input;
};

/* A log, before the host has it. It may still be undone: with its message, or one above. */
struct vm_log {
    address account;
    const u256 *topics;
    size_t topics_count;
    struct bytes data;
};

struct vm_tracer {
    void *context; /* first argument of every function */
    void (*on_step)(void *context, const struct vm_step *step);
    /* What the step cost, with the gas it gave to a call, also to one that then cannot be entered
     * and gives it back; before the call is entered. A status other than VM_SUCCESS says why the
     * step failed. */
    void (*on_step_end)(void *context, uint64_t gas_cost, enum vm_status status);
    void (*on_enter)(void *context, const struct vm_enter *enter);
    void (*on_exit)(void *context, enum vm_status status, uint64_t gas_used, struct bytes output);
    void (*on_log)(void *context, const struct vm_log *log);
    /* Within the step of a SELFDESTRUCT that succeeds, before anything moves. */
    void (*on_selfdestruct)(void *context, const address *account, const address *beneficiary,
                            const u256 *balance);
};
#endif

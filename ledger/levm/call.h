/* One message on a pre-state, as `run` and `bench` send it: no transaction, so it pays no fee and
 * no intrinsic gas; warm is what is warm when a transaction starts (EIP-2929, EIP-3651). Where
 * nothing else is said, everything is as go-ethereum's `evm run` has it. */
#ifndef LEDGER_LEVM_CALL_H
#define LEDGER_LEVM_CALL_H
#include "ledger/state/memory.h"
#include "ledger/state/state.h"
#include "vm/vm.h"

#define CALL_GAS_DEFAULT 10000000000

struct call {
    struct memory_state *pre;
    struct vm_environment environment;
    address sender;
    address receiver;
    bool is_create; /* `input` is the init code */
    struct bytes input;
    uint64_t gas;
    u256 value;
};

/* Frees with call_cleanup(). */
void call_init(struct call *call);
void call_cleanup(struct call *call);
/* Puts code at an account of the pre-state. */
bool call_set_code(struct call *call, const address *account, struct bytes code,
                   struct error *error) __attribute__((warn_unused_result));

/* Time that this thread was on a processor: what others do meanwhile does not count. */
uint64_t call_clock_ns(void);

struct call_outcome {
    enum vm_status status;
    uint64_t gas_used;
    struct bytes output; /* valid until the next run of the vm */
    uint64_t elapsed_ns; /* of the run alone, on a processor */
};

/* A fresh state over the pre-state; the caller's to free with state_free(). It borrows
 * `reader`, which is filled in. */
struct state *call_state(const struct call *call, struct state_reader *reader);
struct call_outcome call_run(const struct call *call, struct vm *vm, struct state *state,
                             struct vm_tracer *tracer);
#endif

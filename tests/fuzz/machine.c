/* The machine on any code and calldata, as a call and as a creation, over the real state journal:
 * bounded by gas, the same by each loop and both dispatchers, at the full gas and at a cut of
 * it, and nothing left of a failed run. An account at 0x200 delegates to the code (EIP-7702).
 *
 * byte 0: bit 0 call or create, the others the fork | bytes 1-2: size of the code |
 * bytes 3-4: where to cut the gas that a run used | code | calldata */
#include "ledger/state/memory.h"
#include "ledger/state/state.h"
#include "tests/dispatch/dispatch.h"
#include "tests/fuzz/target.h"
#include "tests/gas_cut/state_marks.h"
#include "vm/analysis_cache.h"
#include "vm/crypto/keccak.h"
#include "vm/delegation.h"
#include "vm/frame.h"
#include "vm/tracer.h"

#define GAS       300000
#define HEAD_SIZE 5

struct program {
    bool is_create;
    enum vm_fork fork;
    struct bytes code, input;
};

struct outcome {
    enum vm_status status;
    uint64_t gas_left;
    hash256 output;
    uint64_t state; /* its fingerprint */
};

/* What must hold before every step, too. */
struct watch {
    unsigned depth;
    uint64_t gas[1026]; /* by depth: what the last step there had */
};

static void see_step(void *context, const struct vm_step *step)
{
    struct watch *watch = context;
    must(step->depth >= 1 && step->depth <= 1025, "a message beyond the depth there is");
    must(step->stack_size <= 1024, "more than 1,024 words on the stack");
    must(step->memory.size / 32 * 3 <= GAS, "memory that nobody paid for"); /* at least 3 a word */
    must(step->depth != watch->depth || step->gas <= watch->gas[step->depth], "gas rose");
    watch->depth = step->depth;
    watch->gas[step->depth] = step->gas;
}

static bool is_failure(enum vm_status status)
{
    return status != VM_SUCCESS && status != VM_REVERT;
}

static void check_result(struct vm_result result, uint64_t gas)
{
    must(result.gas_left <= gas, "more gas is left than was given");
    must(result.status < VM_STATUS_COUNT, "an unknown status");
    must(!is_failure(result.status) || result.gas_left == 0, "gas is left after a failure");
    must(!is_failure(result.status) || result.output.size == 0, "output of a failure");
}

/* One way to run it. */
struct way {
    enum dispatch dispatch;
    uint32_t heat_needed; /* vm/frame.h: 0 analyses code at once */
    bool is_traced;
};

static struct outcome run_once(struct vm *vm, const struct program *program, uint64_t gas,
                               struct way way)
{
    struct memory_state *memory = memory_state_new();
    struct state_reader reader = memory_state_reader(memory);
    struct state *state = state_new(&reader);
    struct vm_host host = state_host(state);
    struct watch watch = {0};
    struct vm_tracer tracer = {.context = &watch, .on_step = see_step};
    struct error error;
    address sender = {{0x5e}}, contract = {{0xc0}}, authority = {{[18] = 2}};
    uint8_t designator[VM_DELEGATION_SIZE];
    u256 wealth = {{1000000, 0, 0, 0}};
    struct vm_environment environment = {
        .fork = program->fork,
        .chain_id = 1,
        .number = 7,
        .timestamp = 1700000000,
        .gas_limit = 30000000,
        .origin = sender,
    };
    struct vm_message message = {
        .kind = program->is_create ? VM_CREATE : VM_CALL,
        .gas = gas,
        .sender = sender,
        .recipient = contract,
        .code_address = contract,
        .input = program->is_create ? program->code : program->input,
    };

    state_begin_transaction(state);
    state_add_balance(state, &sender, &wealth);
    vm_delegation_encode(designator, &contract);
    state_set_code(state, &authority, bytes_of(designator, sizeof designator));
    if (!program->is_create)
        state_set_code(state, &contract, program->code);
    uint64_t before = state_fingerprint(state);
    dispatch_use(way.dispatch);
    vm->heat_needed = way.heat_needed;
    struct vm_result result =
        vm_execute(vm, &environment, &host, &message, way.is_traced ? &tracer : NULL);
    check_result(result, gas);
    struct outcome outcome = {
        .status = result.status,
        .gas_left = result.gas_left,
        .output = keccak256(result.output.data, result.output.size),
        .state = state_fingerprint(state),
    };
    must(result.status == VM_SUCCESS || outcome.state == before, "a failed run left something");
    state_end_transaction(state);
    must(!state_failed(state, &error), "a state in memory failed to read");
    state_free(state);
    memory_state_free(memory);
    return outcome;
}

/* Why a run failed may differ between the loop over analysed code and the others (vm/README.md). */
static bool is_alike(const struct outcome *left, const struct outcome *right, bool is_reason_free)
{
    bool is_same_status =
        left->status == right->status
        || (is_reason_free && is_failure(left->status) && is_failure(right->status));
    return is_same_status && left->gas_left == right->gas_left
           && hash256_equal(&left->output, &right->output) && left->state == right->state;
}

/* Step by step first: the cache would give what a run over analysed code left in it. */
static struct outcome run_all_ways(struct vm *vm, const struct program *program, uint64_t gas)
{
    analysis_cache_clear();
    struct outcome stepwise =
        run_once(vm, program, gas, (struct way){DISPATCH_GOTO, UINT32_MAX, false});
    struct outcome other =
        run_once(vm, program, gas, (struct way){DISPATCH_SWITCH, UINT32_MAX, false});
    must(is_alike(&stepwise, &other, false), "step by step, the switch gave another answer");
    other = run_once(vm, program, gas, (struct way){DISPATCH_GOTO, 0, true});
    must(is_alike(&stepwise, &other, false), "the traced loop gave another answer");
    other = run_once(vm, program, gas, (struct way){DISPATCH_GOTO, 1, false});
    must(is_alike(&stepwise, &other, true), "code analysed on the way gave another answer");
    struct outcome analysed = run_once(vm, program, gas, (struct way){DISPATCH_GOTO, 0, false});
    must(is_alike(&stepwise, &analysed, true), "analysed code gave another answer");
    other = run_once(vm, program, gas, (struct way){DISPATCH_SWITCH, 0, false});
    must(is_alike(&analysed, &other, false), "over analysed code, the switch gave another answer");
    return analysed;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vm *vm;
    if (vm == NULL)
        vm = vm_new();
    if (size < HEAD_SIZE)
        return 0;
    size_t code_size = ((size_t)data[1] << 8 | data[2]) % (size - HEAD_SIZE + 1);
    struct program program = {
        .is_create = data[0] & 1,
        .fork = (enum vm_fork)((data[0] >> 1) % VM_FORK_COUNT),
        .code = bytes_of(data + HEAD_SIZE, code_size),
        .input = bytes_of(data + HEAD_SIZE + code_size, size - HEAD_SIZE - code_size),
    };
    struct outcome full = run_all_ways(vm, &program, GAS);
    uint64_t used = GAS - full.gas_left;
    if (used > 0)
        run_all_ways(vm, &program, ((uint64_t)data[3] << 8 | data[4]) % used);
    return 0;
}

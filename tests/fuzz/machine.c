/* The machine on any code and calldata, as a call and as a creation, over the real state
 * journal: bounded by gas, the same answer twice, and nothing left of a failed run. An account at
 * 0x200 delegates to the code (EIP-7702).
 *
 * byte 0: bit 0 call or create, the others the fork | bytes 1-2: size of the code | code |
 * calldata */
#include "ledger/state/memory.h"
#include "ledger/state/state.h"
#include "tests/fuzz/target.h"
#include "vm/crypto/keccak.h"
#include "vm/delegation.h"
#include "vm/vm.h"

#define GAS 300000

struct outcome {
    enum vm_status status;
    uint64_t gas_left;
    hash256 output;
    size_t changed_accounts;
};

static struct outcome run_once(struct vm *vm, uint8_t choices, struct bytes code,
                               struct bytes input)
{
    bool is_create = choices & 1;
    struct memory_state *memory = memory_state_new();
    struct state_reader reader = memory_state_reader(memory);
    struct state *state = state_new(&reader);
    struct vm_host host = state_host(state);
    struct arena arena = {0};
    struct error error;
    address sender = {{0x5e}}, contract = {{0xc0}}, authority = {{[18] = 2}};
    uint8_t designator[VM_DELEGATION_SIZE];
    u256 wealth = {{1000000, 0, 0, 0}};
    struct vm_environment environment = {
        .fork = (enum vm_fork)((choices >> 1) % VM_FORK_COUNT),
        .chain_id = 1,
        .number = 7,
        .timestamp = 1700000000,
        .gas_limit = 30000000,
        .origin = sender,
    };
    struct vm_message message = {
        .kind = is_create ? VM_CREATE : VM_CALL,
        .gas = GAS,
        .sender = sender,
        .recipient = contract,
        .code_address = contract,
        .input = is_create ? code : input,
    };

    state_begin_transaction(state);
    state_add_balance(state, &sender, &wealth);
    vm_delegation_encode(designator, &contract);
    state_set_code(state, &authority, bytes_of(designator, sizeof designator));
    if (!is_create)
        state_set_code(state, &contract, code);
    struct vm_result result = vm_execute(vm, &environment, &host, &message, NULL);
    struct outcome outcome = {
        .status = result.status,
        .gas_left = result.gas_left,
        .output = keccak256(result.output.data, result.output.size),
    };
    must(result.gas_left <= GAS, "more gas is left than was given");
    must(result.status < VM_STATUS_COUNT, "an unknown status");
    must(result.status == VM_SUCCESS || result.status == VM_REVERT || result.gas_left == 0,
         "gas is left after an exceptional halt");
    state_end_transaction(state);
    struct state_changes changes = state_changes(state, &arena);
    outcome.changed_accounts = changes.accounts_count;
    must(!state_failed(state, &error), "a state in memory failed to read");
    arena_cleanup(&arena);
    state_free(state);
    memory_state_free(memory);
    return outcome;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct vm *vm;
    if (vm == NULL)
        vm = vm_new();
    if (size < 3)
        return 0;
    size_t code_size = ((size_t)data[1] << 8 | data[2]) % (size - 2);
    struct bytes code = bytes_of(data + 3, code_size);
    struct bytes input = bytes_of(data + 3 + code_size, size - 3 - code_size);

    struct outcome first = run_once(vm, data[0], code, input);
    struct outcome second = run_once(vm, data[0], code, input);
    must(first.status == second.status && first.gas_left == second.gas_left
             && hash256_equal(&first.output, &second.output)
             && first.changed_accounts == second.changed_accounts,
         "the same run gave another answer");
    return 0;
}

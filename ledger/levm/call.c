#include "ledger/levm/call.h"

#include <time.h>

#include "ledger/levm/block_hash.h"

#define CHAIN_ID_DEFAULT 1337       /* of geth's chain for developers */
#define BASE_FEE_DEFAULT 1000000000 /* EIP-1559's initial one, in wei */

/* An address that is this text, as bytes at its end. */
static address text_address(const char *text)
{
    address account = {{0}};
    size_t size = strlen(text);
    memcpy(account.bytes + sizeof account.bytes - size, text, size);
    return account;
}

void call_init(struct call *call)
{
    *call = (struct call){
        .pre = memory_state_new(),
        .environment = {.fork = VM_FORK_NEWEST,
                        .chain_id = CHAIN_ID_DEFAULT,
                        .gas_limit = CALL_GAS_DEFAULT,
                        .base_fee = u256_from_u64(BASE_FEE_DEFAULT),
                        .blob_base_fee = U256_ONE},
        .sender = text_address("sender"),
        .receiver = text_address("receiver"),
        .gas = CALL_GAS_DEFAULT,
    };
}

void call_cleanup(struct call *call)
{
    memory_state_free(call->pre);
    call->pre = NULL;
}

bool call_set_code(struct call *call, const address *account, struct bytes code,
                   struct error *error)
{
    struct arena arena = {0};
    struct state_reader reader = memory_state_reader(call->pre);
    struct state *state = state_new(&reader);
    state_set_code(state, account, code);
    struct state_changes changes = state_changes(state, &arena);
    bool ok = memory_state_apply(call->pre, &changes, error);
    state_free(state);
    arena_cleanup(&arena);
    return ok;
}

struct state *call_state(const struct call *call, struct state_reader *reader)
{
    *reader = memory_state_reader(call->pre);
    struct state *state = state_new(reader);
    state_set_block_hashes(state, block_hash_of_digits, (void *)&call->environment.number);
    return state;
}

uint64_t call_clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void warm_up(const struct call *call, struct state *state, const address *recipient)
{
    address precompile;
    state_warm_account(state, &call->sender);
    state_warm_account(state, recipient);
    state_warm_account(state, &call->environment.coinbase);
    for (size_t i = 0; vm_precompile_at(call->environment.fork, i, &precompile); i++)
        state_warm_account(state, &precompile);
}

struct call_outcome call_run(const struct call *call, struct vm *vm, struct state *state,
                             struct vm_tracer *tracer)
{
    struct vm_host host = state_host(state);
    struct vm_environment environment = call->environment;
    struct vm_message message = {.kind = call->is_create ? VM_CREATE : VM_CALL,
                                 .gas = call->gas,
                                 .sender = call->sender,
                                 .recipient = call->receiver,
                                 .value = call->value,
                                 .input = call->input};
    environment.origin = call->sender;
    state_begin_transaction(state);
    if (call->is_create) {
        uint64_t nonce = state_account(state, &call->sender).nonce;
        message.recipient = vm_create_address(&call->sender, nonce);
        if (nonce < UINT64_MAX)
            state_set_nonce(state, &call->sender, nonce + 1);
    }
    message.code_address = message.recipient;
    warm_up(call, state, &message.recipient);
    uint64_t start_ns = call_clock_ns();
    struct vm_result result = vm_execute(vm, &environment, &host, &message, tracer);
    uint64_t end_ns = call_clock_ns();
    if (result.status == VM_INSUFFICIENT_BALANCE)
        result.gas_left = call->gas; /* the message never began */
    return (struct call_outcome){.status = result.status,
                                 .gas_used = call->gas - result.gas_left,
                                 .output = result.output,
                                 .elapsed_ns = end_ns - start_ns};
}

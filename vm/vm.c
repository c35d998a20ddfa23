#include "vm/vm.h"

#include <assert.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/mman.h>

#include "vm/base/error.h"
#include "vm/calls.h"
#include "vm/crypto/keccak.h"
#include "vm/interpreter.h"
#include "vm/memory.h"

/* Every frame may hold 1,024 words, after one unused word below the first. Only pages that were
 * touched take memory. */
#define STACK_WORDS     ((CALL_DEPTH_MAX + 1) * STACK_WORDS_MAX + 1)
#define STACK_SIZE      (STACK_WORDS * sizeof(u256))
#define STACK_SIZE_KEPT 65536 /* between runs, when a run went deep */
#define DEPTH_KEPT      16    /* frames a run may have used without anything being given back */

static const char *const FORK_NAMES[VM_FORK_COUNT] = {
    [VM_FORK_CANCUN] = "cancun",
    [VM_FORK_PRAGUE] = "prague",
    [VM_FORK_OSAKA] = "osaka",
};

const char *vm_fork_name(enum vm_fork fork)
{
    assert(fork < VM_FORK_COUNT);
    return FORK_NAMES[fork];
}

bool vm_fork_parse(enum vm_fork *fork, const char *name)
{
    for (size_t index = 0; index < VM_FORK_COUNT; index++)
        if (strcasecmp(name, FORK_NAMES[index]) == 0) {
            *fork = (enum vm_fork)index;
            return true;
        }
    return false;
}

const char *vm_status_name(enum vm_status status)
{
    switch (status) {
    case VM_SUCCESS: return "success";
    case VM_REVERT: return "execution reverted";
    case VM_OUT_OF_GAS: return "out of gas";
    case VM_STACK_UNDERFLOW: return "stack underflow";
    case VM_STACK_OVERFLOW: return "stack overflow";
    case VM_INVALID_JUMP: return "invalid jump destination";
    case VM_INVALID_OPCODE: return "invalid opcode";
    case VM_STATIC_STATE_CHANGE: return "static state change";
    case VM_RETURN_DATA_OUT_OF_BOUNDS: return "return data out of bounds";
    case VM_DEPTH_EXCEEDED: return "call depth exceeded";
    case VM_INSUFFICIENT_BALANCE: return "insufficient balance for transfer";
    case VM_CREATE_COLLISION: return "contract address collision";
    case VM_NONCE_OVERFLOW: return "nonce overflow";
    case VM_CODE_TOO_LARGE: return "code too large";
    case VM_INITCODE_TOO_LARGE: return "init code too large";
    case VM_INVALID_CODE_PREFIX: return "invalid code prefix";
    case VM_PRECOMPILE_FAILURE: return "precompile failure";
    case VM_CANCELLED: return "cancelled";
    case VM_STATUS_COUNT: break;
    }
    return "unknown status";
}

struct vm *vm_new(void)
{
    struct vm *vm = memory_new_zeroed(1, sizeof *vm);
    vm->frames = memory_new_zeroed(CALL_DEPTH_MAX + 1, sizeof *vm->frames);
    vm->stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (vm->stack == MAP_FAILED) {
        (void)memory_new(SIZE_MAX); /* says what happened, and ends the process */
        abort();
    }
    analysis_reader_init(&vm->reader);
    vm->heat_needed = ANALYSIS_HEAT_NEEDED;
    return vm;
}

void vm_free(struct vm *vm)
{
    if (vm == NULL)
        return;
    analysis_reader_cleanup(&vm->reader);
    for (size_t index = 0; index <= CALL_DEPTH_MAX; index++)
        memory_cleanup(&vm->frames[index].memory);
    munmap(vm->stack, STACK_SIZE);
    free(vm->frames);
    free(vm);
}

/* The last run's output lies in a frame's memory, so what a run grew is given back only when
 * the next one begins. */
static void reset(struct vm *vm)
{
    for (size_t index = 0; index <= vm->depth_used; index++)
        memory_reset(&vm->frames[index].memory);
    if (vm->depth_used > DEPTH_KEPT)
        (void)madvise((uint8_t *)vm->stack + STACK_SIZE_KEPT, STACK_SIZE - STACK_SIZE_KEPT,
                      MADV_DONTNEED);
    vm->depth_used = 0;
    vm->refund = 0;
    vm->is_step_open = false;
    vm->frame = NULL;
    vm->polls_left = 1; /* a run already cancelled ends at its first jump back or call */
}

struct vm_result vm_execute(struct vm *vm, const struct vm_environment *environment,
                            const struct vm_host *host, const struct vm_message *message,
                            struct vm_tracer *tracer)
{
    assert(environment->fork < VM_FORK_COUNT);
    reset(vm);
    vm->environment = environment;
    vm->host = *host;
    vm->tracer = tracer;
    analysis_reader_enter(&vm->reader);
    if (calls_begin(vm, message) == VM_ENTERED) {
        if (tracer != NULL)
            interpreter_run_traced(vm);
        else
            interpreter_run(vm);
    }
    analysis_reader_leave(&vm->reader);
    return (struct vm_result){
        .status = vm->status,
        .gas_left = vm->gas_left,
        .output = vm->output,
    };
}

/* keccak256(rlp([sender, nonce])), the low 20 bytes. */
address vm_create_address(const address *sender, uint64_t nonce)
{
    uint8_t rlp[32], nonce_bytes[8];
    size_t nonce_size = 0;
    for (size_t byte = 0; byte < 8; byte++) {
        uint8_t digit = (uint8_t)(nonce >> (56 - 8 * byte));
        if (digit != 0 || nonce_size > 0)
            nonce_bytes[nonce_size++] = digit;
    }
    bool is_own_encoding = nonce_size == 1 && nonce_bytes[0] < 0x80;
    size_t size = 0;
    rlp[size++] = (uint8_t)(0xc0 + 21 + nonce_size + !is_own_encoding);
    rlp[size++] = 0x80 + 20;
    memcpy(rlp + size, sender->bytes, 20);
    size += 20;
    if (!is_own_encoding)
        rlp[size++] = (uint8_t)(0x80 + nonce_size);
    memcpy(rlp + size, nonce_bytes, nonce_size);
    size += nonce_size;

    hash256 hash = keccak256(rlp, size);
    address account;
    memcpy(account.bytes, hash.bytes + 12, sizeof account.bytes);
    return account;
}

/* EIP-1014: keccak256(0xff, sender, salt, keccak256(init code)), the low 20 bytes. */
address vm_create2_address(const address *sender, const hash256 *salt, const hash256 *init_code)
{
    uint8_t preimage[1 + 20 + 32 + 32] = {0xff};
    memcpy(preimage + 1, sender->bytes, 20);
    memcpy(preimage + 21, salt->bytes, 32);
    memcpy(preimage + 53, init_code->bytes, 32);
    hash256 hash = keccak256(preimage, sizeof preimage);
    address account;
    memcpy(account.bytes, hash.bytes + 12, sizeof account.bytes);
    return account;
}

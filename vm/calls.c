#include "vm/calls.h"

#include <assert.h>

#include "vm/crypto/keccak.h"
#include "vm/delegation.h"
#include "vm/memory.h"
#include "vm/precompiles.h"
#include "vm/trace.h"

/* A message about to be entered. */
struct entry {
    uint8_t opcode;
    bool is_create;
    bool is_static;
    bool is_transfer; /* moves the value, and touches the recipient also when it is 0 */
    uint64_t gas;
    address sender;
    address recipient;
    address code_address;
    u256 value;
    struct bytes input;
    /* What runs, of a call: one of the two, or neither. */
    const struct vm_precompile *precompile;
    struct vm_code code;
};

#define HOST(vm, function, ...) ((vm)->host.ops->function((vm)->host.context, ##__VA_ARGS__))

static void push_u64(struct frame *frame, uint64_t value)
{
    *++frame->sp = u256_from_u64(value);
}

/* ---- Leaving ---- */

/* EIP-170, EIP-3541, and the price of the new contract's code. */
static enum vm_status deposit_code(struct vm *vm, struct frame *frame)
{
    if (frame->output.size > CODE_SIZE_MAX)
        return VM_CODE_TOO_LARGE;
    if (frame->output.size > 0 && frame->output.data[0] == CODE_FORBIDDEN)
        return VM_INVALID_CODE_PREFIX;
    if (!take_gas(frame, GAS_CODE_BYTE * frame->output.size))
        return VM_OUT_OF_GAS;
    HOST(vm, set_code, &frame->recipient, frame->output);
    return VM_SUCCESS;
}

static void release(struct frame *frame)
{
    if (frame->analysis != NULL && !frame->is_create && !vm_analysis_is_whole(frame->analysis))
        analysis_cache_add_heat(frame->analysis, frame->gas_given - frame->gas);
    vm_analysis_free(frame->own_analysis);
    frame->own_analysis = NULL;
    frame->analysis = NULL;
}

/* What is left of a frame once nothing of it runs any more. */
static void settle(struct vm *vm, struct frame *frame, enum vm_status status)
{
    if (status != VM_SUCCESS) {
        HOST(vm, revert_to, frame->snapshot);
        vm->refund = frame->refund_before;
    }
    if (status != VM_SUCCESS && status != VM_REVERT) {
        frame->gas = 0;
        frame->output = bytes_of(NULL, 0);
    }
    release(frame);
    if (vm->tracer != NULL)
        trace_exit(vm, status);
}

static void answer_call(struct frame *caller, const struct frame *ended, enum vm_status status)
{
    size_t size =
        ended->output.size < caller->output_size ? ended->output.size : (size_t)caller->output_size;
    if (size > 0)
        memcpy(caller->memory.data + caller->output_offset, ended->output.data, size);
    caller->return_data = ended->output;
    push_u64(caller, status == VM_SUCCESS);
}

static void answer_create(struct frame *caller, const struct frame *ended, enum vm_status status)
{
    if (status == VM_REVERT) /* EIP-211: only a revert leaves return data */
        caller->return_data = ended->output;
    if (status == VM_SUCCESS)
        *++caller->sp = u256_from_address(&ended->recipient);
    else
        push_u64(caller, 0);
}

bool calls_end(struct vm *vm, enum vm_status status)
{
    struct frame *ended = vm->frame;
    if (status == VM_SUCCESS && ended->is_create)
        status = deposit_code(vm, ended);
    settle(vm, ended, status);
    if (ended == vm->frames) {
        vm->status = status;
        vm->output = ended->output;
        vm->gas_left = ended->gas;
        vm->frame = NULL;
        return false;
    }
    struct frame *caller = ended - 1;
    vm->frame = caller;
    caller->gas += ended->gas;
    if (ended->is_create)
        answer_create(caller, ended, status);
    else
        answer_call(caller, ended, status);
    return true;
}

void calls_cancel(struct vm *vm)
{
    for (; vm->frame != vm->frames; vm->frame--)
        settle(vm, vm->frame, VM_CANCELLED);
    (void)calls_end(vm, VM_CANCELLED);
}

/* ---- Entering ---- */

static enum vm_next end_at_once(struct vm *vm, enum vm_status status)
{
    (void)calls_end(vm, status);
    return VM_NEXT;
}

/* The output lies in the memory of the frame the precompile would have had. */
static enum vm_next run_precompile(struct vm *vm, const struct vm_precompile *precompile)
{
    struct frame *frame = vm->frame;
    if (!take_gas(frame, precompile->gas(frame->input)))
        return end_at_once(vm, VM_OUT_OF_GAS);
    struct buffer output = {.data = frame->memory.data, .capacity = frame->memory.capacity};
    bool is_good = precompile->run(frame->input, &output);
    frame->memory.data = output.data;
    frame->memory.capacity = output.capacity;
    frame->output = buffer_view(&output);
    return end_at_once(vm, is_good ? VM_SUCCESS : VM_PRECOMPILE_FAILURE);
}

/* What init code has before its first jump: most of it never jumps. */
static const struct vm_analysis UNMARKED[VM_FORK_COUNT] = {
    [VM_FORK_CANCUN] = {.fork = VM_FORK_CANCUN},
    [VM_FORK_PRAGUE] = {.fork = VM_FORK_PRAGUE},
    [VM_FORK_OSAKA] = {.fork = VM_FORK_OSAKA},
};

/* Init code is never seen again, so it is analysed for this frame alone. */
static void analyse(struct vm *vm, struct frame *frame, const struct vm_code *code)
{
    enum vm_fork fork = vm->environment->fork;
    uint64_t missing = vm->heat_needed * frame->code.size;
    if (code != NULL) {
        frame->analysis =
            analysis_cache_get(&vm->reader, code, fork, vm->heat_needed, &frame->own_analysis);
        missing = analysis_cache_heat_missing(frame->analysis, vm->heat_needed);
    } else if (vm->heat_needed == 0 && vm->tracer == NULL) {
        frame->analysis = frame->own_analysis = vm_analysis_new(frame->code, fork);
    } else {
        frame->analysis = &UNMARKED[fork];
    }
    frame->ip = frame->analysis->instructions;
    frame->pc = 0;
    frame->hot_below = frame->gas > missing ? frame->gas - missing : 0;
}

const struct vm_analysis *calls_mark_jumps(struct vm *vm, struct frame *frame)
{
    if (frame->analysis->jump_bits == NULL)
        frame->analysis = frame->own_analysis =
            vm_analysis_new_jumps(frame->code, vm->environment->fork);
    return frame->analysis;
}

void calls_analyse_whole(struct vm *vm, struct frame *frame)
{
    enum vm_fork fork = vm->environment->fork;
    struct vm_analysis *old = frame->own_analysis;
    struct vm_code code = {frame->code, frame->analysis->code_hash};
    if (frame->is_create)
        frame->analysis = frame->own_analysis = vm_analysis_new(frame->code, fork);
    else
        frame->analysis = analysis_cache_get(&vm->reader, &code, fork, 0, &frame->own_analysis);
    vm_analysis_free(old);
    frame->ip = vm_analysis_jump(frame->analysis, frame->pc);
    assert(frame->ip != NULL);
}

static enum vm_next enter_create(struct vm *vm, struct frame *frame)
{
    if (HOST(vm, has_collision, &frame->recipient))
        return end_at_once(vm, VM_CREATE_COLLISION);
    HOST(vm, create_account, &frame->recipient);
    HOST(vm, set_nonce, &frame->recipient, 1); /* EIP-161 */
    HOST(vm, transfer, &frame->sender, &frame->recipient, &frame->value);
    if (frame->code.size == 0)
        return end_at_once(vm, VM_SUCCESS);
    analyse(vm, frame, NULL);
    return VM_ENTERED;
}

static enum vm_next enter_call(struct vm *vm, struct frame *frame, const struct entry *entry)
{
    if (entry->is_transfer)
        HOST(vm, transfer, &frame->sender, &frame->recipient, &frame->value);
    if (entry->precompile != NULL)
        return run_precompile(vm, entry->precompile);
    if (entry->code.bytes.size == 0)
        return end_at_once(vm, VM_SUCCESS);
    frame->code = entry->code.bytes;
    analyse(vm, frame, &entry->code);
    return VM_ENTERED;
}

/* Out of the way of calls that nobody watches. */
#define WATCHED __attribute__((noinline, cold))

/* Tells the tracer; with a reason, also that it is over. */
static WATCHED void tell_enter(struct vm *vm, const struct entry *entry, unsigned depth,
                               enum vm_status refusal)
{
    const struct vm_enter enter = {
        .opcode = entry->opcode,
        .depth = depth,
        .sender = entry->sender,
        .recipient = entry->recipient,
        .code_address = entry->code_address,
        .value = entry->value,
        .gas = entry->gas,
        .input = entry->input,
    };
    if (refusal == VM_SUCCESS)
        trace_enter(vm, &enter);
    else
        trace_refused(vm, &enter, refusal);
}

/* Makes the frame above the running one (or the first) the running one. */
static enum vm_next enter(struct vm *vm, const struct entry *entry, u256 *stack_start)
{
    struct frame *frame = vm->frame != NULL ? vm->frame + 1 : vm->frames;
    assert(frame_index(vm, frame) <= CALL_DEPTH_MAX);
    vm->frame = frame;
    if (frame_index(vm, frame) > vm->depth_used)
        vm->depth_used = frame_index(vm, frame);

    frame->code = entry->is_create ? entry->input : bytes_of(NULL, 0);
    frame->input = entry->is_create ? bytes_of(NULL, 0) : entry->input;
    frame->return_data = frame->output = bytes_of(NULL, 0);
    frame->value = entry->value;
    frame->sender = entry->sender;
    frame->recipient = entry->recipient;
    frame->is_create = entry->is_create;
    frame->is_static = entry->is_static;
    frame->refund_before = vm->refund;
    frame->gas = frame->gas_given = entry->gas;
    frame->stack_start = stack_start;
    frame->sp = stack_start - 1;
    frame->memory.size = 0;
    frame->memory.cost = 0;
    frame->snapshot = HOST(vm, snapshot);
    if (vm->tracer != NULL)
        tell_enter(vm, entry, frame_index(vm, frame) + 1, VM_SUCCESS);
    return entry->is_create ? enter_create(vm, frame) : enter_call(vm, frame, entry);
}

/* Finds what code_address has to run. EIP-7702: an account that delegates runs its delegate's
 * code, of which a precompile has none. False if `payer` (NULL for the outermost message, where
 * that is free) cannot pay for the access of the delegate. */
static bool find_code(struct vm *vm, struct entry *entry, struct frame *payer)
{
    enum vm_fork fork = vm->environment->fork;
    address delegate;
    entry->precompile = vm_precompile_find(fork, &entry->code_address);
    if (entry->precompile != NULL)
        return true;
    entry->code = HOST(vm, code, &entry->code_address);
    if (fork < VM_FORK_PRAGUE || !vm_delegation_decode(entry->code.bytes, &delegate))
        return true;
    uint64_t gas = HOST(vm, access_account, &delegate) ? GAS_WARM_ACCESS : GAS_COLD_ACCOUNT;
    if (payer != NULL && !take_gas(payer, gas))
        return false;
    entry->code = (struct vm_code){.bytes = bytes_of(NULL, 0)};
    if (!vm_is_precompile(fork, &delegate))
        entry->code = HOST(vm, code, &delegate);
    return true;
}

enum vm_next calls_begin(struct vm *vm, const struct vm_message *message)
{
    struct entry entry = {
        .opcode = message->kind == VM_CREATE ? VM_OP_CREATE : VM_OP_CALL,
        .is_create = message->kind == VM_CREATE,
        .is_static = message->is_static,
        .is_transfer = true,
        .gas = message->gas,
        .sender = message->sender,
        .recipient = message->recipient,
        .code_address = message->kind == VM_CREATE ? message->recipient : message->code_address,
        .value = message->value,
        .input = message->input,
    };
    u256 balance = HOST(vm, balance, &message->sender);
    if (u256_less(&balance, &message->value)) {
        vm->status = VM_INSUFFICIENT_BALANCE;
        vm->output = bytes_of(NULL, 0);
        vm->gas_left = 0;
        return VM_NEXT;
    }
    vm->frame = NULL;
    vm->refund = message->refund;
    if (!entry.is_create)
        (void)find_code(vm, &entry, NULL);
    return enter(vm, &entry, vm->stack + 1);
}

static enum vm_next failed(struct vm *vm, enum vm_status why)
{
    vm->failure = why;
    return VM_FAILED;
}

/* EIP-150: all but one 64th of what is left, at most. */
static uint64_t gas_to_give(const struct frame *frame, const u256 *wanted)
{
    uint64_t most = frame->gas - frame->gas / GAS_RETAINED_DIVISOR;
    return u256_fits_u64(wanted) && wanted->limbs[0] < most ? wanted->limbs[0] : most;
}

/* Why a message of this frame cannot be entered; VM_SUCCESS: it can. */
static enum vm_status refusal(struct vm *vm, const struct frame *frame, const u256 *value)
{
    if (frame_index(vm, frame) >= CALL_DEPTH_MAX)
        return VM_DEPTH_EXCEEDED;
    if (u256_is_zero(value))
        return VM_SUCCESS;
    u256 balance = HOST(vm, balance, &frame->recipient);
    return u256_less(&balance, value) ? VM_INSUFFICIENT_BALANCE : VM_SUCCESS;
}

/* The caller goes on with 0 on its stack and all of its gas. */
static enum vm_next refuse(struct vm *vm, struct frame *frame, const struct entry *entry,
                           enum vm_status why)
{
    if (vm->tracer != NULL)
        tell_enter(vm, entry, frame_index(vm, frame) + 2, why);
    push_u64(frame, 0);
    return VM_NEXT;
}

/* The price of the account called and of the value moved, beyond base gas. */
static bool take_call_gas(struct vm *vm, struct frame *frame, uint8_t opcode, const address *target,
                          bool has_value)
{
    uint64_t gas = HOST(vm, access_account, target) ? 0 : GAS_COLD_ACCOUNT_EXTRA;
    if (has_value)
        gas += GAS_CALL_VALUE;
    if (has_value && opcode == VM_OP_CALL && HOST(vm, is_empty, target))
        gas += GAS_NEW_ACCOUNT;
    return take_gas(frame, gas);
}

static void set_parties(struct entry *entry, const struct frame *frame, const address *target)
{
    bool is_own = entry->opcode == VM_OP_CALLCODE || entry->opcode == VM_OP_DELEGATECALL;
    entry->code_address = *target;
    entry->recipient = is_own ? frame->recipient : *target;
    entry->sender = frame->recipient;
    if (entry->opcode == VM_OP_DELEGATECALL) {
        entry->sender = frame->sender;
        entry->value = frame->value;
    }
    entry->is_static = frame->is_static || entry->opcode == VM_OP_STATICCALL;
    entry->is_transfer = !is_own;
}

enum vm_next calls_call(struct vm *vm, struct frame *frame, uint8_t opcode)
{
    struct entry entry = {.opcode = opcode, .value = U256_ZERO};
    const u256 *top = frame->sp;
    u256 wanted = *top--;
    address target = u256_to_address(top--);
    if (opcode == VM_OP_CALL || opcode == VM_OP_CALLCODE)
        entry.value = *top--;
    u256 value = entry.value; /* of the stack: what can move, and is paid for */
    bool has_value = !u256_is_zero(&value);
    if (opcode == VM_OP_CALL && has_value && frame->is_static)
        return failed(vm, VM_STATIC_STATE_CHANGE);

    uint64_t input_offset, input_size;
    if (!memory_range(frame, top, top - 1, &input_offset, &input_size)
        || !memory_range(frame, top - 2, top - 3, &frame->output_offset, &frame->output_size)
        || !take_call_gas(vm, frame, opcode, &target, has_value))
        return failed(vm, VM_OUT_OF_GAS);
    set_parties(&entry, frame, &target);
    if (!find_code(vm, &entry, frame))
        return failed(vm, VM_OUT_OF_GAS);
    entry.gas = gas_to_give(frame, &wanted);
    entry.input = memory_view(frame, input_offset, input_size);

    frame->gas -= entry.gas;
    if (vm->tracer != NULL)
        trace_step_end(vm, frame->gas, VM_SUCCESS);
    if (has_value)
        entry.gas += GAS_CALL_STIPEND;
    frame->sp -= VM_OPCODE_TRAITS[opcode].stack_in;
    frame->return_data = bytes_of(NULL, 0);
    enum vm_status why = refusal(vm, frame, &value);
    if (why != VM_SUCCESS) {
        frame->gas += entry.gas;
        return refuse(vm, frame, &entry, why);
    }
    return enter(vm, &entry, frame->sp + 1);
}

static address address_of_create(const struct frame *frame, uint64_t nonce, const u256 *salt,
                                 struct bytes init_code)
{
    if (salt == NULL)
        return vm_create_address(&frame->recipient, nonce);
    hash256 salt_bytes = u256_to_hash(salt);
    hash256 code_hash = keccak256(init_code.data, init_code.size);
    return vm_create2_address(&frame->recipient, &salt_bytes, &code_hash);
}

enum vm_next calls_create(struct vm *vm, struct frame *frame, uint8_t opcode)
{
    bool has_salt = opcode == VM_OP_CREATE2;
    const u256 *sp = frame->sp;
    u256 value = sp[0], size = sp[-2], salt = has_salt ? sp[-3] : U256_ZERO;
    uint64_t init_offset, init_size;
    if (frame->is_static)
        return failed(vm, VM_STATIC_STATE_CHANGE);
    if (!u256_fits_u64(&size) || size.limbs[0] > INITCODE_SIZE_MAX)
        return failed(vm, VM_INITCODE_TOO_LARGE);
    uint64_t word_gas = GAS_INITCODE_WORD + (has_salt ? GAS_KECCAK_WORD : 0);
    if (!memory_range(frame, &sp[-1], &size, &init_offset, &init_size)
        || !take_gas(frame, word_gas * gas_words(init_size)))
        return failed(vm, VM_OUT_OF_GAS);

    frame->sp -= has_salt ? 4 : 3;
    frame->return_data = bytes_of(NULL, 0);
    uint64_t nonce = HOST(vm, nonce, &frame->recipient);
    enum vm_status why = refusal(vm, frame, &value);
    if (why == VM_SUCCESS && nonce == UINT64_MAX)
        why = VM_NONCE_OVERFLOW; /* EIP-2681 */
    if (why != VM_SUCCESS && vm->tracer == NULL) {
        push_u64(frame, 0);
        return VM_NEXT;
    }
    struct entry entry = {
        .opcode = opcode,
        .is_create = true,
        .sender = frame->recipient,
        .value = value,
        .gas = frame->gas - frame->gas / GAS_RETAINED_DIVISOR,
        .input = memory_view(frame, init_offset, init_size),
    };
    entry.recipient = address_of_create(frame, nonce, has_salt ? &salt : NULL, entry.input);
    entry.code_address = entry.recipient;
    if (why != VM_SUCCESS) {
        trace_step_end(vm, frame->gas - entry.gas, VM_SUCCESS);
        return refuse(vm, frame, &entry, why);
    }
    frame->gas -= entry.gas;
    HOST(vm, set_nonce, &frame->recipient, nonce + 1);
    (void)HOST(vm, access_account, &entry.recipient); /* EIP-2929: warm even if it fails */
    if (vm->tracer != NULL)
        trace_step_end(vm, frame->gas, VM_SUCCESS);
    return enter(vm, &entry, frame->sp + 1);
}

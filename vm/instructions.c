#include "vm/instructions.h"

#include "vm/crypto/keccak.h"
#include "vm/memory.h"
#include "vm/trace.h"

#define HOST(vm, function, ...) ((vm)->host.ops->function((vm)->host.context, ##__VA_ARGS__))

static bool out_of_gas(struct vm *vm)
{
    return vm_fail(vm, VM_OUT_OF_GAS);
}

bool instruction_exp(struct vm *vm, struct frame *frame)
{
    u256 base = frame->sp[0], exponent = frame->sp[-1];
    if (!take_gas(frame, GAS_EXP_BYTE * u256_byte_length(&exponent)))
        return out_of_gas(vm);
    frame->sp--;
    *frame->sp = u256_exp(&base, &exponent);
    return true;
}

bool instruction_keccak256(struct vm *vm, struct frame *frame)
{
    uint64_t offset, size;
    if (!memory_range(frame, &frame->sp[0], &frame->sp[-1], &offset, &size)
        || !take_gas(frame, GAS_KECCAK_WORD * gas_words(size)))
        return out_of_gas(vm);
    struct bytes data = memory_view(frame, offset, size);
    hash256 hash = keccak256(data.data, data.size);
    frame->sp--;
    *frame->sp = u256_from_hash(&hash);
    return true;
}

/* ---- Accounts ---- */

/* EIP-2929: base gas is the warm price, the first access pays the rest. */
static bool take_access_gas(struct vm *vm, struct frame *frame, const address *account)
{
    return HOST(vm, access_account, account) || take_gas(frame, GAS_COLD_ACCOUNT_EXTRA);
}

bool instruction_balance(struct vm *vm, struct frame *frame)
{
    address account = u256_to_address(frame->sp);
    if (!take_access_gas(vm, frame, &account))
        return out_of_gas(vm);
    *frame->sp = HOST(vm, balance, &account);
    return true;
}

bool instruction_selfbalance(struct vm *vm, struct frame *frame)
{
    *++frame->sp = HOST(vm, balance, &frame->recipient);
    return true;
}

bool instruction_extcodesize(struct vm *vm, struct frame *frame)
{
    address account = u256_to_address(frame->sp);
    if (!take_access_gas(vm, frame, &account))
        return out_of_gas(vm);
    *frame->sp = u256_from_u64(HOST(vm, code_size, &account));
    return true;
}

/* EIP-1052: zero for an account that does not exist or is empty. */
bool instruction_extcodehash(struct vm *vm, struct frame *frame)
{
    address account = u256_to_address(frame->sp);
    if (!take_access_gas(vm, frame, &account))
        return out_of_gas(vm);
    if (HOST(vm, is_empty, &account)) {
        *frame->sp = U256_ZERO;
        return true;
    }
    hash256 hash = HOST(vm, code_hash, &account);
    *frame->sp = u256_from_hash(&hash);
    return true;
}

bool instruction_selfdestruct(struct vm *vm, struct frame *frame)
{
    if (frame->is_static)
        return vm_fail(vm, VM_STATIC_STATE_CHANGE);
    address beneficiary = u256_to_address(frame->sp--);
    /* EIP-2929: unlike elsewhere, base gas does not hold the warm price. */
    uint64_t gas = HOST(vm, access_account, &beneficiary) ? 0 : GAS_COLD_ACCOUNT;
    u256 balance = HOST(vm, balance, &frame->recipient);
    if (!u256_is_zero(&balance) && HOST(vm, is_empty, &beneficiary))
        gas += GAS_NEW_ACCOUNT;
    if (!take_gas(frame, gas))
        return out_of_gas(vm);
    if (vm->tracer != NULL)
        trace_selfdestruct(vm, &frame->recipient, &beneficiary, &balance);
    HOST(vm, selfdestruct, &frame->recipient, &beneficiary);
    return true;
}

/* ---- Copies ---- */

/* Copies `size` bytes of `source` from `from` on into memory; beyond the source is zero. */
static void copy_padded(struct frame *frame, uint64_t to, struct bytes source, const u256 *from,
                        uint64_t size)
{
    uint64_t start =
        u256_fits_u64(from) && from->limbs[0] < source.size ? from->limbs[0] : source.size;
    uint64_t present = source.size - start < size ? source.size - start : size;
    uint8_t *out = frame->memory.data + to;
    if (present > 0)
        memcpy(out, source.data + start, present);
    memset(out + present, 0, size - present);
}

/* Operands at `operands`: offset in memory, offset in the source (left to the caller), size. */
static bool take_copy_gas(struct vm *vm, struct frame *frame, const u256 *operands, uint64_t *to,
                          uint64_t *size)
{
    if (!memory_range(frame, &operands[0], &operands[-2], to, size)
        || !take_gas(frame, GAS_COPY_WORD * gas_words(*size)))
        return out_of_gas(vm);
    return true;
}

static bool copy_from(struct vm *vm, struct frame *frame, struct bytes source)
{
    uint64_t to, size;
    if (!take_copy_gas(vm, frame, frame->sp, &to, &size))
        return false;
    if (size > 0)
        copy_padded(frame, to, source, &frame->sp[-1], size);
    frame->sp -= 3;
    return true;
}

bool instruction_calldatacopy(struct vm *vm, struct frame *frame)
{
    return copy_from(vm, frame, frame->input);
}

bool instruction_codecopy(struct vm *vm, struct frame *frame)
{
    return copy_from(vm, frame, frame->code);
}

bool instruction_extcodecopy(struct vm *vm, struct frame *frame)
{
    uint64_t to, size;
    address account = u256_to_address(frame->sp);
    if (!take_copy_gas(vm, frame, frame->sp - 1, &to, &size))
        return false;
    if (!take_access_gas(vm, frame, &account))
        return out_of_gas(vm);
    if (size > 0)
        copy_padded(frame, to, HOST(vm, code, &account).bytes, &frame->sp[-2], size);
    frame->sp -= 4;
    return true;
}

/* EIP-211: reading beyond the return data fails, also when nothing is read there. */
bool instruction_returndatacopy(struct vm *vm, struct frame *frame)
{
    const u256 *from = &frame->sp[-1];
    uint64_t to, size;
    u256 end, available = u256_from_u64(frame->return_data.size);
    if (u256_add_overflows(from, &frame->sp[-2], &end) || u256_less(&available, &end))
        return vm_fail(vm, VM_RETURN_DATA_OUT_OF_BOUNDS);
    if (!take_copy_gas(vm, frame, frame->sp, &to, &size))
        return false;
    if (size > 0)
        memcpy(frame->memory.data + to, frame->return_data.data + from->limbs[0], size);
    frame->sp -= 3;
    return true;
}

/* EIP-5656: memory grows to hold both ranges, which may overlap. */
bool instruction_mcopy(struct vm *vm, struct frame *frame)
{
    uint64_t to, from, size;
    if (!memory_range(frame, &frame->sp[-1], &frame->sp[-2], &from, &size)
        || !take_copy_gas(vm, frame, frame->sp, &to, &size))
        return out_of_gas(vm);
    if (size > 0)
        memmove(frame->memory.data + to, frame->memory.data + from, size);
    frame->sp -= 3;
    return true;
}

bool instruction_output(struct vm *vm, struct frame *frame)
{
    uint64_t offset, size;
    if (!memory_range(frame, &frame->sp[0], &frame->sp[-1], &offset, &size))
        return out_of_gas(vm);
    frame->output = memory_view(frame, offset, size);
    return true;
}

/* ---- Block and transaction ---- */

bool instruction_blockhash(struct vm *vm, struct frame *frame)
{
    uint64_t now = vm->environment->number, number = frame->sp->limbs[0];
    if (!u256_fits_u64(frame->sp) || number >= now || now - number > BLOCK_HASHES) {
        *frame->sp = U256_ZERO;
        return true;
    }
    hash256 hash = HOST(vm, block_hash, number);
    *frame->sp = u256_from_hash(&hash);
    return true;
}

bool instruction_blobhash(struct vm *vm, struct frame *frame)
{
    const struct vm_environment *environment = vm->environment;
    uint64_t index = frame->sp->limbs[0];
    *frame->sp = u256_fits_u64(frame->sp) && index < environment->blob_hashes_count
                     ? u256_from_hash(&environment->blob_hashes[index])
                     : U256_ZERO;
    return true;
}

/* ---- Storage ---- */

bool instruction_sload(struct vm *vm, struct frame *frame)
{
    struct vm_slot slot = HOST(vm, load_slot, &frame->recipient, frame->sp);
    if (!slot.was_warm && !take_gas(frame, GAS_COLD_SLOT_EXTRA))
        return out_of_gas(vm);
    *frame->sp = slot.current;
    return true;
}

/* EIP-2200 with the prices of EIP-2929. */
static uint64_t sstore_gas(const struct vm_slot *slot, const u256 *value)
{
    uint64_t gas = slot->was_warm ? 0 : GAS_COLD_SLOT;
    if (u256_equal(&slot->current, value) || !u256_equal(&slot->original, &slot->current))
        return gas + GAS_WARM_ACCESS;
    return gas + (u256_is_zero(&slot->original) ? GAS_SSTORE_SET : GAS_SSTORE_RESET);
}

/* EIP-2200 with the refunds of EIP-3529. */
static int64_t sstore_refund(const struct vm_slot *slot, const u256 *value)
{
    int64_t refund = 0;
    if (u256_equal(&slot->current, value))
        return 0;
    bool was_zero = u256_is_zero(&slot->original);
    if (u256_equal(&slot->original, &slot->current))
        return !was_zero && u256_is_zero(value) ? GAS_SSTORE_CLEAR_REFUND : 0;
    if (!was_zero && u256_is_zero(&slot->current))
        refund -= GAS_SSTORE_CLEAR_REFUND;
    if (!was_zero && u256_is_zero(value))
        refund += GAS_SSTORE_CLEAR_REFUND;
    if (u256_equal(&slot->original, value))
        refund += (was_zero ? GAS_SSTORE_SET : GAS_SSTORE_RESET) - GAS_WARM_ACCESS;
    return refund;
}

bool instruction_sstore(struct vm *vm, struct frame *frame)
{
    if (frame->is_static)
        return vm_fail(vm, VM_STATIC_STATE_CHANGE);
    if (frame->gas <= GAS_SSTORE_SENTRY)
        return out_of_gas(vm);
    const u256 *key = &frame->sp[0], *value = &frame->sp[-1];
    struct vm_slot slot = HOST(vm, load_slot, &frame->recipient, key);
    if (!take_gas(frame, sstore_gas(&slot, value)))
        return out_of_gas(vm);
    int64_t refund = sstore_refund(&slot, value);
    if (refund != 0) {
        vm->refund += refund;
        HOST(vm, add_refund, refund);
    }
    if (!u256_equal(&slot.current, value))
        HOST(vm, store_slot, &frame->recipient, key, value);
    frame->sp -= 2;
    return true;
}

bool instruction_tload(struct vm *vm, struct frame *frame)
{
    u256 key = *frame->sp;
    *frame->sp = HOST(vm, load_transient, &frame->recipient, &key);
    return true;
}

bool instruction_tstore(struct vm *vm, struct frame *frame)
{
    if (frame->is_static)
        return vm_fail(vm, VM_STATIC_STATE_CHANGE);
    HOST(vm, store_transient, &frame->recipient, &frame->sp[0], &frame->sp[-1]);
    frame->sp -= 2;
    return true;
}

bool instruction_log(struct vm *vm, struct frame *frame, size_t topics_count)
{
    uint64_t offset, size;
    u256 topics[4];
    if (frame->is_static)
        return vm_fail(vm, VM_STATIC_STATE_CHANGE);
    if (!memory_range(frame, &frame->sp[0], &frame->sp[-1], &offset, &size)
        || !take_gas(frame, GAS_LOG_BYTE * size))
        return out_of_gas(vm);
    frame->sp -= 2;
    for (size_t topic = 0; topic < topics_count; topic++)
        topics[topic] = *frame->sp--;
    const struct bytes data = memory_view(frame, offset, size);
    if (vm->tracer != NULL)
        trace_log(vm, topics, topics_count, data);
    HOST(vm, log, &frame->recipient, topics, topics_count, data);
    return true;
}

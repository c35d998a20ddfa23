#include "vm/analysis.h"

#include <assert.h>
#include <stdlib.h>

#define CODE_SIZE_LIMIT  (UINT32_MAX / 4) /* far above what any rule lets come into being */
#define BLOCK_GAS_LIMIT  (UINT32_C(1) << 30)
#define STACK_IMPOSSIBLE 1025 /* a need no stack of 1,024 words can meet */

/* The stream being written; with no memory behind it, only counted. */
struct writer {
    struct bytes code;
    enum vm_fork fork;
    struct vm_instruction *instructions;
    struct vm_block *blocks;
    uint64_t *limbs;
    uint32_t *jump_instructions;
    uint32_t instructions_count, blocks_count, limbs_count, jumps_count;
    /* the block being summed */
    bool is_in_block;
    uint32_t gas;
    int64_t height, lowest, highest; /* of the stack, against the block's start */
    uint32_t pc;
};

static void emit(struct writer *out, uint8_t operation, uint8_t opcode, uint32_t operand)
{
    if (out->instructions != NULL)
        out->instructions[out->instructions_count] =
            (struct vm_instruction){.operation = operation, .opcode = opcode, .operand = operand};
    out->instructions_count++;
}

static uint16_t words(int64_t count)
{
    return (uint16_t)(count < STACK_IMPOSSIBLE ? count : STACK_IMPOSSIBLE);
}

static void close_block(struct writer *out)
{
    if (!out->is_in_block)
        return;
    if (out->blocks != NULL)
        out->blocks[out->blocks_count] = (struct vm_block){
            .gas = out->gas,
            .stack_need = words(-out->lowest),
            .stack_growth = words(out->highest),
            .pc = out->pc,
        };
    out->blocks_count++;
    out->is_in_block = false;
}

static void open_block(struct writer *out, uint32_t pc)
{
    close_block(out);
    out->is_in_block = true;
    out->gas = 0;
    out->height = out->lowest = out->highest = 0;
    out->pc = pc;
}

static void add_to_block(struct writer *out, const struct vm_opcode_traits *traits)
{
    out->gas += traits->base_gas;
    out->height -= traits->stack_in;
    if (out->height < out->lowest)
        out->lowest = out->height;
    out->height += traits->stack_out;
    if (out->height > out->highest)
        out->highest = out->height;
}

static void emit_push(struct writer *out, uint8_t opcode, uint32_t pc, uint32_t size)
{
    uint8_t data[32] = {0};
    uint32_t left = (uint32_t)out->code.size - pc - 1;
    memcpy(data, out->code.data + pc + 1, size < left ? size : left); /* beyond the end is 0 */
    u256 value = u256_load_be(data, size);
    uint32_t limbs = (uint32_t)(u256_bit_length(&value) + 63) / 64;
    if (limbs <= 1 && value.limbs[0] <= UINT32_MAX) {
        emit(out, VM_OPERATION_PUSH_SMALL, opcode, (uint32_t)value.limbs[0]);
        return;
    }
    emit(out, (uint8_t)(VM_OPERATION_PUSH_1 + limbs - 1), opcode, out->limbs_count);
    if (out->limbs != NULL)
        memcpy(out->limbs + out->limbs_count, value.limbs, limbs * sizeof *out->limbs);
    out->limbs_count += limbs;
}

/* Leaves the block for good; what follows is unreachable up to the next JUMPDEST. */
static bool is_end(uint8_t opcode)
{
    switch (opcode) {
    case VM_OP_STOP:
    case VM_OP_JUMP:
    case VM_OP_RETURN:
    case VM_OP_REVERT:
    case VM_OP_INVALID:
    case VM_OP_SELFDESTRUCT: return true;
    default: return false;
    }
}

/* Ends a block but goes on behind it: a branch, or an opcode that sees the gas left. */
static bool is_pause(uint8_t opcode)
{
    switch (opcode) {
    case VM_OP_JUMPI:
    case VM_OP_GAS:
    case VM_OP_SSTORE:
    case VM_OP_CREATE:
    case VM_OP_CREATE2:
    case VM_OP_CALL:
    case VM_OP_CALLCODE:
    case VM_OP_DELEGATECALL:
    case VM_OP_STATICCALL: return true;
    default: return false;
    }
}

static void write_opcode(struct writer *out, uint8_t opcode, uint32_t pc)
{
    const struct vm_opcode_traits *traits = &VM_OPCODE_TRAITS[opcode];
    if (opcode == VM_OP_JUMPDEST) {
        open_block(out, pc);
        if (out->jump_instructions != NULL)
            out->jump_instructions[out->jumps_count] = out->instructions_count;
        out->jumps_count++;
    } else if (!out->is_in_block || out->gas > BLOCK_GAS_LIMIT) {
        open_block(out, pc);
        emit(out, VM_OPERATION_BLOCK, 0, out->blocks_count);
    }
    if (!vm_opcode_is_defined(opcode, out->fork)) {
        emit(out, VM_OP_INVALID, opcode, 0);
        close_block(out);
        return;
    }
    add_to_block(out, traits);
    if (traits->immediate_bytes > 0)
        emit_push(out, opcode, pc, traits->immediate_bytes);
    else
        emit(out, opcode, opcode, opcode == VM_OP_PC ? pc : out->blocks_count);
    if (is_end(opcode) || is_pause(opcode))
        close_block(out);
}

/* A pausing opcode must be followed by BLOCK or JUMPDEST even where the code ends. */
static void write_all(struct writer *out)
{
    bool is_reachable = true;
    for (uint32_t pc = 0; pc < out->code.size; pc++) {
        uint8_t opcode = out->code.data[pc];
        is_reachable = is_reachable || opcode == VM_OP_JUMPDEST;
        if (is_reachable) {
            write_opcode(out, opcode, pc);
            is_reachable = !is_end(opcode) && vm_opcode_is_defined(opcode, out->fork);
        }
        if (VM_OPCODE_TRAITS[opcode].name != NULL)
            pc += VM_OPCODE_TRAITS[opcode].immediate_bytes;
    }
    if (is_reachable) /* running off the end stops */
        write_opcode(out, VM_OP_STOP, (uint32_t)out->code.size);
    close_block(out);
}

#define EVERY_BYTE UINT64_C(0x0101010101010101)
#define TOP_BITS   (EVERY_BYTE * 0x80)

/* The top bit of each byte that equals the one that `pattern` repeats; exact, no borrow crosses. */
static uint64_t equal_bytes(uint64_t bytes, uint64_t pattern)
{
    uint64_t difference = bytes ^ pattern;
    return ~(((difference & ~TOP_BITS) + ~TOP_BITS) | difference) & TOP_BITS;
}

/* The top bits of eight bytes as eight bits, the first byte's lowest. */
static uint64_t gathered(uint64_t top_bits)
{
    return (top_bits >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

/* Marks JUMPDESTs that are not data of a PUSH: eight bytes at once where none is a PUSH. PUSH1 and
 * PUSH2 have branches of their own, so that a processor that guesses them right need not wait for
 * one opcode to know where the next is. */
static void mark_jumps(struct bytes code, uint64_t *bits)
{
    size_t pc = 0;
    while (pc + 8 <= code.size) {
        uint64_t bytes;
        memcpy(&bytes, code.data + pc, sizeof bytes);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
        bytes = __builtin_bswap64(bytes);
#endif
        if (equal_bytes(bytes & EVERY_BYTE * 0xe0, EVERY_BYTE * VM_OP_PUSH1) == 0) {
            uint64_t marks = gathered(equal_bytes(bytes, EVERY_BYTE * VM_OP_JUMPDEST));
            bits[pc / 64] |= marks << (pc % 64);
            if (pc % 64 > 56 && marks >> (64 - pc % 64) != 0)
                bits[pc / 64 + 1] |= marks >> (64 - pc % 64);
            pc += 8;
            continue;
        }
        for (size_t end = pc + 8; pc < end;) {
            uint8_t opcode = code.data[pc];
            if (opcode == VM_OP_PUSH1)
                pc += 2;
            else if (opcode == VM_OP_PUSH2)
                pc += 3;
            else if (opcode > VM_OP_PUSH2 && opcode <= VM_OP_PUSH32)
                pc += opcode - VM_OP_PUSH1 + 2u;
            else {
                if (opcode == VM_OP_JUMPDEST)
                    bits[pc / 64] |= UINT64_C(1) << (pc % 64);
                pc++;
            }
        }
    }
    for (; pc < code.size; pc++) {
        uint8_t opcode = code.data[pc];
        if (opcode == VM_OP_JUMPDEST)
            bits[pc / 64] |= UINT64_C(1) << (pc % 64);
        else if (opcode >= VM_OP_PUSH1 && opcode <= VM_OP_PUSH32)
            pc += opcode - VM_OP_PUSH1 + 1u;
    }
}

/* How many marks precede each word of 64. */
static void count_marks(const uint64_t *bits, size_t words_count, uint32_t *ranks)
{
    uint32_t count = 0;
    for (size_t word = 0; word < words_count; word++) {
        ranks[word] = count;
        count += vm_count_bits(bits[word]);
    }
}

/* Turns "PUSH, JUMP" to a valid place into one operation that knows its target. */
static void fuse_jumps(struct vm_analysis *analysis, struct vm_instruction *instructions,
                       uint32_t count)
{
    for (uint32_t index = 0; index + 1 < count; index++) {
        uint8_t next = instructions[index + 1].operation;
        if (instructions[index].operation != VM_OPERATION_PUSH_SMALL
            || (next != VM_OP_JUMP && next != VM_OP_JUMPI))
            continue;
        const struct vm_instruction *target =
            vm_analysis_jump(analysis, instructions[index].operand);
        if (target == NULL)
            continue;
        instructions[index].operation =
            next == VM_OP_JUMP ? VM_OPERATION_JUMP_TO : VM_OPERATION_JUMPI_TO;
        instructions[index].operand = (uint32_t)(target - instructions);
    }
}

struct vm_analysis *vm_analysis_new(struct bytes code, enum vm_fork fork)
{
    assert(code.size < CODE_SIZE_LIMIT);
    struct writer counted = {.code = code, .fork = fork};
    write_all(&counted);

    /* Sorted by alignment: what holds 64-bit fields comes first. */
    size_t bit_words = (code.size + 63) / 64;
    size_t limbs_at = sizeof(struct vm_analysis);
    size_t bits_at = limbs_at + counted.limbs_count * sizeof(uint64_t);
    size_t instructions_at = bits_at + bit_words * sizeof(uint64_t);
    size_t blocks_at = instructions_at + counted.instructions_count * sizeof(struct vm_instruction);
    size_t ranks_at = blocks_at + counted.blocks_count * sizeof(struct vm_block);
    size_t jumps_at = ranks_at + bit_words * sizeof(uint32_t);
    size_t size = jumps_at + counted.jumps_count * sizeof(uint32_t);

    uint8_t *memory = memory_new_zeroed(1, size);
    struct vm_analysis *analysis = (void *)memory;
    struct writer out = {
        .code = code,
        .fork = fork,
        .instructions = (void *)(memory + instructions_at),
        .blocks = (void *)(memory + blocks_at),
        .limbs = (void *)(memory + limbs_at),
        .jump_instructions = (void *)(memory + jumps_at),
    };
    uint64_t *bits = (void *)(memory + bits_at);
    uint32_t *ranks = (void *)(memory + ranks_at);
    write_all(&out);
    assert(out.instructions_count == counted.instructions_count);
    assert(out.blocks_count == counted.blocks_count);
    assert(out.limbs_count == counted.limbs_count);
    mark_jumps(code, bits);
    count_marks(bits, bit_words, ranks);

    analysis->fork = fork;
    analysis->code_size = (uint32_t)code.size;
    analysis->size_bytes = size;
    analysis->instructions = out.instructions;
    analysis->blocks = out.blocks;
    analysis->limbs = out.limbs;
    analysis->jump_bits = bits;
    analysis->jump_ranks = ranks;
    analysis->jump_instructions = out.jump_instructions;
    fuse_jumps(analysis, out.instructions, out.instructions_count);
    return analysis;
}

struct vm_analysis *vm_analysis_new_jumps(struct bytes code, enum vm_fork fork)
{
    assert(code.size < CODE_SIZE_LIMIT);
    size_t size = sizeof(struct vm_analysis) + (code.size + 63) / 64 * sizeof(uint64_t);
    uint8_t *memory = memory_new_zeroed(1, size);
    struct vm_analysis *analysis = (void *)memory;
    uint64_t *bits = (void *)(memory + sizeof *analysis);
    mark_jumps(code, bits);
    analysis->fork = fork;
    analysis->code_size = (uint32_t)code.size;
    analysis->size_bytes = size;
    analysis->jump_bits = bits;
    return analysis;
}

void vm_analysis_free(struct vm_analysis *analysis)
{
    free(analysis);
}

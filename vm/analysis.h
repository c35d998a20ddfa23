/* Code made ready to run.
 *
 * Bytecode is translated once into a stream of eight-byte instructions cut into basic blocks.
 * A block's static gas and its needs of the stack are summed, so that the loop checks them once
 * at its start: by the instruction JUMPDEST, or by the inserted BLOCK where a block starts
 * without one. A block ends at everything that leaves it and after everything that sees or
 * passes on the gas left (GAS, SSTORE, calls, creates), so inside a block nobody can tell that
 * its gas was charged ahead, and a block that cannot be paid fails as a whole either way.
 *
 *   bytecode   PUSH1 7  JUMP | JUMPDEST      GAS      | ADD ..
 *   stream     BLOCK 0  JUMP_TO(5)  JUMP | JUMPDEST 1  GAS | BLOCK 2  ADD ..
 *
 * A PUSH before a JUMP or JUMPI to a valid place is fused with it; the second instruction stays
 * in the stream, to be found by what a failing block looks for. Unreachable code (after an end,
 * before the next JUMPDEST) is left out.
 *
 * That takes up to forty times as long as marking the places to jump to, which is all that running
 * code as it stands needs. So an analysis is first made of those alone, and whole only of code that
 * has used so much gas that the time for it is paid for.
 *
 * An analysis is one allocation, immutable once made but for the gas it counts. */
#ifndef VM_ANALYSIS_H
#define VM_ANALYSIS_H
#include <stdatomic.h>

#include "vm/opcodes.h"

/* Operations of the stream that are no opcodes; numbers that no fork defines. */
enum vm_operation {
    VM_OPERATION_BLOCK = 0xb0,      /* operand: block */
    VM_OPERATION_PUSH_SMALL = 0xb1, /* operand: the value */
    VM_OPERATION_PUSH_1 = 0xb2,     /* operand: the first of 1 to 4 limbs */
    VM_OPERATION_PUSH_2 = 0xb3,
    VM_OPERATION_PUSH_3 = 0xb4,
    VM_OPERATION_PUSH_4 = 0xb5,
    VM_OPERATION_JUMP_TO = 0xb6, /* operand: the target JUMPDEST's instruction */
    VM_OPERATION_JUMPI_TO = 0xb7,
};

struct vm_instruction {
    uint8_t operation; /* enum vm_operation or enum vm_opcode: how to run it */
    uint8_t opcode;    /* what stood in the code */
    uint16_t unused;
    uint32_t operand; /* JUMPDEST: its block; PC: the value */
};

struct vm_block {
    uint32_t gas;          /* sum of base gas */
    uint16_t stack_need;   /* words that must be there */
    uint16_t stack_growth; /* words it holds at most beyond those at its start */
    uint32_t pc;           /* of its first opcode */
};

struct vm_analysis {
    hash256 code_hash; /* with the fork, the key in the cache; zero if not cached */
    enum vm_fork fork;
    uint32_t code_size;
    size_t size_bytes;         /* of the allocation */
    _Atomic uint64_t gas_used; /* by runs of it so far, if only the jumps are marked */
    const struct vm_instruction *instructions; /* NULL, as all below but the bits, if not whole */
    const struct vm_block *blocks;
    const uint64_t *limbs; /* of pushed values, least significant first */
    /* Valid jump destinations by code offset, and for each word of 64 how many precede it. */
    const uint64_t *jump_bits;
    const uint32_t *jump_ranks;
    const uint32_t *jump_instructions; /* by rank */
};

/* Never fails: any bytes are code. Free with vm_analysis_free(), which accepts NULL. */
struct vm_analysis *vm_analysis_new(struct bytes code, enum vm_fork fork);
/* Of jump destinations alone. */
struct vm_analysis *vm_analysis_new_jumps(struct bytes code, enum vm_fork fork);
void vm_analysis_free(struct vm_analysis *analysis);

static inline unsigned vm_count_bits(uint64_t bits)
{
    bits -= bits >> 1 & UINT64_C(0x5555555555555555);
    bits = (bits & UINT64_C(0x3333333333333333)) + (bits >> 2 & UINT64_C(0x3333333333333333));
    bits = (bits + (bits >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
    return (unsigned)(bits * UINT64_C(0x0101010101010101) >> 56);
}

static inline bool vm_analysis_is_whole(const struct vm_analysis *analysis)
{
    return analysis->instructions != NULL;
}

/* Is there a JUMPDEST to jump to at this code offset? */
static inline bool vm_analysis_is_jump(const struct vm_analysis *analysis, uint64_t pc)
{
    return pc < analysis->code_size && (analysis->jump_bits[pc / 64] >> (pc % 64) & 1) != 0;
}

/* The JUMPDEST instruction at a code offset; NULL if there is none to jump to. The analysis is a
 * whole one. */
static inline const struct vm_instruction *vm_analysis_jump(const struct vm_analysis *analysis,
                                                            uint64_t pc)
{
    if (pc >= analysis->code_size)
        return NULL;
    uint64_t word = analysis->jump_bits[pc / 64], bit = UINT64_C(1) << (pc % 64);
    if ((word & bit) == 0)
        return NULL;
    uint32_t rank = analysis->jump_ranks[pc / 64] + vm_count_bits(word & (bit - 1));
    return analysis->instructions + analysis->jump_instructions[rank];
}
#endif

#include "vm/interpreter.h"

#include "vm/calls.h"
#include "vm/instructions.h"
#include "vm/memory.h"
#include "vm/trace.h"
#include "vm/words.h"

#define POLL_EVERY 4096 /* jumps back and calls */

/* True when the run shall end. */
static bool poll_says_cancel(struct vm *vm)
{
    const struct vm_environment *environment = vm->environment;
    vm->polls_left = POLL_EVERY;
    return environment->is_cancelled != NULL
           && environment->is_cancelled(environment->cancel_context);
}

/* Which of a block's instructions cannot be run, and why: the first that lacks words or room on
 * the stack, or gas. The block as a whole was found wanting. */
static enum vm_status block_failure(const struct vm_analysis *analysis,
                                    const struct vm_instruction *ip, size_t height, uint64_t gas)
{
    for (ip += ip->operation == VM_OPERATION_BLOCK;; ip++) {
        const struct vm_opcode_traits *traits = &VM_OPCODE_TRAITS[ip->opcode];
        if (!vm_opcode_is_defined(ip->opcode, analysis->fork))
            return VM_INVALID_OPCODE;
        if (height < traits->stack_in)
            return VM_STACK_UNDERFLOW;
        height = height - traits->stack_in + traits->stack_out;
        if (height > STACK_WORDS_MAX)
            return VM_STACK_OVERFLOW;
        if (gas < traits->base_gas)
            return VM_OUT_OF_GAS;
        gas -= traits->base_gas;
    }
}

/* The checks of one opcode, which a block does at once for all of its own. */
static inline enum vm_status step_failure(const struct vm_analysis *analysis, uint8_t opcode,
                                          size_t height, uint64_t gas)
{
    const struct vm_opcode_traits *traits = &VM_OPCODE_TRAITS[opcode];
    if (!vm_opcode_is_defined(opcode, analysis->fork))
        return VM_INVALID_OPCODE;
    if (height < traits->stack_in)
        return VM_STACK_UNDERFLOW;
    if (height - traits->stack_in + traits->stack_out > STACK_WORDS_MAX)
        return VM_STACK_OVERFLOW;
    return gas < traits->base_gas ? VM_OUT_OF_GAS : VM_SUCCESS;
}

static void load_calldata(u256 *out, struct bytes input, const u256 *offset)
{
    uint8_t padded[32] = {0};
    if (word_is_small(offset) && offset->limbs[0] < input.size) {
        size_t left = input.size - (size_t)offset->limbs[0];
        memcpy(padded, input.data + offset->limbs[0], left < 32 ? left : 32);
    }
    word_load_be(out, padded);
}

static void push_from_code(u256 *out, struct bytes code, uint64_t pc)
{
    uint8_t padded[32] = {0};
    const uint8_t *data = code.data + pc + 1;
    size_t size = code.data[pc] - VM_OP_PUSH1 + 1u, left = code.size - (size_t)pc - 1;
    if (__builtin_expect(left < sizeof padded, 0)) { /* beyond the end is 0 */
        memcpy(padded, data, left);
        data = padded;
    }
    u256 word;
    word_load_be(&word, data);
    word = u256_shift_right(&word, 256 - 8 * size, 0);
    word_copy(out, &word);
}

/* MLOAD, MSTORE and MSTORE8 outside the memory there is so far. */
static bool grow_for(struct frame *frame, const u256 *offset, uint64_t size)
{
    return word_is_small(offset) && offset->limbs[0] < MEMORY_SIZE_LIMIT
           && memory_grow(frame, offset->limbs[0], size);
}

/* A second copy of the loop's function would have dispatch labels of its own. */
#if defined(__clang__) /* never clones */
#define LOOP_ONE_COPY __attribute__((noinline))
#else
#define LOOP_ONE_COPY __attribute__((noinline, noclone))
#endif

#define LOOP_NAME     run_analysed
#define LOOP_ANALYSED 1
#define LOOP_TRACED   0
#include "vm/interpreter_loop.inc"
#undef LOOP_NAME
#undef LOOP_ANALYSED

#define LOOP_NAME     run_stepwise
#define LOOP_ANALYSED 0
#include "vm/interpreter_loop.inc"
#undef LOOP_NAME
#undef LOOP_TRACED

#define LOOP_NAME   run_traced
#define LOOP_TRACED 1
#include "vm/interpreter_loop.inc"
#undef LOOP_NAME
#undef LOOP_TRACED
#undef LOOP_ANALYSED

void interpreter_run(struct vm *vm)
{
    while (vm->frame != NULL)
        if (vm_analysis_is_whole(vm->frame->analysis))
            run_analysed(vm);
        else
            run_stepwise(vm);
}

void interpreter_run_traced(struct vm *vm)
{
    run_traced(vm);
}

/* Growing a frame's memory, and paying for it. */
#ifndef VM_MEMORY_H
#define VM_MEMORY_H
#include "vm/frame.h"

/* 4 GiB cost 3.5 * 10^13 gas, more than a block of any ledger has, so beyond it there is simply not
 * enough gas. It keeps every sum of offset and size within 64 bits. */
#define MEMORY_SIZE_LIMIT (UINT64_C(1) << 32)

/* Grows to hold offset + size bytes (both below MEMORY_SIZE_LIMIT, size not 0) and takes the
 * gas from frame->gas; false if that is not enough. */
bool memory_grow(struct frame *frame, uint64_t offset, uint64_t size)
    __attribute__((warn_unused_result));

/* Drops all content, keeps a little of the storage. */
void memory_reset(struct vm_memory *memory);
void memory_cleanup(struct vm_memory *memory);

/* Checks a pair of operands, and makes the memory hold them. A size of 0 touches nothing,
 * wherever it is. On success both fit 64 bits (the offset of an empty range reads as 0). */
static inline bool memory_range(struct frame *frame, const u256 *offset, const u256 *size,
                                uint64_t *offset_out, uint64_t *size_out)
{
    *offset_out = 0;
    *size_out = 0;
    if (u256_is_zero(size))
        return true;
    if (!u256_fits_u64(size) || !u256_fits_u64(offset) || size->limbs[0] >= MEMORY_SIZE_LIMIT
        || offset->limbs[0] >= MEMORY_SIZE_LIMIT)
        return false;
    *offset_out = offset->limbs[0];
    *size_out = size->limbs[0];
    if (*offset_out + *size_out <= frame->memory.size)
        return true;
    return memory_grow(frame, *offset_out, *size_out);
}

static inline bool take_gas(struct frame *frame, uint64_t gas)
{
    if (frame->gas < gas)
        return false;
    frame->gas -= gas;
    return true;
}

/* The bytes of a range that was made sure of; empty has no address. */
static inline struct bytes memory_view(const struct frame *frame, uint64_t offset, uint64_t size)
{
    return size == 0 ? bytes_of(NULL, 0) : bytes_of(frame->memory.data + offset, size);
}
#endif

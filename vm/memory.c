#include "vm/memory.h"

#include <stdlib.h>

#define CAPACITY_FIRST 4096
#define CAPACITY_KEPT  65536 /* between runs, for each frame */

static uint64_t cost_of(uint64_t words)
{
    return GAS_MEMORY_WORD * words + words * words / GAS_MEMORY_SQUARE;
}

static void reserve(struct vm_memory *memory, uint64_t size)
{
    if (size <= memory->capacity)
        return;
    size_t capacity = memory->capacity > 0 ? memory->capacity : CAPACITY_FIRST;
    while (capacity < size)
        capacity *= 2;
    memory->data = memory_resize(memory->data, capacity);
    memory->capacity = capacity;
}

bool memory_grow(struct frame *frame, uint64_t offset, uint64_t size)
{
    struct vm_memory *memory = &frame->memory;
    uint64_t words = gas_words(offset + size);
    uint64_t cost = cost_of(words);
    if (!take_gas(frame, cost - memory->cost))
        return false;
    reserve(memory, words * 32);
    memset(memory->data + memory->size, 0, words * 32 - memory->size);
    memory->size = words * 32;
    memory->cost = cost;
    return true;
}

void memory_reset(struct vm_memory *memory)
{
    memory->size = 0;
    memory->cost = 0;
    if (memory->capacity > CAPACITY_KEPT)
        memory_cleanup(memory);
}

void memory_cleanup(struct vm_memory *memory)
{
    free(memory->data);
    *memory = (struct vm_memory){0};
}

#include "vm/base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define ARENA_BLOCK_FIRST 960 /* small enough for malloc's per-thread cache */
#define ARENA_BLOCK_MAX   16384
#define ARENA_BLOCK_GROW  4
#define ARENA_ALIGNMENT   16

struct arena_block {
    struct arena_block *older;
    size_t used;
    size_t capacity;
    _Alignas(ARENA_ALIGNMENT) uint8_t memory[];
};

static void free_blocks(struct arena_block *block)
{
    while (block != NULL) {
        struct arena_block *older = block->older;
        free(block);
        block = older;
    }
}

void arena_cleanup(struct arena *arena)
{
    free_blocks(arena->newest);
    *arena = (struct arena){0};
}

void arena_reset(struct arena *arena)
{
    struct arena_block *block = arena->newest;
    arena->size_bytes = 0;
    if (block == NULL)
        return;
    if (block->capacity > ARENA_BLOCK_MAX) {
        arena_cleanup(arena);
        return;
    }
    free_blocks(block->older);
    block->older = NULL;
    block->used = 0;
}

/* Small at first, so that a short request costs one small allocation. */
static size_t next_capacity(const struct arena *arena)
{
    size_t capacity =
        arena->newest == NULL ? ARENA_BLOCK_FIRST : arena->newest->capacity * ARENA_BLOCK_GROW;
    return capacity < ARENA_BLOCK_MAX ? capacity : ARENA_BLOCK_MAX;
}

static struct arena_block *add_block(struct arena *arena, size_t size)
{
    size_t capacity = next_capacity(arena);
    if (capacity < size)
        capacity = size;
    struct arena_block *block = memory_new(sizeof *block + capacity);
    block->older = arena->newest;
    block->used = 0;
    block->capacity = capacity;
    arena->newest = block;
    return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    assert(size <= PTRDIFF_MAX / 2);
    size_t rounded = (size + ARENA_ALIGNMENT - 1) & ~(size_t)(ARENA_ALIGNMENT - 1);
    struct arena_block *block = arena->newest;
    if (block == NULL || rounded > block->capacity - block->used)
        block = add_block(arena, rounded);
    void *memory = block->memory + block->used;
    block->used += rounded;
    arena->size_bytes += rounded;
    memset(memory, 0, rounded);
    return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t total;
    bool overflows = __builtin_mul_overflow(count, size, &total);
    assert(!overflows);
    return arena_alloc(arena, total);
}

struct bytes arena_copy(struct arena *arena, struct bytes bytes)
{
    uint8_t *copy = arena_alloc(arena, bytes.size);
    if (bytes.size > 0)
        memcpy(copy, bytes.data, bytes.size);
    return bytes_of(copy, bytes.size);
}

char *arena_text(struct arena *arena, struct bytes bytes)
{
    char *text = arena_alloc(arena, bytes.size + 1);
    if (bytes.size > 0)
        memcpy(text, bytes.data, bytes.size);
    return text;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    assert(length >= 0);
    char *text = arena_alloc(arena, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

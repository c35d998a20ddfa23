#include "vm/base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define BUFFER_CAPACITY_FIRST 64
#define ZEROED_BY_HAND_MAX    1024

bool hash256_is_zero(const hash256 *hash)
{
    static const hash256 zero;
    return hash256_equal(hash, &zero);
}

bool address_is_zero(const address *account)
{
    static const address zero;
    return address_equal(account, &zero);
}

static _Noreturn void out_of_memory(size_t size)
{
    fprintf(stderr, "out of memory: %zu bytes could not be allocated\n", size);
    abort();
}

void *memory_new(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);
    if (memory == NULL)
        out_of_memory(size);
    return memory;
}

/* glibc's calloc takes nothing from the thread's own free blocks, though they are given back there.
 * It pays where fresh pages need no clearing. */
void *memory_new_zeroed(size_t count, size_t size)
{
    size_t total;
    if (!__builtin_mul_overflow(count, size, &total) && total <= ZEROED_BY_HAND_MAX)
        return memset(memory_new(total), 0, total);
    void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
    if (memory == NULL)
        out_of_memory(size);
    return memory;
}

void *memory_resize(void *memory, size_t size)
{
    void *resized = realloc(memory, size > 0 ? size : 1);
    if (resized == NULL)
        out_of_memory(size);
    return resized;
}

void buffer_cleanup(struct buffer *buffer)
{
    free(buffer->data);
    *buffer = (struct buffer){0};
}

void buffer_clear(struct buffer *buffer)
{
    buffer->size = 0;
}

void buffer_grow(struct buffer *buffer, size_t extra)
{
    size_t needed;
    if (__builtin_add_overflow(buffer->size, extra, &needed) || needed > PTRDIFF_MAX / 2)
        out_of_memory(extra);
    size_t capacity = buffer->capacity > 0 ? buffer->capacity : BUFFER_CAPACITY_FIRST;
    while (capacity < needed)
        capacity *= 2;
    buffer->data = memory_resize(buffer->data, capacity);
    buffer->capacity = capacity;
}

static void append_be(struct buffer *buffer, uint64_t value, size_t size)
{
    uint8_t *start = buffer_extend(buffer, size);
    for (size_t index = size; index-- > 0; value >>= 8)
        start[index] = (uint8_t)value;
}

void buffer_append_u16_be(struct buffer *buffer, uint16_t value)
{
    append_be(buffer, value, 2);
}

void buffer_append_u32_be(struct buffer *buffer, uint32_t value)
{
    append_be(buffer, value, 4);
}

void buffer_append_u64_be(struct buffer *buffer, uint64_t value)
{
    append_be(buffer, value, 8);
}

void buffer_append_format(struct buffer *buffer, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (length > 0) {
        buffer_reserve(buffer, (size_t)length + 1); /* vsnprintf writes a final zero */
        vsnprintf((char *)buffer->data + buffer->size, (size_t)length + 1, format, arguments);
        buffer->size += (size_t)length;
    }
    va_end(arguments);
}

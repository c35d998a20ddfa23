#include "vm/base/cursor.h"

struct bytes cursor_take(struct cursor *in, size_t size)
{
    if (in->failed || size > in->left) {
        in->failed = true;
        return bytes_of(NULL, 0);
    }
    struct bytes taken = bytes_of(in->next, size);
    if (size > 0)
        in->next += size;
    in->left -= size;
    return taken;
}

void cursor_copy(struct cursor *in, void *out, size_t size)
{
    struct bytes taken = cursor_take(in, size);
    if (in->failed)
        memset(out, 0, size);
    else if (size > 0)
        memcpy(out, taken.data, size);
}

static uint64_t read_be(struct cursor *in, size_t size)
{
    struct bytes taken = cursor_take(in, size);
    uint64_t value = 0;
    for (size_t index = 0; index < taken.size; index++)
        value = value << 8 | taken.data[index];
    return value;
}

uint8_t cursor_u8(struct cursor *in)
{
    return (uint8_t)read_be(in, 1);
}

uint16_t cursor_u16_be(struct cursor *in)
{
    return (uint16_t)read_be(in, 2);
}

uint32_t cursor_u32_be(struct cursor *in)
{
    return (uint32_t)read_be(in, 4);
}

uint64_t cursor_u64_be(struct cursor *in)
{
    return read_be(in, 8);
}

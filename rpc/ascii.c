#include "rpc/ascii.h"

#define STEP 16 /* bytes judged together, in one register */

static bool is_printable(uint8_t byte)
{
    return byte >= 0x20 && byte < 0x7f;
}

static bool are_printable(const uint8_t bytes[STEP])
{
    uint8_t others = 0;
    for (size_t index = 0; index < STEP; index++)
        others |= (uint8_t)(bytes[index] - 0x20) >= 0x7f - 0x20;
    return others == 0;
}

size_t ascii_printable_size(struct bytes text)
{
    size_t size = 0;
    while (text.size - size >= STEP && are_printable(text.data + size))
        size += STEP;
    while (size < text.size && is_printable(text.data[size]))
        size++;
    return size;
}

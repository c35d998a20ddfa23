#include "vm/base/hex.h"

static const char DIGITS[] = "0123456789abcdef";

int hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F')
        return digit - 'A' + 10;
    return -1;
}

void hex_encode(char *out, const uint8_t *bytes, size_t size)
{
    for (size_t index = 0; index < size; index++) {
        out[2 * index] = DIGITS[bytes[index] >> 4];
        out[2 * index + 1] = DIGITS[bytes[index] & 15];
    }
}

void hex_append(struct buffer *out, struct bytes bytes)
{
    buffer_append(out, "0x", 2);
    hex_encode((char *)buffer_extend(out, 2 * bytes.size), bytes.data, bytes.size);
}

bool hex_decode(uint8_t *out, size_t size, const char *digits)
{
    for (size_t index = 0; index < size; index++) {
        int high = hex_digit(digits[2 * index]);
        int low = hex_digit(digits[2 * index + 1]);
        if (high < 0 || low < 0)
            return false;
        out[index] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool has_prefix(const char *text, size_t text_size)
{
    return text_size >= 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
}

bool hex_decode_fixed(uint8_t *out, size_t size, const char *text, size_t text_size)
{
    return has_prefix(text, text_size) && text_size - 2 == 2 * size
           && hex_decode(out, size, text + 2);
}

bool hex_decode_append(struct buffer *out, const char *text, size_t text_size)
{
    if (!has_prefix(text, text_size) || text_size % 2 != 0)
        return false;
    size_t before = out->size;
    size_t size = (text_size - 2) / 2;
    if (hex_decode(buffer_extend(out, size), size, text + 2))
        return true;
    out->size = before;
    return false;
}

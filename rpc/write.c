#include "rpc/write.h"

#include "rpc/utf8.h"
#include "vm/base/hex.h"

void write_separator(struct buffer *out)
{
    if (out->size == 0)
        return;
    uint8_t last = out->data[out->size - 1];
    if (last != '{' && last != '[' && last != ':')
        buffer_append_u8(out, ',');
}

void write_key(struct buffer *out, const char *key)
{
    size_t size = strlen(key);
    write_separator(out);
    uint8_t *at = buffer_extend(out, size + 3);
    at[0] = '"';
    memcpy(at + 1, key, size);
    at[size + 1] = '"';
    at[size + 2] = ':';
}

void write_quantity(struct buffer *out, uint64_t value)
{
    char digits[20] = "\"0x";
    unsigned nibbles = value == 0 ? 1 : (67u - (unsigned)__builtin_clzll(value)) / 4;
    for (unsigned index = 0; index < nibbles; index++)
        digits[3 + index] = "0123456789abcdef"[value >> 4 * (nibbles - 1 - index) & 15];
    digits[3 + nibbles] = '"';
    buffer_append(out, digits, nibbles + 4);
}

void write_u256(struct buffer *out, const u256 *value)
{
    char text[U256_HEX_SIZE];
    u256_format_quantity(text, value);
    buffer_append_u8(out, '"');
    buffer_append_text(out, text);
    buffer_append_u8(out, '"');
}

void write_decimal(struct buffer *out, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    buffer_append(out, digits + at, sizeof digits - at);
}

void write_data(struct buffer *out, struct bytes bytes)
{
    uint8_t *at = buffer_extend(out, 2 * bytes.size + 4);
    memcpy(at, "\"0x", 3);
    hex_encode((char *)at + 3, bytes.data, bytes.size);
    at[2 * bytes.size + 3] = '"';
}

void write_hash(struct buffer *out, const hash256 *hash)
{
    write_data(out, bytes_of(hash->bytes, sizeof hash->bytes));
}

void write_address(struct buffer *out, const address *account)
{
    write_data(out, bytes_of(account->bytes, sizeof account->bytes));
}

void write_bool(struct buffer *out, bool value)
{
    write_raw(out, value ? "true" : "false");
}

/* `<`, `>` and `&` too, so that an answer shown inside a page stays text. */
static bool needs_code(uint8_t byte)
{
    return byte < 0x20 || byte == '<' || byte == '>' || byte == '&';
}

void write_string(struct buffer *out, struct bytes text)
{
    buffer_append_u8(out, '"');
    for (size_t at = 0; at < text.size;) {
        size_t size = utf8_size(text.data + at, text.size - at);
        if (size == 0)
            write_raw(out, "\\ufffd");
        else if (text.data[at] == '"' || text.data[at] == '\\')
            buffer_append(out, text.data[at] == '"' ? "\\\"" : "\\\\", 2);
        else if (needs_code(text.data[at]))
            buffer_append_format(out, "\\u%04x", text.data[at]);
        else
            buffer_append(out, text.data + at, size);
        at += size > 0 ? size : 1;
    }
    buffer_append_u8(out, '"');
}

void write_text(struct buffer *out, const char *text)
{
    write_string(out, bytes_of_text(text));
}

void write_key_quantity(struct buffer *out, const char *key, uint64_t value)
{
    write_key(out, key);
    write_quantity(out, value);
}

void write_key_u256(struct buffer *out, const char *key, const u256 *value)
{
    write_key(out, key);
    write_u256(out, value);
}

void write_key_decimal(struct buffer *out, const char *key, uint64_t value)
{
    write_key(out, key);
    write_decimal(out, value);
}

void write_key_data(struct buffer *out, const char *key, struct bytes bytes)
{
    write_key(out, key);
    write_data(out, bytes);
}

void write_key_hash(struct buffer *out, const char *key, const hash256 *hash)
{
    write_key(out, key);
    write_hash(out, hash);
}

void write_key_address(struct buffer *out, const char *key, const address *account)
{
    write_key(out, key);
    write_address(out, account);
}

void write_key_bool(struct buffer *out, const char *key, bool value)
{
    write_key(out, key);
    write_bool(out, value);
}

void write_key_text(struct buffer *out, const char *key, const char *text)
{
    write_key(out, key);
    write_text(out, text);
}

void write_key_raw(struct buffer *out, const char *key, const char *json)
{
    write_key(out, key);
    write_raw(out, json);
}

#include "ledger/levm/json_output.h"

#include "vm/base/hex.h"

void output_text(json_t *object, const char *name, const char *text)
{
    json_object_set_new(object, name, json_string(text));
}

void output_bytes(json_t *object, const char *name, struct bytes bytes)
{
    struct buffer text = {0};
    hex_append(&text, bytes);
    json_object_set_new(object, name, json_stringn((const char *)text.data, text.size));
    buffer_cleanup(&text);
}

void output_hash(json_t *object, const char *name, const hash256 *hash)
{
    output_bytes(object, name, bytes_of(hash->bytes, sizeof hash->bytes));
}

void output_address(json_t *object, const char *name, const address *account)
{
    output_bytes(object, name, bytes_of(account->bytes, sizeof account->bytes));
}

void output_u64(json_t *object, const char *name, uint64_t value)
{
    u256 wide = u256_from_u64(value);
    output_u256(object, name, &wide);
}

void output_u256(json_t *object, const char *name, const u256 *value)
{
    char text[U256_HEX_SIZE];
    u256_format_quantity(text, value);
    output_text(object, name, text);
}

void output_format(char *out, const uint8_t *bytes, size_t size)
{
    memcpy(out, "0x", 2);
    hex_encode(out + 2, bytes, size);
    out[2 + 2 * size] = '\0';
}

bool output_print(const json_t *value, FILE *file)
{
    return json_dumpf(value, file, JSON_INDENT(2)) == 0 && fputc('\n', file) != EOF
           && fflush(file) == 0;
}

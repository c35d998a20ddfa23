#include "ledger/levm/json.h"

#include <malloc.h>
#include <stdlib.h>

#include "ledger/levm/files.h"
#include "vm/base/hex.h"

/* What jansson takes while it parses, so that a small text of small values cannot take all memory.
 * Only then: what is built for output is ours. The tool has one thread. */
static struct {
    bool is_counting;
    bool is_exceeded;
    size_t size;
} parsing;

static void *take_memory(size_t size)
{
    if (parsing.is_counting && size > INPUT_MEMORY_MAX - parsing.size) {
        parsing.is_exceeded = true;
        return NULL;
    }
    void *memory = malloc(size);
    if (parsing.is_counting && memory != NULL)
        parsing.size += malloc_usable_size(memory);
    return memory;
}

static void give_memory(void *memory)
{
    if (parsing.is_counting && memory != NULL) {
        size_t size = malloc_usable_size(memory);
        parsing.size -= size < parsing.size ? size : parsing.size;
    }
    free(memory);
}

json_t *input_parse(struct bytes text, const char *what, struct error *error)
{
    json_error_t reason;
    const char *start = text.size == 0 ? "" : (const char *)text.data;
    json_set_alloc_funcs(take_memory, give_memory);
    parsing.is_counting = true;
    parsing.is_exceeded = false;
    parsing.size = 0;
    json_t *document = json_loadb(
        start, text.size, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &reason);
    parsing.is_counting = false;
    if (parsing.is_exceeded) { /* jansson does not notice everywhere */
        json_decref(document);
        document = NULL;
        error_set(error, ERROR_INVALID, "%s: takes more than %u MiB of memory to read", what,
                  INPUT_MEMORY_MAX >> 20);
    } else if (document == NULL) {
        error_set(error, ERROR_INVALID, "%s: not JSON: line %d: %s", what, reason.line,
                  reason.text);
    }
    return document;
}

json_t *input_read(const char *path, struct error *error)
{
    struct buffer text = {0};
    json_t *document = NULL;
    if (files_load(path, &text, error))
        document = input_parse(buffer_view(&text), path, error);
    buffer_cleanup(&text);
    return document;
}

static bool wrong(struct error *error, const char *what, const char *expected)
{
    return error_set(error, ERROR_INVALID, "'%s' is not %s", what, expected);
}

static const json_t *member(const json_t *object, const char *name, struct error *error)
{
    const json_t *value = json_object_get(object, name);
    if (value == NULL)
        error_set(error, ERROR_INVALID, "'%s' is missing", name);
    return value;
}

bool input_object(const json_t *object, const char *name, json_t **out, struct error *error)
{
    *out = (json_t *)member(object, name, error);
    if (*out == NULL)
        return false;
    return json_is_object(*out) || wrong(error, name, "an object");
}

bool input_array(const json_t *object, const char *name, json_t **out, struct error *error)
{
    *out = (json_t *)member(object, name, error);
    if (*out == NULL)
        return false;
    return json_is_array(*out) || wrong(error, name, "an array");
}

bool text_u256(const char *text, const char *what, u256 *out, struct error *error)
{
    size_t size = strlen(text);
    if (strcmp(text, "0x") == 0) {
        *out = U256_ZERO;
        return true;
    }
    if (strncmp(text, "0x", 2) == 0 && size > 2 + 64) { /* zeros in front do not count */
        size_t zeros = strspn(text + 2, "0");
        size_t needless = size - (2 + 64);
        char shortened[2 + 64 + 1] = "0x";
        memcpy(shortened + 2, text + 2 + needless, 64);
        return (zeros >= needless && u256_parse_hex(out, shortened, 2 + 64))
               || wrong(error, what, "a number of at most 256 bits");
    }
    return u256_parse_hex(out, text, size) || u256_parse_decimal(out, text, size)
           || wrong(error, what, "a number of at most 256 bits");
}

static bool is_space(uint8_t c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Without space around it and without 0x. */
static struct bytes trim_hex(struct bytes text)
{
    while (text.size > 0 && is_space(text.data[0]))
        text = bytes_of(text.data + 1, text.size - 1);
    while (text.size > 0 && is_space(text.data[text.size - 1]))
        text.size--;
    if (text.size >= 2 && text.data[0] == '0' && (text.data[1] | 0x20) == 'x')
        text = bytes_of(text.data + 2, text.size - 2);
    return text;
}

bool text_bytes(struct bytes text, const char *what, struct buffer *out, struct error *error)
{
    struct bytes digits = trim_hex(text);
    size_t before = out->size;
    uint8_t *room = buffer_extend(out, digits.size / 2);
    if (digits.size % 2 == 0 && hex_decode(room, digits.size / 2, (const char *)digits.data))
        return true;
    out->size = before;
    return wrong(error, what, "an even number of hex digits");
}

bool text_address(const char *text, const char *what, address *out, struct error *error)
{
    uint8_t padded[2 * sizeof out->bytes];
    struct bytes digits = trim_hex(bytes_of_text(text));
    if (digits.size == 0 || digits.size > sizeof padded)
        return wrong(error, what, "an address of up to 40 hex digits");
    memset(padded, '0', sizeof padded);
    memcpy(padded + sizeof padded - digits.size, digits.data, digits.size);
    return hex_decode(out->bytes, sizeof out->bytes, (const char *)padded)
           || wrong(error, what, "an address of up to 40 hex digits");
}

bool text_u64(const char *text, const char *what, uint64_t *out, struct error *error)
{
    u256 wide = U256_ZERO;
    if (!text_u256(text, what, &wide, error))
        return false;
    *out = wide.limbs[0];
    return u256_fits_u64(&wide) || wrong(error, what, "a number of at most 64 bits");
}

bool value_u256(const json_t *value, const char *what, u256 *out, struct error *error)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0) {
        *out = u256_from_u64((uint64_t)json_integer_value(value));
        return true;
    }
    if (!json_is_string(value))
        return wrong(error, what, "a number of at most 256 bits");
    return text_u256(json_string_value(value), what, out, error);
}

bool value_u64(const json_t *value, const char *what, uint64_t *out, struct error *error)
{
    u256 wide = U256_ZERO;
    if (!value_u256(value, what, &wide, error))
        return false;
    *out = wide.limbs[0];
    return u256_fits_u64(&wide) || wrong(error, what, "a number of at most 64 bits");
}

bool input_u256(const json_t *object, const char *name, u256 *out, struct error *error)
{
    const json_t *value = member(object, name, error);
    return value != NULL && value_u256(value, name, out, error);
}

bool input_u64(const json_t *object, const char *name, uint64_t *out, struct error *error)
{
    const json_t *value = member(object, name, error);
    return value != NULL && value_u64(value, name, out, error);
}

bool text_fixed(const char *text, const char *what, void *out, size_t size, struct error *error)
{
    if (hex_decode_fixed(out, size, text, strlen(text)))
        return true;
    return error_set(error, ERROR_INVALID, "'%s' is not 0x and %zu hex digits", what, 2 * size);
}

static bool input_fixed(const json_t *object, const char *name, void *out, size_t size,
                        struct error *error)
{
    const json_t *value = member(object, name, error);
    if (value == NULL)
        return false;
    if (!json_is_string(value))
        return wrong(error, name, "a string");
    return text_fixed(json_string_value(value), name, out, size, error);
}

bool input_address(const json_t *object, const char *name, address *out, struct error *error)
{
    return input_fixed(object, name, out->bytes, sizeof out->bytes, error);
}

bool input_hash(const json_t *object, const char *name, hash256 *out, struct error *error)
{
    return input_fixed(object, name, out->bytes, sizeof out->bytes, error);
}

bool value_bytes(const json_t *value, const char *what, struct arena *arena, struct bytes *out,
                 struct error *error)
{
    struct buffer decoded = {0};
    *out = bytes_of(NULL, 0);
    if (!json_is_string(value))
        return wrong(error, what, "a string of hex digits");
    const char *text = json_string_value(value);
    size_t size = json_string_length(value);
    bool ok = size == 0 || hex_decode_append(&decoded, text, size);
    if (ok)
        *out = arena_copy(arena, buffer_view(&decoded));
    buffer_cleanup(&decoded);
    return ok || wrong(error, what, "0x and an even number of hex digits");
}

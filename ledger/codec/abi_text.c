#include "ledger/codec/abi_text.h"

#include "ledger/codec/address_text.h"
#include "vm/base/hex.h"

#include <ctype.h>

#define WORD_SIZE 32

/* Reading what people type. */

struct reader {
    const struct abi_reading *reading;
    const char *next;
    struct error *error;
};

static bool expected(struct reader *in, const struct abi_type *type, const char *text,
                     const char *hint)
{
    struct buffer name = {0};
    abi_type_format(type, &name);
    error_set(in->error, ERROR_INVALID, "\"%.80s\" is no %.*s; expected %s", text, (int)name.size,
              (const char *)name.data, hint);
    buffer_cleanup(&name);
    return false;
}

static bool read_uint(struct reader *in, const struct abi_type *type, const char *text, u256 *word)
{
    size_t size = strlen(text);
    bool is_hex = text[0] == '0' && text[1] == 'x';
    if (!(is_hex ? u256_parse_hex(word, text, size) : u256_parse_decimal(word, text, size)))
        return expected(in, type, text, "digits, or 0x and hex digits");
    if (u256_bit_length(word) > type->size)
        return expected(in, type, text, "a number that fits");
    return true;
}

/* Magnitudes of up to 2^(bits - 1) - 1, one more if negative. */
static bool read_int(struct reader *in, const struct abi_type *type, const char *text, u256 *word)
{
    bool is_negative = *text == '-';
    struct abi_type wide = {.kind = ABI_UINT, .size = 256, .head_size = WORD_SIZE};
    if (!read_uint(in, &wide, text + is_negative, word))
        return expected(in, type, text, "digits, with - in front if negative");
    u256 one = U256_ONE;
    u256 bits = u256_from_u64(type->size - 1);
    u256 limit = u256_shl(&one, &bits);
    if (u256_less(&limit, word) || (!is_negative && u256_equal(&limit, word)))
        return expected(in, type, text, "a number that fits");
    u256 zero = U256_ZERO;
    if (is_negative)
        *word = u256_sub(&zero, word);
    return true;
}

static bool read_address(struct reader *in, const struct abi_type *type, const char *text,
                         u256 *word)
{
    address account;
    if (in->reading->resolve != NULL) {
        if (!in->reading->resolve(in->reading->context, text, &account, in->error))
            return false;
    } else if (address_parse(&account, text) != ADDRESS_OK) {
        return expected(in, type, text, "0x and 40 hex digits with a right checksum");
    }
    *word = u256_from_address(&account);
    return true;
}

static bool read_bytes(struct reader *in, const struct abi_type *type, const char *text,
                       struct abi_value *value)
{
    struct buffer bytes = {0};
    bool ok = hex_decode_append(&bytes, text, strlen(text));
    if (!ok) {
        expected(in, type, text, "0x and an even count of hex digits");
    } else if (type->kind == ABI_BYTES) {
        value->bytes = arena_copy(in->reading->arena, buffer_view(&bytes));
    } else if (bytes.size != type->size) {
        ok = expected(in, type, text, "that many bytes");
    } else {
        uint8_t word[WORD_SIZE] = {0};
        memcpy(word, bytes.data, bytes.size);
        value->word = u256_load_be(word, sizeof word);
    }
    buffer_cleanup(&bytes);
    return ok;
}

static bool read_leaf(struct reader *in, const struct abi_type *type, const char *text,
                      struct abi_value *value)
{
    switch (type->kind) {
    case ABI_UINT: return read_uint(in, type, text, &value->word);
    case ABI_INT: return read_int(in, type, text, &value->word);
    case ABI_ADDRESS: return read_address(in, type, text, &value->word);
    case ABI_BOOL:
        value->word = u256_from_u64(strcmp(text, "true") == 0);
        return strcmp(text, "true") == 0 || strcmp(text, "false") == 0
               || expected(in, type, text, "true or false");
    case ABI_FIXED_BYTES:
    case ABI_BYTES: return read_bytes(in, type, text, value);
    case ABI_STRING:
        value->bytes = arena_copy(in->reading->arena, bytes_of_text(text));
        return true;
    case ABI_ARRAY:
    case ABI_TUPLE: break;
    }
    return expected(in, type, text, "a list");
}

static void skip_spaces(struct reader *in)
{
    while (isspace((unsigned char)*in->next))
        in->next++;
}

/* A leaf inside a list: a JSON text in quotes, or everything up to , ) or ]. */
static bool read_token(struct reader *in, const char **text)
{
    const char *start = in->next;
    if (*start != '"') {
        in->next += strcspn(start, ",)]");
        size_t size = (size_t)(in->next - start);
        while (size > 0 && isspace((unsigned char)start[size - 1]))
            size--;
        *text = arena_text(in->reading->arena, bytes_of(start, size));
        return true;
    }
    in->next++;
    while (*in->next != '\0' && *in->next != '"')
        in->next += in->next[0] == '\\' && in->next[1] != '\0' ? 2 : 1;
    if (*in->next == '"')
        in->next++;
    json_t *parsed = json_loadb(start, (size_t)(in->next - start),
                                JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    bool ok = json_is_string(parsed);
    if (ok)
        *text = arena_text(in->reading->arena,
                           bytes_of(json_string_value(parsed), json_string_length(parsed)));
    else
        error_set(in->error, ERROR_INVALID, "a quoted text is not closed or not JSON: %.60s",
                  start);
    json_decref(parsed);
    return ok;
}

static bool read_nested(struct reader *in, const struct abi_type *type, struct abi_value *value);

static bool read_list(struct reader *in, const struct abi_type *type, struct abi_value *value)
{
    const char *start = in->next;
    bool is_array = type->kind == ABI_ARRAY;
    size_t capacity = 0;
    size_t fixed = is_array ? type->length : type->fields_count;
    bool is_bracket = *in->next == '[';
    if (!is_bracket && (is_array || *in->next != '('))
        return expected(in, type, in->next, is_array ? "a list like [1,2]" : "a list like (1,2)");
    in->next++;
    skip_spaces(in);
    while (*in->next != (is_bracket ? ']' : ')')) {
        if (value->items_count == ABI_VALUES_MAX
            || (!(is_array && type->is_unsized) && value->items_count == fixed))
            return expected(in, type, start, "fewer values");
        if (value->items_count == capacity) {
            struct abi_value *old = value->items;
            capacity = capacity * 2 + 8;
            value->items = arena_array(in->reading->arena, capacity, sizeof *old);
            if (value->items_count > 0)
                memcpy(value->items, old, value->items_count * sizeof *old);
        }
        const struct abi_type *item =
            is_array ? type->element : &type->fields[value->items_count].type;
        if (!read_nested(in, item, &value->items[value->items_count++]))
            return false;
        if (*in->next == ',')
            in->next++;
        else if (*in->next != (is_bracket ? ']' : ')'))
            return expected(in, type, start,
                            is_bracket ? ", or ] behind a value" : ", or ) behind a value");
    }
    in->next++;
    if (!(is_array && type->is_unsized) && value->items_count != fixed)
        return expected(in, type, start, "more values");
    return true;
}

static bool read_nested(struct reader *in, const struct abi_type *type, struct abi_value *value)
{
    const char *text = NULL;
    bool is_list = type->kind == ABI_ARRAY || type->kind == ABI_TUPLE;
    skip_spaces(in);
    bool ok = is_list ? read_list(in, type, value)
                      : read_token(in, &text) && read_leaf(in, type, text, value);
    skip_spaces(in);
    return ok;
}

bool abi_value_parse(const struct abi_type *type, const char *text,
                     const struct abi_reading *reading, struct abi_value *value,
                     struct error *error)
{
    struct reader in = {reading, text, error};
    *value = (struct abi_value){0};
    if (type->kind != ABI_ARRAY && type->kind != ABI_TUPLE)
        return read_leaf(&in, type, text, value);
    return read_nested(&in, type, value)
           && (*in.next == '\0' || expected(&in, type, text, "nothing behind the list"));
}

bool abi_values_parse(const struct abi_param *params, size_t params_count, const char *const *texts,
                      size_t texts_count, const struct abi_reading *reading,
                      struct abi_value *values, struct error *error)
{
    if (texts_count != params_count)
        return error_set(error, ERROR_INVALID, "%zu argument%s given, expected %zu", texts_count,
                         texts_count == 1 ? "" : "s", params_count);
    for (size_t i = 0; i < params_count; i++)
        if (!abi_value_parse(&params[i].type, texts[i], reading, &values[i], error))
            return error_prefix(error, "argument %zu%s%s", i + 1, *params[i].name ? " " : "",
                                params[i].name);
    return true;
}

/* Showing. */

static void format_word(const struct abi_type *type, const u256 *word, struct buffer *out)
{
    char digits[U256_DECIMAL_SIZE];
    char text[ADDRESS_TEXT_SIZE];
    uint8_t bytes[WORD_SIZE];
    u256 zero = U256_ZERO;
    address account;
    switch (type->kind) {
    case ABI_ADDRESS:
        account = u256_to_address(word);
        address_format(text, &account);
        buffer_append_text(out, text);
        break;
    case ABI_BOOL: buffer_append_text(out, u256_is_zero(word) ? "false" : "true"); break;
    case ABI_FIXED_BYTES:
        u256_store_be(bytes, word);
        hex_append(out, bytes_of(bytes, type->size));
        break;
    default: {
        u256 magnitude = *word;
        if (type->kind == ABI_INT && u256_signed_less(word, &zero)) {
            buffer_append_u8(out, '-');
            magnitude = u256_sub(&zero, word);
        }
        u256_format_decimal(digits, &magnitude);
        buffer_append_text(out, digits);
        break;
    }
    }
}

static const struct abi_type *item_type(const struct abi_type *type, size_t i)
{
    return type->kind == ABI_ARRAY ? type->element : &type->fields[i].type;
}

static bool has_names(const struct abi_type *type)
{
    for (size_t i = 0; i < type->fields_count; i++) {
        if (*type->fields[i].name == '\0')
            return false;
        for (size_t j = 0; j < i; j++)
            if (strcmp(type->fields[i].name, type->fields[j].name) == 0)
                return false;
    }
    return type->fields_count > 0;
}

static json_t *text_json(struct bytes text)
{
    return json_stringn(text.size == 0 ? "" : (const char *)text.data, text.size);
}

static json_t *hex_json(struct bytes bytes)
{
    struct buffer hex = {0};
    hex_append(&hex, bytes);
    json_t *json = text_json(buffer_view(&hex));
    buffer_cleanup(&hex);
    return json;
}

static json_t *list_json(const struct abi_type *type, const struct abi_value *value)
{
    bool is_object = type->kind == ABI_TUPLE && has_names(type);
    json_t *list = is_object ? json_object() : json_array();
    for (size_t i = 0; i < value->items_count; i++) {
        json_t *item = abi_value_json(item_type(type, i), &value->items[i]);
        if (is_object)
            json_object_set_new(list, type->fields[i].name, item);
        else
            json_array_append_new(list, item);
    }
    return list;
}

json_t *abi_value_json(const struct abi_type *type, const struct abi_value *value)
{
    struct buffer text = {0};
    json_t *json;
    switch (type->kind) {
    case ABI_ARRAY:
    case ABI_TUPLE: return list_json(type, value);
    case ABI_BYTES: return hex_json(value->bytes);
    case ABI_STRING:
        json = text_json(value->bytes);
        return json != NULL ? json : hex_json(value->bytes); /* not UTF-8 */
    case ABI_BOOL: return json_boolean(!u256_is_zero(&value->word));
    case ABI_UINT:
    case ABI_INT:
    case ABI_ADDRESS:
    case ABI_FIXED_BYTES: break;
    }
    format_word(type, &value->word, &text);
    json = text_json(buffer_view(&text));
    buffer_cleanup(&text);
    return json;
}

/* Whether the `size` bytes at `text` are one well-formed character beyond ASCII. */
static bool is_wide_character(const uint8_t *text, size_t size)
{
    json_t *probe = json_stringn((const char *)text, size);
    bool is_control = text[0] == 0xc2 && text[1] < 0xa0; /* C1 */
    bool turns_text = size == 3 && text[0] == 0xe2       /* U+202A..202E, U+2066..2069 */
                      && ((text[1] == 0x80 && text[2] >= 0xaa && text[2] <= 0xae)
                          || (text[1] == 0x81 && text[2] >= 0xa6 && text[2] <= 0xa9));
    bool is_good = probe != NULL && !is_control && !turns_text;
    json_decref(probe);
    return is_good;
}

static size_t character_size(uint8_t lead)
{
    return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 1;
}

void text_format_safe(struct bytes text, struct buffer *out)
{
    for (size_t i = 0; i < text.size;) {
        size_t size = character_size(text.data[i]);
        bool is_good = size == 1 ? text.data[i] >= 0x20 && text.data[i] < 0x7f
                                 : size <= text.size - i && is_wide_character(text.data + i, size);
        if (is_good) {
            buffer_append(out, text.data + i, size);
            i += size;
        } else {
            buffer_append_format(out, "\\x%02x", text.data[i++]);
        }
    }
}

static void format_nested(const struct abi_type *type, const struct abi_value *value,
                          struct buffer *out)
{
    if (type->kind == ABI_STRING)
        buffer_append_u8(out, '"');
    abi_value_format(type, value, out);
    if (type->kind == ABI_STRING)
        buffer_append_u8(out, '"');
}

void abi_value_format(const struct abi_type *type, const struct abi_value *value,
                      struct buffer *out)
{
    switch (type->kind) {
    case ABI_ARRAY:
    case ABI_TUPLE:
        buffer_append_u8(out, type->kind == ABI_ARRAY ? '[' : '(');
        for (size_t i = 0; i < value->items_count; i++) {
            if (i > 0)
                buffer_append_text(out, ", ");
            if (type->kind == ABI_TUPLE && *type->fields[i].name != '\0') {
                text_format_safe(bytes_of_text(type->fields[i].name), out);
                buffer_append_text(out, ": ");
            }
            format_nested(item_type(type, i), &value->items[i], out);
        }
        buffer_append_u8(out, type->kind == ABI_ARRAY ? ']' : ')');
        break;
    case ABI_BYTES: hex_append(out, value->bytes); break;
    case ABI_STRING: text_format_safe(value->bytes, out); break;
    default: format_word(type, &value->word, out); break;
    }
}

void abi_values_format(const char *name, const struct abi_param *params,
                       const struct abi_value *values, const bool *is_hash, size_t count,
                       struct buffer *out)
{
    static const struct abi_type hash_type = {.kind = ABI_FIXED_BYTES, .size = WORD_SIZE};
    text_format_safe(bytes_of_text(name), out);
    buffer_append_u8(out, '(');
    for (size_t i = 0; i < count; i++) {
        bool is_hashed = is_hash != NULL && is_hash[i];
        if (i > 0)
            buffer_append_text(out, ", ");
        if (*params[i].name != '\0') {
            text_format_safe(bytes_of_text(params[i].name), out);
            buffer_append_text(out, ": ");
        }
        if (is_hashed)
            buffer_append_text(out, "hash ");
        format_nested(is_hashed ? &hash_type : &params[i].type, &values[i], out);
    }
    buffer_append_u8(out, ')');
}

/* Reverts. */

/* Solidity documentation, "Panic via assert and Error via require". */
static const char *panic_text(uint64_t code)
{
    switch (code) {
    case 0x00: return "panic of the compiler's own";
    case 0x01: return "an assertion failed";
    case 0x11: return "arithmetic overflow or underflow";
    case 0x12: return "division by zero";
    case 0x21: return "a value that is none of the enum";
    case 0x22: return "wrongly encoded storage bytes";
    case 0x31: return "pop of an empty array";
    case 0x32: return "array index out of bounds";
    case 0x41: return "too much memory asked for";
    case 0x51: return "call of a function variable that was never set";
    default: return "unknown panic";
    }
}

static bool format_known(const struct abi_entry *entry, struct bytes data, struct arena *arena,
                         struct buffer *out)
{
    struct error error;
    struct abi_value *values = arena_array(arena, entry->inputs_count, sizeof *values);
    if (!abi_decode(entry->inputs, entry->inputs_count, bytes_of(data.data + 4, data.size - 4),
                    values, arena, &error))
        return false;
    if (strcmp(entry->signature, "Error(string)") == 0)
        text_format_safe(values[0].bytes, out);
    else if (strcmp(entry->signature, "Panic(uint256)") == 0)
        buffer_append_format(
            out, "%s (panic 0x%02x)",
            panic_text(u256_fits_u64(&values[0].word) ? values[0].word.limbs[0] : UINT64_MAX),
            (unsigned)values[0].word.limbs[0]);
    else
        abi_values_format(entry->name, entry->inputs, values, NULL, entry->inputs_count, out);
    return true;
}

void abi_revert_format(const struct abi *abi, struct bytes data, struct buffer *out)
{
    static const char *const standard[] = {"error Error(string reason)",
                                           "error Panic(uint256 code)"};
    struct arena arena = {0};
    bool is_known = false;
    for (size_t i = 0; i < 2 && data.size >= 4 && !is_known; i++) {
        struct abi_entry entry;
        struct error error;
        is_known = abi_entry_parse(&entry, standard[i], &arena, &error)
                   && memcmp(entry.hash.bytes, data.data, 4) == 0
                   && format_known(&entry, data, &arena, out);
    }
    if (!is_known && abi != NULL && data.size >= 4) {
        const struct abi_entry *entry = abi_find_error(abi, data.data);
        is_known = entry != NULL && format_known(entry, data, &arena, out);
    }
    if (!is_known && data.size == 0)
        buffer_append_text(out, "no reason given");
    else if (!is_known)
        hex_append(out, data);
    arena_cleanup(&arena);
}

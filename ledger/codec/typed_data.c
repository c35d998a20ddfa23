#include "ledger/codec/typed_data.h"

#include "ledger/codec/abi.h"
#include "ledger/codec/abi_text.h"
#include "vm/crypto/keccak.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#define DOMAIN       "EIP712Domain"
#define NAME_MAX_712 128

struct field {
    const char *name;
    const char *type; /* as written: "uint256", "Person[2][]" */
};

struct structure {
    const char *name;
    struct field *fields;
    size_t count;
    bool has_hash;
    hash256 hash; /* of encodeType, once it was asked for */
};

/* One document being read. */
struct reading {
    struct structure types[TYPED_TYPES_MAX];
    size_t types_count;
    size_t values; /* read so far */
    struct arena *arena;
    struct buffer lines;
    struct error *error;
};

hash256 personal_message_digest(struct bytes message)
{
    struct buffer text = {0};
    buffer_append_format(&text,
                         "\x19"
                         "Ethereum Signed Message:\n%zu",
                         message.size);
    buffer_append_bytes(&text, message);
    hash256 digest = keccak256(text.data, text.size);
    buffer_cleanup(&text);
    return digest;
}

/* ---- Types ------------------------------------------------------------------------------ */

static bool is_name(const char *text)
{
    size_t size = text == NULL ? 0 : strlen(text);
    if (size == 0 || size > NAME_MAX_712 || isdigit((unsigned char)text[0]))
        return false;
    for (size_t i = 0; i < size; i++)
        if (!isalnum((unsigned char)text[i]) && strchr("_$", text[i]) == NULL)
            return false;
    return true;
}

static bool read_field(struct reading *in, const char *owner, const json_t *json,
                       struct field *field)
{
    const char *name = json_string_value(json_object_get(json, "name"));
    const char *type = json_string_value(json_object_get(json, "type"));
    if (!is_name(name) || type == NULL || strlen(type) > NAME_MAX_712)
        return error_set(in->error, ERROR_INVALID,
                         "type %.40s: expected fields like {\"name\": \"to\", \"type\": "
                         "\"address\"}",
                         owner);
    field->name = arena_text(in->arena, bytes_of_text(name));
    field->type = arena_text(in->arena, bytes_of_text(type));
    return true;
}

static bool read_type(struct reading *in, const char *name, const json_t *fields)
{
    struct structure *type = &in->types[in->types_count];
    size_t count = json_array_size(fields);
    if (in->types_count == TYPED_TYPES_MAX)
        return error_set(in->error, ERROR_INVALID, "more than %d types", TYPED_TYPES_MAX);
    if (!is_name(name) || !json_is_array(fields) || count > TYPED_FIELDS_MAX)
        return error_set(in->error, ERROR_INVALID,
                         "type \"%.40s\": expected a name and a list of at most %d fields", name,
                         TYPED_FIELDS_MAX);
    struct abi_type plain;
    struct error ignored;
    if (abi_type_parse(&plain, name, in->arena, &ignored))
        return error_set(in->error, ERROR_INVALID, "a type may not be called %s", name);
    *type = (struct structure){.name = arena_text(in->arena, bytes_of_text(name)), .count = count};
    type->fields = arena_array(in->arena, count, sizeof *type->fields);
    for (size_t i = 0; i < count; i++) {
        if (!read_field(in, name, json_array_get(fields, i), &type->fields[i]))
            return false;
        for (size_t j = 0; j < i; j++)
            if (strcmp(type->fields[i].name, type->fields[j].name) == 0)
                return error_set(in->error, ERROR_INVALID, "type %s has two fields %s", type->name,
                                 type->fields[i].name);
    }
    in->types_count++;
    return true;
}

static const struct structure *find_type(const struct reading *in, const char *name, size_t size)
{
    for (size_t i = 0; i < in->types_count; i++)
        if (strlen(in->types[i].name) == size && memcmp(in->types[i].name, name, size) == 0)
            return &in->types[i];
    return NULL;
}

/* A document may leave the domain's type out: then it is the domain's fields in the order of the
 * standard. */
static bool imply_domain_type(struct reading *in, const json_t *domain)
{
    static const struct field known[] = {
        {"name", "string"},     {"version", "string"},
        {"chainId", "uint256"}, {"verifyingContract", "address"},
        {"salt", "bytes32"},
    };
    if (find_type(in, DOMAIN, strlen(DOMAIN)) != NULL)
        return true;
    json_t *fields = json_array();
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (json_object_get(domain, known[i].name) != NULL)
            json_array_append_new(
                fields, json_pack("{s:s, s:s}", "name", known[i].name, "type", known[i].type));
    bool ok = read_type(in, DOMAIN, fields);
    json_decref(fields);
    return ok;
}

/* ---- encodeType: the type itself, then all it refers to by name ---------------------------- */

static const struct structure *struct_of(const struct reading *in, const char *type)
{
    return find_type(in, type, strcspn(type, "["));
}

static void collect(const struct reading *in, const struct structure *type,
                    const struct structure **found, size_t *count)
{
    for (size_t i = 0; i < *count; i++)
        if (found[i] == type)
            return;
    found[(*count)++] = type;
    for (size_t i = 0; i < type->count; i++) {
        const struct structure *inner = struct_of(in, type->fields[i].type);
        if (inner != NULL)
            collect(in, inner, found, count);
    }
}

static int compare_types(const void *a, const void *b)
{
    const struct structure *const *first = a;
    const struct structure *const *second = b;
    return strcmp((*first)->name, (*second)->name);
}

static hash256 type_hash(struct reading *in, const struct structure *type)
{
    const struct structure *found[TYPED_TYPES_MAX];
    struct buffer text = {0};
    size_t count = 0;
    struct structure *kept = &in->types[type - in->types];
    if (kept->has_hash)
        return kept->hash;
    collect(in, type, found, &count);
    qsort(found + 1, count - 1, sizeof *found, compare_types);
    for (size_t i = 0; i < count; i++) {
        buffer_append_format(&text, "%s(", found[i]->name);
        for (size_t j = 0; j < found[i]->count; j++)
            buffer_append_format(&text, "%s%s %s", j > 0 ? "," : "", found[i]->fields[j].type,
                                 found[i]->fields[j].name);
        buffer_append_u8(&text, ')');
    }
    kept->hash = keccak256(text.data, text.size);
    kept->has_hash = true;
    buffer_cleanup(&text);
    return kept->hash;
}

/* ---- Values ------------------------------------------------------------------------------ */

static bool hash_struct(struct reading *in, const struct structure *type, const json_t *value,
                        unsigned depth, hash256 *hash);

static void say_name(struct reading *in, const char *name, unsigned depth)
{
    buffer_append_format(&in->lines, "%*s%s:", (int)(2 * depth), "", name);
}

/* The text that abi_value_parse() reads, of a number or boolean as JSON has it. */
static bool text_of(const json_t *value, char *out, size_t size, const char **text)
{
    *text = json_string_value(value);
    if (json_is_boolean(value))
        *text = json_is_true(value) ? "true" : "false";
    if (json_is_integer(value)) {
        snprintf(out, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        *text = out;
    }
    return *text != NULL;
}

/* A value without parts: its word, or the hash of its bytes. */
static bool encode_atom(struct reading *in, const struct field *field, const json_t *json,
                        uint8_t word[32])
{
    char number[32];
    const char *text;
    struct abi_param param = {.name = field->name};
    struct abi_value value = {0};
    struct abi_reading reading = {.arena = in->arena};
    struct buffer encoded = {0};
    if (!abi_type_parse(&param.type, field->type, in->arena, in->error))
        return error_prefix(in->error, "field %s", field->name);
    if (param.type.kind == ABI_ARRAY || param.type.kind == ABI_TUPLE)
        return error_set(in->error, ERROR_INVALID, "field %s: \"%s\" is no type", field->name,
                         field->type);
    bool is_text = param.type.kind == ABI_STRING;
    if (!text_of(json, number, sizeof number, &text) || (is_text && !json_is_string(json)))
        return error_set(in->error, ERROR_INVALID, "field %s: expected a value of type %s",
                         field->name, field->type);
    if (is_text)
        value.bytes = bytes_of(text, json_string_length(json));
    else if (!abi_value_parse(&param.type, text, &reading, &value, in->error))
        return error_prefix(in->error, "field %s", field->name);
    buffer_append_u8(&in->lines, ' ');
    abi_value_format(&param.type, &value, &in->lines);
    buffer_append_u8(&in->lines, '\n');
    if (is_text || param.type.kind == ABI_BYTES) {
        hash256 hash = keccak256(value.bytes.data, value.bytes.size);
        memcpy(word, hash.bytes, 32);
        return true;
    }
    abi_encode(&param, &value, 1, &encoded);
    memcpy(word, encoded.data, 32);
    buffer_cleanup(&encoded);
    return true;
}

static bool encode_value(struct reading *in, const struct field *field, const json_t *value,
                         unsigned depth, uint8_t word[32]);

/* "T[]" or "T[3]": the hash of its elements' words. */
static bool encode_array(struct reading *in, const struct field *field, const json_t *value,
                         unsigned depth, uint8_t word[32])
{
    struct buffer words = {0};
    const char *open = strrchr(field->type, '[');
    size_t count = json_array_size(value);
    struct field element = {.name = field->name};
    char *end;
    element.type = arena_text(in->arena, bytes_of(field->type, (size_t)(open - field->type)));
    bool is_sized = open[1] != ']';
    unsigned long wanted = is_sized ? strtoul(open + 1, &end, 10) : 0;
    if (is_sized && (!isdigit((unsigned char)open[1]) || strcmp(end, "]") != 0))
        return error_set(in->error, ERROR_INVALID, "field %s: \"%s\" is no type", field->name,
                         field->type);
    if (!json_is_array(value) || (is_sized && wanted != count))
        return error_set(in->error, ERROR_INVALID, "field %s: expected a list of type %s",
                         field->name, field->type);
    buffer_append_text(&in->lines, count == 0 ? " empty list\n" : "\n");
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++) {
        uint8_t one[32];
        say_name(in, arena_format(in->arena, "%zu", i + 1), depth + 1);
        ok = encode_value(in, &element, json_array_get(value, i), depth + 1, one);
        if (ok)
            buffer_append(&words, one, sizeof one);
    }
    hash256 hash = keccak256(words.data, words.size);
    memcpy(word, hash.bytes, 32);
    buffer_cleanup(&words);
    return ok;
}

static bool encode_value(struct reading *in, const struct field *field, const json_t *value,
                         unsigned depth, uint8_t word[32])
{
    size_t size = strlen(field->type);
    hash256 hash;
    if (depth > TYPED_DEPTH_MAX)
        return error_set(in->error, ERROR_INVALID, "field %s lies more than %d levels deep",
                         field->name, TYPED_DEPTH_MAX);
    if (++in->values > TYPED_VALUES_MAX)
        return error_set(in->error, ERROR_INVALID, "the message has more than %d values",
                         TYPED_VALUES_MAX);
    if (size > 0 && field->type[size - 1] == ']' && strchr(field->type, '[') != NULL)
        return encode_array(in, field, value, depth, word);
    const struct structure *type = find_type(in, field->type, size);
    if (type == NULL)
        return encode_atom(in, field, value, word);
    buffer_append_u8(&in->lines, '\n');
    if (!hash_struct(in, type, value, depth, &hash))
        return error_prefix(in->error, "%s", field->name);
    memcpy(word, hash.bytes, 32);
    return true;
}

/* What stands in the message and in no type would be read by nobody and signed by nobody. */
static bool refuse_undeclared(struct reading *in, const struct structure *type, const json_t *value)
{
    const char *key;
    json_t *ignored;
    json_object_foreach((json_t *)value, key, ignored)
    {
        bool is_known = false;
        for (size_t i = 0; i < type->count && !is_known; i++)
            is_known = strcmp(type->fields[i].name, key) == 0;
        if (!is_known)
            return error_set(in->error, ERROR_INVALID, "type %s has no field \"%.60s\"", type->name,
                             key);
    }
    return true;
}

static bool hash_struct(struct reading *in, const struct structure *type, const json_t *value,
                        unsigned depth, hash256 *hash)
{
    struct buffer words = {0};
    hash256 own = type_hash(in, type);
    if (!json_is_object(value))
        return error_set(in->error, ERROR_INVALID, "expected an object of type %s", type->name);
    if (!refuse_undeclared(in, type, value))
        return false;
    buffer_append(&words, own.bytes, sizeof own.bytes);
    bool ok = true;
    for (size_t i = 0; i < type->count && ok; i++) {
        const struct field *field = &type->fields[i];
        const json_t *member = json_object_get(value, field->name);
        uint8_t word[32];
        say_name(in, field->name, depth + 1);
        ok = member != NULL
                 ? encode_value(in, field, member, depth + 1, word)
                 : error_set(in->error, ERROR_INVALID, "field %s is missing", field->name);
        if (ok)
            buffer_append(&words, word, sizeof word);
    }
    *hash = keccak256(words.data, words.size);
    buffer_cleanup(&words);
    return ok;
}

static bool read_types(struct reading *in, const json_t *types)
{
    const char *name;
    json_t *fields;
    if (!json_is_object(types))
        return error_set(in->error, ERROR_INVALID,
                         "expected an object with types, primaryType, domain and message");
    json_object_foreach((json_t *)types, name, fields)
    {
        if (!read_type(in, name, fields))
            return false;
    }
    return true;
}

static bool read_parts(struct reading *in, const json_t *document, struct typed_data *out)
{
    uint8_t preimage[66] = {0x19, 0x01};
    hash256 hash;
    const json_t *domain = json_object_get(document, "domain");
    const char *primary = json_string_value(json_object_get(document, "primaryType"));
    if (!read_types(in, json_object_get(document, "types")) || !imply_domain_type(in, domain))
        return false;
    const struct structure *type = primary == NULL ? NULL : find_type(in, primary, strlen(primary));
    if (type == NULL)
        return error_set(in->error, ERROR_INVALID, "primaryType names none of the types");
    out->title = type->name;
    buffer_append_text(&in->lines, "for:\n");
    if (!hash_struct(in, find_type(in, DOMAIN, strlen(DOMAIN)), domain, 0, &hash))
        return error_prefix(in->error, "domain");
    memcpy(preimage + 2, hash.bytes, 32);
    buffer_append_format(&in->lines, "%s:\n", type->name);
    if (strcmp(type->name, DOMAIN) == 0) {
        out->digest = keccak256(preimage, 34); /* the standard's special case: no message */
        return true;
    }
    if (!hash_struct(in, type, json_object_get(document, "message"), 0, &hash))
        return error_prefix(in->error, "message");
    memcpy(preimage + 34, hash.bytes, 32);
    out->digest = keccak256(preimage, sizeof preimage);
    return true;
}

bool typed_data_read(struct typed_data *out, const json_t *document, struct arena *arena,
                     struct error *error)
{
    struct reading *in = arena_alloc(arena, sizeof *in);
    in->arena = arena;
    in->error = error;
    *out = (struct typed_data){0};
    bool ok = read_parts(in, document, out);
    out->lines = arena_copy(arena, buffer_view(&in->lines));
    buffer_cleanup(&in->lines);
    return ok;
}

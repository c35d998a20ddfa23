#include "ledger/codec/abi_type.h"

#include "vm/crypto/keccak.h"

#include <ctype.h>

#define WORD_SIZE 32

/* Text being read; the first failure fills `error` and sticks in the caller's chain of &&. */
struct reader {
    const char *next;
    struct arena *arena;
    struct error *error;
};

static bool refuse(struct reader *in, const char *what)
{
    return error_set(in->error, ERROR_INVALID, "%s at \"%.40s\"", what, in->next);
}

static void skip_spaces(struct reader *in)
{
    while (isspace((unsigned char)*in->next))
        in->next++;
}

static bool take(struct reader *in, char expected)
{
    skip_spaces(in);
    if (*in->next != expected)
        return false;
    in->next++;
    return true;
}

static bool is_word_character(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$';
}

/* The next word, without taking it; empty when there is none. */
static struct bytes peek_word(struct reader *in)
{
    skip_spaces(in);
    size_t size = 0;
    while (is_word_character(in->next[size]))
        size++;
    return bytes_of(in->next, size);
}

static bool take_word(struct reader *in, const char *word)
{
    if (!bytes_equal(peek_word(in), bytes_of_text(word)))
        return false;
    in->next += strlen(word);
    return true;
}

static bool read_name(struct reader *in, const char **name)
{
    struct bytes word = peek_word(in);
    if (word.size > ABI_NAME_MAX)
        return refuse(in, "a name is too long");
    *name = arena_text(in->arena, word);
    in->next += word.size;
    return true;
}

/* Types. */

/* Up to `digits_max` decimal digits without leading zero; `out` is unchanged without digits. */
static bool read_count(struct reader *in, size_t digits_max, size_t *out, bool *found)
{
    size_t digits = 0;
    size_t value = 0;
    while (isdigit((unsigned char)in->next[digits])) {
        if (digits == digits_max)
            return refuse(in, "a number is too large");
        value = value * 10 + (size_t)(in->next[digits++] - '0');
    }
    *found = digits > 0;
    if (!*found)
        return true;
    if (in->next[0] == '0')
        return refuse(in, "a number begins with zero");
    in->next += digits;
    *out = value;
    return true;
}

static bool read_integer_type(struct reader *in, struct abi_type *type)
{
    size_t bits = 256;
    bool found = false;
    if (!read_count(in, 3, &bits, &found))
        return false;
    if (bits > 256 || bits % 8 != 0)
        return refuse(in, "an integer's size is not 8, 16, ... 256 bits");
    type->size = (unsigned)bits;
    return true;
}

static bool read_bytes_type(struct reader *in, struct abi_type *type)
{
    size_t size = 0;
    bool found = false;
    type->kind = ABI_BYTES;
    type->is_dynamic = true;
    if (!read_count(in, 2, &size, &found))
        return false;
    if (!found)
        return true;
    if (size > WORD_SIZE)
        return refuse(in, "fixed bytes are not of 1 to 32 bytes");
    type->kind = ABI_FIXED_BYTES;
    type->is_dynamic = false;
    type->size = (unsigned)size;
    return true;
}

static bool take_prefix(struct reader *in, const char *prefix)
{
    size_t size = strlen(prefix);
    if (strncmp(in->next, prefix, size) != 0)
        return false;
    in->next += size;
    return true;
}

static bool read_elementary(struct reader *in, struct abi_type *type)
{
    const char *start = in->next;
    type->head_size = WORD_SIZE;
    bool ok = true;
    if (take_prefix(in, "uint")) {
        type->kind = ABI_UINT;
        ok = read_integer_type(in, type);
    } else if (take_prefix(in, "int")) {
        type->kind = ABI_INT;
        ok = read_integer_type(in, type);
    } else if (take_prefix(in, "address")) {
        type->kind = ABI_ADDRESS;
    } else if (take_prefix(in, "bool")) {
        type->kind = ABI_BOOL;
    } else if (take_prefix(in, "bytes")) {
        ok = read_bytes_type(in, type);
    } else if (take_prefix(in, "string")) {
        type->kind = ABI_STRING;
        type->is_dynamic = true;
    } else if (take_prefix(in, "function")) {
        type->kind = ABI_FIXED_BYTES;
        type->size = 24;
        type->is_function = true;
    } else {
        return refuse(in, "no type of the contract ABI");
    }
    if (ok && is_word_character(*in->next)) {
        in->next = start;
        return refuse(in, "no type of the contract ABI");
    }
    return ok;
}

static bool read_params(struct reader *in, unsigned depth, struct abi_param **params,
                        size_t *count);

/* Sums the heads of a tuple's fields; a tuple is dynamic if a field is. */
static bool finish_tuple(struct reader *in, struct abi_type *type)
{
    size_t size = 0;
    for (size_t i = 0; i < type->fields_count; i++) {
        type->is_dynamic |= type->fields[i].type.is_dynamic;
        size += type->fields[i].type.head_size;
    }
    if (size > ABI_HEAD_MAX)
        return refuse(in, "a type is too large");
    type->head_size = type->is_dynamic ? WORD_SIZE : size;
    return true;
}

/* Wraps *type in an array of it; `is_unsized` for T[]. */
static bool wrap_in_array(struct reader *in, struct abi_type *type, bool is_unsized, size_t length)
{
    struct abi_type *element = arena_alloc(in->arena, sizeof *element);
    *element = *type;
    *type = (struct abi_type){.kind = ABI_ARRAY,
                              .is_unsized = is_unsized,
                              .is_dynamic = is_unsized || element->is_dynamic,
                              .length = length,
                              .element = element,
                              .head_size = WORD_SIZE};
    if (type->is_dynamic)
        return true;
    if (element->head_size != 0 && length > ABI_HEAD_MAX / element->head_size)
        return refuse(in, "a type is too large");
    type->head_size = length * element->head_size;
    return true;
}

static bool read_array_suffixes(struct reader *in, unsigned depth, struct abi_type *type)
{
    while (*in->next == '[') {
        size_t length = 0;
        bool is_sized = false;
        in->next++;
        if (++depth > ABI_DEPTH_MAX)
            return refuse(in, "arrays and tuples are too deep");
        if (!read_count(in, 6, &length, &is_sized))
            return false;
        if (*in->next != ']')
            return refuse(in, "expected ] of an array");
        in->next++;
        if (!wrap_in_array(in, type, !is_sized, length))
            return false;
    }
    return true;
}

static bool read_type(struct reader *in, unsigned depth, struct abi_type *type)
{
    *type = (struct abi_type){0};
    skip_spaces(in);
    if (depth > ABI_DEPTH_MAX)
        return refuse(in, "arrays and tuples are too deep");
    bool is_named_tuple = take_word(in, "tuple");
    if (is_named_tuple || *in->next == '(') {
        type->kind = ABI_TUPLE;
        if (!read_params(in, depth + 1, &type->fields, &type->fields_count)
            || !finish_tuple(in, type))
            return false;
    } else if (!read_elementary(in, type)) {
        return false;
    }
    return read_array_suffixes(in, depth, type);
}

static bool read_param(struct reader *in, unsigned depth, struct abi_param *param)
{
    *param = (struct abi_param){.name = ""};
    if (!read_type(in, depth, &param->type))
        return false;
    for (;;) {
        if (take_word(in, "indexed"))
            param->is_indexed = true;
        else if (!take_word(in, "memory") && !take_word(in, "calldata") && !take_word(in, "storage")
                 && !take_word(in, "payable"))
            break;
    }
    return read_name(in, &param->name);
}

/* "(type name, ...)". */
static bool read_params(struct reader *in, unsigned depth, struct abi_param **params, size_t *count)
{
    struct abi_param read[ABI_PARAMS_MAX];
    size_t found = 0;
    if (!take(in, '('))
        return refuse(in, "expected (");
    if (!take(in, ')')) {
        do {
            if (found == ABI_PARAMS_MAX)
                return refuse(in, "too many parameters");
            if (!read_param(in, depth, &read[found++]))
                return false;
        } while (take(in, ','));
        if (!take(in, ')'))
            return refuse(in, "expected , or )");
    }
    *params = arena_array(in->arena, found, sizeof **params);
    if (found > 0)
        memcpy(*params, read, found * sizeof **params);
    *count = found;
    return true;
}

static bool check_size(const char *text, struct error *error)
{
    if (strlen(text) > ABI_SIGNATURE_MAX)
        return error_set(error, ERROR_INVALID, "a signature of more than %d characters",
                         ABI_SIGNATURE_MAX);
    return true;
}

bool abi_type_parse(struct abi_type *type, const char *text, struct arena *arena,
                    struct error *error)
{
    struct reader in = {text, arena, error};
    if (!check_size(text, error) || !read_type(&in, 0, type))
        return false;
    skip_spaces(&in);
    return *in.next == '\0' || refuse(&in, "expected the end of the type");
}

static void format_params(const struct abi_param *params, size_t count, struct buffer *out)
{
    buffer_append_u8(out, '(');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_u8(out, ',');
        abi_type_format(&params[i].type, out);
    }
    buffer_append_u8(out, ')');
}

void abi_type_format(const struct abi_type *type, struct buffer *out)
{
    switch (type->kind) {
    case ABI_UINT: buffer_append_format(out, "uint%u", type->size); break;
    case ABI_INT: buffer_append_format(out, "int%u", type->size); break;
    case ABI_ADDRESS: buffer_append_text(out, "address"); break;
    case ABI_BOOL: buffer_append_text(out, "bool"); break;
    case ABI_FIXED_BYTES:
        if (type->is_function)
            buffer_append_text(out, "function");
        else
            buffer_append_format(out, "bytes%u", type->size);
        break;
    case ABI_BYTES: buffer_append_text(out, "bytes"); break;
    case ABI_STRING: buffer_append_text(out, "string"); break;
    case ABI_ARRAY:
        abi_type_format(type->element, out);
        if (type->is_unsized)
            buffer_append_text(out, "[]");
        else
            buffer_append_format(out, "[%zu]", type->length);
        break;
    case ABI_TUPLE: format_params(type->fields, type->fields_count, out); break;
    }
}

/* Entries. */

/* Fills signature and hash; topics of indexed parameters are at most three (four if anonymous). */
static bool finish_entry(struct abi_entry *entry, struct arena *arena, struct error *error)
{
    struct buffer text = {0};
    size_t indexed = 0;
    for (size_t i = 0; i < entry->inputs_count; i++)
        indexed += entry->inputs[i].is_indexed;
    if (entry->kind == ABI_EVENT && indexed > (entry->is_anonymous ? 4u : 3u))
        return error_set(error, ERROR_INVALID, "event %s has %zu indexed parameters, at most 3 fit",
                         entry->name, indexed);
    buffer_append_text(&text, entry->name);
    format_params(entry->inputs, entry->inputs_count, &text);
    bool ok = text.size <= ABI_SIGNATURE_MAX;
    if (ok) {
        entry->signature = arena_text(arena, buffer_view(&text));
        entry->hash = keccak256(text.data, text.size);
    } else {
        error_set(error, ERROR_INVALID, "the signature of %s is too long", entry->name);
    }
    buffer_cleanup(&text);
    return ok;
}

static bool read_modifiers(struct reader *in, struct abi_entry *entry)
{
    for (;;) {
        if (take_word(in, "view") || take_word(in, "pure"))
            entry->is_view = true;
        else if (take_word(in, "payable"))
            entry->is_payable = true;
        else if (take_word(in, "anonymous"))
            entry->is_anonymous = true;
        else if (!take_word(in, "external") && !take_word(in, "public")
                 && !take_word(in, "nonpayable") && !take_word(in, "virtual")
                 && !take_word(in, "override"))
            return true;
    }
}

static bool read_outputs(struct reader *in, struct abi_entry *entry)
{
    bool has_word = take_word(in, "returns");
    skip_spaces(in);
    if (!has_word && *in->next != '(')
        return true;
    return read_params(in, 0, &entry->outputs, &entry->outputs_count);
}

/* The keyword is one only if a name or, for a constructor, the parameters follow. */
static void read_entry_kind(struct reader *in, struct abi_entry *entry)
{
    struct reader before = *in;
    entry->kind = ABI_FUNCTION;
    if (take_word(in, "constructor")) {
        entry->kind = ABI_CONSTRUCTOR;
        return;
    }
    if (take_word(in, "event"))
        entry->kind = ABI_EVENT;
    else if (take_word(in, "error"))
        entry->kind = ABI_ERROR;
    else if (!take_word(in, "function"))
        return;
    if (peek_word(in).size == 0) {
        *in = before;
        entry->kind = ABI_FUNCTION;
    }
}

bool abi_entry_parse(struct abi_entry *entry, const char *text, struct arena *arena,
                     struct error *error)
{
    struct reader in = {text, arena, error};
    *entry = (struct abi_entry){.name = ""};
    if (!check_size(text, error))
        return false;
    read_entry_kind(&in, entry);
    if (entry->kind != ABI_CONSTRUCTOR) {
        if (peek_word(&in).size == 0)
            return refuse(&in, "expected a name like transfer(address,uint256)");
        if (!read_name(&in, &entry->name))
            return false;
    }
    if (!read_params(&in, 0, &entry->inputs, &entry->inputs_count) || !read_modifiers(&in, entry)
        || !read_outputs(&in, entry))
        return false;
    take(&in, ';');
    skip_spaces(&in);
    if (*in.next != '\0')
        return refuse(&in, "expected the end of the signature");
    return finish_entry(entry, arena, error);
}

/* ABI JSON. */

static bool load_params(const json_t *list, unsigned depth, struct arena *arena,
                        struct abi_param **params, size_t *count, struct error *error);

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text == NULL ? "" : text;
}

static bool load_tuple(struct reader *in, const json_t *item, unsigned depth, struct abi_type *type)
{
    *type = (struct abi_type){.kind = ABI_TUPLE};
    return load_params(json_object_get(item, "components"), depth + 1, in->arena, &type->fields,
                       &type->fields_count, in->error)
           && finish_tuple(in, type) && read_array_suffixes(in, depth, type);
}

static bool load_param(const json_t *item, unsigned depth, struct arena *arena,
                       struct abi_param *param, struct error *error)
{
    const char *name = text_of(item, "name");
    const char *type = text_of(item, "type");
    struct reader in = {type, arena, error};
    if (depth > ABI_DEPTH_MAX)
        return refuse(&in, "arrays and tuples are too deep");
    if (strlen(name) > ABI_NAME_MAX || !check_size(type, error))
        return error_set(error, ERROR_INVALID, "ABI: a name or type is too long");
    *param = (struct abi_param){.name = arena_text(arena, bytes_of_text(name)),
                                .is_indexed = json_is_true(json_object_get(item, "indexed"))};
    bool is_tuple = strncmp(type, "tuple", 5) == 0 && type[5] != '(';
    in.next += is_tuple ? 5 : 0;
    if (is_tuple ? !load_tuple(&in, item, depth, &param->type)
                 : !read_type(&in, depth, &param->type))
        return false;
    return *in.next == '\0' || refuse(&in, "ABI: expected the end of the type");
}

static bool load_params(const json_t *list, unsigned depth, struct arena *arena,
                        struct abi_param **params, size_t *count, struct error *error)
{
    size_t size = json_array_size(list); /* 0 when it is missing */
    if (size > ABI_PARAMS_MAX)
        return error_set(error, ERROR_INVALID, "ABI: %zu parameters, expected at most %d", size,
                         ABI_PARAMS_MAX);
    *params = arena_array(arena, size, sizeof **params);
    *count = size;
    for (size_t i = 0; i < size; i++)
        if (!load_param(json_array_get(list, i), depth, arena, &(*params)[i], error))
            return false;
    return true;
}

static bool load_kind(const char *type, enum abi_entry_kind *kind)
{
    static const char *const names[] = {"function", "constructor", "event", "error"};
    if (*type == '\0') /* the specification's default */
        type = "function";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(type, names[i]) == 0) {
            *kind = (enum abi_entry_kind)i;
            return true;
        }
    }
    return false;
}

static bool load_entry(const json_t *item, struct arena *arena, struct abi_entry *entry,
                       struct error *error)
{
    const char *name = text_of(item, "name");
    const char *mutability = text_of(item, "stateMutability");
    if (strlen(name) > ABI_NAME_MAX)
        return error_set(error, ERROR_INVALID, "ABI: a name is too long");
    entry->name = arena_text(arena, bytes_of_text(name));
    entry->is_view = strcmp(mutability, "view") == 0 || strcmp(mutability, "pure") == 0
                     || json_is_true(json_object_get(item, "constant"));
    entry->is_payable =
        strcmp(mutability, "payable") == 0 || json_is_true(json_object_get(item, "payable"));
    entry->is_anonymous = json_is_true(json_object_get(item, "anonymous"));
    return load_params(json_object_get(item, "inputs"), 0, arena, &entry->inputs,
                       &entry->inputs_count, error)
           && load_params(json_object_get(item, "outputs"), 0, arena, &entry->outputs,
                          &entry->outputs_count, error)
           && finish_entry(entry, arena, error);
}

bool abi_load(struct abi *abi, const json_t *document, struct arena *arena, struct error *error)
{
    *abi = (struct abi){0};
    if (json_is_object(document))
        document = json_object_get(document, "abi");
    if (!json_is_array(document))
        return error_set(error, ERROR_INVALID,
                         "no ABI: expected a JSON list, or an object with a list under \"abi\"");
    size_t size = json_array_size(document);
    if (size > ABI_ENTRIES_MAX)
        return error_set(error, ERROR_INVALID, "ABI: %zu entries, expected at most %d", size,
                         ABI_ENTRIES_MAX);
    abi->entries = arena_array(arena, size, sizeof *abi->entries);
    for (size_t i = 0; i < size; i++) {
        const json_t *item = json_array_get(document, i);
        struct abi_entry entry = {0};
        if (!json_is_object(item))
            return error_set(error, ERROR_INVALID, "ABI: entry %zu is not an object", i);
        if (!load_kind(text_of(item, "type"), &entry.kind))
            continue;
        if (!load_entry(item, arena, &entry, error))
            return error_prefix(error, "ABI entry %zu (%.40s)", i, text_of(item, "name"));
        abi->entries[abi->entries_count++] = entry;
    }
    return true;
}

/* Finding. */

/* Appends ", signature" of each function that is named `name`, or of all if it is NULL. */
static void list_functions(const struct abi *abi, const char *name, struct buffer *out)
{
    for (size_t i = 0; i < abi->entries_count; i++) {
        const struct abi_entry *entry = &abi->entries[i];
        if (entry->kind == ABI_FUNCTION && (name == NULL || strcmp(entry->name, name) == 0))
            buffer_append_format(out, "%s%s", out->size == 0 ? "" : ", ", entry->signature);
    }
    buffer_append_u8(out, '\0');
}

static const struct abi_entry *refuse_function(const struct abi *abi, const char *name,
                                               size_t matches, struct error *error)
{
    struct buffer list = {0};
    list_functions(abi, matches > 0 ? name : NULL, &list);
    if (matches > 0)
        error_set(error, ERROR_INVALID, "\"%s\" needs its full signature; expected one of: %s",
                  name, (const char *)list.data);
    else
        error_set(error, ERROR_NOT_FOUND, "the contract has no function \"%.80s\"; it has: %s",
                  name, list.size == 1 ? "none" : (const char *)list.data);
    buffer_cleanup(&list);
    return NULL;
}

const struct abi_entry *abi_find_function(const struct abi *abi, const char *name,
                                          size_t inputs_count, struct error *error)
{
    const struct abi_entry *only = NULL;
    const struct abi_entry *fitting = NULL;
    size_t matches = 0;
    size_t fitting_count = 0;
    for (size_t i = 0; i < abi->entries_count; i++) {
        const struct abi_entry *entry = &abi->entries[i];
        if (entry->kind != ABI_FUNCTION)
            continue;
        if (strcmp(entry->signature, name) == 0)
            return entry;
        if (strcmp(entry->name, name) != 0)
            continue;
        only = entry;
        matches++;
        if (entry->inputs_count == inputs_count) {
            fitting = entry;
            fitting_count++;
        }
    }
    if (matches == 1)
        return only;
    if (fitting_count == 1)
        return fitting;
    return refuse_function(abi, name, matches, error);
}

const struct abi_entry *abi_find_constructor(const struct abi *abi)
{
    for (size_t i = 0; i < abi->entries_count; i++)
        if (abi->entries[i].kind == ABI_CONSTRUCTOR)
            return &abi->entries[i];
    return NULL;
}

static size_t count_indexed(const struct abi_entry *event)
{
    size_t count = 0;
    for (size_t i = 0; i < event->inputs_count; i++)
        count += event->inputs[i].is_indexed;
    return count;
}

const struct abi_entry *abi_find_event(const struct abi *abi, const hash256 *topic,
                                       size_t indexed_count)
{
    for (size_t i = 0; i < abi->entries_count; i++) {
        const struct abi_entry *entry = &abi->entries[i];
        if (entry->kind == ABI_EVENT && !entry->is_anonymous && hash256_equal(&entry->hash, topic)
            && count_indexed(entry) == indexed_count)
            return entry;
    }
    return NULL;
}

const struct abi_entry *abi_find_error(const struct abi *abi, const uint8_t selector[4])
{
    for (size_t i = 0; i < abi->entries_count; i++) {
        const struct abi_entry *entry = &abi->entries[i];
        if (entry->kind == ABI_ERROR && memcmp(entry->hash.bytes, selector, 4) == 0)
            return entry;
    }
    return NULL;
}

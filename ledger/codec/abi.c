#include "ledger/codec/abi.h"

#include <stdlib.h>

#define WORD_SIZE 32

/* Encoding. */

static void put_word(struct buffer *out, const u256 *word)
{
    u256_store_be(buffer_extend(out, WORD_SIZE), word);
}

static void put_padded(struct buffer *out, struct bytes bytes)
{
    u256 size = u256_from_u64(bytes.size);
    size_t padding = (WORD_SIZE - bytes.size % WORD_SIZE) % WORD_SIZE;
    put_word(out, &size);
    buffer_append_bytes(out, bytes);
    memset(buffer_extend(out, padding), 0, padding);
}

static void put_value(const struct abi_type *type, const struct abi_value *value,
                      struct buffer *out);

/* The type of item `i` of an array or tuple. */
static const struct abi_type *item_type(const struct abi_type *type, size_t i)
{
    return type->kind == ABI_ARRAY ? type->element : &type->fields[i].type;
}

/* Heads with offsets still open, then tails, each filling its offset in. */
static void put_items(const struct abi_type *type, const struct abi_value *items, size_t count,
                      struct buffer *out)
{
    size_t start = out->size;
    size_t *holes = memory_new(count * sizeof *holes);
    for (size_t i = 0; i < count; i++) {
        holes[i] = out->size;
        if (item_type(type, i)->is_dynamic)
            buffer_extend(out, WORD_SIZE);
        else
            put_value(item_type(type, i), &items[i], out);
    }
    for (size_t i = 0; i < count; i++) {
        if (!item_type(type, i)->is_dynamic)
            continue;
        u256 offset = u256_from_u64(out->size - start);
        u256_store_be(out->data + holes[i], &offset);
        put_value(item_type(type, i), &items[i], out);
    }
    free(holes);
}

static void put_value(const struct abi_type *type, const struct abi_value *value,
                      struct buffer *out)
{
    u256 count = u256_from_u64(value->items_count);
    switch (type->kind) {
    case ABI_UINT:
    case ABI_INT:
    case ABI_ADDRESS:
    case ABI_BOOL:
    case ABI_FIXED_BYTES: put_word(out, &value->word); break;
    case ABI_BYTES:
    case ABI_STRING: put_padded(out, value->bytes); break;
    case ABI_ARRAY:
        if (type->is_unsized)
            put_word(out, &count);
        put_items(type, value->items, value->items_count, out);
        break;
    case ABI_TUPLE: put_items(type, value->items, value->items_count, out); break;
    }
}

/* A parameter list is encoded as the tuple of its parameters. */
static struct abi_type tuple_of(const struct abi_param *params, size_t count)
{
    return (struct abi_type){
        .kind = ABI_TUPLE, .fields = (struct abi_param *)params, .fields_count = count};
}

void abi_encode(const struct abi_param *params, const struct abi_value *values, size_t count,
                struct buffer *out)
{
    struct abi_type list = tuple_of(params, count);
    put_items(&list, values, count, out);
}

void abi_encode_call(const struct abi_entry *function, const struct abi_value *values,
                     struct buffer *out)
{
    buffer_append(out, function->hash.bytes, 4);
    abi_encode(function->inputs, values, function->inputs_count, out);
}

/* Decoding. */

struct decoder {
    struct arena *arena;
    struct error *error;
    size_t values_left;
    size_t bytes_left;
};

static bool truncated(struct decoder *in, const char *what)
{
    return error_set(in->error, ERROR_INVALID, "ABI data: %s lies beyond the end of the data",
                     what);
}

/* A size or offset: one that does not fit the data is refused before it is used. */
static bool get_size(struct decoder *in, struct bytes data, size_t at, const char *what,
                     size_t *size)
{
    if (data.size < WORD_SIZE || at > data.size - WORD_SIZE)
        return truncated(in, what);
    u256 word = u256_load_be(data.data + at, WORD_SIZE);
    if (!u256_fits_u64(&word) || word.limbs[0] > SIZE_MAX / 2)
        return truncated(in, what);
    *size = (size_t)word.limbs[0];
    return true;
}

static bool out_of_range(struct decoder *in, const struct abi_type *type)
{
    struct buffer name = {0};
    abi_type_format(type, &name);
    error_set(in->error, ERROR_INVALID, "ABI data: a word is no value of type %.*s", (int)name.size,
              (const char *)name.data);
    buffer_cleanup(&name);
    return false;
}

/* That an integer's unused high bits are its sign's. */
static bool is_int_in_range(const u256 *word, unsigned bits)
{
    u256 top = u256_from_u64(bits / 8 - 1);
    u256 extended = u256_signextend(&top, word);
    return u256_equal(&extended, word);
}

static bool has_zero_tail(const uint8_t word[WORD_SIZE], size_t used)
{
    for (size_t i = used; i < WORD_SIZE; i++)
        if (word[i] != 0)
            return false;
    return true;
}

static bool get_word(struct decoder *in, const struct abi_type *type, struct bytes data, size_t at,
                     struct abi_value *value)
{
    if (data.size < WORD_SIZE || at > data.size - WORD_SIZE)
        return truncated(in, "a value");
    value->word = u256_load_be(data.data + at, WORD_SIZE);
    bool is_good = true;
    if (type->kind == ABI_UINT)
        is_good = u256_bit_length(&value->word) <= type->size;
    else if (type->kind == ABI_INT)
        is_good = is_int_in_range(&value->word, type->size);
    else if (type->kind == ABI_ADDRESS)
        is_good = u256_bit_length(&value->word) <= 160;
    else if (type->kind == ABI_BOOL)
        is_good = u256_bit_length(&value->word) <= 1;
    else if (type->kind == ABI_FIXED_BYTES)
        is_good = has_zero_tail(data.data + at, type->size);
    return is_good || out_of_range(in, type);
}

static bool get_bytes(struct decoder *in, struct bytes data, size_t at, struct abi_value *value)
{
    size_t size;
    if (!get_size(in, data, at, "a size", &size))
        return false;
    if (size > data.size - at - WORD_SIZE)
        return truncated(in, "bytes or a string");
    if (size > in->bytes_left)
        return error_set(in->error, ERROR_INVALID, "ABI data: more than %u bytes in all",
                         ABI_BYTES_MAX);
    in->bytes_left -= size;
    value->bytes = bytes_of(data.data + at + WORD_SIZE, size);
    return true;
}

static bool get_value(struct decoder *in, const struct abi_type *type, struct bytes data, size_t at,
                      struct abi_value *value);

/* The items whose heads begin at `start`; offsets count from there. */
static bool get_items(struct decoder *in, const struct abi_type *type, struct bytes data,
                      size_t start, size_t count, struct abi_value *value)
{
    if (start > data.size)
        return truncated(in, "a list");
    struct bytes list = start > 0 ? bytes_of(data.data + start, data.size - start) : data;
    if (count > in->values_left)
        return error_set(in->error, ERROR_INVALID, "ABI data: more than %d values", ABI_VALUES_MAX);
    if (type->kind == ABI_ARRAY && type->element->head_size > 0
        && count > list.size / type->element->head_size)
        return truncated(in, "an array");
    in->values_left -= count;
    value->items = arena_array(in->arena, count, sizeof *value->items);
    value->items_count = count;
    size_t head = 0;
    for (size_t i = 0; i < count; i++) {
        const struct abi_type *item = item_type(type, i);
        size_t at = head;
        if (item->is_dynamic && !get_size(in, list, head, "an offset", &at))
            return false;
        if (!get_value(in, item, list, at, &value->items[i]))
            return false;
        head += item->head_size;
    }
    return true;
}

static bool get_value(struct decoder *in, const struct abi_type *type, struct bytes data, size_t at,
                      struct abi_value *value)
{
    size_t count = type->length;
    switch (type->kind) {
    case ABI_UINT:
    case ABI_INT:
    case ABI_ADDRESS:
    case ABI_BOOL:
    case ABI_FIXED_BYTES: return get_word(in, type, data, at, value);
    case ABI_BYTES:
    case ABI_STRING: return get_bytes(in, data, at, value);
    case ABI_ARRAY:
        if (type->is_unsized) {
            if (!get_size(in, data, at, "a count", &count))
                return false;
            at += WORD_SIZE;
        }
        return get_items(in, type, data, at, count, value);
    case ABI_TUPLE: return get_items(in, type, data, at, type->fields_count, value);
    }
    return false;
}

bool abi_decode(const struct abi_param *params, size_t count, struct bytes data,
                struct abi_value *values, struct arena *arena, struct error *error)
{
    struct decoder in = {arena, error, ABI_VALUES_MAX, ABI_BYTES_MAX};
    struct abi_type list = tuple_of(params, count);
    struct abi_value whole = {0};
    if (!get_items(&in, &list, data, 0, count, &whole))
        return false;
    if (count > 0)
        memcpy(values, whole.items, count * sizeof *values);
    return true;
}

/* Bytes, strings, arrays and tuples are indexed by their hash. */
static bool is_indexed_by_hash(const struct abi_param *param)
{
    return param->type.is_dynamic || param->type.kind == ABI_ARRAY || param->type.kind == ABI_TUPLE;
}

static bool get_topic(struct decoder *in, const struct abi_param *param, const hash256 *topic,
                      struct abi_value *value, bool *is_hash)
{
    *is_hash = is_indexed_by_hash(param);
    if (!*is_hash)
        return get_word(in, &param->type, bytes_of(topic->bytes, WORD_SIZE), 0, value);
    value->word = u256_from_hash(topic);
    return true;
}

bool abi_decode_event(const struct abi_entry *event, const hash256 *topics, size_t topics_count,
                      struct bytes data, struct abi_value *values, bool *is_hash,
                      struct arena *arena, struct error *error)
{
    struct decoder in = {arena, error, ABI_VALUES_MAX, ABI_BYTES_MAX};
    struct abi_param *plain = arena_array(arena, event->inputs_count, sizeof *plain);
    struct abi_value *decoded = arena_array(arena, event->inputs_count, sizeof *decoded);
    size_t topic = event->is_anonymous ? 0 : 1;
    size_t plain_count = 0;
    for (size_t i = 0; i < event->inputs_count; i++) {
        is_hash[i] = false;
        values[i] = (struct abi_value){0};
        if (!event->inputs[i].is_indexed)
            plain[plain_count++] = event->inputs[i];
        else if (topic >= topics_count)
            return error_set(error, ERROR_INVALID, "event %s: %zu topics are too few", event->name,
                             topics_count);
        else if (!get_topic(&in, &event->inputs[i], &topics[topic++], &values[i], &is_hash[i]))
            return false;
    }
    if (!abi_decode(plain, plain_count, data, decoded, arena, error))
        return false;
    for (size_t i = 0, next = 0; i < event->inputs_count; i++)
        if (!event->inputs[i].is_indexed)
            values[i] = decoded[next++];
    return true;
}

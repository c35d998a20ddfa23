/* Contract interfaces and data, both from strangers: what is decoded and encoded again decodes to
 * the same encoding, and all of it can be shown.
 *
 * a signature, a zero byte, data | or an ABI in JSON, a zero byte, data */
#include "ledger/codec/abi_text.h"
#include "tests/fuzz/target.h"

static void show(const struct abi_entry *entry, const struct abi_value *values)
{
    struct buffer line = {0};
    abi_values_format(entry->name, entry->inputs, values, NULL, entry->inputs_count, &line);
    for (size_t index = 0; index < entry->inputs_count; index++)
        json_decref(abi_value_json(&entry->inputs[index].type, &values[index]));
    for (size_t at = 0; at < line.size; at++)
        must(line.data[at] >= 0x20 && line.data[at] != 0x7f, "a control character is shown");
    buffer_cleanup(&line);
}

static void decode_values(const struct abi_entry *entry, struct bytes data, struct arena *arena)
{
    struct error error;
    struct buffer first = {0}, second = {0};
    size_t count = entry->inputs_count;
    struct abi_value *values = arena_array(arena, count, sizeof *values);
    struct abi_value *again = arena_array(arena, count, sizeof *again);
    if (!abi_decode(entry->inputs, count, data, values, arena, &error))
        return;
    show(entry, values);
    abi_encode(entry->inputs, values, count, &first);
    /* Data may point at one place many times; written out it can go beyond the bounds. */
    if (abi_decode(entry->inputs, count, buffer_view(&first), again, arena, &error)) {
        abi_encode(entry->inputs, again, count, &second);
        must(bytes_equal(buffer_view(&first), buffer_view(&second)), "encoded otherwise");
    } else {
        must(first.size > data.size, "what was encoded cannot be decoded");
    }
    buffer_cleanup(&first);
    buffer_cleanup(&second);
}

static void decode_event(const struct abi_entry *entry, struct bytes data, struct arena *arena)
{
    struct error error;
    hash256 topics[4];
    bool is_hash[ABI_PARAMS_MAX];
    struct buffer line = {0};
    struct abi_value *values = arena_array(arena, entry->inputs_count, sizeof *values);
    if (data.size < sizeof topics)
        return;
    memcpy(topics, data.data, sizeof topics);
    data = bytes_of(data.data + sizeof topics, data.size - sizeof topics);
    if (abi_decode_event(entry, topics, 4, data, values, is_hash, arena, &error))
        abi_values_format(entry->name, entry->inputs, values, is_hash, entry->inputs_count, &line);
    buffer_cleanup(&line);
}

static void decode(const struct abi_entry *entry, struct bytes data, struct arena *arena)
{
    if (entry->kind == ABI_EVENT)
        decode_event(entry, data, arena);
    else
        decode_values(entry, data, arena);
}

/* What was read from one line is read from its canonical signature again. */
static void parse_again(const struct abi_entry *entry, struct arena *arena)
{
    struct abi_entry again;
    struct error error;
    const char *text = arena_format(arena, "error %s", entry->signature);
    if (entry->kind == ABI_CONSTRUCTOR || *entry->name == '\0')
        return;
    must(abi_entry_parse(&again, text, arena, &error), "a canonical signature is refused");
    must(hash256_equal(&again.hash, &entry->hash), "a canonical signature means another");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct error error;
    struct abi abi = {0};
    struct abi_entry entry;
    struct buffer line = {0};
    const uint8_t *end = memchr(data, 0, size);
    if (end == NULL)
        return 0;
    const char *text = arena_text(&arena, bytes_of(data, (size_t)(end - data)));
    struct bytes rest = bytes_of(end + 1, size - (size_t)(end - data) - 1);
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    if (document != NULL && abi_load(&abi, document, &arena, &error)) {
        for (size_t index = 0; index < abi.entries_count && index < 8; index++)
            decode(&abi.entries[index], rest, &arena);
        abi_revert_format(&abi, rest, &line);
    } else if (document == NULL && abi_entry_parse(&entry, text, &arena, &error)) {
        parse_again(&entry, &arena);
        decode(&entry, rest, &arena);
        abi_revert_format(NULL, rest, &line);
    }
    buffer_cleanup(&line);
    json_decref(document);
    arena_cleanup(&arena);
    return 0;
}

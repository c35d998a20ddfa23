#include "rpc/envelope.h"

static bool is_blank(uint8_t byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static void advance(struct bytes *in, size_t size)
{
    in->data += size;
    in->size -= size;
}

static void skip_blanks(struct bytes *in)
{
    while (in->size > 0 && is_blank(in->data[0]))
        advance(in, 1);
}

static bool starts_with(const struct bytes *in, uint8_t byte)
{
    return in->size > 0 && in->data[0] == byte;
}

/* Past the closing quote of the string that starts here. */
static bool skip_string(struct bytes *in)
{
    for (size_t at = 1; at < in->size; at++) {
        if (in->data[at] == '\\') {
            at++;
        } else if (in->data[at] == '"') {
            advance(in, at + 1);
            return true;
        }
    }
    return false;
}

/* Values begin behind a bracket or a comma; a short text cannot hold too many. */
static bool has_too_many_values(struct bytes in)
{
    size_t count = 0;
    if (in.size <= ENVELOPE_VALUES_MAX)
        return false;
    while (in.size > 0 && count <= ENVELOPE_VALUES_MAX) {
        uint8_t byte = in.data[0];
        if (byte == '"' && !skip_string(&in))
            return false; /* the scanner will say what is wrong */
        if (byte == '"')
            continue;
        count += byte == '[' || byte == '{' || byte == ',';
        advance(&in, 1);
    }
    return count > ENVELOPE_VALUES_MAX;
}

/* Past the object or list that starts here; at most `depth_max` levels of them. */
static enum envelope_verdict skip_nested(struct bytes *in, unsigned depth_max)
{
    uint8_t closers[ENVELOPE_DEPTH_MAX];
    unsigned depth = 0;
    while (in->size > 0) {
        uint8_t byte = in->data[0];
        if (byte == '"') {
            if (!skip_string(in))
                return ENVELOPE_BROKEN;
            continue;
        }
        advance(in, 1);
        if (byte == '{' || byte == '[') {
            if (depth == depth_max)
                return ENVELOPE_TOO_DEEP;
            closers[depth++] = byte == '{' ? '}' : ']';
        } else if (byte == '}' || byte == ']') {
            if (closers[depth - 1] != byte)
                return ENVELOPE_BROKEN;
            if (--depth == 0)
                return ENVELOPE_OK;
        }
    }
    return ENVELOPE_BROKEN;
}

/* Past a number, true, false or null (or nonsense that jansson will refuse). */
static enum envelope_verdict skip_word(struct bytes *in)
{
    static const char marks[] = {',', ']', '}', ':', '[', '{', '"'};
    size_t before = in->size;
    while (in->size > 0 && !is_blank(in->data[0])
           && memchr(marks, in->data[0], sizeof marks) == NULL)
        advance(in, 1);
    return in->size < before ? ENVELOPE_OK : ENVELOPE_BROKEN;
}

/* Past one value, whose slice is *value. */
static enum envelope_verdict skip_value(struct bytes *in, unsigned depth_max, struct bytes *value)
{
    skip_blanks(in);
    const uint8_t *start = in->data;
    enum envelope_verdict verdict = ENVELOPE_OK;
    if (starts_with(in, '{') || starts_with(in, '['))
        verdict = skip_nested(in, depth_max);
    else if (starts_with(in, '"'))
        verdict = skip_string(in) ? ENVELOPE_OK : ENVELOPE_BROKEN;
    else
        verdict = skip_word(in);
    *value = bytes_of(start, verdict == ENVELOPE_OK ? (size_t)(in->data - start) : 0);
    skip_blanks(in);
    return verdict;
}

/* One pass over the items of the list that starts at `in`; they are kept if `items` is given. */
static enum envelope_verdict walk_items(struct bytes in, size_t items_max, struct bytes *items,
                                        size_t *count)
{
    *count = 0;
    advance(&in, 1);
    skip_blanks(&in);
    bool is_open = !starts_with(&in, ']');
    while (is_open) {
        struct bytes item;
        enum envelope_verdict verdict = skip_value(&in, ENVELOPE_DEPTH_MAX - 1, &item);
        if (verdict != ENVELOPE_OK)
            return verdict;
        if (*count == items_max)
            return ENVELOPE_TOO_MANY;
        if (items != NULL)
            items[*count] = item;
        (*count)++;
        is_open = starts_with(&in, ',');
        if (is_open)
            advance(&in, 1);
    }
    if (!starts_with(&in, ']'))
        return ENVELOPE_BROKEN;
    advance(&in, 1);
    skip_blanks(&in);
    return in.size == 0 ? ENVELOPE_OK : ENVELOPE_BROKEN;
}

enum envelope_verdict envelope_split(struct envelope *envelope, struct bytes body, size_t items_max,
                                     struct arena *arena)
{
    *envelope = (struct envelope){0};
    skip_blanks(&body);
    if (body.size == 0)
        return ENVELOPE_EMPTY;
    if (has_too_many_values(body))
        return ENVELOPE_TOO_MANY_VALUES;
    envelope->is_batch = body.data[0] == '[';
    if (!envelope->is_batch) {
        envelope->items = arena_array(arena, 1, sizeof *envelope->items);
        envelope->count = 1;
        enum envelope_verdict verdict = skip_value(&body, ENVELOPE_DEPTH_MAX, envelope->items);
        return verdict == ENVELOPE_OK && body.size > 0 ? ENVELOPE_BROKEN : verdict;
    }
    enum envelope_verdict verdict = walk_items(body, items_max, NULL, &envelope->count);
    if (verdict != ENVELOPE_OK)
        return verdict;
    envelope->items = arena_array(arena, envelope->count, sizeof *envelope->items);
    return walk_items(body, items_max, envelope->items, &envelope->count);
}

static bool is_id(struct bytes value)
{
    uint8_t first = value.size > 0 ? value.data[0] : 0;
    return first == '"' || first == '-' || (first >= '0' && first <= '9')
           || bytes_equal(value, bytes_of_text("null"));
}

struct bytes envelope_id(struct bytes item)
{
    struct bytes none = {0}, key, value;
    if (!starts_with(&item, '{'))
        return none;
    advance(&item, 1);
    do {
        if (skip_value(&item, ENVELOPE_DEPTH_MAX, &key) != ENVELOPE_OK || !starts_with(&item, ':'))
            return none;
        advance(&item, 1);
        if (skip_value(&item, ENVELOPE_DEPTH_MAX, &value) != ENVELOPE_OK)
            return none;
        if (bytes_equal(key, bytes_of_text("\"id\"")))
            return is_id(value) ? value : none;
        if (!starts_with(&item, ','))
            return none;
        advance(&item, 1);
    } while (true);
}

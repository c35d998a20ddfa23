#include "rpc/plain.h"

#include "rpc/ascii.h"

#define PLAIN_PARAMS_MAX    8
#define PLAIN_ID_DIGITS_MAX 15 /* what JavaScript counts exactly */

struct reader {
    const uint8_t *next;
    const uint8_t *end;
};

static void skip_blanks(struct reader *in)
{
    while (in->next < in->end
           && (*in->next == ' ' || *in->next == '\n' || *in->next == '\r' || *in->next == '\t'))
        in->next++;
}

static bool take(struct reader *in, uint8_t byte)
{
    skip_blanks(in);
    if (in->next == in->end || *in->next != byte)
        return false;
    in->next++;
    return true;
}

static bool take_word(struct reader *in, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(in->end - in->next) < size || memcmp(in->next, word, size) != 0)
        return false;
    in->next += size;
    return true;
}

/* What stands between the quotes. */
static bool take_string(struct reader *in, struct bytes *out)
{
    if (!take(in, '"'))
        return false;
    const uint8_t *start = in->next;
    const uint8_t *close = memchr(start, '"', (size_t)(in->end - start));
    if (close == NULL)
        return false;
    *out = bytes_of(start, (size_t)(close - start));
    if (ascii_printable_size(*out) < out->size || memchr(start, '\\', out->size) != NULL)
        return false;
    in->next = close + 1;
    return true;
}

/* A plain string, or a whole number without sign: the slice as written. */
static bool take_id(struct reader *in, struct bytes *id)
{
    struct bytes text;
    skip_blanks(in);
    const uint8_t *start = in->next;
    if (start < in->end && *start == '"') {
        if (!take_string(in, &text))
            return false;
    } else {
        while (in->next < in->end && *in->next >= '0' && *in->next <= '9')
            in->next++;
        size_t digits = (size_t)(in->next - start);
        if (digits == 0 || digits > PLAIN_ID_DIGITS_MAX || (digits > 1 && *start == '0'))
            return false;
    }
    *id = bytes_of(start, (size_t)(in->next - start));
    return true;
}

static json_t *take_param(struct reader *in)
{
    struct bytes text;
    skip_blanks(in);
    if (take_word(in, "true"))
        return json_true();
    if (take_word(in, "false"))
        return json_false();
    return take_string(in, &text) ? json_stringn_nocheck((const char *)text.data, text.size) : NULL;
}

static bool take_params(struct reader *in, json_t **params)
{
    if (!take(in, '['))
        return false;
    if (take(in, ']'))
        return true;
    *params = json_array();
    do {
        if (json_array_size(*params) == PLAIN_PARAMS_MAX
            || json_array_append_new(*params, take_param(in)) != 0)
            return false;
    } while (take(in, ','));
    return take(in, ']');
}

/* Whether it is this one, for the first time. */
static bool is_new(struct bytes name, const char *expected, bool *was_seen)
{
    const bool is = !*was_seen && bytes_equal(name, bytes_of_text(expected));
    *was_seen |= is;
    return is;
}

struct seen {
    bool version, id, method, params;
};

static bool take_member(struct reader *in, struct plain_call *call, struct seen *seen)
{
    struct bytes name, text;
    if (!take_string(in, &name) || !take(in, ':'))
        return false;
    if (is_new(name, "jsonrpc", &seen->version))
        return take_string(in, &text) && bytes_equal(text, bytes_of_text("2.0"));
    if (is_new(name, "id", &seen->id))
        return take_id(in, &call->id);
    if (is_new(name, "method", &seen->method))
        return take_string(in, &call->method);
    return is_new(name, "params", &seen->params) && take_params(in, &call->params);
}

static bool take_call(struct reader *in, struct plain_call *call)
{
    struct seen seen = {0};
    if (!take(in, '{'))
        return false;
    do {
        if (!take_member(in, call, &seen))
            return false;
    } while (take(in, ','));
    if (!take(in, '}'))
        return false;
    skip_blanks(in);
    return in->next == in->end && seen.version && call->method.size > 0;
}

bool plain_call_read(struct bytes item, struct plain_call *call)
{
    struct reader in = {item.data, item.data + item.size};
    *call = (struct plain_call){0};
    if (item.size > 0 && take_call(&in, call))
        return true;
    json_decref(call->params);
    *call = (struct plain_call){0};
    return false;
}

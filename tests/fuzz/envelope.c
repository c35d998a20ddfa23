/* The JSON-RPC envelope against jansson: what jansson reads is cut into the same items and ids,
 * and every slice lies within the body. */
#include "rpc/envelope.h"
#include "rpc/plain.h"

#include "tests/fuzz/target.h"
#include <jansson.h>

#define ITEMS_MAX 20

static void must_lie_within(struct bytes part, struct bytes whole)
{
    must(part.size == 0
             || (part.data >= whole.data && part.data + part.size <= whole.data + whole.size),
         "a slice lies outside");
}

static json_t *parse(struct bytes text)
{
    return json_loadb(
        (const char *)text.data, text.size,
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL | JSON_ALLOW_NUL, NULL);
}

/* The id that was cut out reads as the one jansson finds (a key with escapes is not found). */
static void compare_id(struct bytes item, const json_t *json)
{
    struct bytes id = envelope_id(item);
    must_lie_within(id, item);
    if (json == NULL || id.size == 0)
        return;
    json_t *cut = parse(id);
    must(cut != NULL, "an id is no JSON value");
    must(json_equal(cut, json_object_get(json, "id")), "another value than the id was cut out");
    json_decref(cut);
}

/* What the plain reader takes, jansson takes, and finds the same in it. */
static void compare_plain(struct bytes item, const json_t *json)
{
    struct plain_call call;
    if (!plain_call_read(item, &call))
        return;
    const json_t *method = json_object_get(json, "method");
    must(json != NULL, "a plain call is no JSON value");
    must(bytes_equal(call.method, bytes_of(json_string_value(method), json_string_length(method))),
         "another method was read");
    must(bytes_equal(call.id, envelope_id(item)), "another id was read");
    must(call.params == NULL ? json_object_get(json, "params") == NULL
                             : json_equal(call.params, json_object_get(json, "params")),
         "other parameters were read");
    json_decref(call.params);
}

static void compare(struct bytes body, const struct envelope *envelope)
{
    json_t *whole = parse(body);
    if (whole != NULL && json_is_array(whole))
        must(envelope->is_batch && json_array_size(whole) == envelope->count,
             "another number of items");
    for (size_t index = 0; index < envelope->count; index++) {
        struct bytes item = envelope->items[index];
        must_lie_within(item, body);
        json_t *json = parse(item);
        must(whole == NULL || json != NULL, "an item of a good body is no JSON value");
        if (whole != NULL && envelope->is_batch)
            must(json_equal(json, json_array_get(whole, index)), "another item was cut out");
        compare_id(item, json);
        compare_plain(item, json);
        json_decref(json);
    }
    json_decref(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena = {0};
    struct envelope envelope;
    struct bytes body = bytes_of(data, size);
    switch (envelope_split(&envelope, body, ITEMS_MAX, &arena)) {
    case ENVELOPE_OK:
        must(envelope.count <= ITEMS_MAX, "more items than allowed");
        compare(body, &envelope);
        break;
    case ENVELOPE_EMPTY:
    case ENVELOPE_BROKEN: {
        json_t *whole = parse(body);
        must(whole == NULL, "a good body was refused");
        break;
    }
    case ENVELOPE_TOO_DEEP:
    case ENVELOPE_TOO_MANY:
    case ENVELOPE_TOO_MANY_VALUES: break;
    }
    arena_cleanup(&arena);
    return 0;
}

/* A node record that its owner really signed, and any edits: what is still accepted is that record,
 * byte for byte; and what anybody signs is accepted only if it is signed again to the same bytes. */
#include "node/net/record.h"
#include "tests/fuzz/edits.h"
#include "tests/fuzz/target.h"

static const struct secret_key key = {{[31] = 1}};
static struct buffer good;

static void make_good(void)
{
    struct node_record record = {.sequence = 7, .endpoints_count = 2};
    strcpy(record.endpoints[0], "box.example:30800");
    strcpy(record.endpoints[1], "[2001:db8::1]:30800");
    must(record_sign(&record, &key, &good), "the sample is too long");
}

/* The bytes as endpoints of a record. */
static void sign_any(struct cursor *in)
{
    struct buffer encoded = {0}, again = {0};
    struct node_record record = {.sequence = cursor_u64_be(in)}, decoded;
    record.endpoints_count = cursor_u8(in) % (RECORD_ENDPOINTS_MAX + 1);
    for (unsigned i = 0; i < record.endpoints_count; i++) {
        const struct bytes text = cursor_take(in, cursor_u8(in));
        memcpy(record.endpoints[i], text.data == NULL ? (const uint8_t *)"" : text.data, text.size);
    }
    if (record_sign(&record, &key, &encoded) && record_decode(&decoded, buffer_view(&encoded))) {
        must(record_sign(&decoded, &key, &again), "what was short is too long");
        must(bytes_equal(buffer_view(&again), buffer_view(&encoded)), "it is signed differently");
    }
    buffer_cleanup(&encoded);
    buffer_cleanup(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(data, size);
    struct buffer edited = {0};
    struct node_record record;
    if (good.size == 0)
        make_good();
    if (cursor_u8(&in) % 2 == 0) {
        sign_any(&in);
        return 0;
    }
    buffer_append_bytes(&edited, buffer_view(&good));
    edit(&edited, &in);
    must(!record_decode(&record, buffer_view(&edited))
             || bytes_equal(buffer_view(&edited), buffer_view(&good)),
         "a record that nobody signed is accepted");
    buffer_cleanup(&edited);
    return 0;
}

/* Anything that may be said in a local network: only what the wanted node signed is found, and what is
 * said ourselves stays seldom. */
#include "node/net/nearby.h"
#include "tests/fuzz/edits.h"
#include "tests/fuzz/target.h"

static const struct secret_key wanted_key = {{[31] = 2}};
static struct buffer good; /* what the wanted node says */

static void make_good(void)
{
    static const uint8_t head[] = {1, 1, 0, 0, 0, 7};
    struct node_record record = {.sequence = 9, .endpoints_count = 1};
    strcpy(record.endpoints[0], "192.168.1.10:30800");
    buffer_append(&good, head, sizeof head);
    must(record_sign(&record, &wanted_key, &good), "the sample is too long");
}

static bool is_wanted(void *arg, const struct node_id *who)
{
    const struct node_id wanted = node_id_of(&wanted_key);
    (void)arg;
    return node_id_equal(who, &wanted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct nearby_config config = {.network = 7, .asker = {1}, .is_wanted = is_wanted};
    struct cursor in = cursor_over(data, size);
    struct nearby nearby;
    struct node_record found;
    struct buffer datagram = {0};
    uint8_t out[NEARBY_SIZE_MAX];
    uint64_t now_ms = 1000;
    unsigned said = 0;

    if (good.size == 0)
        make_good();
    nearby_init(&nearby, &config, now_ms);
    nearby_set_record(&nearby, bytes_of(good.data + 6, good.size - 6), now_ms);
    for (unsigned turn = 0; turn < 16 && in.left > 0; turn++) {
        const uint8_t what = cursor_u8(&in);
        buffer_clear(&datagram);
        if (what < 128) {
            const struct bytes some = cursor_take(&in, what < in.left ? what : in.left);
            buffer_append_bytes(&datagram, some);
        } else {
            struct cursor edits = cursor_over(in.next, in.left < 12 ? in.left : 12);
            cursor_take(&in, edits.left);
            buffer_append_bytes(&datagram, buffer_view(&good));
            edit(&datagram, &edits);
        }
        must(!nearby_on_datagram(&nearby, buffer_view(&datagram), now_ms, &found)
                 || bytes_equal(buffer_view(&datagram), buffer_view(&good)),
             "a record that nobody signed is found");
        while (nearby_on_time(&nearby, now_ms, out) > 0)
            said++;
        now_ms += what;
    }
    must(said <= 1, "it says too much"); /* 16 turns of a quarter of a second: less than a pause */
    buffer_cleanup(&datagram);
    return 0;
}

/* Anything a router may answer, at any time: what the mapper makes of it keeps its rules, asks no
 * router too often, and what it tells the node can be told. */
#include "node/reach/gateway.h"
#include "node/reach/mapper.h"
#include "node/reach/natpmp.h"
#include "tests/fuzz/target.h"
#include "vm/base/cursor.h"

static const uint8_t client[4] = {192, 168, 1, 10}, nonce[PCP_NONCE_BYTES] = {1, 2, 3};

static void check(const struct mapper *mapper, uint64_t now_ms)
{
    uint8_t message[MAPPING_BYTES];
    struct mapping heard;

    if (mapper->state != MAPPER_REMOVING && mapper->state != MAPPER_GONE) {
        mapping_encode(&mapper->mapping, message);
        must(mapping_decode(&heard, bytes_of(message, sizeof message))
                 && mapping_equal(&heard, &mapper->mapping),
             "what became of it cannot be told");
    }
    must(mapper->state != MAPPER_HOLDING || mapper->mapping.state == MAPPING_GRANTED,
         "it holds nothing");
    must(mapper->state == MAPPER_GONE || mapper->next_ms <= now_ms + MAPPER_REST_MS,
         "it waits too long");
}

/* What is asked must be a good answer with the bit of replies set, for our nonce and port. */
static void answer_well(struct mapper *mapper, struct mapper_step *step, struct cursor *in,
                        uint64_t now_ms)
{
    uint8_t reply[PCP_MAP_BYTES] = {0};
    struct pcp_map wish = mapper->wish;
    wish.external_port = cursor_u16_be(in);
    wish.lifetime_s = cursor_u32_be(in);
    pcp_ask_map(reply, &wish);
    reply[1] |= 0x80;
    reply[3] = cursor_u8(in) % 16;
    reply[59] = cursor_u8(in);
    mapper_on_datagram(mapper, bytes_of(reply, sizeof reply), now_ms, step);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(data, size);
    struct mapper mapper;
    struct mapper_step step;
    uint64_t now_ms = 1000;
    char text[256] = "";
    uint8_t gateway[4];

    memcpy(text, data, size < sizeof text - 1 ? size : sizeof text - 1);
    (void)!gateway_of_routes(text, gateway);
    mapper_start(&mapper, 30800, client, nonce, now_ms, &step);
    for (unsigned turn = 0; turn < 64 && in.left > 0; turn++) {
        uint8_t what = cursor_u8(&in);
        if (what < 100) {
            struct bytes datagram = cursor_take(&in, what < in.left ? what : in.left);
            mapper_on_datagram(&mapper, datagram, now_ms, &step);
        } else if (what < 140) {
            answer_well(&mapper, &step, &in, now_ms);
        } else if (what < 150) {
            mapper_on_refusal(&mapper, now_ms, &step);
        } else if (what < 155 && mapper.state != MAPPER_REMOVING && mapper.state != MAPPER_GONE) {
            mapper_stop(&mapper, now_ms, &step);
        } else {
            now_ms = now_ms > mapper.next_ms ? now_ms : mapper.next_ms;
            mapper_on_time(&mapper, now_ms, &step);
        }
        check(&mapper, now_ms);
    }
    return 0;
}

/* The reader of WebSocket frames on any bytes: how they are cut into pieces changes nothing,
 * bounds hold, messages are UTF-8, and between frames nothing is held.
 *
 * byte 0: size of the pieces | the bytes a client sends */
#include "rpc/utf8.h"
#include "rpc/websocket/reader.h"
#include "tests/fuzz/target.h"
#include "vm/crypto/keccak.h"

#define MESSAGE_MAX 300

struct source {
    struct bytes rest;
    size_t piece;
    bool has_paused; /* every other time there is nothing yet */
    bool pauses;
};

static ssize_t pull(void *context, uint8_t *out, size_t size)
{
    struct source *source = context;
    size_t part = source->rest.size < source->piece ? source->rest.size : source->piece;
    part = part < size ? part : size;
    source->has_paused = source->pauses && !source->has_paused;
    if (source->has_paused)
        return 0;
    if (part == 0)
        return -1;
    memcpy(out, source->rest.data, part);
    source->rest = bytes_of(source->rest.data + part, source->rest.size - part);
    return (ssize_t)part;
}

static bool is_over(enum ws_event event)
{
    return event == WS_ENDED || event == WS_CLOSE || event == WS_BAD;
}

/* All that a caller can see, as one hash. */
static hash256 read_in_pieces(struct bytes bytes, size_t piece, bool pauses)
{
    struct source source = {.rest = bytes, .piece = piece, .pauses = pauses};
    struct ws_reader reader;
    struct keccak seen;
    enum ws_event event = WS_MORE;
    keccak_init(&seen);
    ws_reader_init(&reader, MESSAGE_MAX);
    while (!is_over(event)) {
        event = ws_reader_next(&reader, pull, &source);
        if (event == WS_MORE)
            continue;
        must(reader.message.size <= MESSAGE_MAX, "a message beyond its bound");
        keccak_update(&seen, &event, sizeof event);
        if (event == WS_MESSAGE) {
            must(utf8_is_valid(buffer_view(&reader.message)), "a message that is not UTF-8");
            keccak_update(&seen, reader.message.data, reader.message.size);
            buffer_clear(&reader.message);
        } else if (event == WS_PING || event == WS_PONG) {
            must(reader.control_size <= WS_CONTROL_MAX, "a control frame beyond its bound");
            keccak_update(&seen, reader.control, reader.control_size);
        } else if (event != WS_ENDED) {
            must(reader.code >= 1000 && reader.code <= 4999, "a close code out of range");
            keccak_update(&seen, &reader.code, sizeof reader.code);
        }
    }
    ws_reader_cleanup(&reader);
    return keccak_finish(&seen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    struct bytes bytes = bytes_of(data + 1, size - 1);
    hash256 whole = read_in_pieces(bytes, bytes.size + 1, false);
    hash256 cut = read_in_pieces(bytes, 1 + data[0] % 40u, data[0] >= 128);
    must(hash256_equal(&whole, &cut), "the same bytes in other pieces were read otherwise");
    return 0;
}

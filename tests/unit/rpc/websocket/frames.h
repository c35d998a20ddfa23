/* A client's side of WebSocket frames, for tests: masks, and may do all that is forbidden. */
#ifndef TESTS_UNIT_RPC_WEBSOCKET_FRAMES_H
#define TESTS_UNIT_RPC_WEBSOCKET_FRAMES_H
#include "vm/base/bytes.h"

#define OP_MORE   0x0
#define OP_TEXT   0x1
#define OP_BINARY 0x2
#define OP_CLOSE  0x8
#define OP_PING   0x9
#define OP_PONG   0xa
#define FINAL     0x80

static inline void append_frame_with(struct buffer *out, uint8_t first, bool is_masked,
                                     struct bytes content)
{
    static const uint8_t key[4] = {0x12, 0x34, 0x56, 0x78};
    uint8_t mask_bit = is_masked ? 0x80 : 0;
    buffer_append_u8(out, first);
    if (content.size < 126) {
        buffer_append_u8(out, (uint8_t)(mask_bit | content.size));
    } else if (content.size < 65536) {
        buffer_append_u8(out, mask_bit | 126);
        buffer_append_u16_be(out, (uint16_t)content.size);
    } else {
        buffer_append_u8(out, mask_bit | 127);
        buffer_append_u64_be(out, content.size);
    }
    if (is_masked)
        buffer_append(out, key, sizeof key);
    for (size_t index = 0; index < content.size; index++)
        buffer_append_u8(out, content.data[index] ^ (is_masked ? key[index % 4] : 0));
}

static inline void append_frame(struct buffer *out, uint8_t first, const char *content)
{
    append_frame_with(out, first, true, bytes_of_text(content));
}
#endif

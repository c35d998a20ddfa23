#include "node/reach/natpmp.h"

#include "vm/base/cursor.h"

#define NATPMP_VERSION  0
#define REPLY           128
#define REPLY_BYTES_MAX 16

void natpmp_ask_address(uint8_t out[NATPMP_ADDRESS_BYTES])
{
    out[0] = NATPMP_VERSION;
    out[1] = NATPMP_ADDRESS;
}

void natpmp_ask_map(uint8_t out[NATPMP_MAP_BYTES], uint16_t internal_port, uint16_t external_port,
                    uint32_t lifetime_s)
{
    const uint8_t bytes[NATPMP_MAP_BYTES] = {
        NATPMP_VERSION,
        NATPMP_MAP_TCP,
        0,
        0,
        (uint8_t)(internal_port >> 8),
        (uint8_t)internal_port,
        (uint8_t)(external_port >> 8),
        (uint8_t)external_port,
        (uint8_t)(lifetime_s >> 24),
        (uint8_t)(lifetime_s >> 16),
        (uint8_t)(lifetime_s >> 8),
        (uint8_t)lifetime_s,
    };
    memcpy(out, bytes, sizeof bytes);
}

/* RFC 6886, 3.5: of a refusal only the first eight bytes count, whatever follows. */
bool natpmp_decode(struct natpmp_reply *reply, struct bytes datagram)
{
    struct cursor in = cursor_over(datagram.data, datagram.size);

    *reply = (struct natpmp_reply){0};
    uint8_t version = cursor_u8(&in), opcode = cursor_u8(&in);
    reply->result = cursor_u16_be(&in);
    reply->epoch_s = cursor_u32_be(&in);
    if (in.failed || version != NATPMP_VERSION
        || (opcode != REPLY + NATPMP_ADDRESS && opcode != REPLY + NATPMP_MAP_TCP))
        return false;
    reply->kind = (enum natpmp_kind)(opcode - REPLY);
    if (reply->result != NATPMP_GRANTED)
        return datagram.size <= REPLY_BYTES_MAX;
    if (reply->kind == NATPMP_ADDRESS) {
        cursor_copy(&in, reply->address, sizeof reply->address);
    } else {
        reply->internal_port = cursor_u16_be(&in);
        reply->external_port = cursor_u16_be(&in);
        reply->lifetime_s = cursor_u32_be(&in);
    }
    return cursor_finished(&in);
}

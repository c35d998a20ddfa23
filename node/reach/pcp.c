#include "node/reach/pcp.h"

#include "vm/base/cursor.h"

#define PCP_VERSION  2
#define OPCODE_MAP   1
#define REPLY        0x80
#define PROTOCOL_TCP 6

static const uint8_t ipv4_in_ipv6[12] = {[10] = 0xff, [11] = 0xff};

static uint8_t *put_u16(uint8_t *out, uint16_t value)
{
    out[0] = (uint8_t)(value >> 8);
    out[1] = (uint8_t)value;
    return out + 2;
}

static uint8_t *put_u32(uint8_t *out, uint32_t value)
{
    return put_u16(put_u16(out, (uint16_t)(value >> 16)), (uint16_t)value);
}

static uint8_t *put(uint8_t *out, const uint8_t *bytes, size_t size)
{
    memcpy(out, bytes, size);
    return out + size;
}

void pcp_ask_map(uint8_t out[PCP_MAP_BYTES], const struct pcp_map *map)
{
    static const uint8_t head[4] = {PCP_VERSION, OPCODE_MAP}, protocol[4] = {PROTOCOL_TCP};
    static const uint8_t any[4];

    out = put(out, head, sizeof head);
    out = put_u32(out, map->lifetime_s);
    out = put(out, ipv4_in_ipv6, sizeof ipv4_in_ipv6);
    out = put(out, map->client, sizeof map->client);
    out = put(out, map->nonce, sizeof map->nonce);
    out = put(out, protocol, sizeof protocol);
    out = put_u16(out, map->internal_port);
    out = put_u16(out, map->external_port);
    out = put(out, ipv4_in_ipv6, sizeof ipv4_in_ipv6);
    put(out, any, sizeof any);
}

bool pcp_decode(struct pcp_reply *reply, struct bytes datagram)
{
    struct cursor in = cursor_over(datagram.data, datagram.size);
    uint8_t family[sizeof ipv4_in_ipv6];

    *reply = (struct pcp_reply){0};
    if (datagram.size > PCP_BYTES_MAX || datagram.size % 4 != 0)
        return false;
    uint8_t version = cursor_u8(&in), opcode = cursor_u8(&in);
    cursor_take(&in, 1);
    reply->result = cursor_u8(&in);
    reply->lifetime_s = cursor_u32_be(&in);
    reply->epoch_s = cursor_u32_be(&in);
    cursor_take(&in, 12);
    cursor_copy(&in, reply->nonce, sizeof reply->nonce);
    uint8_t protocol = cursor_u8(&in);
    cursor_take(&in, 3);
    reply->internal_port = cursor_u16_be(&in);
    reply->external_port = cursor_u16_be(&in);
    cursor_copy(&in, family, sizeof family);
    cursor_copy(&in, reply->external, sizeof reply->external);
    return !in.failed && version == PCP_VERSION && opcode == (REPLY | OPCODE_MAP)
           && protocol == PROTOCOL_TCP
           && (reply->result != PCP_GRANTED || memcmp(family, ipv4_in_ipv6, sizeof family) == 0);
}

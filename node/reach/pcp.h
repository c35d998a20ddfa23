/* PCP (RFC 6887), as much of it as maps one TCP port: the operation MAP without options. Pure.
 *
 *   ask    version 2 | opcode 1 | reserved 2 | lifetime u32 | client address 16
 *          | nonce 12 | protocol u8 | reserved 3 | internal port u16 | external port u16 | external 16
 *   reply  version 2 | 0x81 | reserved | result u8 | lifetime u32 | epoch u32 | reserved 12
 *          | nonce 12 | protocol u8 | reserved 3 | internal port u16 | external port u16 | external 16
 *
 * IPv4 addresses are written as ::ffff:a.b.c.d. */
#ifndef NODE_REACH_PCP_H
#define NODE_REACH_PCP_H
#include "vm/base/bytes.h"

#define PCP_MAP_BYTES   60
#define PCP_BYTES_MAX   1100 /* RFC 6887, 7 */
#define PCP_NONCE_BYTES 12

enum pcp_result {
    PCP_GRANTED = 0,
    PCP_BAD_VERSION = 1,
    PCP_NOT_ALLOWED = 2,
    PCP_NO_NETWORK = 7,
    PCP_NO_ROOM = 8,
    PCP_QUOTA = 10,
};

struct pcp_map {
    uint8_t nonce[PCP_NONCE_BYTES]; /* whose mapping it is: the same for as long as it lives */
    uint8_t client[4];              /* of this machine, as the router sees it */
    uint16_t internal_port;
    uint16_t external_port; /* wished for; 0: any */
    uint32_t lifetime_s;    /* 0 takes it back */
};

struct pcp_reply {
    uint8_t result;
    uint32_t lifetime_s; /* of the mapping, or for how long it is of no use to ask again */
    uint32_t epoch_s;
    uint8_t nonce[PCP_NONCE_BYTES];
    uint16_t internal_port, external_port;
    uint8_t external[4];
};

void pcp_ask_map(uint8_t out[PCP_MAP_BYTES], const struct pcp_map *map);
/* Options behind the reply are passed over: none was asked for. A mapping that is granted has an
 * IPv4 address. */
bool pcp_decode(struct pcp_reply *reply, struct bytes datagram) __attribute__((warn_unused_result));
#endif

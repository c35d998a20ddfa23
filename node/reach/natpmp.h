/* NAT-PMP (RFC 6886): a router is asked for its public address and for a port. Pure.
 *
 *   ask    version 0 | opcode | reserved u16 | internal port u16 | external port u16 | lifetime u32
 *          version 0 | opcode 0, for the address
 *   reply  version 0 | 128 + opcode | result u16 | epoch u32 | address 4
 *          version 0 | 128 + opcode | result u16 | epoch u32 | internal | external | lifetime u32 */
#ifndef NODE_REACH_NATPMP_H
#define NODE_REACH_NATPMP_H
#include "vm/base/bytes.h"

#define NATPMP_PORT          5351 /* and PCP's */
#define NATPMP_ADDRESS_BYTES 2
#define NATPMP_MAP_BYTES     12

enum natpmp_result {
    NATPMP_GRANTED = 0,
    NATPMP_BAD_VERSION = 1,
    NATPMP_NOT_ALLOWED = 2, /* the owner of the router switched it off */
    NATPMP_NO_NETWORK = 3,
    NATPMP_NO_ROOM = 4,
};

enum natpmp_kind { NATPMP_ADDRESS = 0, NATPMP_MAP_TCP = 2 };

struct natpmp_reply {
    enum natpmp_kind kind;
    uint16_t result;    /* of the router; the fields below are its only if it is 0 */
    uint32_t epoch_s;   /* since the router lost its mappings */
    uint8_t address[4]; /* NATPMP_ADDRESS */
    uint16_t internal_port, external_port; /* NATPMP_MAP_TCP */
    uint32_t lifetime_s;
};

void natpmp_ask_address(uint8_t out[NATPMP_ADDRESS_BYTES]);
/* A lifetime of 0 takes the mapping back; the external port is then 0. */
void natpmp_ask_map(uint8_t out[NATPMP_MAP_BYTES], uint16_t internal_port, uint16_t external_port,
                    uint32_t lifetime_s);
bool natpmp_decode(struct natpmp_reply *reply, struct bytes datagram)
    __attribute__((warn_unused_result));
#endif

/* What became of the wish that the router forward a port, as the helper tells the node: one message
 * of MAPPING_BYTES each time that it changes.
 *
 *   version u8 | state u8 | method u8 | reason u8 | external address 4 | external port u16
 *   | lifetime u32 */
#ifndef NODE_REACH_MAPPING_H
#define NODE_REACH_MAPPING_H
#include "vm/base/bytes.h"

#define MAPPING_BYTES 14

enum mapping_state { MAPPING_SEARCHING, MAPPING_GRANTED, MAPPING_NONE, MAPPING_STATE_COUNT };
enum mapping_method { MAPPING_BY_NOTHING, MAPPING_BY_PCP, MAPPING_BY_NATPMP, MAPPING_METHOD_COUNT };
/* Why there is none. */
enum mapping_reason {
    MAPPING_WELL,
    MAPPING_NO_ROUTER,   /* this machine has no IPv4 gateway */
    MAPPING_NO_ANSWER,   /* the router speaks none of the protocols, or they are switched off */
    MAPPING_NOT_ALLOWED, /* it speaks one, and its owner forbids mappings */
    MAPPING_NO_NETWORK,  /* the router itself has no address outside */
    MAPPING_NO_ROOM,     /* it has too many mappings */
    MAPPING_REFUSED,     /* anything else */
    MAPPING_REASON_COUNT,
};

struct mapping {
    enum mapping_state state;
    enum mapping_method method;
    enum mapping_reason reason;
    uint8_t address[4]; /* of the router's outside, and may be private itself: another router */
    uint16_t port;
    uint32_t lifetime_s;
};

bool mapping_equal(const struct mapping *a, const struct mapping *b); /* lifetimes apart */
void mapping_encode(const struct mapping *mapping, uint8_t out[MAPPING_BYTES]);
/* A mapping is granted by some method, at an address and a port; any other has a reason or waits. */
bool mapping_decode(struct mapping *mapping, struct bytes message)
    __attribute__((warn_unused_result));
/* In words: "port 30800 at 192.0.2.7 by NAT-PMP", "the router does not answer ...". */
void mapping_describe(const struct mapping *mapping, char *out, size_t size);
#endif

/* What an address says about where its owner stands: pure. */
#ifndef NODE_REACH_ADDRESS_H
#define NODE_REACH_ADDRESS_H
#include <stdint.h>

#define ADDRESS_TEXT_SIZE 48

enum address_kind {
    ADDRESS_LOOPBACK,
    ADDRESS_LINK,       /* 169.254/16, fe80::/10: this cable only */
    ADDRESS_PRIVATE,    /* RFC 1918: behind a router that translates */
    ADDRESS_SHARED,     /* RFC 6598, 100.64/10: behind a provider that translates */
    ADDRESS_PUBLIC,     /* IPv4 that the world can route to */
    ADDRESS_LOCAL_IPV6, /* RFC 4193, fc00::/7 */
    ADDRESS_PUBLIC_IPV6,
    ADDRESS_OTHER, /* multicast, documentation, reserved */
    ADDRESS_KIND_COUNT,
};

/* Four bytes in network order. */
enum address_kind address_kind_ipv4(const uint8_t bytes[4]);
/* Sixteen bytes; addresses that carry an IPv4 one (::ffff:0:0/96) are of its kind. */
enum address_kind address_kind_ipv6(const uint8_t bytes[16]);
#endif

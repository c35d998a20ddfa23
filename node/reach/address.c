#include "node/reach/address.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct range {
    uint8_t first[4];
    unsigned bits;
    enum address_kind kind;
};

/* IANA's registry of special-purpose addresses (RFC 6890); what is in no row is public. */
static const struct range ranges[] = {
    {{127, 0, 0, 0}, 8, ADDRESS_LOOPBACK},   {{169, 254, 0, 0}, 16, ADDRESS_LINK},
    {{10, 0, 0, 0}, 8, ADDRESS_PRIVATE},     {{172, 16, 0, 0}, 12, ADDRESS_PRIVATE},
    {{192, 168, 0, 0}, 16, ADDRESS_PRIVATE}, {{100, 64, 0, 0}, 10, ADDRESS_SHARED},
    {{0, 0, 0, 0}, 8, ADDRESS_OTHER},        {{192, 0, 0, 0}, 24, ADDRESS_OTHER},
    {{192, 0, 2, 0}, 24, ADDRESS_OTHER},     {{198, 18, 0, 0}, 15, ADDRESS_OTHER},
    {{198, 51, 100, 0}, 24, ADDRESS_OTHER},  {{203, 0, 113, 0}, 24, ADDRESS_OTHER},
    {{224, 0, 0, 0}, 3, ADDRESS_OTHER},
};

static uint32_t load(const uint8_t bytes[4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

enum address_kind address_kind_ipv4(const uint8_t bytes[4])
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        uint32_t mask = ~(uint32_t)0 << (32 - ranges[i].bits);
        if ((load(bytes) & mask) == load(ranges[i].first))
            return ranges[i].kind;
    }
    return ADDRESS_PUBLIC;
}

enum address_kind address_kind_ipv6(const uint8_t bytes[16])
{
    static const uint8_t loopback[16] = {[15] = 1};
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    static const uint8_t documentation[4] = {0x20, 0x01, 0x0d, 0xb8}; /* RFC 3849 */

    if (memcmp(bytes, loopback, sizeof loopback) == 0)
        return ADDRESS_LOOPBACK;
    if (memcmp(bytes, mapped, sizeof mapped) == 0)
        return address_kind_ipv4(bytes + sizeof mapped);
    if (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80)
        return ADDRESS_LINK;
    if ((bytes[0] & 0xfe) == 0xfc)
        return ADDRESS_LOCAL_IPV6;
    if (memcmp(bytes, documentation, sizeof documentation) == 0 || (bytes[0] & 0xe0) != 0x20)
        return ADDRESS_OTHER;
    return ADDRESS_PUBLIC_IPV6;
}

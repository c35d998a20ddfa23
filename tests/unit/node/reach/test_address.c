#include "node/reach/address.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>

static enum address_kind kind_of(const char *text)
{
    uint8_t bytes[16];
    if (inet_pton(AF_INET, text, bytes) == 1)
        return address_kind_ipv4(bytes);
    cr_assert_eq(inet_pton(AF_INET6, text, bytes), 1, "%s", text);
    return address_kind_ipv6(bytes);
}

/* The first and the last address of each range, and those just outside. */
Test(reach_address, knows_the_ends_of_each_range)
{
    static const struct {
        const char *text;
        enum address_kind kind;
    } cases[] = {
        {"127.0.0.1", ADDRESS_LOOPBACK},
        {"127.255.255.255", ADDRESS_LOOPBACK},
        {"126.255.255.255", ADDRESS_PUBLIC},
        {"10.0.0.0", ADDRESS_PRIVATE},
        {"10.255.255.255", ADDRESS_PRIVATE},
        {"11.0.0.0", ADDRESS_PUBLIC},
        {"172.15.255.255", ADDRESS_PUBLIC},
        {"172.16.0.0", ADDRESS_PRIVATE},
        {"172.31.255.255", ADDRESS_PRIVATE},
        {"172.32.0.0", ADDRESS_PUBLIC},
        {"192.167.255.255", ADDRESS_PUBLIC},
        {"192.168.0.0", ADDRESS_PRIVATE},
        {"192.168.255.255", ADDRESS_PRIVATE},
        {"192.169.0.0", ADDRESS_PUBLIC},
        {"100.63.255.255", ADDRESS_PUBLIC},
        {"100.64.0.0", ADDRESS_SHARED},
        {"100.127.255.255", ADDRESS_SHARED},
        {"100.128.0.0", ADDRESS_PUBLIC},
        {"169.253.255.255", ADDRESS_PUBLIC},
        {"169.254.7.7", ADDRESS_LINK},
        {"0.0.0.0", ADDRESS_OTHER},
        {"203.0.113.5", ADDRESS_OTHER},
        {"223.255.255.255", ADDRESS_PUBLIC},
        {"224.0.0.1", ADDRESS_OTHER},
        {"255.255.255.255", ADDRESS_OTHER},
        {"::1", ADDRESS_LOOPBACK},
        {"::", ADDRESS_OTHER},
        {"fe80::1", ADDRESS_LINK},
        {"febf::1", ADDRESS_LINK},
        {"fec0::1", ADDRESS_OTHER},
        {"fd00::1", ADDRESS_LOCAL_IPV6},
        {"fc00::1", ADDRESS_LOCAL_IPV6},
        {"2000::1", ADDRESS_PUBLIC_IPV6},
        {"3fff::1", ADDRESS_PUBLIC_IPV6},
        {"4000::1", ADDRESS_OTHER},
        {"2001:db8::1", ADDRESS_OTHER},
        {"ff02::1", ADDRESS_OTHER},
        {"::ffff:192.168.1.1", ADDRESS_PRIVATE},
        {"::ffff:8.8.8.8", ADDRESS_PUBLIC},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        cr_expect_eq(kind_of(cases[i].text), cases[i].kind, "%s: %d", cases[i].text,
                     kind_of(cases[i].text));
}

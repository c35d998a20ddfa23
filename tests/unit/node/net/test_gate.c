#include <criterion/criterion.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>

#include "node/net/gate.h"

static int enter(struct gate *gate, const char *text)
{
    struct sockaddr_in four = {.sin_family = AF_INET};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
        return gate_enter(gate, (const struct sockaddr *)&four);
    cr_assert_eq(inet_pton(AF_INET6, text, &six.sin6_addr), 1, "%s", text);
    return gate_enter(gate, (const struct sockaddr *)&six);
}

Test(gate, lets_in_four_of_a_network)
{
    struct gate gate = {0};
    for (unsigned i = 0; i < GATE_NETWORK; i++)
        cr_expect_geq(enter(&gate, "192.0.2.1"), 0);
    cr_expect_eq(enter(&gate, "192.0.2.255"), -1, "the same 24 bits");
    cr_expect_eq(enter(&gate, "::ffff:192.0.2.9"), -1, "the same inside IPv6");
    cr_expect_geq(enter(&gate, "192.0.3.1"), 0);
    for (unsigned i = 0; i < GATE_NETWORK; i++)
        cr_expect_geq(enter(&gate, "2001:db8::1"), 0);
    cr_expect_eq(enter(&gate, "2001:db8::ffff:0:0:2"), -1, "the same 64 bits");
    cr_expect_geq(enter(&gate, "2001:db8:0:1::1"), 0);
}

Test(gate, has_so_many_places_and_no_more)
{
    struct gate gate = {0};
    char text[32];
    for (unsigned i = 0; i < GATE_PLACES; i++) {
        snprintf(text, sizeof text, "10.0.%u.1", i);
        cr_expect_geq(enter(&gate, text), 0);
    }
    cr_expect_eq(enter(&gate, "192.0.2.1"), -1);
}

Test(gate, gives_a_place_that_was_left_to_the_next)
{
    struct gate gate = {0};
    int places[GATE_NETWORK];
    for (unsigned i = 0; i < GATE_NETWORK; i++)
        places[i] = enter(&gate, "192.0.2.1");
    cr_expect_eq(enter(&gate, "192.0.2.1"), -1);
    gate_leave(&gate, places[2]);
    cr_expect_eq(enter(&gate, "192.0.2.1"), places[2]);
}

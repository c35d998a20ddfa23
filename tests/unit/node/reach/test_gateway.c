#include "node/reach/gateway.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define HEAD "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"

static const char *gateway_of(const char *text)
{
    static char out[16];
    uint8_t bytes[4];
    if (!gateway_of_routes(text, bytes))
        return "none";
    snprintf(out, sizeof out, "%u.%u.%u.%u", bytes[0], bytes[1], bytes[2], bytes[3]);
    return out;
}

/* The kernel prints what four bytes are as a number of the machine: these lines are of a
 * little-endian one. */
Test(reach_gateway, takes_the_default_route_of_the_smallest_metric)
{
    cr_expect_str_eq(gateway_of(HEAD
                                "wlan0\t00000000\t0101A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
                                "eth0\t00000000\tFE01A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
                                "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"),
                     "192.168.1.254");
}

Test(reach_gateway, passes_over_what_is_no_default_route)
{
    static const char *const texts[] = {
        "",
        "\n",
        HEAD,
        HEAD "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n",
        HEAD "eth0\t00000000\t0101A8C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n",
        HEAD "eth0\t0000000A\t0101A8C0\t0003\t0\t0\t0\t000000FF\t0\t0\t0\n",
        HEAD "tun0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000080\t0\t0\t0\n",
        HEAD "eth0\t00000000\n",
        HEAD "eth0 00000000 xyz",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        cr_expect_str_eq(gateway_of(texts[i]), "none", "%zu", i);
}

Test(reach_gateway, reads_a_last_line_without_an_end)
{
    cr_expect_str_eq(gateway_of("x\t00000000\t0200000A\t0003\t0\t0\t0\t00000000"), "10.0.0.2");
}

#include "node/reach/gateway.h"

#include <stdio.h>
#include <string.h>

#define RTF_UP      0x1
#define RTF_GATEWAY 0x2

/* "eth0  DESTINATION GATEWAY FLAGS refs use METRIC MASK ...": addresses are the number that four
 * bytes in network order make on this machine, in hex. */
static bool is_default_route(const char *line, uint32_t *gateway, unsigned *metric)
{
    unsigned destination, through, flags, mask;
    if (sscanf(line, "%*31s %8x %8x %4x %*d %*d %u %8x", &destination, &through, &flags, metric,
               &mask)
        != 5)
        return false;
    *gateway = through;
    return destination == 0 && mask == 0 && (flags & RTF_UP) != 0 && (flags & RTF_GATEWAY) != 0
           && through != 0;
}

bool gateway_of_routes(const char *text, uint8_t gateway[4])
{
    uint32_t found;
    unsigned metric, least = 0;
    bool has_one = false;

    for (const char *line = text; line != NULL; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (is_default_route(line, &found, &metric) && (!has_one || metric < least)) {
            memcpy(gateway, &found, sizeof found);
            least = metric;
            has_one = true;
        }
    }
    return has_one;
}

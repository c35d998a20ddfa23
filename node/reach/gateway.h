/* The router that this machine sends to what is not near: from the kernel's table of IPv4 routes, the
 * text of /proc/net/route. Pure. */
#ifndef NODE_REACH_GATEWAY_H
#define NODE_REACH_GATEWAY_H
#include <stdbool.h>
#include <stdint.h>

#define ROUTES_SIZE_MAX 16384 /* some 120 routes; what stands behind is not looked at */

/* The default route of the smallest metric; false: there is none. `text` ends with a zero. */
bool gateway_of_routes(const char *text, uint8_t gateway[4]) __attribute__((warn_unused_result));
#endif

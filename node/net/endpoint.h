/* Where a node listens: "host:port", the host a name or a numeric address, IPv6 in brackets. Names
 * are looked up each time that somebody dials, since boxes at home move. */
#ifndef NODE_NET_ENDPOINT_H
#define NODE_NET_ENDPOINT_H
#include "vm/base/error.h"
#include <stdint.h>

#define ENDPOINT_SIZE 256 /* with the final zero; COMMITTEE_ENDPOINT_MAX and one */

struct endpoint {
    char host[ENDPOINT_SIZE]; /* without brackets */
    uint16_t port;
};

/* Letters, digits, dots, hyphens and underscores in a name (RFC 1123, and what home routers use). */
bool endpoint_parse(struct endpoint *endpoint, const char *text, struct error *error)
    __attribute__((warn_unused_result));
#endif

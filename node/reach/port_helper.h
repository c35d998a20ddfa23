/* The process that asks the router for a port, and does nothing else: `lnode port-helper`, started by
 * port_map.h, never by people. Routers answer with bytes that nobody vouches for, so they are read
 * where neither keys nor files can be reached (sandbox.h).
 *
 *   standard input    its end means: take the mapping back and go
 *   standard output   a message of mapping.h each time that something changed */
#ifndef NODE_REACH_PORT_HELPER_H
#define NODE_REACH_PORT_HELPER_H
#include "vm/base/error.h"
#include <stdint.h>

/* Runs until standard input ends, and then ends the process. `router`, "address:port", NULL: the
 * gateway of this machine, and the port of NAT-PMP. Returns only when it could not start. */
bool port_helper_run(uint16_t port, const char *router, struct error *error)
    __attribute__((warn_unused_result));
#endif

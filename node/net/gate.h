/* Who may knock: bounds on the connections that have not said yet who they are, in all and from one
 * network, so that strangers can neither take all places nor, with many addresses of one network,
 * most of them. A network is the first 24 bits of an IPv4 address, 64 of an IPv6 address; an IPv4
 * address inside IPv6 counts as itself. Design: consensus 5. */
#ifndef NODE_NET_GATE_H
#define NODE_NET_GATE_H
#include <stdbool.h>
#include <stdint.h>

#define GATE_PLACES  64
#define GATE_NETWORK 4 /* places for one network */

struct sockaddr;

/* Empty is all zero. */
struct gate {
    struct {
        bool is_taken;
        uint8_t network[9]; /* its kind, then its bits */
    } places[GATE_PLACES];
};

/* The place that was taken, to be left once it is known who came; -1: all are taken, or all of that
 * network. */
int gate_enter(struct gate *gate, const struct sockaddr *from);
void gate_leave(struct gate *gate, int place);
#endif

/* The local network: nearby.h on a socket of IPv4 multicast. What is sent reaches this network's
 * machines and no router passes it on (a time to live of 1). All on the loop thread. */
#ifndef NODE_NET_LAN_H
#define NODE_NET_LAN_H
#include "node/loop.h"
#include "node/net/nearby.h"

#define LAN_GROUP "239.255.119.80" /* RFC 2365: an organisation's own scope */
#define LAN_PORT  30800

struct lan;

struct lan_config {
    struct loop *loop;
    const char *interface; /* address of one; NULL: the system's choice */
    uint16_t port;         /* of the group; 0: LAN_PORT */
    uint32_t network;
    struct node_id us;
    bool (*is_wanted)(void *arg, const struct node_id *who);
    /* The record of a wanted node, signed by it; may be the same again. */
    void (*on_found)(void *arg, const struct node_record *record);
    void *arg;
};

/* NULL where this machine has no such network. */
struct lan *lan_open(const struct lan_config *config, struct error *error);
void lan_set_record(struct lan *lan, struct bytes record); /* nearby_set_record() */
void lan_look(struct lan *lan);                            /* nearby_look() */
/* Not from its callbacks. Accepts NULL. */
void lan_close(struct lan *lan);
#endif

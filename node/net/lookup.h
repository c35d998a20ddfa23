/* From an endpoint to addresses, on a worker: the resolver of the machine may take seconds. */
#ifndef NODE_NET_LOOKUP_H
#define NODE_NET_LOOKUP_H
#include "node/net/endpoint.h"
#include <sys/socket.h>

#define LOOKUP_ADDRESSES_MAX 8

struct lookup; /* one under way */
struct workers;

struct addresses {
    struct sockaddr_storage each[LOOKUP_ADDRESSES_MAX];
    unsigned count;
};

/* On the loop, once; `addresses` is borrowed during the call. NULL: there are none, `error` says
 * why. The lookup is gone then. */
typedef void (*lookup_fn)(void *arg, const struct addresses *addresses, const struct error *error);

/* NULL: the workers' queue is full. */
struct lookup *lookup_start(struct workers *workers, const struct endpoint *endpoint,
                            lookup_fn done, void *arg);
/* Nothing is called any more. */
void lookup_forget(struct lookup *lookup);
#endif

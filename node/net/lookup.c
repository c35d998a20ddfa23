#include "node/net/lookup.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/workers.h"
#include "vm/base/bytes.h"

struct lookup {
    struct endpoint endpoint;
    lookup_fn done; /* NULL: forgotten */
    void *arg;
    struct addresses addresses;
    struct error error;
};

static void take(struct addresses *out, const struct addrinfo *found)
{
    for (; found != NULL && out->count < LOOKUP_ADDRESSES_MAX; found = found->ai_next)
        if ((found->ai_family == AF_INET || found->ai_family == AF_INET6)
            && found->ai_addrlen <= sizeof out->each[0])
            memcpy(&out->each[out->count++], found->ai_addr, found->ai_addrlen);
}

static void look_up_job(struct vm *machine, void *arg)
{
    struct lookup *lookup = arg;
    struct addrinfo *found = NULL;
    const struct addrinfo hints = {.ai_family = AF_UNSPEC,
                                   .ai_socktype = SOCK_STREAM,
                                   .ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV};
    char port[8];
    (void)machine;
    snprintf(port, sizeof port, "%u", lookup->endpoint.port);
    const int code = getaddrinfo(lookup->endpoint.host, port, &hints, &found);
    take(&lookup->addresses, found);
    if (found != NULL)
        freeaddrinfo(found);
    if (lookup->addresses.count == 0)
        error_set(&lookup->error, ERROR_NOT_FOUND, "%.200s: %s", lookup->endpoint.host,
                  code == EAI_SYSTEM ? strerror(errno) : gai_strerror(code));
}

static void on_looked_up(void *arg)
{
    struct lookup *lookup = arg;
    const bool found_any = lookup->addresses.count > 0;
    if (lookup->done != NULL)
        lookup->done(lookup->arg, found_any ? &lookup->addresses : NULL, &lookup->error);
    free(lookup);
}

struct lookup *lookup_start(struct workers *workers, const struct endpoint *endpoint,
                            lookup_fn done, void *arg)
{
    struct lookup *lookup = memory_new_zeroed(1, sizeof *lookup);
    lookup->endpoint = *endpoint;
    lookup->done = done;
    lookup->arg = arg;
    if (workers_submit(workers, look_up_job, on_looked_up, lookup))
        return lookup;
    free(lookup);
    return NULL;
}

void lookup_forget(struct lookup *lookup)
{
    lookup->done = NULL;
}

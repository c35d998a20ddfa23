#include "node/reach/port_helper.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "node/clock.h"
#include "node/net/endpoint.h"
#include "node/reach/gateway.h"
#include "node/reach/mapper.h"
#include "node/reach/natpmp.h"
#include "node/reach/sandbox.h"

#define NO_ROUTER_REST_MS 60000
#define ROUTES_PAUSE_MS   1000 /* routes change several at once */

struct port_helper {
    uint16_t port;
    struct sockaddr_in named;  /* the router that was named; sin_port 0: none was */
    struct sockaddr_in router; /* the one that is asked */
    uint8_t client[4];         /* this machine's address towards it */
    uint8_t nonce[PCP_NONCE_BYTES];
    int routes_fd;  /* the table of routes */
    int changes_fd; /* readable when a route has changed; negative: nobody says so */
    int fd;         /* to the router; negative: there is none */
    uint64_t next_ms;
    struct mapping told;
    struct mapper mapper;
};

/* ---- The router and the way to it ---------------------------------------------------------- */

static bool find_router(const struct port_helper *helper, struct sockaddr_in *router)
{
    static char text[ROUTES_SIZE_MAX];
    uint8_t gateway[4];

    *router = helper->named;
    if (helper->named.sin_port != 0)
        return true;
    ssize_t size = pread(helper->routes_fd, text, sizeof text - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    if (!gateway_of_routes(text, gateway))
        return false;
    *router = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(NATPMP_PORT)};
    memcpy(&router->sin_addr, gateway, sizeof gateway);
    return true;
}

/* A socket to the router, and the address of this machine that the router sees. */
static int connect_to(const struct sockaddr_in *router, uint8_t client[4])
{
    struct sockaddr_in own;
    socklen_t size = sizeof own;
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0
        && (connect(fd, (const struct sockaddr *)router, sizeof *router) != 0
            || getsockname(fd, (struct sockaddr *)&own, &size) != 0)) {
        close(fd);
        fd = -1;
    }
    if (fd >= 0)
        memcpy(client, &own.sin_addr, 4);
    return fd;
}

/* ---- Carrying out -------------------------------------------------------------------------- */

/* False: the node is gone. */
static bool tell(struct port_helper *helper, const struct mapping *mapping)
{
    uint8_t message[MAPPING_BYTES];
    if (mapping_equal(&helper->told, mapping))
        return true;
    helper->told = *mapping;
    mapping_encode(mapping, message);
    return write(STDOUT_FILENO, message, sizeof message) == (ssize_t)sizeof message;
}

static bool carry_out(struct port_helper *helper, struct mapper_step *step)
{
    uint64_t now_ms = clock_boot_ms();
    bool has_changed = step->has_changed;

    if (step->size > 0 && send(helper->fd, step->datagram, step->size, 0) < 0
        && errno == ECONNREFUSED) {
        mapper_on_refusal(&helper->mapper, now_ms, step);
        has_changed |= step->has_changed;
    }
    helper->next_ms = helper->mapper.next_ms;
    return !has_changed || tell(helper, &helper->mapper.mapping);
}

static bool rest_without_router(struct port_helper *helper)
{
    const struct mapping none = {.state = MAPPING_NONE, .reason = MAPPING_NO_ROUTER};
    if (helper->fd >= 0)
        close(helper->fd);
    helper->fd = -1;
    helper->next_ms = clock_boot_ms() + NO_ROUTER_REST_MS;
    return tell(helper, &none);
}

/* A machine that was carried elsewhere asks the router there; its lease at the old one runs out. */
static bool begin_again(struct port_helper *helper, const struct sockaddr_in *router)
{
    const struct mapping searching = {.state = MAPPING_SEARCHING};
    struct mapper_step step;

    if (helper->fd >= 0)
        close(helper->fd);
    helper->router = *router;
    helper->fd = connect_to(router, helper->client);
    if (helper->fd < 0)
        return rest_without_router(helper);
    mapper_start(&helper->mapper, helper->port, helper->client, helper->nonce, clock_boot_ms(),
                 &step);
    return tell(helper, &searching) && carry_out(helper, &step);
}

static bool is_same_place(const struct port_helper *helper, const struct sockaddr_in *router)
{
    uint8_t client[4];
    int fd = connect_to(router, client);
    if (fd < 0)
        return false;
    close(fd);
    return helper->fd >= 0 && router->sin_addr.s_addr == helper->router.sin_addr.s_addr
           && memcmp(client, helper->client, sizeof client) == 0;
}

static bool on_time(struct port_helper *helper)
{
    struct sockaddr_in router;
    struct mapper_step step;

    if (!find_router(helper, &router))
        return rest_without_router(helper);
    if (!is_same_place(helper, &router))
        return begin_again(helper, &router);
    mapper_on_time(&helper->mapper, clock_boot_ms(), &step);
    return carry_out(helper, &step);
}

/* What it says does not count: the table is read again, soon. */
static void on_changes(struct port_helper *helper)
{
    uint8_t ignored[4096];
    uint64_t soon_ms = clock_boot_ms() + ROUTES_PAUSE_MS;
    recv(helper->changes_fd, ignored, sizeof ignored, MSG_DONTWAIT);
    if (helper->next_ms > soon_ms)
        helper->next_ms = soon_ms;
}

static bool on_router(struct port_helper *helper)
{
    uint8_t datagram[PCP_BYTES_MAX + 1];
    struct mapper_step step;
    ssize_t size = recv(helper->fd, datagram, sizeof datagram, 0);

    if (size >= 0)
        mapper_on_datagram(&helper->mapper, bytes_of(datagram, (size_t)size), clock_boot_ms(),
                           &step);
    else if (errno == ECONNREFUSED)
        mapper_on_refusal(&helper->mapper, clock_boot_ms(), &step);
    else
        return true;
    return carry_out(helper, &step);
}

/* ---- Life ---------------------------------------------------------------------------------- */

static void wait_for(struct pollfd *polled, nfds_t count, uint64_t until_ms)
{
    uint64_t now_ms = clock_boot_ms();
    uint64_t left_ms = until_ms > now_ms ? until_ms - now_ms : 0;
    const struct timespec patience = {.tv_sec = (time_t)(left_ms / 1000),
                                      .tv_nsec = (long)(left_ms % 1000) * 1000000};
    ppoll(polled, count, &patience, NULL);
}

/* The node says nothing; only the end of it is heard. */
static bool has_node(short events)
{
    uint8_t ignored[64];
    return events == 0 || read(STDIN_FILENO, ignored, sizeof ignored) > 0;
}

static void serve(struct port_helper *helper)
{
    bool goes_on = on_time(helper);
    while (goes_on) {
        struct pollfd polled[3] = {{.fd = STDIN_FILENO, .events = POLLIN},
                                   {.fd = helper->fd, .events = POLLIN},
                                   {.fd = helper->changes_fd, .events = POLLIN}};
        wait_for(polled, 3, helper->next_ms);
        goes_on = has_node(polled[0].revents);
        if (polled[2].revents != 0)
            on_changes(helper);
        if (goes_on && polled[1].revents != 0)
            goes_on = on_router(helper);
        if (goes_on && clock_boot_ms() >= helper->next_ms)
            goes_on = on_time(helper);
    }
}

static void take_back(struct port_helper *helper)
{
    struct mapper_step step;

    if (helper->fd < 0)
        return;
    mapper_stop(&helper->mapper, clock_boot_ms(), &step);
    while (helper->mapper.state != MAPPER_GONE) {
        struct pollfd polled = {.fd = helper->fd, .events = POLLIN};
        uint8_t datagram[PCP_BYTES_MAX + 1];
        if (step.size > 0)
            (void)!send(helper->fd, step.datagram, step.size, 0);
        wait_for(&polled, 1, helper->mapper.next_ms);
        ssize_t size = recv(helper->fd, datagram, sizeof datagram, 0);
        if (size >= 0)
            mapper_on_datagram(&helper->mapper, bytes_of(datagram, (size_t)size), clock_boot_ms(),
                               &step);
        else
            mapper_on_time(&helper->mapper, clock_boot_ms(), &step);
    }
}

static bool name_router(struct port_helper *helper, const char *router, struct error *error)
{
    struct endpoint endpoint;

    if (router == NULL)
        return true;
    if (!endpoint_parse(&endpoint, router, error))
        return false;
    helper->named = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(endpoint.port)};
    return inet_pton(AF_INET, endpoint.host, &helper->named.sin_addr) == 1
           || error_set(error, ERROR_INVALID, "router %.60s: expected a numeric IPv4 address",
                        router);
}

/* Hears of routes that come and go; before the sandbox, which lets no such socket be made. */
static int watch_routes(void)
{
    const struct sockaddr_nl place = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_IPV4_ROUTE};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&place, sizeof place) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

bool port_helper_run(uint16_t port, const char *router, struct error *error)
{
    struct port_helper helper = {.port = port, .fd = -1, .changes_fd = -1};

    if (!name_router(&helper, router, error))
        return false;
    if (RAND_bytes(helper.nonce, sizeof helper.nonce) != 1)
        return error_set(error, ERROR_IO, "the system gave no random bytes");
    /* The node says when to go; a signal to all of a service or a terminal is not for us. */
    signal(SIGTERM, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    helper.routes_fd = open("/proc/net/route", O_RDONLY | O_CLOEXEC);
    helper.changes_fd = watch_routes();
    if (!sandbox_enter(error))
        return false;
    serve(&helper);
    take_back(&helper);
    _exit(0);
}

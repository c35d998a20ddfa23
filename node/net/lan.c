#include "node/net/lan.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "node/clock.h"

#define DATAGRAMS_PER_TURN 32

struct lan {
    struct lan_config config;
    struct sockaddr_in group;
    int fd;
    struct loop_watch *watch;
    struct loop_timer *timer;
    struct nearby nearby;
};

static bool is_wanted(void *arg, const struct node_id *who)
{
    struct lan *lan = arg;
    return lan->config.is_wanted(lan->config.arg, who);
}

/* ---- Saying -------------------------------------------------------------------------------- */

/* What is not sent is lost, as datagrams are. */
static void say_what_is_due(struct lan *lan)
{
    uint8_t datagram[NEARBY_SIZE_MAX];
    const uint64_t now_ms = clock_boot_ms();
    size_t size;

    while ((size = nearby_on_time(&lan->nearby, now_ms, datagram)) > 0)
        (void)!sendto(lan->fd, datagram, size, MSG_DONTWAIT, (const struct sockaddr *)&lan->group,
                      sizeof lan->group);
    const uint64_t next_ms = nearby_next_ms(&lan->nearby);
    if (next_ms == UINT64_MAX)
        loop_timer_off(lan->timer);
    else
        loop_timer_set(lan->timer, next_ms > now_ms ? next_ms - now_ms : 0);
}

static void on_timer(void *arg)
{
    say_what_is_due(arg);
}

/* ---- Hearing ------------------------------------------------------------------------------- */

static void on_readable(void *arg)
{
    struct lan *lan = arg;
    uint8_t datagram[NEARBY_SIZE_MAX + 1]; /* one more, so that what is too long is seen */
    struct node_record found;

    for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
        ssize_t size = recv(lan->fd, datagram, sizeof datagram, MSG_DONTWAIT);
        if (size < 0)
            break;
        if (nearby_on_datagram(&lan->nearby, bytes_of(datagram, (size_t)size), clock_boot_ms(),
                               &found))
            lan->config.on_found(lan->config.arg, &found);
    }
    say_what_is_due(lan);
}

/* ---- Life ---------------------------------------------------------------------------------- */

static bool join(struct lan *lan, struct error *error)
{
    struct ip_mreqn member = {.imr_multiaddr = lan->group.sin_addr};
    const int yes = 1, near = 1;

    if (lan->config.interface != NULL
        && inet_pton(AF_INET, lan->config.interface, &member.imr_address) != 1)
        return error_set(error, ERROR_INVALID, "%.60s: expected the IPv4 address of an interface",
                         lan->config.interface);
    /* Bound to the group's address, the socket hears nothing else; several nodes may share it. */
    return (setsockopt(lan->fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) == 0
            && bind(lan->fd, (const struct sockaddr *)&lan->group, sizeof lan->group) == 0
            && setsockopt(lan->fd, IPPROTO_IP, IP_MULTICAST_TTL, &near, sizeof near) == 0
            && setsockopt(lan->fd, IPPROTO_IP, IP_MULTICAST_IF, &member, sizeof member) == 0
            && setsockopt(lan->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof member) == 0)
           || error_set_errno(error, "could not join the local network's group " LAN_GROUP);
}

static bool begin(struct lan *lan, struct error *error)
{
    struct nearby_config config = {
        .network = lan->config.network, .us = lan->config.us, .is_wanted = is_wanted, .arg = lan};

    lan->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (lan->fd < 0)
        return error_set_errno(error, "could not make a socket");
    if (!join(lan, error))
        return false;
    if (RAND_bytes(config.asker, sizeof config.asker) != 1)
        return error_set(error, ERROR_IO, "the system gave no random bytes");
    nearby_init(&lan->nearby, &config, clock_boot_ms());
    lan->watch = loop_watch_new(lan->config.loop, lan->fd, on_readable, lan);
    lan->timer = loop_timer_new(lan->config.loop, on_timer, lan);
    return true;
}

struct lan *lan_open(const struct lan_config *config, struct error *error)
{
    struct lan *lan = memory_new_zeroed(1, sizeof *lan);

    lan->config = *config;
    lan->group = (struct sockaddr_in){
        .sin_family = AF_INET, .sin_port = htons(config->port == 0 ? LAN_PORT : config->port)};
    inet_pton(AF_INET, LAN_GROUP, &lan->group.sin_addr);
    if (begin(lan, error))
        return lan;
    lan_close(lan);
    return NULL;
}

void lan_set_record(struct lan *lan, struct bytes record)
{
    nearby_set_record(&lan->nearby, record, clock_boot_ms());
    say_what_is_due(lan);
}

void lan_look(struct lan *lan)
{
    nearby_look(&lan->nearby, clock_boot_ms());
    say_what_is_due(lan);
}

void lan_close(struct lan *lan)
{
    if (lan == NULL)
        return;
    loop_watch_free(lan->watch);
    loop_timer_free(lan->timer);
    if (lan->fd >= 0)
        close(lan->fd);
    free(lan);
}

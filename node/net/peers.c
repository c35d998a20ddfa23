#include "node/net/peers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/listener.h>

#include "node/clock.h"
#include "node/log.h"
#include "node/net/channel.h"
#include "node/net/dialer.h"
#include "node/net/gate.h"
#include "node/net/lookup.h"

#define BACKLOG   64
#define NO_PLACE  (-1)
#define NAME_SIZE 16 /* of a node in the log: the first bytes of its key */

/* A connection, or one that is being made. */
struct peer {
    struct peers *peers;
    struct channel *channel; /* NULL: its name is being looked up, or it waits for a new address */
    struct lookup *lookup;
    struct node_id who; /* who is dialled; who came, once it is open */
    struct addresses addresses;
    unsigned addresses_tried;
    int place; /* at the gate; NO_PLACE: none */
    bool is_up;
};

struct peers {
    struct peers_config config;
    struct channels *channels;
    struct dialer *dialer;
    struct gate gate;
    struct evconnlistener *listener;
    uint16_t port;
    struct event *timer; /* of the dialer */
    struct event *again; /* listens once more */
    struct peer **all;   /* also those that are being made or unmade */
    size_t count, capacity, up;
};

static const struct channel_events on_channel;

/* ---- The list -------------------------------------------------------------------------------- */

static struct peer *peer_new(struct peers *peers, int place)
{
    struct peer *peer = memory_new_zeroed(1, sizeof *peer);
    peer->peers = peers;
    peer->place = place;
    if (peers->count == peers->capacity) {
        peers->capacity = 2 * peers->capacity + 8;
        peers->all = memory_resize(peers->all, peers->capacity * sizeof *peers->all);
    }
    peers->all[peers->count++] = peer;
    return peer;
}

static void leave_gate(struct peer *peer)
{
    if (peer->place != NO_PLACE)
        gate_leave(&peer->peers->gate, peer->place);
    peer->place = NO_PLACE;
}

static void peer_free(struct peer *peer)
{
    struct peers *peers = peer->peers;
    size_t at = 0;
    leave_gate(peer);
    if (peer->lookup != NULL)
        lookup_forget(peer->lookup);
    channel_free(peer->channel);
    while (peers->all[at] != peer)
        at++;
    peers->all[at] = peers->all[--peers->count];
    peers->up -= peer->is_up;
    free(peer);
}

/* NULL: it is not there. */
static struct peer *find_up(const struct peers *peers, const struct node_id *who)
{
    for (size_t i = 0; i < peers->count; i++)
        if (peers->all[i]->is_up && node_id_equal(&peers->all[i]->who, who))
            return peers->all[i];
    return NULL;
}

static const char *name_of(const struct node_id *who, char out[NAME_SIZE])
{
    snprintf(out, NAME_SIZE, "%02x%02x%02x%02x%02x", who->key[0], who->key[1], who->key[2],
             who->key[3], who->key[4]);
    return out;
}

/* ---- Dialling -------------------------------------------------------------------------------- */

static void dial_due(struct peers *peers);

static void set_timer(struct peers *peers)
{
    const uint64_t next = dialer_next_ms(peers->dialer), now = clock_boot_ms();
    const uint64_t wait = next > now ? next - now : 0;
    const struct timeval time = {(time_t)(wait / 1000), (suseconds_t)(wait % 1000 * 1000)};
    if (next == UINT64_MAX)
        evtimer_del(peers->timer);
    else
        evtimer_add(peers->timer, &time);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    dial_due(arg);
}

/* It came to nothing: its next endpoint, or later. */
static void give_up(struct peer *peer, const char *why)
{
    struct peers *peers = peer->peers;
    char name[NAME_SIZE];
    log_write(LOG_DEBUG, "peers: not reached node=%s reason=\"%s\"", name_of(&peer->who, name),
              why);
    dialer_on_failed(peers->dialer, &peer->who, clock_boot_ms());
    peer_free(peer);
    set_timer(peers);
}

/* The next address of its endpoint. */
static void dial_address(struct peer *peer, const char *why_not)
{
    struct error error;
    error_set(&error, ERROR_NOT_FOUND, "%s", why_not);
    while (peer->channel == NULL && peer->addresses_tried < peer->addresses.count) {
        const struct sockaddr *to =
            (const struct sockaddr *)&peer->addresses.each[peer->addresses_tried++];
        peer->channel =
            channel_dial(peer->peers->channels, to, &peer->who, &on_channel, peer, &error);
    }
    if (peer->channel == NULL)
        give_up(peer, error.text);
}

static void on_looked_up(void *arg, const struct addresses *addresses, const struct error *error)
{
    struct peer *peer = arg;
    peer->lookup = NULL;
    if (addresses != NULL)
        peer->addresses = *addresses;
    dial_address(peer, error->text);
}

static void dial_due(struct peers *peers)
{
    struct dial dial;
    while (dialer_take(peers->dialer, clock_boot_ms(), &dial)) {
        struct peer *peer = peer_new(peers, NO_PLACE);
        peer->who = dial.who;
        peer->lookup = lookup_start(peers->config.workers, &dial.to, on_looked_up, peer);
        if (peer->lookup == NULL)
            give_up(peer, "the workers' queue is full");
    }
    set_timer(peers);
}

/* ---- Coming in ------------------------------------------------------------------------------- */

static void on_knock(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *from,
                     int size, void *arg)
{
    struct peers *peers = arg;
    (void)listener;
    (void)size;
    const int place = gate_enter(&peers->gate, from);
    if (place < 0) {
        close(fd);
        return;
    }
    struct peer *peer = peer_new(peers, place);
    peer->channel = channel_accept(peers->channels, fd, &on_channel, peer);
}

static void on_again(evutil_socket_t fd, short what, void *arg)
{
    struct peers *peers = arg;
    (void)fd;
    (void)what;
    evconnlistener_enable(peers->listener);
}

/* Out of descriptors, as a rule: who knocks waits for a moment instead of keeping the loop busy. */
static void on_accept_failed(struct evconnlistener *listener, void *arg)
{
    struct peers *peers = arg;
    static const struct timeval moment = {1, 0};
    log_write(LOG_WARN, "peers: took nobody in reason=\"%s\"", strerror(errno));
    evconnlistener_disable(listener);
    evtimer_add(peers->again, &moment);
}

/* ---- Connections ----------------------------------------------------------------------------- */

/* Of two connections with one node: whether the new one stays. */
static bool is_better(const struct peers *peers, const struct peer *old, const struct peer *new)
{
    const struct node_id us = node_id_of(peers->config.node_key);
    const bool ours_stays = memcmp(us.key, new->who.key, sizeof us.key) < 0;
    const bool is_ours = channel_was_dialled(new->channel);
    return channel_was_dialled(old->channel) == is_ours || is_ours == ours_stays;
}

/* NULL: it may come. */
static const char *why_not(const struct peer *peer)
{
    const struct peers *peers = peer->peers;
    if (channel_was_dialled(peer->channel) || dialer_wants(peers->dialer, &peer->who))
        return NULL;
    if (peers->up >= PEERS_MAX)
        return "there are too many";
    return peers->config.events->may_come(peers->config.arg, &peer->who) ? NULL
                                                                         : "it is a stranger";
}

static void limit(struct peer *peer)
{
    const struct peers_config *config = &peer->peers->config;
    channel_limit(peer->channel, config->events->size_max(config->arg, &peer->who));
}

static void on_open(void *arg, struct channel *channel)
{
    struct peer *peer = arg;
    struct peers *peers = peer->peers;
    char name[NAME_SIZE];
    leave_gate(peer);
    peer->who = *channel_peer(channel);
    struct peer *old = find_up(peers, &peer->who);
    const char *refusal = old == NULL ? why_not(peer) : NULL;
    if (old != NULL && !is_better(peers, old, peer))
        refusal = "there is another connection";
    if (refusal != NULL) {
        channel_close(channel, refusal);
        return;
    }
    peer->is_up = true;
    peers->up++;
    limit(peer);
    if (old != NULL) {
        peer_free(old);
        return;
    }
    dialer_on_connected(peers->dialer, &peer->who, clock_boot_ms());
    set_timer(peers);
    log_write(LOG_INFO, "peers: connected node=%s", name_of(&peer->who, name));
    peers->config.events->on_up(peers->config.arg, &peer->who);
}

static void on_message(void *arg, struct channel *channel, struct bytes message)
{
    const struct peer *peer = arg;
    const struct peers *peers = peer->peers;
    (void)channel;
    if (peer->is_up)
        peers->config.events->on_message(peers->config.arg, &peer->who, message);
}

static void on_closed(void *arg, struct channel *channel, const struct error *why)
{
    struct peer *peer = arg;
    struct peers *peers = peer->peers;
    const struct node_id who = peer->who;
    const bool was_up = peer->is_up;
    char name[NAME_SIZE];
    if (!was_up && channel_was_dialled(channel) && find_up(peers, &who) == NULL) {
        channel_free(channel);
        peer->channel = NULL;
        dial_address(peer, why->text);
        return;
    }
    if (!was_up)
        log_write(LOG_DEBUG, "peers: refused node=%s reason=\"%s\"", name_of(&who, name),
                  why->text);
    peer_free(peer);
    if (!was_up)
        return;
    log_write(LOG_INFO, "peers: lost node=%s reason=\"%s\"", name_of(&who, name), why->text);
    dialer_on_lost(peers->dialer, &who, clock_boot_ms());
    set_timer(peers);
    peers->config.events->on_down(peers->config.arg, &who);
}

static const struct channel_events on_channel = {on_open, on_message, on_closed};

/* ---- Life ------------------------------------------------------------------------------------ */

/* A port on a numeric address. */
static bool address_of(const char *bind, uint16_t port, struct sockaddr_storage *out,
                       struct error *error)
{
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, bind, &four.sin_addr) == 1)
        memcpy(out, &four, sizeof four);
    else if (inet_pton(AF_INET6, bind, &six.sin6_addr) == 1)
        memcpy(out, &six, sizeof six);
    else
        return error_set(error, ERROR_INVALID, "\"%.64s\" is no numeric address to listen on",
                         bind);
    return true;
}

static uint16_t port_of(evutil_socket_t fd)
{
    struct sockaddr_storage bound = {0};
    struct sockaddr_in6 six; /* the port stands where IPv4 has it */
    socklen_t size = sizeof bound;
    if (getsockname(fd, (struct sockaddr *)&bound, &size) != 0)
        return 0;
    memcpy(&six, &bound, sizeof six);
    return ntohs(six.sin6_port);
}

static bool listen_on(struct peers *peers, struct error *error)
{
    struct sockaddr_storage where;
    if (!address_of(peers->config.bind, peers->config.port, &where, error))
        return false;
    const int size = where.ss_family == AF_INET ? (int)sizeof(struct sockaddr_in)
                                                : (int)sizeof(struct sockaddr_in6);
    peers->listener =
        evconnlistener_new_bind(peers->config.loop, on_knock, peers,
                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
                                BACKLOG, (const struct sockaddr *)&where, size);
    if (peers->listener == NULL)
        return error_set_errno(error, "peers: listening on %s port %u", peers->config.bind,
                               peers->config.port);
    evconnlistener_set_error_cb(peers->listener, on_accept_failed);
    peers->port = port_of(evconnlistener_get_fd(peers->listener));
    return true;
}

struct peers *peers_open(const struct peers_config *config, struct error *error)
{
    const struct channels_config channels = {.loop = config->loop,
                                             .node_key = config->node_key,
                                             .network = config->network,
                                             .message_max = config->message_max};
    struct peers *peers = memory_new_zeroed(1, sizeof *peers);
    peers->config = *config;
    peers->dialer = dialer_new(config->seed);
    peers->timer = evtimer_new(config->loop, on_timer, peers);
    peers->again = evtimer_new(config->loop, on_again, peers);
    peers->channels = channels_new(&channels, error);
    if (peers->channels != NULL && (config->bind == NULL || listen_on(peers, error)))
        return peers;
    peers_close(peers);
    return NULL;
}

void peers_close(struct peers *peers)
{
    if (peers == NULL)
        return;
    while (peers->count > 0)
        peer_free(peers->all[peers->count - 1]);
    if (peers->listener != NULL)
        evconnlistener_free(peers->listener);
    channels_free(peers->channels);
    dialer_free(peers->dialer);
    event_free(peers->timer);
    event_free(peers->again);
    free(peers->all);
    free(peers);
}

uint16_t peers_port(const struct peers *peers)
{
    return peers->port;
}

void peers_want(struct peers *peers, const struct node_id *who, const struct endpoint *endpoints,
                unsigned count)
{
    dialer_want(peers->dialer, who, endpoints, count, clock_boot_ms());
    if (find_up(peers, who) != NULL)
        dialer_on_connected(peers->dialer, who, clock_boot_ms());
    set_timer(peers);
}

void peers_forget(struct peers *peers, const struct node_id *who)
{
    dialer_forget(peers->dialer, who);
    set_timer(peers);
}

bool peers_is_up(const struct peers *peers, const struct node_id *who)
{
    return find_up(peers, who) != NULL;
}

bool peers_send(struct peers *peers, const struct node_id *who, struct bytes message)
{
    const struct peer *peer = find_up(peers, who);
    return peer != NULL && channel_send(peer->channel, message);
}

size_t peers_unsent(const struct peers *peers, const struct node_id *who)
{
    const struct peer *peer = find_up(peers, who);
    return peer == NULL ? 0 : channel_unsent(peer->channel);
}

void peers_limit(struct peers *peers)
{
    for (size_t i = 0; i < peers->count; i++)
        if (peers->all[i]->is_up)
            limit(peers->all[i]);
}

void peers_drop(struct peers *peers, const struct node_id *who, const char *why)
{
    const struct peer *peer = find_up(peers, who);
    if (peer != NULL)
        channel_close(peer->channel, why);
}

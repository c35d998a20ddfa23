#include "node/net/channel.h"

#include <assert.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>

#include "node/net/tls.h"

#define FRAMES_PER_TURN 64
#define READ_AT_ONCE    65536 /* bytes */
#define REFUSING_MS     2000  /* to say why */

enum channel_state {
    CHANNEL_CONNECTING, /* TCP and TLS */
    CHANNEL_GREETING,   /* it has not said who it is, or what it thinks of us */
    CHANNEL_OPEN,
    CHANNEL_REFUSING, /* it is told why, then closed */
    CHANNEL_CLOSED,   /* to be told, or told */
};

struct channels {
    struct channels_config config;
    struct ssl_ctx_st *tls;
    struct channel *freed; /* kept until the next turn of the loop */
    struct event *sweep;
};

struct channel {
    struct channels *channels;
    struct bufferevent *stream;
    struct event *deadline; /* of the greeting; then, of a closed one, to tell its owner */
    enum channel_state state;
    bool is_freed, was_dialled;
    uint32_t size_max; /* of what it sends */
    uint32_t to_skip;  /* bytes of a frame that is larger */
    struct node_id peer;
    struct hello_terms terms;
    const struct channel_events *events;
    void *arg;
    struct channel_traffic traffic;
    struct error why;
    struct channel *next; /* of those that were freed */
};

/* ---- What all share -------------------------------------------------------------------------- */

static void sweep(struct channels *channels)
{
    while (channels->freed != NULL) {
        struct channel *channel = channels->freed;
        channels->freed = channel->next;
        free(channel);
    }
}

static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    sweep(arg);
}

struct channels *channels_new(const struct channels_config *config, struct error *error)
{
    struct ssl_ctx_st *tls = tls_context_new(error);
    if (tls == NULL)
        return NULL;
    struct channels *channels = memory_new_zeroed(1, sizeof *channels);
    channels->config = *config;
    if (config->greeting_ms == 0)
        channels->config.greeting_ms = CHANNEL_GREETING_MS;
    if (config->silent_ms == 0)
        channels->config.silent_ms = CHANNEL_SILENT_MS;
    if (config->stuck_ms == 0)
        channels->config.stuck_ms = CHANNEL_STUCK_MS;
    channels->tls = tls;
    channels->sweep = evtimer_new(config->loop, on_sweep, channels);
    return channels;
}

void channels_free(struct channels *channels)
{
    if (channels == NULL)
        return;
    sweep(channels);
    event_free(channels->sweep);
    tls_context_free(channels->tls);
    free(channels);
}

/* ---- The end --------------------------------------------------------------------------------- */

static struct timeval time_of_ms(uint32_t ms)
{
    return (struct timeval){ms / 1000, (suseconds_t)(ms % 1000) * 1000};
}

static void call_in(struct event *event, uint32_t ms)
{
    const struct timeval time = time_of_ms(ms);
    evtimer_add(event, &time);
}

/* Its owner hears on the next turn why; of the first reason only. */
static void close_channel(struct channel *channel)
{
    if (channel->state == CHANNEL_CLOSED)
        return;
    channel->state = CHANNEL_CLOSED;
    bufferevent_disable(channel->stream, EV_READ | EV_WRITE);
    call_in(channel->deadline, 0);
}

#define CLOSE(channel, ...)                          \
    do {                                             \
        if ((channel)->why.code == ERROR_NONE)       \
            error_set(&(channel)->why, __VA_ARGS__); \
        close_channel(channel);                      \
    } while (0)

static void add_frame(struct channel *channel, struct bytes message)
{
    struct evbuffer *out = bufferevent_get_output(channel->stream);
    uint8_t size[4];
    for (unsigned i = 0; i < 4; i++)
        size[i] = (uint8_t)(message.size >> (24 - 8 * i));
    if (evbuffer_expand(out, sizeof size + message.size) != 0
        || evbuffer_add(out, size, sizeof size) != 0
        || evbuffer_add(out, message.data, message.size) != 0)
        abort(); /* out of memory */
    channel->traffic.sent += sizeof size + message.size;
}

/* Tells it why, then closes. */
static void refuse(struct channel *channel, enum hello_verdict verdict)
{
    const uint8_t reason = (uint8_t)verdict;
    error_set(&channel->why, ERROR_DENIED, "the other node %s", hello_verdict_text(verdict));
    channel->state = CHANNEL_REFUSING;
    bufferevent_disable(channel->stream, EV_READ);
    add_frame(channel, bytes_of(&reason, 1));
    call_in(channel->deadline, REFUSING_MS);
}

/* ---- Who is there ---------------------------------------------------------------------------- */

static void send_hello(struct channel *channel)
{
    uint8_t hello[HELLO_SIZE];
    hello_sign(&channel->terms, channel->was_dialled ? HELLO_DIALS : HELLO_ACCEPTS, &channel->peer,
               channel->channels->config.node_key, hello);
    add_frame(channel, bytes_of(hello, sizeof hello));
}

/* TLS is done. Who dialled speaks first. */
static void greet(struct channel *channel)
{
    const int on = 1;
    channel->state = CHANNEL_GREETING;
    channel->terms = (struct hello_terms){.network = channel->channels->config.network,
                                          .us = node_id_of(channel->channels->config.node_key)};
    if (!tls_exporter(bufferevent_openssl_get_ssl(channel->stream), &channel->terms.exporter)) {
        CLOSE(channel, ERROR_INVALID, "the other side does not speak \"org/1\"");
        return;
    }
    setsockopt(bufferevent_getfd(channel->stream), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (channel->was_dialled)
        send_hello(channel);
}

static void open_up(struct channel *channel)
{
    const struct timeval silent = time_of_ms(channel->channels->config.silent_ms);
    const struct timeval stuck = time_of_ms(channel->channels->config.stuck_ms);
    evtimer_del(channel->deadline);
    bufferevent_set_timeouts(channel->stream, &silent, &stuck);
    channel->state = CHANNEL_OPEN;
    channel->events->on_open(channel->arg, channel);
}

static void take_hello(struct channel *channel, struct bytes frame)
{
    const struct node_id *dialled = channel->was_dialled ? &channel->peer : NULL;
    if (frame.size == 1) {
        CLOSE(channel, ERROR_DENIED, "it refused: for it this node %s",
              hello_verdict_text((enum hello_verdict)frame.data[0]));
        return;
    }
    const enum hello_verdict verdict =
        hello_check(&channel->terms, channel->was_dialled ? HELLO_ACCEPTS : HELLO_DIALS, dialled,
                    frame, &channel->peer);
    if (verdict != HELLO_OK) {
        refuse(channel, verdict);
        return;
    }
    if (!channel->was_dialled)
        send_hello(channel);
    open_up(channel);
}

/* ---- Frames ---------------------------------------------------------------------------------- */

/* Whether the frame that is skipped is behind us. */
static bool skip(struct channel *channel, struct evbuffer *in)
{
    const size_t here = evbuffer_get_length(in);
    const uint32_t part = here < channel->to_skip ? (uint32_t)here : channel->to_skip;
    evbuffer_drain(in, part);
    channel->traffic.received += part;
    channel->to_skip -= part;
    return channel->to_skip == 0;
}

/* One frame, if it is whole, or the rest of one that is too large. */
static bool take_frame(struct channel *channel, struct evbuffer *in)
{
    const uint32_t most =
        channel->state == CHANNEL_OPEN ? channel->channels->config.message_max : HELLO_SIZE;
    uint8_t head[4];
    uint32_t size = 0;
    if (!skip(channel, in))
        return false;
    if (evbuffer_copyout(in, head, sizeof head) < (ev_ssize_t)sizeof head)
        return false;
    for (unsigned i = 0; i < 4; i++)
        size = size << 8 | head[i];
    if (size == 0 || size > most) {
        CLOSE(channel, ERROR_INVALID, "a frame of %u bytes, expected 1 to %u", size, most);
        return false;
    }
    if (channel->state == CHANNEL_OPEN && size > channel->size_max) {
        channel->to_skip = (uint32_t)sizeof head + size;
        return skip(channel, in);
    }
    if (evbuffer_get_length(in) < sizeof head + size)
        return false;
    evbuffer_drain(in, sizeof head);
    const uint8_t *content = evbuffer_pullup(in, size);
    if (content == NULL)
        abort(); /* out of memory */
    channel->traffic.received += sizeof head + size;
    if (channel->state == CHANNEL_OPEN)
        channel->events->on_message(channel->arg, channel, bytes_of(content, size));
    else
        take_hello(channel, bytes_of(content, size));
    if (!channel->is_freed)
        evbuffer_drain(in, size);
    return true;
}

static void on_readable(struct bufferevent *stream, void *arg)
{
    struct channel *channel = arg;
    for (unsigned i = 0; i < FRAMES_PER_TURN; i++)
        if (channel->is_freed
            || (channel->state != CHANNEL_GREETING && channel->state != CHANNEL_OPEN)
            || !take_frame(channel, bufferevent_get_input(stream)))
            return;
    if (!channel->is_freed)
        bufferevent_trigger(stream, EV_READ, BEV_TRIG_DEFER_CALLBACKS);
}

static void on_written(struct bufferevent *stream, void *arg)
{
    struct channel *channel = arg;
    (void)stream;
    if (!channel->is_freed && channel->state == CHANNEL_REFUSING)
        close_channel(channel);
}

static void on_stream_event(struct bufferevent *stream, short what, void *arg)
{
    struct channel *channel = arg;
    if (channel->is_freed)
        return;
    if ((what & BEV_EVENT_CONNECTED) != 0) {
        if (channel->state == CHANNEL_CONNECTING)
            greet(channel);
        return;
    }
    const int socket_error = EVUTIL_SOCKET_ERROR();
    char tls_error[128];
    tls_error_text(bufferevent_get_openssl_error(stream), tls_error, sizeof tls_error);
    /* What it sent before it closed, a refusal perhaps, is worth reading. */
    on_readable(stream, channel);
    if (channel->is_freed)
        return;
    if ((what & BEV_EVENT_TIMEOUT) != 0)
        CLOSE(channel, ERROR_IO, "it %s for too long",
              (what & BEV_EVENT_READING) != 0 ? "was silent" : "took nothing");
    else if ((what & BEV_EVENT_EOF) != 0)
        CLOSE(channel, ERROR_IO, "it closed the connection%s",
              channel->state == CHANNEL_OPEN ? "" : " before it said who it is");
    else
        CLOSE(channel, ERROR_IO, "the connection failed: %s",
              tls_error[0] != 0 ? tls_error : evutil_socket_error_to_string(socket_error));
}

/* ---- Life ------------------------------------------------------------------------------------ */

static void on_deadline(evutil_socket_t fd, short what, void *arg)
{
    struct channel *channel = arg;
    (void)fd;
    (void)what;
    if (channel->state == CHANNEL_CLOSED)
        channel->events->on_closed(channel->arg, channel, &channel->why);
    else
        CLOSE(channel, ERROR_IO, "it did not say in time who it is");
}

/* `fd` is -1 for one that is to be connected. */
static struct channel *channel_new(struct channels *channels, int fd, bool was_dialled,
                                   const struct channel_events *events, void *arg)
{
    struct ssl_st *ssl = tls_connection_new(channels->tls);
    if (ssl == NULL)
        abort(); /* out of memory */
    struct channel *channel = memory_new_zeroed(1, sizeof *channel);
    channel->channels = channels;
    channel->was_dialled = was_dialled;
    channel->size_max = channels->config.message_max;
    channel->events = events;
    channel->arg = arg;
    channel->deadline = evtimer_new(channels->config.loop, on_deadline, channel);
    channel->stream = bufferevent_openssl_socket_new(
        channels->config.loop, fd, ssl,
        was_dialled ? BUFFEREVENT_SSL_CONNECTING : BUFFEREVENT_SSL_ACCEPTING,
        BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
    if (channel->deadline == NULL || channel->stream == NULL)
        abort(); /* out of memory */
    bufferevent_set_max_single_read(channel->stream, READ_AT_ONCE);
    bufferevent_setcb(channel->stream, on_readable, on_written, on_stream_event, channel);
    bufferevent_enable(channel->stream, EV_READ | EV_WRITE);
    call_in(channel->deadline, channels->config.greeting_ms);
    return channel;
}

struct channel *channel_dial(struct channels *channels, const struct sockaddr *to,
                             const struct node_id *who, const struct channel_events *events,
                             void *arg, struct error *error)
{
    struct channel *channel = channel_new(channels, -1, true, events, arg);
    const int size = to->sa_family == AF_INET6 ? (int)sizeof(struct sockaddr_in6)
                                               : (int)sizeof(struct sockaddr_in);
    channel->peer = *who;
    if (bufferevent_socket_connect(channel->stream, to, size) == 0)
        return channel;
    error_set_errno(error, "it could not be dialled");
    channel_free(channel);
    return NULL;
}

struct channel *channel_accept(struct channels *channels, int fd,
                               const struct channel_events *events, void *arg)
{
    return channel_new(channels, fd, false, events, arg);
}

void channel_free(struct channel *channel)
{
    if (channel == NULL)
        return;
    assert(!channel->is_freed);
    channel->is_freed = true;
    bufferevent_free(channel->stream);
    event_free(channel->deadline);
    channel->next = channel->channels->freed;
    channel->channels->freed = channel;
    call_in(channel->channels->sweep, 0);
}

bool channel_send(struct channel *channel, struct bytes message)
{
    assert(message.size > 0);
    assert(message.size <= channel->channels->config.message_max);
    if (channel->state != CHANNEL_OPEN)
        return false;
    const size_t waiting = channel_unsent(channel);
    if (waiting + message.size > CHANNEL_QUEUE_MAX + channel->channels->config.message_max) {
        CLOSE(channel, ERROR_INVALID, "it does not read: %zu bytes wait for it", waiting);
        return false;
    }
    add_frame(channel, message);
    return true;
}

void channel_limit(struct channel *channel, uint32_t size_max)
{
    channel->size_max = size_max;
}

size_t channel_unsent(const struct channel *channel)
{
    return evbuffer_get_length(bufferevent_get_output(channel->stream));
}

void channel_close(struct channel *channel, const char *why)
{
    CLOSE(channel, ERROR_DENIED, "it was closed here: %s", why);
}

bool channel_is_open(const struct channel *channel)
{
    return channel->state == CHANNEL_OPEN;
}

const struct node_id *channel_peer(const struct channel *channel)
{
    return &channel->peer;
}

bool channel_was_dialled(const struct channel *channel)
{
    return channel->was_dialled;
}

struct channel_traffic channel_traffic(const struct channel *channel)
{
    return channel->traffic;
}

#include "rpc/websocket/sockets.h"

#include "rpc/http/front.h"
#include "rpc/http/peers.h"
#include "rpc/websocket/reader.h"
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WAITING_ALL_MAX   (256u << 20) /* bytes that wait for all clients together */
#define MESSAGES_MAX      (256u << 20) /* bytes of messages being read, likewise */
#define READ_PAUSE_SIZE   (256u << 10) /* with as much unsent, no further request is read */
#define CLOSING_MS        2000         /* for the other side to close, too */
#define UPKEEP_PAUSE_MS   1000
#define DISCARDED_AT_ONCE 65536
#define READ_AT_ONCE      65536 /* then others get the worker */
#define SMALL_MESSAGE     4096  /* taken even while others send too much */
#define CHUNK_PLACES      64

enum socket_state {
    SOCKET_FREE,    /* a place for a connection */
    SOCKET_OPEN,    /* messages go both ways */
    SOCKET_CLOSING, /* a close frame is the last to be sent; what still comes is thrown away */
    SOCKET_ENDED,   /* shut down; closed when nobody has to do with it any more */
};

struct socket {
    struct sockets *all;
    struct socket *next_free; /* under the lock of all */
    struct rpc_watch watch;
    uint64_t serial;
    char *org; /* NULL: the default one */
    bool is_authorized;
    void *attachment;
    struct peer *peer;

    pthread_mutex_t lock; /* all below, but the reader */
    enum socket_state state;
    int fd;
    bool is_reading; /* a worker has the reading side */
    bool is_shut;    /* nothing more is sent */
    size_t calls;    /* messages without their answers */
    struct outbox outbox;
    uint64_t heard_ms;   /* when something came last */
    uint64_t stuck_ms;   /* since when the socket takes nothing; 0: it does */
    uint64_t closing_ms; /* since when it is closing, or has sent its last byte */
    bool is_pinged;      /* since then */

    struct ws_reader reader; /* of whoever is reading */
    struct buffer ahead;     /* received with the handshake */
    size_t ahead_taken;
    size_t charged;   /* of all->message_bytes */
    size_t turn_left; /* bytes that may still be read in this turn */
};

struct chunk {
    struct chunk *next;
    struct socket places[CHUNK_PLACES];
};

struct sockets {
    struct sockets_config config;
    struct event *upkeep_timer;
    atomic_bool is_stopping;
    atomic_bool is_upkeep_running;
    atomic_bool is_upkeep_planned; /* the timer is set, or about to be */
    atomic_size_t waiting_bytes;
    atomic_size_t message_bytes;
    _Atomic uint64_t dropped;
    _Atomic uint64_t serials;
    atomic_size_t count;
    pthread_mutex_t lock; /* the two below */
    struct chunk *chunks;
    struct socket *free_places;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* ---- Places ------------------------------------------------------------------------------ */

static void on_ready(struct vm *machine, void *arg);

/* With the lock of all. */
static void add_places(struct sockets *all)
{
    struct chunk *chunk = memory_new_zeroed(1, sizeof *chunk);
    chunk->next = all->chunks;
    all->chunks = chunk;
    for (size_t index = CHUNK_PLACES; index-- > 0;) {
        struct socket *socket = &chunk->places[index];
        socket->all = all;
        socket->fd = -1;
        socket->watch = (struct rpc_watch){on_ready, socket};
        pthread_mutex_init(&socket->lock, NULL);
        socket->outbox.account = &all->waiting_bytes;
        socket->next_free = all->free_places;
        all->free_places = socket;
    }
}

static struct socket *take_place(struct sockets *all)
{
    pthread_mutex_lock(&all->lock);
    if (all->free_places == NULL)
        add_places(all);
    struct socket *socket = all->free_places;
    all->free_places = socket->next_free;
    atomic_fetch_add(&all->count, 1);
    pthread_mutex_unlock(&all->lock);
    return socket;
}

static void give_place_back(struct socket *socket)
{
    struct sockets *all = socket->all;
    pthread_mutex_lock(&all->lock);
    socket->next_free = all->free_places;
    all->free_places = socket;
    atomic_fetch_sub(&all->count, 1);
    pthread_mutex_unlock(&all->lock);
}

/* ---- Ending ------------------------------------------------------------------------------ */

static void discharge(struct socket *socket)
{
    atomic_fetch_sub(&socket->all->message_bytes, socket->charged);
    socket->charged = 0;
}

static void clear_place(struct socket *socket)
{
    if (socket->fd >= 0)
        close(socket->fd);
    socket->fd = -1;
    outbox_cleanup(&socket->outbox);
    ws_reader_cleanup(&socket->reader);
    buffer_cleanup(&socket->ahead);
    free(socket->org);
    socket->org = NULL;
    if (socket->peer != NULL)
        peers_leave(socket->all->config.peers, socket->peer);
    socket->peer = NULL;
    discharge(socket);
}

/* With the lock, which is let go. The last who has to do with an ended connection clears its
 * place; closing the descriptor ends its watch. */
static void unlock(struct socket *socket)
{
    bool is_over = socket->state == SOCKET_ENDED && !socket->is_reading && socket->calls == 0;
    if (is_over) {
        clear_place(socket);
        socket->state = SOCKET_FREE;
    }
    pthread_mutex_unlock(&socket->lock);
    if (!is_over)
        return;
    socket->all->config.on_ended(socket->all->config.context, socket);
    give_place_back(socket);
}

/* With the lock. */
static void end(struct socket *socket)
{
    if (socket->state != SOCKET_OPEN && socket->state != SOCKET_CLOSING)
        return;
    socket->state = SOCKET_ENDED;
    outbox_cleanup(&socket->outbox);
    shutdown(socket->fd, SHUT_RDWR);
}

/* ---- Sending, with the lock -------------------------------------------------------------- */

/* What the socket takes now. */
static void flush(struct socket *socket)
{
    struct outbox_pieces pieces;
    while (socket->outbox.count > 0) {
        outbox_gather(&socket->outbox, &pieces);
        struct msghdr message = {.msg_iov = pieces.pieces, .msg_iovlen = (size_t)pieces.count};
        ssize_t count = sendmsg(socket->fd, &message, MSG_NOSIGNAL);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0 && errno != EAGAIN) {
            end(socket);
            return;
        }
        if (count < 0) {
            if (socket->stuck_ms == 0)
                socket->stuck_ms = now_ms();
            return;
        }
        socket->stuck_ms = 0;
        outbox_on_sent(&socket->outbox, (size_t)count);
    }
    if (socket->state == SOCKET_CLOSING && !socket->is_shut) {
        socket->is_shut = true;
        socket->closing_ms = now_ms();
        shutdown(socket->fd, SHUT_WR);
    }
}

/* Whether the reading side may be taken: a client that does not read its answers, or has many
 * calls under way, is not read either. */
static bool may_read(const struct socket *socket)
{
    if (socket->is_reading)
        return false;
    return socket->state == SOCKET_CLOSING
           || (socket->state == SOCKET_OPEN
               && socket->calls < socket->all->config.limits->calls_at_once_max
               && socket->outbox.size <= READ_PAUSE_SIZE);
}

/* Asks for the events that the connection waits for. With none it rests, until an answer or a
 * push comes by. */
static void arm(struct socket *socket)
{
    const struct rpc_host *host = socket->all->config.host;
    bool reads = may_read(socket);
    uint32_t events = reads ? EPOLLIN : 0;
    if (socket->state != SOCKET_OPEN && socket->state != SOCKET_CLOSING)
        return;
    /* What was received before is worked on as soon as a worker is free. */
    if (socket->outbox.count > 0
        || (reads && (socket->ahead.size > 0 || ws_reader_has_ahead(&socket->reader))))
        events |= EPOLLOUT;
    if (events != 0)
        host->ops->watch(host->context, &socket->watch, socket->fd, events, false);
}

/* Says the last word: frames of which nothing is sent yet are left out if it `is_urgent`. */
static void start_closing(struct socket *socket, uint16_t code, const char *why, bool is_urgent)
{
    if (socket->state != SOCKET_OPEN)
        return;
    socket->state = SOCKET_CLOSING;
    socket->closing_ms = now_ms();
    if (is_urgent)
        outbox_forget(&socket->outbox);
    outbox_append_close(&socket->outbox, code, why);
    flush(socket);
}

static void drop(struct socket *socket, uint16_t code, const char *why)
{
    if (socket->state == SOCKET_OPEN)
        atomic_fetch_add(&socket->all->dropped, 1);
    start_closing(socket, code, why, true);
}

/* Beyond its bound, or beyond everybody's while it is behind, a client is dropped. A single frame
 * may be longer than the bound: its reader takes it at leisure. */
static void judge_waiting(struct socket *socket)
{
    const struct sockets *all = socket->all;
    size_t most = all->config.limits->waiting_max;
    if (socket->outbox.count > 0 && atomic_load(&all->waiting_bytes) > WAITING_ALL_MAX) {
        drop(socket, WS_CODE_TRY_LATER, "too slow while this node is short of memory");
        if (socket->outbox.size > READ_PAUSE_SIZE)
            end(socket); /* behind half of a long frame the last word would not arrive */
    } else if (socket->outbox.count > 1 && socket->outbox.size > most) {
        drop(socket, WS_CODE_POLICY, "too slow: more notifications wait than are kept");
    }
}

bool socket_hold(struct socket_ref ref)
{
    struct socket *socket = ref.socket;
    pthread_mutex_lock(&socket->lock);
    if (socket->serial == ref.serial && socket->state == SOCKET_OPEN)
        return true;
    unlock(socket);
    return false;
}

void socket_push(struct socket *socket, const struct rpc_id *id, struct payload *payload)
{
    if (socket->state != SOCKET_OPEN)
        return;
    outbox_append_notification(&socket->outbox, id, payload);
    if (socket->outbox.count < OUTBOX_FRAMES_AT_ONCE)
        return;
    if (socket->stuck_ms == 0) /* else it is watched, and flushed when it takes more */
        flush(socket);
    judge_waiting(socket);
}

void socket_let_go(struct socket *socket)
{
    flush(socket);
    judge_waiting(socket);
    if (socket->outbox.count > 0 || socket->state == SOCKET_CLOSING)
        arm(socket);
    unlock(socket);
}

void socket_answer(struct socket *socket, struct buffer *text, size_t message_size)
{
    atomic_fetch_sub(&socket->all->message_bytes, message_size);
    pthread_mutex_lock(&socket->lock);
    assert(socket->calls > 0);
    socket->calls--;
    if (text->size > 0 && socket->state == SOCKET_OPEN) {
        outbox_append_text(&socket->outbox, text);
        flush(socket);
        judge_waiting(socket);
    }
    buffer_cleanup(text);
    arm(socket);
    unlock(socket);
}

/* ---- Reading ----------------------------------------------------------------------------- */

static ssize_t pull(void *context, uint8_t *out, size_t size)
{
    struct socket *socket = context;
    size_t ahead = socket->ahead.size - socket->ahead_taken;
    if (size > socket->turn_left)
        size = socket->turn_left;
    if (size == 0)
        return 0;
    if (ahead > 0) {
        size_t part = ahead < size ? ahead : size;
        socket->turn_left -= part;
        memcpy(out, socket->ahead.data + socket->ahead_taken, part);
        socket->ahead_taken += part;
        if (part == ahead) {
            buffer_cleanup(&socket->ahead);
            socket->ahead_taken = 0;
        }
        return (ssize_t)part;
    }
    ssize_t count = recv(socket->fd, out, size, 0);
    if (count > 0) {
        socket->turn_left -= (size_t)count;
        return count;
    }
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

/* Messages that are read and worked on share one bound; false beyond it. */
static bool charge(struct socket *socket)
{
    atomic_size_t *account = &socket->all->message_bytes;
    size_t size = socket->reader.message.size, before = socket->charged;
    socket->charged = size;
    if (size <= before) {
        atomic_fetch_sub(account, before - size);
        return true;
    }
    return atomic_fetch_add(account, size - before) + size - before <= MESSAGES_MAX;
}

/* Throws away what still comes; true at its end. */
static bool discard(struct socket *socket)
{
    uint8_t buffer[4096];
    for (size_t size = 0; size < DISCARDED_AT_ONCE; size += sizeof buffer) {
        ssize_t count = recv(socket->fd, buffer, sizeof buffer, 0);
        if (count <= 0)
            return count == 0 || (errno != EAGAIN && errno != EINTR);
    }
    return false;
}

/* Until a message is whole or nothing more is here; control frames are handled on the way. With
 * the reading side, without the lock. */
static enum ws_event read_on(struct socket *socket)
{
    struct ws_reader *reader = &socket->reader;
    for (;;) {
        enum ws_event event = ws_reader_next(reader, pull, socket);
        if (event != WS_PING && event != WS_PONG)
            return event;
        if (event == WS_PONG)
            continue;
        pthread_mutex_lock(&socket->lock);
        bool is_open = socket->state == SOCKET_OPEN;
        if (is_open) {
            outbox_append_pong(&socket->outbox, bytes_of(reader->control, reader->control_size));
            flush(socket);
            judge_waiting(socket);
        }
        bool goes_on = socket->state == SOCKET_OPEN && socket->outbox.size <= READ_PAUSE_SIZE;
        pthread_mutex_unlock(&socket->lock);
        if (!goes_on)
            return WS_MORE;
    }
}

/* With the lock: what reading came to. True if there is a message to be worked on. */
static bool settle(struct socket *socket, enum ws_event event)
{
    switch (event) {
    case WS_MORE:
    case WS_PING:
    case WS_PONG: break;
    case WS_MESSAGE: socket->calls++; return true;
    case WS_ENDED: end(socket); break;
    case WS_CLOSE: start_closing(socket, socket->reader.code, "", false); break;
    case WS_BAD: start_closing(socket, socket->reader.code, socket->reader.why, false); break;
    }
    return false;
}

static void on_ready(struct vm *machine, void *arg)
{
    struct socket *socket = arg;
    struct buffer message = {0};
    pthread_mutex_lock(&socket->lock);
    if (socket->state == SOCKET_OPEN || socket->state == SOCKET_CLOSING)
        flush(socket);
    enum socket_state state = socket->state;
    if (!may_read(socket)) { /* a late event, or its outbox alone was waited for */
        arm(socket);
        unlock(socket);
        return;
    }
    socket->is_reading = true;
    socket->heard_ms = now_ms();
    socket->is_pinged = false;
    pthread_mutex_unlock(&socket->lock);

    enum ws_event event = WS_MORE;
    if (state == SOCKET_OPEN) {
        socket->turn_left = READ_AT_ONCE;
        event = read_on(socket);
        bool is_message = event == WS_MESSAGE && socket->reader.message.size > SMALL_MESSAGE;
        if (!charge(socket) && (event == WS_MORE || is_message)) {
            socket->reader.code = WS_CODE_TRY_LATER;
            socket->reader.why = "too much is being sent to this node at once; try again";
            event = WS_BAD;
        }
    } else if (discard(socket)) {
        event = WS_ENDED;
    }
    if (event == WS_MESSAGE) {
        message = socket->reader.message;
        socket->reader.message = (struct buffer){0};
        socket->charged = 0; /* until it is answered */
    } else if (event != WS_MORE) {
        discharge(socket);
    }

    pthread_mutex_lock(&socket->lock);
    socket->is_reading = false;
    bool has_message = settle(socket, event);
    flush(socket);
    arm(socket);
    unlock(socket);
    if (has_message)
        socket->all->config.on_message(socket->all->config.context, socket, &message, machine);
}

/* ---- Upkeep ------------------------------------------------------------------------------ */

/* With the lock. A client that says nothing is asked for a sign of life. */
static void look_after(struct socket *socket, uint64_t now)
{
    uint64_t silence_max = socket->all->config.limits->silence_max_ms;
    bool is_late = false;
    if (socket->state == SOCKET_CLOSING)
        is_late = now - socket->closing_ms > (socket->is_shut ? CLOSING_MS : silence_max);
    else if (socket->state == SOCKET_OPEN)
        is_late = (socket->is_pinged && now - socket->heard_ms > 2 * silence_max)
                  || (socket->stuck_ms != 0 && now - socket->stuck_ms > silence_max);
    if (is_late) {
        shutdown(socket->fd, SHUT_RDWR); /* an event like any other, for whoever reads */
        arm(socket);
    } else if (socket->state == SOCKET_OPEN && !socket->is_pinged
               && now - socket->heard_ms > silence_max) {
        socket->is_pinged = true;
        outbox_append_ping(&socket->outbox);
        flush(socket);
        arm(socket);
    }
}

static void plan_upkeep(void *arg)
{
    struct sockets *all = arg;
    struct timeval pause = {UPKEEP_PAUSE_MS / 1000, UPKEEP_PAUSE_MS % 1000 * 1000};
    event_add(all->upkeep_timer, &pause);
}

static void look_after_all(struct sockets *all)
{
    uint64_t now = now_ms();
    pthread_mutex_lock(&all->lock);
    struct chunk *chunks = all->chunks;
    pthread_mutex_unlock(&all->lock);
    for (struct chunk *chunk = chunks; chunk != NULL; chunk = chunk->next)
        for (size_t index = 0; index < CHUNK_PLACES; index++) {
            struct socket *socket = &chunk->places[index];
            pthread_mutex_lock(&socket->lock);
            if (socket->state != SOCKET_FREE)
                look_after(socket, now);
            unlock(socket);
        }
}

/* On a worker: thousands of connections are too many for the loop. */
static void upkeep_job(struct vm *machine, void *arg)
{
    struct sockets *all = arg;
    (void)machine;
    look_after_all(all);
    atomic_store(&all->is_upkeep_running, false);
}

/* While there are connections; without any it stays off. */
static void on_upkeep(evutil_socket_t fd, short what, void *arg)
{
    struct sockets *all = arg;
    const struct rpc_host *host = all->config.host;
    (void)fd;
    (void)what;
    if (atomic_load(&all->count) == 0) {
        atomic_store(&all->is_upkeep_planned, false);
        if (atomic_load(&all->count) == 0 || atomic_exchange(&all->is_upkeep_planned, true))
            return;
    }
    plan_upkeep(all);
    if (atomic_exchange(&all->is_upkeep_running, true))
        return;
    if (!host->ops->run(host->context, RPC_ANY_WORKER, NULL, upkeep_job, all))
        atomic_store(&all->is_upkeep_running, false);
}

/* ---- Life -------------------------------------------------------------------------------- */

void sockets_add(struct sockets *sockets, struct front_connection *connection, const char *org,
                 bool is_authorized, struct bytes hello)
{
    const struct rpc_host *host = sockets->config.host;
    struct socket *socket = take_place(sockets);
    /* Who has not read the answers before it, and so many that they do not leave, is ended. */
    ssize_t sent = send(connection->fd, hello.data, hello.size, MSG_NOSIGNAL);
    pthread_mutex_lock(&socket->lock);
    socket->state = SOCKET_OPEN;
    socket->serial = atomic_fetch_add(&sockets->serials, 1) + 1;
    socket->fd = connection->fd;
    socket->peer = connection->peer;
    socket->ahead = connection->ahead;
    socket->ahead_taken = 0;
    socket->is_authorized = is_authorized;
    socket->is_shut = socket->is_pinged = false;
    socket->stuck_ms = 0;
    socket->heard_ms = now_ms();
    if (org[0] != '\0')
        socket->org = memcpy(memory_new(strlen(org) + 1), org, strlen(org) + 1);
    ws_reader_init(&socket->reader, sockets->config.limits->body_size_max);
    if (sent != (ssize_t)hello.size)
        end(socket);
    else if (atomic_load(&sockets->is_stopping))
        start_closing(socket, WS_CODE_GOING_AWAY, "this node is stopping", true);
    flush(socket);
    arm(socket);
    unlock(socket);
    if (!atomic_exchange(&sockets->is_upkeep_planned, true))
        host->ops->post(host->context, plan_upkeep, sockets);
}

struct sockets *sockets_new(struct event_base *loop, const struct sockets_config *config)
{
    struct sockets *sockets = memory_new_zeroed(1, sizeof *sockets);
    sockets->config = *config;
    pthread_mutex_init(&sockets->lock, NULL);
    sockets->upkeep_timer = evtimer_new(loop, on_upkeep, sockets);
    return sockets;
}

void sockets_stop(struct sockets *sockets)
{
    atomic_store(&sockets->is_stopping, true);
    pthread_mutex_lock(&sockets->lock);
    struct chunk *chunks = sockets->chunks;
    pthread_mutex_unlock(&sockets->lock);
    for (struct chunk *chunk = chunks; chunk != NULL; chunk = chunk->next)
        for (size_t index = 0; index < CHUNK_PLACES; index++) {
            struct socket *socket = &chunk->places[index];
            pthread_mutex_lock(&socket->lock);
            if (socket->state == SOCKET_OPEN) {
                start_closing(socket, WS_CODE_GOING_AWAY, "this node is stopping", true);
                arm(socket);
            }
            unlock(socket);
        }
}

static void free_chunk(struct chunk *chunk)
{
    for (size_t index = 0; index < CHUNK_PLACES; index++) {
        struct socket *socket = &chunk->places[index];
        clear_place(socket);
        pthread_mutex_destroy(&socket->lock);
    }
    free(chunk);
}

void sockets_free(struct sockets *sockets)
{
    if (sockets == NULL)
        return;
    while (sockets->chunks != NULL) {
        struct chunk *chunk = sockets->chunks;
        sockets->chunks = chunk->next;
        free_chunk(chunk);
    }
    event_free(sockets->upkeep_timer);
    pthread_mutex_destroy(&sockets->lock);
    free(sockets);
}

struct sockets_figures sockets_figures(struct sockets *sockets)
{
    return (struct sockets_figures){
        .connections = atomic_load(&sockets->count),
        .waiting_bytes = atomic_load(&sockets->waiting_bytes),
        .dropped = atomic_load(&sockets->dropped),
    };
}

atomic_size_t *sockets_account(struct sockets *sockets)
{
    return &sockets->waiting_bytes;
}

/* ---- For the handler --------------------------------------------------------------------- */

const char *socket_org(const struct socket *socket)
{
    return socket->org != NULL ? socket->org : "";
}

struct peer *socket_peer(const struct socket *socket)
{
    return socket->peer;
}

bool socket_is_authorized(const struct socket *socket)
{
    return socket->is_authorized;
}

bool socket_is_gone(struct socket *socket)
{
    uint8_t byte;
    pthread_mutex_lock(&socket->lock);
    bool is_here = socket->state == SOCKET_OPEN
                   && (recv(socket->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) >= 0
                       || errno == EAGAIN || errno == EINTR);
    pthread_mutex_unlock(&socket->lock);
    return !is_here;
}

struct socket_ref socket_refer(const struct socket *socket)
{
    return (struct socket_ref){(struct socket *)(uintptr_t)socket, socket->serial};
}

bool socket_is_open(struct socket_ref ref)
{
    pthread_mutex_lock(&ref.socket->lock);
    bool is_open = ref.socket->serial == ref.serial && ref.socket->state == SOCKET_OPEN;
    pthread_mutex_unlock(&ref.socket->lock);
    return is_open;
}

void **socket_attachment(struct socket *socket)
{
    return &socket->attachment;
}

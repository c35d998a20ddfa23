#include "rpc/http/front.h"

#include "rpc/metrics/counts.h"
#include "rpc/write.h"
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define RECEIVE_SIZE     16384 /* bytes looked at together */
#define BODY_TIMEOUT_MS  30000 /* for a whole body */
#define LINGER_MS        1000  /* so that a refused client can read why */
#define LINGER_BYTES_MAX (8u << 20)
#define ACCEPT_PAUSE_MS  100
#define SWEEP_PAUSE_MS   50           /* at least, between two looks at the deadlines */
#define BODIES_MAX       (256u << 20) /* bytes of bodies in memory, all connections together */
#define ANSWERS_MAX      (256u << 20) /* bytes of answers that wait for their readers, likewise */
#define NEVER            UINT64_MAX

enum connection_state {
    CONNECTION_IDLE,      /* between requests */
    CONNECTION_READING,   /* a request has begun */
    CONNECTION_WORKING,   /* its answer is being made */
    CONNECTION_ANSWERING, /* the answer must leave before the next request is read */
    CONNECTION_LINGERING, /* answered for the last time; what still comes is thrown away */
};

struct front_call {
    struct front *front;
    struct front_call *newer, *older; /* all connections; under the front's lock */
    int fd;
    bool is_watched; /* known to the workers */
    struct rpc_watch watch;
    struct http_reader reader;
    struct http_destination destination;
    struct in6_addr peer;
    enum connection_state state;
    bool is_timed;       /* the current request has a deadline */
    bool is_last;        /* close after the answer */
    struct buffer ahead; /* received behind the current request */
    size_t ahead_taken;
    struct buffer head, body; /* the answer */
    size_t sent;              /* bytes of it */
    size_t body_charged;      /* of front->body_bytes */
    size_t answer_charged;    /* of front->answer_bytes */
    size_t lingered;

    _Atomic uint64_t deadline_ms; /* monotonic; then the sweep cuts the connection */
    atomic_int cut;               /* how: SHUT_RD, or SHUT_RDWR while it is written to */
    atomic_bool is_overdue;       /* it has been cut */
};

struct front {
    struct event_base *loop;
    struct evconnlistener *listener;
    struct event *accept_timer;
    struct event *sweep_timer;
    struct front_config config;
    uint16_t port;
    atomic_bool is_stopping;
    atomic_bool is_sweep_near; /* the loop has been asked to look at the deadlines soon */
    atomic_size_t body_bytes;
    atomic_size_t answer_bytes;
    tally accepted, refused; /* written on the loop thread */
    pthread_mutex_t lock;    /* below; a listed connection's fd is open */
    struct front_call *connections;
    size_t connections_count;
};

/* ---- Holding and letting go -------------------------------------------------------------- */

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void on_sweep_wanted(void *arg)
{
    struct front *front = arg;
    struct timeval pause = {0, SWEEP_PAUSE_MS * 1000};
    event_add(front->sweep_timer, &pause);
}

/* Sets the time by which the connection must have gone on. */
static void set_deadline(struct front_call *call, uint64_t timeout_ms)
{
    struct front *front = call->front;
    const struct rpc_host *host = front->config.host;
    call->is_timed = true;
    atomic_store_explicit(&call->deadline_ms, now_ms() + timeout_ms, memory_order_relaxed);
    /* The sweep comes within the idle time by itself; it does not know of shorter ones. */
    if (timeout_ms < front->config.limits->idle_timeout_ms
        && !atomic_exchange(&front->is_sweep_near, true))
        host->ops->post(host->context, on_sweep_wanted, front);
}

/* Lets go of the call: whoever gets the event holds it next. */
static void let_go(struct front_call *call, uint32_t events)
{
    const struct rpc_host *host = call->front->config.host;
    bool is_new = !call->is_watched;
    call->is_watched = true;
    atomic_store(&call->cut, events == EPOLLOUT ? SHUT_RDWR : SHUT_RD);
    host->ops->watch(host->context, &call->watch, call->fd, events, is_new);
}

static void uncharge(struct front_call *call)
{
    if (call->body_charged > 0)
        atomic_fetch_sub(&call->front->body_bytes, call->body_charged);
    call->body_charged = 0;
}

static void drop_answer(struct front_call *call)
{
    if (call->answer_charged > 0)
        atomic_fetch_sub(&call->front->answer_bytes, call->answer_charged);
    call->answer_charged = 0;
    call->sent = 0;
    buffer_cleanup(&call->head);
    buffer_cleanup(&call->body);
}

static void unlist(struct front_call *call)
{
    struct front *front = call->front;
    pthread_mutex_lock(&front->lock);
    assert((call->newer == NULL) == (front->connections == call)); /* the newest is first */
    if (call->newer != NULL)
        call->newer->older = call->older;
    else
        front->connections = call->older;
    /* The analyzer cannot know that a call stands in the list once. */
    if (call->older != NULL)
        call->older->newer = call->newer; /* NOLINT(clang-analyzer-unix.Malloc) */
    front->connections_count--;
    pthread_mutex_unlock(&front->lock);
}

static void forget_connection(struct front_call *call)
{
    uncharge(call);
    drop_answer(call);
    buffer_cleanup(&call->ahead);
    http_reader_cleanup(&call->reader);
    free(call);
}

static void close_connection(struct front_call *call)
{
    unlist(call);
    close(call->fd);
    forget_connection(call);
}

/* ---- Writing ----------------------------------------------------------------------------- */

static void append_line(struct buffer *out, const char *name, const char *value)
{
    buffer_append_text(out, name);
    buffer_append_text(out, value);
    buffer_append_text(out, "\r\n");
}

/* Takes the body's memory. */
static void write_answer(struct front_call *call, int status, const char *type, const char *headers,
                         struct buffer *body)
{
    const struct http_request *request = &call->reader.request;
    struct buffer *out = &call->head;
    if (call->front->config.counts != NULL)
        rpc_counts_answer(call->front->config.counts, status);
    buffer_reserve(out, 512);
    buffer_append_text(out, "HTTP/1.1 ");
    write_decimal(out, (uint64_t)status);
    append_line(out, " ", http_status_name(status));
    if (type != NULL)
        append_line(out, "Content-Type: ", type);
    if (status != 204) {
        buffer_append_text(out, "Content-Length: ");
        write_decimal(out, body->size);
        buffer_append_text(out, "\r\n");
    }
    if (call->destination.shows_origin)
        buffer_append_format(out, "Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n",
                             request->fields[HTTP_FIELD_ORIGIN]);
    if (headers != NULL)
        buffer_append_text(out, headers);
    if (call->is_last)
        buffer_append_text(out, "Connection: close\r\n");
    else if (request->is_http_1_0)
        buffer_append_text(out, "Connection: keep-alive\r\n");
    buffer_append_text(out, "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\r\n");
    if (request->verb == HTTP_VERB_HEAD)
        buffer_cleanup(body);
    call->body = *body;
    *body = (struct buffer){0};
}

static size_t unsent(const struct front_call *call)
{
    return call->head.size + call->body.size - call->sent;
}

/* As much as the socket takes now; false when the client cannot be reached. */
static bool send_some(struct front_call *call)
{
    size_t head_sent = call->sent < call->head.size ? call->sent : call->head.size;
    size_t body_sent = call->sent - head_sent;
    struct iovec parts[2] = {{call->head.data + head_sent, call->head.size - head_sent},
                             {call->body.data + body_sent, call->body.size - body_sent}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    ssize_t count = sendmsg(call->fd, &message, MSG_NOSIGNAL);
    if (count < 0)
        return errno == EAGAIN || errno == EINTR;
    call->sent += (size_t)count;
    return true;
}

/* Slow readers share one bound; false when this answer goes beyond it. */
static bool charge_answer(struct front_call *call)
{
    size_t left = unsent(call), others;
    others = atomic_fetch_add(&call->front->answer_bytes, left - call->answer_charged)
             - call->answer_charged;
    call->answer_charged = left;
    return others + left <= ANSWERS_MAX;
}

/* Said the last word: the client may still be sending, so reading goes on for a moment. */
static void start_lingering(struct front_call *call)
{
    call->state = CONNECTION_LINGERING;
    shutdown(call->fd, SHUT_WR);
    set_deadline(call, LINGER_MS);
    let_go(call, EPOLLIN);
}

static void start_idle(struct front_call *call)
{
    if (call->reader.request.body.capacity > RECEIVE_SIZE)
        buffer_cleanup(&call->reader.request.body);
    http_reader_next(&call->reader);
    call->destination = (struct http_destination){0};
    call->state = CONNECTION_IDLE;
    set_deadline(call, call->front->config.limits->idle_timeout_ms);
    call->is_timed = false;
    /* With the next request here already it goes on as soon as a worker is free. */
    let_go(call, call->ahead.size > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

/* Sends what the socket takes; the rest when it takes more. */
static void answer_on(struct front_call *call)
{
    if (!send_some(call) || !charge_answer(call)) {
        close_connection(call);
    } else if (unsent(call) > 0) {
        call->state = CONNECTION_ANSWERING;
        set_deadline(call, call->front->config.limits->idle_timeout_ms);
        let_go(call, EPOLLOUT);
    } else {
        uncharge(call);
        drop_answer(call);
        if (call->is_last)
            start_lingering(call);
        else
            start_idle(call);
    }
}

static void refuse(struct front_call *call, const struct http_refusal *refusal)
{
    struct buffer body = {0};
    call->is_last = true;
    buffer_append_format(&body, "%s\n", refusal->text);
    write_answer(call, refusal->status, "text/plain; charset=utf-8",
                 refusal->status == 405   ? "Allow: GET, HEAD, POST, OPTIONS\r\n"
                 : refusal->status == 426 ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                          : NULL,
                 &body);
    answer_on(call);
}

/* ---- Reading ----------------------------------------------------------------------------- */

static bool judge(struct front_call *call)
{
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct http_reader *reader = &call->reader;
    if (!http_guard_judge(call->front->config.guard, &reader->request, &call->destination,
                          &reader->refusal))
        return false;
    if (reader->is_complete)
        return true;
    set_deadline(call, BODY_TIMEOUT_MS);
    if (reader->request.has_field[HTTP_FIELD_EXPECT] && !reader->request.is_http_1_0) {
        ssize_t count = send(call->fd, interim, sizeof interim - 1, MSG_NOSIGNAL);
        (void)count; /* who waits for it goes on by itself after a while */
    }
    return true;
}

/* Bodies of all connections share one bound. */
static bool charge(struct front_call *call)
{
    size_t size = call->reader.request.body.size, more = size - call->body_charged;
    if (size <= call->body_charged)
        return true;
    call->body_charged = size;
    if (atomic_fetch_add(&call->front->body_bytes, more) + more <= BODIES_MAX)
        return true;
    http_refuse(&call->reader.refusal, 503,
                "too much is being sent to this node at once; try again");
    return false;
}

static enum http_progress feed(struct front_call *call, struct bytes bytes, size_t *taken)
{
    enum http_progress progress;
    *taken = 0;
    do {
        size_t count;
        progress =
            http_reader_feed(&call->reader, bytes.data + *taken, bytes.size - *taken, &count);
        *taken += count;
        if (progress == HTTP_HEAD_READ && !judge(call))
            return HTTP_REFUSED;
        if (progress != HTTP_REFUSED && !charge(call))
            return HTTP_REFUSED;
    } while (progress == HTTP_HEAD_READ);
    return progress;
}

/* What lies ahead, else what the socket has; 0 bytes when the client has ended. */
static bool receive(struct front_call *call, uint8_t buffer[RECEIVE_SIZE], struct bytes *bytes)
{
    if (call->ahead.size > 0) {
        *bytes =
            bytes_of(call->ahead.data + call->ahead_taken, call->ahead.size - call->ahead_taken);
        return true;
    }
    ssize_t count = recv(call->fd, buffer, RECEIVE_SIZE, 0);
    *bytes = bytes_of(buffer, count > 0 ? (size_t)count : 0);
    return count >= 0 || (errno != EAGAIN && errno != EINTR);
}

/* Keeps what belongs to the next request. */
static void keep_rest(struct front_call *call, struct bytes bytes, size_t taken)
{
    if (call->ahead.size > 0)
        call->ahead_taken += taken;
    else if (taken < bytes.size)
        buffer_append(&call->ahead, bytes.data + taken, bytes.size - taken);
    if (call->ahead.size > call->ahead_taken)
        return;
    buffer_cleanup(&call->ahead);
    call->ahead_taken = 0;
}

/* Reads until a request is whole and starts its work, or until nothing more has come. */
static void read_on(struct front_call *call, struct vm *machine)
{
    struct front *front = call->front;
    uint8_t buffer[RECEIVE_SIZE];
    struct bytes bytes;
    enum http_progress progress = HTTP_MORE;
    while (progress == HTTP_MORE) {
        size_t taken;
        if (!receive(call, buffer, &bytes)) {
            if (call->state == CONNECTION_READING && !call->is_timed)
                set_deadline(call, front->config.limits->header_timeout_ms);
            let_go(call, EPOLLIN);
            return;
        }
        if (bytes.size == 0
            || (call->state == CONNECTION_IDLE && atomic_load(&front->is_stopping))) {
            close_connection(call);
            return;
        }
        call->state = CONNECTION_READING;
        progress = feed(call, bytes, &taken);
        keep_rest(call, bytes, taken);
    }
    if (progress == HTTP_REFUSED) {
        refuse(call, &call->reader.refusal);
        return;
    }
    call->state = CONNECTION_WORKING;
    call->is_last = !call->reader.request.keeps_alive;
    atomic_store_explicit(&call->deadline_ms, NEVER, memory_order_relaxed);
    front->config.on_request(front->config.context, call, machine);
}

/* ---- Events ------------------------------------------------------------------------------ */

/* Throws away what a client still sends that has been told the last word. */
static void linger(struct front_call *call)
{
    uint8_t buffer[RECEIVE_SIZE];
    ssize_t count = recv(call->fd, buffer, sizeof buffer, 0);
    bool goes_on = count > 0 || (count < 0 && (errno == EAGAIN || errno == EINTR));
    call->lingered += count > 0 ? (size_t)count : 0;
    if (goes_on && call->lingered <= LINGER_BYTES_MAX)
        let_go(call, EPOLLIN);
    else
        close_connection(call);
}

static void end_overdue(struct front_call *call)
{
    struct http_refusal late = {0};
    if (call->state != CONNECTION_READING) {
        close_connection(call);
        return;
    }
    http_refuse(&late, 408, "the request was not complete in time");
    refuse(call, &late);
}

static void on_ready(struct vm *machine, void *arg)
{
    struct front_call *call = arg;
    if (atomic_load(&call->is_overdue)) {
        end_overdue(call);
        return;
    }
    switch (call->state) {
    case CONNECTION_IDLE:
    case CONNECTION_READING: read_on(call, machine); break;
    case CONNECTION_ANSWERING: answer_on(call); break;
    case CONNECTION_LINGERING: linger(call); break;
    case CONNECTION_WORKING: assert(!"watched while its answer is made"); break;
    }
}

/* Cuts the connections whose time is over: that makes them ready, and a worker ends them. */
static void on_sweep(evutil_socket_t fd, short what, void *arg)
{
    struct front *front = arg;
    uint64_t now = now_ms(), next = front->config.limits->idle_timeout_ms;
    (void)fd;
    (void)what;
    atomic_store(&front->is_sweep_near, false);
    pthread_mutex_lock(&front->lock);
    for (struct front_call *call = front->connections; call != NULL; call = call->older) {
        uint64_t deadline = atomic_load_explicit(&call->deadline_ms, memory_order_relaxed);
        if (deadline <= now && !atomic_exchange(&call->is_overdue, true))
            shutdown(call->fd, atomic_load(&call->cut));
        else if (deadline > now && deadline - now < next)
            next = deadline - now;
    }
    bool is_empty = front->connections == NULL;
    pthread_mutex_unlock(&front->lock);
    if (next < SWEEP_PAUSE_MS)
        next = SWEEP_PAUSE_MS;
    struct timeval pause = {(time_t)(next / 1000), (suseconds_t)(next % 1000 * 1000)};
    if (!is_empty)
        event_add(front->sweep_timer, &pause);
}

/* ---- Accepting --------------------------------------------------------------------------- */

static struct in6_addr address_of(const struct sockaddr *peer)
{
    struct in6_addr out = {0};
    if (peer->sa_family == AF_INET6)
        out = ((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
    else
        memcpy(&out.s6_addr[12], &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
    return out;
}

static size_t taken_over(const struct front *front, const struct in6_addr *peer)
{
    const struct front_config *config = &front->config;
    return config->taken_over != NULL ? config->taken_over(config->context, peer) : 0;
}

/* With the lock held. */
static bool may_accept(const struct front *front, const struct in6_addr *peer)
{
    const struct rpc_limits *limits = front->config.limits;
    if (front->connections_count + taken_over(front, NULL) >= limits->connections_max)
        return false;
    if (limits->connections_per_address_max >= limits->connections_max)
        return true;
    size_t same = taken_over(front, peer);
    for (const struct front_call *call = front->connections; call != NULL; call = call->older)
        same += memcmp(&call->peer, peer, sizeof *peer) == 0;
    return same < limits->connections_per_address_max;
}

static void turn_away(evutil_socket_t fd)
{
    static const char text[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n"
                               "Content-Length: 34\r\nConnection: close\r\n\r\n"
                               "too many connections to this node\n";
    ssize_t count = send(fd, text, sizeof text - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)count; /* a courtesy: whether it arrives changes nothing */
    close(fd);
}

/* The newest of the list; NULL when there are too many. */
static struct front_call *list_new(struct front *front, int fd, const struct in6_addr *peer)
{
    struct front_call *call = NULL;
    pthread_mutex_lock(&front->lock);
    if (may_accept(front, peer)) {
        call = memory_new_zeroed(1, sizeof *call);
        call->front = front;
        call->fd = fd;
        call->peer = *peer;
        call->older = front->connections;
        if (call->older != NULL)
            call->older->newer = call;
        front->connections = call;
        front->connections_count++;
    }
    pthread_mutex_unlock(&front->lock);
    return call;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
                      int size, void *arg)
{
    struct front *front = arg;
    struct in6_addr source = address_of(peer);
    struct front_call *call = list_new(front, fd, &source);
    int on = 1;
    (void)listener;
    (void)size;
    if (call == NULL) {
        tally_add(&front->refused, 1);
        turn_away(fd);
        return;
    }
    tally_add(&front->accepted, 1);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    call->watch = (struct rpc_watch){on_ready, call};
    http_reader_init(&call->reader, front->config.limits->body_size_max);
    /* A client that connects and stays silent gets no longer than one that stops midway. */
    set_deadline(call, front->config.limits->header_timeout_ms);
    call->is_timed = false;
    let_go(call, EPOLLIN);
}

static void on_accept_again(evutil_socket_t fd, short what, void *arg)
{
    struct front *front = arg;
    (void)fd;
    (void)what;
    if (front->listener != NULL)
        evconnlistener_enable(front->listener);
}

/* Out of descriptors: the backlog waits a moment, or the loop would spin on it. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    struct front *front = arg;
    struct timeval pause = {0, ACCEPT_PAUSE_MS * 1000};
    evconnlistener_disable(listener);
    event_add(front->accept_timer, &pause);
}

static bool parse_address(const char *bind, uint16_t port, struct sockaddr_storage *out,
                          socklen_t *size)
{
    struct sockaddr_in *v4 = (void *)out;
    struct sockaddr_in6 *v6 = (void *)out;
    memset(out, 0, sizeof *out);
    if (inet_pton(AF_INET, bind, &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = htons(port);
        *size = sizeof *v4;
        return true;
    }
    if (inet_pton(AF_INET6, bind, &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = htons(port);
        *size = sizeof *v6;
        return true;
    }
    return false;
}

static bool listen_on(struct front *front, struct error *error)
{
    struct sockaddr_storage local;
    socklen_t size;
    const char *bind = front->config.bind;
    uint16_t port = front->config.port;
    if (!parse_address(bind, port, &local, &size))
        return error_set(error, ERROR_INVALID,
                         "RPC address \"%s\": expected a numeric address such as 127.0.0.1", bind);
    errno = 0;
    front->listener =
        evconnlistener_new_bind(front->loop, on_accept, front,
                                LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
                                1024, (struct sockaddr *)&local, (int)size);
    if (front->listener == NULL && errno == EADDRINUSE)
        return error_set(error, ERROR_BUSY,
                         "port %u on %s is taken by another program; stop it, or choose another "
                         "port with --rpc-port",
                         port, bind);
    if (front->listener == NULL)
        return error_set_errno(error, "RPC could not listen on %s port %u", bind, port);
    front->accept_timer = evtimer_new(front->loop, on_accept_again, front);
    evconnlistener_set_error_cb(front->listener, on_accept_error);
    size = sizeof local;
    getsockname(evconnlistener_get_fd(front->listener), (struct sockaddr *)&local, &size);
    front->port =
        ntohs(local.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)(void *)&local)->sin6_port
                                          : ((struct sockaddr_in *)(void *)&local)->sin_port);
    return true;
}

struct front *front_start(struct event_base *loop, const struct front_config *config,
                          struct error *error)
{
    struct front *front = memory_new_zeroed(1, sizeof *front);
    front->loop = loop;
    front->config = *config;
    pthread_mutex_init(&front->lock, NULL);
    front->sweep_timer = evtimer_new(loop, on_sweep, front);
    if (listen_on(front, error))
        return front;
    front_free(front);
    return NULL;
}

uint16_t front_port(const struct front *front)
{
    return front->port;
}

/* What nobody works on ends: its next event is the end of what it says. */
void front_stop(struct front *front)
{
    atomic_store(&front->is_stopping, true);
    if (front->listener != NULL)
        evconnlistener_free(front->listener);
    front->listener = NULL;
    if (front->accept_timer != NULL)
        event_del(front->accept_timer);
    pthread_mutex_lock(&front->lock);
    for (struct front_call *call = front->connections; call != NULL; call = call->older) {
        if (atomic_load(&call->cut) == SHUT_RD)
            shutdown(call->fd, SHUT_RD);
    }
    pthread_mutex_unlock(&front->lock);
}

void front_free(struct front *front)
{
    if (front == NULL)
        return;
    front_stop(front);
    while (front->connections != NULL)
        close_connection(front->connections); /* NOLINT(clang-analyzer-unix.Malloc): as above */
    if (front->accept_timer != NULL)
        event_free(front->accept_timer);
    event_free(front->sweep_timer);
    pthread_mutex_destroy(&front->lock);
    free(front);
}

struct front_figures front_figures(struct front *front)
{
    pthread_mutex_lock(&front->lock);
    const size_t connections = front->connections_count;
    pthread_mutex_unlock(&front->lock);
    return (struct front_figures){
        .connections = connections,
        .connections_max = front->config.limits->connections_max,
        .accepted = tally_read(&front->accepted),
        .refused = tally_read(&front->refused),
        .body_bytes = atomic_load(&front->body_bytes),
        .answer_bytes = atomic_load(&front->answer_bytes),
    };
}

/* ---- Calls ------------------------------------------------------------------------------- */

const struct http_request *front_call_request(const struct front_call *call)
{
    return &call->reader.request;
}

const struct http_destination *front_call_destination(const struct front_call *call)
{
    return &call->destination;
}

struct buffer front_call_take_body(struct front_call *call)
{
    struct buffer body = call->reader.request.body;
    call->reader.request.body = (struct buffer){0};
    return body;
}

bool front_call_is_gone(const struct front_call *call)
{
    uint8_t byte;
    return recv(call->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT) < 0 && errno != EAGAIN
           && errno != EINTR;
}

void front_answer(struct front_call *call, int status, const char *type, const char *headers,
                  struct buffer *body)
{
    call->is_last |= atomic_load(&call->front->is_stopping);
    write_answer(call, status, type, headers, body);
    answer_on(call);
}

bool front_take_over(struct front_call *call, struct front_connection *connection)
{
    size_t ahead = call->ahead.size - call->ahead_taken;
    if (atomic_load(&call->front->is_stopping))
        return false;
    unlist(call);
    *connection = (struct front_connection){.fd = call->fd, .peer = call->peer};
    if (ahead > 0)
        buffer_append(&connection->ahead, call->ahead.data + call->ahead_taken, ahead);
    forget_connection(call);
    return true;
}

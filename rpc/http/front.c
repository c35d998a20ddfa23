#include "rpc/http/front.h"

#include "rpc/http/door.h"
#include "rpc/http/gzip.h"
#include "rpc/http/peers.h"
#include "rpc/metrics/counts.h"
#include "rpc/write.h"
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
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
#define LINGER_MS        1000  /* so that a refused client can read why */
#define LINGER_BYTES_MAX (8u << 20)
#define SWEEP_PAUSE_MS   50           /* at least, between two looks at the deadlines */
#define BODIES_MAX       (256u << 20) /* bytes of long bodies in memory, all connections together */
#define BODY_FREE_SIZE   16384        /* up to it a body is short */
#define ANSWERS_MAX      (256u << 20) /* bytes of answers that wait for their readers, likewise */
#define SQUEEZED_MAX     64    /* connections let in before those that make way for them are gone */
#define GATHERED_MAX     32768 /* bytes of answers that leave together, or one more answer */
#define BODY_APART_SIZE  4096  /* longer bodies are not copied behind their heads */
/* Of one connection, then others get the worker: */
#define TURN_REQUESTS 64
#define TURN_BYTES    (256u << 10)

/* Instead of a deadline. */
#define NEVER UINT64_MAX
#define CUT   0 /* it was reached, or the place is needed: the connection has been shut */

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
    struct peer *peer; /* NULL once it was given away */
    enum connection_state state;
    bool is_timed;       /* the current request has a deadline */
    bool is_answered;    /* the current request: its answer is written */
    bool is_last;        /* close after the answer */
    struct buffer ahead; /* received behind the current request */
    size_t ahead_taken;
    struct buffer answers; /* heads and bodies that wait to be sent, in order */
    struct buffer body;    /* of the last of them, if it is long */
    size_t sent;           /* bytes of both */
    size_t body_charged;   /* of front->body_bytes */
    size_t answer_charged; /* of front->answer_bytes */
    size_t lingered;

    _Atomic uint64_t deadline_ms; /* monotonic; then the sweep cuts the connection */
    _Atomic uint64_t since_ms;    /* when it was set */
    atomic_int cut;               /* how: SHUT_RD, or SHUT_RDWR while it is written to */
};

/* The call whose request begins on this thread, until it is answered. */
static _Thread_local struct front_call *begun;

struct front {
    struct event_base *loop;
    struct door *doors[2]; /* the port's, and the Unix socket's if there is one */
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
    uint64_t now = now_ms();
    call->is_timed = true;
    atomic_store_explicit(&call->since_ms, now, memory_order_relaxed);
    atomic_store_explicit(&call->deadline_ms, now + timeout_ms, memory_order_relaxed);
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
    buffer_cleanup(&call->answers);
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
    if (call->peer != NULL)
        peers_leave(call->front->config.peers, call->peer);
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

/* Long answers, if the client asks. */
static bool compress(const struct front_call *call, int status, struct buffer *body)
{
    size_t gzip_min = call->front->config.limits->gzip_size_min;
    return gzip_min > 0 && status == 200 && body->size >= gzip_min
           && gzip_is_accepted(call->reader.request.fields[HTTP_FIELD_ACCEPT_ENCODING])
           && gzip_compress(body);
}

/* Takes the body's memory. */
static void write_answer(struct front_call *call, int status, const char *type, const char *headers,
                         struct buffer *body)
{
    const struct http_request *request = &call->reader.request;
    struct buffer *out = &call->answers;
    bool is_gzip = compress(call, status, body);
    call->is_answered = true;
    if (call->front->config.counts != NULL)
        rpc_counts_answer(call->front->config.counts, status);
    buffer_append_text(out, "HTTP/1.1 ");
    write_decimal(out, (uint64_t)status);
    append_line(out, " ", http_status_name(status));
    if (type != NULL)
        append_line(out, "Content-Type: ", type);
    if (is_gzip)
        buffer_append_text(out, "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n");
    if (status != 204) {
        buffer_append_text(out, "Content-Length: ");
        write_decimal(out, body->size);
        buffer_append_text(out, "\r\n");
    }
    if (call->destination.shows_origin)
        buffer_append_format(out,
                             "Access-Control-Allow-Origin: %s\r\nVary: Origin\r\n"
                             "Access-Control-Expose-Headers: Retry-After\r\n",
                             request->fields[HTTP_FIELD_ORIGIN]);
    if (headers != NULL)
        buffer_append_text(out, headers);
    if (call->is_last)
        buffer_append_text(out, "Connection: close\r\n");
    else if (request->is_http_1_0)
        buffer_append_text(out, "Connection: keep-alive\r\n");
    buffer_append_text(out, "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n\r\n");
    uncharge(call);
    buffer_cleanup(&call->reader.request.body); /* of one that nobody took */
    if (request->verb == HTTP_VERB_HEAD)
        buffer_clear(body);
    if (body->size > BODY_APART_SIZE) {
        call->body = *body;
        *body = (struct buffer){0};
    } else {
        buffer_append_bytes(out, buffer_view(body));
        buffer_cleanup(body);
    }
}

static size_t unsent(const struct front_call *call)
{
    return call->answers.size + call->body.size - call->sent;
}

/* As much as the socket takes now; false when the client cannot be reached. */
static bool send_some(struct front_call *call)
{
    struct buffer *answers = &call->answers;
    size_t first_sent = call->sent < answers->size ? call->sent : answers->size;
    size_t body_sent = call->sent - first_sent;
    struct iovec parts[2] = {{answers->data + first_sent, answers->size - first_sent},
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

static void next_request(struct front_call *call)
{
    http_reader_next(&call->reader);
    call->is_answered = false;
    call->destination = (struct http_destination){0};
    call->state = CONNECTION_IDLE;
    call->is_timed = false;
}

/* Sends what the socket takes; the rest when it takes more. False: the call is gone from here. */
static bool send_on(struct front_call *call)
{
    if (!send_some(call) || !charge_answer(call)) {
        close_connection(call);
        return false;
    }
    if (unsent(call) > 0) {
        /* For all of it: who reads a byte now and then does not keep it in memory. */
        if (call->state != CONNECTION_ANSWERING)
            set_deadline(call, call->front->config.limits->transfer_timeout_ms);
        call->state = CONNECTION_ANSWERING;
        let_go(call, EPOLLOUT);
        return false;
    }
    drop_answer(call);
    return true;
}

/* Goes on when all is sent; the request after those answered may have begun. */
static void answer_on(struct front_call *call)
{
    const struct rpc_limits *limits = call->front->config.limits;
    if (!send_on(call))
        return;
    if (!call->is_answered) {
        call->state = CONNECTION_READING;
        set_deadline(call, call->reader.is_head_done ? limits->transfer_timeout_ms
                                                     : limits->header_timeout_ms);
        let_go(call, EPOLLIN);
    } else if (call->is_last) {
        start_lingering(call);
    } else {
        next_request(call);
        set_deadline(call, limits->idle_timeout_ms);
        call->is_timed = false;
        /* With the next request here already it goes on as soon as a worker is free. */
        let_go(call, call->ahead.size > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
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
    struct http_reader *reader = &call->reader;
    if (!http_guard_judge(call->front->config.guard, &reader->request, &call->destination,
                          &reader->refusal))
        return false;
    if (reader->is_complete)
        return true;
    set_deadline(call, call->front->config.limits->transfer_timeout_ms);
    /* It leaves behind the answers before it. */
    if (reader->request.has_field[HTTP_FIELD_EXPECT] && !reader->request.is_http_1_0)
        buffer_append_text(&call->answers, "HTTP/1.1 100 Continue\r\n\r\n");
    return true;
}

/* Long bodies of all connections share one bound; short ones are bounded with the connections. */
static bool charge(struct front_call *call)
{
    size_t size = call->reader.request.body.size, more = size - call->body_charged;
    if (size <= BODY_FREE_SIZE || size <= call->body_charged)
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
    call->front->config.end_turn(call->front->config.context); /* what comes now may expect more */
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

/* Nothing more has come: what was answered leaves, and the call waits. */
static void wait_for_more(struct front_call *call)
{
    if (unsent(call) > 0 && !send_on(call))
        return;
    if (call->state == CONNECTION_READING && !call->is_timed)
        set_deadline(call, call->front->config.limits->header_timeout_ms);
    let_go(call, EPOLLIN);
}

/* From here on it is not cut. A connection shut just now still has its answer coming. */
static void begin_work(struct front_call *call)
{
    bool is_cut = atomic_exchange(&call->deadline_ms, NEVER) == CUT;
    call->state = CONNECTION_WORKING;
    call->is_last = is_cut || !call->reader.request.keeps_alive;
}

/* Reads until a request is whole and starts its work, or until nothing more has come. True: it was
 * answered here, and the next one may be read. */
static bool read_on(struct front_call *call, struct vm *machine)
{
    struct front *front = call->front;
    uint8_t buffer[RECEIVE_SIZE];
    struct bytes bytes;
    enum http_progress progress = HTTP_MORE;
    size_t received = 0;
    while (progress == HTTP_MORE) {
        size_t taken;
        if (received > TURN_BYTES || !receive(call, buffer, &bytes)) {
            wait_for_more(call);
            return false;
        }
        if (bytes.size == 0
            || (call->state == CONNECTION_IDLE && atomic_load(&front->is_stopping))) {
            if (unsent(call) == 0 || send_on(call))
                close_connection(call);
            return false;
        }
        call->state = CONNECTION_READING;
        received += bytes.size;
        progress = feed(call, bytes, &taken);
        keep_rest(call, bytes, taken);
    }
    if (progress == HTTP_REFUSED) {
        refuse(call, &call->reader.refusal);
        return false;
    }
    begin_work(call);
    begun = call;
    front->config.on_request(front->config.context, call, machine);
    bool is_answered = begun == NULL;
    begun = NULL;
    return is_answered;
}

/* Requests that came together are answered together, as long as the answers are short and soon
 * there. */
static void serve_together(struct front_call *call, struct vm *machine)
{
    uint64_t until_ms = now_ms() + call->front->config.limits->slice_ms;
    for (unsigned count = 1; read_on(call, machine); count++) {
        if (call->is_last || call->ahead.size == 0 || call->body.size > 0
            || call->answers.size > GATHERED_MAX || count == TURN_REQUESTS
            || now_ms() >= until_ms) {
            answer_on(call);
            return;
        }
        next_request(call);
    }
}

static void serve(struct front_call *call, struct vm *machine)
{
    const struct front_config *config = &call->front->config; /* the call may be gone below */
    serve_together(call, machine);
    config->end_turn(config->context);
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
    if (atomic_load(&call->deadline_ms) == CUT) {
        end_overdue(call);
        return;
    }
    switch (call->state) {
    case CONNECTION_IDLE:
    case CONNECTION_READING: serve(call, machine); break;
    case CONNECTION_ANSWERING: answer_on(call); break;
    case CONNECTION_LINGERING: linger(call); break;
    case CONNECTION_WORKING: assert(!"watched while its answer is made"); break;
    }
}

/* Unless it has gone on since it had that deadline. */
static void cut(struct front_call *call, uint64_t deadline)
{
    int how = atomic_load(&call->cut); /* that went with the deadline */
    if (deadline != CUT && atomic_compare_exchange_strong(&call->deadline_ms, &deadline, CUT))
        shutdown(call->fd, how);
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
        if (deadline > now && deadline - now < next)
            next = deadline - now;
        else if (deadline <= now)
            cut(call, deadline);
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

/* Asks the connection that has been waiting for its client longest to end, so that another may
 * come; false if all have work. Unlike a bound that the first to come use up, this leaves a place
 * to whoever has something to say. */
static bool make_way(struct front *front)
{
    struct front_call *oldest = NULL;
    uint64_t oldest_ms = NEVER, oldest_deadline = NEVER;
    pthread_mutex_lock(&front->lock);
    for (struct front_call *call = front->connections; call != NULL; call = call->older) {
        uint64_t since = atomic_load_explicit(&call->since_ms, memory_order_relaxed);
        uint64_t deadline = atomic_load_explicit(&call->deadline_ms, memory_order_relaxed);
        if (since < oldest_ms && atomic_load(&call->cut) == SHUT_RD && deadline != NEVER
            && deadline != CUT) {
            oldest = call;
            oldest_ms = since;
            oldest_deadline = deadline;
        }
    }
    if (oldest != NULL)
        cut(oldest, oldest_deadline);
    pthread_mutex_unlock(&front->lock);
    return oldest != NULL;
}

static void turn_away(const struct front *front, int fd, enum peers_verdict verdict)
{
    const struct rpc_limits *limits = front->config.limits;
    bool is_address = verdict == PEERS_ADDRESS_FULL;
    int status = is_address ? 429 : 503;
    char body[128], text[512];
    int size = snprintf(body, sizeof body, "too many connections %s: at most %zu are accepted\n",
                        is_address ? "from this address" : "to this node",
                        is_address ? limits->connections_per_address_max : limits->connections_max);
    size = snprintf(text, sizeof text,
                    "HTTP/1.1 %d %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
                    "Content-Length: %d\r\nRetry-After: 01\r\nConnection: close\r\n\r\n%s",
                    status, http_status_name(status), size, body);
    ssize_t count = send(fd, text, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT);
    (void)count; /* a courtesy: whether it arrives changes nothing */
    close(fd);
}

static struct front_call *list_new(struct front *front, int fd, struct peer *peer)
{
    struct front_call *call = memory_new_zeroed(1, sizeof *call);
    call->front = front;
    call->fd = fd;
    call->peer = peer;
    pthread_mutex_lock(&front->lock);
    call->older = front->connections;
    if (call->older != NULL)
        call->older->newer = call;
    front->connections = call;
    front->connections_count++;
    pthread_mutex_unlock(&front->lock);
    return call;
}

static void on_visitor(void *context, int fd, const struct in6_addr *from)
{
    struct front *front = context;
    const struct front_config *config = &front->config;
    struct peer *peer;
    enum peers_verdict verdict = peers_enter(config->peers, from, 0, &peer);
    if (verdict == PEERS_FULL && make_way(front))
        verdict = peers_enter(config->peers, from, SQUEEZED_MAX, &peer);
    if (verdict != PEERS_WELCOME) {
        tally_add(&front->refused, 1);
        turn_away(front, fd, verdict);
        return;
    }
    tally_add(&front->accepted, 1);
    struct front_call *call = list_new(front, fd, peer);
    call->watch = (struct rpc_watch){on_ready, call};
    http_reader_init(&call->reader, config->limits->body_size_max);
    /* A client that connects and stays silent gets no longer than one that stops midway. */
    set_deadline(call, config->limits->header_timeout_ms);
    call->is_timed = false;
    let_go(call, EPOLLIN);
}

static bool open_doors(struct front *front, struct error *error)
{
    const struct front_config *config = &front->config;
    front->doors[0] =
        door_open_port(front->loop, config->bind, config->port, on_visitor, front, error);
    if (front->doors[0] == NULL)
        return false;
    front->port = door_port(front->doors[0]);
    if (config->path == NULL)
        return true;
    front->doors[1] =
        door_open_path(front->loop, config->path, config->path_mode, on_visitor, front, error);
    return front->doors[1] != NULL;
}

static void close_doors(struct front *front)
{
    for (size_t index = 0; index < sizeof front->doors / sizeof *front->doors; index++) {
        door_close(front->doors[index]);
        front->doors[index] = NULL;
    }
}

struct front *front_start(struct event_base *loop, const struct front_config *config,
                          struct error *error)
{
    struct front *front = memory_new_zeroed(1, sizeof *front);
    front->loop = loop;
    front->config = *config;
    pthread_mutex_init(&front->lock, NULL);
    front->sweep_timer = evtimer_new(loop, on_sweep, front);
    if (open_doors(front, error))
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
    close_doors(front);
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

struct peer *front_call_peer(const struct front_call *call)
{
    return call->peer;
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

bool front_answer(struct front_call *call, int status, const char *type, const char *headers,
                  struct buffer *body)
{
    call->is_last |= atomic_load(&call->front->is_stopping);
    write_answer(call, status, type, headers, body);
    if (begun != call) {
        answer_on(call);
        return false;
    }
    begun = NULL; /* whoever began it goes on with it */
    return true;
}

void front_flush(struct front_call *call)
{
    if (begun == call && unsent(call) > 0)
        send_some(call); /* what is left leaves with the next answer */
}

bool front_take_over(struct front_call *call, struct front_connection *connection)
{
    size_t ahead = call->ahead.size - call->ahead_taken;
    if (atomic_load(&call->front->is_stopping))
        return false;
    unlist(call);
    *connection = (struct front_connection){.fd = call->fd, .peer = call->peer};
    buffer_append(&connection->unsent, call->answers.data + call->sent, unsent(call));
    if (ahead > 0)
        buffer_append(&connection->ahead, call->ahead.data + call->ahead_taken, ahead);
    call->peer = NULL;
    forget_connection(call);
    return true;
}

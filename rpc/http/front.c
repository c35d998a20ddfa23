#include "rpc/http/front.h"

#include "rpc/write.h"
#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define READ_AHEAD_MAX   65536 /* bytes a client may send before they are looked at */
#define BODY_TIMEOUT_MS  30000 /* for a whole body */
#define LINGER_MS        1000  /* so that a refused client can read why */
#define LINGER_BYTES_MAX (8u << 20)
#define OUTPUT_PAUSE     262144 /* unsent bytes above which no new request is read */
#define ACCEPT_PAUSE_MS  100
#define BODIES_MAX       (256u << 20) /* bytes of bodies in memory, all connections together */
#define ANSWERS_MAX      (256u << 20) /* bytes of answers that wait for their readers, likewise */

enum connection_state {
    CONNECTION_IDLE,      /* between requests */
    CONNECTION_READING,   /* a request has begun */
    CONNECTION_WORKING,   /* its answer is being made */
    CONNECTION_DRAINING,  /* the answer must leave before the next request is read */
    CONNECTION_LINGERING, /* answered for the last time; what still comes is thrown away */
    CONNECTION_CLOSED,    /* freed when the call has come back */
};

struct front_call {
    struct front *front;
    struct front_call *newer, *older; /* all connections */
    struct bufferevent *socket;       /* NULL once closed */
    struct event *timer;
    struct http_reader reader;
    struct http_destination destination;
    struct in6_addr peer;
    enum connection_state state;
    bool is_judged;        /* the head of the current request */
    bool peer_is_done;     /* the client has closed its side */
    bool is_last;          /* close after the answer */
    bool is_pumping;       /* within pump(): neither started again nor freed */
    bool must_close;       /* when pump() is through */
    size_t body_charged;   /* of front->body_bytes */
    size_t answer_charged; /* of front->answer_bytes */
    size_t lingered;
    void *context;
};

struct front {
    struct event_base *loop;
    struct evconnlistener *listener;
    struct event *accept_timer;
    struct front_config config;
    struct front_call *connections;
    size_t connections_count;
    size_t body_bytes;
    size_t answer_bytes;
    uint16_t port;
    bool is_stopping;
};

static void pump(struct front_call *call);

/* ---- Closing ----------------------------------------------------------------------------- */

static void uncharge(struct front_call *call)
{
    call->front->body_bytes -= call->body_charged;
    call->body_charged = 0;
}

static void unlink_and_free(struct front_call *call)
{
    struct front *front = call->front;
    assert((call->newer == NULL) == (front->connections == call)); /* the newest is first */
    if (call->newer != NULL)
        call->newer->older = call->older;
    else
        front->connections = call->older;
    /* The analyzer cannot know that a call stands in the list once. */
    if (call->older != NULL)
        call->older->newer = call->newer; /* NOLINT(clang-analyzer-unix.Malloc) */
    front->connections_count--;
    front->answer_bytes -= call->answer_charged;
    uncharge(call);
    http_reader_cleanup(&call->reader);
    free(call);
}

/* Gives the socket back. The connection itself stays while its call is being worked on. */
static void close_connection(struct front_call *call)
{
    bool is_working = call->state == CONNECTION_WORKING;
    if (call->is_pumping) {
        call->must_close = true;
        return;
    }
    event_free(call->timer);
    call->timer = NULL;
    bufferevent_free(call->socket);
    call->socket = NULL;
    call->state = CONNECTION_CLOSED;
    if (is_working)
        call->front->config.on_gone(call->front->config.context, call);
    else
        unlink_and_free(call);
}

static void set_timer(struct front_call *call, uint64_t timeout_ms)
{
    struct timeval timeout = {(time_t)(timeout_ms / 1000), (suseconds_t)(timeout_ms % 1000 * 1000)};
    event_add(call->timer, &timeout);
}

/* ---- Writing ----------------------------------------------------------------------------- */

static void free_body(const void *data, size_t size, void *extra)
{
    (void)data;
    (void)size;
    free(extra);
}

/* Straight to the socket when nothing is queued, which saves a turn of the loop; what does not
 * fit is queued. Takes the body's memory. */
static void send_out(struct front_call *call, struct buffer *head, struct buffer *body)
{
    struct evbuffer *output = bufferevent_get_output(call->socket);
    size_t sent = 0;
    if (evbuffer_get_length(output) == 0) {
        struct iovec parts[2] = {{head->data, head->size}, {body->data, body->size}};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = body->size > 0 ? 2 : 1};
        ssize_t count = sendmsg(bufferevent_getfd(call->socket), &message, MSG_NOSIGNAL);
        sent = count > 0 ? (size_t)count : 0;
    }
    if (sent < head->size)
        evbuffer_add(output, head->data + sent, head->size - sent);
    size_t body_sent = sent > head->size ? sent - head->size : 0;
    if (body_sent < body->size) {
        evbuffer_add_reference(output, body->data + body_sent, body->size - body_sent, free_body,
                               body->data);
        *body = (struct buffer){0};
    }
    buffer_cleanup(body);
}

static void append_line(struct buffer *out, const char *name, const char *value)
{
    buffer_append_text(out, name);
    buffer_append_text(out, value);
    buffer_append_text(out, "\r\n");
}

static void write_head(const struct front_call *call, int status, const char *type,
                       const char *headers, size_t body_size, struct buffer *out)
{
    const struct http_request *request = &call->reader.request;
    buffer_reserve(out, 512);
    buffer_append_text(out, "HTTP/1.1 ");
    write_decimal(out, (uint64_t)status);
    append_line(out, " ", http_status_name(status));
    if (type != NULL)
        append_line(out, "Content-Type: ", type);
    if (status != 204) {
        buffer_append_text(out, "Content-Length: ");
        write_decimal(out, body_size);
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
}

static size_t unsent(const struct front_call *call)
{
    return evbuffer_get_length(bufferevent_get_output(call->socket));
}

/* Says the last word: the client may still be sending, so reading goes on for a moment. */
static void start_lingering(struct front_call *call)
{
    call->state = CONNECTION_LINGERING;
    uncharge(call);
    set_timer(call, unsent(call) == 0 ? LINGER_MS : call->front->config.limits->idle_timeout_ms);
    if (unsent(call) > 0)
        return;
    if (call->peer_is_done) {
        close_connection(call);
        return;
    }
    shutdown(bufferevent_getfd(call->socket), SHUT_WR);
}

/* Nothing more will be asked: the connection ends once all that was answered has left. */
static void end_connection(struct front_call *call)
{
    if (unsent(call) > 0)
        start_lingering(call);
    else
        close_connection(call);
}

static void start_idle(struct front_call *call)
{
    struct front *front = call->front;
    uncharge(call);
    if (call->reader.request.body.capacity > READ_AHEAD_MAX)
        buffer_cleanup(&call->reader.request.body);
    http_reader_next(&call->reader);
    call->is_judged = false;
    call->destination = (struct http_destination){0};
    call->state = CONNECTION_IDLE;
    set_timer(call, front->config.limits->idle_timeout_ms);
}

static void refuse(struct front_call *call, const struct http_refusal *refusal)
{
    struct buffer head = {0}, body = {0};
    call->is_last = true;
    buffer_append_format(&body, "%s\n", refusal->text);
    write_head(call, refusal->status, "text/plain; charset=utf-8",
               refusal->status == 405 ? "Allow: GET, HEAD, POST, OPTIONS\r\n" : NULL, body.size,
               &head);
    send_out(call, &head, &body);
    buffer_cleanup(&head);
    start_lingering(call);
}

/* ---- Reading ----------------------------------------------------------------------------- */

static bool judge(struct front_call *call)
{
    struct front *front = call->front;
    struct http_reader *reader = &call->reader;
    call->is_judged = true;
    if (!http_guard_judge(front->config.guard, &reader->request, &call->destination,
                          &reader->refusal))
        return false;
    if (!reader->is_complete)
        set_timer(call, BODY_TIMEOUT_MS);
    if (reader->request.has_field[HTTP_FIELD_EXPECT] && !reader->is_complete
        && !reader->request.is_http_1_0) {
        struct buffer head = {0}, none = {0};
        buffer_append_text(&head, "HTTP/1.1 100 Continue\r\n\r\n");
        send_out(call, &head, &none);
        buffer_cleanup(&head);
    }
    return true;
}

/* Bodies of all connections share one bound. */
static bool charge(struct front_call *call)
{
    struct front *front = call->front;
    size_t size = call->reader.request.body.size;
    if (size <= call->body_charged)
        return true;
    front->body_bytes += size - call->body_charged;
    call->body_charged = size;
    if (front->body_bytes <= BODIES_MAX)
        return true;
    http_refuse(&call->reader.refusal, 503,
                "too much is being sent to this node at once; try again");
    return false;
}

static void start_working(struct front_call *call)
{
    call->state = CONNECTION_WORKING;
    call->is_last = !call->reader.request.keeps_alive || call->front->is_stopping;
    event_del(call->timer);
    call->front->config.on_request(call->front->config.context, call);
}

/* Feeds what lies contiguous; false when nothing more can be done with what has come. */
static bool feed(struct front_call *call, struct evbuffer *input)
{
    struct evbuffer_iovec piece;
    size_t taken = 0;
    int pieces = evbuffer_peek(input, -1, NULL, &piece, 1);
    if (pieces <= 0)
        piece = (struct evbuffer_iovec){NULL, 0};
    if (piece.iov_len > 0 && call->state == CONNECTION_IDLE) {
        call->state = CONNECTION_READING;
        set_timer(call, call->front->config.limits->header_timeout_ms);
    }
    enum http_progress progress =
        http_reader_feed(&call->reader, piece.iov_base, piece.iov_len, &taken);
    if (progress == HTTP_HEAD_READ && !judge(call))
        progress = HTTP_REFUSED;
    if (progress != HTTP_REFUSED && !charge(call))
        progress = HTTP_REFUSED;
    evbuffer_drain(input, taken);
    switch (progress) {
    case HTTP_MORE: return evbuffer_get_length(input) > 0;
    case HTTP_HEAD_READ: return true;
    case HTTP_COMPLETE: start_working(call); return true;
    case HTTP_REFUSED: refuse(call, &call->reader.refusal); return false;
    }
    return false;
}

static bool may_read(const struct front_call *call)
{
    return call->state == CONNECTION_IDLE || call->state == CONNECTION_READING;
}

/* Works through what has come, request by request. Answers given at once come back here through
 * front_answer(), so this is a loop and not a recursion. */
static void pump(struct front_call *call)
{
    struct evbuffer *input = bufferevent_get_input(call->socket);
    call->is_pumping = true;
    while (!call->must_close && may_read(call)
           && (evbuffer_get_length(input) > 0 || call->reader.is_complete)) {
        if (!feed(call, input))
            break;
    }
    call->is_pumping = false;
    if (call->must_close)
        close_connection(call);
    else if (call->peer_is_done && may_read(call))
        end_connection(call);
}

static void on_end(struct front_call *call)
{
    call->peer_is_done = true;
    bufferevent_disable(call->socket, EV_READ);
    /* A half-closed client still waits for its answers: then pump() ends it. */
    if (may_read(call) || (call->state == CONNECTION_LINGERING && unsent(call) == 0))
        end_connection(call);
}

static void on_read(struct bufferevent *socket, void *arg)
{
    struct front_call *call = arg;
    struct evbuffer *input = bufferevent_get_input(socket);
    if (call->state == CONNECTION_LINGERING) {
        call->lingered += evbuffer_get_length(input);
        evbuffer_drain(input, evbuffer_get_length(input));
        if (call->lingered > LINGER_BYTES_MAX)
            close_connection(call);
        return;
    }
    pump(call);
}

/* Slow readers share one bound, too; false when this answer goes beyond it. */
static bool charge_answer(struct front_call *call)
{
    struct front *front = call->front;
    front->answer_bytes -= call->answer_charged;
    call->answer_charged = unsent(call);
    front->answer_bytes += call->answer_charged;
    return call->answer_charged == 0 || front->answer_bytes <= ANSWERS_MAX;
}

static void on_written(struct bufferevent *socket, void *arg)
{
    struct front_call *call = arg;
    (void)socket;
    (void)charge_answer(call); /* all of it has left */
    if (call->state == CONNECTION_DRAINING) {
        start_idle(call);
        pump(call);
    } else if (call->state == CONNECTION_LINGERING) {
        start_lingering(call);
    }
}

static void on_event(struct bufferevent *socket, short what, void *arg)
{
    struct front_call *call = arg;
    (void)socket;
    if (what & BEV_EVENT_EOF)
        on_end(call);
    else if (what & (BEV_EVENT_ERROR | BEV_EVENT_TIMEOUT))
        close_connection(call);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct front_call *call = arg;
    struct http_refusal late = {0};
    (void)fd;
    (void)what;
    if (call->state != CONNECTION_READING) {
        close_connection(call);
        return;
    }
    http_refuse(&late, 408, "the request was not complete in time");
    refuse(call, &late);
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

static bool may_accept(const struct front *front, const struct in6_addr *peer)
{
    size_t same = 0;
    if (front->connections_count >= front->config.limits->connections_max)
        return false;
    if (front->config.limits->connections_per_address_max >= front->config.limits->connections_max)
        return true;
    for (const struct front_call *call = front->connections; call != NULL; call = call->older)
        same += memcmp(&call->peer, peer, sizeof *peer) == 0;
    return same < front->config.limits->connections_per_address_max;
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

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
                      int size, void *arg)
{
    struct front *front = arg;
    struct in6_addr source = address_of(peer);
    int on = 1;
    (void)listener;
    (void)size;
    if (!may_accept(front, &source)) {
        turn_away(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct front_call *call = memory_new_zeroed(1, sizeof *call);
    struct timeval slow = {(time_t)(front->config.limits->idle_timeout_ms / 1000), 0};
    call->front = front;
    call->peer = source;
    call->older = front->connections;
    if (call->older != NULL)
        call->older->newer = call;
    front->connections = call;
    front->connections_count++;
    http_reader_init(&call->reader, front->config.limits->body_size_max);
    call->timer = evtimer_new(front->loop, on_timer, call);
    call->socket = bufferevent_socket_new(front->loop, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(call->socket, on_read, on_written, on_event, call);
    bufferevent_setwatermark(call->socket, EV_READ, 0, READ_AHEAD_MAX);
    bufferevent_set_timeouts(call->socket, NULL, &slow);
    start_idle(call);
    /* A client that connects and stays silent gets no longer than one that stops midway. */
    set_timer(call, front->config.limits->header_timeout_ms);
    bufferevent_enable(call->socket, EV_READ | EV_WRITE);
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
    if (listen_on(front, error))
        return front;
    free(front);
    return NULL;
}

uint16_t front_port(const struct front *front)
{
    return front->port;
}

void front_stop(struct front *front)
{
    struct front_call *older;
    front->is_stopping = true;
    if (front->listener != NULL)
        evconnlistener_free(front->listener);
    front->listener = NULL;
    event_del(front->accept_timer);
    for (struct front_call *call = front->connections; call != NULL; call = older) {
        older = call->older;
        if (may_read(call) || call->state == CONNECTION_DRAINING)
            end_connection(call);
    }
}

void front_free(struct front *front)
{
    if (front == NULL)
        return;
    front_stop(front);
    while (front->connections != NULL) {
        struct front_call *call = front->connections;
        if (call->socket != NULL) {             /* NOLINT(clang-analyzer-unix.Malloc): as above */
            call->state = CONNECTION_LINGERING; /* nobody is told any more */
            close_connection(call);
        } else {
            unlink_and_free(call);
        }
    }
    event_free(front->accept_timer);
    free(front);
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

void front_call_set_context(struct front_call *call, void *context)
{
    call->context = context;
}

void *front_call_context(const struct front_call *call)
{
    return call->context;
}

void front_answer(struct front_call *call, int status, const char *type, const char *headers,
                  struct buffer *body)
{
    struct buffer head = {0};
    call->context = NULL;
    if (call->state == CONNECTION_CLOSED) {
        buffer_cleanup(body);
        unlink_and_free(call);
        return;
    }
    call->is_last |= call->front->is_stopping;
    write_head(call, status, type, headers, body->size, &head);
    if (call->reader.request.verb == HTTP_VERB_HEAD)
        buffer_cleanup(body);
    send_out(call, &head, body);
    buffer_cleanup(&head);
    if (!charge_answer(call)) {
        call->state = CONNECTION_LINGERING; /* its call has come back: nobody is told */
        close_connection(call);
    } else if (call->is_last) {
        start_lingering(call);
    } else if (unsent(call) > OUTPUT_PAUSE) {
        call->state = CONNECTION_DRAINING;
        set_timer(call, call->front->config.limits->idle_timeout_ms);
    } else {
        start_idle(call);
        if (!call->is_pumping)
            pump(call);
    }
}

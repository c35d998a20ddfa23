/* Connections that pass from worker to worker and meet the sweep, the loop and the end of the
 * server: every whole request is answered once and in order, whatever its neighbours do, and
 * nothing of a connection is touched by two threads at once. */
#include "node/workers.h"
#include "rpc/http/front.h"
#include "rpc/http/peers.h"
#include <arpa/inet.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CLIENTS     8
#define ROUNDS      150
#define WORKERS     3
#define QUEUE_MAX   4096
#define COLLECT_MAX 64
#define PATIENCE_MS 3000 /* of the server; a busy machine keeps no client from asking that long */
#define LARGE_SIZE  (3u << 20) /* more than a socket takes at once */

static struct workers *workers;
static struct event_base *loop;
static struct front *front;
static atomic_ulong answered, clients_done;

/* ---- The node's side --------------------------------------------------------------------- */

static bool host_run(void *host, enum rpc_place place, struct rpc_ledger *ledger, rpc_work_fn work,
                     void *arg)
{
    (void)host;
    (void)place;
    (void)ledger;
    return workers_submit(workers, work, NULL, arg);
}

static void host_post(void *host, rpc_done_fn done, void *arg)
{
    struct work *message = memory_new(sizeof *message);
    (void)host;
    *message = (struct work){.done = done, .arg = arg};
    workers_post(workers, message);
}

static void host_watch(void *host, const struct rpc_watch *watch, int fd, uint32_t events,
                       bool is_new)
{
    (void)host;
    workers_watch(workers, watch, fd, events, is_new);
}

static const struct rpc_host_ops ops = {.run = host_run, .post = host_post, .watch = host_watch};
static const struct rpc_host host = {.ops = &ops};

/* Of this thread: it has answered one of the requests that came together, and may get the next. */
static _Thread_local bool is_in_turn;

static void end_turn(void *context)
{
    (void)context;
    is_in_turn = false;
}

static void answer(struct front_call *call)
{
    struct buffer body = front_call_take_body(call);
    if (body.size > 0 && body.data[0] == 'L') {
        memset(buffer_extend(&body, LARGE_SIZE), 'l', LARGE_SIZE);
    }
    atomic_fetch_add(&answered, 1);
    if (front_answer(call, 200, "text/plain", NULL, &body))
        is_in_turn = true;
}

static void answer_elsewhere(struct vm *machine, void *arg)
{
    (void)machine;
    if (is_in_turn) /* that of another connection, which was not ended */
        abort();
    answer(arg);
}

static void on_loop(void *arg)
{
    if (!host_run(NULL, RPC_ANY_WORKER, NULL, answer_elsewhere, arg))
        abort();
}

/* At once, on another worker, or by way of the loop: as requests go. */
static void on_request(void *context, struct front_call *call, struct vm *machine)
{
    static atomic_uint turn;
    unsigned way = atomic_fetch_add(&turn, 1) % 4;
    (void)context;
    (void)machine;
    if (way == 0)
        host_post(NULL, on_loop, call);
    else if (way == 1 && host_run(NULL, RPC_ANY_WORKER, NULL, answer_elsewhere, call))
        return;
    else
        answer(call);
}

static void on_results(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    workers_collect(workers, COLLECT_MAX);
    if (atomic_load(&clients_done) == CLIENTS)
        event_base_loopbreak(loop);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
    on_results(fd, what, arg);
}

/* ---- Clients ----------------------------------------------------------------------------- */

static int dial(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(front_port(front))};
    struct timeval patience = {30, 0};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) != 0)
        abort();
    return fd;
}

static void say(int fd, const char *text, size_t size)
{
    if (send(fd, text, size, MSG_NOSIGNAL) != (ssize_t)size)
        abort();
}

static void ask(int fd, const char *body)
{
    char text[256];
    int size = snprintf(text, sizeof text,
                        "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        strlen(body), body);
    say(fd, text, (size_t)size);
}

static void hear_exactly(int fd, char *out, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t count = recv(fd, out + at, size - at, 0);
        if (count <= 0)
            abort();
        at += (size_t)count;
    }
}

/* The head ends with an empty line; the body must be `expected`, then `more` bytes of 'l'. */
static void hear(int fd, const char *expected, size_t more)
{
    char head[1024], body[64];
    size_t size = 0;
    do {
        hear_exactly(fd, head + size++, 1);
    } while (size < 4 || memcmp(head + size - 4, "\r\n\r\n", 4) != 0);
    hear_exactly(fd, body, strlen(expected));
    if (memcmp(head, "HTTP/1.1 200", 12) != 0 || memcmp(body, expected, strlen(expected)) != 0)
        abort();
    while (more > 0) {
        size_t part = more < sizeof body ? more : sizeof body;
        hear_exactly(fd, body, part);
        more -= part;
    }
}

static void *run_client(void *arg)
{
    unsigned self = *(const unsigned *)arg;
    int fd = dial();
    for (unsigned round = 0; round < ROUNDS; round++) {
        char body[3][32];
        for (unsigned i = 0; i < 3; i++)
            snprintf(body[i], sizeof body[i], "%u of %u, %u", round, self, i);
        ask(fd, body[0]);
        hear(fd, body[0], 0);
        if (round % 5 == 0) { /* ahead of the answers */
            for (unsigned i = 0; i < 3; i++)
                ask(fd, body[i]);
            for (unsigned i = 0; i < 3; i++)
                hear(fd, body[i], 0);
        }
        if (round % 50 == self) { /* a slow reader */
            ask(fd, "L");
            hear(fd, "L", LARGE_SIZE);
        }
        if (round % 20 == self) { /* away before the answer; away within a request */
            ask(fd, body[1]);
            close(fd);
            fd = dial();
            say(fd, "POST / HT", 9);
            close(fd);
            fd = dial();
        }
    }
    if (self % 2 == 0) { /* left to the sweep */
        char late[12];
        say(fd, "POST / HTTP/1.1\r\n", 17);
        hear_exactly(fd, late, sizeof late);
        if (memcmp(late, "HTTP/1.1 408", sizeof late) != 0)
            abort();
    }
    if (self % 3 != 0) /* else left to the end of the server */
        close(fd);
    atomic_fetch_add(&clients_done, 1);
    return NULL;
}

int main(void)
{
    struct error error = {0};
    struct rpc_limits limits = {
        .body_size_max = 4096,
        .connections_max = 64,
        .connections_per_address_max = 64,
        .header_timeout_ms = PATIENCE_MS,
        .idle_timeout_ms = 20000,
        .transfer_timeout_ms = 20000,
    };
    struct http_guard guard;
    struct peers *peers = peers_new(&limits);
    struct front_config config = {.bind = "127.0.0.1",
                                  .peers = peers,
                                  .limits = &limits,
                                  .guard = &guard,
                                  .host = &host,
                                  .on_request = on_request,
                                  .end_turn = end_turn};
    struct timeval tick = {0, 20000};
    pthread_t threads[CLIENTS];
    unsigned numbers[CLIENTS];
    loop = event_base_new();
    workers = workers_start(WORKERS, QUEUE_MAX, &error);
    if (workers == NULL || !http_guard_init(&guard, config.bind, NULL, 0, NULL, 0, &error))
        abort();
    front = front_start(loop, &config, &error);
    if (front == NULL)
        abort();
    struct event *results =
        event_new(loop, workers_fd(workers), EV_READ | EV_PERSIST, on_results, NULL);
    struct event *ticks = event_new(loop, -1, EV_PERSIST, on_tick, NULL);
    event_add(results, NULL);
    event_add(ticks, &tick);
    for (unsigned i = 0; i < CLIENTS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, run_client, &numbers[i]);
    }
    event_base_dispatch(loop);
    for (unsigned i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    front_stop(front);
    workers_stop(workers);
    front_free(front);
    peers_free(peers);
    event_free(results);
    event_free(ticks);
    http_guard_cleanup(&guard);
    event_base_free(loop);
    printf("connections: %lu requests of %d clients answered in order\n", atomic_load(&answered),
           CLIENTS);
    return 0;
}

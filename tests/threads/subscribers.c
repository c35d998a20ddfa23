/* WebSocket clients that come, subscribe, go or stay silent while blocks become final and
 * transactions are admitted: who reads is told of every block once and in order, who does not is
 * dropped, and nothing of a connection, a subscription or a payload is touched by two threads at
 * once. */
#include "node/workers.h"
#include "rpc/http/front.h"
#include "rpc/subscriptions/hub.h"
#include "tests/unit/ledger/sample.h"
#include "tests/unit/rpc/websocket/frames.h"
#include <event2/event.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* Debian's LevelDB is not built for the sanitizer: as in ledger_views.c. */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
    return "called_from_lib:libleveldb.so\n";
}

#define CLIENTS            6
#define ROUNDS             30
#define WORKERS            3
#define QUEUE_MAX          4096
#define COLLECT_MAX        64
#define DESCRIPTORS_MAX    1024
#define HEADS_A_ROUND      3
#define SLOW_SUBSCRIPTIONS 20 /* so that a few blocks fill the socket and the outbox */
#define SLOW_BLOCKS        20
#define TICK_US            20000

static struct sample sample;
static struct workers *workers;
static struct event_base *loop;
static struct sockets *sockets;
static struct hub *hub;
static atomic_bool is_known[DESCRIPTORS_MAX]; /* to the workers' epoll */
static atomic_ulong blocks, told, slow_dropped, clients_done, jobs;

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
    is_new = !atomic_exchange(&is_known[fd], true);
    workers_watch(workers, watch, fd, events, is_new);
}

static struct rpc_ledger *the_ledger(void)
{
    return (struct rpc_ledger *)(void *)&sample;
}

static struct rpc_ledger *host_acquire_open(void *host, const char *name)
{
    (void)host;
    (void)name;
    return the_ledger();
}

static void host_release(void *host, struct rpc_ledger *ledger)
{
    (void)host;
    (void)ledger;
}

static struct ledger *host_ledger(struct rpc_ledger *ledger)
{
    (void)ledger;
    return sample.ledger;
}

static const char *host_label(const struct rpc_ledger *ledger)
{
    (void)ledger;
    return "sample";
}

static const struct rpc_host_ops ops = {
    .acquire_open = host_acquire_open,
    .release = host_release,
    .watch = host_watch,
    .run = host_run,
    .post = host_post,
    .ledger = host_ledger,
    .label = host_label,
};
static const struct rpc_host host = {.ops = &ops};

static bool begin_job(void *context)
{
    (void)context;
    atomic_fetch_add(&jobs, 1);
    return true;
}

static void end_job(void *context)
{
    (void)context;
    atomic_fetch_sub(&jobs, 1);
}

/* "h" and "t" subscribe to heads and transactions, anything else is echoed. */
static void on_message(void *context, struct socket *socket, struct buffer *message,
                       struct vm *machine)
{
    struct subscription *made = NULL;
    struct socket_ref ref = socket_refer(socket);
    struct rpc_id id;
    (void)context;
    (void)machine;
    if (message->size == 1 && message->data[0] == 'h')
        subscription_make(&made, SUBSCRIPTION_HEADS, the_ledger(), NULL, &id);
    if (message->size == 1 && message->data[0] == 't')
        subscription_make(&made, SUBSCRIPTION_PENDING, the_ledger(), NULL, &id);
    socket_answer(socket, message, message->size);
    hub_begin(hub, ref, &made);
}

static void on_ended(void *context, struct socket *socket)
{
    (void)context;
    hub_on_ended(hub, socket);
}

/* The ledger's actor: blocks and transactions until the clients are done. */
static void *run_actor(void *arg)
{
    (void)arg;
    while (atomic_load(&clients_done) < CLIENTS) {
        struct transaction tx = sample_transfer(&sample, 0, &sample.accounts[1], 1);
        if (sample_submit(&sample, &tx) == POOL_OK)
            hub_on_admitted(hub, the_ledger(), &tx);
        sample_block(&sample);
        hub_on_head(hub, the_ledger());
        atomic_fetch_add(&blocks, 1);
    }
    return NULL;
}

static void on_results(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    (void)arg;
    workers_collect(workers, COLLECT_MAX);
    if (atomic_load(&clients_done) == CLIENTS && atomic_load(&jobs) == 0)
        event_base_loopbreak(loop);
}

/* ---- Clients ----------------------------------------------------------------------------- */

/* A connection as the front gives it away; the client's end is returned. */
static int dial(void)
{
    int ends[2];
    struct timeval patience = {60, 0};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0 || ends[0] >= DESCRIPTORS_MAX)
        abort();
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    setsockopt(ends[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    atomic_store(&is_known[ends[0]], false);
    struct front_connection connection = {.fd = ends[0]};
    sockets_add(sockets, &connection, "", false, (struct bytes){0});
    return ends[1];
}

static void say(int fd, uint8_t first, const char *text)
{
    struct buffer frame = {0};
    append_frame(&frame, first, text);
    if (send(fd, frame.data, frame.size, MSG_NOSIGNAL) != (ssize_t)frame.size)
        abort();
    buffer_cleanup(&frame);
}

static bool hear_exactly(int fd, uint8_t *out, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t count = recv(fd, out + at, size - at, 0);
        if (count < 0)
            abort();
        if (count == 0)
            return false;
        at += (size_t)count;
    }
    return true;
}

/* The next frame as text; its opcode, or 0 when the server has ended. */
static uint8_t hear(int fd, char text[8192])
{
    uint8_t head[4];
    size_t size;
    if (!hear_exactly(fd, head, 2))
        return 0;
    size = head[1];
    if (size == 126) {
        if (!hear_exactly(fd, head + 2, 2))
            return 0;
        size = (size_t)(head[2] << 8 | head[3]);
    }
    if (size >= 8192 || !hear_exactly(fd, (uint8_t *)text, size))
        abort();
    text[size] = '\0';
    return head[0] & 0x0f;
}

static unsigned long number_of(const char *text)
{
    const char *at = strstr(text, "\"number\":\"0x");
    return at != NULL ? strtoul(at + 12, NULL, 16) : 0;
}

/* Heads come one by one, with none left out. */
static void hear_heads(int fd, unsigned count)
{
    static _Thread_local char text[8192];
    unsigned long last = 0;
    while (count > 0) {
        if (hear(fd, text) != OP_TEXT)
            continue;
        unsigned long number = number_of(text);
        if (number == 0)
            continue; /* an echo, or a transaction */
        if (last != 0 && number != last + 1)
            abort();
        last = number;
        count--;
        atomic_fetch_add(&told, 1);
    }
}

/* Reads nothing until it is dropped, then all to the end: the reason comes last. */
static void be_slow(int fd)
{
    static _Thread_local char text[8192];
    uint8_t opcode, last = 0;
    unsigned long until = atomic_load(&blocks) + SLOW_BLOCKS;
    for (int count = 0; count < SLOW_SUBSCRIPTIONS; count++)
        say(fd, FINAL | OP_TEXT, "h");
    while (atomic_load(&blocks) < until)
        usleep(5000);
    do {
        opcode = hear(fd, text);
        last = opcode != 0 ? opcode : last;
    } while (opcode != 0 && opcode != OP_CLOSE);
    if (last != OP_CLOSE || memcmp(text, "\x03\xf0too slow", 10) != 0)
        abort();
    atomic_fetch_add(&slow_dropped, 1);
}

static void *run_client(void *arg)
{
    unsigned self = *(const unsigned *)arg;
    for (unsigned round = 0; round < ROUNDS; round++) {
        int fd = dial();
        if (round % 20 == self) {
            be_slow(fd);
        } else {
            say(fd, FINAL | OP_TEXT, "h");
            say(fd, FINAL | OP_PING, "x");
            if (round % 2 == 0)
                say(fd, FINAL | OP_TEXT, "t");
            hear_heads(fd, HEADS_A_ROUND);
        }
        if (round % 3 == 0)
            say(fd, FINAL | OP_CLOSE, "");
        close(fd); /* with whatever comes still under way */
    }
    atomic_fetch_add(&clients_done, 1);
    return NULL;
}

int main(void)
{
    struct error error = {0};
    struct rpc_limits limits = rpc_limits_default();
    struct timeval tick = {0, TICK_US};
    pthread_t threads[CLIENTS], actor;
    unsigned numbers[CLIENTS];
    sample_start(&sample);
    limits.waiting_max = 60000;
    loop = event_base_new();
    workers = workers_start(WORKERS, QUEUE_MAX, &error);
    if (workers == NULL)
        abort();
    const struct sockets_config config = {
        .limits = &limits, .host = &host, .on_message = on_message, .on_ended = on_ended};
    sockets = sockets_new(loop, &config);
    const struct hub_config hub_config = {.host = &host,
                                          .limits = &limits,
                                          .account = sockets_account(sockets),
                                          .begin = begin_job,
                                          .end = end_job};
    hub = hub_new(&hub_config);
    struct event *results =
        event_new(loop, workers_fd(workers), EV_READ | EV_PERSIST, on_results, NULL);
    struct event *ticks = event_new(loop, -1, EV_PERSIST, on_results, NULL);
    event_add(results, NULL);
    event_add(ticks, &tick);
    pthread_create(&actor, NULL, run_actor, NULL);
    for (unsigned i = 0; i < CLIENTS; i++) {
        numbers[i] = i;
        pthread_create(&threads[i], NULL, run_client, &numbers[i]);
    }
    event_base_dispatch(loop);
    pthread_join(actor, NULL);
    for (unsigned i = 0; i < CLIENTS; i++)
        pthread_join(threads[i], NULL);
    sockets_stop(sockets);
    workers_stop(workers);
    sockets_free(sockets);
    hub_free(hub);
    event_free(results);
    event_free(ticks);
    event_base_free(loop);
    sample_cleanup(&sample);
    printf("subscribers: %lu blocks told to %d clients, %lu slow ones dropped\n",
           atomic_load(&told), CLIENTS, atomic_load(&slow_dropped));
    return atomic_load(&slow_dropped) > 0 ? 0 : 1;
}

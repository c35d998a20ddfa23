/* One question, again and again: a client over keep-alive connections that has so many requests on
 * their way on each (HTTP pipelining, RFC 9112 9.3.2), for as long as it is told.
 *
 *     ask PORT CONNECTIONS AHEAD SECONDS BODY [PATH]
 *
 * prints JSON: answers, seconds, p50_ms and p99_ms from the moment a request is written until its
 * answer is here, own_cpu_s. Ends with 1, and says why, when an answer is not 200 or has no Content-Length. */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 1024
#define AHEAD_MAX       64
#define REQUEST_SIZE    4096
#define READ_SIZE       65536
#define SLOWEST_US      10000000 /* whatever takes longer counts as this */
#define EVENTS_COUNT    64

struct connection {
    int socket;
    uint64_t asked_ns[AHEAD_MAX]; /* a ring: when the requests on their way were written */
    unsigned first, open;
    size_t size; /* of what came of the next answer */
    char text[READ_SIZE];
};

static struct asking {
    unsigned ahead;
    char request[REQUEST_SIZE];
    size_t request_size;
    uint32_t *answers_after; /* answers by microseconds */
    uint64_t answers;
} asking;

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "ask: %s%s%s\n", what, errno != 0 ? ": " : "", errno ? strerror(errno) : "");
    exit(1);
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static unsigned number(const char *text, unsigned most)
{
    char *end;
    const unsigned long value = strtoul(text, &end, 10);
    errno = 0;
    if (*text == 0 || *end != 0 || value == 0 || value > most)
        die("expected: ask PORT CONNECTIONS AHEAD SECONDS BODY [PATH]");
    return (unsigned)value;
}

static void write_request(unsigned port, const char *path, const char *body)
{
    const int size = snprintf(asking.request, sizeof asking.request,
                              "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                              "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                              path, port, strlen(body), body);
    if (size < 0 || (size_t)size >= sizeof asking.request)
        die("the question is too long");
    asking.request_size = (size_t)size;
}

static int connect_to(unsigned port)
{
    const int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0)
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return fd;
}

/* As many as there is room for on their way, in one write; what is written fits the socket. */
static void ask(struct connection *connection)
{
    static char requests[AHEAD_MAX * REQUEST_SIZE];
    size_t size = 0;
    const uint64_t now = now_ns();
    for (; connection->open < asking.ahead; connection->open++) {
        memcpy(requests + size, asking.request, asking.request_size);
        size += asking.request_size;
        connection->asked_ns[(connection->first + connection->open) % AHEAD_MAX] = now;
    }
    if (size > 0 && send(connection->socket, requests, size, MSG_NOSIGNAL) != (ssize_t)size)
        die("send");
}

/* The size of the answer that the text begins with; 0: its head is not whole. */
static size_t size_of_answer(const char *text, size_t size)
{
    const char *end = memmem(text, size, "\r\n\r\n", 4);
    if (end == NULL)
        return 0;
    if (size < 12 || memcmp(text, "HTTP/1.1 200", 12) != 0)
        die("an answer is not 200");
    for (const char *line = text; line < end;
         line = (const char *)memchr(line, '\n', (size_t)(end + 2 - line)) + 1)
        if (strncasecmp(line, "content-length:", 15) == 0)
            return (size_t)(end + 4 - text) + strtoul(line + 15, NULL, 10);
    die("an answer has no Content-Length");
}

static void count_answer(struct connection *connection, uint64_t now)
{
    const uint64_t us = (now - connection->asked_ns[connection->first]) / 1000;
    if (connection->open == 0)
        die("an answer that nobody asked for");
    asking.answers_after[us < SLOWEST_US ? us : SLOWEST_US]++;
    asking.answers++;
    connection->first = (connection->first + 1) % AHEAD_MAX;
    connection->open--;
}

static void hear(struct connection *connection)
{
    const ssize_t count = recv(connection->socket, connection->text + connection->size,
                               READ_SIZE - connection->size, 0);
    const uint64_t now = now_ns();
    size_t at = 0, size;
    if (count <= 0)
        die("the server ended a connection");
    connection->size += (size_t)count;
    while ((size = size_of_answer(connection->text + at, connection->size - at)) > 0
           && at + size <= connection->size) {
        count_answer(connection, now);
        at += size;
    }
    connection->size -= at;
    memmove(connection->text, connection->text + at, connection->size);
    if (connection->size == READ_SIZE)
        die("an answer is too long");
    ask(connection);
}

static double quantile_ms(double share)
{
    const uint64_t wanted = (uint64_t)(share * (double)asking.answers);
    uint64_t count = 0;
    for (unsigned us = 0; us <= SLOWEST_US; us++)
        if ((count += asking.answers_after[us]) > wanted)
            return us / 1000.0;
    return 0;
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS_COUNT];
    if (argc != 6 && argc != 7)
        die("expected: ask PORT CONNECTIONS AHEAD SECONDS BODY [PATH]");
    const unsigned port = number(argv[1], 65535), count = number(argv[2], CONNECTIONS_MAX);
    const unsigned seconds = number(argv[4], 3600);
    asking.ahead = number(argv[3], AHEAD_MAX);
    asking.answers_after = calloc(SLOWEST_US + 1, sizeof *asking.answers_after);
    struct connection *connections = calloc(count, sizeof *connections);
    const int poll = epoll_create1(0);
    if (asking.answers_after == NULL || connections == NULL || poll < 0)
        die("no room");
    write_request(port, argc == 7 ? argv[6] : "/", argv[5]);
    for (unsigned i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &connections[i]};
        connections[i].socket = connect_to(port);
        if (epoll_ctl(poll, EPOLL_CTL_ADD, connections[i].socket, &event) != 0)
            die("epoll_ctl");
    }
    const uint64_t began = now_ns();
    for (unsigned i = 0; i < count; i++)
        ask(&connections[i]);
    uint64_t now;
    while ((now = now_ns()) - began < seconds * (uint64_t)1000000000) {
        const int ready = epoll_wait(poll, events, EVENTS_COUNT, 1000);
        for (int i = 0; i < ready; i++)
            hear(events[i].data.ptr);
    }
    printf("{\"answers\":%" PRIu64 ",\"seconds\":%.3f,\"p50_ms\":%.3f,\"p99_ms\":%.3f,"
           "\"own_cpu_s\":%.3f}\n",
           asking.answers, (double)(now - began) / 1e9, quantile_ms(0.5), quantile_ms(0.99),
           (double)clock() / CLOCKS_PER_SEC);
    free(asking.answers_after);
    free(connections);
    return 0;
}

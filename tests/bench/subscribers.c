/* Many WebSocket subscribers of one node: opens them, subscribes each to newHeads, then notes
 * when each block reached each of them.
 *
 *   subscribers --port P --count N --heads H
 *
 * Says `ready` once all are subscribed; then, when each has been told of H blocks, one line a
 * delivery: the block's height, when it came to the subscriber's socket (the kernel's own note)
 * and when it had been read, in microseconds since 1970. Between the two lies what is this
 * program's: one thread that reads for all of them, and waits for a processor like others. */
#include "vm/base/bytes.h"
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COUNT_MAX    20000
#define HEADS_MAX    1000
#define EVENTS_MAX   256
#define PATIENCE_MS  30000
#define RECEIVE_SIZE 16384

struct subscriber {
    int fd;
    struct buffer received; /* of frames that are not complete */
    unsigned heads;
};

struct delivery {
    uint64_t height, came_us, read_us;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "subscribers: %s%s%s\n", what, errno != 0 ? ": " : "",
            errno != 0 ? strerror(errno) : "");
    exit(1);
}

static uint64_t us_of(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * 1000000 + (uint64_t)time->tv_nsec / 1000;
}

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return us_of(&now);
}

static void say(int fd, const void *bytes, size_t size)
{
    if (send(fd, bytes, size, MSG_NOSIGNAL) != (ssize_t)size)
        die("a request could not be sent");
}

/* Until the answer so far contains `part`. */
static void hear(int fd, const char *part)
{
    char text[2048];
    size_t size = 0;
    do {
        ssize_t got = recv(fd, text + size, sizeof text - size, 0);
        if (got <= 0)
            die("the node has closed a connection");
        size += (size_t)got;
    } while (size < sizeof text && memmem(text, size, part, strlen(part)) == NULL);
}

static void open_one(struct subscriber *one, uint16_t port)
{
    static const char handshake[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                                    "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    static const char call[] =
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_subscribe\",\"params\":[\"newHeads\"]}";
    uint8_t frame[6 + sizeof call - 1] = {0x81, 0x80 | (sizeof call - 1)}; /* a mask of zeros */
    const int is_on = 1;
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    one->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (one->fd < 0 || connect(one->fd, (struct sockaddr *)&to, sizeof to) != 0)
        die("a connection could not be made");
    say(one->fd, handshake, sizeof handshake - 1);
    hear(one->fd, "\r\n\r\n");
    memcpy(frame + 6, call, sizeof call - 1);
    say(one->fd, frame, sizeof frame); /* at once: the second of two sends waits for an answer */
    hear(one->fd, "\"result\":\"0x");
    if (setsockopt(one->fd, SOL_SOCKET, SO_TIMESTAMPNS, &is_on, sizeof is_on) != 0)
        die("the kernel does not note when something comes");
}

/* Size of the whole frame at the beginning, or 0 if not all of it is here. */
static size_t frame_size(const struct buffer *received)
{
    size_t head = 2, size;
    if (received->size < 4)
        return 0;
    size = received->data[1];
    if (size == 126) {
        size = (size_t)(received->data[2] << 8 | received->data[3]);
        head = 4;
    } else if (size == 127) {
        die("a head is longer than 64 kB");
    }
    return received->size >= head + size ? head + size : 0;
}

static uint64_t height_in(const uint8_t *frame, size_t size)
{
    static const char key[] = "\"number\":\"0x";
    const char *at = memmem(frame, size, key, sizeof key - 1);
    return at != NULL ? strtoull(at + sizeof key - 1, NULL, 16) : 0;
}

/* What is here, and when the last of it came. */
static void receive(struct subscriber *one, uint64_t *came_us)
{
    uint8_t bytes[RECEIVE_SIZE];
    union {
        struct cmsghdr head;
        uint8_t space[CMSG_SPACE(sizeof(struct timespec))];
    } note;
    struct iovec piece = {bytes, sizeof bytes};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = &note, .msg_controllen = sizeof note};
    struct timespec came;
    ssize_t got = recvmsg(one->fd, &message, MSG_DONTWAIT);
    if (got <= 0)
        die("the node has closed a connection");
    const struct cmsghdr *found = CMSG_FIRSTHDR(&message);
    if (found == NULL || found->cmsg_type != SCM_TIMESTAMPNS)
        die("the kernel has not noted when something came");
    memcpy(&came, CMSG_DATA(found), sizeof came);
    *came_us = us_of(&came);
    buffer_append(&one->received, bytes, (size_t)got);
}

/* Notes every whole frame that came; returns how many were heads. */
static unsigned take_frames(struct subscriber *one, struct delivery *out)
{
    unsigned count = 0;
    uint64_t came_us;
    receive(one, &came_us);
    uint64_t read_us = now_us();
    for (size_t size; (size = frame_size(&one->received)) > 0;) {
        uint64_t height = height_in(one->received.data, size);
        if (height > 0)
            out[count++] = (struct delivery){height, came_us, read_us};
        memmove(one->received.data, one->received.data + size, one->received.size - size);
        one->received.size -= size;
    }
    return count;
}

static unsigned long option_number(const char *text, unsigned long max)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    errno = 0;
    if (*end != '\0' || value == 0 || value > max)
        die("expected --port P --count N --heads H");
    return value;
}

int main(int argc, char **argv)
{
    static const struct option names[] = {{"port", required_argument, NULL, 'p'},
                                          {"count", required_argument, NULL, 'n'},
                                          {"heads", required_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    static struct subscriber all[COUNT_MAX];
    struct epoll_event events[EVENTS_MAX];
    struct rlimit files;
    unsigned long port = 0, count = 1, heads = 1;
    for (int which; (which = getopt_long(argc, argv, "", names, NULL)) != -1;)
        switch (which) {
        case 'p': port = option_number(optarg, 65535); break;
        case 'n': count = option_number(optarg, COUNT_MAX); break;
        case 'h': heads = option_number(optarg, HEADS_MAX); break;
        default: die("expected --port P --count N --heads H");
        }
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    int poll_fd = epoll_create1(0);
    struct delivery *told = memory_new_zeroed(count * heads + 64, sizeof *told);
    for (unsigned long index = 0; index < count; index++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &all[index]};
        open_one(&all[index], (uint16_t)port);
        epoll_ctl(poll_fd, EPOLL_CTL_ADD, all[index].fd, &event);
    }
    printf("ready\n");
    fflush(stdout);
    size_t told_count = 0;
    while (told_count < count * heads) {
        int ready = epoll_wait(poll_fd, events, EVENTS_MAX, PATIENCE_MS);
        errno = 0;
        if (ready <= 0)
            die("nothing came for half a minute");
        for (int index = 0; index < ready; index++) {
            struct delivery some[64];
            unsigned more = take_frames(events[index].data.ptr, some);
            for (unsigned at = 0; at < more && told_count < count * heads; at++)
                told[told_count++] = some[at];
        }
    }
    for (size_t index = 0; index < told_count; index++)
        printf("%" PRIu64 " %" PRIu64 " %" PRIu64 "\n", told[index].height, told[index].came_us,
               told[index].read_us);
    fflush(stdout);
    pause(); /* the connections stay until the bench has measured the node */
    return 0;
}

#include "tests/unit/rpc/loopback.h"

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <time.h>

struct event_base *loop;
struct rpc_server *server;
static bool is_stopped;

static void on_stopped(void *arg)
{
    (void)arg;
    is_stopped = true;
}

void loopback_start_with(struct rpc_limits limits)
{
    struct error error;
    struct rpc_settings settings = {.bind = "127.0.0.1", .admin_token = "secret", .limits = limits};
    loop = event_base_new();
    fake_host_start(&fake, loop);
    server = rpc_server_start(loop, &fake.host, &settings, &error);
    cr_assert_not_null(server, "%s", error.text);
}

void loopback_start(void)
{
    loopback_start_with(rpc_limits_default());
}

void begin_stop(void)
{
    is_stopped = false;
    rpc_server_stop(server, on_stopped, NULL);
}

void loopback_stop(void)
{
    begin_stop();
    for (int count = 0; count < 1000 && !is_stopped; count++)
        event_base_loop(loop, EVLOOP_NONBLOCK);
    cr_expect(is_stopped);
    rpc_server_free(server);
    fake_host_stop(&fake);
    event_base_free(loop);
}

void restart_with(struct rpc_limits limits)
{
    loopback_stop();
    loopback_start_with(limits);
}

int dial(void)
{
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(rpc_server_port(server))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert_eq(connect(fd, (struct sockaddr *)&to, sizeof to), 0);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    return fd;
}

void turn(void)
{
    struct timespec moment = {0, 1000000};
    for (int count = 0; count < 4; count++)
        event_base_loop(loop, EVLOOP_NONBLOCK);
    nanosleep(&moment, NULL);
}

void say(int fd, const void *bytes, size_t size)
{
    for (size_t at = 0; at < size;) {
        ssize_t count = send(fd, (const char *)bytes + at, size - at, MSG_NOSIGNAL);
        if (count > 0)
            at += (size_t)count;
        else if (errno != EAGAIN)
            return;
        turn();
    }
}

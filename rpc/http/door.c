#include "rpc/http/door.h"

#include "vm/base/bytes.h"
#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG         1024
#define ACCEPT_PAUSE_MS 100

struct door {
    struct evconnlistener *listener;
    struct event *accept_timer;
    door_fn on_visitor;
    void *context;
    uint16_t port;
    char *path; /* NULL: no file of ours */
    dev_t device;
    ino_t inode;
};

/* An IPv4 address as RFC 4291 maps it. */
static struct in6_addr address_of(const struct sockaddr *peer)
{
    struct in6_addr out = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
    if (peer->sa_family == AF_INET6)
        out = ((const struct sockaddr_in6 *)(const void *)peer)->sin6_addr;
    else
        memcpy(&out.s6_addr[12], &((const struct sockaddr_in *)(const void *)peer)->sin_addr, 4);
    return out;
}

static void on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *peer,
                      int size, void *arg)
{
    struct door *door = arg;
    int on = 1;
    (void)listener;
    (void)size;
    if (peer->sa_family == AF_UNIX) {
        door->on_visitor(door->context, fd, NULL);
        return;
    }
    struct in6_addr from = address_of(peer);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    door->on_visitor(door->context, fd, &from);
}

static void on_accept_again(evutil_socket_t fd, short what, void *arg)
{
    struct door *door = arg;
    (void)fd;
    (void)what;
    evconnlistener_enable(door->listener);
}

/* Out of descriptors: the backlog waits a moment, or the loop would spin on it. */
static void on_accept_error(struct evconnlistener *listener, void *arg)
{
    struct door *door = arg;
    struct timeval pause = {0, ACCEPT_PAUSE_MS * 1000};
    evconnlistener_disable(listener);
    event_add(door->accept_timer, &pause);
}

static struct door *door_new(struct event_base *loop, door_fn on_visitor, void *context)
{
    struct door *door = memory_new_zeroed(1, sizeof *door);
    door->on_visitor = on_visitor;
    door->context = context;
    door->accept_timer = evtimer_new(loop, on_accept_again, door);
    return door;
}

/* ---- A port ------------------------------------------------------------------------------ */

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

static uint16_t bound_port(const struct evconnlistener *listener)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } local = {.v6 = {0}};
    socklen_t size = sizeof local;
    getsockname(evconnlistener_get_fd((struct evconnlistener *)(uintptr_t)listener), &local.any,
                &size);
    return ntohs(local.any.sa_family == AF_INET6 ? local.v6.sin6_port : local.v4.sin_port);
}

static bool listen_on_port(struct door *door, struct event_base *loop, const char *bind,
                           uint16_t port, struct error *error)
{
    struct sockaddr_storage local;
    socklen_t size;
    if (!parse_address(bind, port, &local, &size))
        return error_set(error, ERROR_INVALID,
                         "RPC address \"%s\": expected a numeric address such as 127.0.0.1", bind);
    errno = 0;
    door->listener = evconnlistener_new_bind(
        loop, on_accept, door, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
        BACKLOG, (struct sockaddr *)&local, (int)size);
    if (door->listener == NULL && errno == EADDRINUSE)
        return error_set(error, ERROR_BUSY,
                         "port %u on %s is taken by another program; stop it, or choose another "
                         "port with --rpc-port",
                         port, bind);
    if (door->listener == NULL)
        return error_set_errno(error, "RPC could not listen on %s port %u", bind, port);
    evconnlistener_set_error_cb(door->listener, on_accept_error);
    door->port = bound_port(door->listener);
    return true;
}

struct door *door_open_port(struct event_base *loop, const char *bind, uint16_t port,
                            door_fn on_visitor, void *context, struct error *error)
{
    struct door *door = door_new(loop, on_visitor, context);
    if (listen_on_port(door, loop, bind, port, error))
        return door;
    door_close(door);
    return NULL;
}

/* ---- A path ------------------------------------------------------------------------------ */

/* Whether somebody answers there. */
static bool is_live(const struct sockaddr_un *place)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool is_dead = fd >= 0 && connect(fd, (const struct sockaddr *)place, sizeof *place) != 0
                   && errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return !is_dead;
}

/* Removes a socket that nobody answers at. */
static bool make_room(const struct sockaddr_un *place, struct error *error)
{
    struct stat found;
    const char *path = place->sun_path;
    if (lstat(path, &found) != 0)
        return errno == ENOENT || error_set_errno(error, "RPC could not look at %s", path);
    if (!S_ISSOCK(found.st_mode))
        return error_set(error, ERROR_INVALID,
                         "%s is there and is no socket; remove it, or choose another path with "
                         "--rpc-socket",
                         path);
    if (is_live(place))
        return error_set(error, ERROR_BUSY,
                         "another program answers at %s; stop it, or choose another path with "
                         "--rpc-socket",
                         path);
    return unlink(path) == 0 || error_set_errno(error, "RPC could not replace %s", path);
}

/* The mode is set before the file appears, and again without what the umask took from it. */
static bool bind_path(int fd, const struct sockaddr_un *place, mode_t mode, struct stat *made,
                      struct error *error)
{
    return (fchmod(fd, mode) == 0 && bind(fd, (const struct sockaddr *)place, sizeof *place) == 0
            && chmod(place->sun_path, mode) == 0 && lstat(place->sun_path, made) == 0)
           || error_set_errno(error, "RPC could not listen at %s", place->sun_path);
}

static bool listen_on_path(struct door *door, struct event_base *loop, const char *path,
                           mode_t mode, struct error *error)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    struct stat made;
    size_t size = strlen(path);
    if (path[0] != '/' || size >= sizeof place.sun_path)
        return error_set(error, ERROR_INVALID,
                         "RPC socket \"%.120s\": expected an absolute path of at most %zu bytes",
                         path, sizeof place.sun_path - 1);
    memcpy(place.sun_path, path, size);
    if (!make_room(&place, error))
        return false;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return error_set_errno(error, "RPC could not make a socket");
    if (!bind_path(fd, &place, mode, &made, error)) {
        close(fd);
        return false;
    }
    door->path = memcpy(memory_new(size + 1), path, size + 1);
    door->device = made.st_dev;
    door->inode = made.st_ino;
    door->listener = evconnlistener_new(loop, on_accept, door,
                                        LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, BACKLOG, fd);
    if (door->listener == NULL) {
        close(fd);
        return error_set_errno(error, "RPC could not listen at %s", path);
    }
    evconnlistener_set_error_cb(door->listener, on_accept_error);
    return true;
}

struct door *door_open_path(struct event_base *loop, const char *path, mode_t mode,
                            door_fn on_visitor, void *context, struct error *error)
{
    struct door *door = door_new(loop, on_visitor, context);
    if (listen_on_path(door, loop, path, mode, error))
        return door;
    door_close(door);
    return NULL;
}

/* ---- Either ------------------------------------------------------------------------------ */

uint16_t door_port(const struct door *door)
{
    return door->port;
}

void door_close(struct door *door)
{
    struct stat found;
    if (door == NULL)
        return;
    /* Unless somebody has put another in its place. */
    if (door->path != NULL && lstat(door->path, &found) == 0 && found.st_dev == door->device
        && found.st_ino == door->inode)
        unlink(door->path);
    if (door->listener != NULL)
        evconnlistener_free(door->listener);
    event_free(door->accept_timer);
    free(door->path);
    free(door);
}

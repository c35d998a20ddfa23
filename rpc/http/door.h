/* A place where connections come in: a port of a loopback address, or a Unix socket. Loop thread.
 *
 * A Unix socket is a file, whose mode says who may connect: 0600 its owner, 0660 its group, too.
 * One that a killed process left behind is replaced; one that somebody answers at, and a file that
 * is no socket, are left alone and refused. */
#ifndef RPC_HTTP_DOOR_H
#define RPC_HTTP_DOOR_H
#include "vm/base/error.h"
#include <netinet/in.h>
#include <sys/stat.h>

struct door;
struct event_base;

/* Takes the descriptor, which does not wait. `from` is NULL at a Unix socket. */
typedef void (*door_fn)(void *context, int fd, const struct in6_addr *from);

/* `bind` is a numeric address. ERROR_BUSY when the port is taken, with what to do. */
struct door *door_open_port(struct event_base *loop, const char *bind, uint16_t port,
                            door_fn on_visitor, void *context, struct error *error);
struct door *door_open_path(struct event_base *loop, const char *path, mode_t mode,
                            door_fn on_visitor, void *context, struct error *error);
uint16_t door_port(const struct door *door); /* 0 of a Unix socket */
void door_close(struct door *door);          /* removes its file; accepts NULL */
#endif

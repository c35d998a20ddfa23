/* One server over real sockets on loopback, and a client, in one thread: they take turns. */
#ifndef TESTS_UNIT_RPC_LOOPBACK_H
#define TESTS_UNIT_RPC_LOOPBACK_H
#include "tests/unit/rpc/fake_host.h"

/* Between loopback_start() and loopback_stop(), which are a suite's .init and .fini. */
extern struct fake_host fake; /* that of asking.h */
extern struct event_base *loop;
extern struct rpc_server *server;

void loopback_start(void);
void loopback_start_with(struct rpc_limits limits);
void loopback_stop(void);
/* Tells the server to stop; loopback_stop() still follows. */
void begin_stop(void);
/* The same server again, with other limits. */
void restart_with(struct rpc_limits limits);

/* A connection that waits for nothing. */
int dial(void);
/* Lets the server do what is there to do, and a millisecond pass. */
void turn(void);
/* Sends all of it, unless the server closes. */
void say(int fd, const void *bytes, size_t size);
#endif

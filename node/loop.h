/* The main thread's event loop: timers, signals, descriptors. Beside loop.c
 * only net/ knows libevent here; sockets of JSON-RPC are rpc/'s. */
#ifndef NODE_LOOP_H
#define NODE_LOOP_H
#include "vm/base/error.h"
#include <stdint.h>

struct event_base;
struct loop;
struct loop_timer;
struct loop_watch;

typedef void (*loop_fn)(void *arg);

/* From here on the process ignores SIGPIPE: a peer that has hung up is an error of that write. */
struct loop *loop_new(struct error *error);
void loop_free(struct loop *loop); /* accepts NULL */
struct event_base *loop_base(struct loop *loop);

/* Runs until loop_stop(). */
void loop_run(struct loop *loop);
void loop_stop(struct loop *loop);

/* A timer that is off until set; setting it again replaces the earlier time. */
struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fire, void *arg);
void loop_timer_set(struct loop_timer *timer, uint64_t delay_ms);
void loop_timer_off(struct loop_timer *timer);
void loop_timer_free(struct loop_timer *timer); /* accepts NULL; not inside its own callback */

/* Calls `ready` whenever the descriptor is readable. */
struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_fn ready, void *arg);
/* Calls `caught` when the signal arrives. */
struct loop_watch *loop_signal_new(struct loop *loop, int signal_number, loop_fn caught, void *arg);
void loop_watch_free(struct loop_watch *watch); /* accepts NULL */
#endif

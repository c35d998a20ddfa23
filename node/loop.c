#include "node/loop.h"

#include <assert.h>
#include <signal.h>
#include <stdlib.h>

#include <event2/event.h>

#include "vm/base/bytes.h"

struct loop {
    struct event_base *base;
};

struct loop_timer {
    struct event *event;
    loop_fn fire;
    void *arg;
};

struct loop_watch {
    struct event *event;
    loop_fn ready;
    void *arg;
};

/* Without locks: other threads reach the loop through the workers' descriptor only. */
struct loop *loop_new(struct error *error)
{
    struct event_config *config = event_config_new();
    struct event_base *base = NULL;

    if (config != NULL) {
        event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
        base = event_base_new_with_config(config);
        event_config_free(config);
    }
    if (base == NULL) {
        error_set(error, ERROR_IO, "could not make the event loop");
        return NULL;
    }
    struct loop *loop = memory_new(sizeof *loop);
    loop->base = base;
    signal(SIGPIPE, SIG_IGN);
    return loop;
}

void loop_free(struct loop *loop)
{
    if (loop == NULL)
        return;
    event_base_free(loop->base);
    free(loop);
}

struct event_base *loop_base(struct loop *loop)
{
    return loop->base;
}

void loop_run(struct loop *loop)
{
    event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

void loop_stop(struct loop *loop)
{
    event_base_loopbreak(loop->base);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
    struct loop_timer *timer = arg;
    (void)fd;
    (void)what;
    timer->fire(timer->arg);
}

struct loop_timer *loop_timer_new(struct loop *loop, loop_fn fire, void *arg)
{
    struct loop_timer *timer = memory_new(sizeof *timer);
    *timer = (struct loop_timer){.fire = fire, .arg = arg};
    timer->event = event_new(loop->base, -1, 0, on_timer, timer);
    assert(timer->event != NULL);
    return timer;
}

void loop_timer_set(struct loop_timer *timer, uint64_t delay_ms)
{
    struct timeval delay = {(time_t)(delay_ms / 1000), (suseconds_t)(delay_ms % 1000) * 1000};
    event_add(timer->event, &delay);
}

void loop_timer_off(struct loop_timer *timer)
{
    event_del(timer->event);
}

void loop_timer_free(struct loop_timer *timer)
{
    if (timer == NULL)
        return;
    event_free(timer->event);
    free(timer);
}

static void on_watch(evutil_socket_t fd, short what, void *arg)
{
    struct loop_watch *watch = arg;
    (void)fd;
    (void)what;
    watch->ready(watch->arg);
}

static struct loop_watch *watch_new(struct loop *loop, int fd, short events, loop_fn ready,
                                    void *arg)
{
    struct loop_watch *watch = memory_new(sizeof *watch);
    *watch = (struct loop_watch){.ready = ready, .arg = arg};
    watch->event = event_new(loop->base, fd, (short)(events | EV_PERSIST), on_watch, watch);
    assert(watch->event != NULL);
    event_add(watch->event, NULL);
    return watch;
}

struct loop_watch *loop_watch_new(struct loop *loop, int fd, loop_fn ready, void *arg)
{
    return watch_new(loop, fd, EV_READ, ready, arg);
}

struct loop_watch *loop_signal_new(struct loop *loop, int signal_number, loop_fn caught, void *arg)
{
    return watch_new(loop, signal_number, EV_SIGNAL, caught, arg);
}

void loop_watch_free(struct loop_watch *watch)
{
    if (watch == NULL)
        return;
    event_free(watch->event);
    free(watch);
}

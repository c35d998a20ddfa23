/* A fixed pool of worker threads beside the loop.
 *
 *   loop ─ submit ─► queue ─► worker (its own machine) ─► results ─ eventfd ─► loop: done(arg)
 *   watched descriptor ────► worker
 *
 * Queued work and ready descriptors have turns, so that neither keeps the other waiting for longer
 * than one piece of work takes. The queue is bounded: workers_submit() refuses when it is full,
 * and what was accepted always comes back. The loop is woken only when the queue of results was
 * empty, so a burst of jobs costs one wake-up. Idle workers sleep and own nothing but a small
 * stack: a machine is made for the first job that a worker gets. */
#ifndef NODE_WORKERS_H
#define NODE_WORKERS_H
#include "vm/base/error.h"
#include <stddef.h>
#include <stdint.h>

struct rpc_watch; /* rpc/host.h */
struct vm;
struct workers;

typedef void (*work_fn)(struct vm *machine, void *arg);
typedef void (*work_done_fn)(void *arg);

#define WORKERS_MAX 64

/* How the pool is doing, at one moment and since its start. */
struct workers_figures {
    unsigned count;
    unsigned idle; /* wait for something to do */
    size_t waiting, waiting_max;
    uint64_t refused; /* by workers_submit() */
    struct {
        uint64_t tasks; /* jobs and descriptors' events */
        uint64_t cpu_ns;
    } each[WORKERS_MAX];
};

/* One piece of work on its way. Used by actor.c and for messages of the caller's storage;
 * otherwise opaque. */
struct work {
    struct work *next;
    work_fn run;
    work_done_fn done; /* may be NULL: nothing comes back */
    void *arg;
    bool is_borrowed; /* the memory is not the pool's: never touched after run() */
};

/* `count` threads (0: one per core) and at most `queue_max` jobs waiting. */
struct workers *workers_start(unsigned count, size_t queue_max, struct error *error);
unsigned workers_count(const struct workers *workers);
void workers_figures(struct workers *workers, struct workers_figures *figures); /* any thread */
/* Finishes what runs, drops what waits (nothing of it comes back) and frees. Results not yet
 * collected are dropped too. Accepts NULL. */
void workers_stop(struct workers *workers);

/* Any thread. False when the queue is full: nothing will run. */
bool workers_submit(struct workers *workers, work_fn run, work_done_fn done, void *arg)
    __attribute__((warn_unused_result));
/* Any thread. Queues work of the caller's storage beyond the bound; the caller sees to it that
 * there are few (an actor has one). */
void workers_submit_borrowed(struct workers *workers, struct work *work);
/* The same, but from within a job of this pool the work runs next on this very thread, which
 * wakes nobody: for a job whose last act is to hand on. */
void workers_hand_on_borrowed(struct workers *workers, struct work *work);

/* Any thread. Once one of `events` (of epoll) holds for `fd`, an idle worker runs watch->ready,
 * once; queued jobs go first. `is_new`: watched for the first time. Closing the descriptor ends
 * the watch. */
void workers_watch(struct workers *workers, const struct rpc_watch *watch, int fd, uint32_t events,
                   bool is_new);

/* Any thread. Queues a finished job's `done`, or a message to the loop: `message` is the
 * caller's and is free again when its `done` is called. */
void workers_post(struct workers *workers, struct work *message);

/* Loop thread. The descriptor is readable while results wait. */
int workers_fd(const struct workers *workers);
/* Calls `done` of the results that wait, at most `max` of them; more make the descriptor
 * readable again. Returns how many. */
size_t workers_collect(struct workers *workers, size_t max);
#endif

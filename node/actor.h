/* An actor: jobs that run one at a time, in order, on whichever worker is free.
 *
 * Two lanes. The first is for the owner's own few jobs (building, signing, committing): it
 * never refuses and goes first, but after each of its jobs one of the other lane runs. The
 * second is for everybody else; it is bounded and refuses when full. After a few jobs the
 * actor queues behind the other actors, so a busy ledger does not starve the rest.
 *
 * An actor lives as long as its pool: free it only after workers_stop(). */
#ifndef NODE_ACTOR_H
#define NODE_ACTOR_H
#include "node/workers.h"

struct actor;

struct actor_figures {
    size_t waiting, waiting_max; /* in the lane of everybody else */
    uint64_t refused;
};

struct actor *actor_new(struct workers *workers, size_t queue_max);
void actor_free(struct actor *actor); /* accepts NULL; jobs that never ran are dropped */

/* Any thread. `done` (may be NULL) runs on the loop thread. False when the lane is full. */
bool actor_submit(struct actor *actor, work_fn run, work_done_fn done, void *arg)
    __attribute__((warn_unused_result));
struct actor_figures actor_figures(struct actor *actor); /* any thread */
/* Any thread; the owner's lane. */
void actor_submit_own(struct actor *actor, work_fn run, work_done_fn done, void *arg);
#endif

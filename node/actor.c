#include "node/actor.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "vm/base/bytes.h"

#define ACTOR_SLICE_JOBS 16 /* then other actors have their turn */

struct lane {
    struct work *first;
    struct work *last;
    size_t count;
};

struct actor {
    struct workers *workers;
    size_t queue_max;
    pthread_mutex_t lock; /* all below */
    struct lane own;
    struct lane others;
    uint64_t refused;
    bool own_ran_last;
    bool is_scheduled; /* `turn` is queued or running */
    struct work turn;
};

static void lane_append(struct lane *lane, struct work *work)
{
    work->next = NULL;
    if (lane->last == NULL)
        lane->first = work;
    else
        lane->last->next = work;
    lane->last = work;
    lane->count++;
}

static struct work *lane_take(struct lane *lane)
{
    struct work *work = lane->first;
    if (work == NULL)
        return NULL;
    lane->first = work->next;
    if (lane->first == NULL)
        lane->last = NULL;
    lane->count--;
    return work;
}

/* With the lock held: the owner's lane first, but not twice in a row while others wait. */
static struct work *take_next(struct actor *actor)
{
    bool take_own = actor->own.count > 0 && (!actor->own_ran_last || actor->others.count == 0);
    actor->own_ran_last = take_own;
    return lane_take(take_own ? &actor->own : &actor->others);
}

/* The next job; NULL, and the actor rests, if there is none. */
static struct work *next_or_rest(struct actor *actor)
{
    struct work *work;

    pthread_mutex_lock(&actor->lock);
    work = take_next(actor);
    if (work == NULL)
        actor->is_scheduled = false;
    pthread_mutex_unlock(&actor->lock);
    return work;
}

static void turn_job(struct vm *machine, void *arg)
{
    struct actor *actor = arg;

    for (unsigned i = 0; i < ACTOR_SLICE_JOBS; i++) {
        struct work *work = next_or_rest(actor);
        if (work == NULL)
            return;
        work->run(machine, work->arg);
        if (work->done != NULL)
            workers_post(actor->workers, work);
        else
            free(work);
    }
    workers_submit_borrowed(actor->workers, &actor->turn);
}

struct actor *actor_new(struct workers *workers, size_t queue_max)
{
    struct actor *actor = memory_new_zeroed(1, sizeof *actor);
    actor->workers = workers;
    actor->queue_max = queue_max;
    pthread_mutex_init(&actor->lock, NULL);
    actor->turn = (struct work){.run = turn_job, .arg = actor, .is_borrowed = true};
    return actor;
}

void actor_free(struct actor *actor)
{
    struct work *work;

    if (actor == NULL)
        return;
    while ((work = lane_take(&actor->own)) != NULL || (work = lane_take(&actor->others)) != NULL)
        free(work);
    pthread_mutex_destroy(&actor->lock);
    free(actor);
}

struct actor_figures actor_figures(struct actor *actor)
{
    pthread_mutex_lock(&actor->lock);
    struct actor_figures figures = {actor->others.count, actor->queue_max, actor->refused};
    pthread_mutex_unlock(&actor->lock);
    return figures;
}

static bool submit(struct actor *actor, struct lane *lane, size_t max, struct work job)
{
    struct work *work = memory_new(sizeof *work);
    bool accepted, is_first = false;

    *work = job;
    pthread_mutex_lock(&actor->lock);
    accepted = lane->count < max;
    if (accepted) {
        lane_append(lane, work);
        is_first = !actor->is_scheduled;
        actor->is_scheduled = true;
    } else {
        actor->refused++;
    }
    pthread_mutex_unlock(&actor->lock);
    if (!accepted)
        free(work);
    if (is_first)
        workers_hand_on_borrowed(actor->workers, &actor->turn);
    return accepted;
}

bool actor_submit(struct actor *actor, work_fn run, work_done_fn done, void *arg)
{
    return submit(actor, &actor->others, actor->queue_max,
                  (struct work){.run = run, .done = done, .arg = arg});
}

void actor_submit_own(struct actor *actor, work_fn run, work_done_fn done, void *arg)
{
    bool accepted =
        submit(actor, &actor->own, SIZE_MAX, (struct work){.run = run, .done = done, .arg = arg});
    assert(accepted);
}

/* Many threads submit to workers and actors at once: every accepted job runs once and comes
 * back once; an actor's jobs never overlap and keep their order; full queues refuse; a job may
 * hand on to an actor as its last act; work that queues itself without end keeps no event
 * waiting. */
#include "node/actor.h"
#include "node/workers.h"
#include "rpc/host.h"
#include "vm/base/bytes.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define SUBMITTERS  4
#define ACTORS      6
#define JOBS_EACH   3000
#define WORKERS     3
#define QUEUE_MAX   512
#define COLLECT_MAX 64

struct counted_actor {
    struct actor *actor;
    atomic_int running;
    unsigned long state;              /* changed without atomics: the actor alone guards it */
    unsigned last_of[SUBMITTERS + 1]; /* the last: handed on by workers */
    bool was_disordered;
};

struct job {
    struct counted_actor *counted; /* NULL: on any worker */
    unsigned submitter, number;
};

static struct workers *workers;
static struct counted_actor actors[ACTORS];
static atomic_ulong ran, refused, handed_on;
static unsigned long came_back; /* loop thread only */

static void on_done(void *arg)
{
    came_back++;
    free(arg);
}

static void submit_to_actor(struct job job);

static void run_job(struct vm *machine, void *arg)
{
    struct job *job = arg;
    struct counted_actor *counted = job->counted;
    if (machine == NULL)
        abort();
    atomic_fetch_add(&ran, 1);
    if (counted == NULL) {
        atomic_fetch_add(&handed_on, 1);
        submit_to_actor((struct job){&actors[job->number % ACTORS], SUBMITTERS, 0});
        return;
    }
    if (atomic_fetch_add(&counted->running, 1) != 0)
        abort(); /* two jobs of one actor at once */
    counted->state++;
    if (job->number < counted->last_of[job->submitter])
        counted->was_disordered = true;
    counted->last_of[job->submitter] = job->number;
    atomic_fetch_sub(&counted->running, 1);
}

static void submit_to_actor(struct job job)
{
    struct job *copy = memory_new(sizeof *copy);
    *copy = job;
    if (actor_submit(job.counted->actor, run_job, on_done, copy))
        return;
    atomic_fetch_add(&refused, 1);
    free(copy);
}

static void *submit_all(void *arg)
{
    unsigned submitter = *(const unsigned *)arg;
    for (unsigned i = 0; i < JOBS_EACH; i++) {
        unsigned where = (submitter + i) % (ACTORS + 1);
        if (where < ACTORS) {
            submit_to_actor((struct job){&actors[where], submitter, i});
            continue;
        }
        struct job *job = memory_new(sizeof *job);
        *job = (struct job){NULL, submitter, i};
        if (!workers_submit(workers, run_job, on_done, job)) {
            atomic_fetch_add(&refused, 1);
            free(job);
        }
    }
    return NULL;
}

static void collect_all(unsigned long submitted)
{
    struct pollfd poll_fd = {.fd = workers_fd(workers), .events = POLLIN};
    while (came_back + atomic_load(&refused) < submitted + atomic_load(&handed_on)) {
        if (poll(&poll_fd, 1, 10000) <= 0) {
            fprintf(stderr, "results stopped coming: %lu back, %lu refused\n", came_back,
                    atomic_load(&refused));
            exit(1);
        }
        workers_collect(workers, COLLECT_MAX);
    }
}

static struct work message;
static unsigned messages;

static void on_message(void *arg)
{
    (void)arg;
    messages++;
}

struct spinning {
    unsigned rounds;
    int fd; /* written to in round 10 */
};

static atomic_bool is_heard, is_over;

static void on_readable(struct vm *machine, void *arg)
{
    (void)machine;
    (void)arg;
    atomic_store(&is_heard, true);
}

static void spin(struct vm *machine, void *arg)
{
    struct spinning *spinning = arg;
    (void)machine;
    if (++spinning->rounds == 10 && write(spinning->fd, "x", 1) != 1)
        abort();
    if (atomic_load(&is_heard) || spinning->rounds == 100000)
        atomic_store(&is_over, true);
    else if (!workers_submit(workers, spin, NULL, spinning))
        abort();
}

/* One worker, and work that queues itself again: a descriptor's event has its turn meanwhile. */
static bool event_has_its_turn(void)
{
    static const struct rpc_watch watch = {on_readable, NULL};
    struct error error;
    int ends[2];
    workers = workers_start(1, QUEUE_MAX, &error);
    if (workers == NULL || pipe(ends) != 0)
        return false;
    struct spinning spinning = {.fd = ends[1]};
    workers_watch(workers, &watch, ends[0], EPOLLIN, true);
    if (!workers_submit(workers, spin, NULL, &spinning))
        return false;
    while (!atomic_load(&is_over))
        usleep(1000);
    workers_stop(workers);
    close(ends[0]);
    close(ends[1]);
    printf("heard after %u rounds\n", spinning.rounds);
    return atomic_load(&is_heard);
}

int main(void)
{
    pthread_t threads[SUBMITTERS];
    unsigned numbers[SUBMITTERS];
    struct error error;
    int failed = 0;

    workers = workers_start(WORKERS, QUEUE_MAX, &error);
    if (workers == NULL || workers_count(workers) != WORKERS)
        return 1;
    for (unsigned i = 0; i < ACTORS; i++)
        actors[i].actor = actor_new(workers, QUEUE_MAX);
    for (unsigned i = 0; i < SUBMITTERS; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, submit_all, &numbers[i]) != 0)
            abort();
    }
    collect_all((unsigned long)SUBMITTERS * JOBS_EACH);
    for (unsigned i = 0; i < SUBMITTERS; i++)
        pthread_join(threads[i], NULL);
    failed |= came_back != atomic_load(&ran);
    for (unsigned i = 0; i < ACTORS; i++)
        failed |= actors[i].was_disordered || actors[i].state == 0;

    message = (struct work){.done = on_message, .is_borrowed = true};
    for (unsigned i = 1; i <= 100; i++) {
        workers_post(workers, &message);
        workers_collect(workers, COLLECT_MAX);
        failed |= messages != i;
    }
    workers_stop(workers);
    for (unsigned i = 0; i < ACTORS; i++)
        actor_free(actors[i].actor);
    failed |= atomic_load(&handed_on) == 0;
    printf("ran=%lu handed_on=%lu refused=%lu\n", atomic_load(&ran), atomic_load(&handed_on),
           atomic_load(&refused));
    failed |= !event_has_its_turn();
    return failed;
}

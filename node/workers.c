#include "node/workers.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "rpc/host.h"
#include "vm/base/bytes.h"
#include "vm/base/tally.h"
#include "vm/vm.h"

#define WORKER_STACK_SIZE_BYTES (512 * 1024) /* the machine does not recurse on it */
#define CACHE_LINE_SIZE_BYTES   64
#define WATCH_LOCKS             32 /* one for several watches: seldom wanted twice at a time */

struct work_list {
    struct work *first;
    struct work *last;
};

struct worker {
    pthread_t thread;
    struct workers *pool;
    struct work *handed_on; /* runs next here; borrowed */
    bool is_events_turn;    /* the last task came from the queue */
    tally tasks;
    uint8_t apart[CACHE_LINE_SIZE_BYTES]; /* from what the next worker writes as often */
};

/* The worker whose thread this is; NULL on other threads. */
static _Thread_local struct worker *self;

struct workers {
    int poll_fd; /* watched descriptors, and work_fd */
    int work_fd; /* written when an idle worker is to look at the queue */
    atomic_bool is_stopping;
    atomic_uint idle;            /* workers that wait for an event, or are about to */
    atomic_size_t waiting_count; /* of the queue */
    /* Held while a descriptor's watch is set, and taken by who gets its event. */
    pthread_mutex_t watch_locks[WATCH_LOCKS];
    pthread_mutex_t lock; /* those up to the next empty line */
    struct work_list waiting;
    size_t waiting_owned; /* without borrowed ones */
    size_t queue_max;
    uint64_t refused;

    pthread_mutex_t results_lock;
    struct work_list results;
    int results_fd;

    unsigned count;
    struct worker threads[WORKERS_MAX];
};

static void list_append(struct work_list *list, struct work *work)
{
    work->next = NULL;
    if (list->last == NULL)
        list->first = work;
    else
        list->last->next = work;
    list->last = work;
}

static struct work *list_take(struct work_list *list)
{
    struct work *work = list->first;
    if (work == NULL)
        return NULL;
    list->first = work->next;
    if (list->first == NULL)
        list->last = NULL;
    return work;
}

/* With the lock let go: one idle worker looks at the queue. */
static void wake_worker(struct workers *pool)
{
    uint64_t one = 1;
    ssize_t written = write(pool->work_fd, &one, sizeof one);
    assert(written == (ssize_t)sizeof one); /* 2^64 wake-ups would be needed to fill it */
}

/* What a worker does next: queued work, or a descriptor's event. */
struct task {
    struct work *work;
    const struct rpc_watch *watch;
};

static void take_queued(struct workers *pool, struct task *task)
{
    bool has_more = false;
    pthread_mutex_lock(&pool->lock);
    task->work = list_take(&pool->waiting);
    if (task->work != NULL) {
        atomic_fetch_sub(&pool->waiting_count, 1);
        if (!task->work->is_borrowed)
            pool->waiting_owned--;
        /* Of wake-ups that come together an idle worker sees one. */
        has_more = pool->waiting.first != NULL && atomic_load(&pool->idle) > 0;
    }
    pthread_mutex_unlock(&pool->lock);
    if (has_more)
        wake_worker(pool);
}

static pthread_mutex_t *watch_lock(struct workers *pool, const struct rpc_watch *watch)
{
    return &pool->watch_locks[(uintptr_t)watch / CACHE_LINE_SIZE_BYTES % WATCH_LOCKS];
}

/* Of those that are here, or come in time (-1: however late). */
static void take_event(struct workers *pool, struct task *task, int timeout_ms)
{
    struct epoll_event event;
    if (epoll_wait(pool->poll_fd, &event, 1, timeout_ms) <= 0 || event.data.ptr == NULL)
        return; /* NULL: the queue's, which is looked at next anyway */
    task->watch = event.data.ptr;
    /* Whoever set the watch is done with it. */
    pthread_mutex_lock(watch_lock(pool, task->watch));
    pthread_mutex_unlock(watch_lock(pool, task->watch));
}

/* With nothing in the queue. */
static void wait_for_event(struct workers *pool, struct task *task)
{
    atomic_fetch_add(&pool->idle, 1);
    /* Who queues from here on sees an idle worker; what was queued before is seen here. */
    if (atomic_load(&pool->waiting_count) == 0 && !atomic_load(&pool->is_stopping))
        take_event(pool, task, -1);
    atomic_fetch_sub(&pool->idle, 1);
}

/* Neither work nor watch when the pool stops. Queued work and events have turns: a long request,
 * which queues its next slice, keeps no connection waiting. */
static struct task wait_for_task(struct workers *pool)
{
    struct task task = {self->handed_on, NULL};

    self->handed_on = NULL;
    if (task.work != NULL)
        return task;
    if (self->is_events_turn && atomic_load(&pool->waiting_count) > 0)
        take_event(pool, &task, 0);
    while (task.work == NULL && task.watch == NULL) {
        if (atomic_load(&pool->is_stopping)) {
            wake_worker(pool); /* the next one */
            break;
        }
        if (atomic_load(&pool->waiting_count) > 0)
            take_queued(pool, &task);
        else
            wait_for_event(pool, &task);
    }
    self->is_events_turn = task.watch == NULL;
    return task;
}

static void run_work(struct workers *pool, struct work *work, struct vm *machine)
{
    bool is_borrowed = work->is_borrowed;
    work->run(machine, work->arg);
    if (is_borrowed)
        return;
    if (work->done != NULL)
        workers_post(pool, work);
    else
        free(work);
}

static void *worker_main(void *arg)
{
    struct workers *pool = ((struct worker *)arg)->pool;
    struct vm *machine = NULL;

    self = arg;
    for (;;) {
        struct task task = wait_for_task(pool);
        if (task.work == NULL && task.watch == NULL)
            break;
        tally_add(&self->tasks, 1);
        if (machine == NULL)
            machine = vm_new();
        if (task.work != NULL)
            run_work(pool, task.work, machine);
        else
            task.watch->ready(machine, task.watch->arg);
    }
    vm_free(machine);
    return NULL;
}

static bool start_threads(struct workers *pool, unsigned count, struct error *error)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    int failed = 0;

    /* Signals are for the loop thread. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WORKER_STACK_SIZE_BYTES);
    while (pool->count < count && failed == 0) {
        struct worker *worker = &pool->threads[pool->count];
        worker->pool = pool;
        failed = pthread_create(&worker->thread, &attributes, worker_main, worker);
        if (failed == 0)
            pool->count++;
    }
    pthread_attr_destroy(&attributes);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed != 0)
        return error_set(error, ERROR_IO, "could not start worker thread %u of %u: %s",
                         pool->count + 1, count, strerror(failed));
    return true;
}

static bool open_descriptors(struct workers *pool, struct error *error)
{
    struct epoll_event queue = {.events = EPOLLIN | EPOLLET};
    pool->results_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pool->work_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    pool->poll_fd = epoll_create1(EPOLL_CLOEXEC);
    return (pool->results_fd >= 0 && pool->work_fd >= 0 && pool->poll_fd >= 0
            && epoll_ctl(pool->poll_fd, EPOLL_CTL_ADD, pool->work_fd, &queue) == 0)
           || error_set_errno(error, "could not make the workers' wake-up descriptors");
}

struct workers *workers_start(unsigned count, size_t queue_max, struct error *error)
{
    struct workers *pool = memory_new_zeroed(1, sizeof *pool);

    if (count == 0) {
        long cores = sysconf(_SC_NPROCESSORS_ONLN);
        count = cores < 1 ? 1 : (unsigned)cores;
    }
    if (count > WORKERS_MAX)
        count = WORKERS_MAX;
    pool->queue_max = queue_max;
    pthread_mutex_init(&pool->lock, NULL);
    for (size_t i = 0; i < WATCH_LOCKS; i++)
        pthread_mutex_init(&pool->watch_locks[i], NULL);
    pthread_mutex_init(&pool->results_lock, NULL);
    if (!open_descriptors(pool, error) || !start_threads(pool, count, error)) {
        workers_stop(pool);
        return NULL;
    }
    return pool;
}

unsigned workers_count(const struct workers *workers)
{
    return workers->count;
}

static uint64_t cpu_time_ns(pthread_t thread)
{
    clockid_t clock;
    struct timespec time = {0};
    if (pthread_getcpuclockid(thread, &clock) != 0 || clock_gettime(clock, &time) != 0)
        return 0;
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void workers_figures(struct workers *workers, struct workers_figures *figures)
{
    *figures = (struct workers_figures){.count = workers->count};
    pthread_mutex_lock(&workers->lock);
    figures->idle = atomic_load(&workers->idle);
    figures->waiting = workers->waiting_owned;
    figures->waiting_max = workers->queue_max;
    figures->refused = workers->refused;
    pthread_mutex_unlock(&workers->lock);
    for (unsigned i = 0; i < workers->count; i++) {
        figures->each[i].tasks = tally_read(&workers->threads[i].tasks);
        figures->each[i].cpu_ns = cpu_time_ns(workers->threads[i].thread);
    }
}

static void drop_all(struct work_list *list)
{
    struct work *work;
    while ((work = list_take(list)) != NULL) {
        if (!work->is_borrowed)
            free(work);
    }
}

void workers_stop(struct workers *workers)
{
    if (workers == NULL)
        return;
    atomic_store(&workers->is_stopping, true);
    if (workers->count > 0)
        wake_worker(workers);
    for (unsigned i = 0; i < workers->count; i++)
        pthread_join(workers->threads[i].thread, NULL);
    drop_all(&workers->waiting);
    drop_all(&workers->results);
    if (workers->results_fd >= 0)
        close(workers->results_fd);
    if (workers->work_fd >= 0)
        close(workers->work_fd);
    if (workers->poll_fd >= 0)
        close(workers->poll_fd);
    pthread_mutex_destroy(&workers->lock);
    for (size_t i = 0; i < WATCH_LOCKS; i++)
        pthread_mutex_destroy(&workers->watch_locks[i]);
    pthread_mutex_destroy(&workers->results_lock);
    free(workers);
}

/* With the lock held. */
static void append_waiting(struct workers *workers, struct work *work)
{
    list_append(&workers->waiting, work);
    atomic_fetch_add(&workers->waiting_count, 1);
}

bool workers_submit(struct workers *workers, work_fn run, work_done_fn done, void *arg)
{
    struct work *work = memory_new(sizeof *work);
    bool accepted;

    *work = (struct work){.run = run, .done = done, .arg = arg};
    pthread_mutex_lock(&workers->lock);
    accepted = workers->waiting_owned < workers->queue_max;
    if (accepted) {
        workers->waiting_owned++;
        append_waiting(workers, work);
    } else {
        workers->refused++;
    }
    pthread_mutex_unlock(&workers->lock);
    if (!accepted)
        free(work);
    else if (atomic_load(&workers->idle) > 0)
        wake_worker(workers);
    return accepted;
}

void workers_submit_borrowed(struct workers *workers, struct work *work)
{
    assert(work->is_borrowed);
    pthread_mutex_lock(&workers->lock);
    append_waiting(workers, work);
    pthread_mutex_unlock(&workers->lock);
    if (atomic_load(&workers->idle) > 0)
        wake_worker(workers);
}

void workers_hand_on_borrowed(struct workers *workers, struct work *work)
{
    assert(work->is_borrowed);
    if (self != NULL && self->pool == workers && self->handed_on == NULL)
        self->handed_on = work;
    else
        workers_submit_borrowed(workers, work);
}

void workers_watch(struct workers *workers, const struct rpc_watch *watch, int fd, uint32_t events,
                   bool is_new)
{
    struct epoll_event event = {.events = events | EPOLLONESHOT,
                                .data.ptr = (void *)(uintptr_t)watch};
    pthread_mutex_lock(watch_lock(workers, watch));
    int failed = epoll_ctl(workers->poll_fd, is_new ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    pthread_mutex_unlock(watch_lock(workers, watch));
    assert(failed == 0); /* but for no memory in the kernel, only misuse fails */
}

static void wake_loop(struct workers *workers)
{
    uint64_t one = 1;
    ssize_t written = write(workers->results_fd, &one, sizeof one);
    /* The counter cannot be full: it is written only when the queue was empty. */
    assert(written == (ssize_t)sizeof one);
}

void workers_post(struct workers *workers, struct work *message)
{
    bool was_empty;

    pthread_mutex_lock(&workers->results_lock);
    was_empty = workers->results.first == NULL;
    list_append(&workers->results, message);
    pthread_mutex_unlock(&workers->results_lock);
    if (was_empty)
        wake_loop(workers);
}

int workers_fd(const struct workers *workers)
{
    return workers->results_fd;
}

static struct work_list take_results(struct workers *workers)
{
    struct work_list taken;

    pthread_mutex_lock(&workers->results_lock);
    taken = workers->results;
    workers->results = (struct work_list){0};
    pthread_mutex_unlock(&workers->results_lock);
    return taken;
}

/* Puts what one turn of the loop left undone in front of what came since. */
static void give_back(struct workers *workers, struct work_list *rest)
{
    pthread_mutex_lock(&workers->results_lock);
    rest->last->next = workers->results.first;
    if (workers->results.first == NULL)
        workers->results.last = rest->last;
    workers->results.first = rest->first;
    pthread_mutex_unlock(&workers->results_lock);
    wake_loop(workers);
}

size_t workers_collect(struct workers *workers, size_t max)
{
    uint64_t wakes;
    ssize_t got = read(workers->results_fd, &wakes, sizeof wakes);
    struct work_list taken = take_results(workers);
    struct work *work;
    size_t count = 0;

    (void)got; /* EAGAIN: somebody collected before */
    while (count < max && (work = list_take(&taken)) != NULL) {
        work_done_fn done = work->done;
        void *arg = work->arg;
        if (!work->is_borrowed)
            free(work);
        done(arg);
        count++;
    }
    if (taken.first != NULL)
        give_back(workers, &taken);
    return count;
}

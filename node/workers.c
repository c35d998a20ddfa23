#include "node/workers.h"

#include <assert.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "vm/base/bytes.h"
#include "vm/vm.h"

#define WORKERS_MAX             64
#define WORKER_STACK_SIZE_BYTES (512 * 1024) /* the machine does not recurse on it */

struct work_list {
    struct work *first;
    struct work *last;
};

struct worker {
    pthread_t thread;
    struct workers *pool;
    struct work *handed_on; /* runs next here; borrowed */
};

/* The worker whose thread this is; NULL on other threads. */
static _Thread_local struct worker *self;

struct workers {
    pthread_mutex_t lock; /* waiting, waiting_owned, is_stopping */
    pthread_cond_t has_work;
    struct work_list waiting;
    size_t waiting_owned; /* without borrowed ones */
    size_t queue_max;
    bool is_stopping;

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

/* NULL when the pool stops. */
static struct work *wait_for_work(struct workers *pool)
{
    struct work *work = self->handed_on;

    self->handed_on = NULL;
    if (work != NULL)
        return work;
    pthread_mutex_lock(&pool->lock);
    while (!pool->is_stopping && pool->waiting.first == NULL)
        pthread_cond_wait(&pool->has_work, &pool->lock);
    if (!pool->is_stopping) {
        work = list_take(&pool->waiting);
        if (!work->is_borrowed)
            pool->waiting_owned--;
    }
    pthread_mutex_unlock(&pool->lock);
    return work;
}

static void *worker_main(void *arg)
{
    struct workers *pool = ((struct worker *)arg)->pool;
    struct vm *machine = NULL;
    struct work *work;

    self = arg;
    while ((work = wait_for_work(pool)) != NULL) {
        bool is_borrowed = work->is_borrowed;
        if (machine == NULL)
            machine = vm_new();
        work->run(machine, work->arg);
        if (is_borrowed)
            continue;
        if (work->done != NULL)
            workers_post(pool, work);
        else
            free(work);
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
    pthread_cond_init(&pool->has_work, NULL);
    pthread_mutex_init(&pool->results_lock, NULL);
    pool->results_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (pool->results_fd < 0) {
        error_set_errno(error, "could not make the workers' wake-up descriptor");
        workers_stop(pool);
        return NULL;
    }
    if (!start_threads(pool, count, error)) {
        workers_stop(pool);
        return NULL;
    }
    return pool;
}

unsigned workers_count(const struct workers *workers)
{
    return workers->count;
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
    pthread_mutex_lock(&workers->lock);
    workers->is_stopping = true;
    pthread_cond_broadcast(&workers->has_work);
    pthread_mutex_unlock(&workers->lock);
    for (unsigned i = 0; i < workers->count; i++)
        pthread_join(workers->threads[i].thread, NULL);
    drop_all(&workers->waiting);
    drop_all(&workers->results);
    if (workers->results_fd >= 0)
        close(workers->results_fd);
    pthread_cond_destroy(&workers->has_work);
    pthread_mutex_destroy(&workers->lock);
    pthread_mutex_destroy(&workers->results_lock);
    free(workers);
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
        list_append(&workers->waiting, work);
    }
    pthread_mutex_unlock(&workers->lock);
    /* Without the lock: who wakes finds it free. */
    if (accepted)
        pthread_cond_signal(&workers->has_work);
    else
        free(work);
    return accepted;
}

void workers_submit_borrowed(struct workers *workers, struct work *work)
{
    assert(work->is_borrowed);
    pthread_mutex_lock(&workers->lock);
    list_append(&workers->waiting, work);
    pthread_mutex_unlock(&workers->lock);
    pthread_cond_signal(&workers->has_work);
}

void workers_hand_on_borrowed(struct workers *workers, struct work *work)
{
    assert(work->is_borrowed);
    if (self != NULL && self->pool == workers && self->handed_on == NULL)
        self->handed_on = work;
    else
        workers_submit_borrowed(workers, work);
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

#include "tests/sim/workers.h"

#include <assert.h>
#include <stdatomic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS_MAX       64
#define FAILURES_MAX   20
#define TASK_SECONDS   600 /* a run that takes longer hangs */
#define REPORT_SECONDS 60
#define LOOK_EVERY_US  20000

struct slot {
    pid_t process;
    uint64_t task, tasks;
    struct figures figures;
};

/* Between the processes. */
struct shared {
    _Atomic uint64_t next;
    struct slot slots[JOBS_MAX];
};

static double now_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

unsigned workers_default(void)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > JOBS_MAX ? JOBS_MAX : (unsigned)processors;
}

static void work_on(const struct work *work, struct shared *shared, struct slot *slot, double start)
{
    for (;;) {
        if (work->seconds > 0 && now_seconds() - start >= (double)work->seconds)
            break;
        const uint64_t task = atomic_fetch_add(&shared->next, 1);
        if (task >= work->count)
            break;
        slot->task = task;
        alarm(TASK_SECONDS);
        work->run(work->context, task, &slot->figures);
        slot->tasks++;
    }
    exit(0); /* not _exit: a sanitizer's last word counts */
}

static void start_worker(const struct work *work, struct shared *shared, struct slot *slot,
                         double start)
{
    fflush(stdout);
    const pid_t process = fork();
    assert(process >= 0);
    if (process == 0)
        work_on(work, shared, slot, start);
    slot->process = process; /* shared: the parent writes it */
}

static struct slot *slot_of(struct shared *shared, const struct work *work, pid_t process)
{
    for (unsigned i = 0; i < work->jobs; i++)
        if (shared->slots[i].process == process)
            return &shared->slots[i];
    return NULL;
}

static void report(const struct work *work, const struct shared *shared, uint64_t failures,
                   double seconds)
{
    uint64_t tasks = 0;
    for (unsigned i = 0; i < work->jobs; i++)
        tasks += shared->slots[i].tasks;
    printf("%.0f s: %llu done, %llu failed\n", seconds, (unsigned long long)tasks,
           (unsigned long long)failures);
    fflush(stdout);
}

struct work_done workers_run(const struct work *work)
{
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct work_done done = {0};
    const double start = now_seconds();
    double reported = 0;
    unsigned running = work->jobs;
    assert(shared != MAP_FAILED);
    assert(work->jobs <= JOBS_MAX);
    for (unsigned i = 0; i < work->jobs; i++)
        start_worker(work, shared, &shared->slots[i], start);
    while (running > 0) {
        int status;
        const pid_t process = waitpid(-1, &status, WNOHANG);
        done.seconds = now_seconds() - start;
        if (process <= 0) {
            usleep(LOOK_EVERY_US);
            if (done.seconds - reported >= REPORT_SECONDS) {
                reported = done.seconds;
                report(work, shared, done.failures, reported);
            }
            continue;
        }
        struct slot *slot = slot_of(shared, work, process);
        if (slot == NULL)
            continue;
        running--;
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
            continue;
        done.failures++;
        if (WIFSIGNALED(status))
            printf("ended by signal %d%s\n", WTERMSIG(status),
                   WTERMSIG(status) == SIGALRM ? ": it took too long" : "");
        work->on_failure(work->context, slot->task);
        if (work->stops_at_failure || done.failures >= FAILURES_MAX) {
            atomic_store(&shared->next, work->count);
            continue;
        }
        running++;
        start_worker(work, shared, slot, start);
    }
    for (unsigned i = 0; i < work->jobs; i++) {
        done.tasks += shared->slots[i].tasks;
        figures_add(&done.figures, &shared->slots[i].figures);
    }
    munmap(shared, sizeof *shared);
    return done;
}

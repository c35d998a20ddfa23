#include "node/figures.h"

#include <criterion/criterion.h>
#include <semaphore.h>

#include "node/workers.h"

/* A job that says that it runs, and runs until it is let go. */
struct gate {
    sem_t begun, open;
};

static void hold(struct vm *machine, void *arg)
{
    struct gate *gate = arg;
    (void)machine;
    sem_post(&gate->begun);
    sem_wait(&gate->open);
}

Test(figures, show_workers_that_are_busy_and_jobs_that_wait_or_were_refused, .timeout = 20)
{
    struct node_figures figures;
    struct error error;
    struct gate gate;
    sem_init(&gate.begun, 0, 0);
    sem_init(&gate.open, 0, 0);
    struct workers *workers = workers_start(1, 2, &error);
    cr_assert_not_null(workers, "%s", error.text);
    cr_assert(workers_submit(workers, hold, NULL, &gate));
    sem_wait(&gate.begun);
    cr_assert(workers_submit(workers, hold, NULL, &gate));
    cr_assert(workers_submit(workers, hold, NULL, &gate));
    cr_assert_not(workers_submit(workers, hold, NULL, &gate));
    node_figures_read(&figures, workers, pthread_self(), "/tmp");
    cr_expect_eq(figures.workers, 1);
    cr_expect_eq(figures.workers_idle, 0);
    cr_expect_eq(figures.jobs_waiting, 2);
    cr_expect_eq(figures.jobs_max, 2);
    cr_expect_eq(figures.jobs_refused, 1);
    cr_expect_eq(figures.each_worker[0].tasks, 1);
    for (int i = 0; i < 3; i++)
        sem_post(&gate.open);
    workers_stop(workers);
    sem_destroy(&gate.begun);
    sem_destroy(&gate.open);
}

Test(figures, show_what_the_process_takes, .timeout = 20)
{
    struct node_figures figures;
    struct error error;
    struct workers *workers = workers_start(1, 2, &error);
    cr_assert_not_null(workers, "%s", error.text);
    node_figures_read(&figures, workers, pthread_self(), "/tmp");
    cr_expect(figures.cpu_ns > 0 && figures.loop_cpu_ns > 0);
    cr_expect(figures.loop_cpu_ns <= figures.cpu_ns);
    cr_expect(figures.resident_bytes > 0 && figures.resident_bytes < figures.virtual_bytes);
    cr_expect(figures.descriptors_open > 0 && figures.descriptors_open <= figures.descriptors_max);
    cr_expect(figures.disk_free_bytes <= figures.disk_size_bytes && figures.disk_size_bytes > 0);
    workers_stop(workers);
}

/* Many runs at once, a process a processor: a run that fails ends its process, not the others. */
#ifndef TESTS_SIM_WORKERS_H
#define TESTS_SIM_WORKERS_H
#include "tests/sim/world.h"

struct work {
    uint64_t count;   /* of tasks, numbered from 0 */
    uint64_t seconds; /* no task is begun after so many; 0: no limit */
    unsigned jobs;
    bool stops_at_failure;
    /* Runs one, adds to the figures; ends the process when it fails. */
    void (*run)(void *context, uint64_t task, struct figures *figures);
    /* Says how to see a failure again. */
    void (*on_failure)(void *context, uint64_t task);
    void *context;
};

struct work_done {
    uint64_t tasks, failures;
    double seconds;
    struct figures figures;
};

struct work_done workers_run(const struct work *work);
/* As many as there are processors. */
unsigned workers_default(void);
#endif

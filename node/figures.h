/* What this process takes of the machine: for /metrics. */
#ifndef NODE_FIGURES_H
#define NODE_FIGURES_H
#include "rpc/host.h"
#include <pthread.h>

struct workers;

/* Any thread. Fills in all but the time of the start; what the system does not tell is 0. */
void node_figures_read(struct node_figures *figures, struct workers *workers, pthread_t loop_thread,
                       const char *data_dir);
#endif

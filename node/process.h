/* The process lnode: data directory, workers, ledgers and doors put together, from start to
 * stop. */
#ifndef NODE_PROCESS_H
#define NODE_PROCESS_H
#include "node/dev.h"
#include "node/first_org.h"

struct process_options {
    const struct config *config;
    const struct dev_options *dev;       /* NULL: no throw-away ledger */
    const struct org_request *first_org; /* NULL: none is founded at the start */
};

/* Runs until SIGTERM or SIGINT, then stops within two seconds. Prints one line that starts with
 * `ready` when calls are answered. False when it could not start. */
bool process_run(const struct process_options *options, struct error *error)
    __attribute__((warn_unused_result));

/* File descriptors that a node with these settings may come to need. */
uint64_t process_descriptors(const struct config *config);
#endif

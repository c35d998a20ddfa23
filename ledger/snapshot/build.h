/* Builds a ledger's store of the chunks of one snapshot. Used by import.c alone. */
#ifndef LEDGER_SNAPSHOT_BUILD_H
#define LEDGER_SNAPSHOT_BUILD_H
#include "ledger/snapshot/import.h"

struct snapshot_chunks {
    const struct snapshot_ground *ground;
    const struct manifest *manifest;
    const char *chunks; /* folder (received.h) */
    const char *sorted; /* folder to be used and left: the caller removes it */
    const char *store;  /* folder to be made */
    bool (*is_over)(void *context);
    void *context;
};

/* False with ERROR_INVALID when chunks, header and counters contradict each other. The store is
 * whole only if this returns true; the caller removes what else is left. */
bool snapshot_build(const struct snapshot_chunks *source, struct error *error)
    __attribute__((warn_unused_result));
#endif

/* What the doors count: calls by method with how long they took, errors by code, HTTP answers by
 * status.
 *
 *   a thread that serves ─► counts of its own ─┐
 *   a thread that serves ─► counts of its own ─┴─ summed by rpc_counts_read()
 *
 * A thread gets its own counts when it counts for the first time, under a lock; from then on
 * counting is a few plain stores. What is counted by is bounded: methods are those of the table,
 * codes and statuses those the node knows. */
#ifndef RPC_METRICS_COUNTS_H
#define RPC_METRICS_COUNTS_H
#include "rpc/call.h"
#include "vm/base/tally.h"

struct rpc_counts;

struct rpc_counts *rpc_counts_new(void);
void rpc_counts_free(struct rpc_counts *counts); /* accepts NULL; no thread may count any more */

/* Any thread, as is the next. `method` is NULL for a request that names none of ours, and is then
 * counted by its error alone; `error_code` is 0 for a good answer. */
void rpc_counts_call(struct rpc_counts *counts, const struct method *method, uint64_t duration_ns,
                     int error_code);
void rpc_counts_answer(struct rpc_counts *counts, int http_status);

#define HTTP_STATUSES 600 /* below it */
#define RPC_CODES_MAX 16
struct rpc_totals {
    struct {
        struct distribution durations;
        uint64_t failures;
    } * methods;                   /* as METHODS */
    uint64_t codes[RPC_CODES_MAX]; /* as rpc_code_label() */
    uint64_t statuses[HTTP_STATUSES];
};
/* Any thread; into `arena`. */
struct rpc_totals *rpc_counts_read(struct rpc_counts *counts, struct arena *arena);

/* The code as a text, "other" for the last; NULL beyond it. */
const char *rpc_code_label(size_t index);
#endif

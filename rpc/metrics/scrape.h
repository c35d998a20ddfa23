/* /metrics: every metric there is, as one table, and its values now.
 *
 * `docs/operations/metrics.md` explains each; a test compares that page with the table. Labels are
 * bounded: organisations by label, methods by the dispatch table, the rest by enumerations. */
#ifndef RPC_METRICS_SCRAPE_H
#define RPC_METRICS_SCRAPE_H
#include "rpc/host.h"
#include "rpc/http/front.h"
#include "rpc/metrics/counts.h"
#include "rpc/websocket/sockets.h"

struct metrics_sources {
    const struct rpc_host *host;
    struct rpc_counts *counts;
    struct front *front;
    struct sockets *sockets;
};

/* Appends all of it. Any thread; reads counters, asks the system and LevelDB for sizes, takes no
 * lock for longer than that. */
void metrics_write(const struct metrics_sources *sources, struct buffer *out);
#endif

#include "rpc/metrics/scrape.h"

#include "rpc/metrics/text.h"
#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define LABELS_SIZE 256
#define MS_NS       UINT64_C(1000000)

/* All values of one moment. */
struct scrape {
    struct buffer *out;
    const struct org_figures *orgs;
    size_t orgs_count;
    struct node_status status;
    struct node_figures node;
    struct front_figures front;
    struct sockets_figures sockets;
    const struct rpc_totals *rpc;
};

struct metric {
    const char *name;
    enum metric_kind kind;
    const char *help;
    void (*write)(const struct scrape *scrape, const struct metric *metric);
    size_t offset; /* of the value, for those writers that say so */
};

/* ---- Labels ------------------------------------------------------------------------------ */

static const char *labels_of(char labels[LABELS_SIZE], const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static const char *labels_of(char labels[LABELS_SIZE], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(labels, LABELS_SIZE, format, arguments);
    va_end(arguments);
    assert(size > 0 && size < LABELS_SIZE);
    return labels;
}

static const char *org_label(char labels[LABELS_SIZE], const struct org_figures *org)
{
    return labels_of(labels, "org=\"%s\"", org->summary.label);
}

static const char *const VERDICT_LABELS[POOL_VERDICT_COUNT] = {
    [POOL_OK] = "accepted",
    [POOL_ALREADY_KNOWN] = "already_known",
    [POOL_REFUSED] = "invalid",
    [POOL_NONCE_TOO_LOW] = "nonce_too_low",
    [POOL_NONCE_TOO_HIGH] = "nonce_too_high",
    [POOL_INSUFFICIENT_FUNDS] = "insufficient_funds",
    [POOL_UNDERPRICED] = "underpriced",
    [POOL_REPLACEMENT_UNDERPRICED] = "replacement_underpriced",
    [POOL_GAS_LIMIT] = "gas_limit",
    [POOL_SENDER_HAS_CODE] = "sender_has_code",
    [POOL_DELEGATED_GAP] = "delegated_gap",
    [POOL_DELEGATED_BUSY] = "delegated_busy",
    [POOL_AUTHORITY_BUSY] = "authority_busy",
    [POOL_SENDER_FULL] = "sender_full",
    [POOL_FULL] = "pool_full",
    [POOL_JOURNAL_FAILED] = "journal_failed",
};

static const char *const STEP_LABELS[BLOCK_STEP_COUNT] = {
    [BLOCK_BUILD] = "build",
    [BLOCK_VALIDATE] = "validate",
    [BLOCK_SIGN] = "sign",
    [BLOCK_COMMIT] = "commit",
};

/* ---- The process and the node -------------------------------------------------------------- */

static void write_one(const struct scrape *scrape, const struct metric *metric, uint64_t value)
{
    text_sample(scrape->out, metric->name, "", value);
}

/* `offset` into struct node_figures: a uint64_t, which is what the metric shows. */
static void write_node_number(const struct scrape *scrape, const struct metric *metric)
{
    write_one(scrape, metric, *(const uint64_t *)((const char *)&scrape->node + metric->offset));
}

/* The same, nanoseconds shown as seconds. */
static void write_node_ns(const struct scrape *scrape, const struct metric *metric)
{
    text_sample_ns(scrape->out, metric->name, "",
                   *(const uint64_t *)((const char *)&scrape->node + metric->offset));
}

static void write_start_time(const struct scrape *scrape, const struct metric *metric)
{
    text_sample_ns(scrape->out, metric->name, "", scrape->node.start_time_ms * MS_NS);
}

static void write_build_info(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    labels_of(labels, "version=\"%s\"", scrape->status.version);
    text_sample(scrape->out, metric->name, labels, 1);
}

static void write_ok(const struct scrape *scrape, const struct metric *metric)
{
    write_one(scrape, metric, scrape->status.is_ok);
}

static void write_orgs_count(const struct scrape *scrape, const struct metric *metric)
{
    write_one(scrape, metric, scrape->orgs_count);
}

static void write_heap(const struct scrape *scrape, const struct metric *metric)
{
    text_sample(scrape->out, metric->name, "state=\"used\"", scrape->node.heap_used_bytes);
    text_sample(scrape->out, metric->name, "state=\"free\"", scrape->node.heap_free_bytes);
}

static void write_workers(const struct scrape *scrape, const struct metric *metric)
{
    const struct node_figures *node = &scrape->node;
    text_sample(scrape->out, metric->name, "state=\"idle\"", node->workers_idle);
    text_sample(scrape->out, metric->name, "state=\"busy\"", node->workers - node->workers_idle);
}

static void write_worker_tasks(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (unsigned i = 0; i < scrape->node.workers; i++)
        text_sample(scrape->out, metric->name, labels_of(labels, "worker=\"%u\"", i),
                    scrape->node.each_worker[i].tasks);
}

static void write_worker_cpu(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (unsigned i = 0; i < scrape->node.workers; i++)
        text_sample_ns(scrape->out, metric->name, labels_of(labels, "worker=\"%u\"", i),
                       scrape->node.each_worker[i].cpu_ns);
}

/* ---- The doors ----------------------------------------------------------------------------- */

/* `offset` into struct front_figures: a uint64_t. */
static void write_front_number(const struct scrape *scrape, const struct metric *metric)
{
    write_one(scrape, metric, *(const uint64_t *)((const char *)&scrape->front + metric->offset));
}

/* `offset` into struct sockets_figures: a uint64_t. */
static void write_sockets_number(const struct scrape *scrape, const struct metric *metric)
{
    write_one(scrape, metric, *(const uint64_t *)((const char *)&scrape->sockets + metric->offset));
}

static void write_http_pending(const struct scrape *scrape, const struct metric *metric)
{
    text_sample(scrape->out, metric->name, "kind=\"requests\"", scrape->front.body_bytes);
    text_sample(scrape->out, metric->name, "kind=\"answers\"", scrape->front.answer_bytes);
}

static void write_http_answers(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (unsigned status = 0; status < HTTP_STATUSES; status++)
        if (scrape->rpc->statuses[status] > 0)
            text_sample(scrape->out, metric->name, labels_of(labels, "status=\"%u\"", status),
                        scrape->rpc->statuses[status]);
}

static void write_rpc_durations(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < METHODS_COUNT; i++)
        if (scrape->rpc->methods[i].durations.count > 0)
            text_histogram(scrape->out, metric->name,
                           labels_of(labels, "method=\"%s\"", METHODS[i].name),
                           &scrape->rpc->methods[i].durations);
}

static void write_rpc_failures(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < METHODS_COUNT; i++)
        if (scrape->rpc->methods[i].durations.count > 0)
            text_sample(scrape->out, metric->name,
                        labels_of(labels, "method=\"%s\"", METHODS[i].name),
                        scrape->rpc->methods[i].failures);
}

static void write_rpc_codes(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; rpc_code_label(i) != NULL; i++)
        text_sample(scrape->out, metric->name, labels_of(labels, "code=\"%s\"", rpc_code_label(i)),
                    scrape->rpc->codes[i]);
}

/* ---- Each organisation --------------------------------------------------------------------- */

/* What an organisation shows as one number. */
typedef uint64_t (*org_number)(const struct org_figures *org);

static void write_each_org(const struct scrape *scrape, const struct metric *metric,
                           org_number number)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < scrape->orgs_count; i++)
        text_sample(scrape->out, metric->name, org_label(labels, &scrape->orgs[i]),
                    number(&scrape->orgs[i]));
}

#define ORG_NUMBER(function, expression)                                           \
    static uint64_t function##_of(const struct org_figures *org)                   \
    {                                                                              \
        return (uint64_t)(expression);                                             \
    }                                                                              \
    static void function(const struct scrape *scrape, const struct metric *metric) \
    {                                                                              \
        write_each_org(scrape, metric, function##_of);                             \
    }
ORG_NUMBER(write_open, org->is_open)
ORG_NUMBER(write_stopped, org->summary.stopped[0] != '\0')
ORG_NUMBER(write_height, org->summary.height)
ORG_NUMBER(write_block_time, org->summary.block_time)
ORG_NUMBER(write_pool_max, org->pool_max)
ORG_NUMBER(write_committee, org->committee_size)
ORG_NUMBER(write_jobs, org->jobs_waiting)
ORG_NUMBER(write_jobs_max, org->jobs_max)
ORG_NUMBER(write_jobs_refused, org->jobs_refused)

/* `offset` into struct ledger_counts: a tally. */
static void write_ledger_tally(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < scrape->orgs_count; i++) {
        const struct org_figures *org = &scrape->orgs[i];
        const tally *value = (const void *)((const char *)org->ledger + metric->offset);
        text_sample(scrape->out, metric->name, org_label(labels, org), tally_read(value));
    }
}

/* `offset` into struct consensus_counts: a tally. */
static void write_consensus_tally(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < scrape->orgs_count; i++) {
        const struct org_figures *org = &scrape->orgs[i];
        const tally *value = (const void *)((const char *)org->consensus + metric->offset);
        text_sample(scrape->out, metric->name, org_label(labels, org), tally_read(value));
    }
}

static void write_org_info(const struct scrape *scrape, const struct metric *metric)
{
    for (size_t i = 0; i < scrape->orgs_count; i++) {
        const struct org_summary *org = &scrape->orgs[i].summary;
        char labels[LABELS_SIZE], id[2 * sizeof org->id + 1];
        for (size_t at = 0; at < sizeof org->id; at++)
            snprintf(&id[2 * at], 3, "%02x", org->id.bytes[at]);
        labels_of(labels, "org=\"%s\",id=\"0x%s\",chain_id=\"%" PRIu64 "\"", org->label, id,
                  org->chain_id);
        text_sample(scrape->out, metric->name, labels, 1);
    }
}

static void write_pool(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < scrape->orgs_count; i++) {
        const char *label = scrape->orgs[i].summary.label;
        const struct pool_counts *pool = &scrape->orgs[i].ledger->pool;
        labels_of(labels, "org=\"%s\",state=\"ready\"", label);
        text_sample(scrape->out, metric->name, labels, tally_read(&pool->ready));
        labels_of(labels, "org=\"%s\",state=\"queued\"", label);
        text_sample(scrape->out, metric->name, labels, tally_read(&pool->queued));
    }
}

static void write_submitted(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < scrape->orgs_count; i++) {
        const struct org_figures *org = &scrape->orgs[i];
        for (size_t verdict = 0; verdict < POOL_VERDICT_COUNT; verdict++) {
            labels_of(labels, "org=\"%s\",verdict=\"%s\"", org->summary.label,
                      VERDICT_LABELS[verdict]);
            text_sample(scrape->out, metric->name, labels,
                        tally_read(&org->ledger->submitted[verdict]));
        }
    }
}

static void write_left(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < scrape->orgs_count; i++) {
        const struct org_figures *org = &scrape->orgs[i];
        for (enum pool_fate fate = POOL_MINED; fate < POOL_FATE_COUNT; fate++) {
            labels_of(labels, "org=\"%s\",fate=\"%s\"", org->summary.label, pool_fate_name(fate));
            text_sample(scrape->out, metric->name, labels,
                        tally_read(&org->ledger->pool.left[fate]));
        }
    }
}

static void write_histogram(const struct scrape *scrape, const struct metric *metric,
                            const char *labels, const struct histogram *histogram)
{
    struct distribution values = {0};
    distribution_add(&values, histogram);
    if (values.count > 0)
        text_histogram(scrape->out, metric->name, labels, &values);
}

static void write_wait(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < scrape->orgs_count; i++)
        write_histogram(scrape, metric, org_label(labels, &scrape->orgs[i]),
                        &scrape->orgs[i].ledger->pool.wait);
}

static void write_block_durations(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < scrape->orgs_count; i++)
        write_histogram(scrape, metric, org_label(labels, &scrape->orgs[i]),
                        &scrape->orgs[i].consensus->block);
}

static void write_steps(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < scrape->orgs_count; i++) {
        const struct org_figures *org = &scrape->orgs[i];
        for (size_t step = 0; step < BLOCK_STEP_COUNT; step++) {
            labels_of(labels, "org=\"%s\",step=\"%s\"", org->summary.label, STEP_LABELS[step]);
            write_histogram(scrape, metric, labels, &org->consensus->steps[step]);
        }
    }
}

static void write_store_size(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < scrape->orgs_count; i++)
        if (scrape->orgs[i].is_open)
            text_sample(scrape->out, metric->name, org_label(labels, &scrape->orgs[i]),
                        scrape->orgs[i].store.size_bytes);
}

static void write_store_files(const struct scrape *scrape, const struct metric *metric)
{
    char labels[LABELS_SIZE];
    for (size_t i = 0; i < scrape->orgs_count; i++) {
        const struct org_figures *org = &scrape->orgs[i];
        for (unsigned level = 0; level < STORE_LEVELS && org->is_open; level++) {
            labels_of(labels, "org=\"%s\",level=\"%u\"", org->summary.label, level);
            text_sample(scrape->out, metric->name, labels, org->store.files[level]);
        }
    }
}

/* ---- The table ----------------------------------------------------------------------------- */

#define NODE(member)      offsetof(struct node_figures, member)
#define FRONT(member)     offsetof(struct front_figures, member)
#define SOCKETS(member)   offsetof(struct sockets_figures, member)
#define LEDGER(member)    offsetof(struct ledger_counts, member)
#define CONSENSUS(member) offsetof(struct consensus_counts, member)

static const struct metric METRICS[] = {
    /* the process, under the names that Prometheus's own libraries give */
    {"process_start_time_seconds", METRIC_GAUGE, "When lnode started, in seconds since 1970.",
     write_start_time, 0},
    {"process_cpu_seconds_total", METRIC_COUNTER, "Processor time of all threads.", write_node_ns,
     NODE(cpu_ns)},
    {"process_resident_memory_bytes", METRIC_GAUGE, "Memory that is in RAM.", write_node_number,
     NODE(resident_bytes)},
    {"process_virtual_memory_bytes", METRIC_GAUGE, "Address space that is taken.",
     write_node_number, NODE(virtual_bytes)},
    {"process_open_fds", METRIC_GAUGE, "File descriptors that are open.", write_node_number,
     NODE(descriptors_open)},
    {"process_max_fds", METRIC_GAUGE, "File descriptors that may be open.", write_node_number,
     NODE(descriptors_max)},

    {"leither_build_info", METRIC_GAUGE, "1; the label names the version of lnode.",
     write_build_info, 0},
    {"leither_ok", METRIC_GAUGE, "1 when all is well, 0 when /health answers 503.", write_ok, 0},
    {"leither_organisations", METRIC_GAUGE, "Organisations on this node.", write_orgs_count, 0},
    {"leither_heap_bytes", METRIC_GAUGE, "Memory of malloc, in use and kept for later use.",
     write_heap, 0},
    {"leither_disk_free_bytes", METRIC_GAUGE,
     "Free space in the file system of the data directory.", write_node_number,
     NODE(disk_free_bytes)},
    {"leither_disk_size_bytes", METRIC_GAUGE, "Size of the file system of the data directory.",
     write_node_number, NODE(disk_size_bytes)},

    {"leither_workers", METRIC_GAUGE, "Worker threads, idle and busy.", write_workers, 0},
    {"leither_worker_tasks_total", METRIC_COUNTER,
     "Jobs and connections' events that a worker took.", write_worker_tasks, 0},
    {"leither_worker_cpu_seconds_total", METRIC_COUNTER, "Processor time of a worker.",
     write_worker_cpu, 0},
    {"leither_loop_cpu_seconds_total", METRIC_COUNTER,
     "Processor time of the loop thread, which accepts connections and runs consensus.",
     write_node_ns, NODE(loop_cpu_ns)},
    {"leither_jobs_waiting", METRIC_GAUGE, "Jobs that wait for any worker.", write_node_number,
     NODE(jobs_waiting)},
    {"leither_jobs_limit", METRIC_GAUGE, "Jobs that may wait for any worker.", write_node_number,
     NODE(jobs_max)},
    {"leither_jobs_refused_total", METRIC_COUNTER,
     "Jobs refused because too many waited for any worker.", write_node_number, NODE(jobs_refused)},

    {"leither_http_connections", METRIC_GAUGE, "Open connections that speak HTTP.",
     write_front_number, FRONT(connections)},
    {"leither_connections_limit", METRIC_GAUGE,
     "Connections that may be open, of HTTP and WebSocket together.", write_front_number,
     FRONT(connections_max)},
    {"leither_connections_accepted_total", METRIC_COUNTER, "Connections accepted.",
     write_front_number, FRONT(accepted)},
    {"leither_connections_refused_total", METRIC_COUNTER,
     "Connections turned away because too many were open.", write_front_number, FRONT(refused)},
    {"leither_websocket_connections", METRIC_GAUGE, "Open connections that speak WebSocket.",
     write_sockets_number, SOCKETS(connections)},
    {"leither_websocket_pending_bytes", METRIC_GAUGE,
     "Answers and notifications in memory that WebSocket clients have not taken yet.",
     write_sockets_number, SOCKETS(waiting_bytes)},
    {"leither_websocket_dropped_total", METRIC_COUNTER,
     "WebSocket clients dropped because they were too slow.", write_sockets_number,
     SOCKETS(dropped)},
    {"leither_http_pending_bytes", METRIC_GAUGE,
     "Request bodies beyond 16 kB and unread answers in memory.", write_http_pending, 0},
    {"leither_http_answers_total", METRIC_COUNTER, "HTTP answers, by status.", write_http_answers,
     0},
    {"leither_rpc_duration_seconds", METRIC_HISTOGRAM,
     "How long calls took, from reading the call to its result or error, waiting included; by "
     "method, once it was called.",
     write_rpc_durations, 0},
    {"leither_rpc_failures_total", METRIC_COUNTER, "Calls answered with an error, by method.",
     write_rpc_failures, 0},
    {"leither_rpc_errors_total", METRIC_COUNTER,
     "Errors answered, by code, with those of requests that name no method of ours.",
     write_rpc_codes, 0},

    {"leither_organisation_info", METRIC_GAUGE,
     "1; the labels are an organisation's label, id and chain id.", write_org_info, 0},
    {"leither_ledger_open", METRIC_GAUGE, "1 while the ledger is open; idle ones may be closed.",
     write_open, 0},
    {"leither_ledger_stopped", METRIC_GAUGE,
     "1 when the ledger stands still: it makes no blocks and takes no transactions.", write_stopped,
     0},
    {"leither_block_height", METRIC_GAUGE, "Height of the last final block.", write_height, 0},
    {"leither_block_time_seconds", METRIC_GAUGE,
     "Time of the last final block, in seconds since 1970.", write_block_time, 0},
    {"leither_blocks_total", METRIC_COUNTER, "Blocks that became final.", write_ledger_tally,
     LEDGER(blocks)},
    {"leither_transactions_total", METRIC_COUNTER, "Transactions in them.", write_ledger_tally,
     LEDGER(transactions)},
    {"leither_gas_used_total", METRIC_COUNTER, "Gas used by them.", write_ledger_tally,
     LEDGER(gas_used)},
    {"leither_ledger_jobs_waiting", METRIC_GAUGE, "Requests that wait for the ledger's actor.",
     write_jobs, 0},
    {"leither_ledger_jobs_limit", METRIC_GAUGE, "Requests that may wait for the ledger's actor.",
     write_jobs_max, 0},
    {"leither_ledger_jobs_refused_total", METRIC_COUNTER,
     "Requests refused because too many waited for the ledger's actor.", write_jobs_refused, 0},

    {"leither_pool_transactions", METRIC_GAUGE,
     "Transactions that wait: ready, or queued above a nonce gap.", write_pool, 0},
    {"leither_pool_limit", METRIC_GAUGE, "Transactions that may wait.", write_pool_max, 0},
    {"leither_pool_submitted_total", METRIC_COUNTER,
     "Transactions submitted, by what the pool said.", write_submitted, 0},
    {"leither_pool_left_total", METRIC_COUNTER,
     "Transactions that left the pool, by what became of them.", write_left, 0},
    {"leither_pool_wait_seconds", METRIC_HISTOGRAM,
     "From a transaction's arrival to the time of its block, once one was mined.", write_wait, 0},

    {"leither_consensus_committee_size", METRIC_GAUGE, "Members of the committee.", write_committee,
     0},
    {"leither_consensus_view", METRIC_GAUGE,
     "View in which the last final block was made; 0 while the ledger was never open.",
     write_consensus_tally, CONSENSUS(view)},
    {"leither_consensus_views_skipped_total", METRIC_COUNTER,
     "Views between final blocks that brought none.", write_consensus_tally,
     CONSENSUS(views_skipped)},
    {"leither_consensus_builds_failed_total", METRIC_COUNTER, "Blocks that could not be built.",
     write_consensus_tally, CONSENSUS(builds_failed)},
    {"leither_consensus_block_seconds", METRIC_HISTOGRAM,
     "From the order to build a block until it was final and on disk.", write_block_durations, 0},
    {"leither_consensus_step_seconds", METRIC_HISTOGRAM,
     "The steps to it: build, validate (others' blocks), sign, commit (the synced write); waiting "
     "for the ledger's actor included.",
     write_steps, 0},

    {"leither_leveldb_size_bytes", METRIC_GAUGE,
     "Size of the store's sorted files, about, while it is open.", write_store_size, 0},
    {"leither_leveldb_files", METRIC_GAUGE, "Sorted files by level, while the store is open.",
     write_store_files, 0},
    {"leither_leveldb_written_bytes_total", METRIC_COUNTER,
     "Keys and values written with blocks, before compaction.", write_ledger_tally,
     LEDGER(written_bytes)},
};

void metrics_write(const struct metrics_sources *sources, struct buffer *out)
{
    const struct rpc_host *host = sources->host;
    struct arena arena = {0};
    struct scrape scrape = {
        .out = out,
        .status = host->ops->status(host->context),
        .front = front_figures(sources->front),
        .sockets = sockets_figures(sources->sockets),
        .rpc = rpc_counts_read(sources->counts, &arena),
    };
    scrape.orgs = host->ops->org_figures(host->context, &arena, &scrape.orgs_count);
    host->ops->node_figures(host->context, &scrape.node);
    for (size_t i = 0; i < sizeof METRICS / sizeof *METRICS; i++) {
        text_family(out, METRICS[i].name, METRICS[i].kind, METRICS[i].help);
        METRICS[i].write(&scrape, &METRICS[i]);
    }
    arena_cleanup(&arena);
}

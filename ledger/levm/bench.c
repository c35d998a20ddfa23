/* levm bench: what a unit of gas takes, workload by workload. */
#include <inttypes.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/levm/command.h"
#include "ledger/levm/files.h"
#include "ledger/levm/flags.h"
#include "ledger/levm/workload.h"
#include "vm/analysis_cache.h"

#define RUNS_MAX       10000
#define RUNS_MIN       3
#define MIN_MS_DEFAULT 200
#define MIN_MS_MAX     60000
#define COLD_RUNS_MAX  20
#define NS_PER_MS      1000000

struct bench {
    struct vm *vm;
    uint64_t min_ms; /* how long a workload is run at least, warm */
    bool is_json;
    json_t *results;
    size_t count;
};

struct timing {
    uint64_t median_ns;
    uint64_t min_ns;
    size_t runs;
};

static int compare_ns(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a;
    uint64_t right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

/* One run on a state of its own, checked. */
static bool run_once(struct bench *bench, const struct workload *workload,
                     struct call_outcome *outcome, struct error *error)
{
    struct state_reader reader;
    struct state *state = call_state(&workload->call, &reader);
    *outcome = call_run(&workload->call, bench->vm, state, NULL);
    state_free(state);
    return workload_check(workload, outcome, error);
}

/* The median of repeated runs: `runs_max` of them, or fewer once `min_ns` are over. Cold: the
 * code is analysed anew in each. */
static bool measure(struct bench *bench, const struct workload *workload, bool is_cold,
                    size_t runs_max, uint64_t min_ns, struct timing *timing, struct error *error)
{
    uint64_t *elapsed_ns = memory_new(runs_max * sizeof *elapsed_ns);
    uint64_t start_ns = call_clock_ns();
    bool ok = true;
    timing->runs = 0;
    while (ok && timing->runs < runs_max
           && (timing->runs < RUNS_MIN || call_clock_ns() - start_ns < min_ns)) {
        struct call_outcome outcome;
        if (is_cold)
            analysis_cache_clear();
        ok = run_once(bench, workload, &outcome, error);
        elapsed_ns[timing->runs++] = outcome.elapsed_ns;
    }
    qsort(elapsed_ns, timing->runs, sizeof *elapsed_ns, compare_ns);
    timing->median_ns = elapsed_ns[timing->runs / 2];
    timing->min_ns = elapsed_ns[0];
    free(elapsed_ns);
    return ok;
}

static json_t *timing_json(const struct timing *timing, uint64_t gas)
{
    json_t *fields = json_object();
    double ns = (double)timing->median_ns;
    json_object_set_new(fields, "runs", json_integer((json_int_t)timing->runs));
    json_object_set_new(fields, "ns", json_integer((json_int_t)timing->median_ns));
    json_object_set_new(fields, "minNs", json_integer((json_int_t)timing->min_ns));
    if (gas > 0 && timing->median_ns > 0) {
        json_object_set_new(fields, "nsPerGas", json_real(ns / (double)gas));
        json_object_set_new(fields, "mgasPerSecond", json_real((double)gas * 1e3 / ns));
    }
    return fields;
}

static void report(struct bench *bench, const struct workload *workload, uint64_t gas,
                   const struct timing *warm, const struct timing *cold)
{
    if (bench->is_json) {
        json_t *result = json_object();
        json_object_set_new(result, "name", json_string(workload->name));
        json_object_set_new(result, "group", json_string(workload->group));
        json_object_set_new(result, "fork",
                            json_string(vm_fork_name(workload->call.environment.fork)));
        json_object_set_new(result, "gasUsed", json_integer((json_int_t)gas));
        json_object_set_new(result, "warm", timing_json(warm, gas));
        json_object_set_new(result, "cold", timing_json(cold, gas));
        json_array_append_new(bench->results, result);
        return;
    }
    double divisor = gas == 0 ? 1 : (double)gas;
    if (bench->count == 0)
        printf("%-28s %-14s %12s %12s %10s %10s %12s\n", "workload", "group", "gas", "ms", "ns/gas",
               "Mgas/s", "cold ns/gas");
    printf("%-28s %-14s %12" PRIu64 " %12.3f %10.3f %10.1f %12.3f\n", workload->name,
           workload->group, gas, (double)warm->median_ns / NS_PER_MS,
           (double)warm->median_ns / divisor, divisor * 1e3 / (double)(warm->median_ns + 1),
           (double)cold->median_ns / divisor);
    fflush(stdout);
}

static bool bench_file(void *context, const char *path, struct error *error)
{
    struct bench *bench = context;
    struct workload workload;
    struct call_outcome outcome;
    struct timing warm, cold;
    bool ok = workload_read(&workload, path, error);
    if (ok) {
        ok = run_once(bench, &workload, &outcome, error)
             && measure(bench, &workload, true, COLD_RUNS_MAX, bench->min_ms * NS_PER_MS / 4, &cold,
                        error)
             && run_once(bench, &workload, &outcome, error)
             && measure(bench, &workload, false, RUNS_MAX, bench->min_ms * NS_PER_MS, &warm, error);
        if (!ok)
            error_prefix(error, "%s", path);
    }
    if (ok) {
        report(bench, &workload, outcome.gas_used, &warm, &cold);
        bench->count++;
    }
    workload_cleanup(&workload);
    return ok;
}

static void print_json(const struct bench *bench)
{
    json_t *document = json_object();
    json_object_set(document, "workloads", bench->results);
    json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(6));
    putchar('\n');
    json_decref(document);
}

static bool parse_min_ms(struct bench *bench, const char *text, struct error *error)
{
    u256 number;
    bench->min_ms = MIN_MS_DEFAULT;
    if (text == NULL)
        return true;
    if (!u256_parse_decimal(&number, text, strlen(text)) || !u256_fits_u64(&number)
        || number.limbs[0] > MIN_MS_MAX)
        return error_set(error, ERROR_INVALID, "--min-ms: '%.40s' is not a number up to %d", text,
                         MIN_MS_MAX);
    bench->min_ms = number.limbs[0];
    return true;
}

int bench_command(int count, char **arguments)
{
    struct error error = {0};
    struct bench bench = {0};
    const char *min_ms = NULL;
    const struct flag flags[] = {
        {.name = "json", .is_on = &bench.is_json},
        {.name = "min-ms", .value = &min_ms},
    };
    if (!flags_parse(flags, sizeof flags / sizeof flags[0], arguments, &count, INT_MAX, &error)
        || !parse_min_ms(&bench, min_ms, &error))
        return command_misused("bench", &error);
    if (count == 0) {
        error_set(&error, ERROR_INVALID, "expected a file or folder of workloads");
        return command_misused("bench", &error);
    }
    bench.vm = vm_new();
    bench.results = json_array();
    bool ok = true;
    for (int i = 0; ok && i < count; i++)
        ok = files_each_json(arguments[i], bench_file, &bench, &error);
    if (ok && bench.count == 0)
        ok = error_set(&error, ERROR_NOT_FOUND, "%s: no workload; expected .json files",
                       arguments[0]);
    if (ok && bench.is_json)
        print_json(&bench);
    json_decref(bench.results);
    vm_free(bench.vm);
    return ok ? EXIT_DONE : command_failed(&error);
}

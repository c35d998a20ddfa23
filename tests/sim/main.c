/* sim: a committee in virtual time, a seed a run. Exit code 0: all held; 1: something broke; 3:
 * not understood. */
#include "tests/sim/watch.h"
#include "tests/sim/workers.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TWICE_EVERY 50 /* one seed in so many runs twice */
#define SAVED_MAX   1000

static const char usage[] =
    "sim [--seeds N | --minutes M] [--first SEED] [--jobs J] [--saved FILE] [--each]\n"
    "    runs of N fresh seeds, or for M minutes (whichever is first; default: 1 minute), after\n"
    "    the saved ones; --each prints a line a seed\n"
    "sim --watch SEED|partition [--plain] [--from S] [--to S] [--every MS] [--speed X]\n"
    "    draws a run in the terminal; --plain writes the frames as text, one every MS\n";

struct runs {
    uint64_t first;
    uint64_t saved[SAVED_MAX];
    unsigned saved_count;
    bool describes;
    const char *program;
};

static uint64_t seed_of(const struct runs *runs, uint64_t task)
{
    return task < runs->saved_count ? runs->saved[task] : runs->first + (task - runs->saved_count);
}

static void run_seed(void *context, uint64_t task, struct figures *figures)
{
    const struct runs *runs = context;
    const uint64_t seed = seed_of(runs, task);
    const uint64_t trace = sim_run(seed, runs->describes, NULL, figures);
    struct figures again = {0};
    if (seed % TWICE_EVERY == 0 && sim_run(seed, false, NULL, &again) != trace) {
        printf("BROKEN seed=%" PRIu64 ": the same seed went another way the second time\n", seed);
        fflush(stdout);
        _Exit(1);
    }
}

static void say_failed(void *context, uint64_t task)
{
    const struct runs *runs = context;
    const uint64_t seed = seed_of(runs, task);
    printf("failed: seed %" PRIu64 "%s; again: %s --seeds 1 --first %" PRIu64
           ", to see it: %s --watch %" PRIu64 "\n",
           seed, task < runs->saved_count ? " (saved)" : "", runs->program, seed, runs->program,
           seed);
    fflush(stdout);
}

/* A seed a line, then why it is kept; `#` begins a comment. */
static bool read_saved(struct runs *runs, const char *path)
{
    char line[300], *end;
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fprintf(stderr, "sim: cannot read %s\n", path);
        return false;
    }
    while (fgets(line, sizeof line, file) != NULL && runs->saved_count < SAVED_MAX) {
        const uint64_t seed = strtoull(line, &end, 10);
        if (line[0] != '#' && end != line)
            runs->saved[runs->saved_count++] = seed;
    }
    fclose(file);
    return true;
}

static void print_summary(const struct runs *runs, const struct work_done *done, unsigned jobs)
{
    const struct figures *f = &done->figures;
    const double n = f->runs == 0 ? 1 : (double)f->runs;
    printf("sim: %" PRIu64 " seeds (%u saved, then from %" PRIu64 " on; %" PRIu64
           " with real ledgers) in %.0f s on %u processors: %.0f seeds a minute\n",
           f->runs, runs->saved_count, runs->first, f->real, done->seconds, jobs,
           done->seconds > 0 ? (double)f->runs * 60 / done->seconds : 0);
    printf("  a seed: %.1f members, %.0f views, %.1f final blocks, %.2f epochs, %.0f messages\n",
           (double)f->members / n, (double)f->views / n, (double)f->finals / n,
           (double)f->epochs / n, (double)f->messages / n);
    const uint64_t faults = f->lost + f->repeated + f->late + f->crashes + f->lost_logs + f->cuts
                            + f->lies + f->failed_builds + f->failed_writes + f->damaged_stores
                            + f->old_disks + f->clocks + f->full_queues;
    printf("  faults a seed: %.0f (%.0f messages lost, %.0f repeated, %.0f late; %.1f crashes, "
           "%.2f lost logs, %.1f cuts, %.0f lies, %.1f bad blocks, %.1f failed builds, "
           "%.1f wrong clocks, %.1f blocks put off)\n",
           (double)faults / n, (double)f->lost / n, (double)f->repeated / n, (double)f->late / n,
           (double)f->crashes / n, (double)f->lost_logs / n, (double)f->cuts / n,
           (double)f->lies / n, (double)f->bad_blocks / n, (double)f->failed_builds / n,
           (double)f->clocks / n, (double)f->put_off / n);
    printf("  disks in all: %" PRIu64 " writes failed, %" PRIu64 " stores damaged, %" PRIu64
           " put back as they were some time ago\n",
           f->failed_writes, f->damaged_stores, f->old_disks);
    printf("  in all %" PRIu64 " stores were rebuilt from a checkpoint\n", f->joined);
    printf("  queues in all: %" PRIu64 " connections ended by a full one, %" PRIu64
           " transactions refused by a full pool\n",
           f->full_queues, f->refused);
    printf("  in all: %" PRIu64 " final blocks, %" PRIu64 " faults, %" PRIu64
           " contradictions proven against liars, none against anybody else\n",
           f->finals, faults, f->accused);
    printf("%" PRIu64 " passed, %" PRIu64 " failed\n", f->runs, done->failures);
}

static int refuse(const char *what)
{
    fprintf(stderr, "sim: %s\n%s", what, usage);
    return 3;
}

int main(int count, char **arguments)
{
    static const struct option options[] = {
        {"seeds", required_argument, NULL, 's'},  {"minutes", required_argument, NULL, 'm'},
        {"first", required_argument, NULL, 'f'},  {"jobs", required_argument, NULL, 'j'},
        {"saved", required_argument, NULL, 'S'},  {"each", no_argument, NULL, 'e'},
        {"until-broken", no_argument, NULL, 'u'}, {"watch", required_argument, NULL, 'w'},
        {"plain", no_argument, NULL, 'p'},        {"from", required_argument, NULL, 'F'},
        {"to", required_argument, NULL, 't'},     {"every", required_argument, NULL, 'E'},
        {"speed", required_argument, NULL, 'x'},  {NULL, 0, NULL, 0}};
    static struct runs runs;
    struct work work = {.count = UINT64_MAX,
                        .jobs = workers_default(),
                        .run = run_seed,
                        .on_failure = say_failed,
                        .context = &runs};
    struct watch_view view = {.speed = 2.0, .to_ms = UINT64_MAX};
    const char *watched = NULL;
    bool has_first = false, has_limit = false;
    int option;
    runs.program = arguments[0];
    setvbuf(stdout, NULL, _IOLBF, 0);
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1)
        switch (option) {
        case 's':
            work.count = strtoull(optarg, NULL, 10);
            has_limit = true;
            break;
        case 'm':
            work.seconds = (uint64_t)(strtod(optarg, NULL) * 60);
            has_limit = true;
            break;
        case 'f':
            runs.first = strtoull(optarg, NULL, 10);
            has_first = true;
            break;
        case 'j': work.jobs = (unsigned)strtoul(optarg, NULL, 10); break;
        case 'S':
            if (!read_saved(&runs, optarg))
                return 3;
            break;
        case 'e': runs.describes = true; break;
        case 'u': work.stops_at_failure = true; break;
        case 'w': watched = optarg; break;
        case 'p': view.is_plain = true; break;
        case 'F': view.from_ms = (uint64_t)(strtod(optarg, NULL) * 1000); break;
        case 't': view.to_ms = (uint64_t)(strtod(optarg, NULL) * 1000); break;
        case 'E': view.every_ms = strtoull(optarg, NULL, 10); break;
        case 'x': view.speed = strtod(optarg, NULL); break;
        default: return refuse("that option is not known");
        }
    if (optind < count)
        return refuse("options only; a seed is named by --first or --watch");
    if (work.jobs == 0 || work.jobs > 64 || view.speed <= 0)
        return refuse("1 to 64 jobs, a speed above 0");
    if (watched != NULL)
        return watch_run(watched, &view);
    if (!has_limit)
        work.seconds = 60;
    if (!has_first)
        runs.first = (uint64_t)time(NULL) * 1000;
    if (work.count != UINT64_MAX)
        work.count += runs.saved_count;
    printf("sim: fresh seeds from %" PRIu64 " on\n", runs.first);
    const struct work_done done = workers_run(&work);
    print_summary(&runs, &done, work.jobs);
    return done.failures == 0 ? 0 : 1;
}

/* Gas cut at every step: whatever a transaction has done when its gas runs out, the state
 * afterwards is exactly the one before, less its fee.
 *
 *   gas_cut [--seed N] [--cuts N] [--programs N] [--jobs N] [--only TEXT] [FOLDER]
 *
 * Every transaction of the state tests below FOLDER, and of random programs made from the seed,
 * runs at every gas limit that ends right before one of its steps (above 5,000 steps, at 1,000 of
 * them; with --cuts, at N where there are more), each time by both dispatchers and by the traced
 * loop, all of which must agree. Ends with `N passed, N failed, N skipped`. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ledger/levm/state_case.h"
#include "tests/gas_cut/cuts.h"
#include "tests/gas_cut/program.h"
#include "tests/vectors/tool.h"

#define STEPS_ALL  5000
#define CUTS_DRAWN 1000
#define JOBS_MAX   64

struct options {
    uint64_t seed;
    size_t cuts; /* 0: as many as there shall be */
    size_t programs;
    size_t jobs;
    const char *only;
    const char *folder;
};

/* One process's share of the work: each `jobs`th transaction. */
struct job {
    const struct options *options;
    struct survey_share share;
    struct vm *vm;
    size_t number;
    size_t next; /* counts transactions, done here or elsewhere */
    struct cuts_tally *tally;
};

/* Every transaction draws from random numbers of its own, whoever runs it. */
static bool is_mine(struct job *job, const char *name, struct seeded *random)
{
    size_t index = job->next++;
    random->seed = random->state = job->options->seed + index * UINT64_C(0x1000003);
    return index % job->options->jobs == job->number
           && (job->options->only == NULL || strstr(name, job->options->only) != NULL);
}

static void run_post(struct job *job, struct state_case *test, const char *name,
                     const char *fork_name, enum vm_fork fork, const json_t *post)
{
    struct error error;
    enum transaction_verdict verdict;
    struct seeded random;
    char full_name[512];
    struct subject subject = {
        .vm = job->vm, .pre = memory_state_reader(test->pre), .environment = test->environment};
    snprintf(full_name, sizeof full_name, "%s (%s)", name, fork_name);
    if (!is_mine(job, full_name, &random))
        return;
    if (!state_case_environment(test, fork, &subject.environment, &error)
        || !state_case_transaction(test, post, &subject.tx, &verdict, &error)) {
        printf("FAILED gas cut: %s: %s\n", full_name, error.text);
        job->tally->failed++;
        return;
    }
    if (verdict != TRANSACTION_OK) {
        job->tally->refused++;
        return;
    }
    cuts_of(&subject, full_name, job->share, &random, job->tally);
}

static void on_state_test(void *context, const char *name, const json_t *fields)
{
    struct job *job = context;
    struct state_case test;
    struct error error;
    enum vm_fork fork;
    const char *fork_name;
    json_t *posts, *post;
    size_t i;
    if (!state_case_read(&test, fields, &error)) {
        printf("FAILED gas cut: %s: %s\n", name, error.text);
        job->tally->failed++;
    } else {
        json_object_foreach(json_object_get(fields, "post"), fork_name, posts)
        {
            if (vm_fork_parse(&fork, fork_name))
                json_array_foreach(posts, i, post)
                    run_post(job, &test, name, fork_name, fork, post);
        }
    }
    state_case_cleanup(&test);
}

static void run_programs(struct job *job)
{
    for (size_t i = 0; i < job->options->programs; i++) {
        struct seeded random;
        struct arena arena = {0};
        struct subject subject = {.vm = job->vm};
        char name[64];
        snprintf(name, sizeof name, "random program %zu", i);
        if (!is_mine(job, name, &random))
            continue;
        struct memory_state *pre = memory_state_new();
        program_make(&subject, pre, &random, &arena);
        cuts_of(&subject, name, job->share, &random, job->tally);
        memory_state_free(pre);
        arena_cleanup(&arena);
    }
}

static void run_job(const struct options *options, size_t number, struct cuts_tally *tally)
{
    struct job job = {.options = options,
                      .share = {STEPS_ALL, CUTS_DRAWN},
                      .vm = vm_new(),
                      .number = number,
                      .tally = tally};
    if (options->cuts > 0)
        job.share = (struct survey_share){options->cuts, options->cuts};
    run_programs(&job);
    if (options->folder != NULL)
        vectors_each(options->folder, on_state_test, &job);
    vm_free(job.vm);
    fflush(stdout);
}

/* One process a job; false if one did not come to its end. */
static bool run_jobs(const struct options *options, struct cuts_tally *tallies)
{
    bool ok = true;
    fflush(stdout);
    for (size_t i = 0; i < options->jobs; i++) {
        pid_t child = fork();
        if (child < 0) {
            perror("fork");
            exit(2);
        }
        if (child == 0) {
            run_job(options, i, &tallies[i]);
            _exit(0);
        }
    }
    for (size_t i = 0; i < options->jobs; i++) {
        int status = -1;
        ok = wait(&status) > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0 && ok;
    }
    return ok;
}

static void usage(void)
{
    fprintf(stderr, "usage: gas_cut [--seed N] [--cuts N] [--programs N] [--jobs N]"
                    " [--only TEXT] [FOLDER]\n");
    exit(2);
}

static uint64_t number_of(const char *text)
{
    char *end = NULL;
    uint64_t number = text == NULL ? 0 : strtoull(text, &end, 0);
    if (text == NULL || end == text || *end != '\0')
        usage();
    return number;
}

static struct options parse(char **arguments)
{
    struct options options = {.seed = (uint64_t)time(NULL), .jobs = 1};
    for (char **next = arguments + 1; *next != NULL; next++) {
        if (strcmp(*next, "--seed") == 0)
            options.seed = number_of(*++next);
        else if (strcmp(*next, "--cuts") == 0)
            options.cuts = number_of(*++next);
        else if (strcmp(*next, "--programs") == 0)
            options.programs = number_of(*++next);
        else if (strcmp(*next, "--jobs") == 0)
            options.jobs = number_of(*++next);
        else if (strcmp(*next, "--only") == 0)
            options.only = *++next;
        else if ((*next)[0] == '-' || options.folder != NULL)
            usage();
        else
            options.folder = *next;
        if (*next == NULL)
            usage();
    }
    if (options.jobs < 1 || options.jobs > JOBS_MAX)
        usage();
    return options;
}

int main(int count, char **arguments)
{
    (void)count;
    struct options options = parse(arguments);
    struct cuts_tally *tallies = mmap(NULL, JOBS_MAX * sizeof *tallies, PROT_READ | PROT_WRITE,
                                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    struct cuts_tally all = {0};
    if (tallies == MAP_FAILED) {
        perror("mmap");
        return 2;
    }
    printf("gas cut: seed %" PRIu64 "\n", options.seed);
    bool ok = run_jobs(&options, tallies);
    for (size_t i = 0; i < options.jobs; i++) {
        all.passed += tallies[i].passed;
        all.failed += tallies[i].failed;
        all.refused += tallies[i].refused;
        all.cuts += tallies[i].cuts;
        all.failures += tallies[i].failures;
        all.reverts += tallies[i].reverts;
        all.successes += tallies[i].successes;
        all.messages += tallies[i].messages;
    }
    if (!ok) {
        printf("FAILED gas cut: a process ended before its work was done\n");
        all.failed++;
    }
    printf("%" PRIu64 " runs at cut gas limits: %" PRIu64 " failed, %" PRIu64 " reverted, %" PRIu64
           " went through; %" PRIu64 " messages within them failed\n",
           all.cuts, all.failures, all.reverts, all.successes, all.messages);
    printf("skipped %" PRIu64 ": transactions that must be refused, or of a type that is\n",
           all.refused);
    printf("%" PRIu64 " passed, %" PRIu64 " failed, %" PRIu64 " skipped\n", all.passed, all.failed,
           all.refused);
    return all.failed == 0 && all.passed > 0 ? 0 : 1;
}

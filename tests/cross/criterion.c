#include "tests/cross/criterion/criterion.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMEOUT_S      600 /* of a test that names none */
#define TIMEOUT_FACTOR 20 /* an emulated processor is slower than the one a timeout was meant for */

enum end {
    END_GOOD,
    END_FAILED = 81,
    END_SKIPPED,
};

static struct criterion_test *tests;
static struct criterion_suite *suites;
static atomic_uint failures; /* of the test this process runs, by any of its threads */

void criterion_add_test(struct criterion_test *test)
{
    test->next = tests;
    tests = test;
}

void criterion_add_suite(struct criterion_suite *suite)
{
    suite->next = suites;
    suites = suite;
}

void criterion_check(bool is_good, bool is_fatal, const char *file, int line, const char *what,
                     const char *format, ...)
{
    va_list arguments;
    if (is_good)
        return;
    failures++;
    va_start(arguments, format);
    fprintf(stderr, "%s:%d: %s:", file, line, what);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    if (is_fatal)
        _exit(END_FAILED);
}

void criterion_skip(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("skipped:", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    _exit(END_SKIPPED);
}

static struct criterion_options options_of(const struct criterion_test *test)
{
    struct criterion_options options = test->options;
    for (const struct criterion_suite *suite = suites; suite != NULL; suite = suite->next) {
        if (strcmp(suite->name, test->suite) != 0)
            continue;
        options.init = options.init != NULL ? options.init : suite->options.init;
        options.fini = options.fini != NULL ? options.fini : suite->options.fini;
        options.timeout = options.timeout > 0 ? options.timeout : suite->options.timeout;
    }
    return options;
}

/* In the child: never returns. */
static void run(const struct criterion_test *test)
{
    struct criterion_options options = options_of(test);
    alarm(options.timeout > 0 ? (unsigned)(options.timeout * TIMEOUT_FACTOR) : TIMEOUT_S);
    if (options.init != NULL)
        options.init();
    test->run();
    if (options.fini != NULL)
        options.fini();
    fflush(NULL);
    _exit(failures > 0 ? END_FAILED : END_GOOD);
}

static int run_in_child(const struct criterion_test *test)
{
    int status = -1;
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        perror("fork");
        exit(2);
    }
    if (child == 0)
        run(test);
    if (waitpid(child, &status, 0) != child) {
        perror("waitpid");
        exit(2);
    }
    return status;
}

/* Ends with Criterion's own last line. */
int main(void)
{
    unsigned tested = 0, passing = 0, failing = 0, crashing = 0;
    for (const struct criterion_test *test = tests; test != NULL; test = test->next) {
        int status = run_in_child(test);
        int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        if (code == END_SKIPPED)
            continue;
        tested++;
        if (code == END_GOOD) {
            passing++;
            continue;
        }
        failing++;
        crashing += code != END_FAILED;
        fprintf(stderr, "%s::%s: %s\n", test->suite, test->name,
                code == END_FAILED ? "failed" : "crashed or took too long");
    }
    fprintf(stderr, "[====] Synthesis: Tested: %u | Passing: %u | Failing: %u | Crashing: %u\n",
            tested, passing, failing, crashing);
    return failing == 0 && tested > 0 ? 0 : 1;
}

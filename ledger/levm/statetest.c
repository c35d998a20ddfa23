/* levm statetest: verdicts are computed and compared, never taken from the input. */
#include <limits.h>
#include <regex.h>
#include <stdio.h>

#include "ledger/levm/block_hash.h"
#include "ledger/levm/command.h"
#include "ledger/levm/files.h"
#include "ledger/levm/flags.h"
#include "ledger/levm/json_output.h"
#include "ledger/levm/lines.h"
#include "ledger/levm/state_case.h"
#include "ledger/levm/trace_lines.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

struct statetest {
    struct vm *vm;
    bool has_fork;
    enum vm_fork fork; /* the only one to run, if has_fork */
    bool has_filter;
    regex_t filter; /* on names, if has_filter */
    bool is_traced; /* on stderr */
    struct trace_options trace;
    json_t *results;
};

/* What became of one run. */
struct run {
    enum transaction_verdict verdict; /* before it: whether to run at all */
    hash256 root;
    hash256 logs_hash;
};

static bool run_transaction(struct statetest *context, struct state_case *test, enum vm_fork fork,
                            const struct transaction *tx, struct run *run, struct error *error)
{
    struct arena arena = {0};
    struct buffer logs = {0};
    struct receipt receipt = {0};
    struct transaction_outcome outcome;
    struct state_reader reader = memory_state_reader(test->pre);
    struct execution execution = {.vm = context->vm, .state = state_new(&reader), .arena = &arena};
    bool ok = state_case_environment(test, fork, &execution.environment, error);
    struct trace_lines lines;
    trace_lines_init(&lines, &context->trace, stderr);
    execution.tracer = context->is_traced ? &lines.tracer : NULL;
    state_set_block_hashes(execution.state, block_hash_of_digits, &execution.environment.number);
    if (ok && run->verdict == TRANSACTION_OK)
        run->verdict = execute_transaction(&execution, tx, &receipt, &outcome);
    logs_encode(receipt.logs, receipt.logs_count, &logs);
    run->logs_hash = keccak256(logs.data, logs.size);
    struct state_changes changes = state_changes(execution.state, &arena);
    ok = ok && memory_state_root_after(test->pre, &changes, &run->root, error);
    if (ok && context->is_traced) {
        char root[OUTPUT_HASH_SIZE];
        output_format(root, run->root.bytes, sizeof run->root.bytes);
        fprintf(stderr, "{\"stateRoot\":\"%s\"}\n", root);
    }
    trace_lines_cleanup(&lines);
    state_free(execution.state);
    buffer_cleanup(&logs);
    arena_cleanup(&arena);
    return ok;
}

/* Compares with what the post entry expects; empty text when it passes. */
static void judge(const struct run *run, const hash256 *root, const hash256 *logs,
                  const char *exception, char *text, size_t text_size)
{
    char got[OUTPUT_HASH_SIZE];
    char want[OUTPUT_HASH_SIZE];
    text[0] = '\0';
    if (exception != NULL && run->verdict == TRANSACTION_OK) {
        snprintf(text, text_size, "transaction was accepted, expected %s", exception);
    } else if (exception == NULL && run->verdict != TRANSACTION_OK) {
        snprintf(text, text_size, "transaction was refused: %s",
                 transaction_verdict_text(run->verdict));
    } else if (!hash256_equal(&run->root, root)) {
        output_format(got, run->root.bytes, sizeof run->root.bytes);
        output_format(want, root->bytes, sizeof root->bytes);
        snprintf(text, text_size, "post state root mismatch: got %s, want %s", got, want);
    } else if (!hash256_equal(&run->logs_hash, logs)) {
        output_format(got, run->logs_hash.bytes, sizeof run->logs_hash.bytes);
        output_format(want, logs->bytes, sizeof logs->bytes);
        snprintf(text, text_size, "post state logs hash mismatch: got %s, want %s", got, want);
    }
}

static void add_result(struct statetest *context, const char *name, const char *fork,
                       const hash256 *root, const char *text)
{
    json_t *result = json_object();
    json_object_set_new(result, "name", json_string(name));
    json_object_set_new(result, "pass", json_boolean(text[0] == '\0'));
    json_object_set_new(result, "fork", json_string(fork));
    if (root != NULL)
        output_hash(result, "stateRoot", root);
    if (text[0] != '\0')
        json_object_set_new(result, "error", json_string(text));
    json_array_append_new(context->results, result);
}

static bool run_post(struct statetest *context, struct state_case *test, const char *name,
                     const char *fork_name, enum vm_fork fork, const json_t *post,
                     struct error *error)
{
    char text[512];
    hash256 root;
    hash256 logs;
    struct transaction tx;
    struct run run;
    const char *exception = json_string_value(json_object_get(post, "expectException"));
    if (!input_hash(post, "hash", &root, error) || !input_hash(post, "logs", &logs, error)
        || !state_case_transaction(test, post, &tx, &run.verdict, error)
        || !run_transaction(context, test, fork, &tx, &run, error))
        return false;
    judge(&run, &root, &logs, exception, text, sizeof text);
    add_result(context, name, fork_name, &run.root, text);
    return true;
}

/* All post entries of one fork. One that is not here fails by name, entry by entry. */
static bool run_fork(struct statetest *context, struct state_case *test, const char *name,
                     const char *fork_name, const json_t *posts, struct error *error)
{
    enum vm_fork fork;
    struct error refused = {0};
    bool is_runnable = command_fork(&fork, fork_name, &refused);
    if (context->has_fork && (!is_runnable || fork != context->fork))
        return true;
    if (!json_is_array(posts))
        return error_set(error, ERROR_INVALID, "post '%s' is not an array", fork_name);
    for (size_t i = 0; i < json_array_size(posts); i++) {
        const json_t *post = json_array_get(posts, i);
        if (!is_runnable)
            add_result(context, name, fork_name, NULL, refused.text);
        else if (!run_post(context, test, name, fork_name, fork, post, error))
            return error_prefix(error, "post %s[%zu]", fork_name, i);
    }
    return true;
}

static bool run_test(struct statetest *context, const char *name, const json_t *fields,
                     struct error *error)
{
    struct state_case test;
    json_t *post;
    const char *fork_name;
    json_t *posts;
    bool ok = state_case_read(&test, fields, error) && input_object(fields, "post", &post, error);
    if (ok) {
        json_object_foreach(post, fork_name, posts)
        {
            ok = run_fork(context, &test, name, fork_name, posts, error);
            if (!ok)
                break;
        }
    }
    state_case_cleanup(&test);
    return ok;
}

static bool run_file(void *statetest, const char *path, struct error *error)
{
    struct statetest *context = statetest;
    const char *name;
    json_t *fields;
    json_t *document = input_read(path, error);
    bool ok = document != NULL;
    if (ok && !json_is_object(document))
        ok = error_set(error, ERROR_INVALID, "%s: not an object of state tests", path);
    if (ok) {
        json_object_foreach(document, name, fields)
        {
            if (context->has_filter && regexec(&context->filter, name, 0, NULL, 0) != 0)
                continue;
            ok = run_test(context, name, fields, error)
                 || error_prefix(error, "%s: test %.80s", path, name);
            if (!ok)
                break;
        }
    }
    json_decref(document);
    return ok;
}

static void print_results(struct statetest *context)
{
    json_dumpf(context->results, stdout, JSON_INDENT(2));
    putchar('\n');
    fflush(stdout);
    json_array_clear(context->results);
}

/* File names on stdin, one array each. */
static bool run_line(void *statetest, char *line, struct error *error)
{
    if (line[0] == '\0')
        return true;
    if (!files_each_json(line, run_file, statetest, error))
        return false;
    print_results(statetest);
    return true;
}

struct options {
    const char *fork;
    const char *filter;
    const char *verbosity; /* accepted: there is no log */
    struct trace_choice trace;
};

static bool apply_options(struct statetest *context, const struct options *options,
                          struct error *error)
{
    if (options->fork != NULL) {
        if (!command_fork(&context->fork, options->fork, error))
            return false;
        context->has_fork = true;
    }
    if (options->filter != NULL) {
        if (regcomp(&context->filter, options->filter, REG_EXTENDED | REG_NOSUB) != 0)
            return error_set(error, ERROR_INVALID, "--run: '%s' is not a regular expression",
                             options->filter);
        context->has_filter = true;
    }
    return true;
}

int statetest_command(int count, char **arguments)
{
    struct error error = {0};
    struct options options = {.trace = TRACE_CHOICE_DEFAULT};
    struct statetest context = {0};
    const struct flag flags[] = {
        {.name = "statetest.fork", .value = &options.fork},
        {.name = "run", .value = &options.filter},
        {.name = "verbosity", .value = &options.verbosity},
        TRACE_FLAGS(&options.trace),
    };
    if (!flags_parse(flags, sizeof flags / sizeof flags[0], arguments, &count, INT_MAX, &error)
        || !trace_choice_read(&options.trace, &context.trace, &error))
        return command_misused("statetest", &error);
    if (!apply_options(&context, &options, &error))
        return command_failed(&error);
    context.is_traced = options.trace.is_on;
    context.vm = vm_new();
    context.results = json_array();
    bool ok = true;
    for (int i = 0; ok && i < count; i++)
        ok = files_each_json(arguments[i], run_file, &context, &error);
    if (ok && count > 0)
        print_results(&context);
    if (count == 0)
        ok = lines_each(run_line, &context, &error);
    json_decref(context.results);
    vm_free(context.vm);
    if (context.has_filter)
        regfree(&context.filter);
    return ok ? EXIT_DONE : command_failed(&error);
}

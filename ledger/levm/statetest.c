/* levm statetest: verdicts are computed and compared, never taken from the input. */
#include <dirent.h>
#include <inttypes.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "ledger/levm/command.h"
#include "ledger/levm/state_case.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

#define HASH_TEXT_SIZE 67

struct statetest {
    struct vm *vm;
    bool has_fork;
    enum vm_fork fork; /* the only one to run, if has_fork */
    bool has_filter;
    regex_t filter; /* on names, if has_filter */
    json_t *results;
};

static void format_hash(char out[HASH_TEXT_SIZE], const hash256 *hash)
{
    memcpy(out, "0x", 2);
    hex_encode(out + 2, hash->bytes, sizeof hash->bytes);
    out[HASH_TEXT_SIZE - 1] = '\0';
}

/* The rule of state tests: the hash of block n is that of n's decimal digits. */
static hash256 block_hash(void *context, uint64_t number)
{
    const struct block_environment *environment = context;
    char digits[21];
    if (number >= environment->number || environment->number - number > 256)
        return (hash256){{0}};
    int size = snprintf(digits, sizeof digits, "%" PRIu64, number);
    return keccak256(digits, (size_t)size);
}

/* What became of one run. */
struct run {
    enum transaction_verdict verdict;
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
    struct execution execution = {.vm = context->vm,
                                  .state = state_new(&reader),
                                  .arena = &arena,
                                  .environment = test->environment};
    execution.environment.fork = fork;
    state_set_block_hashes(execution.state, block_hash, &execution.environment);
    run->verdict = execute_transaction(&execution, tx, &receipt, &outcome);
    logs_encode(receipt.logs, receipt.logs_count, &logs);
    run->logs_hash = keccak256(logs.data, logs.size);
    struct state_changes changes = state_changes(execution.state, &arena);
    bool ok = memory_state_root_after(test->pre, &changes, &run->root, error);
    state_free(execution.state);
    buffer_cleanup(&logs);
    arena_cleanup(&arena);
    return ok;
}

/* Compares with what the post entry expects; empty text when it passes. */
static void judge(const struct run *run, const hash256 *root, const hash256 *logs,
                  const char *exception, char *text, size_t text_size)
{
    char got[HASH_TEXT_SIZE];
    char want[HASH_TEXT_SIZE];
    text[0] = '\0';
    if (exception != NULL && run->verdict == TRANSACTION_OK) {
        snprintf(text, text_size, "transaction was accepted, expected %s", exception);
    } else if (exception == NULL && run->verdict != TRANSACTION_OK) {
        snprintf(text, text_size, "transaction was refused: %s",
                 transaction_verdict_text(run->verdict));
    } else if (!hash256_equal(&run->root, root)) {
        format_hash(got, &run->root);
        format_hash(want, root);
        snprintf(text, text_size, "post state root mismatch: got %s, want %s", got, want);
    } else if (!hash256_equal(&run->logs_hash, logs)) {
        format_hash(got, &run->logs_hash);
        format_hash(want, logs);
        snprintf(text, text_size, "post state logs hash mismatch: got %s, want %s", got, want);
    }
}

static void add_result(struct statetest *context, const char *name, const char *fork,
                       const hash256 *root, const char *text)
{
    char root_text[HASH_TEXT_SIZE];
    json_t *result = json_object();
    json_object_set_new(result, "name", json_string(name));
    json_object_set_new(result, "pass", json_boolean(text[0] == '\0'));
    json_object_set_new(result, "fork", json_string(fork));
    if (root != NULL) {
        format_hash(root_text, root);
        json_object_set_new(result, "stateRoot", json_string(root_text));
    }
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
        || !state_case_transaction(test, post, &tx, error)
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

static bool run_file(struct statetest *context, const char *path, struct error *error)
{
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

static bool is_json_name(const char *name)
{
    size_t size = strlen(name);
    return size > 5 && strcmp(name + size - 5, ".json") == 0;
}

/* Every .json file below a folder, in the order of their names. */
static bool run_folder(struct statetest *context, const char *path, struct error *error);

static bool run_path(struct statetest *context, const char *path, struct error *error)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return error_set_errno(error, "%s", path);
    return S_ISDIR(info.st_mode) ? run_folder(context, path, error)
                                 : run_file(context, path, error);
}

static bool run_folder(struct statetest *context, const char *path, struct error *error)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    bool ok = true;
    if (count < 0)
        return error_set_errno(error, "%s", path);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        struct stat info;
        struct buffer child = {0};
        buffer_append_format(&child, "%s/%s", path, name);
        buffer_append_u8(&child, 0);
        const char *child_path = (const char *)child.data;
        bool is_folder = stat(child_path, &info) == 0 && S_ISDIR(info.st_mode);
        if (ok && name[0] != '.' && (is_folder || is_json_name(name)))
            ok = run_path(context, child_path, error);
        buffer_cleanup(&child);
        free(entries[i]);
    }
    free(entries);
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
static bool run_stdin(struct statetest *context, struct error *error)
{
    char *line = NULL;
    size_t capacity = 0;
    bool ok = true;
    while (ok && getline(&line, &capacity, stdin) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '\0')
            continue;
        ok = run_path(context, line, error);
        if (ok)
            print_results(context);
    }
    free(line);
    return ok;
}

struct options {
    const char *fork;
    const char *filter;
    int paths_count; /* moved to the front of the arguments */
};

/* The value behind "--name" or in "--name=value"; one dash is as good as two (as in go). */
static bool take_option(int count, char **arguments, int *at, const char *name, const char **value)
{
    const char *argument = arguments[*at];
    size_t size = strlen(name);
    if (argument[0] != '-')
        return false;
    argument += argument[1] == '-' ? 2 : 1;
    if (strncmp(argument, name, size) != 0)
        return false;
    if (argument[size] == '=') {
        *value = argument + size + 1;
        return true;
    }
    if (argument[size] != '\0' || *at + 1 >= count)
        return false;
    *value = arguments[++*at];
    return true;
}

static bool parse_options(struct options *options, int count, char **arguments, struct error *error)
{
    *options = (struct options){0};
    for (int i = 0; i < count; i++) {
        if (take_option(count, arguments, &i, "statetest.fork", &options->fork)
            || take_option(count, arguments, &i, "run", &options->filter))
            continue;
        if (arguments[i][0] == '-')
            return error_set(error, ERROR_INVALID,
                             "statetest: option '%s' is unknown or has no value; see: levm help "
                             "statetest",
                             arguments[i]);
        arguments[options->paths_count++] = arguments[i];
    }
    return true;
}

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
    struct options options;
    struct statetest context = {0};
    if (!parse_options(&options, count, arguments, &error)) {
        command_failed(&error);
        return EXIT_USAGE;
    }
    if (!apply_options(&context, &options, &error))
        return command_failed(&error);
    context.vm = vm_new();
    context.results = json_array();
    bool ok = true;
    for (int i = 0; ok && i < options.paths_count; i++)
        ok = run_path(&context, arguments[i], &error);
    if (ok && options.paths_count > 0)
        print_results(&context);
    if (options.paths_count == 0)
        ok = run_stdin(&context, &error);
    json_decref(context.results);
    vm_free(context.vm);
    if (context.has_filter)
        regfree(&context.filter);
    return ok ? EXIT_DONE : command_failed(&error);
}

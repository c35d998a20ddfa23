/* levm t8n: one block's transition, driven as go-ethereum's `evm t8n` is. */
#include "ledger/levm/t8n.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "ledger/levm/alloc_output.h"
#include "ledger/levm/command.h"
#include "ledger/levm/flags.h"
#include "ledger/levm/json.h"
#include "ledger/levm/json_output.h"
#include "ledger/levm/trace_lines.h"

struct options {
    struct t8n_sources sources;
    const char *fork, *chain_id, *reward;
    const char *folder; /* of the files it writes; empty: the current one */
    const char *result, *alloc, *body;
    const char *verbosity;
    struct trace_choice trace;
    struct trace_options trace_options;
};

static bool parse_options(struct options *options, int count, char **arguments, struct error *error)
{
    *options = (struct options){.sources = {"alloc.json", "env.json", "txs.json"},
                                .fork = vm_fork_name(VM_FORK_NEWEST),
                                .chain_id = "1",
                                .reward = "0",
                                .folder = "",
                                .result = "result.json",
                                .alloc = "alloc.json",
                                .body = "",
                                .trace = TRACE_CHOICE_DEFAULT};
    const struct flag flags[] = {
        {.name = "input.alloc", .value = &options->sources.alloc},
        {.name = "input.env", .value = &options->sources.env},
        {.name = "input.txs", .value = &options->sources.txs},
        {.name = "state.fork", .value = &options->fork},
        {.name = "state.chainid", .value = &options->chain_id},
        {.name = "state.reward", .value = &options->reward},
        {.name = "output.basedir", .value = &options->folder},
        {.name = "output.result", .value = &options->result},
        {.name = "output.alloc", .value = &options->alloc},
        {.name = "output.body", .value = &options->body},
        {.name = "verbosity", .value = &options->verbosity}, /* accepted: there is no log */
        TRACE_FLAGS(&options->trace),
    };
    return flags_parse(flags, sizeof flags / sizeof flags[0], arguments, &count, 0, error)
           && trace_choice_read(&options->trace, &options->trace_options, error);
}

/* A reward below zero is none at all: not even a touch of the beneficiary. */
static bool apply_options(const struct options *options, struct transition *transition,
                          struct error *error)
{
    transition->has_reward = options->reward[0] != '-';
    return command_fork(&transition->environment.fork, options->fork, error)
           && text_u64(options->chain_id, "--state.chainid", &transition->environment.chain_id,
                       error)
           && text_u256(options->reward + !transition->has_reward, "--state.reward",
                        &transition->reward_wei, error);
}

/* `name` below the folder for output, in the arena. */
static char *output_path(const struct options *options, const char *name, struct arena *arena)
{
    return options->folder[0] == '\0' ? arena_format(arena, "%s", name)
                                      : arena_format(arena, "%s/%s", options->folder, name);
}

/* With the folders above it. */
static bool make_folder(const char *folder, struct error *error)
{
    struct arena arena = {0};
    struct stat info;
    char *path = arena_format(&arena, "%s", folder);
    bool ok = true;
    for (char *slash = path; ok && *slash != '\0';) {
        slash += strspn(slash, "/");
        slash += strcspn(slash, "/");
        char kept = *slash;
        *slash = '\0';
        ok = mkdir(path, 0755) == 0 || errno == EEXIST || error_set_errno(error, "%s", path);
        *slash = kept;
    }
    if (ok && folder[0] != '\0' && stat(folder, &info) == 0 && !S_ISDIR(info.st_mode))
        ok = error_set(error, ERROR_EXISTS, "%s: not a folder", folder);
    arena_cleanup(&arena);
    return ok;
}

/* ---- Traces: a file a transaction ---------------------------------------------------------- */

struct tracing {
    const struct options *options;
    struct arena *arena;
    struct trace_lines lines;
    FILE *file;
};

static bool begin_trace(void *context, size_t index, const hash256 *hash, struct vm_tracer **tracer,
                        struct error *error)
{
    struct tracing *tracing = context;
    char text[OUTPUT_HASH_SIZE];
    output_format(text, hash->bytes, sizeof hash->bytes);
    char *name = arena_format(tracing->arena, "trace-%zu-%s.jsonl", index, text);
    char *path = output_path(tracing->options, name, tracing->arena);
    tracing->file = fopen(path, "w");
    if (tracing->file == NULL)
        return error_set_errno(error, "%s", path);
    trace_lines_init(&tracing->lines, &tracing->options->trace_options, tracing->file);
    *tracer = &tracing->lines.tracer;
    return true;
}

static void end_trace(void *context)
{
    struct tracing *tracing = context;
    trace_lines_cleanup(&tracing->lines);
    fclose(tracing->file);
}

/* ---- Output -------------------------------------------------------------------------------- */

/* What goes to stdout and stderr is gathered into one object each. */
struct output {
    const struct options *options;
    struct arena *arena;
    json_t *to_stdout, *to_stderr;
};

static bool write_file(const char *path, const json_t *value, struct error *error)
{
    FILE *file = fopen(path, "w");
    if (file == NULL)
        return error_set_errno(error, "%s", path);
    bool ok = json_dumpf(value, file, JSON_INDENT(1) | JSON_ENCODE_ANY) == 0;
    ok = fclose(file) == 0 && ok;
    return ok || error_set_errno(error, "%s", path);
}

/* Takes `value` to where `target` says; an empty one is nowhere. */
static bool put(struct output *output, const char *target, const char *name, json_t *value,
                struct error *error)
{
    bool ok = true;
    if (strcmp(target, "stdout") == 0)
        json_object_set(output->to_stdout, name, value);
    else if (strcmp(target, "stderr") == 0)
        json_object_set(output->to_stderr, name, value);
    else if (target[0] != '\0')
        ok = write_file(output_path(output->options, target, output->arena), value, error);
    json_decref(value);
    return ok;
}

static bool print(const json_t *value, FILE *file, struct error *error)
{
    return json_object_size(value) == 0 || output_print(value, file)
           || error_set_errno(error, "output");
}

static bool write_output(const struct options *options, const struct t8n_input *input,
                         const struct transition_result *result, struct arena *arena,
                         struct error *error)
{
    struct output output = {options, arena, json_object(), json_object()};
    bool ok = put(&output, options->alloc, "alloc", alloc_output(input->transition.state), error)
              && put(&output, options->result, "result", t8n_result(input, result), error)
              && put(&output, options->body, "body", t8n_body(result), error)
              && print(output.to_stdout, stdout, error) && print(output.to_stderr, stderr, error);
    json_decref(output.to_stdout);
    json_decref(output.to_stderr);
    return ok;
}

/* ---- The command --------------------------------------------------------------------------- */

static enum t8n_exit exit_of(enum transition_end end)
{
    switch (end) {
    case TRANSITION_DONE: return T8N_DONE;
    case TRANSITION_INVALID: return T8N_EVM;
    case TRANSITION_MISSING_HASH: return T8N_MISSING_HASH;
    case TRANSITION_NOT_WATCHED: return T8N_IO;
    }
    return T8N_EVM;
}

static enum t8n_exit run(const struct options *options, struct t8n_input *input,
                         struct error *error)
{
    struct vm *vm = vm_new();
    struct arena arena = {0};
    struct transition_result result;
    struct tracing tracing = {.options = options, .arena = &arena};
    struct transition_watch watch = {&tracing, begin_trace, end_trace};
    enum t8n_exit code = exit_of(transition_run(
        &input->transition, options->trace.is_on ? &watch : NULL, vm, &arena, &result, error));
    if (code == T8N_DONE && !write_output(options, input, &result, &arena, error))
        code = T8N_IO;
    arena_cleanup(&arena);
    vm_free(vm);
    return code;
}

int t8n_command(int count, char **arguments)
{
    struct error error = {0};
    struct options options;
    struct t8n_input input = {0};
    enum t8n_exit code = T8N_CONFIG;
    if (!parse_options(&options, count, arguments, &error)) {
        command_misused("t8n", &error);
        return T8N_CONFIG;
    }
    if (apply_options(&options, &input.transition, &error))
        code = make_folder(options.folder, &error) ? t8n_read(&input, &options.sources, &error)
                                                   : T8N_IO;
    if (code == T8N_DONE)
        code = run(&options, &input, &error);
    t8n_input_cleanup(&input);
    if (code != T8N_DONE) {
        error_prefix(&error, "t8n");
        command_failed(&error);
    }
    return code;
}

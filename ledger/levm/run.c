/* levm run: code, once or many times, with what it returns, costs and did. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

#include "ledger/levm/alloc_output.h"
#include "ledger/levm/command.h"
#include "ledger/levm/files.h"
#include "ledger/levm/flags.h"
#include "ledger/levm/genesis_file.h"
#include "ledger/levm/json.h"
#include "ledger/levm/trace_lines.h"
#include "vm/base/hex.h"

#define BENCH_NS  1000000000 /* as long as go's benchmarks */
#define NS_PER_MS 1000000

struct options {
    const char *code, *code_file, *input, *input_file;
    const char *gas, *price, *value, *sender, *receiver;
    const char *prestate, *fork, *verbosity;
    bool is_create, is_bench, is_statdump, is_dump;
    struct trace_choice trace;
    struct trace_options trace_options;
};

struct run {
    struct call call;
    struct buffer code, input;
    struct vm *vm;
    struct call_outcome outcome;
    uint64_t mean_ns;
};

static bool read_hex(const char *text, const char *file, const char *what, struct buffer *out,
                     struct error *error)
{
    struct buffer loaded = {0};
    bool ok = file == NULL || files_load(file, &loaded, error);
    if (ok)
        ok = text_bytes(file != NULL ? buffer_view(&loaded)
                                     : bytes_of_text(text == NULL ? "" : text),
                        what, out, error);
    buffer_cleanup(&loaded);
    return ok;
}

/* What the options say against what geth's `evm run` has by default. */
static bool read_message(struct run *run, const struct options *options, struct error *error)
{
    struct call *call = &run->call;
    return (options->gas == NULL || text_u64(options->gas, "--gas", &call->gas, error))
           && (options->value == NULL || text_u256(options->value, "--value", &call->value, error))
           && (options->price == NULL
               || text_u256(options->price, "--price", &call->environment.gas_price, error))
           && (options->sender == NULL
               || text_address(options->sender, "--sender", &call->sender, error))
           && (options->receiver == NULL
               || text_address(options->receiver, "--receiver", &call->receiver, error));
}

static bool prepare(struct run *run, const struct options *options, struct error *error)
{
    struct call *call = &run->call;
    if ((options->prestate != NULL && !genesis_file_read(options->prestate, call, error))
        || (options->fork != NULL && !command_fork(&call->environment.fork, options->fork, error))
        || !read_message(run, options, error)
        || !read_hex(options->code, options->code_file, "code", &run->code, error))
        return false;
    if (options->prestate == NULL)
        call->environment.gas_limit = call->gas;
    call->is_create = options->is_create;
    if (call->is_create)
        buffer_append_bytes(&run->input, buffer_view(&run->code));
    else if (run->code.size > 0
             && !call_set_code(call, &call->receiver, buffer_view(&run->code), error))
        return false;
    if (!read_hex(options->input, options->input_file, "input", &run->input, error))
        return false;
    call->input = buffer_view(&run->input);
    return true;
}

/* Puts what the run changed into the pre-state, and prints it. */
static bool dump(struct run *run, struct state *state, struct error *error)
{
    struct arena arena = {0};
    state_end_transaction(state);
    struct state_changes changes = state_changes(state, &arena);
    bool ok = memory_state_apply(run->call.pre, &changes, error);
    if (ok) {
        json_t *document = alloc_output_dump(run->call.pre);
        json_dumpf(document, stdout, JSON_INDENT(4));
        putchar('\n');
        json_decref(document);
    }
    arena_cleanup(&arena);
    return ok;
}

/* As often as fits into a second; the mean counts. */
static void repeat(struct run *run)
{
    uint64_t total_ns = run->outcome.elapsed_ns, runs = 1, start_ns = call_clock_ns();
    while (call_clock_ns() - start_ns < BENCH_NS) {
        struct state_reader reader;
        struct state *state = call_state(&run->call, &reader);
        run->outcome = call_run(&run->call, run->vm, state, NULL);
        state_free(state);
        total_ns += run->outcome.elapsed_ns;
        runs++;
    }
    run->mean_ns = total_ns / runs;
}

static void print_outcome(const struct run *run, const struct options *options)
{
    struct buffer text = {0};
    if (options->is_bench || options->is_statdump)
        fprintf(stderr, "EVM gas used:    %" PRIu64 "\nexecution time:  %.6fms\n",
                run->outcome.gas_used, (double)run->mean_ns / NS_PER_MS);
    hex_append(&text, run->outcome.output);
    fwrite(text.data, 1, text.size, stdout);
    putchar('\n');
    if (run->outcome.status != VM_SUCCESS)
        printf(" error: %s\n", vm_status_name(run->outcome.status));
    buffer_cleanup(&text);
}

static bool execute(struct run *run, const struct options *options, struct error *error)
{
    struct state_reader reader;
    struct trace_lines lines;
    struct state *state = call_state(&run->call, &reader);
    bool is_traced = options->trace.is_on, ok = true;
    trace_lines_init(&lines, &options->trace_options, stderr);
    run->outcome = call_run(&run->call, run->vm, state, is_traced ? &lines.tracer : NULL);
    run->mean_ns = run->outcome.elapsed_ns;
    trace_lines_cleanup(&lines);
    if (options->is_dump)
        ok = dump(run, state, error);
    state_free(state);
    if (ok && options->is_bench)
        repeat(run);
    if (ok)
        print_outcome(run, options);
    return ok;
}

static bool parse_options(struct options *options, int count, char **arguments, struct error *error)
{
    *options = (struct options){.trace = TRACE_CHOICE_DEFAULT};
    const struct flag flags[] = {
        {.name = "code", .value = &options->code},
        {.name = "codefile", .value = &options->code_file},
        {.name = "input", .value = &options->input},
        {.name = "inputfile", .value = &options->input_file},
        {.name = "gas", .value = &options->gas},
        {.name = "price", .value = &options->price},
        {.name = "value", .value = &options->value},
        {.name = "sender", .value = &options->sender},
        {.name = "receiver", .value = &options->receiver},
        {.name = "prestate", .value = &options->prestate},
        {.name = "state.fork", .value = &options->fork},
        {.name = "create", .is_on = &options->is_create},
        {.name = "bench", .is_on = &options->is_bench},
        {.name = "statdump", .is_on = &options->is_statdump},
        {.name = "dump", .is_on = &options->is_dump},
        {.name = "verbosity", .value = &options->verbosity}, /* accepted: there is no log */
        TRACE_FLAGS(&options->trace),
    };
    if (!flags_parse(flags, sizeof flags / sizeof flags[0], arguments, &count, 1, error)
        || !trace_choice_read(&options->trace, &options->trace_options, error))
        return false;
    int codes = (count > 0) + (options->code != NULL) + (options->code_file != NULL);
    if (codes > 1)
        return error_set(error, ERROR_INVALID,
                         "code is given %d times; expected one of CODE, --code and --codefile",
                         codes);
    if (count > 0)
        options->code = arguments[0];
    if (options->input != NULL && options->input_file != NULL)
        return error_set(error, ERROR_INVALID, "expected one of --input and --inputfile");
    return true;
}

int run_command(int count, char **arguments)
{
    struct error error = {0};
    struct options options;
    if (!parse_options(&options, count, arguments, &error))
        return command_misused("run", &error);
    struct run run = {.vm = vm_new()};
    call_init(&run.call);
    bool ok = prepare(&run, &options, &error) && execute(&run, &options, &error);
    call_cleanup(&run.call);
    buffer_cleanup(&run.code);
    buffer_cleanup(&run.input);
    vm_free(run.vm);
    return ok ? EXIT_DONE : command_failed(&error);
}

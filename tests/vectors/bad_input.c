#include "tests/vectors/bad_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARGUMENTS_MAX     5
#define SMALL_VALUES_SIZE (60 << 20)

struct usage_case {
    const char *name;
    const char *arguments[ARGUMENTS_MAX];
    const char *input;
    int exit_code;
    const char *message; /* part of the line on stderr */
};

static const struct usage_case USAGE_CASES[] = {
    {"an unknown command", {"b11r"}, "", 2, "no command 'b11r'"},
    {"an unknown option", {"statetest", "--foo"}, "", 2, "option '--foo'"},
    {"an unknown fork", {"statetest", "--statetest.fork", "Foo", "x"}, "", 1, "'Foo' is unknown"},
    {"an older fork", {"tx", "--fork", "Berlin"}, "", 1, "'Berlin' is unknown"},
    {"no such file", {"statetest", "/nonexistent.json"}, "", 1, "/nonexistent.json"},
    {"no such file on stdin", {"statetest"}, "/nonexistent.json\n", 1, "/nonexistent.json"},
    {"a broken filter", {"statetest", "--run", "(", "x"}, "", 1, "not a regular expression"},
    {"no direction", {"rlp"}, "", 2, "expected 'encode' or 'decode'"},
    {"a trie line without value", {"trie"}, "0x01\n", 1, "line 1 has no value"},
    {"a trie key that is no hex", {"trie"}, "0x01 0x02\nxyz -\n", 1, "line 2: 'xyz'"},
};

/* Files that are no state tests, each with what must be said of it. */
static const struct {
    const char *name;
    const char *text;
    const char *message;
} FILES[] = {
    {"an empty file", "", "not JSON"},
    {"text", "hello", "not JSON: line 1"},
    {"a cut file", "{\"t\": {\"env\": {", "not JSON"},
    {"duplicate names", "{\"t\": {}, \"t\": {}}", "duplicate"},
    {"an array", "[]", "not an object of state tests"},
    {"a test that is no object", "{\"t\": 5}", "test t: test is not an object"},
    {"a test without transaction", "{\"t\": {}}", "'transaction' is missing"},
    {"an environment without coinbase", "{\"t\": {\"transaction\": {}, \"env\": {}, \"pre\": {}}}",
     "'currentCoinbase' is missing"},
    {"a short address",
     "{\"t\": {\"transaction\": {}, \"env\": {\"currentCoinbase\": \"0x12\"}, \"pre\": {}}}",
     "'currentCoinbase' is not 0x and 40 hex digits"},
    {"a gas limit over 64 bits",
     "{\"t\": {\"transaction\": {}, \"pre\": {}, \"env\": {\"currentCoinbase\": "
     "\"0x0000000000000000000000000000000000000000\", \"currentGasLimit\": "
     "\"0x10000000000000000\"}}}",
     "'currentGasLimit' is not a number of at most 64 bits"},
};

static void judge(struct tally *tally, const char *name, int exit_code, int expected_code,
                  const struct buffer *out, const struct buffer *errors, const char *message)
{
    char why[512];
    const char *text = (const char *)errors->data;
    const char *line_end = strchr(text, '\n');
    bool is_one_line = line_end != NULL && line_end[1] == '\0';
    if (exit_code == expected_code && out->size == 0 && is_one_line
        && strncmp(text, "levm: ", 6) == 0 && strstr(text, message) != NULL) {
        tally_pass(tally);
        return;
    }
    snprintf(why, sizeof why, "exit code %d, expected %d; said '%.200s', expected '%.100s'",
             exit_code, expected_code, text, message);
    tally_fail(tally, name, why);
}

static void run_usage_case(const char *levm, struct tally *tally, const struct usage_case *usage)
{
    const char *arguments[ARGUMENTS_MAX + 2] = {levm};
    struct buffer out = {0};
    struct buffer errors = {0};
    memcpy(arguments + 1, usage->arguments, sizeof usage->arguments);
    int exit_code = tool_run_all(arguments, bytes_of_text(usage->input), &out, &errors);
    judge(tally, usage->name, exit_code, usage->exit_code, &out, &errors, usage->message);
    buffer_cleanup(&out);
    buffer_cleanup(&errors);
}

static void run_file(const char *levm, struct tally *tally, const char *name, struct bytes text,
                     const char *message)
{
    char path[] = "/tmp/levm-bad-input-XXXXXX";
    int file = mkstemp(path);
    if (file < 0 || write(file, text.data, text.size) != (ssize_t)text.size || close(file) != 0) {
        perror(path);
        exit(2);
    }
    const char *const arguments[] = {levm, "statetest", path, NULL};
    struct buffer out = {0};
    struct buffer errors = {0};
    int exit_code = tool_run_all(arguments, bytes_of(NULL, 0), &out, &errors);
    judge(tally, name, exit_code, 1, &out, &errors, message);
    buffer_cleanup(&out);
    buffer_cleanup(&errors);
    unlink(path);
}

/* Half a hundred bytes of memory for two of the file's. */
static void run_small_values(const char *levm, struct tally *tally)
{
    struct buffer text = {0};
    buffer_append_text(&text, "[[]");
    while (text.size < SMALL_VALUES_SIZE)
        buffer_append_text(&text, ",[]");
    buffer_append_text(&text, "]");
    run_file(levm, tally, "very many small values", buffer_view(&text),
             "takes more than 768 MiB of memory");
    buffer_cleanup(&text);
}

void bad_input_run(const char *levm, struct tally *tally)
{
    for (size_t i = 0; i < sizeof USAGE_CASES / sizeof USAGE_CASES[0]; i++)
        run_usage_case(levm, tally, &USAGE_CASES[i]);
    for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++)
        run_file(levm, tally, FILES[i].name, bytes_of_text(FILES[i].text), FILES[i].message);
    run_small_values(levm, tally);
}

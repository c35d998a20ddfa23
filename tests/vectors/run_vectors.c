/* Ethereum's public test vectors: state, transaction, RLP and trie tests and blocks, all through
 * levm.
 *
 *   run_vectors LEVM FOLDER
 *
 * A case is skipped only by what levm itself says of it (a fork that is not in this
 * version, a blob transaction), never by a list of names. Ends with one line,
 * `N passed, N failed, N skipped`; exit code 0 only if nothing failed. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "tests/vectors/bad_input.h"
#include "tests/vectors/blocks.h"
#include "tests/vectors/tool.h"
#include "vm/base/hex.h"
#include "vm/base/u256.h"

/* ---- state tests ---- */

/* Why levm's error means that the case is out of this version's scope; NULL if it does not. */
static const char *scope_of(const char *fork, const char *error, char *text, size_t size)
{
    if (strncmp(error, "fork '", 6) == 0)
        snprintf(text, size, "fork %s: out of scope", fork);
    else if (strstr(error, "blob (type 3)") != NULL)
        snprintf(text, size, "blob transaction (type 3): out of scope");
    else
        return NULL;
    return text;
}

static void judge_state_result(struct tally *tally, const json_t *result)
{
    char reason[120];
    const char *name = json_string_value(json_object_get(result, "name"));
    const char *fork = json_string_value(json_object_get(result, "fork"));
    const char *error = json_string_value(json_object_get(result, "error"));
    if (json_is_true(json_object_get(result, "pass")))
        tally_pass(tally);
    else if (scope_of(fork, error, reason, sizeof reason) != NULL)
        tally_skip(tally, reason);
    else
        tally_fail(tally, name, error);
}

static void run_state_tests(struct vectors_runner *runner, const char *folder)
{
    struct buffer out = {0};
    const char *const arguments[] = {runner->levm, "statetest", folder, NULL};
    bool ok = tool_run(arguments, bytes_of(NULL, 0), &out);
    json_t *results = ok ? json_loads((const char *)out.data, 0, NULL) : NULL;
    if (!json_is_array(results))
        tally_fail(runner->tally, folder, "levm statetest gave no array of results");
    for (size_t i = 0; i < json_array_size(results); i++)
        judge_state_result(runner->tally, json_array_get(results, i));
    json_decref(results);
    buffer_cleanup(&out);
}

/* ---- transaction tests ---- */

/* The entry a test is judged by. Some stop before Cancun: rules for encodings have not changed
 * since, so the newest they have stands in. */
static const json_t *newest_entry(const json_t *fields)
{
    static const char *const forks[] = {"Cancun", "Shanghai", "Paris", "London", "Berlin"};
    const json_t *results = json_object_get(fields, "result");
    for (size_t i = 0; i < sizeof forks / sizeof forks[0]; i++)
        if (json_object_get(results, forks[i]) != NULL)
            return json_object_get(results, forks[i]);
    return NULL;
}

static uint64_t quantity(const json_t *value)
{
    return json_is_string(value) ? strtoull(json_string_value(value), NULL, 16) : UINT64_MAX;
}

static bool same_text(const json_t *a, const json_t *b)
{
    return json_is_string(a) && json_is_string(b)
           && strcasecmp(json_string_value(a), json_string_value(b)) == 0;
}

static bool is_as_expected(const json_t *got, const json_t *expected)
{
    return same_text(json_object_get(got, "address"), json_object_get(expected, "sender"))
           && same_text(json_object_get(got, "hash"), json_object_get(expected, "hash"))
           && quantity(json_object_get(got, "intrinsicGas"))
                  == quantity(json_object_get(expected, "intrinsicGas"));
}

static void on_transaction_test(void *context, const char *name, const json_t *fields)
{
    struct vectors_runner *runner = context;
    struct buffer out = {0};
    char why[256];
    const json_t *expected = newest_entry(fields);
    const char *encoded = json_string_value(json_object_get(fields, "txbytes"));
    const char *const arguments[] = {runner->levm, "tx", "--fork", "Cancun", NULL};
    bool ok = tool_run(arguments, bytes_of_text(encoded), &out);
    json_t *got = ok ? json_loads((const char *)out.data, 0, NULL) : NULL;
    bool must_fail = json_object_get(expected, "exception") != NULL;
    const char *error = json_string_value(json_object_get(got, "error"));
    if (got == NULL || expected == NULL)
        tally_fail(runner->tally, name, "no answer from levm tx, or no entry to judge by");
    else if (must_fail && error == NULL)
        tally_fail(runner->tally, name, "was accepted, expected a refusal");
    else if (!must_fail && error != NULL) {
        snprintf(why, sizeof why, "was refused: %s", error);
        tally_fail(runner->tally, name, why);
    } else if (!must_fail && !is_as_expected(got, expected))
        tally_fail(runner->tally, name, "sender, hash or intrinsic gas differs");
    else
        tally_pass(runner->tally);
    json_decref(got);
    buffer_cleanup(&out);
}

/* ---- RLP tests ---- */

/* A test's value as levm rlp takes it: strings are text, numbers and '#'-strings integers. */
static void put_rlp_value(struct buffer *out, const json_t *value)
{
    u256 number;
    if (json_is_array(value)) {
        buffer_append_u8(out, '[');
        for (size_t i = 0; i < json_array_size(value); i++) {
            if (i > 0)
                buffer_append_u8(out, ',');
            put_rlp_value(out, json_array_get(value, i));
        }
        buffer_append_u8(out, ']');
        return;
    }
    struct bytes string =
        bytes_of(json_string_value(value), json_is_string(value) ? json_string_length(value) : 0);
    uint8_t big_endian[33] = {0};
    if (json_is_integer(value)) {
        number = u256_from_u64((uint64_t)json_integer_value(value));
        u256_store_be(big_endian + 1, &number);
        size_t size = u256_byte_length(&number);
        string = bytes_of(big_endian + 33 - size, size);
    } else if (string.size > 0 && string.data[0] == '#') {
        const char *digits = (const char *)string.data + 1;
        if (u256_parse_decimal(&number, digits, string.size - 1)) {
            u256_store_be(big_endian + 1, &number);
            size_t size = u256_byte_length(&number);
            string = bytes_of(big_endian + 33 - size, size);
        } else { /* the one such vector is 2^256 */
            big_endian[0] = 1;
            string = bytes_of(big_endian, sizeof big_endian);
        }
    }
    buffer_append_u8(out, '"');
    hex_append(out, string);
    buffer_append_u8(out, '"');
}

/* One line through `levm rlp direction`. */
static bool rlp_line(struct vectors_runner *runner, const char *direction, struct bytes line,
                     struct buffer *out)
{
    const char *const arguments[] = {runner->levm, "rlp", direction, NULL};
    bool ok = tool_run(arguments, line, out);
    if (out->size > 0 && out->data[out->size - 1] == '\n')
        out->data[--out->size] = 0;
    return ok;
}

static void on_rlp_test(void *context, const char *name, const json_t *fields)
{
    struct vectors_runner *runner = context;
    struct buffer value = {0};
    struct buffer encoded = {0};
    struct buffer decoded = {0};
    const json_t *in = json_object_get(fields, "in");
    const char *out = json_string_value(json_object_get(fields, "out"));
    bool is_invalid = json_is_string(in) && strcmp(json_string_value(in), "INVALID") == 0;
    bool is_valid_only = json_is_string(in) && strcmp(json_string_value(in), "VALID") == 0;
    bool ok = rlp_line(runner, "decode", bytes_of_text(out), &decoded);
    bool was_refused = strncmp((const char *)decoded.data, "error: ", 7) == 0;
    if (!ok || was_refused != is_invalid) {
        tally_fail(runner->tally, name, "decode: wrongly accepted or refused");
    } else if (is_invalid || is_valid_only) {
        tally_pass(runner->tally);
    } else {
        put_rlp_value(&value, in);
        ok = rlp_line(runner, "encode", buffer_view(&value), &encoded);
        if (ok && bytes_equal(buffer_view(&encoded), bytes_of_text(out))
            && bytes_equal(buffer_view(&decoded), buffer_view(&value)))
            tally_pass(runner->tally);
        else
            tally_fail(runner->tally, name, "encode or decode differs");
    }
    buffer_cleanup(&value);
    buffer_cleanup(&encoded);
    buffer_cleanup(&decoded);
}

/* ---- trie tests ---- */

/* Text stands for its bytes unless it is 0x-hex. */
static void put_trie_text(struct buffer *out, const json_t *value)
{
    if (!json_is_string(value))
        buffer_append_u8(out, '-');
    else if (strncmp(json_string_value(value), "0x", 2) == 0)
        buffer_append_text(out, json_string_value(value));
    else
        hex_append(out, bytes_of(json_string_value(value), json_string_length(value)));
}

static void put_trie_line(struct buffer *out, const json_t *key, const json_t *value)
{
    put_trie_text(out, key);
    buffer_append_u8(out, ' ');
    put_trie_text(out, value);
    buffer_append_u8(out, '\n');
}

static void on_trie_test(void *context, const char *name, const json_t *fields)
{
    struct vectors_runner *runner = context;
    struct buffer lines = {0};
    struct buffer root = {0};
    const char *key;
    json_t *value;
    size_t i;
    json_t *in = json_object_get(fields, "in");
    const char *const arguments[] = {runner->levm, "trie", "--secure", NULL};
    json_array_foreach(in, i, value)
        put_trie_line(&lines, json_array_get(value, 0), json_array_get(value, 1));
    if (json_is_object(in)) {
        json_object_foreach(in, key, value)
        {
            json_t *text = json_string(key);
            put_trie_line(&lines, text, value);
            json_decref(text);
        }
    }
    bool ok = tool_run(arguments, buffer_view(&lines), &root);
    const char *expected = json_string_value(json_object_get(fields, "root"));
    if (ok && root.size > 0 && strncmp((const char *)root.data, expected, root.size - 1) == 0
        && strlen(expected) == root.size - 1)
        tally_pass(runner->tally);
    else
        tally_fail(runner->tally, name, "the root differs");
    buffer_cleanup(&lines);
    buffer_cleanup(&root);
}

/* ---- all of them ---- */

#define CATEGORIES 5

static bool is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static void run_category(size_t category, struct vectors_runner *runner, const char *folder)
{
    switch (category) {
    case 0: run_state_tests(runner, folder); break;
    case 1: vectors_each(folder, on_transaction_test, runner); break;
    case 2: vectors_each(folder, on_rlp_test, runner); break;
    case 3: vectors_each(folder, on_trie_test, runner); break;
    case 4: vectors_each(folder, blocks_on_test, runner); break;
    }
}

int main(int count, char **arguments)
{
    static const char *const names[CATEGORIES] = {"state_tests", "transaction_tests", "rlp_tests",
                                                  "trie_tests", "blockchain_tests"};
    struct tally tallies[CATEGORIES] = {0};
    size_t passed = 0;
    size_t failed = 0;
    size_t skipped = 0;
    if (count != 3) {
        fprintf(stderr, "usage: run_vectors LEVM FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < CATEGORIES; i++) {
        struct vectors_runner runner = {arguments[1], &tallies[i]};
        char folder[4096];
        tallies[i].category = names[i];
        snprintf(folder, sizeof folder, "%s/%s", arguments[2], names[i]);
        if (!is_folder(folder))
            tally_skip(&tallies[i], "0 run, absent");
        else
            run_category(i, &runner, folder);
        tally_print(&tallies[i]);
        passed += tallies[i].passed;
        failed += tallies[i].failed;
        skipped += tallies[i].skipped;
    }
    struct tally usage = {.category = "levm's bad input"};
    bad_input_run(arguments[1], &usage);
    tally_print(&usage);
    passed += usage.passed;
    failed += usage.failed;
    printf("%zu passed, %zu failed, %zu skipped\n", passed, failed, skipped);
    return failed == 0 ? 0 : 1;
}

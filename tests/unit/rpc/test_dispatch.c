/* The envelope of JSON-RPC: ids, batches, notifications, errors, places. */
#include "rpc/dispatch.h"

#include "rpc/envelope.h"
#include "tests/unit/rpc/asking.h"
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

TestSuite(dispatch, .init = asking_start, .fini = asking_stop, .timeout = 60);

static void expect(const char *request, const char *answer)
{
    char *got = fake_ask(&fake, &limits, false, request);
    cr_expect_str_eq(got, answer, "%s\n   got %s\n   not %s", request, got, answer);
    free(got);
}

static void expect_failure(const char *request, const char *id, int code, const char *words)
{
    char start_text[200];
    char *got = fake_ask(&fake, &limits, false, request);
    snprintf(start_text, sizeof start_text,
             "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":%d,", id, code);
    cr_expect(strncmp(got, start_text, strlen(start_text)) == 0 && strstr(got, words) != NULL,
              "%s\n   got %s\n   not %s...%s", request, got, start_text, words);
    free(got);
}

#define LISTENING(id) "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"method\":\"net_listening\"}"
#define TRUE(id)      "{\"jsonrpc\":\"2.0\",\"id\":" id ",\"result\":true}"

Test(dispatch, ids_are_echoed_as_they_were_written)
{
    expect(LISTENING("0.1"), TRUE("0.1"));
    expect(LISTENING("1e2"), TRUE("1e2"));
    expect(LISTENING("-0"), TRUE("-0"));
    expect(LISTENING("123456789012345678901234567890"), TRUE("123456789012345678901234567890"));
    expect(LISTENING("\"\\u0041\\n\""), TRUE("\"\\u0041\\n\""));
    expect(LISTENING("null"), TRUE("null"));
    expect("{\"\\u0069d\":\"x\",\"jsonrpc\":\"2.0\",\"method\":\"net_listening\"}", TRUE("\"x\""));
}

Test(dispatch, notifications_are_not_answered)
{
    expect("{\"jsonrpc\":\"2.0\",\"method\":\"net_listening\"}", "");
    expect("{\"jsonrpc\":\"2.0\",\"method\":\"nothing\"}", "");
    expect("[{\"jsonrpc\":\"2.0\",\"method\":\"net_listening\"}]", "");
    expect("[{\"jsonrpc\":\"2.0\",\"method\":\"net_listening\"}," LISTENING("1") "]",
           "[" TRUE("1") "]");
}

Test(dispatch, what_is_no_request_is_refused)
{
    expect_failure("", "null", -32700, "empty");
    expect_failure("{", "null", -32700, "not one JSON value");
    expect_failure("{}x", "null", -32700, "");
    expect_failure("{\"a\":nope}", "null", -32700, "byte");
    expect_failure("{\"a\":1,\"a\":2}", "null", -32700, "duplicate");
    expect_failure("1", "null", -32600, "object");
    expect_failure("\"x\"", "null", -32600, "object");
    expect_failure("{}", "null", -32600, "jsonrpc");
    expect_failure("[]", "null", -32600, "empty batch");
    expect_failure("{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"x\"}", "null", -32600, "jsonrpc");
    expect_failure("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", "null", -32600, "method");
    expect_failure("{\"jsonrpc\":\"2.0\",\"id\":1}", "null", -32600, "method");
    expect_failure("{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"x\"}", "null", -32600, "id");
    expect_failure("{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"x\"}", "null", -32600, "id");
    expect_failure("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"x\",\"params\":7}", "null", -32600,
                   "params");
    expect_failure("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"eth_nothing\"}", "7", -32601,
                   "eth_nothing");
    expect_failure("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\"}", "7", -32601, "");
    expect_failure("{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"org_create\",\"params\":{}}", "7",
                   -32006, "token");
}

/* Small values of a text become large ones in memory. */
Test(dispatch, values_are_bounded_in_number)
{
    static const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"net_listening\",\"x\":[";
    struct buffer request = {0};
    buffer_append_text(&request, head);
    for (unsigned count = 0; count < ENVELOPE_VALUES_MAX; count++)
        buffer_append_text(&request, "[],");
    buffer_append(&request, "0]}", 4);
    expect_failure((char *)request.data, "null", -32600, "100000 values");
    /* Commas within a text are none. */
    buffer_clear(&request);
    buffer_append_text(&request, head);
    buffer_append_text(&request, "\"");
    for (unsigned count = 0; count < ENVELOPE_VALUES_MAX; count++)
        buffer_append_text(&request, "[],");
    buffer_append(&request, "\"]}", 4);
    expect((char *)request.data, TRUE("1"));
    buffer_cleanup(&request);
}

Test(dispatch, nesting_and_batches_are_bounded)
{
    char text[400] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"net_listening\",\"params\":";
    size_t start_size = strlen(text);
    memset(text + start_size, '[', 40);
    memset(text + start_size + 40, ']', 40);
    strcpy(text + start_size + 80, "}");
    expect_failure(text, "null", -32700, "32 levels");
    limits.batch_max = 2;
    expect_failure("[1,2,3]", "null", -32600, "at most 2");
}

/* Each item answers for itself, in order. */
Test(dispatch, one_bad_item_does_not_fail_a_batch)
{
    char *got = fake_ask(&fake, &limits, false,
                         "[" LISTENING("1") ",1e400,7," LISTENING("\"b\"") ",{\"a\":x}]");
    json_t *answers = json_loads(got, 0, NULL);
    cr_assert_eq(json_array_size(answers), 5, "%s", got);
    static const int codes[] = {0, -32700, -32600, 0, -32700};
    for (size_t index = 0; index < 5; index++) {
        const json_t *error = json_object_get(json_array_get(answers, index), "error");
        cr_expect_eq(json_integer_value(json_object_get(error, "code")), codes[index], "%zu: %s",
                     index, got);
    }
    json_decref(answers);
    free(got);
}

Test(dispatch, answers_are_bounded_in_size)
{
    limits.response_size_max = 200;
    expect_failure("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"rpc.discover\"}", "1", -32003,
                   "too large");
    expect(LISTENING("1"), TRUE("1"));
}

/* Revert data is an answer as well: ten times two megabytes of it are not all given back. */
Test(dispatch, revert_data_is_bounded_in_size)
{
    struct buffer request = {0};
    for (unsigned index = 0; index < 10; index++) /* PUSH3 0x200000, PUSH0, REVERT */
        buffer_append_format(&request,
                             "%s{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":\"eth_call\","
                             "\"params\":[{\"data\":\"0x622000005ffd\"}]}",
                             index > 0 ? "," : "[", index);
    buffer_append(&request, "]", 2);
    char *got = fake_ask(&fake, &limits, false, (char *)request.data);
    cr_expect_leq(strlen(got), limits.response_size_max + 10000);
    json_t *answers = json_loads(got, 0, NULL);
    cr_assert_eq(json_array_size(answers), 10);
    static const int codes[] = {3, 3, -32003, -32003};
    for (size_t index = 0; index < 4; index++) {
        const json_t *error = json_object_get(json_array_get(answers, index), "error");
        cr_expect_eq(json_integer_value(json_object_get(error, "code")), codes[index], "%zu",
                     index);
        cr_expect_eq(json_integer_value(json_object_get(json_array_get(answers, index), "id")),
                     (json_int_t)index);
    }
    json_decref(answers);
    free(got);
    buffer_cleanup(&request);
}

Test(dispatch, searches_and_runs_are_bounded_in_time)
{
    limits.call_timeout_ms = 0;
    expect_failure("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getLogs\",\"params\":"
                   "[{\"fromBlock\":\"0x0\"}]}",
                   "1", -32002, "narrow the block range");
    expect_failure("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_call\",\"params\":"
                   "[{\"data\":\"0x5b5f56\"}]}",
                   "1", -32000, "timeout");
}

/* Decoding and recovery on one worker, admission of all in one job of the actor, one wake-up. */
Test(dispatch, a_batch_of_transactions_is_submitted_in_one_job)
{
    struct buffer request = {0};
    enum { COUNT = 8 };
    hash256 hashes[COUNT];
    for (unsigned index = 0; index < COUNT; index++) {
        struct transaction tx =
            sample_transfer(&fake.sample, index % 4, &fake.sample.accounts[7], 1 + index);
        hashes[index] = tx.hash;
        buffer_append_format(&request,
                             "%s{\"jsonrpc\":\"2.0\",\"id\":%u,\"method\":"
                             "\"eth_sendRawTransaction\",\"params\":[\"0x",
                             index > 0 ? "," : "[", index);
        for (size_t at = 0; at < tx.encoded.size; at++)
            buffer_append_format(&request, "%02x", tx.encoded.data[at]);
        buffer_append_text(&request, "\"]}");
    }
    buffer_append(&request, "]", 2);
    limits.slice_ms = 60000; /* all of them, however busy the machine is */
    char *got = fake_ask(&fake, &limits, false, (char *)request.data);
    json_t *answers = json_loads(got, 0, NULL);
    cr_assert_eq(json_array_size(answers), COUNT, "%s", got);
    for (unsigned index = 0; index < COUNT; index++) {
        const json_t *result = json_object_get(json_array_get(answers, index), "result");
        char hash[67] = "0x";
        for (size_t at = 0; at < 32; at++)
            snprintf(hash + 2 + 2 * at, 3, "%02x", hashes[index].bytes[at]);
        cr_expect_str_eq(json_string_value(result), hash, "%u: %s", index, got);
    }
    cr_expect_eq(fake.runs[RPC_ON_LEDGER], 1);
    cr_expect_eq(fake.wakes, 1);
    cr_expect_eq(pool_ready_count(ledger_pool(fake.sample.ledger)), COUNT);
    json_decref(answers);
    free(got);
    buffer_cleanup(&request);
}

/* Others have their turn on the worker when a slice of time is over, even if nothing waits. */
Test(dispatch, a_batch_gives_its_worker_back_between_slices)
{
    limits.slice_ms = 0; /* over after each call */
    expect("[" LISTENING("1") "," LISTENING("2") "," LISTENING("3") "]",
           "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":true},"
           "{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":true},"
           "{\"jsonrpc\":\"2.0\",\"id\":3,\"result\":true}]");
    cr_expect_eq(fake.runs[RPC_ANY_WORKER], 3);
}

/* What is read behind a submission sees it. */
Test(dispatch, a_batch_runs_in_order_across_places)
{
    struct transaction tx = sample_transfer(&fake.sample, 0, &fake.sample.accounts[1], 1);
    struct buffer request = {0};
    char hash[65], sender[41];
    for (size_t at = 0; at < 32; at++)
        snprintf(hash + 2 * at, 3, "%02x", tx.hash.bytes[at]);
    for (size_t at = 0; at < 20; at++)
        snprintf(sender + 2 * at, 3, "%02x", tx.sender.bytes[at]);
    buffer_append_format(&request,
                         "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getTransactionCount\","
                         "\"params\":[\"0x%s\",\"pending\"]},"
                         "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"eth_sendRawTransaction\","
                         "\"params\":[\"0x",
                         sender);
    for (size_t at = 0; at < tx.encoded.size; at++)
        buffer_append_format(&request, "%02x", tx.encoded.data[at]);
    buffer_append_format(
        &request,
        "\"]},{\"jsonrpc\":\"2.0\",\"id\":3,\"method\":\"eth_getTransactionCount\","
        "\"params\":[\"0x%s\",\"pending\"]},"
        "{\"jsonrpc\":\"2.0\",\"id\":4,\"method\":\"eth_getTransactionByHash\","
        "\"params\":[\"0x%s\"]}]",
        sender, hash);
    buffer_append_u8(&request, 0);
    char *got = fake_ask(&fake, &limits, false, (char *)request.data);
    json_t *answers = json_loads(got, 0, NULL);
    cr_assert_eq(json_array_size(answers), 4, "%s", got);
#define RESULT(index) json_object_get(json_array_get(answers, index), "result")
    cr_expect_str_eq(json_string_value(RESULT(0)), "0x0");
    cr_expect_str_eq(json_string_value(RESULT(2)), "0x1");
    cr_expect(json_is_object(RESULT(3)), "%s", got);
    cr_expect(json_is_null(json_object_get(RESULT(3), "blockHash")));
    json_decref(answers);
    free(got);
    buffer_cleanup(&request);
}

static bool is_gone(const void *client)
{
    return *(const bool *)client;
}

Test(dispatch, what_nobody_waits_for_is_left_out)
{
    struct buffer body = {0};
    bool has_gone = true;
    buffer_append_text(&body, "[" LISTENING("1") "]");
    struct exchange *exchange = exchange_new(&fake.host, &limits, fake_ledger(&fake), &body, false);
    exchange_set_client(exchange, is_gone, NULL, &has_gone);
    cr_expect_eq(exchange_run(exchange, RPC_ANY_WORKER, fake.sample.vm).step, EXCHANGE_DONE);
    struct buffer answer = exchange_take_answer(exchange);
    cr_expect_eq(answer.size, 0);
    exchange_free(exchange);
}

/* The endpoint's store is damaged: the node itself still answers, the rest says what is wrong. */
Test(dispatch, a_ledger_that_does_not_open_is_named_and_the_node_still_answers)
{
    struct buffer body = {0};
    struct error error;
    buffer_append_text(&body, "[" LISTENING("1") ",{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":"
                                                 "\"eth_chainId\"}]");
    struct exchange *exchange = exchange_new(&fake.host, &limits, NULL, &body, false);
    error_set(&error, ERROR_CORRUPT, "the store is damaged; restore a backup");
    exchange_set_unavailable(exchange, &error);
    cr_expect_eq(exchange_run(exchange, RPC_ANY_WORKER, fake.sample.vm).step, EXCHANGE_DONE);
    struct buffer answer = exchange_take_answer(exchange);
    buffer_append_u8(&answer, 0);
    cr_expect_str_eq((char *)answer.data,
                     "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":true},"
                     "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32603,\"message\":\"the "
                     "store is damaged; restore a backup\"}}]");
    buffer_cleanup(&answer);
    exchange_free(exchange);
}

/* A fresh node: only what needs no ledger answers, the rest says how to found one. */
Test(dispatch, a_node_without_organisations_says_how_to_found_one)
{
    struct buffer body = {0};
    buffer_append_text(&body, "[" LISTENING("1") ",{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":"
                                                 "\"eth_chainId\"},{\"jsonrpc\":\"2.0\",\"id\":3,"
                                                 "\"method\":\"org_get\"}]");
    struct exchange *exchange = exchange_new(&fake.host, &limits, NULL, &body, false);
    cr_expect_eq(exchange_run(exchange, RPC_ANY_WORKER, fake.sample.vm).step, EXCHANGE_DONE);
    struct buffer answer = exchange_take_answer(exchange);
    buffer_append_u8(&answer, 0);
    cr_expect_str_eq((char *)answer.data,
                     "[{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":true},"
                     "{\"jsonrpc\":\"2.0\",\"id\":2,\"error\":{\"code\":-32001,\"message\":\"this "
                     "node has no organisation yet; found one: lwallet org create LABEL\"}},"
                     "{\"jsonrpc\":\"2.0\",\"id\":3,\"error\":{\"code\":-32001,\"message\":\"this "
                     "node has no organisation yet; found one: lwallet org create LABEL\"}}]");
    buffer_cleanup(&answer);
    exchange_free(exchange);
}

/* The answer to `body` over a view that was opened before the newest block; *kept: whether there is
 * a view of the ledger afterwards. */
static char *ask_over_older_view(const char *body, bool *kept)
{
    struct buffer bytes = {0};
    struct error error;
    struct ledger_view *view = ledger_view_open(fake.sample.ledger, &error);
    sample_block(&fake.sample);
    buffer_append_text(&bytes, body);
    struct exchange *exchange =
        exchange_new(&fake.host, &limits, fake_ledger(&fake), &bytes, false);
    exchange_set_view(exchange, view);
    enum rpc_place place = RPC_ANY_WORKER;
    for (struct exchange_next next = {.step = EXCHANGE_RUN}; next.step != EXCHANGE_DONE;
         place = next.place)
        next = exchange_run(exchange, place, fake.sample.vm);
    view = exchange_take_view(exchange);
    *kept = view != NULL;
    struct buffer answer = exchange_take_answer(exchange);
    buffer_append_u8(&answer, 0);
    exchange_free(exchange);
    ledger_view_close(view); /* the exchange has let go of it */
    return (char *)answer.data;
}

Test(dispatch, a_single_call_reads_the_view_it_is_given)
{
    bool kept;
    const uint64_t height = sample_block(&fake.sample);
    char part[60];
    char *answer =
        ask_over_older_view("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_blockNumber\"}", &kept);
    snprintf(part, sizeof part, "\"result\":\"0x%x\"}", (unsigned)height);
    cr_expect(strstr(answer, part) != NULL, "%s", answer);
    cr_expect(kept);
    free(answer);
}

Test(dispatch, a_batch_and_what_runs_elsewhere_read_what_is_newest)
{
    bool kept;
    const uint64_t height = sample_block(&fake.sample);
    char part[60];
    char *answer = ask_over_older_view(
        "[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_blockNumber\"}]", &kept);
    snprintf(part, sizeof part, "\"result\":\"0x%x\"}", (unsigned)height + 1);
    cr_expect(strstr(answer, part) != NULL, "%s", answer);
    free(answer);
    answer =
        ask_over_older_view("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_getBlockByNumber\","
                            "\"params\":[\"pending\",false]}",
                            &kept);
    snprintf(part, sizeof part, "\"number\":\"0x%x\"", (unsigned)height + 3);
    cr_expect(strstr(answer, part) != NULL, "%s", answer);
    free(answer);
}

/* Traces over a sample organisation: what each tracer tells, of which state, and where it ends. */
#include "ledger/chain/execute.h"
#include "rpc/call.h"
#include "tests/unit/rpc/asking.h"
#include "vm/base/hex.h"
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

TestSuite(traces, .init = asking_start, .fini = asking_stop, .timeout = 60);

/* ---- Asking ------------------------------------------------------------------------------ */

/* A call to no contract: `code` runs as init code. Further members of the configuration may
 * follow the tracer's. */
static json_t *trace_code(const char *code, const char *config)
{
    char *params = NULL;
    cr_assert(asprintf(&params, "[{\"input\":\"0x%s\"},\"latest\",%s]", code, config) > 0);
    json_t *result = ask_for("debug_traceCall", params, "result");
    free(params);
    return result;
}

static char *hash_text(const hash256 *hash)
{
    static char text[67];
    snprintf(text, sizeof text, "0x");
    hex_encode(text + 2, hash->bytes, sizeof hash->bytes);
    text[66] = '\0';
    return text;
}

static json_t *trace_transaction(const struct transaction *tx, const char *config)
{
    char *params = NULL;
    cr_assert(asprintf(&params, "[\"%s\",%s]", hash_text(&tx->hash), config) > 0);
    json_t *result = ask_for("debug_traceTransaction", params, "result");
    free(params);
    return result;
}

/* Compares whole JSON values, whatever the order of members. */
static void expect_json(const json_t *found, const char *expected_text)
{
    json_error_t why;
    json_t *expected = json_loads(expected_text, JSON_DECODE_ANY, &why);
    cr_assert(expected != NULL, "%s: %s", expected_text, why.text);
    char *text = json_dumps(found, JSON_ENCODE_ANY | JSON_COMPACT);
    cr_expect(json_equal(found, expected), "%s, expected %s", text, expected_text);
    free(text);
    json_decref(expected);
}

static uint64_t number_at(const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);
    return json_is_string(value) ? strtoull(json_string_value(value), NULL, 16)
                                 : (uint64_t)json_integer_value(value);
}

/* ---- A contract that counts ---------------------------------------------------------------- */

/* Slot 0 goes up by 1, is logged with topic 0xaa and returned. */
#define COUNTER      "5f54600101805f555f5260aa60205fa160205ff3"
#define COUNTER_INIT "73" COUNTER "5f526014600cf3"

static struct transaction sign(unsigned from, const address *to, const char *data_hex, uint64_t gas)
{
    size_t size = strlen(data_hex) / 2;
    uint8_t *data = arena_alloc(&fake.sample.arena, size);
    cr_assert(hex_decode(data, size, data_hex));
    struct transaction tx = {.type = TRANSACTION_DYNAMIC_FEE,
                             .nonce = fake.sample.nonces[from]++,
                             .gas_limit = gas,
                             .is_create = to == NULL,
                             .data = bytes_of(data, size)};
    if (to != NULL)
        tx.to = *to;
    return sample_sign(&fake.sample, from, tx);
}

static struct transaction submit(unsigned from, const address *to, const char *data_hex,
                                 uint64_t gas)
{
    struct transaction tx = sign(from, to, data_hex, gas);
    cr_assert_eq(sample_submit(&fake.sample, &tx), POOL_OK);
    return tx;
}

static address deploy(const char *init_hex)
{
    struct transaction tx = submit(0, NULL, init_hex, 1000000);
    sample_block(&fake.sample);
    return vm_create_address(&fake.sample.accounts[0], tx.nonce);
}

static const char *address_text(const address *account)
{
    static char texts[4][43];
    static unsigned next;
    char *text = texts[next++ % 4];
    memcpy(text, "0x", 2);
    hex_encode(text + 2, account->bytes, sizeof account->bytes);
    text[42] = '\0';
    return text;
}

static uint64_t receipt_gas(const struct transaction *tx)
{
    char params[80];
    snprintf(params, sizeof params, "[\"%s\"]", hash_text(&tx->hash));
    json_t *receipt = ask_for("eth_getTransactionReceipt", params, "result");
    uint64_t gas = number_at(receipt, "gasUsed");
    json_decref(receipt);
    return gas;
}

/* ---- Steps --------------------------------------------------------------------------------- */

Test(traces, the_struct_logger_tells_every_step)
{
    json_t *trace =
        trace_code("602a60005260206000f3", "{\"enableMemory\":true,\"enableReturnData\":true}");
    const json_t *steps = json_object_get(trace, "structLogs");
    static const char *const ops[] = {"PUSH1", "PUSH1", "MSTORE", "PUSH1", "PUSH1", "RETURN"};
    static const unsigned pcs[] = {0, 2, 4, 5, 7, 9};
    cr_assert_eq(json_array_size(steps), 6);
    for (size_t i = 0; i < 6; i++) {
        const json_t *step = json_array_get(steps, i);
        cr_expect_str_eq(text_at(step, "op"), ops[i]);
        cr_expect_eq(number_at(step, "pc"), pcs[i]);
        cr_expect_eq(number_at(step, "depth"), 1);
        cr_expect_eq(json_object_size(step), i < 3 ? 6 : 7); /* only memory is there or not */
        if (i > 0) {
            const json_t *before = json_array_get(steps, i - 1);
            cr_expect_eq(number_at(before, "gas") - number_at(before, "gasCost"),
                         number_at(step, "gas"));
        }
    }
    expect_json(json_object_get(json_array_get(steps, 2), "stack"), "[\"0x2a\",\"0x0\"]");
    cr_expect_eq(number_at(json_array_get(steps, 2), "gasCost"), 6);
    expect_json(json_object_get(json_array_get(steps, 3), "memory"),
                "[\"0x000000000000000000000000000000000000000000000000000000000000002a\"]");
    cr_expect(json_is_false(json_object_get(trace, "failed")));
    cr_expect_str_eq(text_at(trace, "returnValue"),
                     "0x000000000000000000000000000000000000000000000000000000000000002a");
    json_decref(trace);
}

Test(traces, the_struct_logger_leaves_out_what_it_is_told_to)
{
    json_t *trace = trace_code("6001600055600054", "{\"disableStack\":true,\"limit\":3}");
    const json_t *steps = json_object_get(trace, "structLogs");
    cr_assert_eq(json_array_size(steps), 3);
    cr_expect_eq(json_object_size(json_array_get(steps, 0)), 5);
    expect_json(json_object_get(json_array_get(steps, 2), "storage"),
                "{\"0x0000000000000000000000000000000000000000000000000000000000000000\":"
                "\"0x0000000000000000000000000000000000000000000000000000000000000001\"}");
    json_decref(trace);
    trace = trace_code("6001600055600054", "{\"disableStorage\":true}");
    steps = json_object_get(trace, "structLogs");
    cr_expect_null(json_object_get(json_array_get(steps, 2), "storage"));
    cr_expect_not_null(json_object_get(json_array_get(steps, 2), "stack"));
    json_decref(trace);
}

/* Each contract's slots are its own, and what was read stays shown. */
Test(traces, a_steps_storage_is_all_that_its_contract_touched)
{
    json_t *trace = trace_code("60016000556002600155600054", "{}");
    const json_t *steps = json_object_get(trace, "structLogs");
    cr_expect_eq(json_object_size(json_object_get(json_array_get(steps, 2), "storage")), 1);
    cr_expect_eq(json_object_size(json_object_get(json_array_get(steps, 5), "storage")), 2);
    cr_expect_eq(json_object_size(json_object_get(json_array_get(steps, 7), "storage")), 2);
    json_decref(trace);
}

/* A create's cost is without what it hands on, a call's with it; refunds count at their step. */
Test(traces, costs_and_refunds_are_as_geth_counts_them)
{
    json_t *trace = trace_code("5f5f5ff0", "{}");
    const json_t *step = json_array_get(json_object_get(trace, "structLogs"), 3);
    cr_expect_str_eq(text_at(step, "op"), "CREATE");
    cr_expect_eq(number_at(step, "gasCost"), 32000);
    json_decref(trace);
    trace = trace_code("5f5f5f5f5f60aa61fffff1", "{}");
    step = json_array_get(json_object_get(trace, "structLogs"), 7);
    cr_expect_str_eq(text_at(step, "op"), "CALL");
    cr_expect_eq(number_at(step, "gasCost"), 2600 + 0xffff);
    json_decref(trace);
    trace = trace_code("60016000555f600055", "{}");
    step = json_array_get(json_object_get(trace, "structLogs"), 5);
    cr_expect_eq(number_at(step, "refund"), 19900);
    cr_expect_null(
        json_object_get(json_array_get(json_object_get(trace, "structLogs"), 4), "refund"));
    json_decref(trace);
}

Test(traces, a_step_that_fails_says_why)
{
    static const struct {
        const char *code, *error, *op;
    } cases[] = {
        {"01", "stack underflow (0 <=> 2)", "ADD"},
        {"fe", "invalid opcode: INVALID", "INVALID"},
        {"0c", "invalid opcode: opcode 0xc not defined", "opcode 0xc not defined"},
        {"600056", "invalid jump destination", "JUMP"},
        {"60015f5f3e", "return data out of bounds", "RETURNDATACOPY"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        json_t *trace = trace_code(cases[i].code, "{}");
        const json_t *steps = json_object_get(trace, "structLogs");
        const json_t *last = json_array_get(steps, json_array_size(steps) - 1);
        cr_expect_str_eq(text_at(last, "error"), cases[i].error);
        cr_expect_str_eq(text_at(last, "op"), cases[i].op);
        cr_expect(json_is_true(json_object_get(trace, "failed")));
        cr_expect_str_eq(text_at(trace, "returnValue"), "0x");
        json_decref(trace);
        trace = trace_code(cases[i].code, "{\"tracer\":\"callTracer\"}");
        cr_expect_str_eq(text_at(trace, "error"), cases[i].error);
        json_decref(trace);
    }
}

/* ---- The state they run over ----------------------------------------------------------------- */

/* Two in one block, and more behind: each trace sees what stood before its transaction. */
Test(traces, a_transaction_is_traced_over_the_state_before_it)
{
    const address counter = deploy(COUNTER_INIT);
    struct transaction tx[3];
    for (unsigned i = 0; i < 2; i++)
        tx[i] = submit(i, &counter, "", 100000);
    const uint64_t height = sample_block(&fake.sample);
    tx[2] = submit(0, &counter, "", 100000);
    sample_block(&fake.sample);
    for (unsigned i = 0; i < 3; i++) {
        char expected[80];
        snprintf(expected, sizeof expected, "0x%064x", i + 1);
        json_t *steps = trace_transaction(&tx[i], "{}");
        json_t *calls = trace_transaction(&tx[i], "{\"tracer\":\"callTracer\"}");
        cr_expect_str_eq(text_at(steps, "returnValue"), expected);
        cr_expect_str_eq(text_at(calls, "output"), expected);
        cr_expect_eq(number_at(steps, "gas"), receipt_gas(&tx[i]));
        cr_expect_eq(number_at(calls, "gasUsed"), receipt_gas(&tx[i]));
        cr_expect_eq(number_at(calls, "gas"), 100000);
        json_decref(steps);
        json_decref(calls);
    }
    char params[120];
    snprintf(params, sizeof params, "[\"0x%" PRIx64 "\",{\"tracer\":\"callTracer\"}]", height);
    json_t *block = ask_for("debug_traceBlockByNumber", params, "result");
    cr_assert_eq(json_array_size(block), 2);
    for (unsigned i = 0; i < 2; i++) {
        const json_t *entry = json_array_get(block, i);
        json_t *alone = trace_transaction(&tx[i], "{\"tracer\":\"callTracer\"}");
        cr_expect_str_eq(text_at(entry, "txHash"), hash_text(&tx[i].hash));
        cr_expect(json_equal(json_object_get(entry, "result"), alone));
        json_decref(alone);
    }
    struct error error = {0};
    struct ledger_view *view = ledger_view_open(fake.sample.ledger, &error);
    struct header header;
    hash256 hash;
    cr_assert(view_header(view, height, &header, &hash, &error));
    ledger_view_close(view);
    snprintf(params, sizeof params, "[\"%s\",{\"tracer\":\"callTracer\"}]", hash_text(&hash));
    json_t *by_hash = ask_for("debug_traceBlockByHash", params, "result");
    cr_expect(json_equal(block, by_hash));
    json_decref(block);
    json_decref(by_hash);
}

Test(traces, a_call_is_traced_behind_any_transaction_of_a_block)
{
    const address counter = deploy(COUNTER_INIT);
    for (unsigned i = 0; i < 2; i++)
        (void)submit(i, &counter, "", 100000);
    sample_block(&fake.sample);
    static const char *const indexes[] = {"", ",\"txIndex\":\"0x0\"", ",\"txIndex\":\"0x1\"",
                                          ",\"txIndex\":2"};
    static const unsigned counts[] = {3, 1, 2, 3};
    char params[300], expected[80];
    for (unsigned i = 0; i < 4; i++) {
        snprintf(params, sizeof params,
                 "[{\"to\":\"%s\"},\"latest\",{\"tracer\":\"callTracer\"%s}]",
                 address_text(&counter), indexes[i]);
        snprintf(expected, sizeof expected, "0x%064x", counts[i]);
        json_t *trace = ask_for("debug_traceCall", params, "result");
        cr_expect_str_eq(text_at(trace, "output"), expected);
        json_decref(trace);
    }
    snprintf(params, sizeof params, "[{\"to\":\"%s\"},\"latest\",{\"txIndex\":\"0x3\"}]",
             address_text(&counter));
    expect_error("debug_traceCall", params, -32000, "transaction index 3 out of range");
}

/* Another balance, other code, another time: what the prestate shows is what the call found. */
Test(traces, a_call_is_traced_over_overrides)
{
    json_t *trace = ask_for("debug_traceCall",
                            "[{\"to\":\"0x00000000000000000000000000000000000a11ce\"},\"latest\","
                            "{\"tracer\":\"callTracer\",\"blockOverrides\":{\"time\":\"0x99\"},"
                            "\"stateOverrides\":{\"0x00000000000000000000000000000000000a11ce\":"
                            "{\"code\":\"0x425f5260205ff3\"}}}]",
                            "result");
    cr_expect_str_eq(text_at(trace, "output"),
                     "0x0000000000000000000000000000000000000000000000000000000000000099");
    json_decref(trace);
    trace = ask_for("debug_traceCall",
                    "[{\"from\":\"0x00000000000000000000000000000000000a11ce\",\"value\":\"0x5\","
                    "\"to\":\"0x00000000000000000000000000000000000b0b0b\"},\"latest\","
                    "{\"tracer\":\"prestateTracer\",\"stateOverrides\":"
                    "{\"0x00000000000000000000000000000000000a11ce\":{\"balance\":\"0x5\"}}}]",
                    "result");
    expect_json(json_object_get(trace, "0x00000000000000000000000000000000000a11ce"),
                "{\"balance\":\"0x5\"}");
    json_decref(trace);
}

/* ---- Calls ------------------------------------------------------------------------------------ */

/* A creation that calls in every way, and the logs of what stays. */
Test(traces, the_call_tracer_tells_the_tree_of_messages)
{
    const address counter = deploy(COUNTER_INIT);
    char hex[41] = {0}, code[700];
    hex_encode(hex, counter.bytes, sizeof counter.bytes);
    snprintf(code, sizeof code,
             "5f5f5f5f5f73%s5af150"       /* CALL */
             "5f5f5f5f73%s61fffffa50"     /* STATICCALL: it writes */
             "5f5f5f5f600173%s61fffff150" /* CALL with a value it has not */
             "5f5f5f5f73%s5af450"         /* DELEGATECALL */
             "60fe5f5360015f5ff050"       /* CREATE that fails */
             "73%sff",
             hex, hex, hex, hex, hex);
    json_t *trace =
        trace_code(code, "{\"tracer\":\"callTracer\",\"tracerConfig\":{\"withLog\":true}}");
    const json_t *calls = json_object_get(trace, "calls");
    cr_expect_str_eq(text_at(trace, "type"), "CREATE");
    cr_expect_str_eq(text_at(trace, "value"), "0x0");
    cr_assert_eq(json_array_size(calls), 6);
    static const char *const types[] = {"CALL",         "STATICCALL", "CALL",
                                        "DELEGATECALL", "CREATE",     "SELFDESTRUCT"};
    static const char *const errors[] = {
        "(none)", "write protection",        "insufficient balance for transfer",
        "(none)", "invalid opcode: INVALID", "(none)"};
    for (size_t i = 0; i < 6; i++) {
        const json_t *call = json_array_get(calls, i);
        cr_expect_str_eq(text_at(call, "type"), types[i]);
        cr_expect_str_eq(text_at(call, "error"), errors[i]);
        cr_expect_str_eq(text_at(call, "from"), text_at(trace, "to"));
        cr_expect_str_eq(text_at(call, "to"), i == 4 ? "(none)" : address_text(&counter));
        cr_expect_eq(json_object_get(call, "value") == NULL, i == 1);
        cr_expect_eq(json_array_size(json_object_get(call, "logs")), i == 0 || i == 3 ? 1 : 0);
    }
    cr_expect_eq(number_at(json_array_get(calls, 2), "gasUsed"), 0);
    cr_expect_eq(number_at(json_array_get(calls, 1), "gasUsed"), 0xffff);
    const json_t *log = json_array_get(json_object_get(json_array_get(calls, 3), "logs"), 0);
    cr_expect_str_eq(text_at(log, "address"), text_at(trace, "to"));
    cr_expect_str_eq(text_at(log, "index"), "0x1");
    cr_expect_str_eq(text_at(log, "position"), "0x0");
    json_decref(trace);
    trace = trace_code(
        code,
        "{\"tracer\":\"callTracer\",\"tracerConfig\":{\"withLog\":true,\"onlyTopCall\":true}}");
    cr_expect_null(json_object_get(trace, "calls"));
    cr_expect_null(json_object_get(trace, "logs"));
    json_decref(trace);
}

/* What a message logged is gone with one above it that fails; a log's index is its receipt's. */
Test(traces, logs_stay_only_where_they_took_effect)
{
    const address counter = deploy(COUNTER_INIT);
    char hex[41] = {0}, code[200];
    hex_encode(hex, counter.bytes, sizeof counter.bytes);
    snprintf(code, sizeof code, "5f5f5f5f5f73%s5af1505f5ffd", hex);
    json_t *trace =
        trace_code(code, "{\"tracer\":\"callTracer\",\"tracerConfig\":{\"withLog\":true}}");
    cr_expect_str_eq(text_at(trace, "error"), "execution reverted");
    cr_expect_null(json_object_get(json_array_get(json_object_get(trace, "calls"), 0), "logs"));
    json_decref(trace);
    struct transaction tx = {0};
    for (unsigned i = 0; i < 3; i++)
        tx = submit(i, &counter, "", 100000);
    sample_block(&fake.sample);
    trace =
        trace_transaction(&tx, "{\"tracer\":\"callTracer\",\"tracerConfig\":{\"withLog\":true}}");
    const json_t *log = json_array_get(json_object_get(trace, "logs"), 0);
    cr_expect_str_eq(text_at(log, "index"), "0x2");
    json_decref(trace);
}

/* revert("no") in a message, and in the outermost. */
Test(traces, a_revert_comes_with_its_reason)
{
    json_t *trace = trace_code("6308c379a060005260206020526002604052616e6f60f01b6060526064601cfd",
                               "{\"tracer\":\"callTracer\"}");
    cr_expect_str_eq(text_at(trace, "error"), "execution reverted");
    cr_expect_str_eq(text_at(trace, "revertReason"), "no");
    cr_expect_eq(strlen(text_at(trace, "output")), 202);
    cr_expect_null(json_object_get(trace, "to"));
    json_decref(trace);
}

Test(traces, code_that_cannot_be_paid_for_is_told_apart)
{
    /* 5,000 bytes of code: 1,000,000 gas, of which there is not enough. */
    json_t *trace = ask_for("debug_traceCall",
                            "[{\"input\":\"0x6113885ff3\",\"gas\":\"0xf4240\"},\"latest\","
                            "{\"tracer\":\"callTracer\"}]",
                            "result");
    cr_expect_str_eq(text_at(trace, "error"), "contract creation code storage out of gas");
    cr_expect_eq(number_at(trace, "gasUsed"), 1000000);
    json_decref(trace);
}

/* ---- Prestate ----------------------------------------------------------------------------------- */

#define ZEROES_62 "00000000000000000000000000000000000000000000000000000000000000"

Test(traces, the_prestate_tracer_tells_what_was_and_what_changed)
{
    const address counter = deploy(COUNTER_INIT);
    (void)submit(0, &counter, "", 100000);
    sample_block(&fake.sample);
    struct transaction tx = submit(1, &counter, "", 100000);
    sample_block(&fake.sample);
    char expected[1200], hash[67];
    const hash256 code_hash = sample_account_at(&fake.sample, 1, &counter).code_hash;
    snprintf(hash, sizeof hash, "%s", hash_text(&code_hash));
    snprintf(expected, sizeof expected,
             "{\"post\":{\"%s\":{\"nonce\":1},\"%s\":{\"storage\":{\"0x" ZEROES_62
             "00\":\"0x" ZEROES_62 "02\"}}},"
             "\"pre\":{\"%s\":{\"balance\":\"0x3635c9adc5dea00000\"},\"%s\":{\"balance\":\"0x0\","
             "\"code\":\"0x" COUNTER "\",\"codeHash\":\"%s\",\"nonce\":1,\"storage\":{"
             "\"0x" ZEROES_62 "00\":\"0x" ZEROES_62 "01\"}}}}",
             address_text(&fake.sample.accounts[1]), address_text(&counter),
             address_text(&fake.sample.accounts[1]), address_text(&counter), hash);
    json_t *trace = trace_transaction(
        &tx, "{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"diffMode\":true}}");
    expect_json(trace, expected);
    json_decref(trace);
    trace = trace_transaction(
        &tx, "{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"disableCode\":true}}");
    const json_t *account = json_object_get(trace, address_text(&counter));
    cr_expect_eq(json_object_size(account), 4);
    cr_expect_null(json_object_get(account, "code"));
    json_decref(trace);
    trace = trace_transaction(
        &tx, "{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"disableStorage\":true}}");
    account = json_object_get(trace, address_text(&counter));
    cr_expect_not_null(json_object_get(account, "code"));
    cr_expect_null(json_object_get(account, "storage"));
    json_decref(trace);
}

/* What was not there before shows only after; asked for, also before. */
Test(traces, accounts_that_were_empty_are_left_out_of_the_prestate)
{
    const address fresh = {{0xfe, 0xed}};
    struct transaction tx = sample_transfer(&fake.sample, 0, &fresh, 5);
    cr_assert_eq(sample_submit(&fake.sample, &tx), POOL_OK);
    struct transaction made = submit(1, NULL, COUNTER_INIT, 1000000);
    sample_block(&fake.sample);
    const address contract = vm_create_address(&fake.sample.accounts[1], made.nonce);
    json_t *trace = trace_transaction(
        &tx, "{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"diffMode\":true}}");
    const json_t *pre = json_object_get(trace, "pre"), *post = json_object_get(trace, "post");
    cr_expect_null(json_object_get(pre, address_text(&fresh)));
    expect_json(json_object_get(post, address_text(&fresh)), "{\"balance\":\"0x5\"}");
    json_decref(trace);
    trace = trace_transaction(
        &tx, "{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"includeEmpty\":true}}");
    expect_json(json_object_get(trace, address_text(&fresh)), "{\"balance\":\"0x0\"}");
    json_decref(trace);
    trace = trace_transaction(
        &made, "{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"diffMode\":true}}");
    const json_t *account =
        json_object_get(json_object_get(trace, "post"), address_text(&contract));
    cr_expect_str_eq(text_at(account, "code"), "0x" COUNTER);
    cr_expect_eq(number_at(account, "nonce"), 1);
    json_decref(trace);
}

/* What the opcodes of a call name is touched, also when nothing comes of it. */
Test(traces, the_prestate_has_what_opcodes_name)
{
    const address counter = deploy(COUNTER_INIT);
    char hex[41] = {0}, code[300];
    hex_encode(hex, counter.bytes, sizeof counter.bytes);
    snprintf(code, sizeof code, "73%s3150", hex); /* BALANCE */
    json_t *trace = trace_code(code, "{\"tracer\":\"prestateTracer\"}");
    cr_expect_not_null(json_object_get(trace, address_text(&counter)));
    cr_expect_null(json_object_get(json_object_get(trace, address_text(&counter)), "storage"));
    json_decref(trace);
    /* CREATE2 of init code that lies beyond the memory there is, in diffMode: made and empty. */
    trace = trace_code("5f60205f5ff5",
                       "{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"diffMode\":true}}");
    cr_expect_eq(json_object_size(json_object_get(trace, "post")), 3);
    json_decref(trace);
}

/* ---- The others ------------------------------------------------------------------------------- */

Test(traces, the_4byte_tracer_counts_functions)
{
    const address counter = deploy(COUNTER_INIT);
    char hex[41] = {0}, code[300], params[600];
    hex_encode(hex, counter.bytes, sizeof counter.bytes);
    /* 63 11223344 5f 52; twice CALL with 4 bytes from 28 on, once with 8 from 24; identity too */
    snprintf(code, sizeof code,
             "63112233445f52"
             "5f5f6004601c5f73%s5af150"
             "5f5f6004601c5f73%s5af150"
             "5f5f600860185f73%s5af150"
             "5f5f6004601c5f60045af150",
             hex, hex, hex);
    json_t *trace = trace_code(code, "{\"tracer\":\"4byteTracer\"}");
    expect_json(trace, "{\"0x11223344-0\":2,\"0x00000000-4\":1}");
    json_decref(trace);
    snprintf(
        params, sizeof params,
        "[{\"to\":\"0x%s\",\"input\":\"0xaabbccdd01\"},\"latest\",{\"tracer\":\"4byteTracer\"}]",
        hex);
    trace = ask_for("debug_traceCall", params, "result");
    expect_json(trace, "{\"0xaabbccdd-1\":1}");
    json_decref(trace);
    trace = trace_code("00", "{\"tracer\":\"noopTracer\"}");
    expect_json(trace, "{}");
    json_decref(trace);
}

/* ---- Refusals and bounds ------------------------------------------------------------------------ */

Test(traces, what_cannot_be_traced_is_said)
{
    expect_error("debug_traceTransaction",
                 "[\"0x1111111111111111111111111111111111111111111111111111111111111111\"]", -32000,
                 "transaction not found");
    expect_error("debug_traceBlockByNumber", "[\"0x0\"]", -32000, "genesis is not traceable");
    expect_error("debug_traceBlockByNumber", "[\"earliest\"]", -32000, "genesis is not");
    expect_error("debug_traceBlockByNumber", "[\"0x9\"]", -32000, "block #9 not found");
    expect_error("debug_traceBlockByNumber", "[\"pending\"]", -32000, "pending block");
    expect_error("debug_traceBlockByHash",
                 "[\"0x1111111111111111111111111111111111111111111111111111111111111111\"]", -32000,
                 "block 0x1111");
    expect_error("debug_traceCall",
                 "[{\"to\":\"0x00000000000000000000000000000000000a11ce\",\"value\":\"0x1\"}]",
                 -32000, "tracing failed: insufficient funds");
    expect_error("debug_traceCall", "[{\"input\":\"0x00\"},\"0x9\"]", -32000, "header not found");
}

/* An endless run, told step by step, message by message, or not at all. */
Test(traces, no_trace_grows_without_bound)
{
    const char *const loop = "[{\"input\":\"0x5b600056\"},\"latest\",%s]";
    /* Messages of 32 KiB of input each, to nobody. */
    const char *const calls = "[{\"input\":\"0x5b5f5f6180005f5f60aa61fffff150600056\"},\"latest\","
                              "{\"tracer\":\"callTracer\"}]";
    char params[200];
    limits.call_gas_max = UINT64_MAX / 4;
    limits.response_size_max = 20000;
    snprintf(params, sizeof params, loop, "{}");
    expect_error("debug_traceCall", params, -32003,
                 "takes more than 20000 bytes; ask for less: "
                 "disableStack");
    expect_error("debug_traceCall", calls, -32003, "onlyTopCall");
    snprintf(params, sizeof params, loop, "{\"limit\":2,\"timeout\":\"50ms\"}");
    expect_error("debug_traceCall", params, -32000, "execution timeout");
    snprintf(params, sizeof params, loop, "{\"tracer\":\"noopTracer\",\"timeout\":\"0.05s\"}");
    expect_error("debug_traceCall", params, -32000, "execution timeout");
    const address counter = deploy(COUNTER_INIT);
    (void)submit(0, &counter, "", 100000);
    sample_block(&fake.sample);
    limits.response_size_max = 1500;
    expect_error("debug_traceBlockByNumber", "[\"latest\"]", -32003, "response too large");
}

/* What counts is what is written, not what a step might have taken. */
Test(traces, short_steps_fill_an_answer_to_its_bound)
{
    char code[201] = {0};
    for (size_t i = 0; i < 100; i++)
        memcpy(code + 2 * i, "5b", 2);
    limits.response_size_max = 9000;
    json_t *trace = trace_code(code, "{}");
    cr_expect_eq(json_array_size(json_object_get(trace, "structLogs")), 101);
    json_decref(trace);
}

static const struct {
    const char *config, *words;
} WRONG[] = {
    {"{\"tracer\":\"bigramTracer\"}", "params[2].tracer: found \"bigramTracer\"; expected call"},
    {"{\"tracer\":\"{fault:function(){}}\"}", "written in JavaScript are not run here"},
    {"{\"tracer\":7}", "params[2].tracer"},
    {"{\"timeout\":\"5\"}", "params[2].timeout: found \"5\"; expected a duration"},
    {"{\"timeout\":\"-5s\"}", "params[2].timeout"},
    {"{\"timeout\":\"\"}", "params[2].timeout"},
    {"{\"timeout\":5}", "params[2].timeout"},
    {"{\"timeout\":\"5d\"}", "params[2].timeout"},
    {"{\"limit\":-1}", "params[2].limit"},
    {"{\"limit\":1.5}", "params[2].limit"},
    {"{\"limit\":\"x\"}", "params[2].limit"},
    {"{\"enableMemory\":1}", "params[2].enableMemory: found a number; expected true or false"},
    {"{\"disableStack\":\"\"}", "params[2].disableStack"},
    {"{\"overrides\":{}}", "params[2].overrides"},
    {"{\"txIndex\":\"x\"}", "params[2].txIndex"},
    {"{\"tracer\":\"callTracer\",\"tracerConfig\":7}", "params[2].tracerConfig"},
    {"{\"tracer\":\"callTracer\",\"tracerConfig\":{\"withLog\":1}}",
     "params[2].tracerConfig.withLog"},
    {"{\"tracer\":\"prestateTracer\",\"tracerConfig\":{\"diffMode\":1}}",
     "params[2].tracerConfig.diffMode"},
    {"{\"stateOverrides\":7}", "params[2].stateOverrides"},
    {"{\"blockOverrides\":{\"tim\":1}}", "params[2].blockOverrides.tim"},
    {"[]", "params[2]: trace config"},
};

Test(traces, wrong_configurations_are_named)
{
    char params[200];
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        snprintf(params, sizeof params, "[{},\"latest\",%s]", WRONG[i].config);
        expect_error("debug_traceCall", params, -32602, WRONG[i].words);
    }
}

/* What geth ignores is ignored, and so is the struct logger's for another tracer. */
Test(traces, unknown_members_change_nothing)
{
    json_t *trace = trace_code("00", "{\"tracer\":\"noopTracer\",\"limit\":\"x\",\"reexec\":128,"
                                     "\"fullStorage\":false,\"timeout\":\"1m0.5s\"}");
    expect_json(trace, "{}");
    json_decref(trace);
}

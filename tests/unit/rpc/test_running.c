/* Running code without a transaction: overrides, access lists, simulation, the tag pending, and
 * sending with a wait for the receipt. */
#include "rpc/call.h"

#include "tests/unit/rpc/asking.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

TestSuite(running, .init = asking_start, .fini = asking_stop, .timeout = 60);

/* ---- Overrides --------------------------------------------------------------------------- */

#define WORD(digit) "\"0x000000000000000000000000000000000000000000000000000000000000000" digit "\""

Test(running, a_call_finds_what_overrides_say)
{
    /* PUSH0 SLOAD PUSH0 MSTORE PUSH1 32 PUSH0 RETURN */
    const char *const code = "\"code\":\"0x5f545f5260205ff3\"";
    char params[900];
    snprintf(params, sizeof params, "[{\"to\":" ADDRESS "},\"latest\",{" ADDRESS ":{%s}}]", code);
    expect_result("eth_call", params, WORD("0"));
    snprintf(params, sizeof params,
             "[{\"to\":" ADDRESS "},\"latest\",{" ADDRESS
             ":{%s,\"stateDiff\":{" WORD("0") ":" WORD("7") "}}}]",
             code);
    expect_result("eth_call", params, WORD("7"));
    /* EIP-2935's contract has storage; whoever replaces all of it finds none of it. */
    sample_block(&fake.sample);
    const char *const history = "0x0000f90827f1c53a10cb7a02335b175320002935";
    json_t *answer = ask("eth_call", "[{\"to\":\"0x0000f90827f1c53a10cb7a02335b175320002935\"},"
                                     "\"latest\",{\"0x0000f90827f1c53a10cb7a02335b175320002935\":"
                                     "{\"code\":\"0x5f545f5260205ff3\"}}]");
    const char *word = json_string_value(json_object_get(answer, "result"));
    cr_expect(word != NULL
              && strcmp(word, "0x"
                              "0000000000000000000000000000000000000000000000000000000000000000")
                     != 0);
    json_decref(answer);
    snprintf(params, sizeof params,
             "[{\"to\":\"%s\"},\"latest\",{\"%s\":{%s,\"state\":{" WORD("1") ":" WORD("9") "}}}]",
             history, history, code);
    expect_result("eth_call", params, WORD("0"));
    /* Balance and nonce: SELFBALANCE */
    expect_result("eth_call",
                  "[{\"to\":" ADDRESS "},\"latest\",{" ADDRESS
                  ":{\"balance\":\"0x5\",\"code\":\"0x475f5260205ff3\"}}]",
                  WORD("5"));
    expect_result("eth_estimateGas",
                  "[{\"from\":" ADDRESS ",\"to\":\"0x00000000000000000000000000000000000000b0\","
                  "\"value\":\"0x5\"},\"latest\",{" ADDRESS ":{\"balance\":\"0x5\"}}]",
                  "\"0x5208\"");
}

Test(running, a_call_runs_in_the_block_that_overrides_name)
{
    static const struct {
        const char *opcode, *overrides, *word;
    } cases[] = {
        {"43", "{\"number\":\"0x7\"}", WORD("7")},
        {"42", "{\"time\":\"0x3\"}", WORD("3")},
        {"45", "{\"gasLimit\":\"0x4\"}", WORD("4")},
        {"41", "{\"feeRecipient\":\"0x0000000000000000000000000000000000000008\"}", WORD("8")},
        {"44", "{\"prevRandao\":\"0x6\"}", WORD("6")},
        {"4a", "{\"blobBaseFee\":\"0x2\"}", WORD("2")},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        char params[300];
        snprintf(params, sizeof params, "[{\"data\":\"0x%s5f5260205ff3\"},\"latest\",{},%s]",
                 cases[index].opcode, cases[index].overrides);
        expect_result("eth_call", params, cases[index].word);
    }
}

/* ---- Access lists ------------------------------------------------------------------------ */

/* PUSH0 SLOAD PUSH1 7 SLOAD; BALANCE of 0xb0; BALANCE of itself and of a precompile. */
Test(running, an_access_list_names_what_is_touched)
{
    char params[600];
    const char *const code = "0x5f546007545060b0313031600131";
    snprintf(params, sizeof params,
             "[{\"to\":" ADDRESS "},\"latest\",{" ADDRESS ":{\"code\":\"%s\"}}]", code);
    json_t *answer = ask("eth_createAccessList", params),
           *result = json_object_get(answer, "result");
    char *list = json_dumps(json_object_get(result, "accessList"), JSON_COMPACT);
    cr_expect_str_eq(list, "[{\"address\":\"0x00000000000000000000000000000000000000b0\","
                           "\"storageKeys\":[]},{\"address\":" ADDRESS
                           ",\"storageKeys\":[" WORD("0") "," WORD("7") "]}]");
    cr_expect(json_object_get(result, "error") == NULL);
    /* Run with that list the call uses the gas that was told. */
    const char *gas = json_string_value(json_object_get(result, "gasUsed"));
    snprintf(params, sizeof params,
             "[{\"to\":" ADDRESS ",\"gas\":\"%s\",\"accessList\":%s},\"latest\",{" ADDRESS
             ":{\"code\":\"%s\"}}]",
             gas, list, code);
    expect_result("eth_call", params, "\"0x\"");
    free(list);
    json_decref(answer);
}

/* A failing call still has its list, and says how it failed. */
Test(running, an_access_list_of_a_failing_call_has_its_error)
{
    json_t *answer = ask("eth_createAccessList", "[{\"to\":" ADDRESS "},\"latest\",{" ADDRESS
                                                 ":{\"code\":\"0x5f545f5ffd\"}}]");
    const json_t *result = json_object_get(answer, "result");
    cr_expect_str_eq(json_string_value(json_object_get(result, "error")), "execution reverted");
    cr_expect_eq(json_array_size(json_object_get(result, "accessList")), 1);
    json_decref(answer);
    expect_error("eth_createAccessList", "[{\"gas\":\"0x1\"}]", -32000, "intrinsic gas too low");
}

/* GAS SLOAD: another slot with each list, since each entry takes gas. Time is the bound, and what
 * one list takes of memory. */
Test(running, an_access_list_that_never_settles_ends_in_time)
{
    limits.call_timeout_ms = 50;
    expect_error("eth_createAccessList",
                 "[{\"to\":" ADDRESS "},\"latest\",{" ADDRESS ":{\"code\":\"0x5a54\"}}]", -32000,
                 "execution aborted (timeout = 50ms)");
}

/* ---- Sending and waiting (EIP-7966) ------------------------------------------------------ */

static json_t *send_and_wait(const struct transaction *tx, const char *timeout)
{
    char *params = arena_alloc(&fake.sample.arena, 2 * tx->encoded.size + 32);
    strcpy(params, "[\"0x");
    for (size_t at = 0; at < tx->encoded.size; at++)
        sprintf(params + 4 + 2 * at, "%02x", tx->encoded.data[at]);
    strcat(params, "\"");
    strcat(params, timeout);
    strcat(params, "]");
    return ask("eth_sendRawTransactionSync", params);
}

Test(running, a_transaction_is_waited_for_until_its_receipt)
{
    struct transaction tx = sample_transfer(&fake.sample, 0, &fake.sample.accounts[1], 7);
    fake.block_at_wait = 3;
    json_t *answer = send_and_wait(&tx, "");
    const json_t *receipt = json_object_get(answer, "result");
    cr_expect_str_eq(json_string_value(json_object_get(receipt, "blockNumber")), "0x1");
    cr_expect_str_eq(json_string_value(json_object_get(receipt, "status")), "0x1");
    cr_expect_eq(fake.waits, 3);
    cr_expect_eq(fake.wakes, 1);
    json_decref(answer);
}

Test(running, a_transaction_not_mined_in_time_is_told_with_its_hash)
{
    struct transaction tx = sample_transfer(&fake.sample, 0, &fake.sample.accounts[1], 7);
    json_t *answer = send_and_wait(&tx, ",30");
    const json_t *error = json_object_get(answer, "error");
    cr_expect_eq(json_integer_value(json_object_get(error, "code")), 4);
    cr_expect(strstr(json_string_value(json_object_get(error, "message")), "after 30 ms") != NULL);
    cr_expect_eq(json_string_length(json_object_get(error, "data")), 66);
    cr_expect_eq(pool_fate(ledger_pool(fake.sample.ledger), &tx.hash), POOL_READY);
    json_decref(answer);
}

Test(running, a_transaction_above_a_gap_is_not_waited_for)
{
    sample_transfer(&fake.sample, 0, &fake.sample.accounts[1], 7);
    struct transaction tx = sample_transfer(&fake.sample, 0, &fake.sample.accounts[1], 7);
    json_t *answer = send_and_wait(&tx, ",\"0x7d0\"");
    const json_t *error = json_object_get(answer, "error");
    cr_expect_eq(json_integer_value(json_object_get(error, "code")), 5);
    cr_expect(strstr(json_string_value(json_object_get(error, "message")), "lower nonce") != NULL);
    cr_expect_eq(fake.waits, 0);
    json_decref(answer);
    expect_error("eth_sendRawTransactionSync", "[\"0xc0\",5]", -32000, "");
    expect_error("eth_sendRawTransactionSync", "[\"0xc0\",\"soon\"]", -32602,
                 "params[1]: quantity");
    expect_error("eth_sendRawTransactionSync", "[]", -32602, "required argument 0");
}

/* ---- Simulation -------------------------------------------------------------------------- */

static const char *hex_of(const void *bytes, size_t size)
{
    char *text = arena_alloc(&fake.sample.arena, 2 * size + 3);
    strcpy(text, "0x");
    for (size_t at = 0; at < size; at++)
        sprintf(text + 2 + 2 * at, "%02x", ((const uint8_t *)bytes)[at]);
    return text;
}

/* What really happened in block 1 is simulated on block 0: same state, receipts and gas. */
Test(running, a_simulated_block_comes_out_as_the_real_one)
{
    char params[800];
    struct transaction tx = sample_transfer(&fake.sample, 0, &fake.sample.accounts[1], 7);
    cr_assert_eq(sample_submit(&fake.sample, &tx), POOL_OK);
    sample_block(&fake.sample);
    const struct header real = ledger_head(fake.sample.ledger)->header;
    snprintf(params, sizeof params,
             "[{\"blockStateCalls\":[{\"blockOverrides\":{\"time\":\"0x%llx\",\"feeRecipient\":"
             "\"%s\"},\"calls\":[{\"from\":\"%s\",\"to\":\"%s\",\"value\":\"0x7\",\"gas\":"
             "\"0x%llx\"}]}],\"validation\":true},\"0x0\"]",
             (unsigned long long)real.timestamp, hex_of(real.beneficiary.bytes, 20),
             hex_of(fake.sample.accounts[0].bytes, 20), hex_of(fake.sample.accounts[1].bytes, 20),
             (unsigned long long)tx.gas_limit);
    json_t *answer = ask("eth_simulateV1", params);
    const json_t *block = json_array_get(json_object_get(answer, "result"), 0);
    cr_assert_not_null(block, "%s", json_dumps(answer, 0));
    cr_expect_str_eq(json_string_value(json_object_get(block, "stateRoot")),
                     hex_of(real.state_root.bytes, 32));
    cr_expect_str_eq(json_string_value(json_object_get(block, "receiptsRoot")),
                     hex_of(real.receipts_root.bytes, 32));
    cr_expect_str_eq(json_string_value(json_object_get(block, "gasUsed")), "0x5208");
    cr_expect_str_eq(json_string_value(json_object_get(block, "number")), "0x1");
    const json_t *call = json_array_get(json_object_get(block, "calls"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(call, "status")), "0x1");
    json_decref(answer);
    cr_expect_eq(ledger_head(fake.sample.ledger)->number, 1);
}

/* State goes on from call to call and from block to block; gaps are filled. */
Test(running, simulated_blocks_stand_on_each_other)
{
    /* SLOAD(0) + 1 into slot 0, returns it. */
    json_t *answer =
        ask("eth_simulateV1",
            "[{\"blockStateCalls\":[{\"stateOverrides\":{" ADDRESS
            ":{\"code\":\"0x5f54600101805f555f5260205ff3\"}},\"calls\":[{\"to\":" ADDRESS
            "},{\"to\":" ADDRESS "}]},{\"blockOverrides\":{\"number\":\"0x4\"},\"calls\":"
            "[{\"to\":" ADDRESS "}]}]}]");
    const json_t *blocks = json_object_get(answer, "result");
    cr_assert_eq(json_array_size(blocks), 4, "%s", json_dumps(answer, 0));
    for (size_t index = 0; index < 4; index++) {
        const json_t *block = json_array_get(blocks, index);
        cr_expect_eq(strtoul(json_string_value(json_object_get(block, "number")), NULL, 16),
                     index + 1);
        if (index > 0)
            cr_expect_str_eq(
                json_string_value(json_object_get(block, "parentHash")),
                json_string_value(json_object_get(json_array_get(blocks, index - 1), "hash")));
    }
    const json_t *last = json_array_get(json_object_get(json_array_get(blocks, 3), "calls"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(last, "returnData")),
                     "0x0000000000000000000000000000000000000000000000000000000000000003");
    json_decref(answer);
}

/* A transfer of coin shows as a log of no contract's; a failing call takes its log back. */
Test(running, simulated_transfers_of_coin_can_be_traced)
{
    json_t *answer =
        ask("eth_simulateV1",
            "[{\"traceTransfers\":true,\"returnFullTransactions\":true,\"blockStateCalls\":[{"
            "\"stateOverrides\":{" ADDRESS ":{\"balance\":\"0x64\"},"
            "\"0x00000000000000000000000000000000000000b0\":{\"code\":\"0x5f5ffd\"}},\"calls\":["
            "{\"from\":" ADDRESS
            ",\"to\":\"0x00000000000000000000000000000000000000b1\",\"value\":\"0x5\"},"
            "{\"from\":" ADDRESS
            ",\"to\":\"0x00000000000000000000000000000000000000b0\",\"value\":\"0x5\"},"
            "{\"from\":" ADDRESS ",\"data\":\"0xfe\"}]}]}]");
    const json_t *block = json_array_get(json_object_get(answer, "result"), 0);
    const json_t *calls = json_object_get(block, "calls");
    cr_assert_eq(json_array_size(calls), 3, "%s", json_dumps(answer, 0));
    const json_t *log = json_array_get(json_object_get(json_array_get(calls, 0), "logs"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(log, "address")),
                     "0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
    cr_expect_str_eq(json_string_value(json_object_get(log, "data")),
                     "0x0000000000000000000000000000000000000000000000000000000000000005");
    const json_t *reverted = json_array_get(calls, 1), *failed = json_array_get(calls, 2);
    cr_expect_eq(json_array_size(json_object_get(reverted, "logs")), 0);
    cr_expect_eq(json_integer_value(json_object_get(json_object_get(reverted, "error"), "code")),
                 3);
    cr_expect_eq(json_integer_value(json_object_get(json_object_get(failed, "error"), "code")),
                 -32015);
    const json_t *tx = json_array_get(json_object_get(block, "transactions"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(tx, "from")),
                     "0x00000000000000000000000000000000000a11ce");
    /* Transfers are no part of the receipts' bloom. */
    const char *bloom = json_string_value(json_object_get(block, "logsBloom"));
    cr_expect_eq(strspn(bloom + 2, "0"), 512);
    json_decref(answer);
}

Test(running, what_cannot_be_simulated_is_refused_by_name)
{
    static const struct {
        const char *params;
        int code;
        const char *words;
    } cases[] = {
        {"[]", -32602, "required argument 0: payload"},
        {"[7]", -32602, "simulation (a number) is not an object"},
        {"[{}]", -32602, "params[0].blockStateCalls: found nothing"},
        {"[{\"blockStateCalls\":[]}]", -32602, "found an empty list"},
        {"[{\"blockStateCalls\":[7]}]", -32602, "params[0].blockStateCalls[0]: found a number"},
        {"[{\"blockStateCalls\":[{\"foo\":1}]}]", -32602, "blockStateCalls[0].foo: not understood"},
        {"[{\"blockStateCalls\":[{\"calls\":7}]}]", -32602, "expected a list of calls"},
        {"[{\"blockStateCalls\":[{\"calls\":[7]}]}]", -32602, "calls[0]: found a number"},
        {"[{\"blockStateCalls\":[{\"calls\":[{\"to\":1}]}]}]", -32602, "calls[0].to: address"},
        {"[{\"blockStateCalls\":[{}],\"validation\":1}]", -32602, "params[0].validation: found a"},
        {"[{\"blockStateCalls\":[{}],\"foo\":1}]", -32602, "params[0].foo: not understood"},
        {"[{\"blockStateCalls\":[{}]},\"0x9\"]", -32000, "header not found"},
        {"[{\"blockStateCalls\":[{\"blockOverrides\":{\"number\":\"0x0\"}}]}]", -38020,
         "0 is not above 0"},
        {"[{\"blockStateCalls\":[{\"blockOverrides\":{\"number\":\"0x101\"}}]}]", -38026,
         "too many blocks"},
        {"[{\"blockStateCalls\":[{\"blockOverrides\":{\"time\":\"0x1\"}}]}]", -38021, "is below"},
        {"[{\"blockStateCalls\":[{\"calls\":[{\"value\":\"0x1\"}]}]}]", -38014, "insufficient"},
        {"[{\"blockStateCalls\":[{\"calls\":[{\"gas\":\"0x1\"}]}]}]", -38013, "block 1, call 0"},
        {"[{\"blockStateCalls\":[{\"calls\":[{\"gas\":\"0xffffffffff\"}]}]}]", -38015,
         "block gas limit reached"},
        {"[{\"validation\":true,\"blockStateCalls\":[{\"calls\":[{\"nonce\":\"0x5\"}]}]}]", -38011,
         "nonce too high"},
        {"[{\"validation\":true,\"blockStateCalls\":[{\"blockOverrides\":{\"baseFeePerGas\":"
         "\"0x5\"},\"calls\":[{}]}]}]",
         -38012, "block 1"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++)
        expect_error("eth_simulateV1", cases[index].params, cases[index].code, cases[index].words);
}

/* Calls share one bound of gas and of time. */
Test(running, a_simulation_ends_in_time)
{
    limits.call_timeout_ms = 50;
    limits.call_gas_max = UINT64_MAX / 4;
    expect_error("eth_simulateV1",
                 "[{\"blockStateCalls\":[{\"blockOverrides\":{\"gasLimit\":\"0xffffffffffff\"},"
                 "\"calls\":[{\"data\":\"0x5b600056\"}]}]}]",
                 -32000, "execution aborted");
}

/* 40 calls that return 64 KiB each (PUSH3 0x010000 PUSH0 RETURN): more than the answer may hold, long before all have run. */
Test(running, a_simulation_that_says_too_much_ends)
{
    struct buffer params = {0};
    limits.response_size_max = 1 << 20;
    buffer_append_text(&params, "[{\"blockStateCalls\":[{\"calls\":[");
    for (int index = 0; index < 40; index++)
        buffer_append_text(&params, index == 0 ? "{\"to\":" ADDRESS "}" : ",{\"to\":" ADDRESS "}");
    buffer_append_text(&params,
                       "],\"stateOverrides\":{" ADDRESS ":{\"code\":\"0x620100005ff3\"}}}]}]");
    buffer_append_u8(&params, 0);
    expect_error("eth_simulateV1", (const char *)params.data, -32003,
                 "block 1, call 8: response too large");
    buffer_cleanup(&params);
}

/* ---- Pending ----------------------------------------------------------------------------- */

/* What waits is executed: in state, block and places. */
Test(running, pending_shows_what_the_pool_holds)
{
    char params[300];
    const address to = {{0xb0, 0xb0}};
    struct transaction first = sample_transfer(&fake.sample, 0, &to, 7);
    struct transaction second = sample_transfer(&fake.sample, 0, &to, 8);
    cr_assert_eq(sample_submit(&fake.sample, &first), POOL_OK);
    cr_assert_eq(sample_submit(&fake.sample, &second), POOL_OK);
    snprintf(params, sizeof params, "[\"%s\",\"pending\"]", hex_of(to.bytes, 20));
    expect_result("eth_getBalance", params, "\"0xf\"");
    snprintf(params, sizeof params, "[\"%s\",\"latest\"]", hex_of(to.bytes, 20));
    expect_result("eth_getBalance", params, "\"0x0\"");
    expect_result("eth_getBlockTransactionCountByNumber", "[\"pending\"]", "\"0x2\"");
    json_t *answer = ask("eth_getTransactionByBlockNumberAndIndex", "[\"pending\",\"0x1\"]");
    cr_expect_str_eq(json_string_value(json_object_get(json_object_get(answer, "result"), "hash")),
                     hex_of(second.hash.bytes, 32));
    json_decref(answer);
    expect_result("eth_getTransactionByBlockNumberAndIndex", "[\"pending\",\"0x2\"]", "null");

    /* What hangs on neither time nor reveal comes out as in the real block. */
    answer = ask("eth_getBlockByNumber", "[\"pending\",false]");
    const json_t *pending = json_object_get(answer, "result");
    sample_block(&fake.sample);
    json_t *made = ask("eth_getBlockByNumber", "[\"0x1\",false]");
    static const char *const same[] = {
        "number",           "parentHash", "gasUsed", "transactions", "receiptsRoot", "logsBloom",
        "transactionsRoot", "miner",      "size",    "requestsHash", "gasLimit"};
    for (size_t index = 0; index < sizeof same / sizeof *same; index++) {
        const json_t *real = json_object_get(json_object_get(made, "result"), same[index]);
        const json_t *shown = json_object_get(pending, same[index]);
        cr_expect(real != NULL && json_equal(real, shown), "%s", same[index]);
    }
    json_decref(made);
    json_decref(answer);
}

/* Every method: what it refuses, and what it answers over a sample organisation. */
#include "rpc/call.h"

#include "ledger/inside.h"
#include "rpc/arguments.h"
#include "tests/unit/rpc/asking.h"
#include "vm/base/hex.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#define SESSION "\"0xab0000000000000000000000000000cd\""
#define SIGNATURE                                                          \
    "\"0x1111111111111111111111111111111111111111111111111111111111111111" \
    "111111111111111111111111111111111111111111111111111111111111111111\""
#define LONG "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

TestSuite(methods, .init = asking_start, .fini = asking_stop, .timeout = 60);

/* One wrong value a kind, in the first place of a method whose row asks for it. */
static const struct {
    const char *method, *params, *words;
} WRONG[] = {
    {"eth_getBalance", "[]", "missing value for required argument 0: address"},
    {"eth_getBalance", "[null]", "params[0]: address null is not a string"},
    {"eth_getBalance", "{}", "params: found an object"},
    {"eth_getBalance", "[7]", "params[0]: address (a number) is not a string"},
    {"eth_getBalance", "[\"0x12\"]", "has 2 digits; expected 0x and 40"},
    {"eth_getBalance", "[\"00000000000000000000000000000000000a11ce\"]", "is not hexadecimal"},
    {"eth_getBalance", "[\"0x0000000000000000000000000000000000zz11ce\"]", "is not hexadecimal"},
    {"eth_getBalance", "[" ADDRESS ",\"latest\",1]", "too many arguments: 3 given"},
    {"eth_getBalance", "[" ADDRESS ",\"0xzz\"]", "params[1]: block \"0xzz\" is not hexadecimal"},
    {"eth_getBalance", "[" ADDRESS ",\"newest\"]", "expected a tag"},
    {"eth_getBalance", "[" ADDRESS ",5]", "params[1]: block (a number) is not a string"},
    {"eth_getBalance", "[" ADDRESS ",\"0x\"]", "has no digits"},
    {"eth_getBalance", "[" ADDRESS ",\"0x10000000000000000\"]", "larger than any block number"},
    {"eth_getBalance", "[" ADDRESS ",{}]", "does not name one block"},
    {"eth_getBalance", "[" ADDRESS ",{\"blockNumber\":\"0x0\",\"blockHash\":" HASH "}]",
     "exactly one"},
    {"eth_getBalance", "[" ADDRESS ",{\"blockHash\":\"0x1\"}]", "params[1].blockHash"},
    {"eth_getBalance", "[" ADDRESS ",{\"block\":1}]", "params[1].block"},
    {"eth_getTransactionCount", "[\"\"]", "params[0]"},
    {"eth_getCode", "[true]", "params[0]: address true"},
    {"eth_getStorageAt", "[" ADDRESS ",\"x\"]", "params[1]: storage slot"},
    {"eth_getStorageAt", "[" ADDRESS "]", "required argument 1: slot"},
    {"eth_getStorageAt",
     "[" ADDRESS ",\"0x111111111111111111111111111111111111111111111111111111111111111111\"]",
     "is too long"},
    {"eth_call", "[\"x\"]", "params[0]: transaction \"x\" is not an object"},
    {"eth_call", "[{\"from\":1}]", "params[0].from"},
    {"eth_call", "[{\"blobs\":[]}]", "params[0].blobs: blob transactions are not supported"},
    {"eth_call", "[{\"data\":\"0x1\"}]", "odd number of digits"},
    {"eth_call", "[{\"data\":\"12\"}]", "does not start with 0x"},
    {"eth_call", "[{\"data\":\"0xgg\"}]", "is not hexadecimal"},
    {"eth_call", "[{\"data\":\"0x01\",\"input\":\"0x02\"}]", "both \"data\" and \"input\""},
    {"eth_call", "[{\"gasPrice\":\"0x1\",\"maxFeePerGas\":\"0x1\"}]", "both gasPrice and"},
    {"eth_call", "[{\"gas\":\"0x10000000000000000\"}]", "params[0].gas"},
    {"eth_call",
     "[{\"value\":\"0x11111111111111111111111111111111111111111111111111111111111111111\"}]",
     "params[0].value"},
    {"eth_call", "[{\"accessList\":7}]", "params[0].accessList"},
    {"eth_call", "[{\"accessList\":[{\"address\":1}]}]", "params[0].accessList[0].address"},
    {"eth_call", "[{\"chainId\":\"0x1\"}]", "params[0].chainId: have 1 want"},
    {"eth_call", "[{\"type\":\"0x3\"}]", "params[0].type"},
    {"eth_call", "[{\"authorizationList\":7}]", "params[0].authorizationList"},
    {"eth_call", "[{\"authorizationList\":[{}]}]", "params[0].authorizationList[0].chainId"},
    {"eth_call", "[{\"authorizationList\":[{\"chainId\":\"0x1\",\"r\":\"0x1\",\"s\":\"0x1\"}]}]",
     "params[0].authorizationList[0].address"},
    {"eth_call", "[{},\"latest\",[]]", "params[2]: override set (a list) is not an object"},
    {"eth_call", "[{},\"latest\",{\"0x1\":{}}]", "params[2][0x1]: the account is not 0x and 40"},
    {"eth_call", "[{},\"latest\",{" ADDRESS ":7}]", "expected an object of nonce"},
    {"eth_call", "[{},\"latest\",{" ADDRESS ":{\"nonce\":1}}]", "].nonce: quantity"},
    {"eth_call", "[{},\"latest\",{" ADDRESS ":{\"foo\":1}}]", "].foo: not understood"},
    {"eth_call", "[{},\"latest\",{" ADDRESS ":{\"state\":{},\"stateDiff\":{}}}]", "both state and"},
    {"eth_call", "[{},\"latest\",{" ADDRESS ":{\"stateDiff\":{\"0x0\":" HASH "}}}]",
     "the slot is not 0x and 64"},
    {"eth_call", "[{},\"latest\",{" ADDRESS ":{\"state\":{" HASH ":\"0x1\"}}}]", "has 1 digits"},
    {"eth_call", "[{},\"latest\",{" ADDRESS ":{\"movePrecompileToAddress\":" ADDRESS "}}]",
     "cannot be moved"},
    {"eth_call",
     "[{},\"latest\",{\"0x0000000000000000000000000000000000000001\":{\"code\":\"0x00\"}}]",
     "a precompile's code cannot be replaced"},
    {"eth_call", "[{},\"latest\",{},7]", "params[3]: override set (a number)"},
    {"eth_call", "[{},\"latest\",{},{\"time\":1}]", "params[3].time: quantity"},
    {"eth_call", "[{},\"latest\",{},{\"withdrawals\":[]}]",
     "params[3].withdrawals: not understood"},
    {"eth_estimateGas", "[{},\"latest\",{\"0x1\":{}}]", "params[2][0x1]"},
    {"eth_estimateGas", "[{},\"latest\",{},{\"foo\":1}]", "params[3].foo: not understood"},
    {"eth_estimateGas", "[]", "required argument 0"},
    {"eth_createAccessList", "[7]", "params[0]: transaction"},
    {"eth_createAccessList", "[{},\"x\"]", "params[1]: block"},
    {"eth_sendRawTransaction", "[\"abc\"]", "does not start with 0x"},
    {"eth_sendRawTransaction", "[\"0xabc\"]", "odd number of digits"},
    {"eth_sendRawTransaction", "[7]", "is not a string"},
    {"eth_getTransactionByHash", "[\"0x12\"]", "has 2 digits; expected 0x and 64"},
    {"eth_getTransactionReceipt", "[]", "required argument 0: hash"},
    {"eth_getBlockByNumber", "[" HASH "]", "params[0]"},
    {"eth_getBlockByNumber", "[\"latest\",\"yes\"]", "params[1]: flag \"yes\" is not a boolean"},
    {"eth_getBlockByHash", "[\"latest\"]", "params[0]: hash"},
    {"eth_getBlockTransactionCountByNumber", "[]", "required argument 0"},
    {"eth_getBlockTransactionCountByHash", "[1]", "params[0]"},
    {"eth_getTransactionByBlockNumberAndIndex", "[\"0x0\",\"zz\"]", "params[1]: quantity"},
    {"eth_getTransactionByBlockHashAndIndex", "[" HASH "]", "required argument 1: index"},
    {"eth_getBlockReceipts", "[false]", "params[0]: block false"},
    {"eth_getLogs", "[]", "required argument 0: filter"},
    {"eth_getLogs", "[[]]", "is not an object"},
    {"eth_getLogs", "[{\"foo\":1}]", "params[0].foo"},
    {"eth_getLogs", "[{\"address\":\"0x1\"}]", "params[0].address"},
    {"eth_getLogs", "[{\"topics\":1}]", "params[0].topics"},
    {"eth_getLogs", "[{\"topics\":[null,null,null,null,null]}]", "5 entries; expected at most 4"},
    {"eth_getLogs", "[{\"topics\":[\"0x1\"]}]", "params[0].topics[0]"},
    {"eth_getLogs", "[{\"blockHash\":" HASH ",\"fromBlock\":\"0x0\"}]", "cannot specify both"},
    {"eth_getLogs", "[{\"fromBlock\":\"0x2\",\"toBlock\":\"0x1\"}]", "invalid block range"},
    {"eth_feeHistory", "[\"x\",\"latest\"]", "params[0]"},
    {"eth_feeHistory", "[1.5,\"latest\"]", "whole number"},
    {"eth_feeHistory", "[-1,\"latest\"]", "whole number"},
    {"eth_feeHistory", "[1,\"latest\",[101]]", "params[2][0]"},
    {"eth_feeHistory", "[1,\"latest\",[50,10]]", "rising order"},
    {"eth_feeHistory", "[1,\"latest\",7]", "params[2]: percentiles"},
    {"debug_getRawBlock", "[]", "required argument 0"},
    {"eth_getProof", "[]", "required argument 0: address"},
    {"eth_getProof", "[" ADDRESS "]", "required argument 1: storageKeys"},
    {"eth_getProof", "[" ADDRESS ",\"0x0\"]", "params[1]: storage keys \"0x0\" is not a list"},
    {"eth_getProof", "[" ADDRESS ",[7]]", "params[1][0]: storage slot (a number)"},
    {"eth_getProof", "[" ADDRESS ",[],\"newest\"]", "params[2]: block"},
    {"org_get", "[7]", "params[0]: name"},
    {"org_getFinalityProof", "[[]]", "params[0]: block (a list)"},
    {"org_getSeals", "[]", "required argument 0: epoch"},
    {"org_getSeals", "[\"one\"]", "params[0]: quantity \"one\""},
    {"org_getBlock", "[]", "required argument 0: block"},
    {"org_getBlock", "[[]]", "params[0]: block (a list)"},
    {"org_create", "[7]", "params[0]: organisation"},
    {"org_create", "[{}]", "params[0].name"},
    {"org_create", "[{\"name\":\"\"}]", "params[0].name"},
    {"org_create", "[{\"foo\":1}]", "params[0].foo"},
    {"org_create", "[{\"founder\":\"0x0000000000000000000000000000000000000000\"}]",
     "params[0].founder: found \"0x0000"},
    {"org_create", "[{\"label\":\"A B\"}]", "params[0].label"},
    {"org_create", "[{\"grant\":\"1.2.3\"}]", "params[0].grant"},
    {"org_create", "[{\"grant\":7}]", "params[0].grant"},
    {"org_create", "[{\"fees\":\"dear\"}]", "params[0].fees"},
    {"org_create", "[{\"transparency\":\"x\"}]", "params[0].transparency"},
    {"org_create", "[{\"fork\":\"berlin\"}]", "params[0].fork"},
    {"org_create", "[{\"fork\":2}]", "params[0].fork"},
    {"org_create",
     "[{\"name\":\"A\",\"symbol\":\"A\",\"founder\":" ADDRESS
     ",\"transparency\":\"open\",\"grant\":\"1\"}]",
     "params[0].reason"},
    {"org_foundOffer", "[]", "required argument 0: session"},
    {"org_foundOffer", "[\"0xab\",\"acme\",\"0x\",\"0x\"]",
     "params[0]: the session has 1 bytes; expected 16"},
    {"org_foundOffer", "[" SESSION ",7,\"0x\",\"0x\"]", "params[1]: name"},
    {"org_foundOffer", "[" SESSION ",\"" LONG "\",\"0x\",\"0x\"]",
     "params[1]: the label has 70 bytes; at most 64"},
    {"org_foundOffer", "[" SESSION ",\"acme\",{},\"0x\"]", "params[2]: data"},
    {"org_foundAccept", "[" SESSION ",\"acme\",\"0x\",\"0x11\"]",
     "params[3]: the signature has 1 bytes; expected 65"},
    {"org_foundComplete", "[" SESSION ",\"acme\",\"0x\",\"0x11\"]",
     "params[3]: the acceptances have 1 bytes; expected 65 of each member"},
    {"eth_chainId", "[1]", "too many arguments: 1 given, eth_chainId takes at most 0"},
};

Test(methods, wrong_parameters_are_named)
{
    for (size_t index = 0; index < sizeof WRONG / sizeof *WRONG; index++)
        expect_error(WRONG[index].method, WRONG[index].params, -32602, WRONG[index].words);
}

/* None of the rows accepts nonsense in any place, and none takes more than it names. */
Test(methods, no_method_accepts_nonsense)
{
    static const char *const nonsense[] = {"-1.5", "\"\\u0000\"",   "\"0x\\u0000\"",
                                           "[[]]", "{\"from\":{}}", "1e300"};
    for (size_t row = 0; row < METHODS_COUNT; row++)
        for (size_t index = 0; index < sizeof nonsense / sizeof *nonsense; index++) {
            char params[200];
            const struct method *method = &METHODS[row];
            if (method->params_count > 0 && method->params[0].kind == PARAM_NAME)
                continue; /* any text is a name; that it is unknown is told later */
            snprintf(params, sizeof params, "[%s]", nonsense[index]);
            json_t *answer = ask(method->name, params);
            const json_t *error = json_object_get(answer, "error");
            cr_expect_eq(json_integer_value(json_object_get(error, "code")), -32602, "%s %s",
                         method->name, params);
            json_decref(answer);
        }
}

Test(methods, the_table_is_sorted_and_found_by_name)
{
    for (size_t row = 0; row < METHODS_COUNT; row++) {
        cr_expect(row == 0 || strcmp(METHODS[row - 1].name, METHODS[row].name) < 0);
        cr_expect_eq(method_find(bytes_of_text(METHODS[row].name)), &METHODS[row]);
    }
    cr_expect_null(method_find(bytes_of_text("eth_chainI")));
    cr_expect_null(method_find(bytes_of_text("eth_chainIdd")));
    cr_expect_null(method_find(bytes_of_text("")));
}

static void expect_references(const json_t *value, const json_t *schemas)
{
    const char *key;
    size_t index;
    json_t *member;
    const char *name = json_string_value(json_object_get(value, "$ref"));
    if (name != NULL)
        cr_expect(strncmp(name, "#/components/schemas/", 21) == 0
                      && json_object_get(schemas, name + 21) != NULL,
                  "%s", name);
    json_object_foreach((json_t *)value, key, member) expect_references(member, schemas);
    json_array_foreach((json_t *)value, index, member) expect_references(member, schemas);
}

Test(methods, the_openrpc_document_describes_every_method)
{
    json_t *answer = ask("rpc.discover", "[]"), *document = json_object_get(answer, "result");
    const json_t *methods = json_object_get(document, "methods");
    cr_assert_eq(json_array_size(methods), METHODS_COUNT);
    expect_references(document,
                      json_object_get(json_object_get(document, "components"), "schemas"));
    for (size_t row = 0; row < METHODS_COUNT; row++) {
        const json_t *method = json_array_get(methods, row);
        const json_t *example = json_array_get(json_object_get(method, "examples"), 0);
        cr_expect_str_eq(json_string_value(json_object_get(method, "name")), METHODS[row].name);
        cr_expect(json_is_object(json_object_get(json_object_get(method, "result"), "schema")));
        cr_expect(json_object_get(json_object_get(example, "result"), "value") != NULL, "%s",
                  METHODS[row].name);
    }
    json_decref(answer);
}

/* An example a reader copies is at least well formed: it is never a wrong parameter. */
Test(methods, every_example_passes_the_check_of_its_parameters)
{
    for (size_t row = 0; row < METHODS_COUNT; row++) {
        json_t *answer = ask(METHODS[row].name, METHODS[row].example_params);
        const json_t *error = json_object_get(answer, "error");
        cr_expect_neq(json_integer_value(json_object_get(error, "code")), -32602, "%s: %s",
                      METHODS[row].name, json_string_value(json_object_get(error, "message")));
        json_decref(answer);
    }
}

Test(methods, blocks_are_found_by_every_kind_of_name)
{
    char params[200], hash[65];
    sample_block(&fake.sample);
    for (size_t at = 0; at < 32; at++)
        snprintf(hash + 2 * at, 3, "%02x", ledger_head(fake.sample.ledger)->hash.bytes[at]);
    expect_result("eth_blockNumber", "[]", "\"0x1\"");
    static const char *const names[] = {"latest", "safe", "finalized", "pending", "0x1"};
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        snprintf(params, sizeof params, "[" ADDRESS ",\"%s\"]", names[index]);
        expect_result("eth_getBalance", params, "\"0x0\"");
    }
    snprintf(params, sizeof params,
             "[" ADDRESS ",{\"blockHash\":\"0x%s\",\"requireCanonical\":"
             "true}]",
             hash);
    expect_result("eth_getBalance", params, "\"0x0\"");
    snprintf(params, sizeof params, "[\"0x%s\"]", hash);
    expect_result("eth_getBlockTransactionCountByHash", params, "\"0x0\"");
    expect_result("eth_getBlockByNumber", "[\"0x9\",false]", "null");
    expect_result("eth_getBlockByHash", "[" HASH ",false]", "null");
    expect_result("eth_getBlockReceipts", "[\"0x9\"]", "null");
    expect_error("eth_getBalance", "[" ADDRESS ",\"0x9\"]", -32000, "header not found");
    expect_error("eth_getBalance", "[" ADDRESS "," HASH "]", -32000, "header for hash not found");
    expect_error("debug_getRawBlock", "[\"0x9\"]", -32000, "block not found");
}

/* Yesterday's balance differs from today's. */
/* As on a node that joined at a checkpoint, here block 4. */
Test(methods, blocks_before_the_first_one_kept_are_refused_by_name)
{
    static const char words[] = "not available: this node has the ledger from block 4 on";
    static const char *const asked[][2] = {
        {"eth_getBlockByNumber", "[\"0x2\",false]"},
        {"eth_getBlockReceipts", "[\"0x2\"]"},
        {"eth_getBlockTransactionCountByNumber", "[\"0x3\"]"},
        {"eth_getBalance", "[" ADDRESS ",\"0x3\"]"},
        {"eth_getBalance", "[" ADDRESS ",\"earliest\"]"},
        {"eth_call", "[{\"to\":" ADDRESS "},\"0x1\"]"},
        {"eth_getLogs", "[{\"fromBlock\":\"0x0\"}]"},
        {"debug_getRawBlock", "[\"0x2\"]"},
        {"debug_traceBlockByNumber", "[\"0x2\"]"},
    };
    for (unsigned i = 0; i < 6; i++)
        sample_block(&fake.sample);
    fake.sample.ledger->earliest = 4;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        expect_error(asked[i][0], asked[i][1], -32001, words);
    expect_result("eth_getBlockTransactionCountByNumber", "[\"0x4\"]", "\"0x0\"");
    expect_result("eth_getBlockTransactionCountByNumber", "[\"0x0\"]", "\"0x0\"");
    expect_result("eth_getLogs", "[{\"fromBlock\":\"0x4\"}]", "[]");
    json_t *answer = ask_for("eth_capabilities", "[]", "result");
    static const char *const resources[] = {"state",    "tx",     "logs",
                                            "receipts", "blocks", "stateproofs"};
    for (size_t i = 0; i < sizeof resources / sizeof *resources; i++)
        cr_expect_str_eq(text_at(json_object_get(answer, resources[i]), "oldestBlock"), "0x4");
    json_decref(answer);
}

Test(methods, balances_are_those_of_the_block_asked_for)
{
    char params[200], receiver[41] = {0};
    address to = {{0xb0, 0xb0}};
    struct transaction tx = sample_transfer(&fake.sample, 0, &to, 7);
    cr_assert_eq(sample_submit(&fake.sample, &tx), POOL_OK);
    sample_block(&fake.sample);
    for (size_t at = 0; at < 20; at++)
        snprintf(receiver + 2 * at, 3, "%02x", to.bytes[at]);
    snprintf(params, sizeof params, "[\"0x%s\",\"0x0\"]", receiver);
    expect_result("eth_getBalance", params, "\"0x0\"");
    snprintf(params, sizeof params, "[\"0x%s\"]", receiver);
    expect_result("eth_getBalance", params, "\"0x7\"");
}

Test(methods, runs_tell_how_they_ended)
{
    expect_result("eth_call", "[{\"data\":\"0x602a60005260206000f3\"}]",
                  "\"0x000000000000000000000000000000000000000000000000000000000000002a\"");
    expect_error("eth_call", "[{\"data\":\"0xfe\"}]", -32000, "invalid opcode");
    expect_error("eth_call", "[{\"data\":\"0x5b600056\",\"gas\":\"0x186a0\"}]", -32000,
                 "out of gas");
    expect_error("eth_estimateGas", "[{\"data\":\"0x5b600056\",\"gas\":\"0x186a0\"}]", -32000,
                 "gas required exceeds allowance (100000)");
    expect_error("eth_estimateGas", "[{\"to\":" ADDRESS ",\"value\":\"0x1\"}]", -32000,
                 "insufficient funds for transfer");
    expect_result("eth_estimateGas", "[{\"to\":" ADDRESS "}]", "\"0x5208\"");
    /* revert("no"): MSTOREs of selector, offset, size and text, then REVERT(28, 100) */
    json_t *answer =
        ask("eth_call",
            "[{\"data\":\"0x6308c379a060005260206020526002604052616e6f60f01b6060526064601cfd\"}]");
    const json_t *error = json_object_get(answer, "error");
    cr_expect_eq(json_integer_value(json_object_get(error, "code")), 3);
    cr_expect_str_eq(json_string_value(json_object_get(error, "message")),
                     "execution reverted: no");
    cr_expect_eq(json_string_length(json_object_get(error, "data")), 202);
    json_decref(answer);
}

/* The estimate is exact: one gas less fails. */
/* As in geth: libraries send along what they know of a transaction. */
Test(methods, members_that_no_one_knows_are_left_alone)
{
    expect_result("eth_estimateGas",
                  "[{\"to\":" ADDRESS ",\"chain\":\"mainnet\",\"hardfork\":\"london\","
                  "\"networkId\":\"0x1\",\"gasLimit\":\"0x5208\"}]",
                  "\"0x5208\"");
}

Test(methods, an_estimate_is_the_least_gas_that_succeeds)
{
    char params[200];
    json_t *answer =
        ask("eth_estimateGas", "[{\"data\":\"0x6001600055600160015560016002556000600055\"}]");
    const char *text = json_string_value(json_object_get(answer, "result"));
    cr_assert_not_null(text);
    unsigned long gas = strtoul(text, NULL, 16);
    json_decref(answer);
    snprintf(params, sizeof params,
             "[{\"data\":\"0x6001600055600160015560016002556000600055\",\"gas\":\"0x%lx\"}]", gas);
    expect_result("eth_call", params, "\"0x\"");
    snprintf(params, sizeof params,
             "[{\"data\":\"0x6001600055600160015560016002556000600055\",\"gas\":\"0x%lx\"}]",
             gas - 1);
    expect_error("eth_call", params, -32000, "out of gas");
}

Test(methods, endless_runs_end_in_time)
{
    limits.call_timeout_ms = 50;
    limits.call_gas_max = UINT64_MAX / 4;
    expect_error("eth_call", "[{\"data\":\"0x5b600056\"}]", -32000, "execution aborted");
}

Test(methods, founding_hands_the_founders_choices_on)
{
    json_t *answer = ask(
        "org_create", "[{\"name\":\"Acme Guild\",\"symbol\":\"ACM\",\"founder\":" ADDRESS
                      ",\"transparency\":\"open\",\"grant\":\"12.5\",\"reason\":\"seed\","
                      "\"fees\":\"market\",\"baseFee\":\"0x7\",\"fork\":\"prague\",\"pulse\":500,"
                      "\"makeDefault\":true}]");
    cr_expect(json_is_object(json_object_get(json_object_get(answer, "result"), "charter")));
    u256 grant;
    u256_parse_decimal(&grant, "12500000000000000000", 20);
    cr_expect(fake.has_created);
    cr_expect_str_eq(fake.created.label, "acme-guild");
    cr_expect(u256_equal(&fake.created.grant_wei, &grant));
    cr_expect_eq(fake.created.fees, FEES_MARKET);
    cr_expect_eq(fake.created.base_fee_floor.limbs[0], 7);
    cr_expect_eq(fake.created.pulse_ms, 500);
    cr_expect(fake.created.has_fork);
    cr_expect_eq(fake.created.fork, VM_FORK_PRAGUE);
    cr_expect(fake.created.make_default);
    json_decref(answer);
    expect_error("org_create",
                 "[{\"label\":\"taken\",\"name\":\"T\",\"symbol\":\"T\",\"founder\":" ADDRESS
                 ",\"transparency\":\"open\"}]",
                 -32000, "already");
    expect_error("org_get", "[\"nobody\"]", -32001, "nobody");
}

Test(methods, founding_together_goes_step_by_step)
{
    json_t *answer = ask("org_foundOffer", "[" SESSION ",\"asked\",\"0x7b7d\"," SIGNATURE "]");
    json_t *offer = json_object_get(answer, "result");
    cr_expect_str_eq(json_string_value(json_object_get(offer, "state")), "asked");
    cr_expect(json_is_null(json_object_get(offer, "entry")));
    cr_expect_str_eq(json_string_value(json_object_get(offer, "network")), "0x3");
    cr_expect_eq(fake.joint.session[15], 0xcd);
    cr_expect_eq(fake.joint.founder.bytes[64], 0x11);
    cr_expect_eq(fake.joint.document.size, 2);
    json_decref(answer);

    answer = ask("org_foundOffer", "[" SESSION ",\"acme\",\"0x7b7d\"," SIGNATURE "]");
    offer = json_object_get(answer, "result");
    cr_expect_str_eq(json_string_value(json_object_get(offer, "state")), "offered");
    cr_expect_eq(strncmp(json_string_value(json_object_get(offer, "entry")), "0xf8", 4), 0);
    json_decref(answer);

    answer = ask("org_foundAccept", "[" SESSION ",\"acme\",\"0x7b7d\"," SIGNATURE "]");
    cr_expect_eq(json_string_length(json_object_get(answer, "result")), 2 + 2 * 65);
    json_decref(answer);

    answer = ask("org_foundComplete", "[" SESSION ",\"acme\",\"0x7b7d\"," SIGNATURE "]");
    cr_expect(json_is_object(json_object_get(json_object_get(answer, "result"), "charter")));
    cr_expect_eq(fake.joint_acceptances, 1);
    json_decref(answer);
    expect_error("org_foundOffer", "[" SESSION ",\"unwanted\",\"0x7b7d\"," SIGNATURE "]", -32006,
                 "does not want");
}

Test(methods, a_finality_proof_decodes_and_holds)
{
    sample_block(&fake.sample);
    json_t *answer = ask("org_getFinalityProof", "[\"0x1\"]");
    const char *hex =
        json_string_value(json_object_get(json_object_get(answer, "result"), "proof"));
    cr_assert_not_null(hex);
    struct buffer encoded = {0};
    for (const char *at = hex + 2; *at != '\0'; at += 2) {
        char digits[3] = {at[0], at[1], '\0'};
        buffer_append_u8(&encoded, (uint8_t)strtoul(digits, NULL, 16));
    }
    struct finality_proof proof;
    struct signing_domain domain = ledger_signing_domain(fake.sample.ledger);
    cr_assert(finality_proof_decode(&proof, fake.sample.genesis.fork, buffer_view(&encoded),
                                    &fake.sample.arena));
    cr_expect_eq(finality_proof_check(&proof, &domain, ledger_epoch_record(fake.sample.ledger)),
                 FINALITY_OK);
    buffer_cleanup(&encoded);
    json_decref(answer);
}

static void read_hex(const json_t *object, const char *key, struct buffer *out)
{
    const char *hex = json_string_value(json_object_get(object, key));
    cr_assert_not_null(hex, "%s", key);
    cr_assert(hex_decode_append(out, hex, strlen(hex)), "%s", key);
}

/* A ledger without a seal has a chain without links. */
Test(methods, a_chain_of_seals_leads_on_from_an_epoch)
{
    json_t *answer = ask("org_getSeals", "[\"0x1\"]");
    const json_t *result = json_object_get(answer, "result");
    cr_expect_str_eq(json_string_value(json_object_get(result, "newest")), "0x1");
    cr_expect_str_eq(json_string_value(json_object_get(result, "links")), "0x0");
    cr_expect_str_eq(json_string_value(json_object_get(result, "chain")), "0xc30101c0");
    json_decref(answer);
    expect_error("org_getSeals", "[\"0x2\"]", -32001, "no epoch 2: there are 1 to 1");
    expect_error("org_getSeals", "[\"0x0\"]", -32001, "no epoch 0");
}

/* What a member hands to another: the block decodes, and its certificate is for it. */
Test(methods, a_whole_block_comes_with_its_certificate)
{
    sample_block(&fake.sample);
    json_t *answer = ask("org_getBlock", "[\"0x1\"]");
    const json_t *result = json_object_get(answer, "result");
    struct buffer container = {0}, finalization = {0};
    struct block block;
    struct certificate certificate;
    read_hex(result, "container", &container);
    read_hex(result, "finalization", &finalization);
    cr_assert_eq(block_container_decode(&block, fake.sample.genesis.fork, buffer_view(&container),
                                        &fake.sample.arena),
                 BLOCK_OK);
    cr_assert(certificate_decode(&certificate, buffer_view(&finalization), &fake.sample.arena));
    cr_expect_eq(block.header.number, 1);
    cr_expect(hash256_equal(&certificate.block_hash, &block.hash));
    buffer_cleanup(&container);
    buffer_cleanup(&finalization);
    json_decref(answer);
    expect_error("org_getBlock", "[\"0x0\"]", -32000, "follows from the charter");
}

Test(methods, refused_transactions_say_why)
{
    expect_error("eth_sendRawTransaction", "[\"0x\"]", -32000, "");
    expect_error("eth_sendRawTransaction", "[\"0x03c0\"]", -32000, "");
    expect_error("eth_sendRawTransaction", "[\"0xc0\"]", -32000, "");
    cr_expect_eq(pool_ready_count(ledger_pool(fake.sample.ledger)), 0);
    cr_expect_eq(fake.wakes, 0);
}

/* ---- Small ones -------------------------------------------------------------------------- */

Test(methods, what_clients_ask_once_is_answered)
{
    expect_result("web3_sha3", "[\"0x68656c6c6f\"]",
                  "\"0x1c8aff950685c2ed4bc3174f3472287b56d9517b9c948127319a09a7a36deac8\"");
    expect_result("net_peerCount", "[]", "\"0x0\"");
    expect_result("eth_protocolVersion", "[]", "\"0x1\"");
    expect_result("eth_baseFee", "[]", "\"0x0\"");
    expect_result("eth_blobBaseFee", "[]", "\"0x1\"");
    char payout[45];
    strcpy(payout, "\"0x");
    for (size_t at = 0; at < 20; at++)
        sprintf(payout + 3 + 2 * at, "%02x", fake.sample.member.payout.bytes[at]);
    strcat(payout, "\"");
    expect_result("eth_coinbase", "[]", payout);
    expect_result("eth_getUncleCountByBlockNumber", "[\"latest\"]", "\"0x0\"");
    expect_result("eth_getUncleCountByBlockNumber", "[\"0x9\"]", "null");
    expect_result("eth_getUncleCountByBlockHash", "[" HASH "]", "null");
    expect_result("eth_getUncleByBlockNumberAndIndex", "[\"0x0\",\"0x0\"]", "null");
    expect_result("eth_getUncleByBlockHashAndIndex", "[" HASH ",\"0x0\"]", "null");
}

/* What is raw hashes to what is shown. */
Test(methods, raw_bytes_are_those_that_are_hashed)
{
    char params[100];
    struct transaction tx = sample_transfer(&fake.sample, 0, &fake.sample.accounts[1], 7);
    cr_assert_eq(sample_submit(&fake.sample, &tx), POOL_OK);
    char *shown = arena_alloc(&fake.sample.arena, 2 * tx.encoded.size + 8);
    strcpy(shown, "\"0x");
    for (size_t at = 0; at < tx.encoded.size; at++)
        sprintf(shown + 3 + 2 * at, "%02x", tx.encoded.data[at]);
    strcat(shown, "\"");
    strcpy(params, "[\"0x");
    for (size_t at = 0; at < 32; at++)
        sprintf(params + 4 + 2 * at, "%02x", tx.hash.bytes[at]);
    strcat(params, "\"]");
    expect_result("debug_getRawTransaction", params, shown); /* from the pool */
    sample_block(&fake.sample);
    expect_result("debug_getRawTransaction", params, shown); /* from the block */
    expect_result("debug_getRawTransaction", "[" HASH "]", "\"0x\"");
    expect_error("debug_getRawHeader", "[\"0x9\"]", -32000, "block not found");
    expect_error("debug_getRawReceipts", "[\"0x9\"]", -32000, "block not found");
    expect_result("debug_getRawReceipts", "[\"0x0\"]", "[]");
}

Test(methods, the_pool_is_shown_as_geth_shows_it)
{
    const address to = {{0xb0}};
    struct transaction first = sample_transfer(&fake.sample, 0, &to, 7);
    sample_transfer(&fake.sample, 0, &to, 8); /* never sent: a gap */
    struct transaction third = sample_transfer(&fake.sample, 0, &to, 9);
    cr_assert_eq(sample_submit(&fake.sample, &first), POOL_OK);
    cr_assert_eq(sample_submit(&fake.sample, &third), POOL_OK);
    expect_result("txpool_status", "[]", "{\"pending\":\"0x1\",\"queued\":\"0x1\"}");
    json_t *answer = ask("txpool_inspect", "[]"), *result = json_object_get(answer, "result");
    const char *sender;
    json_t *of_sender;
    cr_assert_eq(json_object_size(json_object_get(result, "pending")), 1);
    json_object_foreach(json_object_get(result, "pending"), sender, of_sender)
    {
        cr_expect_eq(strlen(sender), 42);
        cr_expect_str_eq(json_string_value(json_object_get(of_sender, "0")),
                         "0xB000000000000000000000000000000000000000: 7 wei + 21000 gas × 0 wei");
    }
    json_object_foreach(json_object_get(result, "queued"), sender, of_sender)
        cr_expect(json_object_get(of_sender, "2") != NULL);
    json_decref(answer);
    answer = ask("txpool_contentFrom", "[" ADDRESS "]");
    cr_expect_eq(json_object_size(json_object_get(json_object_get(answer, "result"), "pending")),
                 0);
    json_decref(answer);
}

/* A client that probes learns what to do instead. */
Test(methods, unserved_methods_say_what_to_use)
{
    expect_error("eth_sendTransaction", "[{}]", -32601, "eth_sendRawTransaction");
    expect_error("personal_unlockAccount", "[]", -32601, "keeps no keys");
    expect_error("trace_block", "[\"latest\"]", -32601, "debug_traceTransaction");
    expect_error("evm_increaseTime", "[1]", -32601, "lnode --dev");
    expect_error("engine_newPayloadV4", "[]", -32601, "committee");
    expect_error("eth_mining", "[]", -32601, "nothing is mined");
    expect_error("eth_signs", "[]", -32601, "rpc.discover lists them");
    expect_error("trace_", "[]", -32601, "rpc.discover lists them");
}

/* Percentiles need every block's transactions and receipts: time is the bound. */
Test(methods, a_fee_history_ends_in_time)
{
    sample_block(&fake.sample);
    limits.call_timeout_ms = 0;
    expect_error("eth_feeHistory", "[\"0x2\",\"latest\",[50]]", -32002, "took longer than 0 ms");
}

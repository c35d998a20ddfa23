/* org_getHistory over a sample organisation: entries, pages, wrong parameters. */
#include "rpc/call.h"
#include "tests/unit/rpc/asking.h"
#include "vm/base/hex.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

TestSuite(history_method, .init = asking_start, .fini = asking_stop, .timeout = 60);

static void account_text(char text[43], const address *account)
{
    memcpy(text, "0x", 2);
    hex_encode(text + 2, account->bytes, sizeof account->bytes);
    text[42] = '\0';
}

Test(history_method, tells_transfers_and_genesis_coin)
{
    char params[100], account[43];
    const address to = {{0x57}};
    struct transaction tx = sample_transfer(&fake.sample, 0, &to, 7);
    cr_assert_eq(sample_submit(&fake.sample, &tx), POOL_OK);
    sample_block(&fake.sample);
    account_text(account, &fake.sample.accounts[0]);
    snprintf(params, sizeof params, "[\"%s\"]", account);
    json_t *page = ask_for("org_getHistory", params, "result");
    const json_t *entries = json_object_get(page, "entries");
    cr_assert_eq(json_array_size(entries), 2);
    cr_expect(json_is_null(json_object_get(page, "next")));
    const json_t *sent = json_array_get(entries, 0), *coin = json_array_get(entries, 1);
    cr_expect_str_eq(text_at(sent, "from"), account);
    cr_expect_str_eq(text_at(sent, "value"), "0x7");
    cr_expect_str_eq(text_at(sent, "status"), "0x1");
    cr_expect_str_eq(text_at(sent, "fee"), "0x0");
    cr_expect_str_eq(text_at(sent, "blockNumber"), "0x1");
    cr_expect_str_eq(json_string_value(json_array_get(json_object_get(sent, "roles"), 0)), "sent");
    const json_t *coins = json_object_get(coin, "coins");
    cr_assert_eq(json_array_size(coins), 1);
    cr_expect_str_eq(text_at(json_array_get(coins, 0), "amount"), "0x3635c9adc5dea00000");
    cr_expect_str_eq(text_at(coin, "blockNumber"), "0x0");
    json_decref(page);
}

Test(history_method, goes_on_where_a_page_ended)
{
    char params[200], account[43], cursor[40] = "";
    const address to = {{0x57}};
    unsigned seen = 0;
    for (unsigned i = 0; i < 5; i++) {
        struct transaction tx = sample_transfer(&fake.sample, i, &to, i);
        cr_assert_eq(sample_submit(&fake.sample, &tx), POOL_OK);
        sample_block(&fake.sample);
    }
    account_text(account, &to);
    do {
        snprintf(params, sizeof params, "[\"%s\",2%s%s%s]", account, cursor[0] ? ",\"" : "", cursor,
                 cursor[0] ? "\"" : "");
        json_t *page = ask_for("org_getHistory", params, "result");
        const json_t *entries = json_object_get(page, "entries");
        for (size_t i = 0; i < json_array_size(entries); i++)
            cr_expect_eq(strtoul(text_at(json_array_get(entries, i), "value"), NULL, 16),
                         4 - seen++);
        const char *next = json_string_value(json_object_get(page, "next"));
        snprintf(cursor, sizeof cursor, "%s", next != NULL ? next : "");
        json_decref(page);
    } while (cursor[0] != '\0');
    cr_expect_eq(seen, 5);
}

Test(history_method, names_wrong_parameters)
{
    expect_error("org_getHistory", "[]", -32602, "required argument 0: account");
    expect_error("org_getHistory", "[\"0x12\"]", -32602, "params[0]");
    expect_error("org_getHistory", "[\"0x00000000000000000000000000000000000a11ce\",0]", -32602,
                 "params[1]: found 0");
    expect_error("org_getHistory", "[\"0x00000000000000000000000000000000000a11ce\",101]", -32602,
                 "1 to 100 entries");
    expect_error("org_getHistory", "[\"0x00000000000000000000000000000000000a11ce\",\"x\"]", -32602,
                 "params[1]");
    expect_error("org_getHistory", "[\"0x00000000000000000000000000000000000a11ce\",1,\"0x12\"]",
                 -32602, "params[2]: found 1 bytes; expected `next`");
}

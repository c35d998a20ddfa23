#include "rpc/plain.h"

#include <criterion/criterion.h>

static bool reads(const char *text)
{
    struct plain_call call;
    bool is_plain = plain_call_read(bytes_of_text(text), &call);
    json_decref(call.params);
    return is_plain;
}

Test(plain, reads_what_clients_send)
{
    struct plain_call call;
    const char *text = " {\"method\":\"eth_getBalance\", \"params\" : [\"0x12\",\"latest\" , true],"
                       "\n\"id\":42,\"jsonrpc\":\"2.0\"} ";
    cr_assert(plain_call_read(bytes_of_text(text), &call));
    cr_expect(bytes_equal(call.method, bytes_of_text("eth_getBalance")));
    cr_expect(bytes_equal(call.id, bytes_of_text("42")));
    cr_assert_eq(json_array_size(call.params), 3);
    cr_expect_str_eq(json_string_value(json_array_get(call.params, 1)), "latest");
    cr_expect(json_is_true(json_array_get(call.params, 2)));
    json_decref(call.params);

    cr_assert(plain_call_read(bytes_of_text("{\"jsonrpc\":\"2.0\",\"method\":\"a\",\"id\":\"x\"}"),
                              &call));
    cr_expect(bytes_equal(call.id, bytes_of_text("\"x\"")));
    cr_expect(call.params == NULL);
}

/* Whatever is not plain, or wrong, is for jansson to judge. */
Test(plain, leaves_everything_else_alone)
{
#define AROUND(middle) "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"a\"" middle "}"
    cr_assert(reads(AROUND("")));
    cr_assert(reads(AROUND(",\"params\":[]")));
    static const char *const others[] = {
        "",
        "null",
        "{}",
        "[]",
        AROUND(",\"params\":[1]"),
        AROUND(",\"params\":[{}]"),
        AROUND(",\"params\":[null]"),
        AROUND(",\"params\":[\"a\\u0041\"]"),
        AROUND(",\"params\":[\"\xc3\xa4\"]"),
        AROUND(",\"params\":[\"a\" \"b\"]"),
        AROUND(",\"params\":[\"a\",]"),
        AROUND(",\"params\":[true1]"),
        AROUND(",\"params\":null"),
        AROUND(",\"params\":{}"),
        AROUND(",\"params\":[]]"),
        AROUND(",\"params\":[],\"params\":[]"),
        AROUND(",\"id\":2"),
        AROUND(",\"jsonrpc\":\"2.0\""),
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\",\"method\":\"a\"}",
        AROUND(",\"more\":\"\""),
        AROUND(","),
        AROUND("") "x",
        "{\"jsonrpc\":\"1.0\",\"id\":1,\"method\":\"a\"}",
        "{\"id\":1,\"method\":\"a\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1}",
        "{\"jsonrpc\":\"2.0\",\"id\":-1,\"method\":\"a\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1.5,\"method\":\"a\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":01,\"method\":\"a\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"a\"}",
        "{\"jsonrpc\":\"2.0\",\"id\":1234567890123456,\"method\":\"a\"}",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        cr_expect(!reads(others[i]), "%s", others[i]);
}

Test(plain, a_call_cut_anywhere_is_not_plain)
{
    const char text[] =
        "{\"jsonrpc\":\"2.0\",\"id\":\"i\",\"method\":\"a\",\"params\":[\"0x\",true]}";
    for (size_t size = 0; size < sizeof text - 1; size++) {
        struct plain_call call;
        cr_expect(!plain_call_read(bytes_of(text, size), &call), "%zu", size);
    }
}

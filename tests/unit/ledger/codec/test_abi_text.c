#include "ledger/codec/abi_text.h"

#include "vm/base/hex.h"

#include <criterion/criterion.h>
#include <stdlib.h>

static struct arena arena;

static void tear_down(void)
{
    arena_cleanup(&arena);
}

static bool parse(const char *type_text, const char *text, struct abi_value *value,
                  struct error *error)
{
    struct abi_type type;
    struct abi_reading reading = {.arena = &arena};
    cr_assert(abi_type_parse(&type, type_text, &arena, error), "%s", error->text);
    return abi_value_parse(&type, text, &reading, value, error);
}

Test(abi_text, refuses_values_that_do_not_fit, .fini = tear_down)
{
    static const char *const wrong[][2] = {
        {"uint8", "256"},
        {"uint8", "-1"},
        {"uint8", ""},
        {"uint8", "1 "},
        {"int8", "128"},
        {"int8", "-129"},
        {"int8", "--1"},
        {"bool", "1"},
        {"bool", "True"},
        {"address", "bob"},
        {"address", "0x12"},
        {"address", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed"},
        {"bytes", "12"},
        {"bytes", "0x1"},
        {"bytes2", "0x01"},
        {"bytes2", "0x010203"},
        {"uint8[]", "1,2"},
        {"uint8[]", "[1,2"},
        {"uint8[]", "[1 2]"},
        {"uint8[]", "[1,2]x"},
        {"uint8[2]", "[1]"},
        {"uint8[2]", "[1,2,3]"},
        {"(uint8,bool)", "(1)"},
        {"(uint8,bool)", "(1,true]"},
        {"string[]", "[\"a]"},
        {"uint256",
         "115792089237316195423570985008687907853269984665640564039457584007913129639936"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error error;
        struct abi_value value;
        cr_expect_not(parse(wrong[i][0], wrong[i][1], &value, &error), "%s %s", wrong[i][0],
                      wrong[i][1]);
    }
}

Test(abi_text, takes_the_ends_of_every_range, .fini = tear_down)
{
    struct error error;
    struct abi_value value;
    cr_expect(parse("uint8", "255", &value, &error));
    cr_expect(parse("int8", "127", &value, &error));
    cr_expect(parse("int8", "-128", &value, &error));
    cr_expect(parse("uint8[]", "[]", &value, &error));
    cr_expect_eq(value.items_count, 0);
    cr_expect(parse("string[]", "[ \"a,]\\\"b\" , c d ]", &value, &error), "%s", error.text);
    cr_expect_eq(value.items_count, 2);
    cr_expect(bytes_equal(value.items[0].bytes, bytes_of_text("a,]\"b")));
    cr_expect(bytes_equal(value.items[1].bytes, bytes_of_text("c d")));
}

Test(abi_text, a_value_as_json_is_exact_and_named, .fini = tear_down)
{
    struct error error;
    struct abi_type type;
    struct abi_value value;
    struct abi_reading reading = {.arena = &arena};
    cr_assert(abi_type_parse(&type, "(int256 n, bool ok, bytes2[] b)", &arena, &error));
    cr_assert(
        abi_value_parse(&type, "(-9007199254740993,true,[0x0102])", &reading, &value, &error));
    json_t *json = abi_value_json(&type, &value);
    char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
    cr_expect_str_eq(text, "{\"n\":\"-9007199254740993\",\"ok\":true,\"b\":[\"0x0102\"]}");
    free(text);
    json_decref(json);
}

static void expect_revert(const char *digits, const struct abi *abi, const char *expected)
{
    struct buffer data = {0};
    struct buffer text = {0};
    uint8_t *bytes = buffer_extend(&data, strlen(digits) / 2);
    cr_assert(hex_decode(bytes, strlen(digits) / 2, digits));
    abi_revert_format(abi, buffer_view(&data), &text);
    buffer_append_u8(&text, '\0');
    cr_expect_str_eq((char *)text.data, expected);
    buffer_cleanup(&data);
    buffer_cleanup(&text);
}

Test(abi_text, explains_reverts, .fini = tear_down)
{
    struct error error;
    struct abi_entry entry;
    struct abi abi = {&entry, 1};
    expect_revert("", NULL, "no reason given");
    expect_revert("08c379a0"
                  "0000000000000000000000000000000000000000000000000000000000000020"
                  "0000000000000000000000000000000000000000000000000000000000000005"
                  "68656c6c6f000000000000000000000000000000000000000000000000000000",
                  NULL, "hello");
    expect_revert("4e487b71"
                  "0000000000000000000000000000000000000000000000000000000000000011",
                  NULL, "arithmetic overflow or underflow (panic 0x11)");
    expect_revert("deadbeef", NULL, "0xdeadbeef");
    expect_revert("08c379a0ff", NULL, "0x08c379a0ff");
    cr_assert(abi_entry_parse(&entry, "error Error2(uint256 has)", &arena, &error));
    struct buffer data = {0};
    struct buffer text = {0};
    buffer_append(&data, entry.hash.bytes, 4);
    memset(buffer_extend(&data, 31), 0, 31);
    buffer_append_u8(&data, 9);
    abi_revert_format(&abi, buffer_view(&data), &text);
    buffer_append_u8(&text, '\0');
    cr_expect_str_eq((char *)text.data, "Error2(has: 9)");
    buffer_cleanup(&data);
    buffer_cleanup(&text);
}

/* A stranger's string must not move the cursor, set colours or turn the text around. */
Test(abi_text, makes_text_safe_for_a_terminal)
{
    struct buffer text = {0};
    text_format_safe(bytes_of_text("a\x1b[31mé\n\xff\xe2\x80\xae\xc2\x9b漢"), &text);
    buffer_append_u8(&text, '\0');
    cr_expect_str_eq((char *)text.data, "a\\x1b[31mé\\x0a\\xff\\xe2\\x80\\xae\\xc2\\x9b漢");
    buffer_cleanup(&text);
}

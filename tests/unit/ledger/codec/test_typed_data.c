#include "ledger/codec/typed_data.h"

#include "vm/base/hex.h"

#include <criterion/criterion.h>
#include <stdio.h>

/* The example of EIP-712. */
#define TYPES                                                    \
    "\"EIP712Domain\":[{\"name\":\"name\",\"type\":\"string\"}," \
    "{\"name\":\"version\",\"type\":\"string\"},"                \
    "{\"name\":\"chainId\",\"type\":\"uint256\"},"               \
    "{\"name\":\"verifyingContract\",\"type\":\"address\"}],"    \
    "\"Person\":[{\"name\":\"name\",\"type\":\"string\"},"       \
    "{\"name\":\"wallet\",\"type\":\"address\"}],"               \
    "\"Mail\":[{\"name\":\"from\",\"type\":\"Person\"},"         \
    "{\"name\":\"to\",\"type\":\"Person\"},{\"name\":\"contents\",\"type\":\"string\"}]"
#define DOMAIN_VALUE                                            \
    "{\"name\":\"Ether Mail\",\"version\":\"1\",\"chainId\":1," \
    "\"verifyingContract\":\"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC\"}"
#define COW  "{\"name\":\"Cow\",\"wallet\":\"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826\"}"
#define BOB  "{\"name\":\"Bob\",\"wallet\":\"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB\"}"
#define MAIL "{\"from\":" COW ",\"to\":" BOB ",\"contents\":\"Hello, Bob!\"}"
#define DOCUMENT(types, message)                                               \
    "{\"types\":{" types "},\"primaryType\":\"Mail\",\"domain\":" DOMAIN_VALUE \
    ",\"message\":" message "}"

static bool read_document(const char *text, struct typed_data *out, struct arena *arena,
                          struct error *error)
{
    json_t *document = json_loads(text, 0, NULL);
    cr_assert_not_null(document, "%s", text);
    bool ok = typed_data_read(out, document, arena, error);
    json_decref(document);
    return ok;
}

static void expect_digest(const hash256 *digest, const char *expected)
{
    char text[65] = "";
    hex_encode(text, digest->bytes, 32);
    cr_expect_str_eq(text, expected);
}

Test(typed_data, has_the_digest_of_the_standards_example)
{
    struct arena arena = {0};
    struct typed_data read;
    struct error error;
    cr_assert(read_document(DOCUMENT(TYPES, MAIL), &read, &arena, &error), "%s", error.text);
    expect_digest(&read.digest, "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    cr_expect_str_eq(read.title, "Mail");
    arena_cleanup(&arena);
}

Test(typed_data, is_said_in_words)
{
    struct arena arena = {0};
    struct typed_data read;
    struct error error;
    cr_assert(read_document(DOCUMENT(TYPES, MAIL), &read, &arena, &error), "%s", error.text);
    cr_expect_str_eq(arena_text(&arena, read.lines),
                     "for:\n"
                     "  name: Ether Mail\n"
                     "  version: 1\n"
                     "  chainId: 1\n"
                     "  verifyingContract: 0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC\n"
                     "Mail:\n"
                     "  from:\n"
                     "    name: Cow\n"
                     "    wallet: 0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826\n"
                     "  to:\n"
                     "    name: Bob\n"
                     "    wallet: 0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB\n"
                     "  contents: Hello, Bob!\n");
    arena_cleanup(&arena);
}

/* A document whose types leave the domain out is read as ethers reads it. */
Test(typed_data, needs_no_type_of_the_domain)
{
    struct arena arena = {0};
    struct typed_data with, without;
    struct error error;
    static const char *const types =
        "{\"types\":{\"Mail\":[{\"name\":\"n\",\"type\":\"uint8[]\"}]},\"primaryType\":\"Mail\","
        "\"domain\":{\"chainId\":1,\"name\":\"x\"},\"message\":{\"n\":[1,2]}}";
    static const char *const explicit_types =
        "{\"types\":{\"EIP712Domain\":[{\"name\":\"name\",\"type\":\"string\"},{\"name\":"
        "\"chainId\","
        "\"type\":\"uint256\"}],\"Mail\":[{\"name\":\"n\",\"type\":\"uint8[]\"}]},"
        "\"primaryType\":\"Mail\",\"domain\":{\"chainId\":1,\"name\":\"x\"},\"message\":{\"n\":[1,"
        "2]}}";
    cr_assert(read_document(types, &without, &arena, &error), "%s", error.text);
    cr_assert(read_document(explicit_types, &with, &arena, &error), "%s", error.text);
    cr_expect(hash256_equal(&with.digest, &without.digest));
    arena_cleanup(&arena);
}

Test(typed_data, that_says_less_or_more_than_its_types_is_refused)
{
    static const struct {
        const char *document;
        const char *part;
    } cases[] = {
        {DOCUMENT(TYPES, "{\"from\":" COW ",\"to\":" BOB "}"), "field contents is missing"},
        {DOCUMENT(TYPES, "{\"from\":" COW ",\"to\":" BOB ",\"contents\":\"\",\"all\":true}"),
         "type Mail has no field \"all\""},
        {DOCUMENT(TYPES, "{\"from\":" COW ",\"to\":7,\"contents\":\"\"}"),
         "message: to: expected an object of type Person"},
        {DOCUMENT(TYPES, "{\"from\":" COW ",\"to\":" BOB ",\"contents\":7}"),
         "field contents: expected a value of type string"},
        {DOCUMENT(TYPES, "{\"from\":" COW ",\"to\":{\"name\":\"\",\"wallet\":\"0x12\"},"
                         "\"contents\":\"\"}"),
         "field wallet"},
        {DOCUMENT("\"Mail\":[{\"name\":\"n\",\"type\":\"uint8\"}]", "{\"n\":256}"), "field n"},
        {DOCUMENT("\"Mail\":[{\"name\":\"n\",\"type\":\"uint8[2]\"}]", "{\"n\":[1]}"),
         "expected a list of type uint8[2]"},
        {DOCUMENT("\"Mail\":[{\"name\":\"n\",\"type\":\"Nobody\"}]", "{\"n\":[1]}"), "field n"},
        {DOCUMENT("\"Mail\":[{\"name\":\"n\",\"type\":\"uint8\"},{\"name\":\"n\",\"type\":"
                  "\"uint8\"}]",
                  "{\"n\":1}"),
         "two fields n"},
        {DOCUMENT("\"address\":[],\"Mail\":[{\"name\":\"n\",\"type\":\"address\"}]", "{\"n\":{}}"),
         "may not be called address"},
        {"{\"types\":{},\"primaryType\":\"Mail\",\"domain\":{},\"message\":{}}", "primaryType"},
        {"{\"types\":[],\"primaryType\":\"Mail\",\"domain\":{},\"message\":{}}",
         "expected an object with types"},
        {"[]", "expected an object with types"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena arena = {0};
        struct typed_data read;
        struct error error = {0};
        cr_expect_not(read_document(cases[i].document, &read, &arena, &error), "case %zu", i);
        cr_expect_not_null(strstr(error.text, cases[i].part), "case %zu: %s", i, error.text);
        arena_cleanup(&arena);
    }
}

/* A type may contain itself in lists; how deep is bounded. */
Test(typed_data, is_refused_below_a_depth)
{
    struct arena arena = {0};
    struct typed_data read;
    struct error error;
    struct buffer text = {0};
    buffer_append_text(&text,
                       "{\"types\":{\"EIP712Domain\":[],\"N\":[{\"name\":\"c\",\"type\":\"N[]"
                       "\"}]},\"primaryType\":\"N\",\"domain\":{},\"message\":");
    for (int i = 0; i < 40; i++)
        buffer_append_text(&text, "{\"c\":[");
    for (int i = 0; i < 40; i++)
        buffer_append_text(&text, "]}");
    buffer_append_text(&text, "}");
    buffer_append_u8(&text, '\0');
    cr_expect_not(read_document((const char *)text.data, &read, &arena, &error));
    cr_expect_not_null(strstr(error.text, "levels deep"), "%s", error.text);
    buffer_cleanup(&text);
    arena_cleanup(&arena);
}

/* What geth, ethers and every wallet sign for "hello". */
Test(typed_data, personal_messages_have_their_prefix)
{
    hash256 digest = personal_message_digest(bytes_of_text("hello"));
    expect_digest(&digest, "50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750");
}

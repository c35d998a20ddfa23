#include "ledger/codec/abi_type.h"

#include "vm/base/hex.h"

#include <criterion/criterion.h>

static struct arena arena;

static void tear_down(void)
{
    arena_cleanup(&arena);
}

static void expect_signature(const char *text, const char *expected)
{
    struct error error;
    struct abi_entry entry;
    cr_assert(abi_entry_parse(&entry, text, &arena, &error), "%s: %s", text, error.text);
    cr_expect_str_eq(entry.signature, expected);
}

static void expect_refused(const char *text)
{
    struct error error = {0};
    struct abi_entry entry;
    cr_expect_not(abi_entry_parse(&entry, text, &arena, &error), "%s", text);
    cr_expect_eq(error.code, ERROR_INVALID, "%s", text);
}

Test(abi_type, reads_human_signatures, .fini = tear_down)
{
    expect_signature("transfer(address,uint256)(bool)", "transfer(address,uint256)");
    expect_signature(" function f ( uint a , int b ) view returns ( uint ) ; ",
                     "f(uint256,int256)");
    expect_signature("f()", "f()");
    expect_signature("event(uint8)", "event(uint8)");
    expect_signature("error E(string reason)", "E(string)");
    expect_signature("constructor(string memory name)", "(string)");
    expect_signature("f((address to,uint256[2] x)[] calldata p, tuple(bytes32)[3][] q)",
                     "f((address,uint256[2])[],(bytes32)[3][])");
    expect_signature("f(address payable to, function cb)", "f(address,function)");
}

Test(abi_type, refuses_what_is_no_signature, .fini = tear_down)
{
    static const char *const wrong[] = {
        "",
        "f",
        "f(",
        "f(uint",
        "f(uint,)",
        "f(uint7)",
        "f(uint264)",
        "f(uint08)",
        "f(bytes0)",
        "f(bytes33)",
        "f(foo)",
        "f(uint[)",
        "f(uint[0])",
        "f(uint)x",
        "f(uint) (",
        "(uint)",
        "f(uint[-1])",
        "f(uint a b)",
        "f(addressx)",
        "f(uint[9999999])",
        "f(uint[262144][262144])",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        expect_refused(wrong[i]);
    expect_refused("event E(uint indexed a, uint indexed b, uint indexed c, uint indexed d)");
}

Test(abi_type, bounds_depth, .fini = tear_down)
{
    struct buffer text = {0};
    buffer_append_text(&text, "f(");
    for (size_t i = 0; i < 1000; i++)
        buffer_append_u8(&text, '(');
    buffer_append_u8(&text, '\0');
    expect_refused((char *)text.data);
    buffer_clear(&text);
    buffer_append_text(&text, "f(uint");
    for (size_t i = 0; i < 1000; i++)
        buffer_append_text(&text, "[]");
    buffer_append_text(&text, ")");
    buffer_append_u8(&text, '\0');
    expect_refused((char *)text.data);
    buffer_cleanup(&text);
}

Test(abi_type, hashes_the_canonical_signature, .fini = tear_down)
{
    struct error error;
    struct abi_entry entry;
    uint8_t expected[32];
    cr_assert(hex_decode(expected, 32,
                         "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"));
    cr_assert(abi_entry_parse(
        &entry, "event Transfer(address indexed from, address indexed to, uint256 value)", &arena,
        &error));
    cr_expect_eq(entry.kind, ABI_EVENT);
    cr_expect(entry.inputs[0].is_indexed);
    cr_expect_not(entry.inputs[2].is_indexed);
    cr_expect_eq(memcmp(entry.hash.bytes, expected, 32), 0);
}

static const char *const INTERFACE =
    "{\"abi\":[{\"type\":\"constructor\",\"inputs\":[{\"name\":\"n\",\"type\":\"string\"}]},"
    "{\"type\":\"fallback\"},{\"type\":\"receive\"},"
    "{\"type\":\"function\",\"name\":\"f\",\"stateMutability\":\"view\",\"inputs\":[{\"name\":"
    "\"p\",\"type\":\"tuple[]\",\"components\":[{\"name\":\"who\",\"type\":\"address\"},{\"name\":"
    "\"n\",\"type\":\"int64\"}]},{\"name\":\"b\",\"type\":\"bytes\"}],\"outputs\":[]},"
    "{\"type\":\"function\",\"name\":\"g\",\"inputs\":[]},"
    "{\"type\":\"function\",\"name\":\"g\",\"inputs\":[{\"name\":\"\",\"type\":\"uint8\"}]},"
    "{\"type\":\"function\",\"name\":\"g\",\"inputs\":[{\"name\":\"\",\"type\":\"bool\"}]},"
    "{\"type\":\"error\",\"name\":\"E\",\"inputs\":[{\"name\":\"\",\"type\":\"uint256\"}]}]}";

Test(abi_type, reads_abi_json, .fini = tear_down)
{
    struct error error;
    struct abi abi;
    json_t *document = json_loads(INTERFACE, 0, NULL);
    cr_assert(abi_load(&abi, document, &arena, &error), "%s", error.text);
    json_decref(document);
    cr_expect_eq(abi.entries_count, 6);
    const struct abi_entry *f = abi_find_function(&abi, "f", 2, &error);
    cr_assert_not_null(f);
    cr_expect(f->is_view);
    cr_expect_str_eq(f->signature, "f((address,int64)[],bytes)");
    static const uint8_t selector[4] = {0x76, 0xd8, 0xe7, 0x94}; /* ethers */
    cr_expect_eq(memcmp(f->hash.bytes, selector, 4), 0);
    cr_expect_eq(abi_find_constructor(&abi)->inputs_count, 1);
}

Test(abi_type, chooses_among_overloads, .fini = tear_down)
{
    struct error error;
    struct abi abi;
    json_t *document = json_loads(INTERFACE, 0, NULL);
    cr_assert(abi_load(&abi, document, &arena, &error));
    json_decref(document);
    cr_expect_str_eq(abi_find_function(&abi, "g", 0, &error)->signature, "g()");
    cr_expect_str_eq(abi_find_function(&abi, "g(bool)", 1, &error)->signature, "g(bool)");
    cr_expect_null(abi_find_function(&abi, "g", 1, &error));
    cr_expect_not_null(strstr(error.text, "g(uint8)"));
    cr_expect_null(abi_find_function(&abi, "h", 1, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
}

Test(abi_type, refuses_wrong_abi_json, .fini = tear_down)
{
    static const char *const wrong[] = {
        "{}",
        "3",
        "[3]",
        "[{\"type\":\"function\",\"name\":\"f\",\"inputs\":[3]}]",
        "[{\"type\":\"function\",\"name\":\"f\",\"inputs\":[{\"type\":\"tuplex\"}]}]",
        "[{\"type\":\"function\",\"name\":\"f\",\"inputs\":[{\"type\":\"uint256 x\"}]}]",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error error;
        struct abi abi;
        json_t *document = json_loads(wrong[i], JSON_DECODE_ANY, NULL);
        cr_expect_not(abi_load(&abi, document, &arena, &error), "%s", wrong[i]);
        json_decref(document);
    }
}

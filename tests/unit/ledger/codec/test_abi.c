#include "ledger/codec/abi.h"
#include "ledger/codec/abi_text.h"
#include "vm/base/hex.h"

#include <criterion/criterion.h>

#define VALUES_MAX 8

/* Encodings of ethers 6; the first four are the Solidity documentation's examples. */
static const struct {
    const char *signature;
    const char *typed[VALUES_MAX];
    const char *shown[VALUES_MAX];
    const char *encoded;
} vectors[] = {
    {"f(uint32,bool)",
     {"69", "true"},
     {"69", "true"},
     "0000000000000000000000000000000000000000000000000000000000000045"
     "0000000000000000000000000000000000000000000000000000000000000001"},
    {"f(bytes3[2])",
     {"[0x616263,0x646566]"},
     {"[0x616263, 0x646566]"},
     "6162630000000000000000000000000000000000000000000000000000000000"
     "6465660000000000000000000000000000000000000000000000000000000000"},
    {"f(bytes,bool,uint256[])",
     {"0x64617665", "true", "[1,2,3]"},
     {"0x64617665", "true", "[1, 2, 3]"},
     "0000000000000000000000000000000000000000000000000000000000000060"
     "0000000000000000000000000000000000000000000000000000000000000001"
     "00000000000000000000000000000000000000000000000000000000000000a0"
     "0000000000000000000000000000000000000000000000000000000000000004"
     "6461766500000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000003"
     "0000000000000000000000000000000000000000000000000000000000000001"
     "0000000000000000000000000000000000000000000000000000000000000002"
     "0000000000000000000000000000000000000000000000000000000000000003"},
    {"f(uint256,uint32[],bytes10,bytes)",
     {"0x123", "[0x456, 0x789]", "0x31323334353637383930", "0x48656c6c6f2c20776f726c6421"},
     {"291", "[1110, 1929]", "0x31323334353637383930", "0x48656c6c6f2c20776f726c6421"},
     "0000000000000000000000000000000000000000000000000000000000000123"
     "0000000000000000000000000000000000000000000000000000000000000080"
     "3132333435363738393000000000000000000000000000000000000000000000"
     "00000000000000000000000000000000000000000000000000000000000000e0"
     "0000000000000000000000000000000000000000000000000000000000000002"
     "0000000000000000000000000000000000000000000000000000000000000456"
     "0000000000000000000000000000000000000000000000000000000000000789"
     "000000000000000000000000000000000000000000000000000000000000000d"
     "48656c6c6f2c20776f726c642100000000000000000000000000000000000000"},
    {"f(uint256[][],string[])",
     {"[[1,2],[3]]", "[\"one\", two,three]"},
     {"[[1, 2], [3]]", "[\"one\", \"two\", \"three\"]"},
     "0000000000000000000000000000000000000000000000000000000000000040"
     "0000000000000000000000000000000000000000000000000000000000000140"
     "0000000000000000000000000000000000000000000000000000000000000002"
     "0000000000000000000000000000000000000000000000000000000000000040"
     "00000000000000000000000000000000000000000000000000000000000000a0"
     "0000000000000000000000000000000000000000000000000000000000000002"
     "0000000000000000000000000000000000000000000000000000000000000001"
     "0000000000000000000000000000000000000000000000000000000000000002"
     "0000000000000000000000000000000000000000000000000000000000000001"
     "0000000000000000000000000000000000000000000000000000000000000003"
     "0000000000000000000000000000000000000000000000000000000000000003"
     "0000000000000000000000000000000000000000000000000000000000000060"
     "00000000000000000000000000000000000000000000000000000000000000a0"
     "00000000000000000000000000000000000000000000000000000000000000e0"
     "0000000000000000000000000000000000000000000000000000000000000003"
     "6f6e650000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000003"
     "74776f0000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000005"
     "7468726565000000000000000000000000000000000000000000000000000000"},
    {"f((address,int64)[],int8,(string,(bytes2,bool)[2]))",
     {"[(0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,-5),("
      "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,7)]",
      "-128", "(hé,[(0x0102,true),(0x0304,false)])"},
     {"[(0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed, -5), "
      "(0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed, 7)]",
      "-128", "(\"hé\", [(0x0102, true), (0x0304, false)])"},
     "0000000000000000000000000000000000000000000000000000000000000060"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff80"
     "0000000000000000000000000000000000000000000000000000000000000100"
     "0000000000000000000000000000000000000000000000000000000000000002"
     "0000000000000000000000005aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffb"
     "0000000000000000000000005aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
     "0000000000000000000000000000000000000000000000000000000000000007"
     "00000000000000000000000000000000000000000000000000000000000000a0"
     "0102000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000001"
     "0304000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000003"
     "68c3a90000000000000000000000000000000000000000000000000000000000"},
};

static struct arena arena;

static void tear_down(void)
{
    arena_cleanup(&arena);
}

static struct abi_entry entry_of(const char *signature)
{
    struct error error;
    struct abi_entry entry;
    cr_assert(abi_entry_parse(&entry, signature, &arena, &error), "%s", error.text);
    return entry;
}

static struct bytes bytes_of_hex(const char *digits)
{
    size_t size = strlen(digits) / 2;
    uint8_t *bytes = arena_alloc(&arena, size);
    cr_assert(hex_decode(bytes, size, digits));
    return bytes_of(bytes, size);
}

static bool decodes(const char *signature, struct bytes data, struct error *error)
{
    struct abi_entry entry = entry_of(signature);
    struct abi_value *values = arena_array(&arena, entry.inputs_count, sizeof *values);
    return abi_decode(entry.inputs, entry.inputs_count, data, values, &arena, error);
}

Test(abi, encodes_as_ethers_does, .fini = tear_down)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct error error;
        struct buffer out = {0};
        struct abi_value values[VALUES_MAX];
        struct abi_reading reading = {.arena = &arena};
        struct abi_entry entry = entry_of(vectors[i].signature);
        cr_assert(abi_values_parse(entry.inputs, entry.inputs_count, vectors[i].typed,
                                   entry.inputs_count, &reading, values, &error),
                  "%s: %s", vectors[i].signature, error.text);
        abi_encode(entry.inputs, values, entry.inputs_count, &out);
        cr_expect(bytes_equal(buffer_view(&out), bytes_of_hex(vectors[i].encoded)), "%s",
                  vectors[i].signature);
        buffer_cleanup(&out);
    }
}

Test(abi, decodes_and_shows_what_ethers_encoded, .fini = tear_down)
{
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct error error;
        struct abi_value values[VALUES_MAX];
        struct abi_entry entry = entry_of(vectors[i].signature);
        cr_assert(abi_decode(entry.inputs, entry.inputs_count, bytes_of_hex(vectors[i].encoded),
                             values, &arena, &error),
                  "%s: %s", vectors[i].signature, error.text);
        for (size_t j = 0; j < entry.inputs_count; j++) {
            struct buffer text = {0};
            abi_value_format(&entry.inputs[j].type, &values[j], &text);
            buffer_append_u8(&text, '\0');
            cr_expect_str_eq((char *)text.data, vectors[i].shown[j]);
            buffer_cleanup(&text);
        }
    }
}

/* Only the last string of the last vectors may lose its padding without harm. */
Test(abi, refuses_every_cut_that_loses_a_value, .fini = tear_down)
{
    struct error error;
    struct bytes data = bytes_of_hex(vectors[2].encoded);
    for (size_t size = 0; size < data.size; size++)
        cr_expect_not(decodes(vectors[2].signature, bytes_of(data.data, size), &error), "%zu",
                      size);
}

Test(abi, refuses_words_outside_their_type, .fini = tear_down)
{
    struct error error;
    uint8_t word[32];
    memset(word, 0xff, sizeof word);
    struct bytes ones = bytes_of(word, sizeof word);
    cr_expect_not(decodes("f(uint248)", ones, &error));
    cr_expect_not(decodes("f(address)", ones, &error));
    cr_expect_not(decodes("f(bool)", ones, &error));
    cr_expect_not(decodes("f(bytes31)", ones, &error));
    cr_expect(decodes("f(int8)", ones, &error), "-1 is an int8");
    cr_expect(decodes("f(uint256)", ones, &error));
    word[0] = 0x7f;
    cr_expect_not(decodes("f(int248)", ones, &error));
}

/* An offset or count near 2^256 or 2^64 must not wrap into the data. */
Test(abi, refuses_huge_offsets_and_counts, .fini = tear_down)
{
    struct error error;
    for (size_t high = 0; high < 32; high++) {
        uint8_t data[96] = {0};
        data[high] = 0xff;
        cr_expect_not(decodes("f(bytes)", bytes_of(data, sizeof data), &error), "%zu", high);
        memset(data, 0, sizeof data);
        data[31] = 32;
        data[32 + high] = 0xff;
        cr_expect_not(decodes("f(bytes)", bytes_of(data, sizeof data), &error), "%zu", high);
        cr_expect_not(decodes("f(uint256[])", bytes_of(data, sizeof data), &error), "%zu", high);
        cr_expect_not(decodes("f(string[])", bytes_of(data, sizeof data), &error), "%zu", high);
    }
}

/* Tuples without fields take no bytes: their count is bounded all the same. */
Test(abi, bounds_values_that_take_no_bytes, .fini = tear_down)
{
    struct error error;
    uint8_t data[64] = {[31] = 32, [32 + 28] = 0x10};
    cr_expect_not(decodes("f(()[])", bytes_of(data, sizeof data), &error));
    cr_expect_not_null(strstr(error.text, "65536"));
}

/* Every offset of a list points at the same list: the work would grow with each level. */
Test(abi, bounds_lists_that_share_their_tail, .fini = tear_down)
{
    struct error error;
    enum { COUNT = 200, LEVELS = 4 };
    struct buffer data = {0};
    for (size_t level = 0; level < LEVELS; level++) {
        uint8_t *list = buffer_extend(&data, 32 * (COUNT + 1));
        memset(list, 0, 32 * (COUNT + 1));
        list[31] = COUNT;
        for (size_t i = 0; i < COUNT && level + 1 < LEVELS; i++) {
            uint64_t offset = 32 * COUNT; /* counted from the first head: the next list */
            list[32 * (i + 1) + 30] = (uint8_t)(offset >> 8);
            list[32 * (i + 1) + 31] = (uint8_t)offset;
        }
    }
    struct buffer whole = {0};
    memset(buffer_extend(&whole, 32), 0, 32);
    whole.data[31] = 32;
    buffer_append_bytes(&whole, buffer_view(&data));
    cr_expect_not(decodes("f(uint256[][][][])", buffer_view(&whole), &error));
    cr_expect_not_null(strstr(error.text, "65536"), "%s", error.text);
    buffer_cleanup(&whole);
    buffer_cleanup(&data);
}

Test(abi, decodes_an_event_with_indexed_values, .fini = tear_down)
{
    struct error error;
    struct abi_entry event = entry_of("event Moved(address indexed from, string indexed what, "
                                      "uint256 value)");
    hash256 topics[3] = {event.hash, {{[31] = 0xaa}}, {{[0] = 0xbb}}};
    uint8_t data[32] = {[31] = 7};
    struct abi_value values[3];
    bool is_hash[3];
    cr_assert(abi_decode_event(&event, topics, 3, bytes_of(data, sizeof data), values, is_hash,
                               &arena, &error),
              "%s", error.text);
    cr_expect_eq(values[0].word.limbs[0], 0xaa);
    cr_expect_not(is_hash[0]);
    cr_expect(is_hash[1]);
    cr_expect_eq(values[2].word.limbs[0], 7);
    cr_expect_not(abi_decode_event(&event, topics, 2, bytes_of(data, sizeof data), values, is_hash,
                                   &arena, &error));
}

Test(abi, puts_the_selector_before_the_arguments, .fini = tear_down)
{
    struct buffer out = {0};
    struct abi_entry transfer = entry_of("transfer(address,uint256)(bool)");
    struct abi_value values[2] = {{.word = U256_ONE}, {.word = U256_ONE}};
    static const uint8_t selector[4] = {0xa9, 0x05, 0x9c, 0xbb};
    abi_encode_call(&transfer, values, &out);
    cr_expect_eq(out.size, 4 + 64);
    cr_expect_eq(memcmp(out.data, selector, 4), 0);
    buffer_cleanup(&out);
}

/* No values in no data, which has no address. */
Test(abi, nothing_is_read_from_nothing)
{
    struct error error;
    struct abi_value none[1];
    cr_expect(abi_decode(NULL, 0, bytes_of(NULL, 0), none, &arena, &error));
}

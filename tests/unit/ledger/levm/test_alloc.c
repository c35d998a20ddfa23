#include "ledger/levm/alloc.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "ledger/levm/alloc_output.h"

static struct memory_state *read_text(const char *text)
{
    struct error error = {0};
    struct memory_state *memory = memory_state_new();
    json_t *alloc = input_parse(bytes_of_text(text), "alloc", &error);
    cr_assert(alloc_read(alloc, memory, &error), "%s", error.text);
    json_decref(alloc);
    return memory;
}

/* Sorted by address and key, whatever order it came in; zeros and what is missing stay out. */
Test(alloc, is_written_in_one_order_and_read_again_to_the_same_root)
{
    struct memory_state *memory = read_text(
        "{\"0x00000000000000000000000000000000000000bb\": {\"storage\": {\"0x02\": \"7\", "
        "\"0x01\": \"0x05\", \"0x03\": \"0x0\"}, \"code\": \"0x00\", \"nonce\": 1},"
        "\"00000000000000000000000000000000000000aa\": {\"balance\": \"1000\"}}");
    json_t *alloc = alloc_output(memory);
    char *text = json_dumps(alloc, JSON_COMPACT);
    cr_expect_str_eq(
        text, "{\"0x00000000000000000000000000000000000000aa\":{\"balance\":\"0x3e8\"},"
              "\"0x00000000000000000000000000000000000000bb\":{\"code\":\"0x00\",\"storage\":{"
              "\"0x0000000000000000000000000000000000000000000000000000000000000001\":"
              "\"0x0000000000000000000000000000000000000000000000000000000000000005\","
              "\"0x0000000000000000000000000000000000000000000000000000000000000002\":"
              "\"0x0000000000000000000000000000000000000000000000000000000000000007\"},"
              "\"balance\":\"0x0\",\"nonce\":\"0x1\"}}");
    struct memory_state *again = read_text(text);
    hash256 root = memory_state_root(memory), root_again = memory_state_root(again);
    cr_expect(hash256_equal(&root, &root_again));
    free(text);
    json_decref(alloc);
    memory_state_free(memory);
    memory_state_free(again);
}

Test(alloc, what_is_wrong_is_named)
{
    static const char *const cases[][2] = {
        {"{\"0x12\": {}}", "'account' is not 0x and 40 hex digits"},
        {"{\"0x00000000000000000000000000000000000000aa\": 5}", "account is not an object"},
        {"{\"0x00000000000000000000000000000000000000aa\": {\"nonce\": \"0x10000000000000000\"}}",
         "'nonce' is not a number of at most 64 bits"},
        {"{\"0x00000000000000000000000000000000000000aa\": {\"storage\": {\"x\": 1}}}",
         "'storage key' is not"},
        {"{\"0x00000000000000000000000000000000000000aa\": {\"code\": \"0x0\"}}", "'code' is not"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error error = {0};
        struct memory_state *memory = memory_state_new();
        json_t *alloc = input_parse(bytes_of_text(cases[i][0]), "alloc", &error);
        cr_expect_not(alloc_read(alloc, memory, &error));
        cr_expect(strstr(error.text, cases[i][1]) != NULL, "%s", error.text);
        json_decref(alloc);
        memory_state_free(memory);
    }
}

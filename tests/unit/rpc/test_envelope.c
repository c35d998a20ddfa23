#include "rpc/envelope.h"

#include <criterion/criterion.h>

static enum envelope_verdict split(const char *text, struct envelope *envelope, struct arena *arena)
{
    return envelope_split(envelope, bytes_of_text(text), 5, arena);
}

Test(envelope, items_of_a_batch_are_cut_where_they_stand)
{
    struct arena arena = {0};
    struct envelope envelope;
    cr_assert_eq(split(" [ {\"a\":[1,\"],\\\"\"]} , 1e400,\"x,y\" ] \n", &envelope, &arena),
                 ENVELOPE_OK);
    cr_assert(envelope.is_batch);
    cr_assert_eq(envelope.count, 3);
    cr_expect(bytes_equal(envelope.items[0], bytes_of_text("{\"a\":[1,\"],\\\"\"]}")));
    cr_expect(bytes_equal(envelope.items[1], bytes_of_text("1e400")));
    cr_expect(bytes_equal(envelope.items[2], bytes_of_text("\"x,y\"")));
    cr_assert_eq(split("[]", &envelope, &arena), ENVELOPE_OK);
    cr_expect_eq(envelope.count, 0);
    cr_assert_eq(split(" {} ", &envelope, &arena), ENVELOPE_OK);
    cr_expect(!envelope.is_batch);
    cr_expect(bytes_equal(envelope.items[0], bytes_of_text("{}")));
    arena_cleanup(&arena);
}

Test(envelope, what_does_not_close_is_refused_whole)
{
    static const struct {
        const char *text;
        enum envelope_verdict verdict;
    } cases[] = {
        {"", ENVELOPE_EMPTY},         {" \n", ENVELOPE_EMPTY},
        {"[", ENVELOPE_BROKEN},       {"{", ENVELOPE_BROKEN},
        {"[1", ENVELOPE_BROKEN},      {"[1,", ENVELOPE_BROKEN},
        {"[1,]", ENVELOPE_BROKEN},    {"[,1]", ENVELOPE_BROKEN},
        {"[1 2]", ENVELOPE_BROKEN},   {"[1]]", ENVELOPE_BROKEN},
        {"{}{}", ENVELOPE_BROKEN},    {"{]", ENVELOPE_BROKEN},
        {"[{]}", ENVELOPE_BROKEN},    {"\"a", ENVELOPE_BROKEN},
        {"\"a\\", ENVELOPE_BROKEN},   {"[\"a\\\"]", ENVELOPE_BROKEN},
        {"]", ENVELOPE_BROKEN},       {",", ENVELOPE_BROKEN},
        {"[1,2,3,4,5]", ENVELOPE_OK}, {"[1,2,3,4,5,6]", ENVELOPE_TOO_MANY},
    };
    struct arena arena = {0};
    struct envelope envelope;
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++)
        cr_expect_eq(split(cases[index].text, &envelope, &arena), cases[index].verdict, "%s",
                     cases[index].text);
    arena_cleanup(&arena);
}

Test(envelope, nesting_is_bounded_at_32_levels)
{
    struct arena arena = {0};
    struct envelope envelope;
    for (size_t depth = 1; depth < 40; depth++) {
        char text[100] = {0};
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        cr_expect_eq(split(text, &envelope, &arena),
                     depth <= ENVELOPE_DEPTH_MAX ? ENVELOPE_OK : ENVELOPE_TOO_DEEP, "%zu", depth);
    }
    static char deep[100000];
    memset(deep, '[', sizeof deep);
    cr_expect_eq(envelope_split(&envelope, bytes_of(deep, sizeof deep), 5, &arena),
                 ENVELOPE_TOO_DEEP);
    arena_cleanup(&arena);
}

Test(envelope, ids_are_found_as_they_were_written)
{
    static const struct {
        const char *item;
        const char *id;
    } cases[] = {
        {"{\"id\":0.1}", "0.1"},
        {"{\"id\" : 1e2 , \"a\":1}", "1e2"},
        {"{\"a\":{\"id\":7},\"id\":-0}", "-0"},
        {"{\"a\":[],\"id\":\"x\\\"y\"}", "\"x\\\"y\""},
        {"{\"id\":null}", "null"},
        {"{\"id\":123456789012345678901234567890}", "123456789012345678901234567890"},
        {"{\"id\":{}}", ""},
        {"{\"id\":[1]}", ""},
        {"{\"id\":true}", ""},
        {"{\"a\":1}", ""},
        {"{}", ""},
        {"[1]", ""},
        {"{\"id\"", ""},
        {"", ""},
    };
    for (size_t index = 0; index < sizeof cases / sizeof *cases; index++) {
        struct bytes id = envelope_id(bytes_of_text(cases[index].item));
        cr_expect(bytes_equal(id, bytes_of_text(cases[index].id)), "%s", cases[index].item);
    }
}

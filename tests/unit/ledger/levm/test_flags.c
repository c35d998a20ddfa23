#include "ledger/levm/flags.h"

#include <criterion/criterion.h>
#include <string.h>

struct parsed {
    const char *gas;
    bool trace;
    bool quiet;
    int count;
    char *arguments[8];
    struct error error;
};

/* Parses up to eight words with one flag that has a value and two switches, one of them on. */
static bool parse(struct parsed *parsed, const char *const *words, int count)
{
    static char storage[8][40];
    *parsed = (struct parsed){.quiet = true, .count = count};
    const struct flag flags[] = {{.name = "gas", .value = &parsed->gas},
                                 {.name = "trace", .is_on = &parsed->trace},
                                 {.name = "trace.quiet", .is_on = &parsed->quiet}};
    for (int i = 0; i < count; i++) {
        strncpy(storage[i], words[i], sizeof storage[i] - 1);
        parsed->arguments[i] = storage[i];
    }
    return flags_parse(flags, 3, parsed->arguments, &parsed->count, 2, &parsed->error);
}

Test(flags, every_form_of_an_option_is_read)
{
    static const char *const forms[][2] = {
        {"--gas", "7"}, {"-gas", "7"}, {"--gas=7", ""}, {"-gas=7", ""}};
    for (size_t i = 0; i < 4; i++) {
        struct parsed parsed;
        cr_assert(parse(&parsed, forms[i], forms[i][1][0] == '\0' ? 1 : 2));
        cr_expect_str_eq(parsed.gas, "7");
        cr_expect_eq(parsed.count, 0);
    }
}

Test(flags, a_switch_takes_no_next_word_and_can_be_turned_off)
{
    struct parsed parsed;
    const char *const words[] = {"-trace", "false", "--trace.quiet=false"};
    cr_assert(parse(&parsed, words, 3));
    cr_expect(parsed.trace);
    cr_expect_not(parsed.quiet);
    cr_expect_eq(parsed.count, 1);
    cr_expect_str_eq(parsed.arguments[0], "false");
}

Test(flags, arguments_come_to_the_front_in_their_order)
{
    struct parsed parsed;
    const char *const words[] = {"one", "--gas", "--trace", "-", "--trace"};
    cr_assert(parse(&parsed, words, 5));
    cr_expect_str_eq(parsed.gas, "--trace", "a value may look like an option, as in go");
    cr_expect_eq(parsed.count, 2);
    cr_expect_str_eq(parsed.arguments[0], "one");
    cr_expect_str_eq(parsed.arguments[1], "-");
}

Test(flags, what_is_wrong_is_named)
{
    static const struct {
        const char *words[3];
        int count;
        const char *said;
    } cases[] = {
        {{"--gass", "7"}, 2, "option '--gass' is unknown"},
        {{"--trace.", "x"}, 2, "'--trace.' is unknown"},
        {{"--gas"}, 1, "option '--gas' has no value"},
        {{"--trace=maybe"}, 1, "'maybe' is neither true nor false"},
        {{"a", "b", "c"}, 3, "argument 'c' is one too many"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct parsed parsed;
        cr_expect_not(parse(&parsed, cases[i].words, cases[i].count));
        cr_expect(strstr(parsed.error.text, cases[i].said) != NULL, "%s", parsed.error.text);
    }
}

#include <criterion/criterion.h>
#include <stdio.h>

#include "node/arguments.h"

static bool parse(struct arguments *arguments, char *line, struct error *error)
{
    char *argv[32] = {(char *)"lnode"};
    int argc = 1;
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    return arguments_parse(arguments, argc, argv, error);
}

Test(arguments, runs_by_default)
{
    struct arguments arguments;
    struct error error;
    char line[] = "--dev --chain-id 7 --fund 0x01=5 --fund=0x02 --rpc-port=0";
    cr_assert(parse(&arguments, line, &error), "%s", error.text);
    cr_expect_str_eq(arguments.command, "run");
    cr_expect_str_eq(arguments_flag(&arguments, "chain-id"), "7");
    cr_expect_str_eq(arguments_flag(&arguments, "fund"), "0x02");
    cr_expect_eq(arguments.flags_count, 4);
    cr_assert_eq(arguments.settings_count, 2);
    cr_expect_str_eq(arguments.settings[0], "rpc-port");
    cr_expect_str_eq(arguments.settings[1], "0");
}

Test(arguments, takes_words_of_a_command)
{
    struct arguments arguments;
    struct error error;
    char line[] = "backup file.bin --password-file p";
    const char *const allowed[] = {"password-file", NULL}, *const none[] = {NULL};
    cr_assert(parse(&arguments, line, &error), "%s", error.text);
    cr_expect_str_eq(arguments.command, "backup");
    cr_assert_eq(arguments.words_count, 1);
    cr_expect(arguments_allow(&arguments, allowed, 1, &error));
    cr_expect_not(arguments_allow(&arguments, allowed, 0, &error));
    cr_expect_not(arguments_allow(&arguments, none, 1, &error));
    cr_expect(strstr(error.text, "--password-file") != NULL, "%s", error.text);
}

Test(arguments, names_what_is_wrong)
{
    static const char *const lines[] = {"--nonsense", "--rpc-port", "--dev=1", "-x", "a b c d e f"};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct arguments arguments;
        struct error error;
        char line[64];
        snprintf(line, sizeof line, "%s", lines[i]);
        cr_expect_not(parse(&arguments, line, &error), "%s", lines[i]);
        cr_expect_eq(error.code, ERROR_INVALID);
    }
}

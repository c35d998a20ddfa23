#include "wallet/options.h"

#include "wallet/nearest.h"

#include <criterion/criterion.h>

static bool parse(struct options *options, const char *const *words, struct error *error)
{
    char *argv[16] = {(char *)"lwallet"};
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)words[argc - 1];
    return options_parse(options, argc, argv, error);
}

Test(options, stand_anywhere_between_the_rest)
{
    struct error error;
    struct options options;
    const char *const words[] = {"--json", "transfer",       "--org", "acme",
                                 "5",      "--rpc=http://x", "ACM",   NULL};
    cr_assert(parse(&options, words, &error), "%s", error.text);
    cr_expect_eq(options.positionals_count, 3);
    cr_expect_str_eq(options.positionals[2], "ACM");
    cr_expect_str_eq(options.values[OPTION_ORG], "acme");
    cr_expect_str_eq(options.values[OPTION_RPC], "http://x");
    cr_expect(options_has(&options, OPTION_JSON));
}

Test(options, negative_numbers_and_what_follows_two_dashes_are_no_options)
{
    struct error error;
    struct options options;
    const char *const words[] = {"call", "-5", "--", "--json", NULL};
    cr_assert(parse(&options, words, &error));
    cr_expect_eq(options.positionals_count, 3);
    cr_expect_str_eq(options.positionals[2], "--json");
    cr_expect_not(options_has(&options, OPTION_JSON));
}

Test(options, one_of_them_may_be_repeated)
{
    struct error error;
    struct options options;
    const char *const words[] = {"--node", "http://a", "--node=http://b", NULL};
    cr_assert(parse(&options, words, &error), "%s", error.text);
    cr_assert_eq(options.nodes_count, 2);
    cr_expect_str_eq(options.nodes[0], "http://a");
    cr_expect_str_eq(options.nodes[1], "http://b");
    cr_expect(options_has(&options, OPTION_NODE));
    char *many[2 * OPTION_NODES_MAX + 3] = {(char *)"lwallet"};
    for (size_t i = 1; i < sizeof many / sizeof *many; i++)
        many[i] = (char *)(i % 2 == 1 ? "--node" : "http://a");
    cr_expect_not(options_parse(&options, (int)(sizeof many / sizeof *many), many, &error));
    cr_expect_not_null(strstr(error.text, "more than 100"), "%s", error.text);
}

Test(options, refuses_unknown_double_and_valueless_ones)
{
    static const char *const wrong[][4] = {
        {"--jsom", NULL}, {"--json", "--json", NULL}, {"--org", NULL}, {"--json=1", NULL},
        {"--=", NULL},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error error;
        struct options options;
        cr_expect_not(parse(&options, wrong[i], &error), "%s", wrong[i][0]);
    }
}

Test(options, one_without_meaning_for_the_command_is_refused)
{
    struct error error;
    struct options options;
    const char *const words[] = {"--light", NULL};
    cr_assert(parse(&options, words, &error));
    cr_expect(options_check(&options, OPTION_BIT(LIGHT), "account new", &error));
    cr_expect_not(options_check(&options, OPTION_BIT(JSON), "balance", &error));
    cr_expect_str_eq(error.text, "balance takes no --light");
}

Test(nearest, finds_the_name_that_was_meant)
{
    static const char *const names[] = {"transfer", "balance", "receipt", "bob"};
    cr_expect_str_eq(nearest("trasnfer", names, 4), "transfer");
    cr_expect_str_eq(nearest("balanse", names, 4), "balance");
    cr_expect_str_eq(nearest("bobb", names, 4), "bob");
    cr_expect_null(nearest("alice", names, 4));
    cr_expect_null(nearest("", names, 0));
}

#include <criterion/criterion.h>
#include <stdio.h>

#include "node/first_org.h"

#define FOUNDER "0x00000000000000000000000000000000000000aa"

static bool parse(struct org_request *request, bool *is_wanted, const char *flags,
                  struct error *error)
{
    static char line[256];
    char *argv[64] = {(char *)"lnode"};
    int argc = 1;
    struct arguments arguments;
    snprintf(line, sizeof line, "%s", flags);
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    return arguments_parse(&arguments, argc, argv, error)
           && arguments_allow(&arguments, first_org_flags, 0, error)
           && first_org_parse(request, is_wanted, &arguments, error);
}

Test(first_org, is_wanted_only_when_it_is_named)
{
    struct org_request request;
    struct error error;
    bool is_wanted = true;
    cr_assert(parse(&request, &is_wanted, "run", &error), "%s", error.text);
    cr_expect_not(is_wanted);
    cr_assert(parse(&request, &is_wanted, "run --found acme --founder " FOUNDER, &error), "%s",
              error.text);
    cr_expect(is_wanted);
    cr_expect_str_eq(request.label, "acme");
    cr_expect_str_eq(request.symbol, "ACME");
    cr_expect_not(request.has_fork); /* the newest */
}

Test(first_org, takes_every_flag)
{
    struct org_request request;
    struct error error;
    bool is_wanted = false;
    cr_assert(parse(&request, &is_wanted,
                    "run --found acme --founder " FOUNDER " --symbol ACM --grant 3 --fork prague",
                    &error),
              "%s", error.text);
    cr_expect(is_wanted);
    cr_expect_str_eq(request.symbol, "ACM");
    cr_expect_eq(request.founder.bytes[19], 0xaa);
    cr_expect_eq(request.grant_wei.limbs[0], 3000000000000000000ULL);
    cr_expect(request.has_fork);
    cr_expect_eq(request.fork, VM_FORK_PRAGUE);
}

Test(first_org, names_the_flag_that_is_wrong)
{
    static const char *const lines[][2] = {
        {"run --found acme", "--founder"},
        {"run --found Acme --founder " FOUNDER, "--found"},
        {"run --found acme --founder 0x12", "--founder"},
        {"run --found acme --founder " FOUNDER " --symbol ABCDEFGHIJKL", "--symbol"},
        {"run --found acme --founder " FOUNDER " --grant 1.5", "--grant"},
        {"run --found acme --founder " FOUNDER " --fork berlin",
         "--fork berlin: expected cancun, prague or osaka"},
        {"run --fork prague", "need --found"},
        {"run --symbol ACM", "need --found"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct org_request request;
        struct error error = {0};
        bool is_wanted;
        cr_expect_not(parse(&request, &is_wanted, lines[i][0], &error), "%s", lines[i][0]);
        cr_expect(strstr(error.text, lines[i][1]) != NULL, "%s: %s", lines[i][0], error.text);
    }
}

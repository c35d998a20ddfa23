#include <criterion/criterion.h>
#include <stdio.h>

#include "node/dev.h"

static bool parse(struct dev_options *options, char *line, struct error *error)
{
    char *argv[64] = {(char *)"lnode"};
    int argc = 1;
    struct arguments arguments;
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    return arguments_parse(&arguments, argc, argv, error)
           && dev_options_parse(options, &arguments, error);
}

Test(dev, has_the_defaults_of_its_contract)
{
    struct dev_options options;
    struct error error;
    char line[] = "--dev";
    cr_assert(parse(&options, line, &error), "%s", error.text);
    cr_expect_eq(options.block_size, 8388608);
    cr_expect_eq(options.gas_limit, 1000000000);
    cr_expect_leq(options.pulse_ms, 1000);
    cr_expect(u256_is_zero(&options.base_fee));
    cr_expect_eq(options.funds_count, 0);
    cr_expect_eq(options.fork, VM_FORK_NEWEST);
}

Test(dev, takes_every_flag)
{
    struct dev_options options;
    struct error error;
    char line[] = "--dev --chain-id 5 --pulse 0 --org acme --gas-limit 7 --block-size 9 "
                  "--base-fee 11 --fork prague --fund 0x00000000000000000000000000000000000000aa=3 "
                  "--fund 0x00000000000000000000000000000000000000bb";
    cr_assert(parse(&options, line, &error), "%s", error.text);
    cr_expect_eq(options.chain_id, 5);
    cr_expect_eq(options.pulse_ms, 0);
    cr_expect_str_eq(options.label, "acme");
    cr_expect_eq(options.gas_limit, 7);
    cr_expect_eq(options.block_size, 9);
    cr_expect_eq(options.base_fee.limbs[0], 11);
    cr_expect_eq(options.fork, VM_FORK_PRAGUE);
    cr_assert_eq(options.funds_count, 2);
    cr_expect_eq(options.funds[0].to.bytes[19], 0xaa);
    cr_expect_eq(options.funds[0].amount_wei.limbs[0], 3000000000000000000ULL);
    cr_expect_not(u256_is_zero(&options.funds[1].amount_wei));
}

Test(dev, names_the_flag_that_is_wrong)
{
    static const char *const lines[][2] = {
        {"--chain-id many", "chain-id"},
        {"--chain-id 9007199254740992", "chain-id"}, /* 2^53 */
        {"--pulse -1", "pulse"},
        {"--fund 0x12=1", "fund"},
        {"--fund 0x00000000000000000000000000000000000000aa=1.5", "fund"},
        {"--org Acme", "--org"},
        {"--base-fee 1e9", "base-fee"},
        {"--gas-limit 10000000001", "--gas-limit 10000000001: expected a number from 0 to 1000"},
        {"--fork berlin", "--fork berlin: expected cancun, prague or osaka"},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct dev_options options;
        struct error error;
        char line[128];
        snprintf(line, sizeof line, "%s", lines[i][0]);
        cr_expect_not(parse(&options, line, &error), "%s", lines[i][0]);
        cr_expect(strstr(error.text, lines[i][1]) != NULL, "%s: %s", lines[i][0], error.text);
    }
}

#include "wallet/artifact.h"

#include "tests/unit/wallet/home.h"
#include "wallet/files.h"

#include <criterion/criterion.h>

TestSuite(artifact, .init = home_new, .fini = home_remove);

#define ABI "[{\"type\":\"constructor\",\"inputs\":[]}]"

static bool find(struct wallet *wallet, const char *content, struct artifact *artifact,
                 struct error *error)
{
    const char *path = arena_format(&wallet->arena, "%s/file", home_path());
    cr_assert(files_write(path, bytes_of_text(content), true, error));
    return artifact_find(wallet, path, artifact, error);
}

Test(artifact, reads_what_each_tool_writes)
{
    static const char *const contents[] = {
        "{\"abi\":" ABI ",\"bytecode\":\"0x6001\"}",
        "{\"abi\":" ABI ",\"bytecode\":{\"object\":\"0x6001\"}}",
        "{\"contracts\":{\"T.sol:T\":{\"abi\":" ABI ",\"bin\":\"6001\"}}}",
        "{\"contracts\":{\"T.sol\":{\"T\":{\"abi\":" ABI
        ",\"evm\":{\"bytecode\":{\"object\":\"6001\"}}}}}}",
    };
    for (size_t i = 0; i < sizeof contents / sizeof *contents; i++) {
        struct error error;
        struct wallet wallet;
        struct artifact artifact;
        home_wallet(&wallet);
        cr_assert(find(&wallet, contents[i], &artifact, &error), "%zu: %s", i, error.text);
        cr_expect(artifact.has_abi);
        cr_expect(bytes_equal(artifact.code, bytes_of("\x60\x01", 2)), "%zu", i);
        wallet_cleanup(&wallet);
    }
}

Test(artifact, reads_bare_code)
{
    struct error error;
    struct wallet wallet;
    struct artifact artifact;
    home_wallet(&wallet);
    cr_assert(find(&wallet, " 6001\n", &artifact, &error));
    cr_expect_eq(artifact.code.size, 2);
    cr_assert(artifact_find(&wallet, "0x600160", &artifact, &error));
    cr_expect_eq(artifact.code.size, 3);
    cr_expect_not(artifact.has_abi);
    wallet_cleanup(&wallet);
}

Test(artifact, chooses_among_several_by_name)
{
    struct error error;
    struct wallet wallet;
    struct artifact artifact;
    const char *two = "{\"contracts\":{\"T.sol:A\":{\"bin\":\"60\"},\"T.sol:B\":{\"bin\":\"61\"}}}";
    home_wallet(&wallet);
    cr_expect_not(find(&wallet, two, &artifact, &error));
    cr_expect_not_null(strstr(error.text, "--contract"));
    wallet.options.values[OPTION_CONTRACT] = "B";
    cr_assert(find(&wallet, two, &artifact, &error), "%s", error.text);
    cr_expect_eq(artifact.code.data[0], 0x61);
    wallet.options.values[OPTION_CONTRACT] = "C";
    cr_expect_not(find(&wallet, two, &artifact, &error));
    wallet_cleanup(&wallet);
}

Test(artifact, says_why_code_cannot_be_deployed)
{
    struct error error;
    struct wallet wallet;
    struct artifact artifact;
    home_wallet(&wallet);
    cr_expect_not(find(&wallet, "6001__$abc$__", &artifact, &error));
    cr_expect_not_null(strstr(error.text, "not linked"));
    cr_expect_not(find(&wallet, "600", &artifact, &error));
    cr_expect_not(find(&wallet, "{\"abi\":", &artifact, &error));
    cr_expect_not(artifact_find(&wallet, "no-such-file", &artifact, &error));
    cr_expect_eq(error.code, ERROR_IO);
    wallet_cleanup(&wallet);
}

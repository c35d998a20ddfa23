#include "wallet/config.h"

#include "tests/unit/wallet/home.h"
#include "wallet/files.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <sys/stat.h>

TestSuite(config, .init = home_new, .fini = home_remove);

static void write_config(const char *text)
{
    struct error error;
    char path[128];
    snprintf(path, sizeof path, "%s/leither", home_path());
    cr_assert(files_make_dir(path, &error));
    snprintf(path, sizeof path, "%s/leither/config.json", home_path());
    cr_assert(files_write(path, bytes_of_text(text), true, &error), "%s", error.text);
}

Test(config, flag_then_environment_then_file_then_default)
{
    struct wallet wallet;
    enum setting_origin origin;
    home_wallet(&wallet);
    cr_expect_str_eq(config_get(&wallet, SETTING_RPC, &origin), "http://127.0.0.1:8545");
    cr_expect_eq(origin, ORIGIN_DEFAULT);
    cr_expect_null(config_get(&wallet, SETTING_ORG, &origin));
    cr_expect_eq(origin, ORIGIN_NONE);
    wallet_cleanup(&wallet);

    write_config("{\"rpc\": \"http://file\"}");
    home_wallet(&wallet);
    cr_expect_str_eq(config_get(&wallet, SETTING_RPC, &origin), "http://file");
    cr_expect_eq(origin, ORIGIN_FILE);
    setenv("LEITHER_RPC", "http://environment", 1);
    cr_expect_str_eq(config_get(&wallet, SETTING_RPC, &origin), "http://environment");
    cr_expect_eq(origin, ORIGIN_ENVIRONMENT);
    wallet.options.values[OPTION_RPC] = "http://flag";
    cr_expect_str_eq(config_get(&wallet, SETTING_RPC, &origin), "http://flag");
    cr_expect_eq(origin, ORIGIN_FLAG);
    wallet_cleanup(&wallet);
}

Test(config, a_ledger_s_chain_id_is_there_next_time)
{
    struct error error;
    struct wallet wallet;
    uint64_t chain_id;
    write_config("{\"org\": \"acme\", \"ledgers\": {\"http://b/\": \"x\"}}");
    home_wallet(&wallet);
    cr_expect_not(config_ledger(&wallet, "http://a/", &chain_id));
    cr_expect_not(config_ledger(&wallet, "http://b/", &chain_id));
    cr_assert(config_keep_ledger(&wallet, "http://a/", UINT64_MAX, &error), "%s", error.text);
    wallet_cleanup(&wallet);
    home_wallet(&wallet);
    cr_assert(config_ledger(&wallet, "http://a/", &chain_id));
    cr_expect_eq(chain_id, UINT64_MAX);
    cr_expect_str_eq(config_get(&wallet, SETTING_ORG, NULL), "acme");
    wallet_cleanup(&wallet);
}

Test(config, what_is_set_is_there_next_time_and_private)
{
    struct error error;
    struct wallet wallet;
    struct stat status;
    write_config("{\"colour\": \"green\", \"org\": \"old\"}");
    home_wallet(&wallet);
    cr_assert(config_set(&wallet, SETTING_ORG, "acme", &error), "%s", error.text);
    cr_assert_eq(stat(config_path(&wallet, "config.json"), &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    wallet_cleanup(&wallet);
    home_wallet(&wallet);
    cr_expect_str_eq(config_get(&wallet, SETTING_ORG, NULL), "acme");
    cr_expect_not_null(json_object_get(wallet.config, "colour"), "unknown keys are kept");
    cr_assert(config_set(&wallet, SETTING_ORG, NULL, &error));
    cr_expect_null(config_get(&wallet, SETTING_ORG, NULL));
    wallet_cleanup(&wallet);
}

Test(config, a_damaged_file_is_named)
{
    static const char *const wrong[] = {"", "{", "[]", "{\"rpc\": 3}", "{\"a\":1,\"a\":2}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error error = {0};
        struct wallet wallet = {.answer = json_object()};
        write_config(wrong[i]);
        cr_expect_not(wallet_init(&wallet, &error), "%s", wrong[i]);
        cr_expect_not_null(strstr(error.text, "config.json"), "%s", error.text);
        wallet_cleanup(&wallet);
    }
}

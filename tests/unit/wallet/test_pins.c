#include "wallet/pins.h"

#include "tests/unit/wallet/home.h"
#include "wallet/config.h"
#include "wallet/files.h"

#include <criterion/criterion.h>

TestSuite(pins, .init = home_new, .fini = home_remove);

#define ACME "http://127.0.0.1:8545/o/acme"

Test(pins, are_kept_by_address)
{
    struct wallet wallet;
    struct error error;
    struct pin acme = {.id = {{1, 2, 3}}, .height = UINT64_MAX}, other = {.height = 7}, read;
    bool found;
    home_wallet(&wallet);
    cr_assert(pins_get(&wallet, ACME, &read, &found, &error), "%s", error.text);
    cr_expect_not(found);
    cr_assert(pins_put(&wallet, ACME, &acme, &error), "%s", error.text);
    cr_assert(pins_put(&wallet, "http://127.0.0.1:8545/", &other, &error));
    cr_assert(pins_get(&wallet, ACME, &read, &found, &error));
    cr_expect(found && hash256_equal(&read.id, &acme.id) && read.height == UINT64_MAX);
    cr_assert(pins_put(&wallet, ACME, &other, &error));
    cr_assert(pins_get(&wallet, ACME, &read, &found, &error));
    cr_expect(hash256_is_zero(&read.id) && read.height == 7);
    wallet_cleanup(&wallet);
}

/* Meeting a ledger again, or a slower run beside this one, must not open the way to an old state. */
Test(pins, of_one_ledger_never_go_down)
{
    struct wallet wallet;
    struct error error;
    struct pin high = {.id = {{1}}, .height = 17}, low = {.id = {{1}}, .height = 3}, read;
    bool found;
    home_wallet(&wallet);
    cr_assert(pins_put(&wallet, ACME, &high, &error), "%s", error.text);
    cr_assert(pins_put(&wallet, ACME, &low, &error), "%s", error.text);
    cr_assert(pins_get(&wallet, ACME, &read, &found, &error));
    cr_expect_eq(read.height, 17);
    high.height = 18;
    cr_assert(pins_put(&wallet, ACME, &high, &error));
    cr_assert(pins_get(&wallet, ACME, &read, &found, &error));
    cr_expect_eq(read.height, 18);
    wallet_cleanup(&wallet);
}

/* A damaged file is no licence to believe the next best ledger. */
Test(pins, that_are_damaged_are_refused)
{
    static const char *const texts[] = {"", "[]", "{\"" ACME "\": 7}",
                                        "{\"" ACME "\": {\"id\": \"0x12\", \"height\": \"1\"}}",
                                        "{\"" ACME "\": {\"height\": \"1\"}}"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct wallet wallet;
        struct error error;
        struct pin pin;
        bool found;
        home_wallet(&wallet);
        cr_assert(files_make_dir(wallet.config_dir, &error));
        cr_assert(files_write(config_path(&wallet, "ledgers.json"), bytes_of_text(texts[i]), true,
                              &error));
        cr_expect_not(pins_get(&wallet, ACME, &pin, &found, &error), "case %zu", i);
        cr_expect_eq(error.code, ERROR_CORRUPT);
        wallet_cleanup(&wallet);
    }
}

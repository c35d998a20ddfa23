#include "tests/unit/wallet/home.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[64];

void home_new(void)
{
    snprintf(path, sizeof path, "/tmp/lwallet-test-XXXXXX");
    cr_assert_not_null(mkdtemp(path));
    setenv("XDG_CONFIG_HOME", path, 1);
    setenv("XDG_DATA_HOME", path, 1);
    static const char *const names[] = {"LEITHER_RPC",        "LEITHER_ORG",
                                        "LEITHER_ACCOUNT",    "LEITHER_PASSWORD_FILE",
                                        "LEITHER_TOKEN_FILE", "LEITHER_DATA_DIR"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

static int remove_one(const char *file, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(file);
}

void home_remove(void)
{
    nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

const char *home_path(void)
{
    return path;
}

void home_wallet(struct wallet *wallet)
{
    struct error error;
    *wallet = (struct wallet){.answer = json_object()};
    cr_assert(wallet_init(wallet, &error), "%s", error.text);
}

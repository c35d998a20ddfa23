#include "wallet/password.h"

#include "tests/unit/wallet/home.h"

#include <criterion/criterion.h>
#include <pty.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

TestSuite(password, .init = home_new, .fini = home_remove);

/* Runs in the child, on a terminal of its own: is what was typed what is read? */
static int ask(const char *expected)
{
    struct error error;
    struct wallet wallet;
    struct password password;
    home_wallet(&wallet);
    bool ok = password_get(&wallet, true, &password, &error);
    if (!ok)
        return strstr(error.text, "differ") != NULL ? 2 : 3;
    return strcmp(password.text, expected) == 0 ? 0 : 1;
}

/* Types the two lines when asked; the exit code of ask(), and in `shown` all that the terminal
 * showed. */
static int type(const char *first, const char *second, char *shown, size_t shown_size)
{
    const char *lines[] = {first, second};
    const char *prompts[] = {"New password: ", "The same again: "};
    int terminal;
    int status;
    size_t size = 0;
    size_t asked = 0;
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    cr_assert_geq(child, 0);
    if (child == 0)
        _exit(ask(first));
    for (;;) {
        ssize_t got = read(terminal, shown + size, shown_size - 1 - size);
        if (got <= 0)
            break;
        size += (size_t)got;
        shown[size] = '\0';
        if (asked < 2 && strstr(shown, prompts[asked]) != NULL) {
            usleep(100000); /* until echo is off */
            cr_assert_gt(dprintf(terminal, "%s\n", lines[asked++]), 0);
        }
    }
    shown[size] = '\0';
    close(terminal);
    cr_assert_eq(waitpid(child, &status, 0), child);
    return WEXITSTATUS(status);
}

Test(password, is_asked_twice_and_not_shown)
{
    char shown[512];
    cr_expect_eq(type("hunter-two", "hunter-two", shown, sizeof shown), 0, "%s", shown);
    cr_expect_not_null(strstr(shown, "The same again"));
    cr_expect_null(strstr(shown, "hunter"));
}

Test(password, typed_in_two_ways_is_refused)
{
    char shown[512];
    cr_expect_eq(type("hunter-two", "hunter-six", shown, sizeof shown), 2, "%s", shown);
    cr_expect_null(strstr(shown, "hunter"));
}

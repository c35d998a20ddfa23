#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "node/loop.h"

Test(loop, writing_to_one_that_hung_up_is_an_error_and_no_signal)
{
    struct error error;
    int ends[2];
    signal(SIGPIPE, SIG_DFL);
    struct loop *loop = loop_new(&error);
    cr_assert_not_null(loop, "%s", error.text);
    cr_assert_eq(pipe(ends), 0);
    close(ends[0]);
    cr_assert_eq(write(ends[1], "x", 1), -1);
    cr_assert_eq(errno, EPIPE);
    close(ends[1]);
    loop_free(loop);
}

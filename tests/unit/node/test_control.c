/* The socket by which the other commands ask a running node. */
#include "tests/unit/node/temporary.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "node/control.h"

/* A process without a free descriptor cannot take the caller in; it must when one is free again. */
Test(control, answers_again_after_descriptors_ran_out)
{
    struct error error;
    struct host host = {0};
    struct buffer answer = {0};
    struct rlimit before, none;
    char *folder = temporary_folder();
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    snprintf(place.sun_path, sizeof place.sun_path, "%s/control.sock", folder);

    struct control *control = control_start(NULL, &host, folder, "127.0.0.1", 1, &error);
    cr_assert_not_null(control, "%s", error.text);
    const int caller = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = before;
    none.rlim_cur = (rlim_t)caller + 1; /* all below are taken */
    cr_assert(setrlimit(RLIMIT_NOFILE, &none) == 0);
    const int spare = dup(caller);
    cr_assert(spare < 0);
    cr_assert(connect(caller, (struct sockaddr *)&place, sizeof place) == 0);
    usleep(50000);
    cr_assert(setrlimit(RLIMIT_NOFILE, &before) == 0);
    close(caller);

    cr_expect_not(control_ask(folder, "nonsense", &answer, &error));
    cr_expect(strstr(error.text, "unknown request") != NULL, "%s", error.text);
    buffer_cleanup(&answer);
    control_free(control);
    temporary_remove(folder);
}

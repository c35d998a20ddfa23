/* The socket by which the other commands ask a running node. */
#include "tests/unit/node/temporary.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <jansson.h>

#include "node/control.h"
#include "node/log.h"

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

/* A path may hold any bytes, and an error names it: the status must stay JSON all the same. */
Test(control, shows_a_status_whatever_bytes_a_path_has)
{
    struct error error;
    struct data_dir dir;
    struct buffer answer = {0};
    char path[PATH_SIZE], bad[PATH_SIZE];
    char *folder = temporary_folder();

    cr_assert(path_format(path, &error, "%s/\xff", folder));
    cr_assert(data_dir_open(&dir, path, DATA_DIR_RUN, &error), "%s", error.text);
    cr_assert(path_format(bad, &error, "%s/ledgers/bad", path));
    cr_assert(dir_make(bad, &error), "%s", error.text);
    log_setup(LOG_ERROR, true);
    struct shelf *shelf = shelf_new(&dir, &(struct seat_environment){0}, 8, &error);
    cr_assert_not_null(shelf, "%s", error.text);
    struct host host = {.shelf = shelf};
    struct control *control = control_start(NULL, &host, path, "127.0.0.1", 1, &error);
    cr_assert_not_null(control, "%s", error.text);

    cr_assert(control_ask(path, "status", &answer, &error), "%s", error.text);
    json_t *status = json_loadb((const char *)answer.data, answer.size, 0, NULL);
    cr_assert_not_null(status, "%.*s", (int)answer.size, (const char *)answer.data);
    const char *problem = json_string_value(json_object_get(status, "problem"));
    cr_assert_not_null(problem);
    cr_expect(strstr(problem, "bad") != NULL, "%s", problem);
    cr_expect(json_is_false(json_object_get(status, "ok")));
    json_decref(status);
    buffer_cleanup(&answer);
    control_free(control);
    shelf_free(shelf);
    data_dir_close(&dir);
    temporary_remove(folder);
}

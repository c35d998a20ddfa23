#include "rpc/http/door.h"

#include "vm/base/bytes.h"
#include <criterion/criterion.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct event_base *loop;
static char folder[64], path[96];
static unsigned visitors;
static bool had_address;

static void start(void)
{
    loop = event_base_new();
    snprintf(folder, sizeof folder, "/tmp/leither-door-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/rpc.sock", folder);
    visitors = 0;
}

static void stop(void)
{
    unlink(path);
    rmdir(folder);
    event_base_free(loop);
}

TestSuite(door, .init = start, .fini = stop, .timeout = 30);

static void on_visitor(void *context, int fd, const struct in6_addr *from)
{
    (void)context;
    visitors++;
    had_address = from != NULL;
    close(fd);
}

static int visit(void)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(place.sun_path, sizeof place.sun_path, "%s", path);
    if (connect(fd, (struct sockaddr *)&place, sizeof place) == 0)
        return fd;
    close(fd);
    return -1;
}

static unsigned mode_of(const char *file)
{
    struct stat found;
    cr_assert_eq(lstat(file, &found), 0);
    return found.st_mode & 07777;
}

Test(door, a_socket_has_its_mode_whatever_the_umask_and_goes_with_the_door)
{
    static const mode_t modes[] = {0600, 0660}, masks[] = {0, 022, 077, 0777};
    struct error error;
    for (size_t mode = 0; mode < 2; mode++)
        for (size_t mask = 0; mask < 4; mask++) {
            mode_t before = umask(masks[mask]);
            struct door *door = door_open_path(loop, path, modes[mode], on_visitor, NULL, &error);
            umask(before);
            cr_assert_not_null(door, "%s", error.text);
            cr_expect_eq(mode_of(path), modes[mode]);
            door_close(door);
            cr_expect_neq(access(path, F_OK), 0);
        }
}

Test(door, visitors_of_a_socket_have_no_address)
{
    struct error error;
    struct door *door = door_open_path(loop, path, 0600, on_visitor, NULL, &error);
    cr_assert_not_null(door, "%s", error.text);
    int fd = visit();
    cr_assert_geq(fd, 0);
    event_base_loop(loop, EVLOOP_ONCE);
    cr_expect_eq(visitors, 1);
    cr_expect_not(had_address);
    close(fd);
    door_close(door);
}

/* What a killed process left: a file that nobody answers at. */
Test(door, a_stale_socket_is_replaced)
{
    struct sockaddr_un place = {.sun_family = AF_UNIX};
    struct error error;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(place.sun_path, sizeof place.sun_path, "%s", path);
    cr_assert_eq(bind(fd, (struct sockaddr *)&place, sizeof place), 0);
    close(fd);
    struct door *door = door_open_path(loop, path, 0600, on_visitor, NULL, &error);
    cr_assert_not_null(door, "%s", error.text);
    door_close(door);
}

Test(door, a_live_socket_is_left_alone)
{
    struct error error;
    struct door *door = door_open_path(loop, path, 0600, on_visitor, NULL, &error);
    cr_assert_not_null(door, "%s", error.text);
    cr_expect_null(door_open_path(loop, path, 0600, on_visitor, NULL, &error));
    cr_expect_eq(error.code, ERROR_BUSY);
    cr_expect(strstr(error.text, "another program answers at") != NULL
                  && strstr(error.text, "--rpc-socket") != NULL,
              "%s", error.text);
    int fd = visit();
    cr_expect_geq(fd, 0);
    close(fd);
    door_close(door);
}

Test(door, a_file_that_is_no_socket_is_left_alone)
{
    struct error error;
    int fd = open(path, O_CREAT | O_WRONLY, 0600);
    cr_assert_eq(write(fd, "x", 1), 1);
    close(fd);
    cr_expect_null(door_open_path(loop, path, 0600, on_visitor, NULL, &error));
    cr_expect(strstr(error.text, "is no socket") != NULL, "%s", error.text);
    cr_expect_eq(access(path, F_OK), 0);
}

Test(door, another_ones_socket_is_not_removed_on_the_way_out)
{
    struct error error;
    struct door *first = door_open_path(loop, path, 0600, on_visitor, NULL, &error);
    cr_assert_not_null(first);
    unlink(path);
    struct door *second = door_open_path(loop, path, 0600, on_visitor, NULL, &error);
    cr_assert_not_null(second);
    door_close(first);
    cr_expect_eq(access(path, F_OK), 0);
    door_close(second);
}

Test(door, paths_that_do_not_do_are_refused)
{
    struct error error;
    char longest[200];
    memset(longest, 'a', sizeof longest - 1);
    longest[0] = '/';
    longest[sizeof longest - 1] = '\0';
    cr_expect_null(door_open_path(loop, longest, 0600, on_visitor, NULL, &error));
    cr_expect(strstr(error.text, "at most 107 bytes") != NULL, "%s", error.text);
    cr_expect_null(door_open_path(loop, "rpc.sock", 0600, on_visitor, NULL, &error));
    cr_expect(strstr(error.text, "absolute") != NULL, "%s", error.text);
    cr_expect_null(door_open_path(loop, "/nowhere/at/all", 0600, on_visitor, NULL, &error));
    cr_expect(strstr(error.text, "No such file") != NULL, "%s", error.text);
}

#include "tests/unit/node/temporary.h"

#include <sys/stat.h>
#include <unistd.h>

Test(files, writes_whole_private_files_and_reads_them)
{
    char *folder = temporary_folder(), path[PATH_SIZE];
    struct buffer read = {0};
    struct stat status;
    struct error error;

    cr_assert(path_format(path, &error, "%s/a/b/file", folder));
    char inner[PATH_SIZE];
    cr_assert(path_format(inner, &error, "%s/a/b", folder));
    cr_assert(dir_make(inner, &error), "%s", error.text);
    cr_assert(file_write(path, bytes_of_text("first"), &error), "%s", error.text);
    cr_assert(file_write(path, bytes_of_text("second"), &error), "%s", error.text);
    cr_assert(file_read(path, 6, &read, &error), "%s", error.text);
    cr_expect(bytes_equal(buffer_view(&read), bytes_of_text("second")));
    cr_assert_eq(stat(path, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0600);
    cr_assert_eq(stat(inner, &status), 0);
    cr_expect_eq(status.st_mode & 0777, 0700);
    buffer_cleanup(&read);
    temporary_remove(folder);
}

Test(files, refuses_a_file_larger_than_expected)
{
    char *folder = temporary_folder(), path[PATH_SIZE];
    struct buffer read = {0};
    struct error error;

    cr_assert(path_format(path, &error, "%s/file", folder));
    cr_assert(file_write(path, bytes_of_text("123456"), &error));
    cr_expect_not(file_read(path, 5, &read, &error));
    cr_expect_eq(error.code, ERROR_INVALID);
    buffer_cleanup(&read);
    temporary_remove(folder);
}

Test(files, names_the_command_when_a_file_is_open_to_others)
{
    char *folder = temporary_folder(), path[PATH_SIZE];
    struct error error;

    cr_assert(path_format(path, &error, "%s/file", folder));
    cr_assert(file_write(path, bytes_of_text("x"), &error));
    cr_expect(file_check_private(path, &error));
    cr_assert_eq(chmod(path, 0644), 0);
    cr_expect_not(file_check_private(path, &error));
    cr_expect_eq(error.code, ERROR_DENIED);
    cr_expect(strstr(error.text, "chmod 600") != NULL, "%s", error.text);
    temporary_remove(folder);
}

Test(files, does_not_follow_links_when_removing)
{
    char *folder = temporary_folder(), inner[PATH_SIZE], outside[PATH_SIZE], kept[PATH_SIZE];
    struct error error;

    cr_assert(path_format(inner, &error, "%s/inner", folder));
    cr_assert(path_format(outside, &error, "%s/outside", folder));
    cr_assert(path_format(kept, &error, "%s/outside/kept", folder));
    cr_assert(dir_make(inner, &error) && dir_make(outside, &error));
    cr_assert(file_write(kept, bytes_of_text("x"), &error));
    char link[PATH_SIZE];
    cr_assert(path_format(link, &error, "%s/inner/link", folder));
    cr_assert_eq(symlink(outside, link), 0);
    cr_assert(dir_remove(inner, &error), "%s", error.text);
    cr_expect(file_exists(kept));
    cr_expect_not(file_exists(inner));
    cr_expect(dir_is_empty(inner), "a folder that is not there counts as empty");
    cr_expect_not(dir_is_empty(outside));
    temporary_remove(folder);
}

static bool count_until_three(void *context, const char *entry, struct error *error)
{
    unsigned *count = context;
    cr_expect(strstr(entry, "/.new-") != NULL, "%s", entry);
    return ++*count < 3 || error_set(error, ERROR_BUSY, "enough");
}

/* Of the entries only those with the prefix, and no more once the visitor fails. */
Test(files, visits_entries_by_prefix_until_one_fails)
{
    char *folder = temporary_folder(), inner[PATH_SIZE];
    unsigned count = 0;
    struct error error;

    for (unsigned i = 0; i < 2; i++) {
        cr_assert(path_format(inner, &error, "%s/.new-%u", folder, i));
        cr_assert(dir_make(inner, &error), "%s", error.text);
        cr_assert(path_format(inner, &error, "%s/other-%u", folder, i));
        cr_assert(dir_make(inner, &error), "%s", error.text);
    }
    cr_assert(dir_visit(folder, ".new-", count_until_three, &count, &error), "%s", error.text);
    cr_expect_eq(count, 2);
    cr_expect_not(dir_visit(folder, ".new-", count_until_three, &count, &error));
    cr_expect_eq(error.code, ERROR_BUSY);
    cr_expect_eq(count, 3);
    cr_assert(path_format(inner, &error, "%s/nowhere", folder));
    cr_expect_not(dir_visit(inner, ".new-", count_until_three, &count, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    temporary_remove(folder);
}

#include "node/doctor/folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include "node/data_dir.h"
#include "tests/unit/node/temporary.h"

/* A data folder that a node has made, and a report for it. */
struct box {
    char *folder;
    char path[PATH_SIZE];
    struct report report;
};

static struct box box_new(void)
{
    struct box box = {.folder = temporary_folder()};
    struct data_dir *dir = memory_new(sizeof *dir);
    struct error error;
    cr_assert(data_dir_open(dir, box.folder, DATA_DIR_RUN, &error), "%s", error.text);
    data_dir_close(dir);
    free(dir);
    return box;
}

static const char *path_in(struct box *box, const char *name)
{
    struct error error;
    cr_assert(path_format(box->path, &error, "%s/%s", box->folder, name));
    return box->path;
}

static void write_text(struct box *box, const char *name, const char *text)
{
    struct error error;
    cr_assert(file_write(path_in(box, name), bytes_of_text(text), &error), "%s", error.text);
}

/* The folder is not well, and the only thing to do says these words and this command. */
static void expect_todo(struct box *box, const char *words, const char *next)
{
    const struct finding *todo = NULL;

    cr_expect_not(folder_examine(&box->report, box->folder));
    cr_assert_eq(report_count(&box->report, FINDING_TODO), 1);
    for (size_t i = 0; i < box->report.count; i++) {
        if (box->report.findings[i].level == FINDING_TODO)
            todo = &box->report.findings[i];
    }
    cr_expect(strstr(todo->text, words) != NULL, "%s: %s", words, todo->text);
    cr_expect(strstr(todo->next, next) != NULL, "%s: %s", next, todo->next);
    report_cleanup(&box->report);
}

Test(doctor_folder, finds_nothing_wrong_with_a_new_one_and_changes_nothing)
{
    struct box box = box_new();
    cr_expect(folder_examine(&box.report, box.folder));
    cr_expect_eq(report_count(&box.report, FINDING_TODO), 0);
    cr_expect_eq(report_count(&box.report, FINDING_GOOD), 2);
    cr_expect_not(data_dir_is_held(box.folder));
    report_cleanup(&box.report);
    temporary_remove(box.folder);
}

Test(doctor_folder, names_what_is_absent_empty_or_no_folder)
{
    struct box box = {.folder = temporary_folder()};
    expect_todo(&box, "is empty", "lnode run");
    cr_assert_eq(rmdir(box.folder), 0);
    expect_todo(&box, "there is no data folder", "lnode");
    struct error error;
    cr_assert(file_write(box.folder, bytes_of_text("x"), &error));
    expect_todo(&box, "is a file", "");
    unlink(box.folder);
    free(box.folder);
}

Test(doctor_folder, names_each_secret_that_is_open_to_others)
{
    static const char *const names[] = {"keys/consensus.key", "keys/node.key", "keys/operator.key",
                                        "admin.token"};
    struct box box = box_new();
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        cr_assert_eq(chmod(path_in(&box, names[i]), 0640), 0);
        expect_todo(&box, "is open to other users (mode 640, expected 600)", "chmod 600 ");
        cr_assert_eq(chmod(path_in(&box, names[i]), 0600), 0);
    }
    cr_assert_eq(chmod(path_in(&box, "keys"), 0755), 0);
    expect_todo(&box, "expected 700", "chmod 700 ");
    cr_assert_eq(chmod(path_in(&box, "keys"), 0700), 0);
    cr_assert_eq(mkdir(path_in(&box, "ledgers/acme"), 0700), 0);
    write_text(&box, "ledgers/acme/reveals", "x");
    cr_assert_eq(chmod(path_in(&box, "ledgers/acme/reveals"), 0604), 0);
    expect_todo(&box, "ledgers/acme/reveals is open", "chmod 600 ");
    temporary_remove(box.folder);
}

Test(doctor_folder, names_a_key_that_is_lost_or_damaged)
{
    struct box box = box_new();
    write_text(&box, "keys/node.key", "no key\n");
    expect_todo(&box, "keys/node.key is no key", "lnode restore");
    unlink(path_in(&box, "keys/node.key"));
    expect_todo(&box, "keys/node.key is missing", "lnode restore");
    temporary_remove(box.folder);
}

Test(doctor_folder, names_a_format_that_is_newer_or_damaged)
{
    struct box box = box_new();
    write_text(&box, "format", "leither-data 99\n");
    expect_todo(&box, "newer lnode", "");
    write_text(&box, "format", "what\n");
    expect_todo(&box, "is damaged", "");
    unlink(path_in(&box, "format"));
    expect_todo(&box, "is no leither data folder", "");
    temporary_remove(box.folder);
}

#include "tests/unit/node/temporary.h"

#include "node/data_dir.h"

static void path_of(char out[PATH_SIZE], const char *folder, const char *name)
{
    struct error error;
    cr_assert(path_format(out, &error, "%s/%s", folder, name));
}

Test(data_dir, keeps_token_and_default_from_start_to_start)
{
    char *folder = temporary_folder(), label[LABEL_MAX + 1], token[ADMIN_TOKEN_SIZE + 1];
    struct data_dir dir;
    struct error error;

    cr_assert(data_dir_open(&dir, folder, DATA_DIR_RUN, &error), "%s", error.text);
    memcpy(token, dir.admin_token, sizeof token);
    cr_expect_eq(strlen(token), ADMIN_TOKEN_SIZE);
    cr_assert(data_dir_default_org(&dir, label, &error));
    cr_expect_str_eq(label, "");
    cr_assert(data_dir_set_default_org(&dir, "acme", &error));
    data_dir_close(&dir);

    cr_assert(data_dir_open(&dir, folder, DATA_DIR_WORK, &error), "%s", error.text);
    cr_expect_str_eq(dir.admin_token, token);
    cr_assert(data_dir_default_org(&dir, label, &error));
    cr_expect_str_eq(label, "acme");
    data_dir_close(&dir);
    temporary_remove(folder);
}

Test(data_dir, belongs_to_one_process_at_a_time)
{
    char *folder = temporary_folder();
    struct data_dir first, second;
    struct error error;

    cr_expect_not(data_dir_is_held(folder));
    cr_assert(data_dir_open(&first, folder, DATA_DIR_RUN, &error), "%s", error.text);
    cr_expect(data_dir_is_held(folder));
    cr_expect_not(data_dir_open(&second, folder, DATA_DIR_RUN, &error));
    cr_expect_eq(error.code, ERROR_BUSY);
    cr_expect(strstr(error.text, "another lnode") != NULL, "%s", error.text);
    data_dir_close(&first);
    cr_expect_not(data_dir_is_held(folder));
    temporary_remove(folder);
}

Test(data_dir, refuses_newer_and_damaged_formats)
{
    char *folder = temporary_folder(), path[PATH_SIZE];
    struct data_dir dir;
    struct error error;
    static const struct {
        const char *text;
        enum error_code code;
    } cases[] = {{"leither-data 2\n", ERROR_VERSION}, {"leither-data 1", ERROR_CORRUPT},
                 {"leither-data x\n", ERROR_CORRUPT}, {"", ERROR_CORRUPT},
                 {"leither-data 0\n", ERROR_CORRUPT}, {"something else\n", ERROR_CORRUPT}};

    cr_assert(data_dir_open(&dir, folder, DATA_DIR_RUN, &error), "%s", error.text);
    data_dir_close(&dir);
    path_of(path, folder, "format");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_assert(file_write(path, bytes_of_text(cases[i].text), &error));
        cr_expect_not(data_dir_open(&dir, folder, DATA_DIR_RUN, &error), "%s", cases[i].text);
        cr_expect_eq(error.code, cases[i].code, "%s", error.text);
    }
    temporary_remove(folder);
}

Test(data_dir, of_work_must_exist)
{
    struct data_dir dir;
    struct error error;
    cr_expect_not(data_dir_open(&dir, "/tmp/leither-not-there", DATA_DIR_WORK, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
}

Test(data_dir, refuses_a_damaged_token)
{
    char *folder = temporary_folder(), path[PATH_SIZE];
    struct data_dir dir;
    struct error error;

    cr_assert(data_dir_open(&dir, folder, DATA_DIR_RUN, &error), "%s", error.text);
    data_dir_close(&dir);
    path_of(path, folder, "admin.token");
    cr_assert(file_write(path, bytes_of_text("short"), &error));
    cr_expect_not(data_dir_open(&dir, folder, DATA_DIR_RUN, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
    temporary_remove(folder);
}

#include "tests/unit/node/temporary.h"

#include "node/archive.h"

#define PASSWORD bytes_of_text("correct horse")

static char *archive_path(char *folder)
{
    static char path[PATH_SIZE];
    struct error error;
    cr_assert(path_format(path, &error, "%s/backup", folder));
    return path;
}

/* Two entries; the second is longer than a chunk. */
static void write_sample(const char *path, size_t large_size)
{
    struct error error;
    struct buffer large = {0};
    memset(buffer_extend(&large, large_size), 'x', large_size);
    struct archive_writer *writer = archive_writer_new(path, PASSWORD, &error);
    cr_assert_not_null(writer, "%s", error.text);
    cr_assert(archive_writer_entry(writer, "first", &error));
    cr_assert(archive_writer_part(writer, bytes_of_text("one"), &error));
    cr_assert(archive_writer_part(writer, bytes_of_text("two"), &error));
    cr_assert(archive_writer_entry(writer, "second", &error));
    cr_assert(archive_writer_part(writer, buffer_view(&large), &error));
    cr_assert(archive_writer_finish(writer, &error), "%s", error.text);
    archive_writer_free(writer);
    buffer_cleanup(&large);
}

/* Reads all; false with the error of the first failure. */
static bool read_all(const char *path, struct bytes password, struct buffer *content,
                     struct error *error)
{
    struct archive_reader *reader = archive_reader_new(path, password, error);
    char name[ARCHIVE_NAME_MAX + 1];
    bool found = true, has_part = true, ok = reader != NULL;

    while (ok && found) {
        ok = archive_reader_entry(reader, name, &found, error);
        for (has_part = true; ok && found && has_part;)
            ok = archive_reader_part(reader, content, &has_part, error);
    }
    archive_reader_free(reader);
    return ok;
}

Test(archive, gives_back_what_was_written)
{
    char *folder = temporary_folder(), *path = archive_path(folder);
    struct buffer content = {0};
    struct error error;

    write_sample(path, 700000);
    cr_assert(read_all(path, PASSWORD, &content, &error), "%s", error.text);
    cr_expect_eq(content.size, 700006);
    cr_expect(memcmp(content.data, "onetwoxxx", 9) == 0);
    buffer_cleanup(&content);
    temporary_remove(folder);
}

Test(archive, skips_what_is_not_read)
{
    char *folder = temporary_folder(), *path = archive_path(folder);
    char name[ARCHIVE_NAME_MAX + 1];
    struct error error;
    bool found;

    write_sample(path, 10);
    struct archive_reader *reader = archive_reader_new(path, PASSWORD, &error);
    cr_assert(archive_reader_entry(reader, name, &found, &error) && found);
    cr_assert(archive_reader_entry(reader, name, &found, &error) && found);
    cr_expect_str_eq(name, "second");
    cr_assert(archive_reader_entry(reader, name, &found, &error));
    cr_expect_not(found);
    archive_reader_free(reader);
    temporary_remove(folder);
}

Test(archive, stays_shut_for_a_wrong_password)
{
    char *folder = temporary_folder(), *path = archive_path(folder);
    struct buffer content = {0};
    struct error error;

    write_sample(path, 10);
    cr_expect_not(read_all(path, bytes_of_text("wrong"), &content, &error));
    cr_expect_eq(error.code, ERROR_DENIED);
    cr_expect_eq(content.size, 0);
    buffer_cleanup(&content);
    temporary_remove(folder);
}

/* Any flipped byte and any shorter or longer file is refused. One derivation of the key costs
 * about 0.1 s, so places are sampled. */
Test(archive, refuses_changed_cut_and_padded_files, .timeout = 120)
{
    char *folder = temporary_folder(), *path = archive_path(folder);
    struct buffer good = {0}, content = {0};
    struct error error;

    write_sample(path, 50);
    cr_assert(file_read(path, 100000, &good, &error));
    for (size_t at = 0; at < good.size; at += 9) {
        good.data[at] ^= 0x40;
        cr_assert(file_write(path, buffer_view(&good), &error));
        cr_expect_not(read_all(path, PASSWORD, &content, &error), "byte %zu", at);
        good.data[at] ^= 0x40;
    }
    for (size_t size = 0; size < good.size; size += 11) {
        cr_assert(file_write(path, bytes_of(good.data, size), &error));
        cr_expect_not(read_all(path, PASSWORD, &content, &error), "size %zu", size);
    }
    buffer_append_u8(&good, 0);
    cr_assert(file_write(path, buffer_view(&good), &error));
    cr_expect_not(read_all(path, PASSWORD, &content, &error), "padded");
    good.size--;
    cr_assert(file_write(path, buffer_view(&good), &error));
    cr_expect(read_all(path, PASSWORD, &content, &error), "%s", error.text);
    buffer_cleanup(&good);
    buffer_cleanup(&content);
    temporary_remove(folder);
}

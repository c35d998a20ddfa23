/* A backup into an empty data directory. Every block is checked and executed again, so a damaged
 * backup is refused where it is wrong, and nothing appears unless all was good. */
#include "node/commands/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "node/archive.h"
#include "node/block_stream.h"
#include "node/organisation.h"
#include "node/password.h"
#include "vm/vm.h"

static const char *const restore_flags[] = {"password-file", NULL};
static const char *const plain_names[] = {"keys/consensus.key", "keys/node.key",
                                          "keys/operator.key", "default-org", NULL};
static const char *const org_names[] = {"genesis.json", "id",      "reveals", "shared",
                                        "addresses",    "tickets", NULL};

struct restore {
    struct archive_reader *reader;
    char folder[PATH_SIZE]; /* beside the data directory until all is good */
    struct vm *machine;
    uint64_t blocks;
};

/* Of one ledger. */
struct blocks_taken {
    uint64_t height;
    bool is_final; /* the last one */
};

static bool is_among(const char *name, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* "ledgers/LABEL/FILE" with a good label; nothing else reaches a path. */
static bool split_org_name(const char *name, char label[LABEL_MAX + 1], char file[32])
{
    struct error ignored;
    char rest;
    return sscanf(name, "ledgers/%64[^/]/%31[a-z.]%c", label, file, &rest) == 2
           && label_check(label, &ignored);
}

static bool take_content(struct restore *restore, struct buffer *content, struct error *error)
{
    bool found = true;
    while (found) {
        if (!archive_reader_part(restore->reader, content, &found, error))
            return false;
    }
    return true;
}

static bool take_file(struct restore *restore, const char *name, struct error *error)
{
    char path[PATH_SIZE], folder[PATH_SIZE];
    struct buffer content = {0};
    bool ok = path_format(path, error, "%s/%s", restore->folder, name)
              && path_format(folder, error, "%s", path);

    if (ok) {
        *strrchr(folder, '/') = '\0';
        ok = dir_make(folder, error) && take_content(restore, &content, error)
             && file_write(path, buffer_view(&content), error);
    }
    if (content.data != NULL)
        OPENSSL_cleanse(content.data, content.capacity);
    buffer_cleanup(&content);
    return ok;
}

/* Applies whole records; what is left of a cut one stays in the buffer. */
static bool apply_records(struct restore *restore, struct ledger *ledger, struct buffer *records,
                          struct blocks_taken *taken, struct error *error)
{
    size_t done = 0, size;
    for (;;) {
        struct bytes rest = bytes_of(records->data + done, records->size - done);
        if (!block_stream_record_size(rest, &size, error))
            return false;
        if (size == 0)
            break;
        if (!block_stream_apply(ledger, restore->machine, bytes_of(rest.data, size),
                                &taken->is_final, error))
            return error_prefix(error, "block %" PRIu64, taken->height + 1);
        done += size;
        taken->height++;
        restore->blocks++;
    }
    if (done > 0) {
        memmove(records->data, records->data + done, records->size - done);
        records->size -= done;
    }
    return true;
}

static bool take_parts(struct restore *restore, struct ledger *ledger, struct error *error)
{
    struct buffer records = {0};
    struct blocks_taken taken = {.is_final = true};
    bool found = true, ok = true;

    while (ok && found)
        ok = archive_reader_part(restore->reader, &records, &found, error)
             && (!found || apply_records(restore, ledger, &records, &taken, error));
    if (ok && records.size > 0)
        ok = error_set(error, ERROR_CORRUPT, "the backup ends within a block");
    if (ok && !taken.is_final)
        ok = error_set(error, ERROR_CORRUPT,
                       "the backup ends with block %" PRIu64 ", which nothing makes final",
                       taken.height);
    buffer_cleanup(&records);
    return ok;
}

static bool take_blocks(struct restore *restore, const char *label, struct error *error)
{
    struct data_dir dir = {.lock_fd = -1};
    struct ledger_options options = {.pool = pool_limits_default()};
    struct organisation *org = NULL;
    struct ledger *ledger = NULL;
    char store[PATH_SIZE];
    bool ok = false;

    if (!path_format(dir.path, error, "%s", restore->folder)
        || !path_format(store, error, "%s/ledgers/%s/store", restore->folder, label))
        return false;
    org = organisation_load(&dir, label, error);
    if (org == NULL || !ledger_found(store, org->document, error))
        goto done;
    ledger = ledger_open(store, &options, error);
    if (ledger == NULL)
        goto done;
    ok = hash256_equal(ledger_id(ledger), &org->id)
         || error_set(error, ERROR_CORRUPT, "the id does not fit the founding document");
    ok = ok && take_parts(restore, ledger, error);
done:
    ledger_close(ledger);
    organisation_free(org);
    return ok || error_prefix(error, "%s", label);
}

static bool take_entry(struct restore *restore, const char *name, struct error *error)
{
    char label[LABEL_MAX + 1], file[32];

    if (is_among(name, plain_names))
        return take_file(restore, name, error);
    if (split_org_name(name, label, file)) {
        if (is_among(file, org_names))
            return take_file(restore, name, error);
        if (strcmp(file, "blocks") == 0)
            return take_blocks(restore, label, error);
    }
    return error_set(error, ERROR_CORRUPT, "the backup has an entry \"%.100s\" that no backup has",
                     name);
}

static bool take_all(struct restore *restore, struct error *error)
{
    char name[ARCHIVE_NAME_MAX + 1];
    bool found = true;

    while (archive_reader_entry(restore->reader, name, &found, error)) {
        if (!found)
            return true;
        if (!take_entry(restore, name, error))
            return false;
    }
    return false;
}

/* Token, format and lock are made as at a first start. */
static bool complete(const struct restore *restore, struct error *error)
{
    struct data_dir *dir = memory_new(sizeof *dir);
    char format[PATH_SIZE], ledgers[PATH_SIZE], text[32];
    snprintf(text, sizeof text, "leither-data %d\n", DATA_FORMAT_VERSION);
    bool ok = path_format(format, error, "%s/format", restore->folder)
              && file_write(format, bytes_of_text(text), error)
              && data_dir_open(dir, restore->folder, DATA_DIR_RUN, error);
    if (ok)
        data_dir_close(dir);
    free(dir);
    return ok && path_format(ledgers, error, "%s/ledgers", restore->folder)
           && dir_sync(ledgers, error) && dir_sync(restore->folder, error);
}

static bool restore_into(const char *data_dir, const char *file, struct bytes password,
                         struct error *error)
{
    struct restore restore = {0};
    struct error ignored;
    bool ok = false;

    if (!dir_is_empty(data_dir))
        return error_set(error, ERROR_EXISTS,
                         "%s is not empty; restore into another folder with --data-dir, or move "
                         "this one away",
                         data_dir);
    if (!path_format(restore.folder, error, "%s.restoring", data_dir)
        || !dir_remove(restore.folder, error))
        return false;
    restore.reader = archive_reader_new(file, password, error);
    restore.machine = vm_new();
    if (restore.reader != NULL && dir_make(restore.folder, error) && take_all(&restore, error)
        && complete(&restore, error)) {
        ok = rename(restore.folder, data_dir) == 0
                 ? dir_sync_of(data_dir, error)
                 : error_set_errno(error, "could not rename %s", restore.folder);
    }
    if (!ok)
        dir_remove(restore.folder, &ignored);
    else
        printf("restored %s: %" PRIu64 " blocks checked and executed\n"
               "Of a ledger with other members they bring the blocks made since; else those are "
               "lost.\nNever start the old node again: one key, two nodes would sign two "
               "ledgers.\nStart this one: lnode run --data-dir %s\n",
               data_dir, restore.blocks, data_dir);
    vm_free(restore.machine);
    archive_reader_free(restore.reader);
    return ok;
}

enum exit_code command_restore(const struct arguments *arguments)
{
    struct config *config = memory_new(sizeof *config);
    struct buffer password = {0};
    struct error error;
    enum exit_code code = EXIT_OK;

    if (!arguments_allow(arguments, restore_flags, 1, &error)
        || !arguments_config(arguments, config, &error)) {
        code = fail_with(&error, EXIT_USAGE);
    } else if (arguments->words_count != 1) {
        error_set(&error, ERROR_INVALID, "lnode restore needs the name of the backup");
        code = fail_with(&error, EXIT_USAGE);
    } else if (!password_read(arguments_flag(arguments, "password-file"), false, &password, &error)
               || !restore_into(config->data_dir, arguments->words[0], buffer_view(&password),
                                &error)) {
        code = fail_with(&error, EXIT_DEGRADED);
    }
    password_cleanup(&password);
    free(config);
    return code;
}

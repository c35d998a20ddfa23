/* Everything that cannot be had again, into one encrypted file: keys, founding files, secrets of
 * the reveals, final blocks with certificates. State and indexes are not in it: restoring
 * executes the blocks. While the node runs, its control socket hands the blocks out slice by
 * slice; otherwise the stores are opened here. */
#include "node/commands/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/crypto.h>

#include "node/archive.h"
#include "node/block_stream.h"
#include "node/control.h"
#include "node/password.h"

#define FILE_SIZE_MAX    (4 * 1024 * 1024)
#define SLICE_BLOCKS     64
#define SLICE_SIZE_BYTES (4 * 1024 * 1024)

static const char *const backup_flags[] = {"password-file", NULL};
static const char *const node_files[] = {"keys/consensus.key", "keys/node.key", "keys/operator.key",
                                         "default-org"};
/* Whoever follows has no reveals; the last three come with other nodes. */
static const char *const org_files[] = {"genesis.json", "id",        "reveals",
                                        "shared",       "addresses", "tickets"};
#define ORG_FILES_NEEDED 2

struct backup {
    const char *data_dir;
    bool is_running;
    struct archive_writer *writer;
    uint64_t blocks;
};

static bool add_file(struct backup *backup, const char *name, bool may_lack, struct error *error)
{
    char path[PATH_SIZE];
    struct buffer content = {0};
    bool ok = path_format(path, error, "%s/%s", backup->data_dir, name);

    if (ok && may_lack && !file_exists(path))
        return true;
    ok = ok && file_read(path, FILE_SIZE_MAX, &content, error)
         && archive_writer_entry(backup->writer, name, error)
         && archive_writer_part(backup->writer, buffer_view(&content), error);
    if (content.data != NULL)
        OPENSSL_cleanse(content.data, content.capacity);
    buffer_cleanup(&content);
    return ok;
}

/* The answer begins with the height to go on with, on a line. */
static bool slice_from_node(struct backup *backup, const char *label, uint64_t from,
                            struct buffer *records, uint64_t *next, struct error *error)
{
    char request[128];
    struct buffer answer = {0};
    snprintf(request, sizeof request, "blocks %s %" PRIu64, label, from);
    bool ok = control_ask(backup->data_dir, request, &answer, error);
    if (ok) {
        uint8_t *end = memchr(answer.data, '\n', answer.size);
        if (end == NULL)
            ok = error_set(error, ERROR_INVALID, "the running lnode gave no height");
        else {
            *end = '\0';
            *next = strtoull((const char *)answer.data, NULL, 10);
            size_t head = (size_t)(end - answer.data) + 1;
            buffer_append(records, answer.data + head, answer.size - head);
        }
    }
    buffer_cleanup(&answer);
    return ok;
}

static bool add_blocks(struct backup *backup, const char *label, struct ledger *ledger,
                       struct error *error)
{
    struct buffer records = {0};
    uint64_t height = 1, next = 1;
    bool ok = true;

    do {
        height = next;
        buffer_clear(&records);
        ok = ledger == NULL ? slice_from_node(backup, label, height, &records, &next, error)
                            : block_stream_collect(ledger, height, SLICE_BLOCKS, SLICE_SIZE_BYTES,
                                                   &records, &next, error);
        ok = ok && archive_writer_part(backup->writer, buffer_view(&records), error);
    } while (ok && next > height);
    backup->blocks += next - 1;
    buffer_cleanup(&records);
    return ok;
}

static bool add_org(struct backup *backup, const char *label, struct error *error)
{
    char name[ARCHIVE_NAME_MAX + 1], store[PATH_SIZE];
    struct ledger_options options = {.pool = pool_limits_default()};
    struct ledger *ledger = NULL;

    for (size_t i = 0; i < sizeof org_files / sizeof org_files[0]; i++) {
        snprintf(name, sizeof name, "ledgers/%s/%s", label, org_files[i]);
        if (!add_file(backup, name, i >= ORG_FILES_NEEDED, error))
            return false;
    }
    if (!backup->is_running) {
        if (!path_format(store, error, "%s/ledgers/%s/store", backup->data_dir, label))
            return false;
        ledger = ledger_open(store, &options, error);
        if (ledger == NULL)
            return false;
    }
    snprintf(name, sizeof name, "ledgers/%s/blocks", label);
    bool ok = archive_writer_entry(backup->writer, name, error)
              && add_blocks(backup, label, ledger, error);
    ledger_close(ledger);
    return ok;
}

static bool add_all(struct backup *backup, struct error *error)
{
    struct data_dir named = {.lock_fd = -1};
    struct arena arena = {0};
    char **labels;
    size_t count;
    bool ok = path_format(named.path, error, "%s", backup->data_dir)
              && organisation_labels(&named, &arena, &labels, &count, error);

    for (size_t i = 0; ok && i < sizeof node_files / sizeof node_files[0]; i++)
        ok = add_file(backup, node_files[i], strcmp(node_files[i], "default-org") == 0, error);
    for (size_t i = 0; ok && i < count; i++)
        ok = add_org(backup, labels[i], error) || error_prefix(error, "%s", labels[i]);
    arena_cleanup(&arena);
    return ok;
}

static bool make_backup(struct backup *backup, const char *file, struct bytes password,
                        struct error *error)
{
    backup->writer = archive_writer_new(file, password, error);
    bool ok = backup->writer != NULL && add_all(backup, error)
              && archive_writer_finish(backup->writer, error);
    archive_writer_free(backup->writer);
    return ok;
}

/* Holds the lock of a stopped node meanwhile. */
static bool back_up(const struct config *config, const char *file, struct bytes password,
                    struct error *error)
{
    struct backup backup = {.data_dir = config->data_dir,
                            .is_running = data_dir_is_held(config->data_dir)};
    struct data_dir *dir = memory_new(sizeof *dir);
    bool ok = backup.is_running || data_dir_open(dir, config->data_dir, DATA_DIR_WORK, error);

    if (ok) {
        ok = make_backup(&backup, file, password, error);
        if (!backup.is_running)
            data_dir_close(dir);
    }
    if (ok)
        printf("wrote %s: keys, founding files and %" PRIu64 " blocks\n"
               "keep its password elsewhere; bring it back with: lnode restore %s --data-dir "
               "EMPTY\n",
               file, backup.blocks, file);
    free(dir);
    return ok;
}

enum exit_code command_backup(const struct arguments *arguments)
{
    struct config *config = memory_new(sizeof *config);
    struct buffer password = {0};
    struct error error;
    enum exit_code code = EXIT_OK;

    if (!arguments_allow(arguments, backup_flags, 1, &error)
        || !arguments_config(arguments, config, &error)) {
        code = fail_with(&error, EXIT_USAGE);
    } else if (arguments->words_count != 1) {
        error_set(&error, ERROR_INVALID, "lnode backup needs the name of the file to write");
        code = fail_with(&error, EXIT_USAGE);
    } else if (!password_read(arguments_flag(arguments, "password-file"), true, &password, &error)
               || !back_up(config, arguments->words[0], buffer_view(&password), &error)) {
        code = fail_with(&error, EXIT_DEGRADED);
    }
    password_cleanup(&password);
    free(config);
    return code;
}

/* An organisation's ledger in go-ethereum's forms, so that others can replay it: genesis.json and
 * blocks.rlp (blocks after 0, one after the other). */
#include "node/commands/commands.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/export.h"
#include "node/organisation.h"

static const char *const export_flags[] = {"org", "format", "output", NULL};

static bool write_genesis(const struct ledger_view *view, const char *folder, struct error *error)
{
    char path[PATH_SIZE];
    struct buffer text = {0};
    bool ok = path_format(path, error, "%s/genesis.json", folder)
              && export_genesis(view, &text, error) && file_write(path, buffer_view(&text), error);
    buffer_cleanup(&text);
    return ok;
}

static bool write_each(const struct ledger_view *view, FILE *file, const char *path,
                       struct error *error)
{
    struct buffer block = {0};
    bool ok = true;

    for (uint64_t height = 1; ok && height <= view_head(view); height++) {
        buffer_clear(&block);
        ok = export_block(view, height, &block, error);
        if (ok && fwrite(block.data, 1, block.size, file) != block.size)
            ok = error_set_errno(error, "could not write %s", path);
    }
    buffer_cleanup(&block);
    return ok;
}

static bool write_blocks(const struct ledger_view *view, const char *folder, struct error *error)
{
    char path[PATH_SIZE];
    if (!path_format(path, error, "%s/blocks.rlp", folder))
        return false;
    FILE *file = fopen(path, "wbe");
    if (file == NULL)
        return error_set_errno(error, "could not make %s", path);
    bool ok = write_each(view, file, path, error);
    if (fclose(file) != 0 && ok)
        ok = error_set_errno(error, "could not write %s", path);
    return ok;
}

static bool write_all(struct ledger *ledger, const char *folder, struct error *error)
{
    struct ledger_view *view = ledger_view_open(ledger, error);
    uint64_t replayable = 0;
    bool ok = view != NULL && dir_make(folder, error) && write_genesis(view, folder, error)
              && write_blocks(view, folder, error) && export_replayable(view, &replayable, error);
    if (ok)
        printf("wrote %s/genesis.json and %s/blocks.rlp, %" PRIu64 " blocks\n"
               "replayable to block %" PRIu64 "\n",
               folder, folder, view_head(view), replayable);
    ledger_view_close(view);
    return ok;
}

static bool export_org(const struct data_dir *dir, const char *label, const char *output,
                       struct error *error)
{
    struct ledger_options options = {.pool = pool_limits_default()};
    char folder[PATH_SIZE], store[PATH_SIZE];

    if (!label_check(label, error)
        || !path_format(store, error, "%s/ledgers/%s/store", dir->path, label)
        || !path_format(folder, error, "%s%s", output == NULL ? "export-" : output,
                        output == NULL ? label : ""))
        return false;
    if (!file_exists(store))
        return error_set(error, ERROR_NOT_FOUND, "there is no organisation %s in %.200s", label,
                         dir->path);
    struct ledger *ledger = ledger_open(store, &options, error);
    bool ok = ledger != NULL && write_all(ledger, folder, error);
    ledger_close(ledger);
    return ok;
}

static bool check_usage(const struct arguments *arguments, struct error *error)
{
    const char *format = arguments_flag(arguments, "format");
    if (!arguments_allow(arguments, export_flags, 0, error))
        return false;
    if (arguments_flag(arguments, "org") == NULL)
        return error_set(error, ERROR_INVALID, "lnode export needs --org LABEL");
    if (format == NULL || strcmp(format, "geth") != 0)
        return error_set(error, ERROR_INVALID, "lnode export needs --format geth");
    return true;
}

enum exit_code command_export(const struct arguments *arguments)
{
    struct config *config = memory_new(sizeof *config);
    struct data_dir *dir = memory_new(sizeof *dir);
    struct error error;
    enum exit_code code = EXIT_OK;

    if (!check_usage(arguments, &error) || !arguments_config(arguments, config, &error)) {
        code = fail_with(&error, EXIT_USAGE);
    } else if (!data_dir_open(dir, config->data_dir, DATA_DIR_WORK, &error)) {
        code = fail_with(&error, EXIT_DEGRADED);
    } else {
        if (!export_org(dir, arguments_flag(arguments, "org"), arguments_flag(arguments, "output"),
                        &error))
            code = fail_with(&error, EXIT_DEGRADED);
        data_dir_close(dir);
    }
    free(dir);
    free(config);
    return code;
}

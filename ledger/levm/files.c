#include "ledger/levm/files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define READ_SIZE 65536

static bool load_stream(FILE *file, const char *path, struct buffer *out, struct error *error)
{
    size_t start = out->size;
    size_t got = READ_SIZE;
    while (got == READ_SIZE) {
        uint8_t *room = buffer_extend(out, READ_SIZE);
        got = fread(room, 1, READ_SIZE, file);
        out->size -= READ_SIZE - got;
        if (out->size - start > FILES_SIZE_MAX)
            return error_set(error, ERROR_INVALID, "%s: more than %u MiB", path,
                             FILES_SIZE_MAX >> 20);
    }
    return ferror(file) ? error_set_errno(error, "%s", path) : true;
}

bool files_load(const char *path, struct buffer *out, struct error *error)
{
    if (strcmp(path, "-") == 0)
        return load_stream(stdin, "stdin", out, error);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return error_set_errno(error, "%s", path);
    bool ok = load_stream(file, path, out, error);
    fclose(file);
    return ok;
}

static bool is_json_name(const char *name)
{
    size_t size = strlen(name);
    return size > 5 && strcmp(name + size - 5, ".json") == 0;
}

static bool each_in_folder(const char *path, files_fn on_file, void *context, struct error *error)
{
    struct dirent **entries;
    int count = scandir(path, &entries, NULL, alphasort);
    bool ok = true;
    if (count < 0)
        return error_set_errno(error, "%s", path);
    for (int i = 0; i < count; i++) {
        const char *name = entries[i]->d_name;
        struct stat info;
        struct buffer child = {0};
        buffer_append_format(&child, "%s/%s", path, name);
        buffer_append_u8(&child, 0);
        const char *child_path = (const char *)child.data;
        bool is_folder = stat(child_path, &info) == 0 && S_ISDIR(info.st_mode);
        if (ok && name[0] != '.' && (is_folder || is_json_name(name)))
            ok = files_each_json(child_path, on_file, context, error);
        buffer_cleanup(&child);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

bool files_each_json(const char *path, files_fn on_file, void *context, struct error *error)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return error_set_errno(error, "%s", path);
    return S_ISDIR(info.st_mode) ? each_in_folder(path, on_file, context, error)
                                 : on_file(context, path, error);
}

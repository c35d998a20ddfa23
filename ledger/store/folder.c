#include "ledger/store/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/base/bytes.h"

char *folder_path(const char *directory, const char *name)
{
    const size_t size = strlen(directory) + 1 + strlen(name) + 1;
    char *path = memory_new(size);
    snprintf(path, size, "%s/%s", directory, name);
    return path;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    (void)status, (void)kind, (void)where;
    return remove(path);
}

bool folder_remove(const char *directory, struct error *error)
{
    struct stat status;
    if (lstat(directory, &status) != 0 && errno == ENOENT)
        return true;
    if (nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS) != 0)
        return error_set_errno(error, "cannot remove %s", directory);
    return true;
}

bool folder_draft(const char *directory, char **draft, struct error *error)
{
    struct stat status;
    *draft = NULL;
    if (lstat(directory, &status) == 0)
        return error_set(error, ERROR_EXISTS, "%s exists already, expected a new place", directory);
    const size_t size = strlen(directory) + sizeof ".new";
    char *path = memory_new(size);
    snprintf(path, size, "%s.new", directory);
    if (folder_remove(path, error)) {
        if (mkdir(path, 0700) == 0) {
            *draft = path;
            return true;
        }
        error_set_errno(error, "cannot make %s", path);
    }
    free(path);
    return false;
}

static bool sync_folder(const char *directory, struct error *error)
{
    int file = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = file >= 0 && fsync(file) == 0;
    if (!ok)
        error_set_errno(error, "cannot sync %s", directory);
    if (file >= 0)
        close(file);
    return ok;
}

static int sync_one(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    struct error ignored; /* errno says the same */
    (void)status, (void)where;
    return kind == FTW_D && !sync_folder(path, &ignored) ? -1 : 0;
}

/* LevelDB syncs its files, but not the folder after the rename that makes its last one. */
static bool sync_folders(const char *directory, struct error *error)
{
    return nftw(directory, sync_one, 8, FTW_PHYS) == 0
           || error_set_errno(error, "cannot sync %s", directory);
}

bool folder_publish(const char *draft, const char *directory, struct error *error)
{
    if (!sync_folders(draft, error))
        return false;
    if (rename(draft, directory) != 0)
        return error_set_errno(error, "cannot rename %s to %s", draft, directory);
    const size_t size = strlen(directory) + 1;
    char *copy = memory_new(size);
    memcpy(copy, directory, size);
    const bool ok = sync_folder(dirname(copy), error);
    free(copy);
    return ok;
}

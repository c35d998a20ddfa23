#include "wallet/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

bool files_make_dir(const char *path, struct error *error)
{
    char part[FILES_PATH_MAX];
    if ((size_t)snprintf(part, sizeof part, "%s", path) >= sizeof part)
        return error_set(error, ERROR_INVALID, "a path is too long");
    for (char *slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(part, 0700); /* what is missing shows at the last one */
        *slash = '/';
    }
    struct stat status;
    if (mkdir(part, 0700) == 0)
        return true;
    int reason = errno;
    if (stat(part, &status) == 0 && S_ISDIR(status.st_mode))
        return true;
    errno = reason;
    return error_set_errno(error, "cannot make the directory %s", path);
}

static bool write_all(int file, struct bytes content)
{
    while (content.size > 0) {
        ssize_t written = write(file, content.data, content.size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        content = bytes_of(content.data + written, content.size - (size_t)written);
    }
    return true;
}

/* Without replacing, link() is the step that fails if the file is there. */
static bool put_in_place(const char *made, const char *path, bool may_replace)
{
    if (may_replace)
        return rename(made, path) == 0;
    return link(made, path) == 0 && unlink(made) == 0;
}

/* A rename lasts only when the directory is synced, too. */
static void sync_parent(const char *path)
{
    char parent[FILES_PATH_MAX];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash == NULL)
        return;
    *slash = '\0';
    int directory = open(parent[0] == '\0' ? "/" : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory >= 0) {
        fsync(directory);
        close(directory);
    }
}

/* A folder that is not there is a failure of this machine, not something that was looked for. */
static bool refuse_path(const char *path, struct error *error)
{
    error_set_errno(error, "cannot write %s", path);
    if (error->code == ERROR_NOT_FOUND)
        error->code = ERROR_IO;
    return false;
}

bool files_write(const char *path, struct bytes content, bool may_replace, struct error *error)
{
    char made[FILES_PATH_MAX];
    if ((size_t)snprintf(made, sizeof made, "%s.XXXXXX", path) >= sizeof made)
        return error_set(error, ERROR_INVALID, "a path is too long");
    int file = mkostemp(made, O_CLOEXEC); /* mode 0600 */
    if (file < 0)
        return refuse_path(path, error);
    bool ok = write_all(file, content) && fsync(file) == 0;
    int reason = errno;
    if (close(file) != 0 && ok) {
        ok = false;
        reason = errno;
    }
    if (ok && !put_in_place(made, path, may_replace)) {
        ok = false;
        reason = errno;
    }
    if (!ok) {
        unlink(made);
        if (reason == EEXIST)
            return error_set(error, ERROR_EXISTS,
                             "%s is there already and is not overwritten; choose another name",
                             path);
        errno = reason;
        return refuse_path(path, error);
    }
    sync_parent(path);
    return true;
}

bool files_read(const char *path, size_t size_max, struct buffer *out, struct error *error)
{
    size_t start = out->size;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return error_set_errno(error, "cannot read %s", path);
    for (;;) {
        uint8_t chunk[4096];
        ssize_t got = read(file, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            error_set_errno(error, "cannot read %s", path);
        else if (out->size - start + (size_t)got > size_max)
            error_set(error, ERROR_INVALID, "%s is larger than %zu bytes", path, size_max);
        else if (got > 0) {
            buffer_append(out, chunk, (size_t)got);
            explicit_bzero(chunk, sizeof chunk);
            continue;
        }
        explicit_bzero(chunk, sizeof chunk);
        close(file);
        return got == 0;
    }
}

bool files_read_named(const char *path, size_t size_max, struct buffer *out, struct error *error)
{
    bool ok = files_read(path, size_max, out, error);
    if (!ok && error->code == ERROR_NOT_FOUND)
        error->code = ERROR_IO;
    return ok;
}

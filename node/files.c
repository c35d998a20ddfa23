#include "node/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

bool path_format(char out[PATH_SIZE], struct error *error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(out, PATH_SIZE, format, arguments);
    va_end(arguments);
    if (size < 0 || size >= PATH_SIZE)
        return error_set(error, ERROR_INVALID, "path %.80s... is longer than %d characters", out,
                         PATH_SIZE - 1);
    return true;
}

static bool make_one(const char *path, struct error *error)
{
    struct stat status;
    if (mkdir(path, 0700) == 0)
        return true;
    if (errno == EEXIST && stat(path, &status) == 0) {
        return S_ISDIR(status.st_mode)
               || error_set(error, ERROR_EXISTS, "%s is a file, expected a folder", path);
    }
    return error_set_errno(error, "could not make the folder %s", path);
}

bool dir_make(const char *path, struct error *error)
{
    char partial[PATH_SIZE];
    struct stat status;

    if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
        return true;
    if (!path_format(partial, error, "%s", path))
        return false;
    for (char *c = partial + 1; *c != '\0'; c++) {
        if (*c != '/')
            continue;
        *c = '\0';
        if (stat(partial, &status) != 0 && !make_one(partial, error))
            return false;
        *c = '/';
    }
    return make_one(partial, error);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
    (void)status;
    (void)kind;
    (void)walk;
    return remove(path);
}

bool dir_remove(const char *path, struct error *error)
{
    if (access(path, F_OK) != 0)
        return true;
    if (nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
        return error_set_errno(error, "could not remove %s", path);
    return true;
}

bool dir_is_empty(const char *path)
{
    DIR *folder = opendir(path);
    struct dirent *entry;
    bool is_empty = true;

    if (folder == NULL)
        return errno == ENOENT;
    while (is_empty && (entry = readdir(folder)) != NULL)
        is_empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    closedir(folder);
    return is_empty;
}

bool dir_visit(const char *path, const char *prefix,
               bool (*visit)(void *context, const char *entry, struct error *error), void *context,
               struct error *error)
{
    char inner[PATH_SIZE];
    const struct dirent *entry;
    bool ok = true;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return error_set_errno(error, "could not read the folder %s", path);
    while (ok && (entry = readdir(folder)) != NULL)
        if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
            ok = path_format(inner, error, "%s/%s", path, entry->d_name)
                 && visit(context, inner, error);
    closedir(folder);
    return ok;
}

bool dir_sync(const char *path, struct error *error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(error, "could not open the folder %s", path);
    bool ok = fsync(fd) == 0 || error_set_errno(error, "could not sync the folder %s", path);
    close(fd);
    return ok;
}

bool dir_sync_of(const char *path, struct error *error)
{
    char folder[PATH_SIZE];
    if (!path_format(folder, error, "%s", path))
        return false;
    char *slash = strrchr(folder, '/');
    if (slash == NULL)
        return dir_sync(".", error);
    *(slash == folder ? slash + 1 : slash) = '\0';
    return dir_sync(folder, error);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool read_all(int fd, const char *path, size_t size_max, struct buffer *out,
                     struct error *error)
{
    uint8_t chunk[8192];
    size_t total = 0;
    ssize_t got;
    bool ok = false;

    while ((got = read(fd, chunk, sizeof chunk)) > 0) {
        total += (size_t)got;
        if (total > size_max) {
            error_set(error, ERROR_INVALID, "%s is larger than the %zu bytes expected", path,
                      size_max);
            goto done;
        }
        buffer_append(out, chunk, (size_t)got);
    }
    ok = got == 0 || error_set_errno(error, "could not read %s", path);
done:
    OPENSSL_cleanse(chunk, sizeof chunk); /* it may have held a key */
    return ok;
}

bool file_read(const char *path, size_t size_max, struct buffer *out, struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(error, "could not open %s", path);
    bool ok = read_all(fd, path, size_max, out, error);
    close(fd);
    return ok;
}

static bool write_all(int fd, const char *path, struct bytes content, struct error *error)
{
    while (content.size > 0) {
        ssize_t written = write(fd, content.data, content.size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return error_set_errno(error, "could not write %s", path);
        content.data += written;
        content.size -= (size_t)written;
    }
    if (fsync(fd) != 0)
        return error_set_errno(error, "could not sync %s", path);
    return true;
}

bool file_write(const char *path, struct bytes content, struct error *error)
{
    char beside[PATH_SIZE];
    if (!path_format(beside, error, "%s.new", path))
        return false;
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return error_set_errno(error, "could not make %s", beside);
    bool ok = write_all(fd, beside, content, error);
    close(fd);
    if (ok && rename(beside, path) != 0)
        ok = error_set_errno(error, "could not rename %s", beside);
    if (!ok) {
        unlink(beside);
        return false;
    }
    return dir_sync_of(path, error);
}

bool file_check_private(const char *path, struct error *error)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return error_set_errno(error, "could not look at %s", path);
    if (status.st_uid != geteuid() && geteuid() != 0)
        return error_set(error, ERROR_DENIED,
                         "%s belongs to another user (uid %u); run: chown %u %s", path,
                         status.st_uid, geteuid(), path);
    if ((status.st_mode & 077) != 0)
        return error_set(error, ERROR_DENIED,
                         "%s is open to other users (mode %03o, expected 600); run: chmod 600 %s",
                         path, status.st_mode & 0777U, path);
    return true;
}

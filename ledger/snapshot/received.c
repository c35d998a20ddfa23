#include "ledger/snapshot/received.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/snapshot/manifest.h"
#include "ledger/store/folder.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

#define NAME_SIZE (2 * sizeof(hash256)) /* without the final zero */

static char *path_of(const char *folder, const hash256 *hash)
{
    char name[NAME_SIZE + 1] = {0};
    hex_encode(name, hash->bytes, sizeof hash->bytes);
    return folder_path(folder, name);
}

/* Appends at most a chunk's size and one byte of the file. */
static bool read_file(const char *path, struct buffer *out, bool *found, struct error *error)
{
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    *found = file >= 0;
    if (file < 0)
        return errno == ENOENT || error_set_errno(error, "cannot open %s", path);
    const size_t start = out->size;
    ssize_t size = 1;
    while (size > 0 && out->size - start <= SNAPSHOT_CHUNK_SIZE_MAX) {
        const size_t room = SNAPSHOT_CHUNK_SIZE_MAX + 1 - (out->size - start);
        uint8_t *bytes = buffer_extend(out, room);
        size = read(file, bytes, room);
        out->size -= room - (size > 0 ? (size_t)size : 0);
    }
    if (size < 0)
        error_set_errno(error, "cannot read %s", path);
    close(file);
    return size >= 0;
}

bool received_load(const char *folder, const hash256 *hash, struct buffer *out, bool *found,
                   struct error *error)
{
    const size_t start = out->size;
    char *path = path_of(folder, hash);
    const bool ok = read_file(path, out, found, error);
    free(path);
    if (ok && *found) {
        const hash256 content = keccak256(out->data + start, out->size - start);
        *found = hash256_equal(&content, hash);
    }
    if (!ok || !*found)
        out->size = start;
    return ok;
}

static bool write_file(const char *path, struct bytes content, struct error *error)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool ok = file >= 0;
    for (size_t at = 0; ok && at < content.size;) {
        const ssize_t written = write(file, content.data + at, content.size - at);
        ok = written > 0;
        at += ok ? (size_t)written : 0;
    }
    if (!ok)
        error_set_errno(error, "cannot write %s", path);
    if (file >= 0 && close(file) != 0 && ok)
        ok = error_set_errno(error, "cannot write %s", path);
    return ok;
}

bool received_put(const char *folder, const hash256 *hash, struct bytes chunk, struct error *error)
{
    char *path = path_of(folder, hash);
    const bool ok = write_file(path, chunk, error);
    free(path);
    return ok;
}

/* Looks at one name in the folder; removes what is no chunk, or not to be kept. */
static bool sort_out(const char *folder, const char *name,
                     bool (*keep)(void *context, const hash256 *hash), void *context,
                     struct error *error)
{
    hash256 hash;
    struct buffer chunk = {0};
    char *path = folder_path(folder, name);
    const bool is_named = strlen(name) == NAME_SIZE && hex_decode(hash.bytes, sizeof hash, name);
    bool ok = true, found = false;
    if (is_named)
        ok = received_load(folder, &hash, &chunk, &found, error);
    if (ok && (!found || !keep(context, &hash)))
        ok = folder_remove(path, error);
    buffer_cleanup(&chunk);
    free(path);
    return ok;
}

bool received_open(const char *folder, bool (*keep)(void *context, const hash256 *hash),
                   void *context, struct error *error)
{
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return error_set_errno(error, "cannot make %s", folder);
    DIR *names = opendir(folder);
    if (names == NULL)
        return error_set_errno(error, "cannot read %s", folder);
    bool ok = true;
    for (struct dirent *entry = readdir(names); ok && entry != NULL; entry = readdir(names))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            ok = sort_out(folder, entry->d_name, keep, context, error);
    closedir(names);
    return ok;
}

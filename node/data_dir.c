#include "node/data_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "vm/base/hex.h"

#define FORMAT_PREFIX "leither-data "
#define FORMAT_MAX    64

static bool path_in(char out[PATH_SIZE], const struct data_dir *dir, const char *name,
                    struct error *error)
{
    return path_format(out, error, "%s/%s", dir->path, name);
}

static bool take_lock(struct data_dir *dir, struct error *error)
{
    char path[PATH_SIZE];
    if (!path_in(path, dir, "lock", error))
        return false;
    dir->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (dir->lock_fd < 0)
        return error_set_errno(error, "could not open %s", path);
    if (flock(dir->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return true;
    if (errno != EWOULDBLOCK)
        return error_set_errno(error, "could not lock %s", path);
    return error_set(error, ERROR_BUSY,
                     "another lnode works in %s; stop it first, or choose another folder with "
                     "--data-dir (lnode status shows what runs)",
                     dir->path);
}

static bool write_format(const char *path, struct error *error)
{
    char text[FORMAT_MAX];
    snprintf(text, sizeof text, FORMAT_PREFIX "%d\n", DATA_FORMAT_VERSION);
    return file_write(path, bytes_of_text(text), error);
}

static bool check_format(const struct data_dir *dir, bool may_make, struct error *error)
{
    char path[PATH_SIZE], ledgers[PATH_SIZE];
    struct buffer text = {0};

    if (!path_in(path, dir, "format", error) || !path_in(ledgers, dir, "ledgers", error))
        return false;
    if (!file_exists(path) && may_make) {
        if (!dir_is_empty(ledgers))
            return error_set(error, ERROR_CORRUPT,
                             "%s has ledgers but no file `format`; if it is a leither data "
                             "folder, write \"" FORMAT_PREFIX "%d\" into that file",
                             dir->path, DATA_FORMAT_VERSION);
        return write_format(path, error);
    }
    if (!file_read(path, FORMAT_MAX, &text, error)) {
        buffer_cleanup(&text);
        return error_prefix(error, "%s is no leither data folder", dir->path);
    }
    buffer_append_u8(&text, 0);
    unsigned version = 0;
    char rest = 0;
    int fields = sscanf((const char *)text.data, FORMAT_PREFIX "%9u%c", &version, &rest);
    buffer_cleanup(&text);
    if (fields != 2 || rest != '\n' || version == 0)
        return error_set(error, ERROR_CORRUPT,
                         "%s is damaged: expected \"" FORMAT_PREFIX "%d\" and a line end", path,
                         DATA_FORMAT_VERSION);
    if (version > DATA_FORMAT_VERSION)
        return error_set(error, ERROR_VERSION,
                         "%s was written by a newer lnode (format %u, this one knows %d); start "
                         "the newer lnode",
                         dir->path, version, DATA_FORMAT_VERSION);
    return true;
}

static bool make_token(const char *path, struct error *error)
{
    uint8_t bytes[ADMIN_TOKEN_SIZE / 2];
    char text[ADMIN_TOKEN_SIZE + 1];

    if (RAND_bytes(bytes, sizeof bytes) != 1)
        return error_set(error, ERROR_IO, "the system gave no random bytes for %s", path);
    hex_encode(text, bytes, sizeof bytes);
    text[ADMIN_TOKEN_SIZE] = '\n';
    bool ok = file_write(path, bytes_of(text, sizeof text), error);
    OPENSSL_cleanse(bytes, sizeof bytes);
    OPENSSL_cleanse(text, sizeof text);
    return ok;
}

static bool load_token(struct data_dir *dir, bool may_make, struct error *error)
{
    char path[PATH_SIZE];
    struct buffer text = {0};
    uint8_t bytes[ADMIN_TOKEN_SIZE / 2];
    bool ok = false;

    if (!path_in(path, dir, "admin.token", error))
        return false;
    if (may_make && !file_exists(path) && !make_token(path, error))
        return false;
    if (!file_check_private(path, error) || !file_read(path, ADMIN_TOKEN_SIZE + 16, &text, error))
        goto done;
    if (text.size < ADMIN_TOKEN_SIZE || !hex_decode(bytes, sizeof bytes, (const char *)text.data)) {
        error_set(error, ERROR_CORRUPT,
                  "%s is damaged: expected 64 hex digits; remove it and the next start makes a "
                  "new one",
                  path);
        goto done;
    }
    memcpy(dir->admin_token, text.data, ADMIN_TOKEN_SIZE);
    dir->admin_token[ADMIN_TOKEN_SIZE] = '\0';
    ok = true;
done:
    OPENSSL_cleanse(bytes, sizeof bytes);
    if (text.data != NULL)
        OPENSSL_cleanse(text.data, text.capacity);
    buffer_cleanup(&text);
    return ok;
}

static bool open_parts(struct data_dir *dir, bool may_make, struct error *error)
{
    char ledgers[PATH_SIZE], keys[PATH_SIZE];

    if (!path_in(ledgers, dir, "ledgers", error) || !path_in(keys, dir, "keys", error))
        return false;
    return take_lock(dir, error) && check_format(dir, may_make, error)
           && (!may_make || dir_make(ledgers, error)) && load_token(dir, may_make, error)
           && keys_load(&dir->keys, keys, may_make, error);
}

/* What the system refused, and what to do about it. */
static void add_advice(struct error *error, const char *path)
{
    size_t used = strlen(error->text);
    if (error->code == ERROR_DISK_FULL)
        snprintf(error->text + used, sizeof error->text - used, "; make room, then start again");
    else if (error->code == ERROR_DENIED && strstr(error->text, strerror(EACCES)) != NULL)
        snprintf(error->text + used, sizeof error->text - used,
                 "; run lnode as the user who owns %s, or choose another folder with --data-dir",
                 path);
}

bool data_dir_open(struct data_dir *dir, const char *path, enum data_dir_use use,
                   struct error *error)
{
    bool may_make = use == DATA_DIR_RUN;

    *dir = (struct data_dir){.lock_fd = -1};
    if (!path_format(dir->path, error, "%s", path))
        return false;
    if (may_make && !dir_make(path, error)) {
        add_advice(error, path);
        return false;
    }
    if (!may_make && !file_exists(path))
        return error_set(error, ERROR_NOT_FOUND,
                         "there is no data folder %s; name it with --data-dir", path);
    if (open_parts(dir, may_make, error))
        return true;
    add_advice(error, path);
    data_dir_close(dir);
    return false;
}

void data_dir_close(struct data_dir *dir)
{
    if (dir->lock_fd >= 0)
        close(dir->lock_fd);
    dir->lock_fd = -1;
    OPENSSL_cleanse(dir->admin_token, sizeof dir->admin_token);
    keys_cleanup(&dir->keys);
}

bool data_dir_default(char out[PATH_SIZE], struct error *error)
{
    const char *data = getenv("XDG_DATA_HOME");
    const char *home = getenv("HOME");
    if (data != NULL && data[0] == '/')
        return path_format(out, error, "%s/leither", data);
    if (home != NULL && home[0] == '/')
        return path_format(out, error, "%s/.local/share/leither", home);
    return path_format(out, error, "/var/lib/leither");
}

bool data_dir_check_format(const char *path, struct error *error)
{
    struct data_dir named = {.lock_fd = -1};
    return path_format(named.path, error, "%s", path) && check_format(&named, false, error);
}

bool data_dir_is_held(const char *path)
{
    char lock[PATH_SIZE];
    struct error ignored;
    bool is_held;

    if (!path_format(lock, &ignored, "%s/lock", path))
        return false;
    int fd = open(lock, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    is_held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return is_held;
}

bool data_dir_default_org(const struct data_dir *dir, char label[LABEL_MAX + 1],
                          struct error *error)
{
    char path[PATH_SIZE];
    struct buffer text = {0};

    label[0] = '\0';
    if (!path_in(path, dir, "default-org", error))
        return false;
    if (!file_exists(path))
        return true;
    bool ok = file_read(path, LABEL_MAX + 1, &text, error);
    if (ok && text.size > 0 && text.size <= LABEL_MAX + 1) {
        size_t size = text.data[text.size - 1] == '\n' ? text.size - 1 : text.size;
        size = size > LABEL_MAX ? LABEL_MAX : size;
        memcpy(label, text.data, size);
        label[size] = '\0';
    }
    buffer_cleanup(&text);
    return ok;
}

bool data_dir_set_default_org(const struct data_dir *dir, const char *label, struct error *error)
{
    char path[PATH_SIZE], line[LABEL_MAX + 2];
    snprintf(line, sizeof line, "%s\n", label);
    return path_in(path, dir, "default-org", error) && file_write(path, bytes_of_text(line), error);
}

#include "node/keys.h"

#include <stdio.h>
#include <sys/stat.h>

#include <openssl/crypto.h>

#include "node/files.h"
#include "vm/base/hex.h"

#define KEY_FILE_SIZE 65 /* 64 digits and a line end */

static bool make_key(const char *path, struct secret_key *key, struct error *error)
{
    char text[KEY_FILE_SIZE];
    bool ok;

    if (!secret_key_generate(key, error))
        return false;
    hex_encode(text, key->bytes, sizeof key->bytes);
    text[KEY_FILE_SIZE - 1] = '\n';
    ok = file_write(path, bytes_of(text, sizeof text), error);
    OPENSSL_cleanse(text, sizeof text);
    return ok;
}

static bool read_key(const char *path, struct secret_key *key, struct error *error)
{
    struct buffer text = {0};
    uint8_t bytes[32] = {0};
    bool ok = false;

    if (!file_check_private(path, error) || !file_read(path, KEY_FILE_SIZE + 16, &text, error))
        goto done;
    if (text.size != KEY_FILE_SIZE || text.data[KEY_FILE_SIZE - 1] != '\n'
        || !hex_decode(bytes, sizeof bytes, (const char *)text.data)
        || !secret_key_load(key, bytes)) {
        error_set(error, ERROR_CORRUPT,
                  "%s is no key: expected 64 hex digits and a line end; put it back from a "
                  "backup (lnode restore)",
                  path);
        goto done;
    }
    ok = true;
done:
    OPENSSL_cleanse(bytes, sizeof bytes);
    if (text.data != NULL)
        OPENSSL_cleanse(text.data, text.capacity);
    buffer_cleanup(&text);
    return ok;
}

static bool load_key(const char *folder, const char *name, bool may_make, struct secret_key *key,
                     struct error *error)
{
    char path[PATH_SIZE];
    if (!path_format(path, error, "%s/%s.key", folder, name))
        return false;
    if (may_make && !file_exists(path))
        return make_key(path, key, error);
    return read_key(path, key, error);
}

bool keys_load(struct node_keys *keys, const char *folder, bool may_make, struct error *error)
{
    struct stat status;

    if (may_make && !dir_make(folder, error))
        return false;
    if (stat(folder, &status) != 0)
        return error_set_errno(error, "could not look at the folder of keys %s", folder);
    if ((status.st_mode & 077) != 0)
        return error_set(error, ERROR_DENIED,
                         "the folder of keys %s is open to other users; run: chmod 700 %s", folder,
                         folder);
    if (load_key(folder, "consensus", may_make, &keys->consensus, error)
        && load_key(folder, "node", may_make, &keys->node, error)
        && load_key(folder, "operator", may_make, &keys->operator_account, error))
        return true;
    keys_cleanup(keys);
    return false;
}

void keys_cleanup(struct node_keys *keys)
{
    secret_key_cleanup(&keys->consensus);
    secret_key_cleanup(&keys->node);
    secret_key_cleanup(&keys->operator_account);
}

void keys_node_public(const struct node_keys *keys, uint8_t out[33])
{
    public_key key;
    secret_key_public(&keys->node, &key);
    out[0] = (uint8_t)(2 + (key.bytes[63] & 1)); /* SEC1: by the parity of y */
    memcpy(out + 1, key.bytes, 32);
}

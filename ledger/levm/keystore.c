/* levm keystore: a key file of version 3 <-> the key in it. Passwords come from a file, never from
 * the command line; what is secret is read without buffers of the library's and wiped. */
#include "ledger/codec/keystore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ledger/levm/command.h"
#include "ledger/levm/files.h"
#include "ledger/levm/flags.h"
#include "vm/base/hex.h"

#define LINE_SIZE_MAX 1024

/* A first line; wiped by line_wipe(). */
struct line {
    char text[LINE_SIZE_MAX + 1];
    size_t size;
};

struct options {
    const char *file; /* to decrypt; NULL: encrypt */
    const char *password_file;
    bool is_light;
};

static void line_wipe(struct line *line)
{
    explicit_bzero(line, sizeof *line);
}

static bool line_read_descriptor(struct line *line, int descriptor, const char *name,
                                 struct error *error)
{
    ssize_t got = 1;
    line->size = 0;
    while (got > 0 && line->size < sizeof line->text) {
        got = read(descriptor, line->text + line->size, sizeof line->text - line->size);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            line->size += (size_t)got;
    }
    if (got < 0)
        return error_set_errno(error, "%s", name);
    const char *end = memchr(line->text, '\n', line->size);
    if (end == NULL && line->size > LINE_SIZE_MAX)
        return error_set(error, ERROR_INVALID, "%s: the first line is over %d bytes", name,
                         LINE_SIZE_MAX);
    if (end != NULL)
        line->size = (size_t)(end - line->text);
    if (line->size > 0 && line->text[line->size - 1] == '\r')
        line->size--;
    return true;
}

/* "-" is stdin. */
static bool line_read(struct line *line, const char *path, struct error *error)
{
    if (strcmp(path, "-") == 0)
        return line_read_descriptor(line, STDIN_FILENO, "stdin", error);
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return error_set_errno(error, "%s", path);
    bool ok = line_read_descriptor(line, descriptor, path, error);
    close(descriptor);
    return ok;
}

static bool decrypt(const struct options *options, struct bytes password, struct error *error)
{
    struct buffer document = {0};
    struct secret_key key;
    bool ok = files_load(options->file, &document, error);
    if (ok && !keystore_decrypt(&key, buffer_view(&document), password, error))
        ok = error_prefix(error, "%.200s", options->file);
    if (ok) {
        char digits[2 * sizeof key.bytes + 1] = {0};
        hex_encode(digits, key.bytes, sizeof key.bytes);
        dprintf(STDOUT_FILENO, "0x%s\n", digits);
        explicit_bzero(digits, sizeof digits);
        secret_key_cleanup(&key);
    }
    buffer_cleanup(&document);
    return ok;
}

static bool read_key(struct secret_key *key, struct error *error)
{
    struct line line;
    uint8_t bytes[32];
    bool ok = line_read(&line, "-", error);
    if (ok)
        ok = (hex_decode_fixed(bytes, sizeof bytes, line.text, line.size)
              && secret_key_load(key, bytes))
             || error_set(error, ERROR_INVALID,
                          "stdin: expected a key of secp256k1, 0x and 64 hex digits");
    line_wipe(&line);
    explicit_bzero(bytes, sizeof bytes);
    return ok;
}

static bool encrypt(const struct options *options, struct bytes password, struct error *error)
{
    struct secret_key key;
    struct buffer document = {0};
    const struct keystore_cost *cost =
        options->is_light ? &KEYSTORE_COST_LIGHT : &KEYSTORE_COST_STANDARD;
    if (!read_key(&key, error))
        return false;
    bool ok = keystore_encrypt(&key, password, cost, &document, error);
    secret_key_cleanup(&key);
    if (ok)
        fwrite(document.data, 1, document.size, stdout);
    buffer_cleanup(&document);
    return ok;
}

static bool parse_options(struct options *options, int count, char **arguments, struct error *error)
{
    *options = (struct options){0};
    const struct flag flags[] = {
        {.name = "password-file", .value = &options->password_file},
        {.name = "light", .is_on = &options->is_light},
    };
    if (!flags_parse(flags, sizeof flags / sizeof flags[0], arguments, &count, 2, error))
        return false;
    bool is_decrypt = count == 2 && strcmp(arguments[0], "decrypt") == 0;
    bool is_encrypt = count == 1 && strcmp(arguments[0], "encrypt") == 0;
    if (!is_decrypt && !is_encrypt)
        return error_set(error, ERROR_INVALID, "expected 'decrypt FILE' or 'encrypt'");
    if (options->password_file == NULL)
        return error_set(error, ERROR_INVALID, "expected --password-file FILE");
    if (is_encrypt && strcmp(options->password_file, "-") == 0)
        return error_set(error, ERROR_INVALID, "the key is read from stdin; expected a file");
    options->file = is_decrypt ? arguments[1] : NULL;
    return true;
}

int keystore_command(int count, char **arguments)
{
    struct error error = {0};
    struct options options;
    struct line password;
    if (!parse_options(&options, count, arguments, &error))
        return command_misused("keystore", &error);
    bool ok = line_read(&password, options.password_file, &error);
    if (ok) {
        struct bytes text = bytes_of(password.text, password.size);
        ok = options.file != NULL ? decrypt(&options, text, &error)
                                  : encrypt(&options, text, &error);
    }
    line_wipe(&password);
    return ok ? EXIT_DONE : command_failed(&error);
}

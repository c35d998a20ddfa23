#include "node/password.h"

#include <fcntl.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "node/files.h"

#define PASSWORD_SIZE_MAX 1024

void password_cleanup(struct buffer *password)
{
    if (password->data != NULL)
        OPENSSL_cleanse(password->data, password->capacity);
    buffer_cleanup(password);
}

static bool read_line(int fd, struct buffer *line)
{
    uint8_t byte;
    while (line->size < PASSWORD_SIZE_MAX && read(fd, &byte, 1) == 1) {
        if (byte == '\n')
            return true;
        buffer_append_u8(line, byte);
    }
    return line->size > 0;
}

static bool ask(int fd, const char *prompt, struct buffer *line)
{
    struct termios before, silent;
    bool is_terminal = tcgetattr(fd, &before) == 0;

    dprintf(fd, "%s", prompt);
    buffer_reserve(line, PASSWORD_SIZE_MAX); /* so that it never moves and can be wiped */
    if (is_terminal) {
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(fd, TCSAFLUSH, &silent);
    }
    bool ok = read_line(fd, line);
    if (is_terminal)
        tcsetattr(fd, TCSAFLUSH, &before);
    dprintf(fd, "\n");
    return ok;
}

static bool ask_terminal(bool is_new, struct buffer *password, struct error *error)
{
    struct buffer again = {0};
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC);
    bool ok;

    if (fd < 0)
        return error_set(error, ERROR_INVALID,
                         "there is no terminal to ask for the password; use --password-file FILE");
    ok =
        ask(fd, "Password: ", password) || error_set(error, ERROR_INVALID, "no password was given");
    if (ok && is_new)
        ok = (ask(fd, "Again: ", &again) && bytes_equal(buffer_view(password), buffer_view(&again)))
             || error_set(error, ERROR_INVALID, "the two passwords differ");
    close(fd);
    password_cleanup(&again);
    return ok;
}

bool password_read(const char *file, bool is_new, struct buffer *password, struct error *error)
{
    if (file == NULL)
        return ask_terminal(is_new, password, error);
    buffer_reserve(password, PASSWORD_SIZE_MAX + 2);
    if (!file_check_private(file, error)
        || !file_read(file, PASSWORD_SIZE_MAX + 1, password, error))
        return false;
    while (password->size > 0
           && (password->data[password->size - 1] == '\n'
               || password->data[password->size - 1] == '\r'))
        password->size--;
    return password->size > 0
           || error_set(error, ERROR_INVALID, "the password file %s is empty", file);
}

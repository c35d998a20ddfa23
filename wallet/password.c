#include "wallet/password.h"

#include "wallet/config.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

void password_wipe(struct password *password)
{
    OPENSSL_cleanse(password, sizeof *password);
}

/* Signals that end or stop the program, which must not leave a terminal that hides what is
 * typed, nor come back to one that shows it. */
static const int SIGNALS[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};
#define SIGNALS_COUNT (sizeof SIGNALS / sizeof *SIGNALS)

static volatile sig_atomic_t caught_signal;

static void on_signal(int number)
{
    caught_signal = number;
}

/* How a line ended. */
struct line_end {
    bool is_too_long;
    bool has_newline;
};

/* Reads up to the end of the line or file, byte by byte, so that nothing stays in a buffer; a
 * caught signal ends it, too. */
static bool read_line(int file, struct password *password, struct line_end *end)
{
    password->size = 0;
    *end = (struct line_end){0};
    for (;;) {
        char c;
        ssize_t got = read(file, &c, 1);
        if (got < 0 && errno == EINTR && caught_signal == 0)
            continue;
        if (got < 0)
            return false;
        end->has_newline = got == 1 && c == '\n';
        if (got == 0 || end->has_newline)
            break;
        if (password->size == PASSWORD_SIZE_MAX)
            end->is_too_long = true;
        else
            password->text[password->size++] = c;
    }
    if (password->size > 0 && password->text[password->size - 1] == '\r')
        password->size--;
    password->text[password->size] = '\0';
    return true;
}

bool password_read_file(const char *path, struct password *password, struct error *error)
{
    struct line_end end;
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return error_set_errno(error, "cannot read the password file %s", path);
    if (fstat(file, &status) == 0 && S_ISREG(status.st_mode) && (status.st_mode & 077) != 0)
        fprintf(stderr, "lwallet: others may read %s; run: chmod 600 %s\n", path, path);
    bool ok = read_line(file, password, &end);
    if (!ok)
        error_set_errno(error, "cannot read the password file %s", path);
    else if (end.is_too_long || password->size == 0)
        ok = error_set(error, ERROR_INVALID,
                       "the password file %s is %s; expected one line of 1 to %d characters", path,
                       end.is_too_long ? "too long" : "empty", PASSWORD_SIZE_MAX);
    close(file);
    return ok;
}

/* Asks once. False with errno EINTR when a signal came; the terminal is then as it was. */
static bool ask(int terminal, const struct termios *shown, const char *question,
                struct password *password, struct line_end *end)
{
    struct sigaction before[SIGNALS_COUNT];
    const struct sigaction noting = {.sa_handler = on_signal}; /* without SA_RESTART */
    struct termios hidden = *shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    hidden.c_lflag |= ICANON | ECHONL;
    caught_signal = 0;
    for (size_t i = 0; i < SIGNALS_COUNT; i++)
        sigaction(SIGNALS[i], &noting, &before[i]);
    dprintf(terminal, "%s: ", question);
    tcsetattr(terminal, TCSAFLUSH, &hidden);
    bool ok = read_line(terminal, password, end);
    int reason = errno;
    if (!ok || !end->has_newline)
        dprintf(terminal, "\n");
    tcsetattr(terminal, TCSAFLUSH, shown);
    for (size_t i = 0; i < SIGNALS_COUNT; i++)
        sigaction(SIGNALS[i], &before[i], NULL);
    errno = reason;
    return ok;
}

bool password_prompt(const char *question, struct password *password, struct error *error)
{
    struct termios shown;
    struct line_end end = {0};
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (terminal < 0 || tcgetattr(terminal, &shown) != 0) {
        if (terminal >= 0)
            close(terminal);
        return error_set(error, ERROR_NOT_FOUND,
                         "a password is needed and there is no terminal to ask on; name a file "
                         "with LEITHER_PASSWORD_FILE or --password-file");
    }
    bool ok = ask(terminal, &shown, question, password, &end);
    while (!ok && errno == EINTR && caught_signal != 0) {
        password_wipe(password);
        raise(caught_signal); /* ends or stops us; stopped ones go on here and ask again */
        ok = ask(terminal, &shown, question, password, &end);
    }
    if (!ok)
        error_set_errno(error, "cannot read from the terminal");
    close(terminal);
    if (ok && !end.has_newline && password->size == 0)
        return error_set(error, ERROR_INVALID, "no password was typed");
    return ok
           && (!end.is_too_long
               || error_set(error, ERROR_INVALID, "the password is longer than %d characters",
                            PASSWORD_SIZE_MAX));
}

static bool prompt_twice(struct password *password, struct error *error)
{
    struct password again = {0};
    if (!password_prompt("New password", password, error))
        return false;
    if (password->size == 0)
        return error_set(error, ERROR_INVALID,
                         "an empty password protects nothing; expected at least one character");
    bool ok = password_prompt("The same again", &again, error);
    if (ok
        && (again.size != password->size
            || CRYPTO_memcmp(again.text, password->text, again.size) != 0))
        ok = error_set(error, ERROR_INVALID, "the two passwords differ; nothing was changed");
    password_wipe(&again);
    return ok;
}

bool password_get(struct wallet *wallet, bool is_new, struct password *password,
                  struct error *error)
{
    const char *path = config_get(wallet, SETTING_PASSWORD_FILE, NULL);
    if (path != NULL)
        return password_read_file(path, password, error);
    return is_new ? prompt_twice(password, error) : password_prompt("Password", password, error);
}

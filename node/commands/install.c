/* A systemd unit, for the user or the system, that starts lnode at boot. Without systemd the file
 * is written all the same, and what to do with it is said. */
#include "node/commands/commands.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/data_dir.h"

#define UNIT_NAME       "lnode.service"
#define SYSTEM_DATA_DIR "/var/lib/leither"

static const char *const install_flags[] = {"system", "user", NULL};

struct unit {
    bool is_system;
    char program[PATH_SIZE];
    char folder[PATH_SIZE];
    char path[PATH_SIZE];
    char data_dir[PATH_SIZE];
    char config_file[PATH_SIZE]; /* empty: none was named */
    char user[64];               /* a system unit's, when the folder is another one */
};

static bool choose(struct unit *unit, const struct arguments *arguments, struct error *error)
{
    const char *home = getenv("HOME"), *folder = getenv("XDG_CONFIG_HOME");

    unit->is_system = arguments_flag(arguments, "system") != NULL
                      || (geteuid() == 0 && arguments_flag(arguments, "user") == NULL);
    ssize_t size = readlink("/proc/self/exe", unit->program, sizeof unit->program - 1);
    if (size < 0)
        return error_set_errno(error, "could not find out where lnode lies");
    unit->program[size] = '\0';
    if (unit->is_system) {
        if (!path_format(unit->folder, error, "/etc/systemd/system"))
            return false;
    } else if (folder != NULL && folder[0] == '/') {
        if (!path_format(unit->folder, error, "%s/systemd/user", folder))
            return false;
    } else if (home == NULL || home[0] != '/'
               || !path_format(unit->folder, error, "%s/.config/systemd/user", home)) {
        return error_set(error, ERROR_INVALID, "HOME is not set; set it, or use --system");
    }
    return path_format(unit->path, error, "%s/" UNIT_NAME, unit->folder);
}

/* systemd makes and owns the default folder of a system unit; another one must be there already,
 * and whoever owns it runs the node. */
static bool choose_owner(struct unit *unit, struct error *error)
{
    struct stat folder;
    if (stat(unit->data_dir, &folder) != 0)
        return error_set_errno(error,
                               "%.200s: make the folder first, owned by the user that shall "
                               "run the node",
                               unit->data_dir);
    const struct passwd *owner = getpwuid(folder.st_uid);
    if (owner == NULL)
        return error_set(error, ERROR_INVALID,
                         "%.200s belongs to no user of this machine; chown it to the one that "
                         "shall run the node",
                         unit->data_dir);
    snprintf(unit->user, sizeof unit->user, "%.60s", owner->pw_name);
    return true;
}

/* The folder and the file that the unit will work with, both by their whole path. */
static bool choose_paths(struct unit *unit, const struct arguments *arguments, struct error *error)
{
    const char *file = arguments_flag(arguments, "config");
    struct config *config = memory_new(sizeof *config);
    char standard[PATH_SIZE];
    bool ok = arguments_config(arguments, config, error) && data_dir_default(standard, error);

    if (file == NULL)
        file = getenv("LEITHER_CONFIG");
    if (ok && file != NULL && realpath(file, unit->config_file) == NULL)
        ok = error_set_errno(error, "could not find %.200s", file);
    if (ok && unit->is_system && strcmp(config->data_dir, standard) == 0)
        ok = path_format(unit->data_dir, error, SYSTEM_DATA_DIR);
    else if (ok)
        ok = path_format(unit->data_dir, error, "%s", config->data_dir);
    if (ok && unit->data_dir[0] != '/')
        ok = error_set(error, ERROR_INVALID, "--data-dir %.200s: expected a path from / on",
                       unit->data_dir);
    if (ok && unit->is_system && strcmp(unit->data_dir, SYSTEM_DATA_DIR) != 0)
        ok = choose_owner(unit, error);
    free(config);
    return ok;
}

/* Quotes for a unit file: systemd expands % everywhere and `also` where it says so, and reads
 * \ and ". */
static void append_quoted(struct buffer *out, const char *text, char also)
{
    buffer_append_text(out, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == also)
            buffer_append_u8(out, (uint8_t)*text);
        if (*text == '"' || *text == '\\')
            buffer_append_text(out, "\\");
        buffer_append_u8(out, (uint8_t)*text);
    }
    buffer_append_text(out, "\"");
}

/* In a command $ is expanded as well. */
static void append_argument(struct buffer *out, const char *text)
{
    append_quoted(out, text, '$');
}

/* Settings said to `lnode install` are those of the node that it installs. */
static void append_command(struct buffer *out, const struct unit *unit,
                           const struct arguments *arguments)
{
    append_argument(out, unit->program);
    buffer_append_text(out, " run --data-dir ");
    append_argument(out, unit->data_dir);
    if (unit->config_file[0] != '\0') {
        buffer_append_text(out, " --config ");
        append_argument(out, unit->config_file);
    }
    for (size_t i = 0; i + 1 < arguments->settings_count; i += 2) {
        if (strcmp(arguments->settings[i], "data-dir") == 0)
            continue;
        buffer_append_format(out, " --%s ", arguments->settings[i]);
        append_argument(out, arguments->settings[i + 1]);
    }
}

static void append_confinement(struct buffer *out, const struct unit *unit)
{
    buffer_append_text(out, "ProtectSystem=strict\n"
                            "PrivateTmp=yes\n");
    if (unit->user[0] == '\0') {
        buffer_append_text(out, "DynamicUser=yes\n"
                                "User=leither\n"
                                "StateDirectory=leither\n"
                                "StateDirectoryMode=0700\n"
                                "ProtectHome=read-only\n");
    } else {
        buffer_append_format(out, "User=%s\nReadWritePaths=", unit->user);
        append_quoted(out, unit->data_dir, '%');
        buffer_append_text(out, "\n");
    }
}

static void append_unit(struct buffer *out, const struct unit *unit,
                        const struct arguments *arguments)
{
    buffer_append_text(out, "[Unit]\n"
                            "Description=Leither node: organisations' ledgers\n"
                            "After=network.target\n\n"
                            "[Service]\n"
                            "Type=simple\n"
                            "ExecStart=");
    append_command(out, unit, arguments);
    buffer_append_text(out, "\nRestart=on-failure\n"
                            "RestartSec=2\n"
                            "TimeoutStopSec=10\n"
                            "UMask=0077\n"
                            "NoNewPrivileges=yes\n"
                            "LimitNOFILE=65536\n");
    if (unit->is_system)
        append_confinement(out, unit);
    buffer_append_format(out, "\n[Install]\nWantedBy=%s\n",
                         unit->is_system ? "multi-user.target" : "default.target");
}

static bool has_systemd(void)
{
    return access("/run/systemd/system", F_OK) == 0;
}

static bool is_in_home(const char *path)
{
    return (strncmp(path, "/root", 5) == 0 && path[5] == '/') || strncmp(path, "/home/", 6) == 0;
}

static void say_what_next(const struct unit *unit, bool is_installed)
{
    const char *scope = unit->is_system ? "" : " --user";

    if (!has_systemd()) {
        printf("systemd does not run here: %s\n",
               is_installed ? "copy the file to a machine where it does, or start lnode run by "
                              "other means"
                            : "nothing was started by it");
        return;
    }
    if (is_installed) {
        if (unit->is_system && is_in_home(unit->program))
            printf(
                "a service may not enter the home folder that %s lies in; first: cmake --install "
                "build, then /usr/local/bin/lnode install\n",
                unit->program);
        printf("start it now and at every boot: systemctl%s daemon-reload && systemctl%s enable "
               "--now lnode\n",
               scope, scope);
        if (!unit->is_system)
            printf("keep it running when you log out: loginctl enable-linger\n");
    } else {
        printf("forget it: systemctl%s daemon-reload\n", scope);
    }
}

static bool install(const struct unit *unit, const struct arguments *arguments, struct error *error)
{
    struct buffer text = {0};
    append_unit(&text, unit, arguments);
    bool ok = dir_make(unit->folder, error) && file_write(unit->path, buffer_view(&text), error);
    buffer_cleanup(&text);
    if (ok) {
        printf("wrote %s\n", unit->path);
        say_what_next(unit, true);
    }
    return ok;
}

enum exit_code command_install(const struct arguments *arguments)
{
    struct unit *unit = memory_new_zeroed(1, sizeof *unit);
    struct error error;
    enum exit_code code = EXIT_OK;

    if (!arguments_allow(arguments, install_flags, 0, &error) || !choose(unit, arguments, &error)
        || !choose_paths(unit, arguments, &error))
        code = fail_with(&error, EXIT_USAGE);
    else if (!install(unit, arguments, &error))
        code = fail_with(&error, EXIT_DEGRADED);
    free(unit);
    return code;
}

enum exit_code command_uninstall(const struct arguments *arguments)
{
    struct unit *unit = memory_new_zeroed(1, sizeof *unit);
    struct error error;
    enum exit_code code = EXIT_OK;

    if (!arguments_allow(arguments, install_flags, 0, &error)) {
        code = fail_with(&error, EXIT_USAGE);
    } else if (!choose(unit, arguments, &error)) {
        code = fail_with(&error, EXIT_DEGRADED);
    } else if (!file_exists(unit->path)) {
        printf("there is no %s\n", unit->path);
    } else {
        if (has_systemd())
            printf("stop it first if it runs: systemctl%s disable --now lnode\n",
                   unit->is_system ? "" : " --user");
        if (unlink(unit->path) != 0) {
            error_set_errno(&error, "could not remove %s", unit->path);
            code = fail_with(&error, EXIT_DEGRADED);
        } else {
            printf("removed %s; the data stays where it is\n", unit->path);
            say_what_next(unit, false);
        }
    }
    free(unit);
    return code;
}

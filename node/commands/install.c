/* A systemd unit, for the user or the system, that starts lnode at boot. Without systemd the file
 * is written all the same, and what to do with it is said. */
#include "node/commands/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/data_dir.h"

#define UNIT_NAME "lnode.service"

static const char *const install_flags[] = {"system", "user", NULL};

struct unit {
    bool is_system;
    char program[PATH_SIZE];
    char folder[PATH_SIZE];
    char path[PATH_SIZE];
    char data_dir[PATH_SIZE];
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
        if (!path_format(unit->folder, error, "/etc/systemd/system")
            || !path_format(unit->data_dir, error, "/var/lib/leither"))
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

/* Quotes for a unit file: systemd expands % and $, and reads \ and ". */
static void append_quoted(struct buffer *out, const char *text)
{
    buffer_append_text(out, "\"");
    for (; *text != '\0'; text++) {
        if (*text == '%' || *text == '$')
            buffer_append_u8(out, (uint8_t)*text);
        if (*text == '"' || *text == '\\')
            buffer_append_text(out, "\\");
        buffer_append_u8(out, (uint8_t)*text);
    }
    buffer_append_text(out, "\"");
}

static void append_unit(struct buffer *out, const struct unit *unit, const char *data_dir)
{
    buffer_append_text(out, "[Unit]\n"
                            "Description=Leither node: organisations' ledgers\n"
                            "After=network.target\n\n"
                            "[Service]\n"
                            "Type=simple\n"
                            "ExecStart=");
    append_quoted(out, unit->program);
    buffer_append_text(out, " run --data-dir ");
    append_quoted(out, data_dir);
    buffer_append_text(out, "\nRestart=on-failure\n"
                            "RestartSec=2\n"
                            "TimeoutStopSec=10\n"
                            "UMask=0077\n"
                            "NoNewPrivileges=yes\n"
                            "LimitNOFILE=65536\n");
    if (unit->is_system)
        buffer_append_text(out, "DynamicUser=yes\n"
                                "User=leither\n"
                                "StateDirectory=leither\n"
                                "StateDirectoryMode=0700\n"
                                "ProtectSystem=strict\n"
                                "ProtectHome=read-only\n"
                                "PrivateTmp=yes\n");
    buffer_append_format(out, "\n[Install]\nWantedBy=%s\n",
                         unit->is_system ? "multi-user.target" : "default.target");
}

static bool has_systemd(void)
{
    return access("/run/systemd/system", F_OK) == 0;
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
        printf("start it now and at every boot: systemctl%s daemon-reload && systemctl%s enable "
               "--now lnode\n",
               scope, scope);
        if (!unit->is_system)
            printf("keep it running when you log out: loginctl enable-linger\n");
    } else {
        printf("forget it: systemctl%s daemon-reload\n", scope);
    }
}

enum exit_code command_install(const struct arguments *arguments)
{
    struct unit *unit = memory_new_zeroed(1, sizeof *unit);
    struct config *config = memory_new(sizeof *config);
    struct buffer text = {0};
    struct error error;
    enum exit_code code = EXIT_OK;

    if (!arguments_allow(arguments, install_flags, 0, &error)
        || !arguments_config(arguments, config, &error)) {
        code = fail_with(&error, EXIT_USAGE);
    } else if (!choose(unit, arguments, &error)) {
        code = fail_with(&error, EXIT_DEGRADED);
    } else {
        /* A system unit keeps to its own folder unless another one was said. */
        bool is_said = arguments->settings_count > 0 || getenv("LEITHER_DATA_DIR") != NULL;
        if (!unit->is_system || is_said)
            memcpy(unit->data_dir, config->data_dir, sizeof unit->data_dir);
        append_unit(&text, unit, unit->data_dir);
        if (unit->data_dir[0] != '/') {
            error_set(&error, ERROR_INVALID, "--data-dir %.200s: expected a path from / on",
                      unit->data_dir);
            code = fail_with(&error, EXIT_USAGE);
        } else if (!dir_make(unit->folder, &error)
                   || !file_write(unit->path, buffer_view(&text), &error)) {
            code = fail_with(&error, EXIT_DEGRADED);
        } else {
            printf("wrote %s\n", unit->path);
            say_what_next(unit, true);
        }
    }
    buffer_cleanup(&text);
    free(config);
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

#include "node/doctor/folder.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/organisation.h"

bool folder_become_owner(const char *path, struct error *error)
{
    struct stat status;
    if (geteuid() != 0 || stat(path, &status) != 0 || status.st_uid == 0)
        return true;
    if (setgroups(0, NULL) != 0 || setgid(status.st_gid) != 0 || setuid(status.st_uid) != 0)
        return error_set_errno(error, "could not become user %u, who owns %.200s", status.st_uid,
                               path);
    return true;
}

/* ---- Is it there, and ours? ---------------------------------------------------------------- */

#define SYSTEM_DATA_DIR "/var/lib/leither"

static void say_missing(struct report *report, const char *path)
{
    struct finding *finding;

    if (errno != ENOENT) {
        char quoted[QUOTE_SIZE];
        finding = report_add(report, FINDING_TODO, "folder", "the data folder %.200s: %s", path,
                             strerror(errno));
        report_next(finding, "ls -ld %s", report_quote(quoted, path));
        return;
    }
    finding = report_add(report, FINDING_TODO, "folder",
                         "there is no data folder %.200s: lnode never ran with it", path);
    if (strcmp(path, SYSTEM_DATA_DIR) != 0 && file_exists(SYSTEM_DATA_DIR))
        report_next(finding, "lnode doctor --data-dir " SYSTEM_DATA_DIR);
    else
        report_next(finding, "lnode run, or name the folder: lnode doctor --data-dir FOLDER");
}

static bool is_ours(struct report *report, const char *path, const struct stat *status)
{
    char quoted[QUOTE_SIZE];
    const struct passwd *owner = getpwuid(status->st_uid);

    if (status->st_uid == geteuid())
        return true;
    struct finding *finding =
        report_add(report, FINDING_TODO, "folder",
                   "the data folder %.200s belongs to %s (uid %u), and you are uid %u", path,
                   owner == NULL ? "another user" : owner->pw_name, status->st_uid, geteuid());
    if (owner == NULL)
        report_next(finding, "sudo lnode doctor --data-dir %s", report_quote(quoted, path));
    else
        report_next(finding, "sudo -u %s lnode doctor --data-dir %s", owner->pw_name,
                    report_quote(quoted, path));
    return false;
}

/* ---- Secrets ------------------------------------------------------------------------------- */

static bool is_closed(struct report *report, const char *path, mode_t expected)
{
    struct stat status;
    char quoted[QUOTE_SIZE];
    struct finding *finding;

    if (stat(path, &status) != 0) {
        finding = report_add(report, FINDING_TODO, "secrets", "could not look at %.200s: %s", path,
                             strerror(errno));
        report_next(finding, "ls -l %s", report_quote(quoted, path));
        return false;
    }
    if (status.st_uid != geteuid()) {
        finding = report_add(report, FINDING_TODO, "secrets",
                             "%.200s belongs to uid %u, expected %u: lnode does not start", path,
                             status.st_uid, geteuid());
        report_next(finding, "sudo chown %u %s", geteuid(), report_quote(quoted, path));
        return false;
    }
    if ((status.st_mode & 077) != 0) {
        finding = report_add(report, FINDING_TODO, "secrets",
                             "%.200s is open to other users (mode %03o, expected %03o): lnode "
                             "does not start",
                             path, status.st_mode & 0777U, expected);
        report_next(finding, "chmod %03o %s", expected, report_quote(quoted, path));
        return false;
    }
    return true;
}

static bool is_key_well(struct report *report, const char *folder, const char *name)
{
    char path[PATH_SIZE];
    struct error ignored;

    if (!path_format(path, &ignored, "%s/%s", folder, name))
        return false;
    if (file_exists(path))
        return is_closed(report, path, 0600);
    struct finding *finding =
        report_add(report, FINDING_TODO, "secrets",
                   "%.200s is missing: the next start would make another key, and ledgers founded "
                   "with the old one would stand still; put the file back from a backup first",
                   path);
    report_next(finding, "lnode restore BACKUP --data-dir EMPTY");
    return false;
}

static bool are_keys_well(struct report *report, const char *path)
{
    static const char *const names[] = {"consensus.key", "node.key", "operator.key"};
    char folder[PATH_SIZE];
    struct node_keys keys = {0};
    struct error error;
    bool ok = true;

    if (!path_format(folder, &error, "%s/keys", path))
        return false;
    if (!file_exists(folder)) {
        report_add(report, FINDING_NOTE, "secrets",
                   "%.200s has no keys yet; the first start makes them", path);
        return false;
    }
    ok = is_closed(report, folder, 0700);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        ok = is_key_well(report, folder, names[i]) && ok;
    if (ok && !keys_load(&keys, folder, false, &error)) {
        struct finding *finding = report_add(report, FINDING_TODO, "secrets", "%s", error.text);
        report_next(finding, "lnode restore BACKUP --data-dir EMPTY");
        ok = false;
    }
    keys_cleanup(&keys);
    return ok;
}

static bool are_reveals_well(struct report *report, const char *path)
{
    struct data_dir named = {.lock_fd = -1};
    struct arena arena = {0};
    struct error error;
    char **labels, file[PATH_SIZE];
    size_t count;
    bool ok = path_format(named.path, &error, "%s", path)
              && organisation_labels(&named, &arena, &labels, &count, &error);

    if (!ok)
        report_add(report, FINDING_TODO, "folder", "%s", error.text);
    for (size_t i = 0; ok && i < count; i++) {
        if (path_format(file, &error, "%s/ledgers/%s/reveals", path, labels[i])
            && file_exists(file))
            ok = is_closed(report, file, 0600);
    }
    arena_cleanup(&arena);
    return ok;
}

static bool are_secrets_well(struct report *report, const char *path)
{
    char token[PATH_SIZE];
    struct error error;
    bool ok = are_keys_well(report, path);

    if (path_format(token, &error, "%s/admin.token", path) && file_exists(token))
        ok = is_closed(report, token, 0600) && ok;
    ok = are_reveals_well(report, path) && ok;
    if (ok)
        report_add(report, FINDING_GOOD, "secrets", "the keys are whole and closed to others");
    return ok;
}

bool folder_examine(struct report *report, const char *path)
{
    struct stat status;
    struct error error;

    if (stat(path, &status) != 0) {
        say_missing(report, path);
        return false;
    }
    if (!S_ISDIR(status.st_mode)) {
        report_add(report, FINDING_TODO, "folder",
                   "%.200s is a file, expected the data folder; name another with --data-dir",
                   path);
        return false;
    }
    if (!is_ours(report, path, &status))
        return false;
    if (dir_is_empty(path)) {
        struct finding *finding =
            report_add(report, FINDING_TODO, "folder",
                       "the data folder %.200s is empty: lnode never ran with it", path);
        report_next(finding, "lnode run");
        return false;
    }
    if (!data_dir_check_format(path, &error)) {
        report_add(report, FINDING_TODO, "folder", "%s", error.text);
        return false;
    }
    report_add(report, FINDING_GOOD, "folder", "the data folder is %.300s", path);
    return are_secrets_well(report, path);
}

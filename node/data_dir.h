/* The node's folder on disk, held by one process at a time.
 *
 *   lock            held while a process works here
 *   format          "leither-data 1"
 *   admin.token     64 hex digits, 0600: what org_create and admin_* ask for
 *   control.sock    where a running node answers the other commands (control.h)
 *   default-org     label of the default organisation
 *   keys/           keys.h
 *   votes           what this node said in committees of several (vote_writer.h)
 *   ledgers/LABEL/  one organisation (organisation.h)
 *
 * A newer format, a taken lock or a damaged file is one sentence that says what to do. */
#ifndef NODE_DATA_DIR_H
#define NODE_DATA_DIR_H
#include "node/files.h"
#include "node/keys.h"

#define DATA_FORMAT_VERSION 1
#define ADMIN_TOKEN_SIZE    64 /* hex digits */
#define LABEL_MAX           64

struct data_dir {
    char path[PATH_SIZE];
    int lock_fd;
    char admin_token[ADMIN_TOKEN_SIZE + 1];
    struct node_keys keys;
};

enum data_dir_use {
    DATA_DIR_RUN,  /* made when missing, with keys and token */
    DATA_DIR_WORK, /* must exist: check, backup, export on a stopped node */
};

/* ERROR_BUSY when another process holds it, ERROR_VERSION for a newer format. */
bool data_dir_open(struct data_dir *dir, const char *path, enum data_dir_use use,
                   struct error *error) __attribute__((warn_unused_result));
void data_dir_close(struct data_dir *dir);

/* $XDG_DATA_HOME/leither, ~/.local/share/leither, or /var/lib/leither without a home. */
bool data_dir_default(char out[PATH_SIZE], struct error *error);
/* Is it a data directory of a format that this lnode knows? Locks and changes nothing. */
bool data_dir_check_format(const char *path, struct error *error)
    __attribute__((warn_unused_result));
/* True while a process holds the lock. */
bool data_dir_is_held(const char *path);

/* "" when no default was chosen. */
bool data_dir_default_org(const struct data_dir *dir, char label[LABEL_MAX + 1],
                          struct error *error) __attribute__((warn_unused_result));
bool data_dir_set_default_org(const struct data_dir *dir, const char *label, struct error *error)
    __attribute__((warn_unused_result));
#endif

/* The command line of lnode: a command, its words, and flags as `--name value`, `--name=value`
 * or, for switches, `--name`. */
#ifndef NODE_ARGUMENTS_H
#define NODE_ARGUMENTS_H
#include "node/config.h"
#include "vm/vm.h"

#define ARGUMENT_WORDS_MAX 4
#define ARGUMENT_FLAGS_MAX 320 /* --fund is given once an account */

struct argument_flag {
    const char *name;  /* without "--" */
    const char *value; /* "" for a switch */
};

struct arguments {
    const char *command; /* "run" when none was given */
    const char *words[ARGUMENT_WORDS_MAX];
    size_t words_count;
    struct argument_flag flags[ARGUMENT_FLAGS_MAX]; /* those that are no settings */
    size_t flags_count;
    const char *settings[2 * ARGUMENT_FLAGS_MAX]; /* name and value in turn, for config.h */
    size_t settings_count;
};

/* Everything borrows from `argv`. ERROR_INVALID names an unknown flag or a missing value. */
bool arguments_parse(struct arguments *arguments, int argc, char **argv, struct error *error)
    __attribute__((warn_unused_result));

/* The last value of a flag, or NULL. */
const char *arguments_flag(const struct arguments *arguments, const char *name);
/* What --fork says; *fork is left alone where it was not given. */
bool arguments_fork(const struct arguments *arguments, enum vm_fork *fork, bool *is_given,
                    struct error *error) __attribute__((warn_unused_result));
/* False, naming it, when a flag was given that is not in `allowed` (ended by NULL), or more
 * words than `words_max`. */
bool arguments_allow(const struct arguments *arguments, const char *const *allowed,
                     size_t words_max, struct error *error) __attribute__((warn_unused_result));
/* The settings of config.h as file, environment and these flags give them. */
bool arguments_config(const struct arguments *arguments, struct config *config, struct error *error)
    __attribute__((warn_unused_result));
struct config_sources arguments_sources(const struct arguments *arguments);
#endif

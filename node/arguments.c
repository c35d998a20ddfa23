#include "node/arguments.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const switches[] = {"dev",  "json",         "help",   "version", "system",
                                       "user", "print-config", "refuse", NULL};
static const char *const with_value[] = {
    "config",   "chain-id", "fund",   "org",           "pulse",  "gas-limit", "block-size",
    "base-fee", "fork",     "format", "password-file", "output", "found",     "founder",
    "symbol",   "grant",    "hours",  "label",         NULL};

static bool is_among(const char *name, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

/* Splits "--name=value" in place; *value is NULL when there is no "=". */
static char *split_flag(char *text, char **value)
{
    char *name = text + 2;
    *value = strchr(name, '=');
    if (*value != NULL)
        *(*value)++ = '\0';
    return name;
}

static bool take_flag(struct arguments *arguments, char **argv, int *next, struct error *error)
{
    char *value;
    const char *name = split_flag(argv[*next], &value);
    bool is_setting = config_is_flag(name), is_switch = is_among(name, switches);

    if (!is_setting && !is_switch && !is_among(name, with_value))
        return error_set(error, ERROR_INVALID, "unknown flag --%.60s; see lnode --help", name);
    if (is_switch && value != NULL)
        return error_set(error, ERROR_INVALID, "--%s takes no value", name);
    if (!is_switch && value == NULL) {
        value = argv[*next + 1];
        if (value == NULL)
            return error_set(error, ERROR_INVALID, "--%s needs a value", name);
        (*next)++;
    }
    if (arguments->flags_count == ARGUMENT_FLAGS_MAX
        || arguments->settings_count == 2 * (size_t)ARGUMENT_FLAGS_MAX)
        return error_set(error, ERROR_INVALID, "more than %d flags", ARGUMENT_FLAGS_MAX);
    if (is_setting) {
        arguments->settings[arguments->settings_count++] = name;
        arguments->settings[arguments->settings_count++] = value;
    } else {
        arguments->flags[arguments->flags_count++] =
            (struct argument_flag){name, is_switch ? "" : value};
    }
    return true;
}

bool arguments_parse(struct arguments *arguments, int argc, char **argv, struct error *error)
{
    *arguments = (struct arguments){0};
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            if (!take_flag(arguments, argv, &i, error))
                return false;
        } else if (argv[i][0] == '-') {
            return error_set(error, ERROR_INVALID, "unknown flag %.60s; see lnode --help", argv[i]);
        } else if (arguments->command == NULL) {
            arguments->command = argv[i];
        } else if (arguments->words_count == ARGUMENT_WORDS_MAX) {
            return error_set(error, ERROR_INVALID, "unexpected \"%.60s\"", argv[i]);
        } else {
            arguments->words[arguments->words_count++] = argv[i];
        }
    }
    if (arguments->command == NULL)
        arguments->command = "run";
    return true;
}

const char *arguments_flag(const struct arguments *arguments, const char *name)
{
    for (size_t i = arguments->flags_count; i > 0; i--) {
        if (strcmp(arguments->flags[i - 1].name, name) == 0)
            return arguments->flags[i - 1].value;
    }
    return NULL;
}

bool arguments_fork(const struct arguments *arguments, enum vm_fork *fork, bool *is_given,
                    struct error *error)
{
    const char *name = arguments_flag(arguments, "fork");
    *is_given = name != NULL;
    return name == NULL || vm_fork_parse(fork, name)
           || error_set(error, ERROR_INVALID, "--fork %.60s: expected cancun, prague or osaka",
                        name);
}

bool arguments_allow(const struct arguments *arguments, const char *const *allowed,
                     size_t words_max, struct error *error)
{
    for (size_t i = 0; i < arguments->flags_count; i++) {
        const char *name = arguments->flags[i].name;
        if (strcmp(name, "config") != 0 && !is_among(name, allowed))
            return error_set(error, ERROR_INVALID, "lnode %s takes no --%s; see lnode --help",
                             arguments->command, name);
    }
    if (arguments->words_count > words_max)
        return error_set(error, ERROR_INVALID, "lnode %s: unexpected \"%.60s\"; see lnode --help",
                         arguments->command, arguments->words[words_max]);
    return true;
}

static const char *read_environment(const char *name)
{
    return getenv(name);
}

struct config_sources arguments_sources(const struct arguments *arguments)
{
    return (struct config_sources){
        .file = arguments_flag(arguments, "config"),
        .environment = read_environment,
        .flags = arguments->settings,
        .flags_count = arguments->settings_count,
    };
}

bool arguments_config(const struct arguments *arguments, struct config *config, struct error *error)
{
    struct config_sources sources = arguments_sources(arguments);
    return config_load(config, &sources, error);
}

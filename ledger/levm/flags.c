#include "ledger/levm/flags.h"

#include <string.h>

/* The flag whose name is `name` up to its end or '='. */
static const struct flag *find_flag(const struct flag *flags, size_t count, const char *name)
{
    size_t size = strcspn(name, "=");
    for (size_t i = 0; i < count; i++)
        if (strlen(flags[i].name) == size && memcmp(flags[i].name, name, size) == 0)
            return &flags[i];
    return NULL;
}

static bool set_switch(const struct flag *flag, const char *value, struct error *error)
{
    static const char *const on[] = {"true", "1", "t"};
    static const char *const off[] = {"false", "0", "f"};
    *flag->is_on = true;
    if (value == NULL)
        return true;
    for (size_t i = 0; i < sizeof on / sizeof on[0]; i++) {
        if (strcmp(value, on[i]) == 0)
            return true;
        if (strcmp(value, off[i]) == 0) {
            *flag->is_on = false;
            return true;
        }
    }
    return error_set(error, ERROR_INVALID, "option '--%s': '%.80s' is neither true nor false",
                     flag->name, value);
}

bool flags_parse(const struct flag *flags, size_t flags_count, char **arguments, int *count,
                 int arguments_max, struct error *error)
{
    int kept = 0;
    for (int i = 0; i < *count; i++) {
        char *argument = arguments[i];
        if (argument[0] != '-' || argument[1] == '\0') {
            if (kept == arguments_max)
                return error_set(error, ERROR_INVALID, "argument '%.80s' is one too many",
                                 argument);
            arguments[kept++] = argument;
            continue;
        }
        const char *name = argument + (argument[1] == '-' ? 2 : 1);
        const struct flag *flag = find_flag(flags, flags_count, name);
        if (flag == NULL)
            return error_set(error, ERROR_INVALID, "option '%.80s' is unknown", argument);
        const char *equals = strchr(name, '=');
        const char *value = equals == NULL ? NULL : equals + 1;
        if (flag->is_on != NULL) {
            if (!set_switch(flag, value, error))
                return false;
            continue;
        }
        if (value == NULL && i + 1 == *count)
            return error_set(error, ERROR_INVALID, "option '%.80s' has no value", argument);
        *flag->value = value == NULL ? arguments[++i] : value;
    }
    *count = kept;
    return true;
}

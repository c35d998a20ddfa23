#include "wallet/options.h"

#include "wallet/nearest.h"

#include <ctype.h>
#include <string.h>

static const struct {
    const char *name;
    const char *value_name;
    const char *help;
} rows[OPTION_COUNT] = {
#define X(id, name, value, help) {name, value, help},
    OPTIONS(X)
#undef X
};

const char *option_name(enum option_id id)
{
    return rows[id].name;
}

const char *option_value_name(enum option_id id)
{
    return rows[id].value_name;
}

const char *option_help(enum option_id id)
{
    return rows[id].help;
}

static bool refuse_unknown(const char *name, size_t size, struct error *error)
{
    const char *names[OPTION_COUNT];
    for (size_t i = 0; i < OPTION_COUNT; i++)
        names[i] = rows[i].name;
    char wrong[64];
    size = size < sizeof wrong ? size : sizeof wrong - 1;
    memcpy(wrong, name, size);
    wrong[size] = '\0';
    const char *near = nearest(wrong, names, OPTION_COUNT);
    if (near != NULL)
        return error_set(error, ERROR_INVALID, "unknown option --%s; did you mean --%s?", wrong,
                         near);
    return error_set(error, ERROR_INVALID, "unknown option --%s", wrong);
}

/* `next` is the argument behind, or NULL; *took_next says whether it was the value. */
static bool parse_option(struct options *options, const char *text, const char *next,
                         bool *took_next, struct error *error)
{
    const char *equals = strchr(text, '=');
    size_t size = equals != NULL ? (size_t)(equals - text) : strlen(text);
    size_t id = 0;
    while (id < OPTION_COUNT
           && (strlen(rows[id].name) != size || strncmp(rows[id].name, text, size) != 0))
        id++;
    if (id == OPTION_COUNT)
        return refuse_unknown(text, size, error);
    if (options->values[id] != NULL && id != OPTION_NODE)
        return error_set(error, ERROR_INVALID, "--%s is given twice", rows[id].name);
    if (rows[id].value_name == NULL) {
        options->values[id] = "";
        return equals == NULL
               || error_set(error, ERROR_INVALID, "--%s takes no value", rows[id].name);
    }
    options->values[id] = equals != NULL ? equals + 1 : next;
    *took_next = equals == NULL;
    if (options->values[id] == NULL)
        return error_set(error, ERROR_INVALID, "--%s needs a value: %s", rows[id].name,
                         rows[id].value_name);
    if (id != OPTION_NODE)
        return true;
    if (options->nodes_count == OPTION_NODES_MAX)
        return error_set(error, ERROR_INVALID, "--node is given more than %d times",
                         OPTION_NODES_MAX);
    options->nodes[options->nodes_count++] = options->values[id];
    return true;
}

bool options_parse(struct options *options, int argc, char **argv, struct error *error)
{
    bool is_plain = false;
    *options = (struct options){0};
    for (int i = 1; i < argc; i++) {
        const char *text = argv[i];
        bool took_next = false;
        if (!is_plain && strcmp(text, "--") == 0) {
            is_plain = true;
        } else if (!is_plain && (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0)) {
            options->wants_help = true;
        } else if (!is_plain && strcmp(text, "--version") == 0) {
            options->wants_version = true;
        } else if (!is_plain && strncmp(text, "--", 2) == 0) {
            if (!parse_option(options, text + 2, i + 1 < argc ? argv[i + 1] : NULL, &took_next,
                              error))
                return false;
            i += took_next;
        } else if (!is_plain && text[0] == '-' && isalpha((unsigned char)text[1])) {
            return error_set(error, ERROR_INVALID,
                             "unknown option %.40s; options have two dashes, like --json, and a "
                             "text that begins with one goes behind --",
                             text);
        } else if (options->positionals_count == OPTION_POSITIONALS_MAX) {
            return error_set(error, ERROR_INVALID, "more than %d arguments",
                             OPTION_POSITIONALS_MAX);
        } else {
            options->positionals[options->positionals_count++] = text;
        }
    }
    return true;
}

bool options_check(const struct options *options, uint64_t allowed, const char *command,
                   struct error *error)
{
    for (size_t id = 0; id < OPTION_COUNT; id++)
        if (options->values[id] != NULL && (allowed & (UINT64_C(1) << id)) == 0)
            return error_set(error, ERROR_INVALID, "%s takes no --%s", command, rows[id].name);
    return true;
}

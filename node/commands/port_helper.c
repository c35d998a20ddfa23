#include "node/commands/commands.h"

#include <stdlib.h>

#include "node/reach/port_helper.h"

static const char *const no_flags[] = {NULL};

static bool take_port(const char *text, uint16_t *port)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    *port = (uint16_t)number;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && number > 0 && number <= UINT16_MAX;
}

enum exit_code command_port_helper(const struct arguments *arguments)
{
    struct error error;
    uint16_t port;

    if (!arguments_allow(arguments, no_flags, 2, &error))
        return fail_with(&error, EXIT_USAGE);
    if (arguments->words_count == 0 || !take_port(arguments->words[0], &port)) {
        error_set(&error, ERROR_INVALID, "lnode port-helper needs a port from 1 to 65535");
        return fail_with(&error, EXIT_USAGE);
    }
    const char *router = arguments->words_count > 1 ? arguments->words[1] : NULL;
    if (!port_helper_run(port, router, &error))
        return fail_with(&error, EXIT_DEGRADED);
    return EXIT_OK;
}

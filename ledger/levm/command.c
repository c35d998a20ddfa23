#include "ledger/levm/command.h"

#include <stdio.h>

int command_failed(const struct error *error)
{
    fprintf(stderr, "levm: %s\n", error->text);
    return EXIT_INPUT;
}

int command_misused(const char *command, const struct error *error)
{
    fprintf(stderr, "levm: %s: %s; see: levm help %s\n", command, error->text, command);
    return EXIT_USAGE;
}

bool command_fork(enum vm_fork *fork, const char *name, struct error *error)
{
    if (!vm_fork_parse(fork, name))
        return error_set(error, ERROR_INVALID,
                         "fork '%s' is unknown; expected cancun, prague or osaka", name);
    return true;
}

/* levm: Ethereum's rules on the command line, for contract authors and for conformance. */
#include <stdio.h>
#include <string.h>

#include "ledger/levm/command.h"

struct command {
    const char *name;
    int (*run)(int count, char **arguments);
    const char *usage;
};

static int version_command(int count, char **arguments);
static int help_command(int count, char **arguments);

static const struct command COMMANDS[] = {
    {"statetest", statetest_command,
     "statetest [--statetest.fork FORK] [--run REGEX] [FILE|DIR]...\n"
     "    Runs Ethereum state tests; a JSON array of verdicts on stdout. Without a path, file\n"
     "    names are read from stdin, one array for each."},
    {"bench", bench_command,
     "bench [--json] [--min-ms MS] FILE|DIR...\n"
     "    Runs workloads (ledger/levm/README.md has the format), checks what they give, and says\n"
     "    what a unit of gas takes: warm, and cold (the code is analysed anew)."},
    {"rlp", rlp_command,
     "rlp encode|decode\n"
     "    A line in, a line out: JSON of 0x-strings and arrays <-> 0x-hex."},
    {"trie", trie_command,
     "trie [--secure]\n"
     "    Lines 'KEYHEX VALUEHEX', or 'KEYHEX -' to remove, in; the root out."},
    {"tx", tx_command,
     "tx [--fork FORK]\n"
     "    A 0x-hex transaction a line in; {\"address\", \"hash\", \"intrinsicGas\"} or\n"
     "    {\"error\"} out. Chain id 1, or none."},
    {"--version", version_command, "--version\n    Prints the version."},
    {"help", help_command, "help [COMMAND]\n    Prints this, or one command's part of it."},
};
#define COMMANDS_COUNT (sizeof COMMANDS / sizeof COMMANDS[0])

static const struct command *find_command(const char *name)
{
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        name = "help";
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        if (strcmp(COMMANDS[i].name, name) == 0)
            return &COMMANDS[i];
    return NULL;
}

static int unknown_command(const char *name)
{
    fprintf(stderr, "levm: no command '%s' in this version; expected one of:", name);
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        fprintf(stderr, " %s", COMMANDS[i].name);
    fprintf(stderr, "; see: levm help\n");
    return EXIT_USAGE;
}

static int version_command(int count, char **arguments)
{
    (void)count;
    (void)arguments;
    printf("levm %s (newest fork: %s)\n", LEITHER_VERSION, vm_fork_name(VM_FORK_NEWEST));
    return EXIT_DONE;
}

static int help_command(int count, char **arguments)
{
    const struct command *only = count > 0 ? find_command(arguments[0]) : NULL;
    if (count > 0 && only == NULL)
        return unknown_command(arguments[0]);
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        if (only == NULL || only == &COMMANDS[i])
            printf("levm %s\n", COMMANDS[i].usage);
    return EXIT_DONE;
}

int main(int count, char **arguments)
{
    if (count < 2) {
        help_command(0, NULL);
        return EXIT_USAGE;
    }
    const struct command *command = find_command(arguments[1]);
    return command == NULL ? unknown_command(arguments[1]) : command->run(count - 2, arguments + 2);
}

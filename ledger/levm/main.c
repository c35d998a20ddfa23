/* levm: Ethereum's rules on the command line, for contract authors and for conformance. */
#include <errno.h>
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
    {"run", run_command,
     "run [--code HEX | --codefile FILE | HEX] [--input HEX | --inputfile FILE] [--gas N]\n"
     "    [--prestate GENESIS.json] [--sender A] [--receiver A] [--value N] [--price N]\n"
     "    [--state.fork FORK] [--create] [--bench] [--statdump] [--dump] [--trace | --json]\n"
     "    Runs code as one message, without intrinsic gas. Output on stdout, then ' error: WHY'\n"
     "    if it failed. On stderr: with --bench (the mean of a second's runs) or --statdump gas\n"
     "    and time; with --trace a line of JSON a step (EIP-3155; --trace.nomemory=false,\n"
     "    --trace.noreturndata=false, --trace.nostack). --dump prints the state. FILE '-': stdin."},
    {"statetest", statetest_command,
     "statetest [--statetest.fork FORK] [--run REGEX] [--trace | --json] [FILE|DIR]...\n"
     "    Runs Ethereum state tests; a JSON array of verdicts on stdout. Without a path, file\n"
     "    names are read from stdin, one array for each. Traces go to stderr, as run's do."},
    {"t8n", t8n_command,
     "t8n [--input.alloc F] [--input.env F] [--input.txs F.json|F.rlp] [--state.fork FORK]\n"
     "    [--state.chainid N] [--state.reward N] [--output.basedir D] [--output.alloc F]\n"
     "    [--output.result F] [--output.body F] [--trace]\n"
     "    One block's transition. An input 'stdin' is a member of one object there: alloc, env,\n"
     "    txs or txsRlp. An output 'stdout' or 'stderr' is one there; '' is none. A transaction\n"
     "    with a secretKey and no signature is signed. --trace writes a file a transaction into D\n"
     "    (--trace.memory, --trace.returndata, --trace.nostack). Forks: Cancun Prague Osaka.\n"
     "    Exit code: 0; 2 the transition failed, 3 options, fork or environment, 4 the hash of a\n"
     "    block is missing, 10 JSON, 11 files, 12 RLP."},
    {"disasm", disasm_command,
     "disasm [--blocks] [--state.fork FORK] HEX|FILE\n"
     "    One instruction a line: offset, opcode, immediate. With --blocks cut into basic blocks,\n"
     "    each with its gas and what it needs of the stack. FILE '-': stdin."},
    {"bench", bench_command,
     "bench [--json] [--min-ms MS] FILE|DIR...\n"
     "    Runs workloads (ledger/levm/README.md has the format), checks what they give, and says\n"
     "    what a unit of gas takes: warm, and cold (the code is analysed anew)."},
    {"keystore", keystore_command,
     "keystore decrypt FILE --password-file P | encrypt [--light] --password-file P\n"
     "    A key file of version 3 <-> the key as 0x-hex. encrypt reads the key from stdin; the\n"
     "    password is P's first line."},
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
    if (strcmp(name, "-v") == 0 || strcmp(name, "-version") == 0)
        name = "--version";
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

/* Harnesses ask a tool called `evm` who it is, and expect these words of it. */
static int version_command(int count, char **arguments)
{
    (void)count;
    (void)arguments;
    if (strcmp(program_invocation_short_name, "evm") == 0)
        printf("evm version %s-levm\n", LEITHER_VERSION);
    else
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

/* Where the command's name stands: behind options of its own, which go's tools take in front of
 * it, too. 0 if there is none. */
static int find_name(int count, char **arguments)
{
    for (int i = 1; i < count; i++) {
        const char *before = arguments[i - 1];
        bool is_value = i > 1 && before[0] == '-' && strchr(before, '=') == NULL;
        if (find_command(arguments[i]) != NULL)
            return i;
        if (arguments[i][0] != '-' && !is_value)
            return 0;
    }
    return 0;
}

static bool asks_for_help(int count, char **arguments)
{
    for (int i = 0; i < count; i++)
        if (strcmp(arguments[i], "--help") == 0 || strcmp(arguments[i], "-h") == 0)
            return true;
    return false;
}

int main(int count, char **arguments)
{
    if (count < 2) {
        help_command(0, NULL);
        return EXIT_USAGE;
    }
    int at = find_name(count, arguments);
    if (at == 0)
        return unknown_command(arguments[1]);
    char *name = arguments[at];
    memmove(arguments + 2, arguments + 1, (size_t)(at - 1) * sizeof *arguments);
    const struct command *command = find_command(name);
    if (asks_for_help(count - 2, arguments + 2))
        return help_command(1, &name);
    return command->run(count - 2, arguments + 2);
}

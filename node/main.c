/* lnode: keeps organisations' ledgers. `lnode --help` shows the commands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node/commands/commands.h"
#include "rpc/server.h"

struct command {
    const char *name;
    enum exit_code (*run)(const struct arguments *arguments);
    const char *arguments;
    const char *summary; /* NULL: nothing for people */
};

static const struct command commands[] = {
    {"run", command_run, "", "run the node (the default)"},
    {"status", command_status, " [--json]", "what the running node says"},
    {"doctor", command_doctor, " [--json]", "what is wrong here, and what to type"},
    {"accept", command_accept, " [WHAT [--refuse]]", "whether to found together with others"},
    {"backup", command_backup, " FILE [--password-file P]",
     "everything, encrypted; also while it runs"},
    {"restore", command_restore, " FILE [--password-file P]", "into an empty data folder"},
    {"check", command_check, " [--org O]", "walk every ledger of a stopped node"},
    {"export", command_export, " --org O --format geth [--output DIR]",
     "genesis and blocks for other programs"},
    {"invite", command_invite, " LABEL [--hours N] [--json]",
     "a link by which one node may join a ledger"},
    {"join", command_join, " LINK [--label L]", "follow the ledger of an invitation"},
    {"install", command_install, " [--system|--user]", "a systemd unit that survives reboots"},
    {"uninstall", command_uninstall, " [--system|--user]", "remove that unit; the data stays"},
    {"port-helper", command_port_helper, " PORT [ROUTER]", NULL},
};
#define COMMANDS_COUNT (sizeof commands / sizeof commands[0])
#define SUMMARY_COLUMN 44 /* behind "  lnode " */

enum exit_code fail_with(const struct error *error, enum exit_code code)
{
    fprintf(stderr, "lnode: %s\n", error->text);
    return code;
}

static void append_line(struct buffer *text, const char *name, const char *arguments,
                        const char *summary)
{
    int width = SUMMARY_COLUMN - (int)strlen(name);
    buffer_append_format(text, "  lnode %s%-*s %s\n", name, width, arguments, summary);
}

static enum exit_code print_help(void)
{
    struct buffer text = {0};

    buffer_append_text(&text,
                       "lnode: keeps organisations' ledgers\n\nUsage: lnode [COMMAND] [FLAGS]\n\n");
    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        if (commands[i].summary != NULL)
            append_line(&text, commands[i].name, commands[i].arguments, commands[i].summary);
    }
    append_line(&text, "--print-config", "", "each setting and where it came from");
    append_line(&text, "--version", "", "which lnode this is");
    buffer_append_text(
        &text,
        "\n"
        "The first organisation at the first start (lwallet org create founds more):\n"
        "  lnode run --found LABEL --founder ADDRESS [--symbol SYM] [--grant COINS]\n"
        "            [--fork NAME]\n\n"
        "A throw-away ledger for development and tests:\n"
        "  lnode --dev [--chain-id N] [--fund ADDRESS[=COINS]]... [--org LABEL] [--pulse MS]\n"
        "        [--gas-limit N] [--block-size BYTES] [--base-fee WEI] [--fork NAME]\n\n"
        "Settings, as flags (file: --config FILE; environment: LEITHER_RPC_PORT and so on):\n");
    config_help(&text);
    buffer_append_text(&text,
                       "\nExit codes: 0 all well, 1 failed or degraded, 2 stalled, 3 usage\n");
    fwrite(text.data, 1, text.size, stdout);
    buffer_cleanup(&text);
    return EXIT_OK;
}

static enum exit_code print_config(const struct arguments *arguments)
{
    struct config_sources sources = arguments_sources(arguments);
    struct buffer text = {0};
    struct error error;
    enum exit_code code = EXIT_OK;

    if (config_describe(&sources, &text, &error))
        fwrite(text.data, 1, text.size, stdout);
    else
        code = fail_with(&error, EXIT_USAGE);
    buffer_cleanup(&text);
    return code;
}

static enum exit_code run_command(const struct arguments *arguments)
{
    struct error error;

    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        if (strcmp(commands[i].name, arguments->command) == 0)
            return commands[i].run(arguments);
    }
    error_set(&error, ERROR_INVALID, "unknown command \"%.60s\"; see lnode --help",
              arguments->command);
    return fail_with(&error, EXIT_USAGE);
}

int main(int argc, char **argv)
{
    struct arguments *arguments = memory_new(sizeof *arguments);
    struct error error;
    enum exit_code code;

    if (!arguments_parse(arguments, argc, argv, &error))
        code = fail_with(&error, EXIT_USAGE);
    else if (arguments_flag(arguments, "help") != NULL || strcmp(arguments->command, "help") == 0)
        code = print_help();
    else if (arguments_flag(arguments, "version") != NULL)
        code = printf("lnode %s%s\n", LEITHER_VERSION,
                      rpc_serves_websocket() ? "" : " (static: without WebSocket)")
                       > 0
                   ? EXIT_OK
                   : EXIT_DEGRADED;
    else if (arguments_flag(arguments, "print-config") != NULL)
        code = print_config(arguments);
    else
        code = run_command(arguments);
    free(arguments);
    return (int)code;
}

/* The manual page, and help for programs, out of the tables that help prints. */
#include "wallet/commands/commands.h"

#include <stdio.h>

/* roff: a backslash and a leading dot or quote mean something, a hyphen is typed as one. */
static void append_roff(struct buffer *out, const char *text)
{
    bool is_start = true;
    for (; *text != '\0'; text++) {
        if (is_start && (*text == '.' || *text == '\''))
            buffer_append_text(out, "\\&");
        is_start = *text == '\n';
        if (*text == '\\')
            buffer_append_text(out, "\\e");
        else if (*text == '-')
            buffer_append_text(out, "\\-");
        else
            buffer_append_u8(out, (uint8_t)*text);
    }
}

static void append_line(struct buffer *out, const char *request, const char *text)
{
    buffer_append_text(out, request);
    append_roff(out, text);
    buffer_append_u8(out, '\n');
}

/* Sentences are filled to the reader's width; lines that begin with spaces are examples. */
static void append_detail(struct buffer *out, const char *detail)
{
    buffer_append_text(out, ".br\n");
    bool was_example = false;
    for (const char *line = detail; *line != '\0';) {
        size_t size = strcspn(line, "\n");
        bool is_example = *line == ' ';
        char text[256];
        snprintf(text, sizeof text, "%.*s", (int)size, line);
        if (is_example != was_example)
            buffer_append_text(out, is_example ? ".nf\n" : ".fi\n");
        was_example = is_example;
        append_line(out, "", text);
        line += size + (line[size] == '\n');
    }
    if (was_example)
        buffer_append_text(out, ".fi\n");
}

static void append_command(struct buffer *out, const struct command *command)
{
    uint64_t allowed = command->options | OPTIONS_OF_ALL;
    buffer_append_text(out, ".TP\n.B ");
    append_roff(out, command->path);
    append_line(out, " ", command->arguments);
    append_line(out, "", command->summary);
    if (*command->detail != '\0')
        append_detail(out, command->detail);
    buffer_append_text(out, ".br\nOptions:");
    for (unsigned id = 0; id < OPTION_COUNT; id++)
        if ((allowed & (UINT64_C(1) << id)) != 0) {
            buffer_append_text(out, " \\-\\-");
            append_roff(out, option_name((enum option_id)id));
        }
    buffer_append_u8(out, '\n');
}

static void append_option(struct buffer *out, enum option_id id)
{
    const char *value = option_value_name(id);
    buffer_append_text(out, ".TP\n.B \\-\\-");
    append_roff(out, option_name(id));
    append_line(out, value != NULL ? " " : "", value != NULL ? value : "");
    append_line(out, "", option_help(id));
}

static void append_manual(struct buffer *out)
{
    buffer_append_text(out, ".TH LWALLET 1 \"\" \"lwallet " LEITHER_VERSION "\"\n"
                            ".SH NAME\nlwallet \\- your accounts and your organisation's ledger\n"
                            ".ad l\n.SH SYNOPSIS\n.B lwallet\n.I COMMAND\n[arguments] [options]\n"
                            ".SH COMMANDS\n");
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        append_command(out, &COMMANDS[i]);
    buffer_append_text(out, ".SH OPTIONS\n");
    for (unsigned id = 0; id < OPTION_COUNT; id++)
        append_option(out, (enum option_id)id);
    buffer_append_text(out, ".SH EXIT STATUS\n");
    for (unsigned code = 0; code < WALLET_EXIT_COUNT; code++)
        buffer_append_format(out, ".TP\n.B %u\n%s: %s\n", code,
                             wallet_exit_name((enum wallet_exit)code),
                             wallet_exit_meaning((enum wallet_exit)code));
    buffer_append_text(
        out, ".SH ENVIRONMENT\nLEITHER_RPC, LEITHER_ORG, LEITHER_ACCOUNT, LEITHER_PASSWORD_FILE, "
             "LEITHER_TOKEN_FILE: settings, behind the options and before config.json.\n"
             ".SH FILES\n~/.config/leither: config.json, contacts.json, ledgers.json and one key "
             "file an account in accounts/.\n");
}

COMMAND(man)
{
    struct buffer page = {0};
    (void)arguments;
    (void)count;
    append_manual(&page);
    buffer_append_bytes(&wallet->lines, buffer_view(&page));
    wallet_put(wallet, "page", json_stringn((const char *)page.data, page.size));
    buffer_cleanup(&page);
    return WALLET_OK;
}

static json_t *option_json(enum option_id id)
{
    const char *value = option_value_name(id);
    return json_pack("{s:s, s:s?, s:s}", "name", option_name(id), "value", value, "summary",
                     option_help(id));
}

json_t *help_json(const struct command *command)
{
    uint64_t allowed = command->options | OPTIONS_OF_ALL;
    json_t *options = json_array();
    for (unsigned id = 0; id < OPTION_COUNT; id++)
        if ((allowed & (UINT64_C(1) << id)) != 0)
            json_array_append_new(options, option_json((enum option_id)id));
    return json_pack("{s:s, s:s, s:s, s:s, s:o}", "command", command->path, "arguments",
                     command->arguments, "summary", command->summary, "detail", command->detail,
                     "options", options);
}

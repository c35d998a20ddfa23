/* completion: what a shell proposes, out of the tables that help prints. */
#include "wallet/commands/commands.h"

#include <stdio.h>

/* The first word of a path, if no command before it begins with the same one; else 0. */
static size_t new_group(size_t index)
{
    const char *path = COMMANDS[index].path;
    size_t size = strcspn(path, " ");
    for (size_t i = 0; i < index; i++)
        if (strcspn(COMMANDS[i].path, " ") == size && strncmp(COMMANDS[i].path, path, size) == 0)
            return 0;
    return size;
}

static bool is_in_group(const struct command *command, const char *group, size_t size)
{
    return strncmp(command->path, group, size) == 0 && command->path[size] == ' ';
}

static void append_groups(struct buffer *out)
{
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        buffer_append_format(out, "%.*s%s", (int)new_group(i), COMMANDS[i].path,
                             new_group(i) > 0 ? " " : "");
    buffer_append_text(out, "help");
}

static void append_members(struct buffer *out, const char *group, size_t size)
{
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        if (is_in_group(&COMMANDS[i], group, size))
            buffer_append_format(out, "%s ", COMMANDS[i].path + size + 1);
}

static void append_options(struct buffer *out, const struct command *command)
{
    uint64_t allowed = command->options | OPTIONS_OF_ALL;
    for (unsigned id = 0; id < OPTION_COUNT; id++)
        if ((allowed & (UINT64_C(1) << id)) != 0)
            buffer_append_format(out, "--%s ", option_name((enum option_id)id));
    buffer_append_text(out, "--help");
}

/* One branch of a shell's `case` for each path: what may follow it. Both shells know the syntax. */
static void append_cases(struct buffer *out)
{
    buffer_append_text(out, "    '') offer='");
    append_groups(out);
    buffer_append_text(out, "' ;;\n");
    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        const char *path = COMMANDS[i].path;
        size_t size = new_group(i);
        struct buffer members = {0};
        append_members(&members, path, size);
        bool is_command = path[strcspn(path, " ")] == '\0';
        if (size > 0 && members.size > 0 && !is_command)
            buffer_append_format(out, "    '%.*s') offer='%.*s' ;;\n", (int)size, path,
                                 (int)members.size - 1, (const char *)members.data);
        if (is_command && members.size > 0) /* config, config set */
            buffer_append_format(out, "    '%s') offer='%.*s", path, (int)members.size,
                                 (const char *)members.data);
        else
            buffer_append_format(out, "    '%s'*) offer='", path);
        append_options(out, &COMMANDS[i]);
        buffer_append_text(out, "' ;;\n");
        buffer_cleanup(&members);
    }
}

static void append_bash(struct buffer *out)
{
    buffer_append_text(out,
                       "# lwallet completion bash > ~/.local/share/bash-completion/completions/"
                       "lwallet\n"
                       "_lwallet() {\n"
                       "    local at place='' offer='' word=${COMP_WORDS[COMP_CWORD]}\n"
                       "    for ((at = 1; at < COMP_CWORD; at++)); do\n"
                       "        case ${COMP_WORDS[at]} in\n"
                       "            -* | help) ;;\n"
                       "            *) place=\"${place:+$place }${COMP_WORDS[at]}\" ;;\n"
                       "        esac\n"
                       "    done\n"
                       "    case $place in\n");
    append_cases(out);
    buffer_append_text(out, "    esac\n"
                            "    COMPREPLY=($(compgen -W \"$offer\" -- \"$word\"))\n"
                            "}\n"
                            "complete -o default -F _lwallet lwallet\n");
}

static void append_zsh(struct buffer *out)
{
    buffer_append_text(out, "#compdef lwallet\n"
                            "# lwallet completion zsh > a folder of $fpath, as _lwallet\n"
                            "_lwallet() {\n"
                            "    local at place='' offer=''\n"
                            "    for ((at = 2; at < CURRENT; at++)); do\n"
                            "        case ${words[at]} in\n"
                            "            -* | help) ;;\n"
                            "            *) place=\"${place:+$place }${words[at]}\" ;;\n"
                            "        esac\n"
                            "    done\n"
                            "    case $place in\n");
    append_cases(out);
    buffer_append_text(out, "    esac\n"
                            "    compadd -- ${=offer}\n"
                            "    _files\n"
                            "}\n"
                            "compdef _lwallet lwallet\n");
}

/* A group's second word, as long as none of them was typed. */
static void append_fish_member(struct buffer *out, const struct command *command, size_t size)
{
    struct buffer members = {0};
    append_members(&members, command->path, size);
    buffer_append_format(out,
                         "complete -c lwallet -f -n \"__fish_seen_subcommand_from %.*s; and not "
                         "__fish_seen_subcommand_from %.*s\" -a %s -d \"%s\"\n",
                         (int)size, command->path, (int)members.size - 1,
                         (const char *)members.data, command->path + size + 1, command->summary);
    buffer_cleanup(&members);
}

static void append_fish_command(struct buffer *out, const struct command *command)
{
    const char *path = command->path;
    const char *blank = strchr(path, ' ');
    uint64_t allowed = command->options | OPTIONS_OF_ALL;
    if (blank == NULL)
        buffer_append_format(out,
                             "complete -c lwallet -f -n __fish_use_subcommand -a %s -d \"%s\"\n",
                             path, command->summary);
    else
        append_fish_member(out, command, (size_t)(blank - path));
    for (unsigned id = 0; id < OPTION_COUNT; id++)
        if ((allowed & (UINT64_C(1) << id)) != 0)
            buffer_append_format(out,
                                 "complete -c lwallet -n \"__fish_seen_subcommand_from %.*s%s%s\" "
                                 "-l %s%s -d \"%s\"\n",
                                 (int)strcspn(path, " "), path,
                                 blank != NULL ? "; and __fish_seen_subcommand_from " : "",
                                 blank != NULL ? blank + 1 : "", option_name((enum option_id)id),
                                 option_value_name((enum option_id)id) != NULL ? " -r" : "",
                                 option_help((enum option_id)id));
}

static void append_fish(struct buffer *out)
{
    buffer_append_text(out,
                       "# lwallet completion fish > ~/.config/fish/completions/lwallet.fish\n");
    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        size_t size = new_group(i);
        if (size > 0 && COMMANDS[i].path[size] == ' ')
            buffer_append_format(out, "complete -c lwallet -f -n __fish_use_subcommand -a %.*s\n",
                                 (int)size, COMMANDS[i].path);
        append_fish_command(out, &COMMANDS[i]);
    }
}

COMMAND(completion)
{
    static const struct {
        const char *shell;
        void (*append)(struct buffer *out);
    } shells[] = {{"bash", append_bash}, {"zsh", append_zsh}, {"fish", append_fish}};
    (void)count;
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        if (strcmp(shells[i].shell, arguments[0]) != 0)
            continue;
        struct buffer script = {0};
        shells[i].append(&script);
        buffer_append_bytes(&wallet->lines, buffer_view(&script));
        wallet_put_text(wallet, "shell", shells[i].shell);
        wallet_put(wallet, "script", json_stringn((const char *)script.data, script.size));
        buffer_cleanup(&script);
        return WALLET_OK;
    }
    return wallet_fail(wallet, WALLET_USAGE, "lwallet completion bash",
                       "\"%.40s\": expected bash, zsh or fish", arguments[0]);
}

/* lwallet: the user's command line. */
#include "wallet/commands/commands.h"

#include <stdio.h>
#include <string.h>

/* Those of one group, or with NULL all; false if there are none. */
static bool put_commands(struct wallet *wallet, const char *group)
{
    json_t *list = json_array();
    for (size_t i = 0; i < COMMANDS_COUNT; i++)
        if (group == NULL || command_is_in(&COMMANDS[i], group))
            json_array_append_new(list, help_json(&COMMANDS[i]));
    bool has_some = json_array_size(list) > 0;
    if (has_some)
        wallet_put(wallet, "commands", list);
    else
        json_decref(list);
    return has_some;
}

static bool run_group_help(struct wallet *wallet, const char *group)
{
    return wallet_is_json(wallet) ? put_commands(wallet, group) : help_group(group);
}

static enum wallet_exit run_help(struct wallet *wallet, struct options *options)
{
    struct error error;
    size_t words;
    if (options->positionals_count > 0 && strcmp(options->positionals[0], "help") == 0) {
        options->positionals_count--;
        memmove(options->positionals, options->positionals + 1,
                options->positionals_count * sizeof *options->positionals);
    }
    if (options->positionals_count == 0 || strcmp(options->positionals[0], "help") == 0) {
        if (wallet_is_json(wallet))
            (void)put_commands(wallet, NULL);
        else
            help_all();
        return WALLET_OK;
    }
    const struct command *command = command_find(options, &words, &error);
    if (command == NULL && options->positionals_count == 1
        && run_group_help(wallet, options->positionals[0]))
        return WALLET_OK;
    if (command == NULL)
        return wallet_fail(wallet, WALLET_USAGE, "lwallet help", "%s", error.text);
    if (wallet_is_json(wallet))
        wallet_put(wallet, "help", help_json(command));
    else
        help_command(command);
    return WALLET_OK;
}

static enum wallet_exit run_command(struct wallet *wallet)
{
    struct error error;
    size_t words;
    const struct options *options = &wallet->options;
    const struct command *command = command_find(options, &words, &error);
    if (command == NULL)
        return wallet_fail(wallet, WALLET_USAGE, "lwallet help", "%s", error.text);
    size_t count = options->positionals_count - words;
    const char *next = arena_format(&wallet->arena, "lwallet help %s", command->path);
    if (count < command->arguments_min || count > command->arguments_max)
        return wallet_fail(wallet, WALLET_USAGE, next, "expected: lwallet %s%s%s", command->path,
                           *command->arguments != '\0' ? " " : "", command->arguments);
    if (!options_check(options, command->options | OPTIONS_OF_ALL, command->path, &error))
        return wallet_fail(wallet, WALLET_USAGE, next, "%s", error.text);
    if (!wallet_init(wallet, &error))
        return wallet_fail(wallet, WALLET_LOCAL, NULL, "%s", error.text);
    return command->run(wallet, options->positionals + words, count);
}

static enum wallet_exit run(struct wallet *wallet, int argc, char **argv, bool *has_answer)
{
    struct error error;
    struct options *options = &wallet->options;
    *has_answer = true;
    if (!options_parse(options, argc, argv, &error))
        return wallet_fail(wallet, WALLET_USAGE, "lwallet help", "%s", error.text);
    if (options->wants_version
        || (options->positionals_count == 1 && strcmp(options->positionals[0], "version") == 0)) {
        printf("lwallet %s\n", LEITHER_VERSION);
        *has_answer = false;
        return WALLET_OK;
    }
    bool is_help = options->wants_help || options->positionals_count == 0
                   || strcmp(options->positionals[0], "help") == 0;
    if (!is_help)
        return run_command(wallet);
    enum wallet_exit code = run_help(wallet, options);
    *has_answer = code != WALLET_OK || wallet_is_json(wallet);
    return code;
}

int main(int argc, char **argv)
{
    struct wallet wallet = {0};
    bool has_answer;
    wallet.answer = json_object();
    enum wallet_exit code = run(&wallet, argc, argv, &has_answer);
    int status = has_answer ? wallet_finish(&wallet, code) : (int)code;
    wallet_cleanup(&wallet);
    return status;
}

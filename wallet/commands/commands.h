/* The commands, one row each in commands.c; one file a group. */
#ifndef WALLET_COMMANDS_COMMANDS_H
#define WALLET_COMMANDS_COMMANDS_H
#include "wallet/wallet.h"

/* `arguments` are the positionals behind the command's own words, within the row's bounds. */
typedef enum wallet_exit (*command_fn)(struct wallet *wallet, const char *const *arguments,
                                       size_t count);

struct command {
    const char *path;      /* "account new" */
    const char *arguments; /* "NAME" */
    const char *summary;   /* one line */
    const char *detail;    /* examples and what else to know; may be empty */
    uint64_t options;      /* OPTION_BIT()s beside those of every command */
    size_t arguments_min;
    size_t arguments_max;
    command_fn run;
};

extern const struct command COMMANDS[];
extern const size_t COMMANDS_COUNT;
#define OPTIONS_OF_ALL OPTION_BIT(JSON)

/* Finds the command in the positionals; *words is how many of them name it. NULL with *error
 * suggesting the nearest. */
const struct command *command_find(const struct options *options, size_t *words,
                                   struct error *error);

/* Prints the list, or all about the command that `words` name. */
void help_all(void);
void help_command(const struct command *command);
/* The commands that begin with the word `group`, like "account"; false, and nothing printed, if
 * there are none. */
bool help_group(const char *group);
bool command_is_in(const struct command *command, const char *group);
/* The same for programs; a new reference. */
json_t *help_json(const struct command *command);

#define COMMAND(name)                                                                    \
    enum wallet_exit command_##name(struct wallet *wallet, const char *const *arguments, \
                                    size_t count)
COMMAND(account_new);
COMMAND(account_import);
COMMAND(account_export);
COMMAND(account_list);
COMMAND(account_sign);
COMMAND(account_verify);
COMMAND(account_qr);
COMMAND(contact_add);
COMMAND(contact_list);
COMMAND(contact_remove);
COMMAND(org_create);
COMMAND(org_list);
COMMAND(org_show);
COMMAND(org_connect);
COMMAND(org_add);
COMMAND(org_check);
COMMAND(org_committee_list);
COMMAND(org_committee_add);
COMMAND(org_committee_remove);
COMMAND(org_committee_mode);
COMMAND(transfer);
COMMAND(balance);
COMMAND(receipt);
COMMAND(history);
COMMAND(contract_deploy);
COMMAND(contract_call);
COMMAND(contract_send);
COMMAND(completion);
COMMAND(man);
COMMAND(config_show);
COMMAND(config_set);
COMMAND(config_unset);
#endif

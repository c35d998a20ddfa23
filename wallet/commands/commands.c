#include "wallet/commands/commands.h"

#include "wallet/nearest.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define NODE  (OPTION_BIT(RPC) | OPTION_BIT(ORG))
#define ACTOR (OPTION_BIT(ACCOUNT) | OPTION_BIT(PASSWORD_FILE))
#define SEND                                                                        \
    (NODE | ACTOR | OPTION_BIT(DRY_RUN) | OPTION_BIT(NO_WAIT) | OPTION_BIT(TIMEOUT) \
     | OPTION_BIT(GAS) | OPTION_BIT(MAX_FEE) | OPTION_BIT(CHAIN_ID) | OPTION_BIT(REPLACE))

const struct command COMMANDS[] = {
    {"account new", "NAME", "make a key of your own",
     "It comes from 24 words (BIP-39) that the terminal shows once, or that --phrase-file keeps; "
     "any\n"
     "wallet brings the account back from them. Here it is a file that your password protects.\n"
     "  lwallet account new founder",
     OPTION_BIT(PASSWORD_FILE) | OPTION_BIT(PHRASE_FILE) | OPTION_BIT(PASSPHRASE_FILE)
         | OPTION_BIT(LIGHT),
     1, 1, command_account_new},
    {"account import", "NAME [FILE]", "take over a key from another wallet",
     "FILE is a Web3 key file (geth, ethers, ...), a phrase of 12 to 24 words, or a key as 64 hex\n"
     "digits. Without FILE phrase or key are asked for without showing them. --index N takes\n"
     "account N of the phrase, m/44'/60'/0'/0/N.\n"
     "  lwallet account import savings UTC--2026-01-01T00-00-00Z--8ba1f109...\n"
     "  lwallet account import second --index 1",
     OPTION_BIT(PASSWORD_FILE) | OPTION_BIT(OLD_PASSWORD_FILE) | OPTION_BIT(PASSPHRASE_FILE)
         | OPTION_BIT(INDEX) | OPTION_BIT(LIGHT),
     1, 2, command_account_import},
    {"account export", "NAME [FILE]", "write the key file for another wallet",
     "Without FILE the key file, still protected by its password, is printed. --plain writes the\n"
     "key itself into FILE: whoever reads it owns the account.\n"
     "  lwallet account export savings savings.json",
     OPTION_BIT(PASSWORD_FILE) | OPTION_BIT(PLAIN), 1, 2, command_account_export},
    {"account list", "", "show your accounts", "", OPTION_BIT(ACCOUNT), 0, 0, command_account_list},
    {"account sign", "[MESSAGE]", "sign a message, not a transaction",
     "The message is the argument, the bytes of --file FILE, or the typed document of --typed "
     "FILE\n"
     "(EIP-712), which is shown field by field. A text is signed as a personal message (EIP-191),\n"
     "so that it can never be a transaction. --dry-run only shows.\n"
     "  lwallet account sign \"I was here\"\n"
     "  lwallet account sign --typed permit.json --dry-run",
     ACTOR | OPTION_BIT(FILE) | OPTION_BIT(TYPED) | OPTION_BIT(DRY_RUN), 0, 1,
     command_account_sign},
    {"account verify", "WHO SIGNATURE [MESSAGE]", "whether somebody signed a message",
     "The message is named as for account sign.\n"
     "  lwallet account verify bob 0x... \"I was here\"",
     OPTION_BIT(FILE) | OPTION_BIT(TYPED), 2, 3, command_account_verify},
    {"account qr", "[WHO]", "an address as a QR code, for a phone to read",
     "  lwallet account qr bob", OPTION_BIT(ACCOUNT), 0, 1, command_account_qr},
    {"contact add", "NAME 0x...", "give an address a name",
     "The name works wherever an address does.\n"
     "  lwallet contact add bob 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
     0, 2, 2, command_contact_add},
    {"contact list", "", "show the names you gave", "", 0, 0, 0, command_contact_list},
    {"contact remove", "NAME", "forget a name", "", 0, 1, 1, command_contact_remove},
    {"org create", "NAME", "found an organisation with a ledger of its own",
     "The node that --rpc names keeps it; its admin token is needed. --dry-run shows what would "
     "be\n"
     "founded. The new organisation becomes the one this wallet works with.\n"
     "  lwallet org create acme --symbol ACM --transparency open\n"
     "With --node, once for each, several nodes found it together, all or none: each one's "
     "operator\n"
     "has to agree (lnode accept there). The same command again goes on where it was left;\n"
     "--timeout says how long to wait for the operators.\n"
     "  lwallet org create acme --symbol ACM --transparency open --node URL --node URL --node URL",
     OPTION_BIT(RPC) | OPTION_BIT(ACCOUNT) | OPTION_BIT(TOKEN_FILE) | OPTION_BIT(SYMBOL)
         | OPTION_BIT(TRANSPARENCY) | OPTION_BIT(LABEL) | OPTION_BIT(GRANT) | OPTION_BIT(FOR)
         | OPTION_BIT(FEES) | OPTION_BIT(BASE_FEE) | OPTION_BIT(FORK) | OPTION_BIT(CHAIN_ID)
         | OPTION_BIT(DRY_RUN) | OPTION_BIT(NODE) | OPTION_BIT(MODE) | OPTION_BIT(TIMEOUT)
         | OPTION_BIT(PASSWORD_FILE),
     1, 1, command_org_create},
    {"org list", "", "show the organisations on the node", "", NODE, 0, 0, command_org_list},
    {"org show", "[LABEL]", "show one organisation", "", NODE, 0, 1, command_org_show},
    {"org connect", "[LABEL]", "what other tools need to use its ledger",
     "--for metamask, hardhat, foundry or viem prints what to paste there; for metamask also a QR\n"
     "code of the status page, if a phone could reach it.\n"
     "  lwallet org connect acme --for hardhat",
     NODE | OPTION_BIT(FOR), 0, 1, command_org_connect},
    {"org add", "URL[#ID]", "work with a ledger on some node",
     "ID, as 0x... or six words, says which ledger must be there; without it, the words shown are "
     "to\n"
     "be compared with somebody who knows. From then on another ledger at this address is "
     "noticed.\n"
     "  lwallet org add http://127.0.0.1:8545/o/acme#0x...",
     0, 1, 1, command_org_add},
    {"org check", "[LABEL|URL#ID]", "verify the whole ledger, without trusting the node",
     "Founds the ledger anew from its charter, executes every block, and checks certificates,\n"
     "issuance and supply. The copy is removed afterwards. URL#ID is as for org add.\n"
     "  lwallet org check acme",
     NODE, 0, 1, command_org_check},
    {"org committee list", "", "who makes the ledger's blocks, and who is ready to",
     "Says in words what it means for the ledger when nodes are off.", NODE, 0, 0,
     command_org_committee_list},
    {"org committee add", "NODE", "take a node that is READY into the committee",
     "The founder's alone. NODE is the node's consensus address, or its operator's account; the\n"
     "list shows both. --mode changes the quorum in the same step: crash trusts everyone fully.\n"
     "  lwallet org committee add 0x... --mode crash",
     SEND | OPTION_BIT(MODE) | OPTION_BIT(YES), 1, 1, command_org_committee_add},
    {"org committee remove", "NODE", "have a node make no more blocks",
     "The founder's alone. NODE is its consensus address or the account it is paid to.",
     SEND | OPTION_BIT(MODE) | OPTION_BIT(YES), 1, 1, command_org_committee_remove},
    {"org committee mode", "bft|crash|all", "change how many of the committee decide",
     "bft: two thirds and one more; crash: more than half, everyone is fully trusted; all: "
     "everyone.\n"
     "The founder's alone.",
     SEND | OPTION_BIT(YES), 1, 1, command_org_committee_mode},
    {"transfer", "AMOUNT SYMBOL WHO", "send coins",
     "AMOUNT is in whole coins, with up to 18 decimals; SYMBOL is checked against the ledger.\n"
     "  lwallet transfer 5 ACM bob",
     SEND, 3, 3, command_transfer},
    {"balance", "[WHO]", "how many coins somebody has",
     "The answer is verified: the committee's signatures make the block final, and a Merkle proof\n"
     "shows the account in it. The node proves its last 128 blocks; --trust believes it for older\n"
     "ones.\n"
     "  lwallet balance bob --at 17",
     NODE | OPTION_BIT(ACCOUNT) | OPTION_BIT(AT) | OPTION_BIT(TRUST), 0, 1, command_balance},
    {"receipt", "HASH", "what became of a transaction",
     "The answer is verified as that of balance is; --trust believes the node.",
     NODE | OPTION_BIT(ABI) | OPTION_BIT(CONTRACT) | OPTION_BIT(TRUST), 1, 1, command_receipt},
    {"history", "[WHO]", "what touched an account, the newest first",
     "Transactions, token transfers, and coin that blocks credit. The node's index is believed;\n"
     "lwallet receipt verifies an entry.\n"
     "  lwallet history bob --limit 10",
     NODE | OPTION_BIT(ACCOUNT) | OPTION_BIT(LIMIT) | OPTION_BIT(NEXT), 0, 1, command_history},
    {"contract deploy", "FILE|HEX [ARGUMENT...]", "put a contract on the ledger",
     "FILE is what solc, Hardhat or Foundry built, or the code in hex. With bare code, --abi "
     "names\n"
     "the interface (a file, or like \"constructor(uint256)\") if the constructor takes "
     "arguments.\n"
     "  lwallet contract deploy out/Token.sol/Token.json \"Acme shares\" ASH 1000",
     SEND | OPTION_BIT(ABI) | OPTION_BIT(CONTRACT) | OPTION_BIT(VALUE), 1, 129,
     command_contract_deploy},
    {"contract call", "WHO FUNCTION [ARGUMENT...]", "ask a contract, at no cost",
     "FUNCTION is a signature, or a name with --abi FILE.\n"
     "  lwallet contract call 0x... \"balanceOf(address)(uint256)\" bob\n"
     "  lwallet contract call 0x... balanceOf bob --abi Token.json",
     NODE | OPTION_BIT(ACCOUNT) | OPTION_BIT(ABI) | OPTION_BIT(CONTRACT) | OPTION_BIT(VALUE)
         | OPTION_BIT(AT),
     2, 130, command_contract_call},
    {"contract send", "WHO FUNCTION [ARGUMENT...]", "have a contract do something",
     "FUNCTION is a signature, or a name with --abi FILE, which also explains events and errors.\n"
     "  lwallet contract send 0x... \"transfer(address,uint256)\" bob 5",
     SEND | OPTION_BIT(ABI) | OPTION_BIT(CONTRACT) | OPTION_BIT(VALUE), 2, 130,
     command_contract_send},
    {"config", "", "show each setting and where it came from", "",
     NODE | ACTOR | OPTION_BIT(TOKEN_FILE), 0, 0, command_config_show},
    {"config set", "KEY VALUE", "keep a setting",
     "Keys: rpc, org, account, password_file, token_file.\n"
     "  lwallet config set rpc http://127.0.0.1:8545",
     0, 2, 2, command_config_set},
    {"config unset", "KEY", "forget a setting", "", 0, 1, 1, command_config_unset},
    {"completion", "bash|zsh|fish", "what a shell needs to complete commands and options",
     "  source <(lwallet completion bash)", 0, 1, 1, command_completion},
    {"man", "", "print the manual page", "  lwallet man | man -l -", 0, 0, 0, command_man},
};
const size_t COMMANDS_COUNT = sizeof COMMANDS / sizeof *COMMANDS;

/* How many of the positionals the path's words equal; 0 if one differs. */
static size_t match_path(const struct options *options, const char *path)
{
    size_t words = 0;
    for (;;) {
        size_t size = strcspn(path, " ");
        if (words == options->positionals_count)
            return 0;
        const char *word = options->positionals[words];
        if (strlen(word) != size || strncmp(word, path, size) != 0)
            return 0;
        words++;
        if (path[size] == '\0')
            return words;
        path += size + 1;
    }
}

bool command_is_in(const struct command *command, const char *group)
{
    size_t size = strlen(group);
    return strncmp(command->path, group, size) == 0 && command->path[size] == ' ';
}

/* "account" alone, or with a second word that is none of its commands. */
static bool refuse_group(const char *group, const char *wrong, struct error *error)
{
    char list[256] = "";
    size_t used = 0;
    size_t size = strlen(group);
    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        const char *path = COMMANDS[i].path;
        if (command_is_in(&COMMANDS[i], group) && used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used > 0 ? ", " : "",
                                     path + size + 1);
    }
    if (used == 0)
        return false;
    if (wrong == NULL)
        error_set(error, ERROR_INVALID, "%s what? There is: %s", group, list);
    else
        error_set(error, ERROR_INVALID, "unknown command \"%s %.40s\"; there is: %s", group, wrong,
                  list);
    return true;
}

/* The first word of some command, if `wrong` resembles it and is none itself. */
static const char *nearest_group(const char *wrong)
{
    static char names[64][16];
    const char *groups[64];
    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        size_t size = strcspn(COMMANDS[i].path, " ");
        snprintf(names[i], sizeof names[i], "%.*s", (int)size, COMMANDS[i].path);
        groups[i] = names[i];
        if (strcmp(names[i], wrong) == 0)
            return NULL;
    }
    return nearest(wrong, groups, COMMANDS_COUNT);
}

const struct command *command_find(const struct options *options, size_t *words,
                                   struct error *error)
{
    const struct command *best = NULL;
    const char *paths[64];
    static_assert(sizeof COMMANDS / sizeof *COMMANDS <= 64, "room for all paths");
    *words = 0;
    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        size_t matched = match_path(options, COMMANDS[i].path);
        if (matched > *words) {
            best = &COMMANDS[i];
            *words = matched;
        }
        paths[i] = COMMANDS[i].path;
    }
    if (best != NULL)
        return best;
    const char *first = options->positionals_count > 0 ? options->positionals[0] : "";
    const char *second = options->positionals_count > 1 ? options->positionals[1] : NULL;
    char wrong[80];
    if (second == NULL && refuse_group(first, NULL, error))
        return NULL;
    snprintf(wrong, sizeof wrong, "%s%s%s", first, second != NULL ? " " : "",
             second != NULL ? second : "");
    const char *near = nearest(wrong, paths, COMMANDS_COUNT);
    if (near == NULL)
        near = nearest(first, paths, COMMANDS_COUNT);
    if (near == NULL)
        near = nearest_group(first);
    if (near != NULL)
        error_set(error, ERROR_INVALID, "unknown command \"%.60s\"; did you mean: lwallet %s",
                  wrong, near);
    else if (!refuse_group(first, second, error))
        error_set(error, ERROR_INVALID, "unknown command \"%.60s\"", first);
    return NULL;
}

/* One line for a list of commands. */
static void print_line(const struct command *command)
{
    char line[80];
    snprintf(line, sizeof line, "%s %s", command->path, command->arguments);
    printf("  %-42s %s\n", line, command->summary);
}

bool help_group(const char *group)
{
    bool is_found = false;
    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        if (!command_is_in(&COMMANDS[i], group))
            continue;
        print_line(&COMMANDS[i]);
        is_found = true;
    }
    if (is_found)
        printf("\nlwallet help %s COMMAND tells more.\n", group);
    return is_found;
}

/* Groups stand apart; commands of one word stand together. */
static bool begins_part(size_t index)
{
    if (index == 0)
        return false;
    const char *path = COMMANDS[index].path;
    const char *before = COMMANDS[index - 1].path;
    size_t size = strcspn(path, " ");
    bool is_same_word = strncmp(before, path, size) == 0 && strcspn(before, " ") == size;
    bool are_words = path[size] == '\0' && strchr(before, ' ') == NULL;
    return !is_same_word && !are_words;
}

void help_all(void)
{
    printf("lwallet %s: your accounts and your organisation's ledger\n\n", LEITHER_VERSION);
    for (size_t i = 0; i < COMMANDS_COUNT; i++) {
        if (begins_part(i))
            putchar('\n');
        print_line(&COMMANDS[i]);
    }
    printf("\nlwallet help COMMAND tells more. Every command takes --json.\n"
           "Settings come from flags, the environment (LEITHER_RPC, LEITHER_ORG, LEITHER_ACCOUNT,\n"
           "LEITHER_PASSWORD_FILE, LEITHER_TOKEN_FILE) or config.json; lwallet config shows them.\n"
           "\nexit codes:\n");
    for (unsigned code = 0; code < WALLET_EXIT_COUNT; code++)
        printf("  %u  %s\n", code, wallet_exit_meaning((enum wallet_exit)code));
}

void help_command(const struct command *command)
{
    uint64_t allowed = command->options | OPTIONS_OF_ALL;
    printf("lwallet %s%s%s\n%s\n", command->path, *command->arguments != '\0' ? " " : "",
           command->arguments, command->summary);
    if (*command->detail != '\0')
        printf("\n%s\n", command->detail);
    printf("\noptions:\n");
    for (unsigned id = 0; id < OPTION_COUNT; id++) {
        char name[48];
        const char *value = option_value_name((enum option_id)id);
        if ((allowed & (UINT64_C(1) << id)) == 0)
            continue;
        snprintf(name, sizeof name, "--%s %s", option_name((enum option_id)id),
                 value != NULL ? value : "");
        printf("  %-28s %s\n", name, option_help((enum option_id)id));
    }
}

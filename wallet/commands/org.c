/* org create, list, show. */
#include "ledger/codec/abi_text.h"
#include "ledger/codec/address_text.h"
#include "ledger/org/genesis.h"
#include "vm/base/hex.h"
#include "wallet/amount.h"
#include "wallet/book.h"
#include "wallet/chain.h"
#include "wallet/commands/commands.h"
#include "wallet/config.h"
#include "wallet/phrase.h"
#include "wallet/pins.h"
#include "wallet/verify.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define GRANT_DEFAULT  "1000"
#define REASON_DEFAULT "founding work"
#define LABEL_MAX      64

/* The founder's choices, as texts that were checked. */
struct founding {
    const char *name;
    const char *label;
    const char *symbol;
    const char *transparency;
    const char *grant;
    const char *reason;
    const char *fees;
    const char *base_fee; /* NULL: none */
    const char *fork;
    uint64_t chain_id; /* 0: from the genesis */
    struct book_entry founder;
};

static const char *option_or(struct wallet *wallet, enum option_id id, const char *fallback)
{
    const char *value = wallet->options.values[id];
    return value != NULL ? value : fallback;
}

/* "Acme Works" becomes "acme-works". */
static const char *label_of(struct wallet *wallet, const char *name)
{
    char label[LABEL_MAX + 1];
    size_t size = 0;
    for (; *name != '\0' && size < LABEL_MAX; name++) {
        bool is_plain = isalnum((unsigned char)*name) != 0;
        if (is_plain)
            label[size++] = (char)tolower((unsigned char)*name);
        else if (size > 0 && label[size - 1] != '-')
            label[size++] = '-';
    }
    while (size > 0 && label[size - 1] == '-')
        size--;
    return arena_text(&wallet->arena, bytes_of(label, size));
}

static bool is_label(const char *label)
{
    size_t size = strlen(label);
    size_t good = strspn(label, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return size >= 1 && size <= LABEL_MAX && good == size && label[0] != '-';
}

/* One plain question; without a terminal the level must be given. */
static bool ask_transparency(struct wallet *wallet, const char **level, struct error *error)
{
    char line[64];
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO) || wallet_is_json(wallet))
        return error_set(error, ERROR_INVALID,
                         "who may see what happens on this ledger? Say it with --transparency "
                         "open (everybody sees everything)");
    fprintf(stderr, "Who may see what happens on this ledger?\n"
                    "  open     everybody sees everything (the only level in this version)\n"
                    "Your choice: ");
    if (fgets(line, sizeof line, stdin) == NULL) {
        fputc('\n', stderr);
        return error_set(error, ERROR_INVALID, "nothing was chosen; nothing was founded");
    }
    line[strcspn(line, "\r\n")] = '\0';
    *level = arena_text(&wallet->arena, bytes_of_text(line));
    return true;
}

static bool read_transparency(struct wallet *wallet, struct founding *founding, struct error *error)
{
    enum transparency_level level;
    founding->transparency = wallet->options.values[OPTION_TRANSPARENCY];
    if (founding->transparency == NULL && options_has(&wallet->options, OPTION_DRY_RUN))
        founding->transparency = "open"; /* shown as what it would be asked for */
    if (founding->transparency == NULL && !ask_transparency(wallet, &founding->transparency, error))
        return false;
    if (!transparency_parse(&level, founding->transparency))
        return error_set(error, ERROR_INVALID, "there is no transparency \"%.40s\"; expected open",
                         founding->transparency);
    if (level != TRANSPARENCY_OPEN)
        return error_set(error, ERROR_UNSUPPORTED,
                         "transparency %s is not in this version; expected open",
                         founding->transparency);
    return true;
}

static bool read_fees(struct wallet *wallet, struct founding *founding, struct error *error)
{
    u256 number;
    const char *chain_id = wallet->options.values[OPTION_CHAIN_ID];
    founding->fees = option_or(wallet, OPTION_FEES, "free");
    founding->base_fee = wallet->options.values[OPTION_BASE_FEE];
    bool is_market = strcmp(founding->fees, "market") == 0;
    if (!is_market && strcmp(founding->fees, "free") != 0)
        return error_set(error, ERROR_INVALID, "--fees \"%.40s\": expected free or market",
                         founding->fees);
    if (founding->base_fee != NULL && !is_market)
        return error_set(error, ERROR_INVALID, "--base-fee goes with --fees market only");
    if (founding->base_fee != NULL
        && !u256_parse_decimal(&number, founding->base_fee, strlen(founding->base_fee)))
        return error_set(error, ERROR_INVALID, "--base-fee \"%.40s\": expected a number of wei",
                         founding->base_fee);
    if (chain_id == NULL)
        return true;
    if (!u256_parse_decimal(&number, chain_id, strlen(chain_id)) || u256_is_zero(&number)
        || !u256_fits_u64(&number) || number.limbs[0] > GENESIS_CHAIN_ID_MAX)
        return error_set(error, ERROR_INVALID, "--chain-id \"%.40s\": expected 1 to %" PRIu64,
                         chain_id, (uint64_t)GENESIS_CHAIN_ID_MAX);
    founding->chain_id = number.limbs[0];
    return true;
}

static bool read_fork(struct wallet *wallet, struct founding *founding, struct error *error)
{
    enum vm_fork fork = genesis_defaults().fork;
    const char *name = wallet->options.values[OPTION_FORK];
    if (name != NULL && !vm_fork_parse(&fork, name))
        return error_set(error, ERROR_INVALID, "--fork \"%.40s\": expected cancun, prague or osaka",
                         name);
    founding->fork = vm_fork_name(fork);
    return true;
}

static bool read_founding(struct wallet *wallet, const char *name, struct founding *founding,
                          struct error *error)
{
    u256 ignored;
    *founding = (struct founding){.name = name};
    founding->label = option_or(wallet, OPTION_LABEL, label_of(wallet, name));
    founding->symbol = wallet->options.values[OPTION_SYMBOL];
    founding->grant = option_or(wallet, OPTION_GRANT, GRANT_DEFAULT);
    founding->reason = option_or(wallet, OPTION_FOR, REASON_DEFAULT);
    if (strlen(name) == 0 || strlen(name) > GENESIS_NAME_MAX)
        return error_set(error, ERROR_INVALID, "the name has %zu bytes; expected 1 to %d",
                         strlen(name), GENESIS_NAME_MAX);
    if (!is_label(founding->label))
        return error_set(error, ERROR_INVALID,
                         "\"%.80s\" is no label; expected --label with 1 to %d of a-z, 0-9 and -",
                         founding->label, LABEL_MAX);
    if (founding->symbol == NULL)
        return error_set(error, ERROR_INVALID, "what is the coin called? Say it with --symbol ACM");
    if (strlen(founding->symbol) < 1 || strlen(founding->symbol) > GENESIS_SYMBOL_MAX)
        return error_set(error, ERROR_INVALID, "--symbol \"%.40s\": expected 1 to %d letters",
                         founding->symbol, GENESIS_SYMBOL_MAX);
    if (strlen(founding->reason) > GENESIS_REASON_MAX)
        return error_set(error, ERROR_INVALID, "--for is longer than %d bytes", GENESIS_REASON_MAX);
    if (!amount_parse(&ignored, founding->grant, error))
        return error_prefix(error, "--grant");
    return read_fees(wallet, founding, error) && read_fork(wallet, founding, error)
           && book_acting_account(wallet, &founding->founder, error)
           && read_transparency(wallet, founding, error);
}

static json_t *params_of(const struct founding *founding)
{
    char founder[ADDRESS_TEXT_SIZE];
    address_format(founder, &founding->founder.account);
    json_t *params =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "label", founding->label, "name",
                  founding->name, "symbol", founding->symbol, "founder", founder, "transparency",
                  founding->transparency, "fees", founding->fees, "fork", founding->fork, "grant",
                  founding->grant, "reason", founding->reason);
    if (params == NULL)
        return NULL;
    u256 base_fee;
    char quantity[U256_HEX_SIZE];
    if (founding->base_fee != NULL
        && u256_parse_decimal(&base_fee, founding->base_fee, strlen(founding->base_fee))) {
        u256_format_quantity(quantity, &base_fee);
        json_object_set_new(params, "baseFee", json_string(quantity));
    }
    if (founding->chain_id != 0)
        json_object_set_new(params, "chainId", json_integer((json_int_t)founding->chain_id));
    return params;
}

/* What organisation.md calls the table of defaults, as far as this version founds it. */
static enum wallet_exit show_founding(struct wallet *wallet, const struct founding *founding)
{
    wallet_say(wallet, "nothing was founded; this would be:");
    wallet_say(wallet, "  name          %s (label %s)", founding->name, founding->label);
    wallet_say(wallet, "  coin          %s, 18 decimals", founding->symbol);
    wallet_say(wallet, "  founder       %s", book_describe(wallet, &founding->founder.account));
    wallet_say(wallet, "  genesis coin  %s %s for \"%s\", published in the charter",
               founding->grant, founding->symbol, founding->reason);
    wallet_say(wallet, "  fees          %s%s%s", founding->fees,
               founding->base_fee != NULL ? ", at least " : "",
               founding->base_fee != NULL
                   ? arena_format(&wallet->arena, "%s wei a gas", founding->base_fee)
                   : "");
    wallet_say(wallet, "  transparency  %s%s", founding->transparency,
               options_has(&wallet->options, OPTION_TRANSPARENCY) ? "" : " (to be chosen)");
    wallet_say(wallet,
               founding->chain_id != 0 ? "  chain id      %" PRIu64
                                       : "  chain id      from the genesis document%.0" PRIu64,
               founding->chain_id);
    struct genesis defaults = genesis_defaults();
    wallet_say(wallet, "  EVM           %s", founding->fork);
    wallet_say(wallet, "  committee     fixed, this node alone; stake 0");
    wallet_say(wallet,
               "  blocks        when there is work, at least every %" PRIu64 " ms then; %" PRIu64
               " gas",
               defaults.parameters.pulse_ms, defaults.parameters.gas_limit);
    wallet_put(wallet, "dryRun", json_true());
    wallet_put(wallet, "params", params_of(founding));
    return WALLET_OK;
}

/* A text of the node's answer, made safe for a terminal. */
static const char *shown(struct wallet *wallet, const json_t *org, const char *name)
{
    const json_t *value = json_object_get(org, name);
    struct buffer text = {0};
    if (json_is_integer(value))
        return arena_format(&wallet->arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (!json_is_string(value))
        return "-";
    text_format_safe(bytes_of_text(json_string_value(value)), &text);
    const char *copy = arena_text(&wallet->arena, buffer_view(&text));
    buffer_cleanup(&text);
    return copy;
}

/* Numbers may come as JSON numbers or as quantities. */
static const char *shown_number(struct wallet *wallet, const json_t *org, const char *name)
{
    uint64_t number;
    if (!chain_read_u64(org, name, &number))
        return shown(wallet, org, name);
    return arena_format(&wallet->arena, "%" PRIu64, number);
}

static const char *shown_account(struct wallet *wallet, const json_t *org, const char *name)
{
    address account;
    const char *text = json_string_value(json_object_get(org, name));
    if (text == NULL || address_parse(&account, text) == ADDRESS_BAD_FORM)
        return shown(wallet, org, name);
    return book_describe(wallet, &account);
}

/* What there is of the coin, as the node counts it; org check counts it anew. */
static void say_supply(struct wallet *wallet, const json_t *org)
{
    u256 wei;
    char amount[AMOUNT_TEXT_SIZE];
    if (!chain_read_quantity(json_object_get(org, "supply"), "outstanding", &wei))
        return;
    amount_format(amount, &wei);
    wallet_say(wallet, "  outstanding   %s %s", amount, shown(wallet, org, "symbol"));
}

static void say_org(struct wallet *wallet, const json_t *org)
{
    const size_t members = json_array_size(json_object_get(org, "committee"));
    hash256 id;
    char words[HASH_WORDS_SIZE];
    const char *text = shown(wallet, org, "id");
    wallet_say(wallet, "  id            %s", text);
    if (hex_decode_fixed(id.bytes, sizeof id.bytes, text, strlen(text))) {
        hash_words(words, &id);
        wallet_say(wallet, "  in words      %s", words);
    }
    wallet_say(wallet, "  chain id      %s", shown_number(wallet, org, "chainId"));
    wallet_say(wallet, "  coin          %s", shown(wallet, org, "symbol"));
    say_supply(wallet, org);
    wallet_say(wallet, "  fees          %s", shown(wallet, org, "fees"));
    wallet_say(wallet, "  founder       %s", shown_account(wallet, org, "founder"));
    wallet_say(wallet, "  committee     %zu member%s", members, members == 1 ? "" : "s");
    wallet_say(wallet, "  transparency  %s", shown(wallet, org, "transparency"));
    wallet_say(wallet, "  EVM           %s", shown(wallet, org, "fork"));
    wallet_say(wallet, "  last block    %s, final", shown_number(wallet, org, "height"));
    if (json_is_string(json_object_get(org, "stopped")))
        wallet_say(wallet, "  stopped       %s", shown(wallet, org, "stopped"));
}

static const char *endpoint_of(struct wallet *wallet, const char *label)
{
    const char *base = config_get(wallet, SETTING_RPC, NULL);
    size_t size = strlen(base);
    while (size > 0 && base[size - 1] == '/')
        size--;
    return arena_format(&wallet->arena, "%.*s/o/%s", (int)size, base, label);
}

/* Remembers which ledger is new there; makes the new organisation, and the founder if nobody was
 * named, the default. */
static bool keep_default(struct wallet *wallet, const struct founding *founding, const char *label,
                         const struct verified_ledger *ledger, struct error *error)
{
    struct pin pin = {.id = ledger->id};
    if (!config_keep_ledger(wallet, endpoint_of(wallet, label), ledger->chain_id, error)
        || !pins_put(wallet, endpoint_of(wallet, label), &pin, error))
        return false;
    if (!config_set(wallet, SETTING_ORG, label, error))
        return false;
    bool has_account = config_get(wallet, SETTING_ACCOUNT, NULL) != NULL;
    return has_account || config_set(wallet, SETTING_ACCOUNT, founding->founder.name, error);
}

COMMAND(org_create)
{
    struct error error;
    struct founding founding;
    json_t *org;
    (void)count;
    if (!read_founding(wallet, arguments[0], &founding, &error))
        return wallet_fail_error(wallet, &error,
                                 error.code == ERROR_NOT_FOUND
                                     ? "lwallet account new NAME"
                                     : "lwallet org create acme --symbol ACM --transparency open");
    if (options_has(&wallet->options, OPTION_DRY_RUN))
        return show_founding(wallet, &founding);
    enum wallet_exit code = chain_open(wallet, CHAIN_ADMIN);
    json_t *params = params_of(&founding);
    if (code == WALLET_OK && params == NULL)
        code = wallet_fail(wallet, WALLET_USAGE, NULL, "the name or reason is not UTF-8 text");
    if (code != WALLET_OK) {
        json_decref(params);
        return code;
    }
    code = chain_call(wallet, "org_create", json_pack("[o]", params), &org);
    if (code != WALLET_OK)
        return code;
    const char *label = shown(wallet, org, "label");
    if (strcmp(label, "-") == 0)
        label = founding.label;
    wallet_say(wallet, "founded %s, chain id %s", founding.name,
               shown_number(wallet, org, "chainId"));
    say_org(wallet, org);
    wallet_say(wallet, "  genesis coin  %s %s to %s for \"%s\", published in the charter",
               founding.grant, founding.symbol, founding.founder.name, founding.reason);
    wallet_say(wallet, "  address       %s", endpoint_of(wallet, label));
    struct verified_ledger ledger;
    wallet_put(wallet, "organisation", org);
    code = verify_org(wallet, org, &ledger);
    if (code != WALLET_OK)
        return code;
    if (!keep_default(wallet, &founding, label, &ledger, &error))
        return wallet_fail_error(wallet, &error, NULL);
    wallet_say(wallet,
               "this wallet now works with %s; another: --org LABEL, or lwallet config set "
               "org LABEL",
               label);
    wallet_put_text(wallet, "default", label);
    return WALLET_OK;
}

/* The node answers a list, or an object that holds it. */
static const json_t *list_of(const json_t *answer)
{
    const char *key;
    json_t *value;
    if (json_is_array(answer))
        return answer;
    json_object_foreach((json_t *)answer, key, value)
    {
        if (json_is_array(value))
            return value;
    }
    return NULL;
}

COMMAND(org_list)
{
    json_t *answer;
    (void)arguments;
    (void)count;
    const char *used = config_get(wallet, SETTING_ORG, NULL);
    enum wallet_exit code = chain_open(wallet, CHAIN_NODE);
    if (code == WALLET_OK)
        code = chain_call(wallet, "org_list", NULL, &answer);
    if (code != WALLET_OK)
        return code;
    const json_t *list = list_of(answer);
    size_t orgs = json_array_size(list);
    if (orgs == 0)
        wallet_say(wallet, "no organisation yet; found one: lwallet org create NAME --symbol SYM");
    for (size_t i = 0; i < orgs; i++) {
        const json_t *org = json_array_get(list, i);
        const char *label = shown(wallet, org, "label");
        wallet_say(wallet, "%-16s %-8s chain id %-16s block %s%s", label,
                   shown(wallet, org, "symbol"), shown_number(wallet, org, "chainId"),
                   shown_number(wallet, org, "height"),
                   used != NULL && strcmp(used, label) == 0 ? "  (this wallet's)" : "");
    }
    wallet_put(wallet, "organisations", json_deep_copy(list));
    json_decref(answer);
    return WALLET_OK;
}

COMMAND(org_show)
{
    json_t *org;
    if (count > 0)
        wallet->options.values[OPTION_ORG] = arguments[0];
    enum wallet_exit code = chain_call(wallet, "org_get", NULL, &org);
    if (code != WALLET_OK)
        return code;
    const char *label = shown(wallet, org, "label");
    wallet_say(wallet, "%s (%s)", shown(wallet, org, "name"), label);
    say_org(wallet, org);
    wallet_say(wallet, "  address       %s", endpoint_of(wallet, label));
    wallet_put(wallet, "organisation", org);
    return WALLET_OK;
}

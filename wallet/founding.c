#include "wallet/founding.h"

#include "ledger/codec/address_text.h"
#include "wallet/amount.h"
#include "wallet/config.h"
#include "wallet/pins.h"
#include "wallet/quorum.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define GRANT_DEFAULT  "1000"
#define REASON_DEFAULT "founding work"
#define LABEL_MAX      64

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

/* Of several nodes; alone, every mode is the same. */
static bool read_committee(struct wallet *wallet, struct founding *founding, struct error *error)
{
    const char *mode = wallet->options.values[OPTION_MODE];
    founding->mode = genesis_defaults().mode;
    founding->nodes = wallet->options.nodes_count > 0 ? wallet->options.nodes_count : 1;
    if (mode == NULL)
        return true;
    if (wallet->options.nodes_count == 0)
        return error_set(error, ERROR_INVALID, "--mode goes with several --node URL only");
    return quorum_mode_parse(&founding->mode, mode)
           || error_set(error, ERROR_INVALID, "--mode \"%.40s\": expected bft, crash or all", mode);
}

bool founding_read(struct wallet *wallet, const char *name, struct founding *founding,
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
           && read_committee(wallet, founding, error)
           && book_acting_account(wallet, &founding->founder, error)
           && read_transparency(wallet, founding, error);
}

json_t *founding_params(const struct founding *founding)
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

void founding_genesis(const struct founding *founding, uint64_t created, struct genesis_coin *coin,
                      struct genesis *genesis)
{
    struct error ignored; /* every text was checked */
    *genesis = genesis_defaults();
    *coin = (struct genesis_coin){.to = founding->founder.account};
    snprintf(genesis->name, sizeof genesis->name, "%s", founding->name);
    snprintf(genesis->symbol, sizeof genesis->symbol, "%s", founding->symbol);
    snprintf(coin->reason, sizeof coin->reason, "%s", founding->reason);
    genesis->founder = founding->founder.account;
    genesis->created = created;
    genesis->chain_id_fixed = founding->chain_id;
    genesis->mode = founding->mode;
    genesis->fees = strcmp(founding->fees, "market") == 0 ? FEES_MARKET : FEES_FREE;
    (void)vm_fork_parse(&genesis->fork, founding->fork);
    (void)transparency_parse(&genesis->transparency, founding->transparency);
    if (founding->base_fee != NULL)
        (void)u256_parse_decimal(&genesis->base_fee_floor, founding->base_fee,
                                 strlen(founding->base_fee));
    if (amount_parse(&coin->amount_wei, founding->grant, &ignored)
        && !u256_is_zero(&coin->amount_wei)) {
        genesis->coins = coin;
        genesis->coins_count = 1;
    }
}

enum wallet_exit founding_show(struct wallet *wallet, const struct founding *founding)
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
    if (founding->nodes == 1)
        wallet_say(wallet, "  committee     fixed, this node alone; stake 0");
    else
        wallet_say(wallet, "  committee     fixed, %zu nodes, mode %s: %s; stake 0",
                   founding->nodes, quorum_mode_name(founding->mode),
                   quorum_meaning(founding->mode, (unsigned)founding->nodes, &wallet->arena));
    wallet_say(wallet,
               "  blocks        when there is work, at least every %" PRIu64 " ms then; %" PRIu64
               " gas",
               defaults.parameters.pulse_ms, defaults.parameters.gas_limit);
    wallet_put(wallet, "dryRun", json_true());
    wallet_put(wallet, "params", founding_params(founding));
    return WALLET_OK;
}

const char *founding_endpoint_at(struct wallet *wallet, const char *url, const char *label)
{
    size_t size = strlen(url);
    while (size > 0 && url[size - 1] == '/')
        size--;
    return arena_format(&wallet->arena, "%.*s/o/%s", (int)size, url, label);
}

const char *founding_endpoint(struct wallet *wallet, const char *label)
{
    return founding_endpoint_at(wallet, config_get(wallet, SETTING_RPC, NULL), label);
}

bool founding_keep_default(struct wallet *wallet, const struct founding *founding,
                           const char *label, const struct verified_ledger *ledger,
                           struct error *error)
{
    struct pin pin = {.id = ledger->id};
    if (!config_keep_ledger(wallet, founding_endpoint(wallet, label), ledger->chain_id, error)
        || !pins_put(wallet, founding_endpoint(wallet, label), &pin, error))
        return false;
    if (!config_set(wallet, SETTING_ORG, label, error))
        return false;
    bool has_account = config_get(wallet, SETTING_ACCOUNT, NULL) != NULL;
    return has_account || config_set(wallet, SETTING_ACCOUNT, founding->founder.name, error);
}

#include "node/dev.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "vm/base/hex.h"

#define DEV_LABEL      "dev"
#define DEV_CHAIN_ID   1337
#define DEV_PULSE_MS   250
#define DEV_GAS_LIMIT  1000000000
#define DEV_BLOCK_SIZE 8388608 /* bytes; consensus 2.16 */
#define DEV_FUND_COINS 10000
#define COIN_DECIMALS  18

const char *const dev_flags[] = {"dev",       "chain-id",   "fund",     "org",  "pulse",
                                 "gas-limit", "block-size", "base-fee", "fork", NULL};

static bool take_number(const struct arguments *arguments, const char *name, uint64_t max,
                        uint64_t *out, bool *is_given, struct error *error)
{
    const char *text = arguments_flag(arguments, name);
    char *end;

    *is_given = text != NULL;
    if (text == NULL)
        return true;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > max)
        return error_set(error, ERROR_INVALID, "--%s %.60s: expected a number from 0 to %" PRIu64,
                         name, text, max);
    *out = number;
    return true;
}

static u256 coins_to_wei(const u256 *coins, bool *overflows)
{
    u256 ten = u256_from_u64(10), decimals = u256_from_u64(COIN_DECIMALS), wei;
    u256 unit = u256_exp(&ten, &decimals);
    *overflows = u256_mul_overflows(coins, &unit, &wei);
    return wei;
}

/* ADDRESS[=AMOUNT], the amount in whole coins. */
static bool parse_fund(struct genesis_coin *coin, const char *text, struct error *error)
{
    const char *equals = strchr(text, '=');
    size_t address_size = equals == NULL ? strlen(text) : (size_t)(equals - text);
    u256 coins = u256_from_u64(DEV_FUND_COINS);
    bool overflows;

    *coin = (struct genesis_coin){.reason = "lnode --dev"};
    if (!hex_decode_fixed(coin->to.bytes, sizeof coin->to.bytes, text, address_size))
        return error_set(error, ERROR_INVALID,
                         "--fund %.80s: expected ADDRESS or ADDRESS=AMOUNT, the address 0x and 40 "
                         "hex digits",
                         text);
    if (equals != NULL && !u256_parse_decimal(&coins, equals + 1, strlen(equals + 1)))
        return error_set(error, ERROR_INVALID, "--fund %.120s: expected the amount in whole coins",
                         text);
    coin->amount_wei = coins_to_wei(&coins, &overflows);
    if (overflows)
        return error_set(error, ERROR_INVALID, "--fund %.120s: more coins than 256 bits hold",
                         text);
    return true;
}

static bool parse_funds(struct dev_options *options, const struct arguments *arguments,
                        struct error *error)
{
    for (size_t i = 0; i < arguments->flags_count; i++) {
        if (strcmp(arguments->flags[i].name, "fund") != 0)
            continue;
        if (options->funds_count == DEV_FUNDS_MAX)
            return error_set(error, ERROR_INVALID, "more than %d --fund", DEV_FUNDS_MAX);
        if (!parse_fund(&options->funds[options->funds_count++], arguments->flags[i].value, error))
            return false;
    }
    return true;
}

static bool parse_base_fee(struct dev_options *options, const struct arguments *arguments,
                           struct error *error)
{
    const char *text = arguments_flag(arguments, "base-fee");
    options->has_base_fee = text != NULL;
    if (text != NULL && !u256_parse_decimal(&options->base_fee, text, strlen(text)))
        return error_set(error, ERROR_INVALID, "--base-fee %.60s: expected wei a gas, a number",
                         text);
    return true;
}

bool dev_options_parse(struct dev_options *options, const struct arguments *arguments,
                       struct error *error)
{
    const char *label = arguments_flag(arguments, "org");

    *options = (struct dev_options){
        .chain_id = DEV_CHAIN_ID,
        .pulse_ms = DEV_PULSE_MS,
        .gas_limit = DEV_GAS_LIMIT,
        .block_size = DEV_BLOCK_SIZE,
        .fork = VM_FORK_NEWEST,
    };
    if (label == NULL)
        label = DEV_LABEL;
    if (!label_check(label, error))
        return error_prefix(error, "--org");
    memcpy(options->label, label, strlen(label) + 1);
    return take_number(arguments, "chain-id", GENESIS_CHAIN_ID_MAX, &options->chain_id,
                       &options->has_chain_id, error)
           && take_number(arguments, "pulse", 3600000, &options->pulse_ms, &options->has_pulse,
                          error)
           && take_number(arguments, "gas-limit", GENESIS_GAS_LIMIT_MAX, &options->gas_limit,
                          &options->has_gas_limit, error)
           && take_number(arguments, "block-size", UINT32_MAX, &options->block_size,
                          &options->has_block_size, error)
           && arguments_fork(arguments, &options->fork, &options->has_fork, error)
           && parse_base_fee(options, arguments, error) && parse_funds(options, arguments, error);
}

static bool found_new(struct shelf *shelf, const struct dev_options *options, uint64_t now_s,
                      struct error *error)
{
    struct founding founding = {.genesis = genesis_defaults()};
    struct genesis *genesis = &founding.genesis;
    struct org_summary summary;

    memcpy(founding.label, options->label, sizeof founding.label);
    snprintf(genesis->name, sizeof genesis->name, "%.60s", options->label);
    snprintf(genesis->symbol, sizeof genesis->symbol, "DEV");
    if (options->funds_count > 0)
        genesis->founder = options->funds[0].to;
    else
        genesis->founder.bytes[19] = 1; /* nobody's: a ledger that only reads were wanted of */
    genesis->created = now_s;
    genesis->chain_id_fixed = options->chain_id;
    genesis->fork = options->fork;
    genesis->parameters.pulse_ms = options->pulse_ms;
    genesis->parameters.gas_limit = options->gas_limit;
    genesis->parameters.block_size_max = options->block_size;
    genesis->fees = u256_is_zero(&options->base_fee) ? FEES_FREE : FEES_MARKET;
    genesis->base_fee_floor = options->base_fee;
    genesis->coins = (struct genesis_coin *)options->funds;
    genesis->coins_count = options->funds_count;
    return shelf_found(shelf, &founding, true, &summary, error);
}

static bool contradicts(const char *flag, uint64_t said, uint64_t is, const char *label,
                        struct error *error)
{
    return error_set(error, ERROR_INVALID,
                     "--%s %" PRIu64 " contradicts the ledger %s in this data directory, which has "
                     "%" PRIu64 "; leave the flag out, or choose another --org or --data-dir",
                     flag, said, label, is);
}

static bool check_funds(const struct dev_options *options, const struct genesis *genesis,
                        struct error *error)
{
    for (size_t i = 0; i < options->funds_count; i++) {
        bool is_there = false;
        for (size_t j = 0; j < genesis->coins_count && !is_there; j++)
            is_there = address_equal(&options->funds[i].to, &genesis->coins[j].to)
                       && u256_equal(&options->funds[i].amount_wei, &genesis->coins[j].amount_wei);
        if (!is_there) {
            char account[41] = {0};
            hex_encode(account, options->funds[i].to.bytes, sizeof options->funds[i].to.bytes);
            return error_set(error, ERROR_INVALID,
                             "--fund 0x%s contradicts the ledger %s in this data directory, whose "
                             "genesis funds it otherwise or not; leave the flag out, or choose "
                             "another --org or --data-dir",
                             account, options->label);
        }
    }
    return true;
}

static bool check_existing(const struct organisation *org, const struct dev_options *options,
                           struct error *error)
{
    const struct genesis *genesis = &org->genesis;
    const struct consensus_parameters *parameters = &genesis->parameters;

    if (options->has_chain_id && options->chain_id != org->chain_id)
        return contradicts("chain-id", options->chain_id, org->chain_id, org->label, error);
    if (options->has_pulse && options->pulse_ms != parameters->pulse_ms)
        return contradicts("pulse", options->pulse_ms, parameters->pulse_ms, org->label, error);
    if (options->has_gas_limit && options->gas_limit != parameters->gas_limit)
        return contradicts("gas-limit", options->gas_limit, parameters->gas_limit, org->label,
                           error);
    if (options->has_block_size && options->block_size != parameters->block_size_max)
        return contradicts("block-size", options->block_size, parameters->block_size_max,
                           org->label, error);
    u256 floor = genesis->fees == FEES_FREE ? U256_ZERO : genesis->base_fee_floor;
    if (options->has_base_fee && !u256_equal(&options->base_fee, &floor))
        return contradicts("base-fee", options->base_fee.limbs[0], floor.limbs[0], org->label,
                           error);
    if (options->has_fork && options->fork != genesis->fork)
        return error_set(error, ERROR_INVALID,
                         "--fork %s contradicts the ledger %s in this data directory, which runs "
                         "%s; leave the flag out, or choose another --org or --data-dir",
                         vm_fork_name(options->fork), org->label, vm_fork_name(genesis->fork));
    return check_funds(options, genesis, error);
}

bool dev_prepare(struct shelf *shelf, const struct dev_options *options, uint64_t now_s,
                 struct error *error)
{
    const struct organisation *org = shelf_find(shelf, options->label);
    if (org == NULL)
        return found_new(shelf, options, now_s, error);
    return check_existing(org, options, error);
}

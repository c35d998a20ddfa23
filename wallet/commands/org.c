/* org create, list, show. */
#include "ledger/codec/abi_text.h"
#include "ledger/codec/address_text.h"
#include "ledger/org/genesis.h"
#include "vm/base/hex.h"
#include "wallet/amount.h"
#include "wallet/book.h"
#include "wallet/chain.h"
#include "wallet/commands/commands.h"
#include "wallet/commands/org.h"
#include "wallet/config.h"
#include "wallet/founding.h"
#include "wallet/phrase.h"
#include "wallet/verify.h"

#include <inttypes.h>
#include <stdio.h>

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

void org_say(struct wallet *wallet, const json_t *org)
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

COMMAND(org_create)
{
    struct error error;
    struct founding founding;
    json_t *org;
    (void)count;
    if (!founding_read(wallet, arguments[0], &founding, &error))
        return wallet_fail_error(wallet, &error,
                                 error.code == ERROR_NOT_FOUND
                                     ? "lwallet account new NAME"
                                     : "lwallet org create acme --symbol ACM --transparency open");
    if (options_has(&wallet->options, OPTION_DRY_RUN))
        return founding_show(wallet, &founding);
    if (wallet->options.nodes_count > 0)
        return together_found(wallet, &founding);
    enum wallet_exit code = chain_open(wallet, CHAIN_ADMIN);
    json_t *params = founding_params(&founding);
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
    org_say(wallet, org);
    wallet_say(wallet, "  genesis coin  %s %s to %s for \"%s\", published in the charter",
               founding.grant, founding.symbol, founding.founder.name, founding.reason);
    wallet_say(wallet, "  address       %s", founding_endpoint(wallet, label));
    struct verified_ledger ledger;
    wallet_put(wallet, "organisation", org);
    code = verify_org(wallet, org, &ledger);
    if (code != WALLET_OK)
        return code;
    if (!founding_keep_default(wallet, &founding, label, &ledger, &error))
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
    org_say(wallet, org);
    wallet_say(wallet, "  address       %s", founding_endpoint(wallet, label));
    wallet_put(wallet, "organisation", org);
    return WALLET_OK;
}

/* org connect: what other tools need to use an organisation's ledger. */
#include "rpc/client.h"
#include "wallet/chain.h"
#include "wallet/commands/commands.h"
#include "wallet/config.h"
#include "rpc/qr.h"

#include <ctype.h>
#include <inttypes.h>

struct network {
    const char *label;
    const char *name; /* for code: printable, without quotes and backslashes */
    const char *symbol;
    const char *url;
    uint64_t chain_id;
    bool is_free; /* transactions cost nothing */
};

typedef void (*snippet_fn)(struct wallet *wallet, const struct network *network);

/* Names and addresses that mean this very machine, which no phone can reach. */
static bool is_this_machine(const char *url)
{
    static const char *const HOSTS[] = {"localhost", "127.", "[::1]"};
    const char *host = strstr(url, "://");
    for (size_t i = 0; host != NULL && i < sizeof HOSTS / sizeof *HOSTS; i++)
        if (strncasecmp(host + 3, HOSTS[i], strlen(HOSTS[i])) == 0)
            return true;
    return false;
}

/* The status page's address, for the browser within a phone's wallet. */
static void say_qr(struct wallet *wallet, const char *url)
{
    struct error error;
    struct buffer picture = {0};
    if (is_this_machine(url)) {
        wallet_say(wallet, "(no QR code for a phone: the address means this machine)");
        return;
    }
    if (qr_draw(url, &picture, &error)) {
        wallet_say(wallet, "On a phone, read this with the wallet and press the button there:");
        buffer_append_bytes(&wallet->lines, buffer_view(&picture));
    } else {
        wallet_say(wallet, "%s", error.text);
    }
    buffer_cleanup(&picture);
}

static void say_metamask(struct wallet *wallet, const struct network *network)
{
    wallet_say(wallet, "MetaMask, Add a custom network:");
    wallet_say(wallet, "  Network name        %s", network->name);
    wallet_say(wallet, "  RPC URL             %s", network->url);
    wallet_say(wallet, "  Chain ID            %" PRIu64, network->chain_id);
    wallet_say(wallet, "  Currency symbol     %s", network->symbol);
    wallet_say(wallet, "or open that address in a browser and press \"Add to wallet\".");
    say_qr(wallet, network->url);
}

/* For Hardhat 3, which wants the type, and Hardhat 2, which does not look at it. Both offer at
 * least 1 wei a gas of their own accord, which an account without coin cannot pay. */
static void say_hardhat(struct wallet *wallet, const struct network *network)
{
    wallet_say(wallet, "hardhat.config.js, under networks:");
    wallet_say(wallet, "  \"%s\": {", network->label);
    wallet_say(wallet, "    type: \"http\",");
    wallet_say(wallet, "    url: \"%s\",", network->url);
    wallet_say(wallet, "    chainId: %" PRIu64 ",", network->chain_id);
    if (network->is_free)
        wallet_say(wallet, "    gasPrice: 0,");
    wallet_say(wallet, "    accounts: process.env.KEY ? [process.env.KEY] : [],");
    wallet_say(wallet, "  },");
    wallet_say(wallet, "then: npx hardhat test --network %s", network->label);
}

static void say_foundry(struct wallet *wallet, const struct network *network)
{
    wallet_say(wallet, "foundry.toml:");
    wallet_say(wallet, "  [rpc_endpoints]");
    wallet_say(wallet, "  %s = \"%s\"", network->label, network->url);
    wallet_say(wallet, "then: cast block latest --rpc-url %s", network->label);
    if (network->is_free)
        wallet_say(wallet, "an account without coin sends with: --gas-price 0 "
                           "--priority-gas-price 0");
}

static void say_viem(struct wallet *wallet, const struct network *network)
{
    wallet_say(wallet, "import { defineChain } from 'viem';");
    wallet_say(wallet, "export const chain = defineChain({");
    wallet_say(wallet, "  id: %" PRIu64 ",", network->chain_id);
    wallet_say(wallet, "  name: '%s',", network->name);
    wallet_say(wallet, "  nativeCurrency: { name: '%s', symbol: '%s', decimals: 18 },",
               network->symbol, network->symbol);
    wallet_say(wallet, "  rpcUrls: { default: { http: ['%s'] } },", network->url);
    wallet_say(wallet, "});");
}

static const struct {
    const char *tool;
    snippet_fn say;
} snippets[] = {
    {"metamask", say_metamask},
    {"hardhat", say_hardhat},
    {"foundry", say_foundry},
    {"viem", say_viem},
};

/* What a node says is pasted into programs, so nothing in it may end a text there. */
static const char *plain(struct wallet *wallet, const json_t *org, const char *key,
                         const char *fallback)
{
    const char *text = json_string_value(json_object_get(org, key));
    char *copy = arena_text(&wallet->arena, bytes_of_text(text != NULL ? text : fallback));
    for (char *c = copy; *c != '\0'; c++)
        if (!(isalnum((unsigned char)*c) || strchr(" ._-", *c) != NULL))
            *c = '-';
    return copy;
}

static enum wallet_exit read_network(struct wallet *wallet, struct network *network)
{
    u256 chain_id;
    json_t *org;
    enum wallet_exit code = chain_call(wallet, "org_get", NULL, &org);
    if (code == WALLET_OK) {
        network->label = plain(wallet, org, "label", "leither");
        network->name = plain(wallet, org, "name", "Leither");
        network->symbol = plain(wallet, org, "symbol", "COIN");
        const char *fees = json_string_value(json_object_get(org, "fees"));
        network->is_free = fees != NULL && strcmp(fees, "free") == 0;
        code = chain_quantity(wallet, "eth_chainId", NULL, &chain_id);
        network->chain_id = chain_id.limbs[0];
    }
    json_decref(org);
    network->url = rpc_client_url(wallet->node);
    return code;
}

COMMAND(org_connect)
{
    struct network network = {0};
    const char *tool = wallet->options.values[OPTION_FOR];
    bool is_known = tool == NULL;
    for (size_t i = 0; i < sizeof snippets / sizeof *snippets && !is_known; i++)
        is_known = strcmp(snippets[i].tool, tool) == 0;
    if (!is_known)
        return wallet_fail(wallet, WALLET_USAGE, "lwallet org connect --for hardhat",
                           "--for \"%.40s\": expected metamask, hardhat, foundry or viem", tool);
    if (count > 0)
        wallet->options.values[OPTION_ORG] = arguments[0];
    enum wallet_exit code = chain_open(wallet, CHAIN_ORG);
    if (code == WALLET_OK)
        code = read_network(wallet, &network);
    if (code != WALLET_OK)
        return code;
    if (tool == NULL) {
        wallet_say(wallet, "%s", network.url);
        wallet_say(wallet, "  chain id %" PRIu64 ", coin %s with 18 decimals", network.chain_id,
                   network.symbol);
        wallet_say(wallet, "  for a tool: --for metamask, hardhat, foundry or viem");
    }
    for (size_t i = 0; i < sizeof snippets / sizeof *snippets && tool != NULL; i++)
        if (strcmp(snippets[i].tool, tool) == 0)
            snippets[i].say(wallet, &network);
    wallet_put_text(wallet, "url", network.url);
    wallet_put(wallet, "chainId", json_integer((json_int_t)network.chain_id));
    wallet_put_text(wallet, "name", network.name);
    wallet_put_text(wallet, "symbol", network.symbol);
    if (tool != NULL)
        wallet_put(wallet, "snippet",
                   json_stringn((const char *)wallet->lines.data, wallet->lines.size));
    return WALLET_OK;
}

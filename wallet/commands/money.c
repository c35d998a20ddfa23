/* transfer, balance, receipt. */
#include "ledger/codec/address_text.h"
#include "vm/base/hex.h"
#include "wallet/amount.h"
#include "wallet/artifact.h"
#include "wallet/book.h"
#include "wallet/chain.h"
#include "wallet/commands/commands.h"
#include "wallet/send.h"
#include "wallet/verify.h"

#include <inttypes.h>

COMMAND(transfer)
{
    struct error error;
    const char *symbol;
    struct send_request request = {0};
    char amount[AMOUNT_TEXT_SIZE];
    (void)count;
    if (!amount_parse(&request.value_wei, arguments[0], &error))
        return wallet_fail_error(wallet, &error, "lwallet transfer 5 ACM bob");
    if (!book_resolve(wallet, arguments[2], &request.to, &error))
        return wallet_fail_error(wallet, &error, "lwallet contact add NAME 0x...");
    enum wallet_exit code = chain_symbol(wallet, &symbol);
    if (code != WALLET_OK)
        return code;
    if (strcmp(symbol, arguments[1]) != 0)
        return wallet_fail(wallet, WALLET_USAGE,
                           strcasecmp(symbol, arguments[1]) != 0
                               ? "lwallet org list"
                               : arena_format(&wallet->arena, "lwallet transfer %s %s %s",
                                              arguments[0], symbol, arguments[2]),
                           "this ledger's coin is %s, not %.20s; nothing was sent", symbol,
                           arguments[1]);
    amount_format(amount, &request.value_wei);
    const char *who = book_describe(wallet, &request.to);
    request.done = arena_format(&wallet->arena, "sent %s %s to %s", amount, symbol, who);
    request.meaning = arena_format(&wallet->arena, "send %s %s to %s", amount, symbol, who);
    wallet_put_text(wallet, "amount", amount);
    wallet_put_text(wallet, "symbol", symbol);
    return send_transaction(wallet, &request);
}

/* Whose balance: the argument, else the acting account. */
static bool find_holder(struct wallet *wallet, const char *const *arguments, size_t count,
                        address *holder, struct error *error)
{
    struct book_entry acting;
    if (count > 0)
        return book_resolve(wallet, arguments[0], holder, error);
    if (!book_acting_account(wallet, &acting, error))
        return false;
    *holder = acting.account;
    return true;
}

/* A block argument as a height; false for a tag that moves. */
static bool is_height(const char *at, uint64_t *height)
{
    u256 number;
    if (strcmp(at, "earliest") == 0) {
        *height = 0;
        return true;
    }
    bool ok = u256_parse_hex(&number, at, strlen(at)) && u256_fits_u64(&number);
    *height = ok ? number.limbs[0] : 0;
    return ok;
}

struct holding {
    address holder;
    const char *at; /* block argument */
    u256 wei;
    struct verified_ledger ledger;
    struct verified_block block;
};

/* Nobody can prove a block that is not made yet. */
static enum wallet_exit check_made(struct wallet *wallet, const struct verified_ledger *ledger,
                                   uint64_t height)
{
    u256 head;
    if (height <= ledger->height_seen)
        return WALLET_OK;
    enum wallet_exit code = chain_quantity(wallet, "eth_blockNumber", NULL, &head);
    if (code == WALLET_OK && u256_fits_u64(&head) && height > head.limbs[0])
        code = wallet_fail(wallet, WALLET_REFUSED, "lwallet balance",
                           "there is no block %" PRIu64 " yet; the last one is %" PRIu64, height,
                           head.limbs[0]);
    return code;
}

static enum wallet_exit read_verified(struct wallet *wallet, struct holding *holding)
{
    struct account account;
    uint64_t height;
    if (strcmp(holding->at, "pending") == 0)
        return verify_refuse(wallet, "what is pending is in no block yet, so nothing proves it");
    enum wallet_exit code = verify_ledger(wallet, &holding->ledger);
    if (code == WALLET_OK && is_height(holding->at, &height))
        code = check_made(wallet, &holding->ledger, height);
    if (code == WALLET_OK)
        code = is_height(holding->at, &height)
                   ? verify_block(wallet, &holding->ledger, height, &holding->block)
                   : verify_head(wallet, &holding->ledger, &holding->block);
    if (code == WALLET_OK)
        code = verify_account(wallet, &holding->block, &holding->holder, &account);
    if (code == WALLET_OK)
        holding->wei = account.balance;
    return code;
}

static enum wallet_exit read_trusted(struct wallet *wallet, struct holding *holding)
{
    char text[ADDRESS_TEXT_SIZE];
    address_format(text, &holding->holder);
    return chain_quantity(wallet, "eth_getBalance", json_pack("[s, s]", text, holding->at),
                          &holding->wei);
}

static void show_holding(struct wallet *wallet, const struct holding *holding, const char *symbol)
{
    char text[ADDRESS_TEXT_SIZE];
    char amount[AMOUNT_TEXT_SIZE];
    char exact[U256_DECIMAL_SIZE];
    address_format(text, &holding->holder);
    amount_format(amount, &holding->wei);
    u256_format_decimal(exact, &holding->wei);
    wallet_say(wallet, "%s %s", amount, symbol);
    wallet_say(wallet, "  %s", book_describe(wallet, &holding->holder));
    wallet_put_text(wallet, "address", text);
    wallet_put_text(wallet, "balance", amount);
    wallet_put_text(wallet, "symbol", symbol);
    wallet_put_text(wallet, "wei", exact);
    wallet_put_text(wallet, "at", holding->at);
}

COMMAND(balance)
{
    struct error error;
    const char *symbol;
    struct holding holding = {.at = "latest"};
    const char *wanted = wallet->options.values[OPTION_AT];
    bool is_trusted = options_has(&wallet->options, OPTION_TRUST);
    if (!find_holder(wallet, arguments, count, &holding.holder, &error)
        || (wanted != NULL && !chain_block_argument(wallet, wanted, &holding.at, &error)))
        return wallet_fail_error(wallet, &error, NULL);
    enum wallet_exit code =
        is_trusted ? read_trusted(wallet, &holding) : read_verified(wallet, &holding);
    if (code == WALLET_OK)
        code = chain_symbol(wallet, &symbol);
    if (code != WALLET_OK)
        return code;
    show_holding(wallet, &holding, symbol);
    if (is_trusted)
        verify_say_trusted(wallet);
    else
        verify_say(wallet, &holding.block);
    return WALLET_OK;
}

/* Without a receipt it may still be on its way. */
static enum wallet_exit explain_missing(struct wallet *wallet, const char *hash)
{
    json_t *found;
    enum wallet_exit code =
        chain_call(wallet, "eth_getTransactionByHash", json_pack("[s]", hash), &found);
    bool is_waiting = json_is_object(found);
    json_decref(found);
    if (code != WALLET_OK)
        return code;
    if (is_waiting)
        return wallet_fail(wallet, WALLET_NOT_FINAL,
                           arena_format(&wallet->arena, "lwallet receipt %s", hash),
                           "transaction %s is known, but not yet final", hash);
    return wallet_fail(wallet, WALLET_NOT_FOUND, "lwallet org list",
                       "this ledger has no transaction %s; is it on another one?", hash);
}

/* Nothing of a receipt is shown before it is proven. */
static enum wallet_exit show_receipt(struct wallet *wallet, const hash256 *hash,
                                     const json_t *receipt, const struct abi *abi)
{
    struct verified_ledger ledger;
    struct verified_block block;
    bool has_abi = options_has(&wallet->options, OPTION_ABI);
    bool is_trusted = options_has(&wallet->options, OPTION_TRUST);
    if (!is_trusted) {
        enum wallet_exit code = verify_ledger(wallet, &ledger);
        if (code == WALLET_OK)
            code = verify_receipt(wallet, &ledger, hash, receipt, &block);
        if (code != WALLET_OK)
            return code;
    }
    enum wallet_exit code =
        send_show_receipt(wallet, receipt, has_abi ? abi : NULL, "done and final");
    if (is_trusted)
        verify_say_trusted(wallet);
    else
        verify_say(wallet, &block);
    return code;
}

COMMAND(receipt)
{
    struct error error;
    hash256 hash;
    json_t *receipt;
    struct abi abi = {0};
    (void)count;
    if (!hex_decode_fixed(hash.bytes, sizeof hash.bytes, arguments[0], strlen(arguments[0])))
        return wallet_fail(wallet, WALLET_USAGE, NULL,
                           "\"%.80s\" is no transaction hash; expected 0x and 64 hex digits",
                           arguments[0]);
    if (!artifact_read_abi(wallet, &abi, &error))
        return wallet_fail_error(wallet, &error, NULL);
    enum wallet_exit code =
        chain_call(wallet, "eth_getTransactionReceipt", json_pack("[s]", arguments[0]), &receipt);
    if (code != WALLET_OK)
        return code;
    code = json_is_object(receipt) ? show_receipt(wallet, &hash, receipt, &abi)
                                   : explain_missing(wallet, arguments[0]);
    json_decref(receipt);
    return code;
}

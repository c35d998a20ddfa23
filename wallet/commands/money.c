/* transfer, balance, receipt. */
#include "ledger/codec/address_text.h"
#include "vm/base/hex.h"
#include "wallet/amount.h"
#include "wallet/artifact.h"
#include "wallet/book.h"
#include "wallet/chain.h"
#include "wallet/commands/commands.h"
#include "wallet/send.h"

COMMAND(transfer)
{
    struct error error;
    const char *symbol;
    struct send_request request = {0};
    char amount[AMOUNT_TEXT_SIZE];
    (void)count;
    if (!amount_parse(&request.value_wei, arguments[0], &error)
        || !book_resolve(wallet, arguments[2], &request.to, &error))
        return wallet_fail_error(wallet, &error, "lwallet transfer 5 ACM bob");
    enum wallet_exit code = chain_symbol(wallet, &symbol);
    if (code != WALLET_OK)
        return code;
    if (strcmp(symbol, arguments[1]) != 0)
        return wallet_fail(wallet, WALLET_USAGE, "lwallet org list",
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

COMMAND(balance)
{
    struct error error;
    address holder;
    u256 wei;
    const char *symbol;
    const char *at = "latest";
    const char *wanted = wallet->options.values[OPTION_AT];
    char text[ADDRESS_TEXT_SIZE];
    char amount[AMOUNT_TEXT_SIZE];
    char exact[U256_DECIMAL_SIZE];
    if (!find_holder(wallet, arguments, count, &holder, &error)
        || (wanted != NULL && !chain_block_argument(wallet, wanted, &at, &error)))
        return wallet_fail_error(wallet, &error, NULL);
    enum wallet_exit code = chain_symbol(wallet, &symbol);
    address_format(text, &holder);
    if (code == WALLET_OK)
        code = chain_quantity(wallet, "eth_getBalance", json_pack("[s, s]", text, at), &wei);
    if (code != WALLET_OK)
        return code;
    amount_format(amount, &wei);
    u256_format_decimal(exact, &wei);
    wallet_say(wallet, "%s %s", amount, symbol);
    wallet_say(wallet, "  %s, %s%s", book_describe(wallet, &holder),
               wanted == NULL ? "at the latest block" : "at block ", wanted == NULL ? "" : wanted);
    wallet_put_text(wallet, "address", text);
    wallet_put_text(wallet, "balance", amount);
    wallet_put_text(wallet, "symbol", symbol);
    wallet_put_text(wallet, "wei", exact);
    wallet_put_text(wallet, "at", at);
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
    bool has_abi = options_has(&wallet->options, OPTION_ABI);
    code = json_is_object(receipt)
               ? send_show_receipt(wallet, receipt, has_abi ? &abi : NULL, "done and final")
               : explain_missing(wallet, arguments[0]);
    json_decref(receipt);
    return code;
}

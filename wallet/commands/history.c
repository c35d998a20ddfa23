/* history: what touched an account, page by page, from the node's index. */
#include "ledger/codec/abi_text.h"
#include "ledger/codec/address_text.h"
#include "vm/base/hex.h"
#include "wallet/amount.h"
#include "wallet/book.h"
#include "wallet/chain.h"
#include "wallet/commands/commands.h"
#include "wallet/verify.h"

#include <inttypes.h>
#include <time.h>

#define PAGE_DEFAULT  25
#define PAGE_MAX      100
#define NEXT_TEXT_MAX 128

/* A text of the node's, safe for a terminal; "-" for anything else. */
static const char *safe(struct wallet *wallet, const json_t *object, const char *name)
{
    struct buffer text = {0};
    const json_t *value = json_object_get(object, name);
    if (!json_is_string(value))
        return "-";
    text_format_safe(bytes_of(json_string_value(value), json_string_length(value)), &text);
    const char *copy = arena_text(&wallet->arena, buffer_view(&text));
    buffer_cleanup(&text);
    return copy;
}

static const char *who(struct wallet *wallet, const json_t *object, const char *name)
{
    address account;
    const char *text = json_string_value(json_object_get(object, name));
    if (text == NULL || address_parse(&account, text) == ADDRESS_BAD_FORM)
        return safe(wallet, object, name);
    return book_describe(wallet, &account);
}

static const char *coins(struct wallet *wallet, const json_t *object, const char *name,
                         const char *symbol)
{
    u256 wei;
    char amount[AMOUNT_TEXT_SIZE];
    if (!chain_read_quantity(object, name, &wei))
        return "?";
    amount_format(amount, &wei);
    return arena_format(&wallet->arena, "%s %s", amount, symbol);
}

static void say_tokens(struct wallet *wallet, const json_t *entry)
{
    const json_t *list = json_object_get(entry, "tokenTransfers");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *transfer = json_array_get(list, i);
        u256 amount = U256_ZERO, id;
        char text[U256_DECIMAL_SIZE], id_text[U256_DECIMAL_SIZE] = "";
        (void)chain_read_quantity(transfer, "amount", &amount);
        u256_format_decimal(text, &amount);
        const bool has_id = chain_read_quantity(transfer, "tokenId", &id);
        if (has_id)
            u256_format_decimal(id_text, &id);
        wallet_say(wallet, "    %s of token %s%s%s from %s to %s", text,
                   who(wallet, transfer, "token"), has_id ? " id " : "", id_text,
                   who(wallet, transfer, "from"), who(wallet, transfer, "to"));
    }
}

/* "block 17  2026-11-23 09:30", in this machine's time zone. */
static const char *when(struct wallet *wallet, const json_t *entry)
{
    uint64_t block = 0, seconds = 0;
    char date[32] = "-";
    struct tm local;
    (void)chain_read_u64(entry, "blockNumber", &block);
    time_t time = chain_read_u64(entry, "blockTimestamp", &seconds) && seconds <= INT32_MAX * 100ull
                      ? (time_t)seconds
                      : 0;
    if (time != 0 && localtime_r(&time, &local) != NULL)
        strftime(date, sizeof date, "%Y-%m-%d %H:%M", &local);
    return arena_format(&wallet->arena, "block %" PRIu64 "  %s", block, date);
}

static void say_transaction(struct wallet *wallet, const json_t *entry, const char *symbol)
{
    uint64_t status = 0;
    bool is_create = json_is_null(json_object_get(entry, "to"));
    bool is_good = chain_read_u64(entry, "status", &status) && status == 1;
    wallet_say(wallet, "%s  %s from %s to %s%s", when(wallet, entry),
               coins(wallet, entry, "value", symbol), who(wallet, entry, "from"),
               is_create ? who(wallet, entry, "contractAddress") : who(wallet, entry, "to"),
               !is_good    ? "  (reverted)"
               : is_create ? "  (new contract)"
                           : "");
    wallet_say(wallet, "    %s", safe(wallet, entry, "transactionHash"));
    say_tokens(wallet, entry);
}

static void say_entry(struct wallet *wallet, const json_t *entry, const char *symbol)
{
    const json_t *credited = json_object_get(entry, "coins");
    if (json_object_get(entry, "transactionHash") != NULL)
        say_transaction(wallet, entry, symbol);
    for (size_t i = 0; i < json_array_size(credited); i++) {
        const json_t *coin = json_array_get(credited, i);
        wallet_say(wallet, "%s  %s by the block itself: %s", when(wallet, entry),
                   coins(wallet, coin, "amount", symbol), safe(wallet, coin, "reason"));
    }
}

static enum wallet_exit show_page(struct wallet *wallet, const address *holder, const json_t *page)
{
    const char *symbol;
    const json_t *entries = json_object_get(page, "entries");
    const json_t *next = json_object_get(page, "next");
    enum wallet_exit code = chain_symbol(wallet, &symbol);
    if (code != WALLET_OK)
        return code;
    if (!json_is_array(entries))
        return wallet_fail(wallet, WALLET_UNREACHABLE, NULL, "the node's history has no entries");
    wallet_say(wallet, "%s", book_describe(wallet, holder));
    if (json_array_size(entries) == 0)
        wallet_say(wallet, "nothing touched it");
    for (size_t i = 0; i < json_array_size(entries); i++)
        say_entry(wallet, json_array_get(entries, i), symbol);
    verify_say_trusted(wallet);
    if (json_is_string(next))
        wallet_say(wallet, "  there is more: --next %s", safe(wallet, page, "next"));
    wallet_put(wallet, "entries", json_deep_copy(entries));
    wallet_put(wallet, "next", json_is_string(next) ? json_deep_copy(next) : json_null());
    return WALLET_OK;
}

static bool read_limit(struct wallet *wallet, uint64_t *limit, struct error *error)
{
    u256 number = u256_from_u64(PAGE_DEFAULT);
    const char *text = wallet->options.values[OPTION_LIMIT];
    if (text != NULL
        && (!u256_parse_decimal(&number, text, strlen(text)) || !u256_fits_u64(&number)
            || number.limbs[0] < 1 || number.limbs[0] > PAGE_MAX))
        return error_set(error, ERROR_INVALID, "--limit \"%.40s\": expected a number from 1 to %d",
                         text, PAGE_MAX);
    *limit = number.limbs[0];
    return true;
}

/* What a page before showed, handed back as it was. */
static bool check_next(const char *text, struct error *error)
{
    struct buffer bytes = {0};
    bool ok = text == NULL
              || (strncmp(text, "0x", 2) == 0 && strlen(text) <= NEXT_TEXT_MAX
                  && hex_decode_append(&bytes, text, strlen(text)));
    buffer_cleanup(&bytes);
    return ok
           || error_set(error, ERROR_INVALID,
                        "--next \"%.40s\": expected what the page before ended with, like "
                        "0x000000000000000700000000",
                        text);
}

COMMAND(history)
{
    struct error error;
    struct book_entry acting;
    address holder;
    uint64_t limit;
    json_t *page;
    char text[ADDRESS_TEXT_SIZE];
    const char *next = wallet->options.values[OPTION_NEXT];
    bool ok = count > 0 ? book_resolve(wallet, arguments[0], &holder, &error)
                        : book_acting_account(wallet, &acting, &error);
    if (!ok || !read_limit(wallet, &limit, &error) || !check_next(next, &error))
        return wallet_fail_error(wallet, &error, NULL);
    if (count == 0)
        holder = acting.account;
    address_format(text, &holder);
    json_t *params = json_pack("[s, I]", text, (json_int_t)limit);
    if (next != NULL)
        json_array_append_new(params, json_string(next));
    wallet_put_text(wallet, "address", text);
    enum wallet_exit code = chain_call(wallet, "org_getHistory", params, &page);
    if (code == WALLET_OK)
        code = show_page(wallet, &holder, page);
    json_decref(page);
    return code;
}

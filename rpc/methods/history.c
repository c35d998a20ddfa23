/* org_getHistory: what touched an account, page by page, the newest first. */
#include "rpc/methods/methods.h"

#include "ledger/history/tokens.h"
#include "rpc/scope.h"
#include "vm/base/cursor.h"
#include <inttypes.h>

#define PAGE_DEFAULT        25
#define PAGE_MAX            100
#define PAGE_SIZE_MAX       (1u << 20) /* bytes; then the page ends early */
#define TOKEN_TRANSFERS_MAX 100        /* shown of one transaction */
#define CURSOR_SIZE         12         /* height u64, index u32 */

struct page {
    struct call *call;
    struct ledger_view *view;
    address account;
    struct arena arena; /* of one entry */
};

static const struct {
    uint8_t role;
    const char *name;
} ROLES[] = {
    {HISTORY_SENT, "sent"},     {HISTORY_RECEIVED, "received"},     {HISTORY_CREATED, "created"},
    {HISTORY_TOKENS, "tokens"}, {HISTORY_AUTHORIZED, "authorized"}, {HISTORY_COIN, "coin"},
};

static void write_roles(struct buffer *out, uint8_t roles)
{
    write_key_raw(out, "roles", "[");
    for (size_t i = 0; i < sizeof ROLES / sizeof *ROLES; i++)
        if (roles & ROLES[i].role) {
            write_separator(out);
            write_text(out, ROLES[i].name);
        }
    write_raw(out, "]");
}

static void write_block(struct buffer *out, const struct header *header, const hash256 *hash)
{
    write_key_quantity(out, "blockNumber", header->number);
    write_key_hash(out, "blockHash", hash);
    write_key_quantity(out, "blockTimestamp", header->timestamp);
}

/* ---- Coin that a block credits ---------------------------------------------------------------- */

static void write_coin(struct buffer *out, const u256 *amount_wei, const char *reason)
{
    write_separator(out);
    write_raw(out, "{");
    write_key_u256(out, "amount", amount_wei);
    if (reason != NULL)
        write_key_text(out, "reason", reason);
    write_raw(out, "}");
}

static void write_coins(struct page *page, const struct block *block)
{
    struct buffer *out = page->call->out;
    const struct genesis *genesis = ledger_genesis(page->call->ledger);
    const u256 wei_per_gwei = u256_from_u64(1000000000);
    write_key_raw(out, "coins", "[");
    for (size_t i = 0; block->header.number == 0 && i < genesis->coins_count; i++)
        if (address_equal(&genesis->coins[i].to, &page->account))
            write_coin(out, &genesis->coins[i].amount_wei, genesis->coins[i].reason);
    for (size_t i = 0; i < block->withdrawals_count; i++)
        if (address_equal(&block->withdrawals[i].address, &page->account)) {
            u256 amount = u256_from_u64(block->withdrawals[i].amount_gwei);
            amount = u256_mul(&amount, &wei_per_gwei);
            write_coin(out, &amount, NULL);
        }
    write_raw(out, "]");
}

static bool show_coins(struct page *page, uint64_t height)
{
    struct block block;
    struct error error = {0};
    if (!view_block(page->view, height, &page->arena, &block, &error)) {
        call_fail_with(page->call, &error);
        return false;
    }
    write_block(page->call->out, &block.header, &block.hash);
    write_coins(page, &block);
    return true;
}

/* ---- Transactions -------------------------------------------------------------------------------- */

static void write_transfer(struct buffer *out, const struct token_transfer *transfer,
                           uint64_t log_index)
{
    write_separator(out);
    write_raw(out, "{");
    write_key_text(out, "standard", token_standard_name(transfer->standard));
    write_key_address(out, "token", &transfer->token);
    write_key_address(out, "from", &transfer->from);
    write_key_address(out, "to", &transfer->to);
    if (transfer->standard != TOKEN_ERC20)
        write_key_u256(out, "tokenId", &transfer->id);
    write_key_u256(out, "amount", &transfer->amount);
    write_key_quantity(out, "logIndex", log_index);
    write_raw(out, "}");
}

/* Those from or to the account. Anybody can log as many as gas pays for, so they are bounded. */
static void write_transfers(struct page *page, const struct found_receipt *found)
{
    struct buffer *out = page->call->out;
    struct token_transfer transfer;
    size_t shown = 0;
    bool is_cut = false;
    write_key_raw(out, "tokenTransfers", "[");
    for (size_t log = 0; log < found->receipt.logs_count && !is_cut; log++)
        for (uint64_t i = 0; token_transfer_at(&found->receipt.logs[log], i, &transfer); i++) {
            if (!address_equal(&transfer.from, &page->account)
                && !address_equal(&transfer.to, &page->account))
                break; /* all of a log are between the same two */
            is_cut = shown == TOKEN_TRANSFERS_MAX;
            if (is_cut)
                break;
            write_transfer(out, &transfer, found->logs_before + log);
            shown++;
        }
    write_raw(out, "]");
    write_key_bool(out, "hasMoreTokenTransfers", is_cut);
}

static void write_transaction(struct page *page, const struct found_transaction *found,
                              const struct found_receipt *receipt)
{
    struct buffer *out = page->call->out;
    const struct transaction *tx = &found->tx;
    const uint64_t gas_used = receipt->receipt.cumulative_gas_used - receipt->gas_before;
    u256 price = U256_ZERO, tip;
    transaction_effective_price(tx, &found->header.base_fee, &price, &tip);
    const u256 gas = u256_from_u64(gas_used), fee = u256_mul(&gas, &price);
    write_block(out, &found->header, &found->block_hash);
    write_key_hash(out, "transactionHash", &tx->hash);
    write_key_quantity(out, "transactionIndex", found->index);
    write_key_address(out, "from", &tx->sender);
    write_key(out, "to");
    if (tx->is_create)
        write_raw(out, "null");
    else
        write_address(out, &tx->to);
    if (tx->is_create) {
        const address created = vm_create_address(&tx->sender, tx->nonce);
        write_key_address(out, "contractAddress", &created);
    }
    write_key_u256(out, "value", &tx->value);
    write_key_quantity(out, "status", receipt->receipt.is_success ? 1 : 0);
    write_key_u256(out, "fee", &fee);
    write_transfers(page, receipt);
}

static bool show_transaction_at(struct page *page, const struct history_place *place)
{
    struct found_transaction found;
    struct found_receipt receipt;
    struct error error = {0};
    if (view_transaction(page->view, place->height, place->index, &page->arena, &found, &error)
        && view_receipt(page->view, place->height, place->index, &page->arena, &receipt, &error)) {
        write_transaction(page, &found, &receipt);
        return true;
    }
    if (error.code == ERROR_NOT_FOUND)
        error_set(&error, ERROR_CORRUPT,
                  "store: the history names transaction %" PRIu32 " of block %" PRIu64
                  ", which is not there: run `lnode check`",
                  place->index, place->height);
    call_fail_with(page->call, &error);
    return false;
}

/* ---- Pages ----------------------------------------------------------------------------------------- */

static bool show_place(struct page *page, const struct history_place *place)
{
    struct buffer *out = page->call->out;
    write_separator(out);
    write_raw(out, "{");
    bool ok = place->index == HISTORY_COIN_INDEX ? show_coins(page, place->height)
                                                 : show_transaction_at(page, place);
    arena_reset(&page->arena);
    write_roles(out, place->roles);
    write_raw(out, "}");
    return ok;
}

static void write_cursor(struct buffer *out, const struct history_place *place)
{
    uint8_t bytes[CURSOR_SIZE];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(place->height >> 8 * (7 - i));
    for (unsigned i = 0; i < 4; i++)
        bytes[8 + i] = (uint8_t)(place->index >> 8 * (3 - i));
    write_data(out, bytes_of(bytes, sizeof bytes));
}

static bool read_page_size(struct call *call, size_t *max)
{
    const struct argument *limit = &call->arguments[1];
    *max = limit->is_given ? (size_t)limit->number : PAGE_DEFAULT;
    if (!limit->is_given || (limit->number > 0 && limit->number <= PAGE_MAX))
        return true;
    call_fail(call, RPC_INVALID_PARAMS, "params[1]: found %" PRIu64 "; expected 1 to %d entries",
              limit->number, PAGE_MAX);
    return false;
}

static bool read_cursor(struct call *call, struct history_place *below)
{
    const struct bytes cursor = call->arguments[2].data;
    if (cursor.size != CURSOR_SIZE) {
        call_fail(call, RPC_INVALID_PARAMS,
                  "params[2]: found %zu bytes; expected `next` of the page before", cursor.size);
        return false;
    }
    struct cursor in = cursor_over(cursor.data, cursor.size);
    below->height = cursor_u64_be(&in);
    below->index = cursor_u32_be(&in);
    return true;
}

/* Shows what fits into size and time; at least one. */
static bool show_page(struct page *page, const struct history_place *places, size_t count,
                      size_t max)
{
    struct buffer *out = page->call->out;
    const size_t start = out->size;
    const uint64_t deadline_ms = call_begin_long(page->call);
    const size_t wanted = count < max ? count : max;
    size_t shown = 0;
    write_raw(out, "{\"entries\":[");
    while (shown < wanted
           && (shown == 0 || (out->size - start < PAGE_SIZE_MAX && scope_now_ms() < deadline_ms)))
        if (!show_place(page, &places[shown++]))
            return false;
    write_raw(out, "]");
    write_key(out, "next");
    if (shown < count)
        write_cursor(out, &places[shown - 1]);
    else
        write_raw(out, "null");
    write_raw(out, "}");
    return true;
}

enum call_outcome method_org_get_history(struct call *call)
{
    struct page page = {.call = call, .account = call->arguments[0].account};
    struct history_place places[PAGE_MAX + 1], below;
    struct error error = {0};
    size_t max, count;
    page.view = call_view(call);
    const bool has_cursor = call->arguments[2].is_given;
    if (page.view == NULL || !read_page_size(call, &max)
        || (has_cursor && !read_cursor(call, &below)))
        return CALL_FAILED;
    if (!view_history(page.view, &page.account, has_cursor ? &below : NULL, places, max + 1, &count,
                      &error))
        return call_fail_with(call, &error);
    const bool ok = show_page(&page, places, count, max);
    arena_cleanup(&page.arena);
    return ok ? CALL_ANSWERED : CALL_FAILED;
}

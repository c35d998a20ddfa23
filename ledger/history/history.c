#include "ledger/history/history.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ledger/history/tokens.h"
#include "ledger/inside.h"
#include "vm/base/cursor.h"

#define CATCH_UP_BLOCKS 256 /* in one batch */

/* ---- A block's entries --------------------------------------------------------------------- */

static void add(struct buffer *entries, const address *account, uint32_t index, uint8_t roles)
{
    const struct history_entry entry = {*account, index, roles};
    buffer_append(entries, &entry, sizeof entry);
}

static void add_logs(struct buffer *entries, const struct receipt *receipt, uint32_t index)
{
    address from, to;
    for (size_t i = 0; i < receipt->logs_count; i++) {
        if (!token_parties(&receipt->logs[i], &from, &to))
            continue;
        if (!address_is_zero(&from)) /* else it is made, by nobody */
            add(entries, &from, index, HISTORY_TOKENS);
        if (!address_is_zero(&to))
            add(entries, &to, index, HISTORY_TOKENS);
    }
}

static void add_transaction(struct buffer *entries, const struct transaction *tx,
                            const struct receipt *receipt, uint32_t index)
{
    add(entries, &tx->sender, index, HISTORY_SENT);
    if (!tx->is_create) {
        add(entries, &tx->to, index, HISTORY_RECEIVED);
    } else if (receipt->is_success) {
        const address created = vm_create_address(&tx->sender, tx->nonce);
        add(entries, &created, index, HISTORY_CREATED);
    }
    for (size_t i = 0; i < tx->authorizations_count; i++)
        if (tx->authorizations[i].has_authority)
            add(entries, &tx->authorizations[i].authority, index, HISTORY_AUTHORIZED);
    add_logs(entries, receipt, index);
}

static int compare_entries(const void *left, const void *right)
{
    const struct history_entry *a = left, *b = right;
    const int order = memcmp(a->account.bytes, b->account.bytes, sizeof a->account.bytes);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

/* Sorts, and makes one of those of the same account and index. */
static size_t merge(struct history_entry *entries, size_t count)
{
    size_t kept = 0;
    if (count > 0)
        qsort(entries, count, sizeof *entries, compare_entries);
    for (size_t i = 0; i < count; i++)
        if (kept > 0 && compare_entries(&entries[kept - 1], &entries[i]) == 0)
            entries[kept - 1].roles |= entries[i].roles;
        else
            entries[kept++] = entries[i];
    return kept;
}

struct history_entry *history_of_block(const struct block *block, const struct receipt *receipts,
                                       const struct genesis *genesis, struct arena *arena,
                                       size_t *count)
{
    struct buffer all = {0};
    for (size_t i = 0; i < block->transactions_count; i++)
        add_transaction(&all, &block->transactions[i], &receipts[i], (uint32_t)i);
    for (size_t i = 0; i < block->withdrawals_count; i++)
        add(&all, &block->withdrawals[i].address, HISTORY_COIN_INDEX, HISTORY_COIN);
    for (size_t i = 0; block->header.number == 0 && i < genesis->coins_count; i++)
        add(&all, &genesis->coins[i].to, HISTORY_COIN_INDEX, HISTORY_COIN);
    *count =
        merge((struct history_entry *)(void *)all.data, all.size / sizeof(struct history_entry));
    struct history_entry *entries = arena_array(arena, *count, sizeof *entries);
    if (all.data != NULL)
        memcpy(entries, all.data, *count * sizeof *entries);
    buffer_cleanup(&all);
    return entries;
}

/* ---- Writing --------------------------------------------------------------------------------- */

static void put_entries(struct store_batch *batch, const struct block *block,
                        const struct receipt *receipts, const struct genesis *genesis)
{
    struct arena arena = {0};
    size_t count;
    const struct history_entry *entries =
        history_of_block(block, receipts, genesis, &arena, &count);
    for (size_t i = 0; i < count; i++) {
        const struct store_key key =
            key_history(&entries[i].account, block->header.number, entries[i].index);
        record_put_plain(batch, key_view(&key), bytes_of(&entries[i].roles, 1));
    }
    arena_cleanup(&arena);
}

static void put_height(struct store_batch *batch, uint64_t height)
{
    const struct store_key key = key_of(KEY_HISTORY_HEIGHT);
    struct buffer value = {0};
    buffer_append_u64_be(&value, height);
    record_put_plain(batch, key_view(&key), buffer_view(&value));
    buffer_cleanup(&value);
}

void history_put(struct store_batch *batch, const struct block *block,
                 const struct receipt *receipts, const struct genesis *genesis)
{
    put_entries(batch, block, receipts, genesis);
    put_height(batch, block->header.number);
}

/* ---- Reading ----------------------------------------------------------------------------------- */

static bool damaged(struct error *error)
{
    return error_set(error, ERROR_CORRUPT,
                     "store: the index of accounts' history is damaged; move the store aside and "
                     "restore a backup");
}

bool history_decode_roles(struct bytes value, uint8_t *roles, struct error *error)
{
    struct bytes content;
    if (!record_plain(value, "history", &content, error))
        return false;
    if (content.size != 1)
        return damaged(error);
    *roles = content.data[0];
    return true;
}

bool history_load_height(struct store_at at, uint64_t *height, bool *found, struct error *error)
{
    const struct store_key key = key_of(KEY_HISTORY_HEIGHT);
    struct buffer value = {0};
    struct bytes content;
    bool ok = store_get(at.store, at.snapshot, key_view(&key), &value, found, error);
    if (ok && *found)
        ok = record_plain(buffer_view(&value), "history", &content, error);
    if (ok && *found) {
        struct cursor in = cursor_over(content.data, content.size);
        *height = cursor_u64_be(&in);
        ok = cursor_finished(&in) || damaged(error);
    }
    buffer_cleanup(&value);
    return ok;
}

/* Account and place of a key; false when it is none of `account`. */
static bool read_place(struct bytes key, const struct store_key *prefix,
                       struct history_place *place)
{
    if (key.size != 1 + 20 + 8 + 4 || memcmp(key.data, prefix->bytes, 1 + 20) != 0)
        return false;
    struct cursor in = cursor_over(key.data + 21, key.size - 21);
    place->height = ~cursor_u64_be(&in);
    place->index = ~cursor_u32_be(&in);
    return true;
}

/* The first key behind that of `below`; without it, the account's first. */
static struct store_key start_key(const address *account, const struct history_place *below)
{
    if (below == NULL)
        return key_history(account, UINT64_MAX, UINT32_MAX);
    if (below->index > 0)
        return key_history(account, below->height, below->index - 1);
    return key_history(account, below->height - 1, UINT32_MAX); /* height 0 is not asked for */
}

bool view_history(const struct ledger_view *view, const address *account,
                  const struct history_place *below, struct history_place *places, size_t max,
                  size_t *count, struct error *error)
{
    *count = 0;
    if (below != NULL && below->height == 0 && below->index == 0)
        return true;
    const struct store_key start = start_key(account, below);
    struct store_iterator *keys = store_iterator_new(view->ledger->store, view->moment->snapshot);
    bool ok = true;
    for (store_iterator_seek(keys, key_view(&start));
         ok && *count < max && store_iterator_valid(keys); store_iterator_next(keys)) {
        struct history_place *place = &places[*count];
        if (!read_place(store_iterator_key(keys), &start, place))
            break;
        ok = history_decode_roles(store_iterator_value(keys), &place->roles, error);
        *count += ok;
    }
    ok = ok && store_iterator_ok(keys, error);
    store_iterator_free(keys);
    return ok;
}

/* ---- Catching up --------------------------------------------------------------------------------- */

static bool put_stored(const struct ledger_view *view, uint64_t height, struct store_batch *batch,
                       struct error *error)
{
    struct arena arena = {0};
    struct block block;
    struct receipt *receipts;
    size_t count;
    bool ok = view_block(view, height, &arena, &block, error)
              && view_receipts(view, height, &arena, &receipts, &count, error);
    if (ok && count != block.transactions_count)
        ok = error_set(error, ERROR_CORRUPT,
                       "store: block %" PRIu64 " has %zu transactions and %zu receipts; move the "
                       "store aside and restore a backup",
                       height, block.transactions_count, count);
    for (size_t i = 0; ok && i < block.transactions_count; i++)
        transaction_recover_authorities(&block.transactions[i]);
    if (ok)
        put_entries(batch, &block, receipts, &view->ledger->genesis);
    arena_cleanup(&arena);
    return ok;
}

static bool put_range(struct ledger *ledger, const struct ledger_view *view, uint64_t first,
                      uint64_t last, struct error *error)
{
    struct store_batch *batch = store_batch_new();
    bool ok = true;
    for (uint64_t height = first; ok && height <= last; height++)
        ok = put_stored(view, height, batch, error);
    if (ok)
        put_height(batch, last);
    ok = ok && ledger_write(ledger, batch, error);
    store_batch_free(batch);
    return ok;
}

bool history_catch_up(struct ledger *ledger, struct error *error)
{
    struct ledger_view *view = ledger_view_open(ledger, error);
    uint64_t height = 0;
    bool found = false;
    if (view == NULL)
        return false;
    bool ok = history_load_height(view_at(view), &height, &found, error);
    uint64_t next = found ? height + 1 : 0;
    const uint64_t head = view_head(view);
    while (ok && next <= head) {
        const uint64_t last = head - next < CATCH_UP_BLOCKS ? head : next + CATCH_UP_BLOCKS - 1;
        ok = put_range(ledger, view, next, last, error);
        next = last + 1;
    }
    ledger_view_close(view);
    return ok;
}

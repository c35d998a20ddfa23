/* Chunks are read once: codes and slots go to their final place, and everything goes into a second
 * store whose keys are hashed, so that it comes out in the order of the tries. Then one walk over
 * that second store builds each account's storage trie and the account trie, a page of leaves at a
 * time. Memory is that of a page, whatever the size of the state. The head comes last of all. */
#include "ledger/snapshot/build.h"

#include <stdlib.h>

#include "ledger/inside.h"
#include "ledger/snapshot/base.h"
#include "ledger/snapshot/base_store.h"
#include "ledger/snapshot/chunk.h"
#include "ledger/snapshot/received.h"
#include "vm/base/cursor.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

#define BATCH_SIZE  1048576 /* bytes written at once, about */
#define PAGE_LEAVES 4096    /* of a trie, put in at once */

/* Keys of the second store. */
#define SORTED_ACCOUNT \
    'a'                 /* keccak256(address) 32: address 20, nonce u64, balance 32, code hash 32 */
#define SORTED_SLOT 's' /* keccak256(address) 32, keccak256(slot) 32: value 32 */

struct build {
    const struct snapshot_chunks *source;
    struct store *store;
    struct store *sorted;
    struct store_batch *batch; /* into `store` */
    struct store_batch *sorted_batch;
    struct buffer base; /* its pieces */
    struct buffer scratch;
    u256 balances; /* their sum */
    hash256 account_root;
    struct error *error;
};

static bool wrong(struct build *build, const char *what)
{
    return error_set(build->error, ERROR_INVALID, "%s: the manifest is wrong", what);
}

static bool is_patient(struct build *build)
{
    const struct snapshot_chunks *source = build->source;
    return source->is_over == NULL || !source->is_over(source->context)
           || error_set(build->error, ERROR_BUSY, "building was given up");
}

/* Writes what waits, if that is `size` bytes or more. */
static bool flush(struct build *build, struct store *store, struct store_batch **batch, size_t size)
{
    if (store_batch_size(*batch) < size || store_batch_size(*batch) == 0)
        return true;
    const bool ok = store_write(store, *batch, build->error);
    store_batch_free(*batch);
    *batch = store_batch_new();
    return ok;
}

/* ---- Chunks into both stores --------------------------------------------------------------- */

static void sort_account(struct build *build, const struct snapshot_account *account)
{
    const hash256 owner = keccak256(account->address.bytes, sizeof account->address.bytes);
    const hash256 code = keccak256(account->code.data, account->code.size);
    struct buffer *value = &build->scratch;
    uint8_t key[1 + sizeof owner.bytes] = {SORTED_ACCOUNT};
    memcpy(key + 1, owner.bytes, sizeof owner.bytes);
    buffer_clear(value);
    buffer_append(value, account->address.bytes, sizeof account->address.bytes);
    buffer_append_u64_be(value, account->nonce);
    u256_store_be(buffer_extend(value, 32), &account->balance);
    buffer_append(value, code.bytes, sizeof code.bytes);
    store_batch_put(build->sorted_batch, bytes_of(key, sizeof key), buffer_view(value));
    build->balances = u256_add(&build->balances, &account->balance);
    if (account->code.size == 0)
        return;
    const struct store_key code_key = key_hashed(KEY_CODE, &code);
    record_put_plain(build->batch, key_view(&code_key), account->code);
}

static void sort_slot(struct build *build, const struct snapshot_slot *slot)
{
    uint8_t number[32], key[1 + 2 * sizeof(hash256)] = {SORTED_SLOT};
    u256_store_be(number, &slot->key);
    const hash256 owner = keccak256(slot->address.bytes, sizeof slot->address.bytes);
    const hash256 hashed = keccak256(number, sizeof number);
    memcpy(key + 1, owner.bytes, sizeof owner.bytes);
    memcpy(key + 1 + sizeof owner.bytes, hashed.bytes, sizeof hashed.bytes);
    u256_store_be(number, &slot->value);
    store_batch_put(build->sorted_batch, bytes_of(key, sizeof key),
                    bytes_of(number, sizeof number));
    const struct store_key now = key_slot(&slot->address, &slot->key);
    buffer_clear(&build->scratch);
    record_encode_slot(&slot->value, &build->scratch);
    store_batch_put(build->batch, key_view(&now), buffer_view(&build->scratch));
}

static bool take_chunk(struct build *build, const struct chunk *chunk)
{
    switch (chunk->kind) {
    case SNAPSHOT_BASE:
        if (build->base.size + chunk->piece.size > base_size_max(&build->source->ground->header))
            return wrong(build, "the base is larger than the block can have made it");
        buffer_append_bytes(&build->base, chunk->piece);
        break;
    case SNAPSHOT_ACCOUNTS:
        for (size_t i = 0; i < chunk->count; i++)
            sort_account(build, &chunk->accounts[i]);
        break;
    case SNAPSHOT_SLOTS:
        for (size_t i = 0; i < chunk->count; i++)
            sort_slot(build, &chunk->slots[i]);
        break;
    case SNAPSHOT_KIND_COUNT: break;
    }
    return flush(build, build->store, &build->batch, BATCH_SIZE)
           && flush(build, build->sorted, &build->sorted_batch, BATCH_SIZE);
}

static bool take_chunks(struct build *build)
{
    const struct manifest *manifest = build->source->manifest;
    struct buffer encoded = {0};
    struct arena arena = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < manifest->entries_count; i++) {
        const struct snapshot_entry *entry = &manifest->entries[i];
        struct chunk chunk;
        bool found = false;
        buffer_clear(&encoded);
        arena_reset(&arena);
        ok = received_load(build->source->chunks, &entry->hash, &encoded, &found, build->error);
        if (ok && !found)
            ok = error_set(build->error, ERROR_CORRUPT,
                           "chunk %zu is gone or damaged in %s: receive it again", i,
                           build->source->chunks);
        ok = ok && chunk_decode(&chunk, buffer_view(&encoded), &arena, build->error)
             && chunk_is_in(&chunk, &entry->range, build->error) && take_chunk(build, &chunk)
             && is_patient(build);
    }
    arena_cleanup(&arena);
    buffer_cleanup(&encoded);
    return ok && flush(build, build->store, &build->batch, 0)
           && flush(build, build->sorted, &build->sorted_batch, 0);
}

/* ---- Tries --------------------------------------------------------------------------------- */

static bool read_node(void *context, const hash256 *owner, const uint8_t *path, size_t path_size,
                      struct buffer *out)
{
    struct build *build = context;
    const struct store_key key = key_node(owner, path, path_size);
    struct bytes content;
    bool found = false;
    buffer_clear(&build->scratch);
    if (!store_get(build->store, NULL, key_view(&key), &build->scratch, &found, build->error)
        || !found
        || !record_plain(buffer_view(&build->scratch), "trie node", &content, build->error))
        return false;
    buffer_append_bytes(out, content);
    return true;
}

/* Leaves of one trie in the order of their keys; a full page goes into the trie. */
struct page {
    hash256 owner;
    hash256 root;
    struct arena arena;       /* of values and changes */
    struct trie_leaf *leaves; /* PAGE_LEAVES */
    size_t count;
};

static void page_begin(struct page *page, const hash256 *owner)
{
    page->owner = *owner;
    page->root = EMPTY_TRIE_ROOT;
    page->count = 0;
    arena_reset(&page->arena);
}

/* What an earlier page of the trie wrote must be in the store before it is read. */
static bool page_end(struct build *build, struct page *page)
{
    const struct trie_source source = {read_node, build};
    struct trie_changes changes = {0};
    const bool is_first = hash256_equal(&page->root, &EMPTY_TRIE_ROOT);
    if (page->count == 0)
        return true;
    if (!flush(build, build->store, &build->batch, is_first ? BATCH_SIZE : 0)
        || !trie_update(&source, &page->owner, &page->root, page->leaves, page->count, &page->arena,
                        &changes, build->error))
        return false;
    node_cache_put(&changes, build->batch);
    page->count = 0;
    arena_reset(&page->arena);
    return is_patient(build);
}

static bool page_add(struct build *build, struct page *page, const uint8_t *key, struct bytes value)
{
    struct trie_leaf *leaf = &page->leaves[page->count++];
    memcpy(leaf->key.bytes, key, sizeof leaf->key.bytes);
    leaf->value = arena_copy(&page->arena, value);
    return page->count < PAGE_LEAVES || page_end(build, page);
}

/* The second store's slots and accounts side by side. */
struct merge {
    struct store_iterator *accounts;
    struct store_iterator *slots;
    struct page account_page;
    struct page storage_page;
    struct buffer value;
};

static bool stands_at(const struct store_iterator *iterator, char kind)
{
    return store_iterator_valid(iterator) && store_iterator_key(iterator).data[0] == (uint8_t)kind;
}

static bool build_storage(struct build *build, struct merge *merge, const hash256 *owner)
{
    struct page *page = &merge->storage_page;
    page_begin(page, owner);
    while (stands_at(merge->slots, SORTED_SLOT)) {
        const struct bytes key = store_iterator_key(merge->slots);
        const int order = memcmp(key.data + 1, owner->bytes, sizeof owner->bytes);
        if (order > 0)
            break;
        if (order < 0)
            return wrong(build, "there are slots of an address without an account");
        const u256 value = u256_load_be(store_iterator_value(merge->slots).data, 32);
        buffer_clear(&merge->value);
        rlp_put_u256(&merge->value, &value);
        if (!page_add(build, page, key.data + 1 + sizeof owner->bytes, buffer_view(&merge->value)))
            return false;
        store_iterator_next(merge->slots);
    }
    return page_end(build, page);
}

static bool build_account(struct build *build, struct merge *merge)
{
    const struct bytes key = store_iterator_key(merge->accounts);
    const struct bytes value = store_iterator_value(merge->accounts);
    struct cursor in = cursor_over(value.data, value.size);
    struct account account;
    address where;
    hash256 owner;
    memcpy(owner.bytes, key.data + 1, sizeof owner.bytes);
    cursor_copy(&in, where.bytes, sizeof where.bytes);
    account.nonce = cursor_u64_be(&in);
    const struct bytes balance = cursor_take(&in, 32);
    account.balance = u256_load_be(balance.data, balance.size);
    cursor_copy(&in, account.code_hash.bytes, sizeof account.code_hash.bytes);
    if (!cursor_finished(&in))
        return error_set(build->error, ERROR_CORRUPT, "the store in %s is damaged",
                         build->source->sorted);
    if (!build_storage(build, merge, &owner))
        return false;
    account.storage_root = merge->storage_page.root;

    const struct store_key now = key_account(&where);
    buffer_clear(&merge->value);
    record_encode_account(&account, true, &merge->value);
    store_batch_put(build->batch, key_view(&now), buffer_view(&merge->value));
    buffer_clear(&merge->value);
    account_encode(&account, &merge->value);
    return page_add(build, &merge->account_page, owner.bytes, buffer_view(&merge->value))
           && flush(build, build->store, &build->batch, BATCH_SIZE);
}

static bool build_tries(struct build *build)
{
    static const hash256 account_trie = {{0}};
    const char account_kind = SORTED_ACCOUNT, slot_kind = SORTED_SLOT;
    struct merge merge = {.accounts = store_iterator_new(build->sorted, NULL),
                          .slots = store_iterator_new(build->sorted, NULL)};
    merge.account_page.leaves = memory_new(PAGE_LEAVES * sizeof(struct trie_leaf));
    merge.storage_page.leaves = memory_new(PAGE_LEAVES * sizeof(struct trie_leaf));
    page_begin(&merge.account_page, &account_trie);
    store_iterator_seek(merge.slots, bytes_of(&slot_kind, 1));
    store_iterator_seek(merge.accounts, bytes_of(&account_kind, 1));
    bool ok = true;
    for (; ok && stands_at(merge.accounts, SORTED_ACCOUNT); store_iterator_next(merge.accounts))
        ok = build_account(build, &merge);
    ok = ok && store_iterator_ok(merge.accounts, build->error)
         && store_iterator_ok(merge.slots, build->error);
    if (ok && stands_at(merge.slots, SORTED_SLOT))
        ok = wrong(build, "there are slots of an address without an account");
    ok = ok && page_end(build, &merge.account_page);
    build->account_root = merge.account_page.root;
    store_iterator_free(merge.accounts);
    store_iterator_free(merge.slots);
    arena_cleanup(&merge.account_page.arena);
    arena_cleanup(&merge.storage_page.arena);
    free(merge.account_page.leaves);
    free(merge.storage_page.leaves);
    buffer_cleanup(&merge.value);
    return ok;
}

/* ---- All of it ----------------------------------------------------------------------------- */

static bool check_root(struct build *build)
{
    const hash256 *expected = &build->source->ground->header.state_root;
    char found[17] = {0}, wanted[17] = {0};
    if (hash256_equal(&build->account_root, expected))
        return true;
    hex_encode(found, build->account_root.bytes, 8);
    hex_encode(wanted, expected->bytes, 8);
    return error_set(
        build->error, ERROR_INVALID,
        "the state's root is %s.., the block's header says %s..: the manifest is wrong", found,
        wanted);
}

static bool build_all(struct build *build)
{
    if (!take_chunks(build))
        return false;
    struct base_store *base =
        base_store_new(build->source->ground, buffer_view(&build->base), build->error);
    const bool ok = base != NULL && build_tries(build) && check_root(build)
                    && base_store_check_supply(base, &build->balances, build->error)
                    && flush(build, build->store, &build->batch, 0);
    if (ok)
        base_store_put(base, build->batch);
    base_store_free(base);
    return ok && flush(build, build->store, &build->batch, 0);
}

bool snapshot_build(const struct snapshot_chunks *source, struct error *error)
{
    struct build build = {.source = source,
                          .account_root = EMPTY_TRIE_ROOT,
                          .batch = store_batch_new(),
                          .sorted_batch = store_batch_new(),
                          .error = error};
    build.store = store_open(source->store, STORE_CREATE, NULL, error);
    if (build.store != NULL)
        build.sorted = store_open(source->sorted, STORE_CREATE, NULL, error);
    const bool ok = build.sorted != NULL && build_all(&build);
    store_close(build.sorted);
    store_close(build.store);
    store_batch_free(build.batch);
    store_batch_free(build.sorted_batch);
    buffer_cleanup(&build.base);
    buffer_cleanup(&build.scratch);
    return ok;
}

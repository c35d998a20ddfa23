#include "ledger/snapshot/snapshot.h"

#include <inttypes.h>

#include "ledger/inside.h"
#include "ledger/snapshot/base.h"
#include "ledger/snapshot/chunk.h"
#include "ledger/snapshot/cut.h"
#include "ledger/state/range.h"
#include "vm/base/cursor.h"
#include "vm/crypto/keccak.h"

#define PIECE_OVERHEAD 16 /* of a piece of the base in its chunk */

/* ---- Checkpoints --------------------------------------------------------------------------- */

bool snapshot_newest(const struct ledger_view *view, uint64_t *height, struct error *error)
{
    const uint64_t head = view_head(view), kept = 2 * ledger_checkpoint_every(view->ledger);
    const uint64_t oldest = head > kept ? head - kept : 0;
    const uint64_t earliest = view_earliest(view);
    const struct store_key first =
        key_numbered(KEY_CHECKPOINT, oldest > earliest ? oldest : earliest);
    struct store_iterator *keys = store_iterator_new(view->ledger->store, view->moment->snapshot);
    bool found = false;
    for (store_iterator_seek(keys, key_view(&first)); store_iterator_valid(keys);
         store_iterator_next(keys)) {
        const struct bytes key = store_iterator_key(keys);
        if (key.size != first.size || key.data[0] != KEY_CHECKPOINT)
            break;
        struct cursor in = cursor_over(key.data + 1, key.size - 1);
        *height = cursor_u64_be(&in);
        found = true;
    }
    const bool ok = store_iterator_ok(keys, error);
    store_iterator_free(keys);
    if (!ok || found)
        return ok;
    return error_set(error, ERROR_NOT_FOUND,
                     "no checkpoint yet: there is one every %" PRIu64 " blocks, and at each seal",
                     ledger_checkpoint_every(view->ledger));
}

/* ---- The base ------------------------------------------------------------------------------ */

static bool load_counters(const struct snapshot *snapshot, struct snapshot_base *base,
                          struct error *error)
{
    struct checkpoint_record record;
    bool found = false;
    if (snapshot->height > view_head(snapshot->view)
        || snapshot->height < view_earliest(snapshot->view))
        return error_set(error, ERROR_NOT_FOUND,
                         "block %" PRIu64 " is not kept: this node has %" PRIu64 " to %" PRIu64,
                         snapshot->height, view_earliest(snapshot->view),
                         view_head(snapshot->view));
    if (!record_load_checkpoint(view_at(snapshot->view), snapshot->height, &record, &found, error))
        return false;
    if (!found)
        return error_set(error, ERROR_NOT_FOUND, "block %" PRIu64 " is no checkpoint",
                         snapshot->height);
    base->tail_left = record.tail_left;
    base->members = record.members;
    memcpy(base->reveals, record.reveals, sizeof base->reveals);
    return view_supply(snapshot->view, snapshot->height, &base->supply, error);
}

static bool load_headers(const struct snapshot *snapshot, struct arena *arena,
                         struct snapshot_base *base, struct error *error)
{
    const uint64_t last = snapshot->height;
    const uint64_t first = last >= BASE_HEADERS_MAX ? last - BASE_HEADERS_MAX + 1 : 0;
    struct buffer encoded = {0};
    bool ok = true;
    base->headers = arena_array(arena, BASE_HEADERS_MAX, sizeof *base->headers);
    for (uint64_t height = first; ok && height <= last; height++) {
        struct header header;
        hash256 hash;
        ok = view_header(snapshot->view, height, &header, &hash, error);
        buffer_clear(&encoded);
        if (ok)
            header_encode(&header, header_fork(snapshot->view->ledger), &encoded);
        base->headers[base->headers_count++] = arena_copy(arena, buffer_view(&encoded));
    }
    buffer_cleanup(&encoded);
    return ok;
}

static bool load_base(const struct snapshot *snapshot, struct buffer *out, struct error *error)
{
    struct arena arena = {0};
    struct buffer container = {0};
    struct snapshot_base base = {0};
    const struct store_at at = view_at(snapshot->view);
    bool found = false;
    bool ok = load_counters(snapshot, &base, error) && load_headers(snapshot, &arena, &base, error)
              && record_load_container(at, snapshot->height, &container, &found, error)
              && view_receipts(snapshot->view, snapshot->height, &arena, &base.receipts,
                               &base.receipts_count, error);
    if (ok && !found)
        ok = error_set(error, ERROR_CORRUPT, "store: block %" PRIu64 " has no body",
                       snapshot->height);
    base.container = buffer_view(&container);
    if (ok)
        base_encode(&base, out);
    buffer_cleanup(&container);
    arena_cleanup(&arena);
    return ok;
}

static size_t piece_size(const struct snapshot *snapshot)
{
    return snapshot->chunk_size - PIECE_OVERHEAD;
}

/* Ranges of as many pieces as the base has. */
static bool cut_base(const struct snapshot *snapshot, struct buffer *ranges, struct error *error)
{
    struct buffer base = {0};
    const bool ok = load_base(snapshot, &base, error);
    for (size_t number = 0; ok && number * piece_size(snapshot) < base.size; number++) {
        const uint8_t key[4] = {(uint8_t)(number >> 24), (uint8_t)(number >> 16),
                                (uint8_t)(number >> 8), (uint8_t)number};
        const struct snapshot_range range = snapshot_range_of(SNAPSHOT_BASE, key, 32);
        buffer_append(ranges, &range, sizeof range);
    }
    buffer_cleanup(&base);
    return ok;
}

static bool read_piece(const struct snapshot *snapshot, const struct snapshot_range *range,
                       struct buffer *out, struct error *error)
{
    struct buffer base = {0};
    struct cursor in = cursor_over(range->prefix, sizeof(uint32_t));
    bool ok = load_base(snapshot, &base, error);
    const uint64_t first = (uint64_t)cursor_u32_be(&in) * piece_size(snapshot);
    if (ok && first >= base.size)
        ok = error_set(error, ERROR_INVALID, "the base of block %" PRIu64 " has no such piece",
                       snapshot->height);
    if (ok) {
        const size_t left = base.size - (size_t)first;
        const size_t size = left < piece_size(snapshot) ? left : piece_size(snapshot);
        chunk_encode(
            &(struct chunk){.kind = SNAPSHOT_BASE, .piece = bytes_of(base.data + first, size)},
            out);
    }
    buffer_cleanup(&base);
    return ok;
}

/* ---- Accounts and slots in order ----------------------------------------------------------- */

/* A walk over the items of a range. */
struct walk {
    enum snapshot_kind kind;
    struct snapshot_range within;
    struct state_range *range;
    struct stored_state *state; /* for codes, and whose slots count */
    struct state_reader reader;
    address owner; /* of the slot before */
    bool has_owner;
    bool owner_exists;
    struct state_entry entry;
    struct snapshot_account account;
    struct snapshot_slot slot;
    size_t size; /* of the item in a chunk */
};

static void walk_start(struct walk *walk, const struct snapshot *snapshot,
                       const struct snapshot_range *within)
{
    const struct store_at at = view_at(snapshot->view);
    const struct bytes first = bytes_of(within->prefix, (within->bits + 7) / 8);
    *walk = (struct walk){.kind = within->kind, .within = *within};
    walk->range =
        state_range_new(at, snapshot->height,
                        within->kind == SNAPSHOT_ACCOUNTS ? RANGE_ACCOUNTS : RANGE_SLOTS, first);
    walk->state = stored_state_new(at, snapshot->height);
    walk->reader = stored_state_reader(walk->state);
}

static void walk_end(struct walk *walk)
{
    state_range_free(walk->range);
    stored_state_free(walk->state);
}

static void take_account(struct walk *walk)
{
    const struct account *account = &walk->entry.account;
    walk->account = (struct snapshot_account){.nonce = account->nonce, .balance = account->balance};
    memcpy(walk->account.address.bytes, walk->entry.key.data, sizeof(address));
    if (!hash256_equal(&account->code_hash, &EMPTY_CODE_HASH))
        walk->account.code = walk->reader.ops->code(walk->reader.context, &account->code_hash);
    walk->size = snapshot_account_size(&walk->account);
}

/* Slots that an account without storage left behind are no part of the state (EIP-7610). */
static bool take_slot(struct walk *walk)
{
    struct account owner;
    struct snapshot_slot *slot = &walk->slot;
    memcpy(slot->address.bytes, walk->entry.key.data, sizeof(address));
    slot->key = u256_load_be(walk->entry.key.data + sizeof(address), 32);
    slot->value = walk->entry.slot;
    const bool is_first = !walk->has_owner || !address_equal(&slot->address, &walk->owner);
    if (is_first)
        walk->owner_exists = walk->reader.ops->account(walk->reader.context, &slot->address, &owner)
                             && !hash256_equal(&owner.storage_root, &EMPTY_TRIE_ROOT);
    walk->owner = slot->address;
    walk->has_owner = true;
    walk->size = snapshot_slot_size(slot, is_first);
    return walk->owner_exists;
}

/* *found is false behind the last item of the range. */
static bool walk_next(struct walk *walk, bool *found, struct error *error)
{
    bool is_taken = false;
    while (!is_taken) {
        if (!state_range_next(walk->range, &walk->entry, found, error))
            return false;
        if (!*found || !snapshot_range_holds(&walk->within, walk->entry.key.data)) {
            *found = false;
            break;
        }
        is_taken = walk->kind == SNAPSHOT_SLOTS ? take_slot(walk) : (take_account(walk), true);
    }
    return !walk->reader.ops->failed(walk->reader.context, error);
}

/* ---- The manifest -------------------------------------------------------------------------- */

struct patience {
    bool (*is_over)(void *context);
    void *context;
};

static bool is_patient(const struct patience *patience, struct error *error)
{
    return patience->is_over == NULL || !patience->is_over(patience->context)
           || error_set(error, ERROR_BUSY, "the snapshot was given up");
}

static bool cut_kind(const struct snapshot *snapshot, enum snapshot_kind kind,
                     const struct patience *patience, struct buffer *ranges, struct error *error)
{
    static const uint8_t no_key[SNAPSHOT_KEY_SIZE_MAX] = {0};
    const struct snapshot_range all = snapshot_range_of(kind, no_key, 0);
    struct walk walk;
    struct cutter cutter;
    bool ok = true, found = true;
    walk_start(&walk, snapshot, &all);
    cutter_init(&cutter, kind, snapshot->chunk_size - CHUNK_OVERHEAD);
    while (ok && found) {
        ok = walk_next(&walk, &found, error) && is_patient(patience, error);
        stored_state_reset(walk.state); /* its code was measured */
        if (ok && found)
            cutter_add(&cutter, walk.entry.key.data, walk.size, ranges);
    }
    cutter_end(&cutter, ranges);
    cutter_cleanup(&cutter);
    walk_end(&walk);
    return ok;
}

static bool read_range(const struct snapshot *snapshot, const struct snapshot_range *range,
                       struct buffer *out, struct error *error);

static bool hash_ranges(const struct snapshot *snapshot, const struct patience *patience,
                        const struct buffer *ranges, struct arena *arena, struct manifest *manifest,
                        struct error *error)
{
    const struct snapshot_range *all = (const void *)ranges->data;
    struct buffer chunk = {0};
    bool ok = true;
    manifest->entries_count = ranges->size / sizeof *all;
    manifest->entries = arena_array(arena, manifest->entries_count, sizeof *manifest->entries);
    for (size_t i = 0; ok && i < manifest->entries_count; i++) {
        buffer_clear(&chunk);
        ok = read_range(snapshot, &all[i], &chunk, error) && is_patient(patience, error);
        manifest->entries[i] = (struct snapshot_entry){all[i], keccak256(chunk.data, chunk.size)};
    }
    buffer_cleanup(&chunk);
    return ok;
}

bool snapshot_manifest(const struct snapshot *snapshot, bool (*is_over)(void *context),
                       void *context, struct arena *arena, struct manifest *manifest,
                       struct error *error)
{
    const struct patience patience = {is_over, context};
    struct buffer ranges = {0};
    struct header header;
    manifest->height = snapshot->height;
    bool ok =
        cut_base(snapshot, &ranges, error)
        && view_header(snapshot->view, snapshot->height, &header, &manifest->block_hash, error)
        && cut_kind(snapshot, SNAPSHOT_ACCOUNTS, &patience, &ranges, error)
        && cut_kind(snapshot, SNAPSHOT_SLOTS, &patience, &ranges, error);
    if (ok && ranges.size / sizeof(struct snapshot_range) > SNAPSHOT_CHUNKS_MAX)
        ok = error_set(error, ERROR_UNSUPPORTED,
                       "the state has more than %d chunks: too large for a snapshot",
                       SNAPSHOT_CHUNKS_MAX);
    ok = ok && hash_ranges(snapshot, &patience, &ranges, arena, manifest, error);
    buffer_cleanup(&ranges);
    return ok || error_prefix(error, "snapshot of block %" PRIu64, snapshot->height);
}

/* ---- One chunk ----------------------------------------------------------------------------- */

static bool read_items(const struct snapshot *snapshot, const struct snapshot_range *range,
                       struct buffer *out, struct error *error)
{
    const bool has_accounts = range->kind == SNAPSHOT_ACCOUNTS;
    const size_t item_size =
        has_accounts ? sizeof(struct snapshot_account) : sizeof(struct snapshot_slot);
    struct buffer items = {0};
    struct walk walk;
    size_t size = 0;
    bool ok = true, found = true;
    walk_start(&walk, snapshot, range);
    while (ok && found) {
        ok = walk_next(&walk, &found, error);
        if (!ok || !found)
            break;
        buffer_append(&items, has_accounts ? (void *)&walk.account : (void *)&walk.slot, item_size);
        size += walk.size;
        if (size > SNAPSHOT_CHUNK_SIZE_MAX - CHUNK_OVERHEAD / 2)
            ok = error_set(error, ERROR_INVALID, "a range of %s holds more than a chunk",
                           snapshot_kind_name(range->kind));
    }
    if (ok)
        chunk_encode(&(struct chunk){.kind = range->kind,
                                     .accounts = has_accounts ? (void *)items.data : NULL,
                                     .slots = has_accounts ? NULL : (void *)items.data,
                                     .count = items.size / item_size},
                     out);
    buffer_cleanup(&items);
    walk_end(&walk);
    return ok;
}

static bool read_range(const struct snapshot *snapshot, const struct snapshot_range *range,
                       struct buffer *out, struct error *error)
{
    return range->kind == SNAPSHOT_BASE ? read_piece(snapshot, range, out, error)
                                        : read_items(snapshot, range, out, error);
}

bool snapshot_chunk(const struct snapshot *snapshot, const struct manifest *manifest, size_t number,
                    struct buffer *out, struct error *error)
{
    const size_t start = out->size;
    if (number >= manifest->entries_count)
        return error_set(error, ERROR_NOT_FOUND,
                         "snapshot of block %" PRIu64 ": no chunk %zu of %zu", snapshot->height,
                         number, manifest->entries_count);
    const struct snapshot_entry *entry = &manifest->entries[number];
    if (manifest->height != snapshot->height)
        return error_set(error, ERROR_INVALID, "the manifest is that of block %" PRIu64,
                         manifest->height);
    if (!read_range(snapshot, &entry->range, out, error))
        return error_prefix(error, "snapshot of block %" PRIu64 ", chunk %zu", snapshot->height,
                            number);
    const hash256 hash = keccak256(out->data + start, out->size - start);
    return hash256_equal(&hash, &entry->hash)
           || error_set(error, ERROR_CORRUPT,
                        "snapshot of block %" PRIu64 ", chunk %zu: not what the manifest says",
                        snapshot->height, number);
}

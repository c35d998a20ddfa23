#include "ledger/state/past.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/codec/rlp.h"
#include "ledger/trie/reverse.h"

#define SLICES       256
#define MAP_SIZE     (SLICES / 8)
#define MEMORY_BOUND 16777216 /* of slices kept; beyond it they are read again */

/* ---- Slices ------------------------------------------------------------------------------ */

static uint8_t slice_of(const hash256 *owner, const uint8_t *path, size_t path_size)
{
    const uint8_t spread = path_size < 2 ? 0 : (uint8_t)((unsigned)path[0] << 4 | path[1]);
    return (uint8_t)(((unsigned)owner->bytes[0] + spread) % SLICES);
}

static bool map_has(const uint8_t *map, unsigned slice)
{
    return (map[slice / 8] >> slice % 8 & 1) != 0;
}

void past_put(struct store_batch *batch, uint64_t height, const struct trie_changes *changes)
{
    struct buffer *slices = memory_new_zeroed(SLICES, sizeof *slices);
    uint8_t map[MAP_SIZE] = {0};
    for (size_t i = 0; i < changes->count; i++) {
        const struct trie_node_change *change = &changes->nodes[i];
        reverse_encode(change, &slices[slice_of(&change->owner, change->path, change->path_size)]);
    }
    for (unsigned slice = 0; slice < SLICES; slice++) {
        if (slices[slice].size == 0)
            continue;
        const struct store_key key = key_past_slice(height, (uint8_t)slice);
        record_put_plain(batch, key_view(&key), buffer_view(&slices[slice]));
        map[slice / 8] = (uint8_t)(map[slice / 8] | 1u << slice % 8);
        buffer_cleanup(&slices[slice]);
    }
    const struct store_key key = key_numbered(KEY_PAST, height);
    record_put_plain(batch, key_view(&key), bytes_of(map, sizeof map));
    free(slices);
}

static bool load_map(struct store_at at, uint64_t height, uint8_t *map, bool *found,
                     struct error *error)
{
    struct buffer value = {0};
    struct bytes content = {0};
    const struct store_key key = key_numbered(KEY_PAST, height);
    bool ok = store_get(at.store, at.snapshot, key_view(&key), &value, found, error)
              && (!*found || record_plain(buffer_view(&value), "trie diff", &content, error));
    if (ok && *found) {
        ok = content.size == MAP_SIZE
             || error_set(error, ERROR_CORRUPT,
                          "store: the trie diff of block %" PRIu64
                          " is damaged; move the store aside and restore a backup",
                          height);
        if (ok)
            memcpy(map, content.data, MAP_SIZE);
    }
    buffer_cleanup(&value);
    return ok;
}

bool past_prune(struct store *store, struct store_batch *batch, uint64_t height,
                struct error *error)
{
    uint8_t map[MAP_SIZE];
    bool found = false;
    if (height <= PAST_BLOCKS)
        return true;
    const uint64_t dropped = height - PAST_BLOCKS;
    if (!load_map((struct store_at){store, NULL}, dropped, map, &found, error))
        return false;
    if (!found)
        return true;
    for (unsigned slice = 0; slice < SLICES; slice++) {
        const struct store_key key = key_past_slice(dropped, (uint8_t)slice);
        if (map_has(map, slice))
            store_batch_delete(batch, key_view(&key));
    }
    const struct store_key key = key_numbered(KEY_PAST, dropped);
    store_batch_delete(batch, key_view(&key));
    return true;
}

/* ---- Reading ----------------------------------------------------------------------------- */

/* An entry with the block it comes from. */
struct dated {
    struct reverse entry;
    uint64_t height;
};

struct slice {
    bool is_loaded;
    struct dated *entries; /* by owner, path, height */
    size_t count;
};

struct past {
    struct store_at at;
    uint64_t height, head;
    bool (*is_over)(void *context);
    void *context;
    uint8_t (*maps)[MAP_SIZE]; /* of the blocks from height + 1 on */
    struct slice slices[SLICES];
    struct arena arena; /* what the slices hold */
    struct error failure;
};

static bool load_maps(struct past *past, struct error *error)
{
    for (uint64_t height = past->height + 1; height <= past->head; height++) {
        bool found = false;
        if (!load_map(past->at, height, past->maps[height - past->height - 1], &found, error))
            return false;
        if (!found)
            return error_set(error, ERROR_NOT_FOUND,
                             "the trie at block %" PRIu64 " is not known: block %" PRIu64
                             " was made before proofs of earlier blocks were kept; ask for a "
                             "newer block",
                             past->height, height);
    }
    return true;
}

struct past *past_new(struct store_at at, uint64_t height, uint64_t head,
                      bool (*is_over)(void *context), void *context, struct error *error)
{
    struct past *past = memory_new_zeroed(1, sizeof *past);
    past->at = at;
    past->height = height;
    past->head = head;
    past->is_over = is_over;
    past->context = context;
    past->maps = memory_new_zeroed(head - height + 1, MAP_SIZE);
    if (load_maps(past, error))
        return past;
    past_free(past);
    return NULL;
}

void past_free(struct past *past)
{
    if (past == NULL)
        return;
    arena_cleanup(&past->arena);
    free(past->maps);
    free(past);
}

bool past_failed(const struct past *past, struct error *error)
{
    if (past->failure.code == ERROR_NONE)
        return false;
    *error = past->failure;
    return true;
}

static int compare_places(const struct reverse *a, const struct reverse *b)
{
    int order = memcmp(a->owner.bytes, b->owner.bytes, sizeof a->owner.bytes);
    if (order == 0)
        order = (a->path_size > b->path_size) - (a->path_size < b->path_size);
    return order != 0 ? order : memcmp(a->path, b->path, a->path_size);
}

static int compare_dated(const void *left, const void *right)
{
    const struct dated *a = left, *b = right;
    const int order = compare_places(&a->entry, &b->entry);
    return order != 0 ? order : (a->height > b->height) - (a->height < b->height);
}

static bool decode_slice(struct past *past, uint64_t height, struct bytes content,
                         struct buffer *entries)
{
    struct rlp_reader in = rlp_reader_over(arena_copy(&past->arena, content));
    struct dated dated = {.height = height};
    while (rlp_has_more(&in))
        if (reverse_decode(&dated.entry, &in))
            buffer_append(entries, &dated, sizeof dated);
    return in.verdict == RLP_OK
           || error_set(&past->failure, ERROR_CORRUPT,
                        "store: the trie diff of block %" PRIu64
                        " is damaged; move the store aside and restore a backup",
                        height);
}

static bool read_slice(struct past *past, uint64_t height, uint8_t slice, struct buffer *entries)
{
    struct buffer value = {0};
    struct bytes content = {0};
    bool found = false;
    const struct store_key key = key_past_slice(height, slice);
    bool ok =
        store_get(past->at.store, past->at.snapshot, key_view(&key), &value, &found, &past->failure)
        && record_plain(buffer_view(&value), "trie diff", &content, &past->failure)
        && decode_slice(past, height, content, entries);
    buffer_cleanup(&value);
    return ok;
}

static void forget_slices(struct past *past)
{
    memset(past->slices, 0, sizeof past->slices);
    arena_reset(&past->arena);
}

static bool load_slice(struct past *past, uint8_t number)
{
    struct slice *slice = &past->slices[number];
    struct buffer entries = {0};
    bool ok = true;
    if (slice->is_loaded)
        return true;
    if (past->is_over != NULL && past->is_over(past->context))
        return error_set(&past->failure, ERROR_BUSY, "the proof took too long");
    if (past->arena.size_bytes > MEMORY_BOUND)
        forget_slices(past);
    for (uint64_t height = past->height + 1; ok && height <= past->head; height++)
        if (map_has(past->maps[height - past->height - 1], number))
            ok = read_slice(past, height, number, &entries);
    if (ok) {
        const struct bytes kept = arena_copy(&past->arena, buffer_view(&entries));
        slice->entries = (struct dated *)(uintptr_t)kept.data;
        slice->count = kept.size / sizeof *slice->entries;
        slice->is_loaded = true;
        if (slice->count > 0)
            qsort(slice->entries, slice->count, sizeof *slice->entries, compare_dated);
    }
    buffer_cleanup(&entries);
    return ok;
}

/* The entries of one place, oldest block first: at most one a block. */
static size_t find_entries(const struct slice *slice, const struct reverse *place,
                           const struct reverse **found)
{
    size_t low = 0, high = slice->count, count = 0;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_places(&slice->entries[middle].entry, place) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < slice->count && count < PAST_BLOCKS
           && compare_places(&slice->entries[low].entry, place) == 0;
         low++)
        found[count++] = &slice->entries[low].entry;
    return count;
}

static bool read_now(struct past *past, const hash256 *owner, const uint8_t *path, size_t path_size,
                     struct buffer *value, struct bytes *encoded)
{
    const struct store_key key = key_node(owner, path, path_size);
    bool found = false;
    *encoded = bytes_of(NULL, 0);
    return store_get(past->at.store, past->at.snapshot, key_view(&key), value, &found,
                     &past->failure)
           && (!found || record_plain(buffer_view(value), "trie node", encoded, &past->failure));
}

static bool read_node(void *context, const hash256 *owner, const uint8_t *path, size_t path_size,
                      struct buffer *out)
{
    struct past *past = context;
    const uint8_t number = slice_of(owner, path, path_size);
    const struct reverse *entries[PAST_BLOCKS];
    struct reverse place = {.owner = *owner, .path_size = (uint8_t)path_size};
    struct buffer value = {0};
    struct bytes now;
    const size_t size_before = out->size;
    if (past->failure.code != ERROR_NONE || !load_slice(past, number))
        return false;
    if (path_size > 0)
        memcpy(place.path, path, path_size);
    const size_t count = find_entries(&past->slices[number], &place, entries);
    bool ok = read_now(past, owner, path, path_size, &value, &now)
              && (reverse_apply(entries, count, now, out)
                  || error_set(&past->failure, ERROR_CORRUPT,
                               "store: the trie diffs since block %" PRIu64
                               " contradict each other; move the store aside and restore a backup",
                               past->height));
    buffer_cleanup(&value);
    return ok && out->size > size_before;
}

struct trie_source past_source(struct past *past)
{
    return (struct trie_source){read_node, past};
}

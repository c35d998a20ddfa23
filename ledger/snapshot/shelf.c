#include "ledger/snapshot/shelf.h"

#include <stdlib.h>

#include "vm/crypto/keccak.h"

struct kept {
    struct arena arena;
    struct manifest manifest;
    struct buffer encoded;
    hash256 hash;
};

struct snapshot_shelf {
    size_t chunk_size;
    struct kept *kept[SHELF_SNAPSHOTS_MAX]; /* the older first */
    size_t count;
};

struct snapshot_shelf *snapshot_shelf_new(size_t chunk_size)
{
    struct snapshot_shelf *shelf = memory_new_zeroed(1, sizeof *shelf);
    shelf->chunk_size = chunk_size;
    return shelf;
}

static void free_kept(struct kept *kept)
{
    arena_cleanup(&kept->arena);
    buffer_cleanup(&kept->encoded);
    free(kept);
}

void snapshot_shelf_free(struct snapshot_shelf *shelf)
{
    if (shelf == NULL)
        return;
    for (size_t i = 0; i < shelf->count; i++)
        free_kept(shelf->kept[i]);
    free(shelf);
}

static void keep(struct snapshot_shelf *shelf, struct kept *kept)
{
    if (shelf->count == SHELF_SNAPSHOTS_MAX) {
        free_kept(shelf->kept[0]);
        memmove(shelf->kept, shelf->kept + 1, (SHELF_SNAPSHOTS_MAX - 1) * sizeof *shelf->kept);
        shelf->count--;
    }
    shelf->kept[shelf->count++] = kept;
}

bool snapshot_shelf_fill(struct snapshot_shelf *shelf, const struct ledger_view *view,
                         bool (*is_over)(void *context), void *context, struct error *error)
{
    uint64_t height = 0;
    if (!snapshot_newest(view, &height, error))
        return error->code == ERROR_NOT_FOUND;
    if (shelf->count > 0 && shelf->kept[shelf->count - 1]->manifest.height >= height)
        return true;
    const struct snapshot snapshot = {view, height, shelf->chunk_size};
    struct kept *kept = memory_new_zeroed(1, sizeof *kept);
    if (!snapshot_manifest(&snapshot, is_over, context, &kept->arena, &kept->manifest, error)) {
        free_kept(kept);
        return false;
    }
    manifest_encode(&kept->manifest, &kept->encoded);
    kept->hash = keccak256(kept->encoded.data, kept->encoded.size);
    keep(shelf, kept);
    return true;
}

size_t snapshot_shelf_offers(const struct snapshot_shelf *shelf,
                             struct snapshot_offer offers[SHELF_SNAPSHOTS_MAX])
{
    for (size_t i = 0; i < shelf->count; i++) {
        const struct kept *kept = shelf->kept[i];
        offers[i] =
            (struct snapshot_offer){&kept->manifest, kept->hash, buffer_view(&kept->encoded)};
    }
    return shelf->count;
}

bool snapshot_shelf_chunk(const struct snapshot_shelf *shelf, const struct ledger_view *view,
                          const hash256 *manifest, size_t number, struct buffer *out,
                          struct error *error)
{
    for (size_t i = 0; i < shelf->count; i++) {
        const struct kept *kept = shelf->kept[i];
        const struct snapshot snapshot = {view, kept->manifest.height, shelf->chunk_size};
        if (hash256_equal(&kept->hash, manifest))
            return snapshot_chunk(&snapshot, &kept->manifest, number, out, error);
    }
    return error_set(error, ERROR_NOT_FOUND, "no snapshot of that manifest is kept");
}

/* The manifests a node offers: of its newest checkpoint, and of the one before, which somebody may
 * be fetching still. For one thread at a time. */
#ifndef LEDGER_SNAPSHOT_SHELF_H
#define LEDGER_SNAPSHOT_SHELF_H
#include "ledger/snapshot/snapshot.h"

#define SHELF_SNAPSHOTS_MAX 2

struct snapshot_shelf; /* opaque */

struct snapshot_shelf *snapshot_shelf_new(size_t chunk_size); /* SNAPSHOT_CHUNK_SIZE_MAX */
void snapshot_shelf_free(struct snapshot_shelf *shelf);       /* accepts NULL */

/* Makes the manifest of the view's newest checkpoint, if it is not there; for a worker, after a
 * block that is one and at the start. True also when there is no checkpoint yet. */
bool snapshot_shelf_fill(struct snapshot_shelf *shelf, const struct ledger_view *view,
                         bool (*is_over)(void *context), void *context, struct error *error)
    __attribute__((warn_unused_result));

struct snapshot_offer {
    const struct manifest *manifest;
    hash256 hash;         /* of the manifest */
    struct bytes encoded; /* the manifest */
};
/* By rising height; borrowed until the shelf is filled again. */
size_t snapshot_shelf_offers(const struct snapshot_shelf *shelf,
                             struct snapshot_offer offers[SHELF_SNAPSHOTS_MAX]);
/* Appends a chunk of the manifest of that hash. ERROR_NOT_FOUND: not on the shelf, or no such
 * chunk, or the state is not kept any more. */
bool snapshot_shelf_chunk(const struct snapshot_shelf *shelf, const struct ledger_view *view,
                          const hash256 *manifest, size_t number, struct buffer *out,
                          struct error *error) __attribute__((warn_unused_result));
#endif

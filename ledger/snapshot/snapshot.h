/* The serving side: a ledger as of a checkpoint, in chunks. Any thread, through a view.
 *
 * A checkpoint is each block whose height is a multiple of CHECKPOINT_EVERY, and each seal; its
 * counters are kept when it is committed (store/keys.h, 'P'), all else is read back as any past
 * state is. So what a chunk holds does not depend on when it is read, nor by which node, as long
 * as the state of that height is kept. */
#ifndef LEDGER_SNAPSHOT_SNAPSHOT_H
#define LEDGER_SNAPSHOT_SNAPSHOT_H
#include "ledger/ledger.h"
#include "ledger/snapshot/manifest.h"

struct snapshot {
    const struct ledger_view *view;
    uint64_t height;   /* of the checkpoint */
    size_t chunk_size; /* SNAPSHOT_CHUNK_SIZE_MAX everywhere but in tests */
};

/* The newest checkpoint of which the view can read the state. ERROR_NOT_FOUND when there is none
 * yet. */
bool snapshot_newest(const struct ledger_view *view, uint64_t *height, struct error *error)
    __attribute__((warn_unused_result));

/* Reads all of the state, twice: for a worker, once per checkpoint. `is_over` (may be NULL) ends it
 * with ERROR_BUSY. ERROR_NOT_FOUND when the block is no checkpoint, or is not kept. */
bool snapshot_manifest(const struct snapshot *snapshot, bool (*is_over)(void *context),
                       void *context, struct arena *arena, struct manifest *manifest,
                       struct error *error) __attribute__((warn_unused_result));
/* Appends the chunk with that number of the checkpoint's manifest; reads no more than its range.
 * ERROR_CORRUPT when it does not hash to what the manifest says. */
bool snapshot_chunk(const struct snapshot *snapshot, const struct manifest *manifest, size_t number,
                    struct buffer *out, struct error *error) __attribute__((warn_unused_result));
#endif

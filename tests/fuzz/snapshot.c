/* What a joiner takes from others: manifests, chunks, the base of a snapshot. The first byte says
 * which. */
#include "ledger/snapshot/base.h"
#include "ledger/snapshot/chunk.h"
#include "tests/fuzz/target.h"

static bool again_from(uint8_t kind, struct bytes input, struct buffer *again, struct arena *arena)
{
    struct manifest manifest;
    struct chunk chunk;
    struct snapshot_base base;
    struct error error;
    bool ok = false;

    switch (kind % 3) {
    case 0:
        if ((ok = manifest_decode(&manifest, input, arena, &error)))
            manifest_encode(&manifest, again);
        return ok;
    case 1:
        if ((ok = chunk_decode(&chunk, input, arena, &error))) {
            const struct snapshot_range all = {.kind = chunk.kind};
            must(chunk_is_in(&chunk, &all, &error), "a chunk is not in the range of all keys");
            chunk_encode(&chunk, again);
        }
        return ok;
    default:
        if ((ok = base_decode(&base, input, arena, &error)))
            base_encode(&base, again);
        return ok;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    must_encode_again(data, size, again_from);
    return 0;
}

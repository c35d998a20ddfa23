#include "ledger/snapshot/import.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "ledger/inside.h"
#include "ledger/snapshot/build.h"
#include "ledger/snapshot/chunk.h"
#include "ledger/snapshot/received.h"
#include "ledger/store/folder.h"
#include "vm/crypto/keccak.h"

struct snapshot_import {
    struct arena arena;
    char *directory; /* where the ledger will stand */
    char *draft;
    char *chunks;
    struct snapshot_ground ground;
    struct manifest manifest;
    size_t *by_hash; /* numbers of chunks, in the order of their hashes */
    bool *has;
    size_t missing;
};

/* ---- Chunks by hash ------------------------------------------------------------------------ */

static const hash256 *hash_at(const struct snapshot_import *import, size_t place)
{
    return &import->manifest.entries[import->by_hash[place]].hash;
}

static int compare_numbers(const void *left, const void *right, void *context)
{
    const struct snapshot_import *import = context;
    const size_t *a = left, *b = right;
    return memcmp(import->manifest.entries[*a].hash.bytes, import->manifest.entries[*b].hash.bytes,
                  sizeof(hash256));
}

static void index_hashes(struct snapshot_import *import)
{
    const size_t count = import->manifest.entries_count;
    import->by_hash = arena_array(&import->arena, count, sizeof *import->by_hash);
    import->has = arena_array(&import->arena, count, sizeof *import->has);
    import->missing = count;
    for (size_t i = 0; i < count; i++)
        import->by_hash[i] = i;
    qsort_r(import->by_hash, count, sizeof *import->by_hash, compare_numbers, import);
}

/* Every chunk of that hash is there: two pieces of the base may be the same. False: there is none.
 */
static bool mark(void *context, const hash256 *hash)
{
    struct snapshot_import *import = context;
    const size_t count = import->manifest.entries_count;
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (memcmp(hash_at(import, middle)->bytes, hash->bytes, sizeof hash->bytes) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    const size_t first = low;
    for (; low < count && hash256_equal(hash_at(import, low), hash); low++) {
        import->missing -= !import->has[import->by_hash[low]];
        import->has[import->by_hash[low]] = true;
    }
    return low > first;
}

/* ---- Life ---------------------------------------------------------------------------------- */

static bool take_manifest(struct snapshot_import *import, struct bytes manifest,
                          struct error *error)
{
    struct snapshot_facts facts;
    if (!snapshot_ground_check(&import->ground, &import->arena, &facts, error)
        || !manifest_decode(&import->manifest, manifest, &import->arena, error))
        return false;
    if (import->manifest.height != import->ground.header.number
        || !hash256_equal(&import->manifest.block_hash, &facts.block_hash))
        return error_set(error, ERROR_INVALID,
                         "manifest: of another block than checkpoint %" PRIu64,
                         import->ground.header.number);
    index_hashes(import);
    return true;
}

static bool open_draft(struct snapshot_import *import, struct error *error)
{
    struct stat status;
    if (lstat(import->directory, &status) == 0)
        return error_set(error, ERROR_EXISTS, "%s exists already, expected a new place",
                         import->directory);
    if (mkdir(import->draft, 0700) != 0 && errno != EEXIST)
        return error_set_errno(error, "cannot make %s", import->draft);
    return received_open(import->chunks, mark, import, error);
}

struct snapshot_import *snapshot_import_open(const char *directory,
                                             const struct snapshot_ground *ground,
                                             struct bytes manifest, struct error *error)
{
    struct snapshot_import *import = memory_new_zeroed(1, sizeof *import);
    import->directory = arena_text(&import->arena, bytes_of_text(directory));
    import->draft = arena_format(&import->arena, "%s" SNAPSHOT_DRAFT_SUFFIX, directory);
    import->chunks = arena_format(&import->arena, "%s/chunks", import->draft);
    snapshot_ground_copy(&import->ground, ground, &import->arena);
    if (take_manifest(import, manifest, error) && open_draft(import, error))
        return import;
    snapshot_import_close(import);
    return NULL;
}

void snapshot_import_close(struct snapshot_import *import)
{
    if (import == NULL)
        return;
    arena_cleanup(&import->arena);
    free(import);
}

bool snapshot_import_has(const struct snapshot_import *import, size_t number)
{
    return number < import->manifest.entries_count && import->has[number];
}

size_t snapshot_import_missing(const struct snapshot_import *import)
{
    return import->missing;
}

/* ---- Chunks -------------------------------------------------------------------------------- */

static enum snapshot_verdict check_chunk(const struct snapshot_import *import, size_t number,
                                         struct bytes bytes, struct error *error)
{
    const struct snapshot_entry *entry = &import->manifest.entries[number];
    const hash256 hash = keccak256(bytes.data, bytes.size);
    struct arena arena = {0};
    struct chunk chunk;
    if (!hash256_equal(&hash, &entry->hash)) {
        error_set(error, ERROR_INVALID,
                  "chunk %zu: the bytes do not hash to what the manifest says", number);
        return SNAPSHOT_WRONG_HASH;
    }
    const bool ok =
        chunk_decode(&chunk, bytes, &arena, error) && chunk_is_in(&chunk, &entry->range, error);
    arena_cleanup(&arena);
    if (!ok)
        error_prefix(error, "chunk %zu", number);
    return ok ? SNAPSHOT_OK : SNAPSHOT_BAD_CHUNK;
}

bool snapshot_import_add(struct snapshot_import *import, size_t number, struct bytes chunk,
                         enum snapshot_verdict *verdict, struct error *error)
{
    *verdict = SNAPSHOT_UNKNOWN;
    if (number >= import->manifest.entries_count) {
        error_set(error, ERROR_INVALID, "the manifest has no chunk %zu, only %zu", number,
                  import->manifest.entries_count);
        return true;
    }
    *verdict = SNAPSHOT_OK;
    if (import->has[number])
        return true;
    *verdict = check_chunk(import, number, chunk, error);
    if (*verdict != SNAPSHOT_OK)
        return true;
    const hash256 *hash = &import->manifest.entries[number].hash;
    if (!received_put(import->chunks, hash, chunk, error))
        return false;
    mark(import, hash);
    return true;
}

/* ---- The end ------------------------------------------------------------------------------- */

static bool build(const struct snapshot_import *import, bool (*is_over)(void *context),
                  void *context, struct error *error)
{
    char *sorted = folder_path(import->draft, "sorted");
    char *ledger = folder_path(import->draft, "ledger");
    char *store = folder_path(ledger, LEDGER_STORE_FOLDER);
    const struct snapshot_chunks source = {.ground = &import->ground,
                                           .manifest = &import->manifest,
                                           .chunks = import->chunks,
                                           .sorted = sorted,
                                           .store = store,
                                           .is_over = is_over,
                                           .context = context};
    /* What is left of an attempt that was broken off. */
    bool ok = folder_remove(sorted, error) && folder_remove(ledger, error);
    if (ok && mkdir(ledger, 0700) != 0)
        ok = error_set_errno(error, "cannot make %s", ledger);
    ok = ok && snapshot_build(&source, error);
    struct error ignored;
    const bool is_removed = folder_remove(sorted, ok ? error : &ignored);
    ok = ok && is_removed && folder_publish(ledger, import->directory, error);
    if (!ok && !folder_remove(ledger, &ignored))
        error_prefix(error, "%s is left behind", ledger);
    free(store);
    free(ledger);
    free(sorted);
    return ok;
}

bool snapshot_import_finish(struct snapshot_import *import, bool (*is_over)(void *context),
                            void *context, struct error *error)
{
    if (import->missing > 0)
        return error_set(error, ERROR_INVALID, "%zu of %zu chunks are missing", import->missing,
                         import->manifest.entries_count);
    if (!build(import, is_over, context, error))
        return error_prefix(error, "snapshot of block %" PRIu64, import->manifest.height);
    snapshot_import_tidy(import->directory);
    return true;
}

void snapshot_import_tidy(const char *directory)
{
    const size_t size = strlen(directory) + sizeof SNAPSHOT_DRAFT_SUFFIX;
    char *draft = memory_new(size);
    struct error ignored;
    snprintf(draft, size, "%s" SNAPSHOT_DRAFT_SUFFIX, directory);
    (void)!folder_remove(draft, &ignored);
    free(draft);
}

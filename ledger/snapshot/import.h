/* The joining side: from chunks to a store that goes on from a checkpoint.
 *
 *   DIRECTORY.sync/chunks/HASH    chunks received, each under its hash
 *   DIRECTORY.sync/sorted/        the state by hashed keys, while the tries are built
 *   DIRECTORY.sync/ledger/        the ledger being built
 *   DIRECTORY/                    the ledger; appears whole or not at all
 *
 * Chunks come in any order and are kept: a new attempt, after a crash or with the manifest of a
 * later checkpoint, goes on with those that its manifest names. Building begins anew when it is
 * broken off. For one thread at a time. */
#ifndef LEDGER_SNAPSHOT_IMPORT_H
#define LEDGER_SNAPSHOT_IMPORT_H
#include "ledger/snapshot/ground.h"
#include "ledger/snapshot/manifest.h"

#define SNAPSHOT_DRAFT_SUFFIX ".sync"

struct snapshot_import;

/* Begins, or goes on where an earlier attempt stopped: reads what was received; chunks that the
 * manifest does not name, or that do not hash to their name, are removed. ERROR_EXISTS if
 * `directory` is there; ERROR_INVALID when manifest and ground contradict each other. Copies what
 * it is given. */
struct snapshot_import *snapshot_import_open(const char *directory,
                                             const struct snapshot_ground *ground,
                                             struct bytes manifest, struct error *error);
/* What was received stays on the disk. Accepts NULL. */
void snapshot_import_close(struct snapshot_import *import);

bool snapshot_import_has(const struct snapshot_import *import, size_t number);
size_t snapshot_import_missing(const struct snapshot_import *import); /* how many chunks */

enum snapshot_verdict {
    SNAPSHOT_OK,         /* kept, or had already */
    SNAPSHOT_UNKNOWN,    /* the manifest has no chunk of that number */
    SNAPSHOT_WRONG_HASH, /* a bad transfer: ask somebody else */
    SNAPSHOT_BAD_CHUNK,  /* what the manifest names, but no chunk: the manifest is wrong */
};
/* False when the disk failed, with no verdict. For any verdict but SNAPSHOT_OK `error` says what
 * was wrong. */
bool snapshot_import_add(struct snapshot_import *import, size_t number, struct bytes chunk,
                         enum snapshot_verdict *verdict, struct error *error)
    __attribute__((warn_unused_result));

/* Builds the ledger of all chunks and checks it against the header: state root, codes (the root has
 * their hashes), balances against the counters, the block and its receipts, the headers before it.
 * Then it stands in `directory`, for ledger_open(). ERROR_INVALID when something contradicts: then
 * the manifest is wrong, and so are those who agreed on it; nothing but the chunks is left.
 * `is_over` (may be NULL) ends it with ERROR_BUSY. */
bool snapshot_import_finish(struct snapshot_import *import, bool (*is_over)(void *context),
                            void *context, struct error *error) __attribute__((warn_unused_result));

/* Removes what attempts left beside `directory`, where a ledger stands; ledger_open() does so too,
 * for a crash in between. What cannot be removed is left. */
void snapshot_import_tidy(const char *directory);
#endif

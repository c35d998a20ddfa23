/* Chunks on the disk while a snapshot is received: a folder with a file each, named by its hash.
 *
 * Nothing is synced: whatever a crash leaves is told from a whole chunk by hashing it. */
#ifndef LEDGER_SNAPSHOT_RECEIVED_H
#define LEDGER_SNAPSHOT_RECEIVED_H
#include "vm/base/bytes.h"
#include "vm/base/error.h"

/* Makes the folder if it is not there. Every file that holds the chunk of its name is shown to
 * `keep`, which says whether it stays; anything else in the folder is removed. */
bool received_open(const char *folder, bool (*keep)(void *context, const hash256 *hash),
                   void *context, struct error *error) __attribute__((warn_unused_result));
bool received_put(const char *folder, const hash256 *hash, struct bytes chunk, struct error *error)
    __attribute__((warn_unused_result));
/* Appends the chunk; *found is false when it is not there, or is not what its name says. */
bool received_load(const char *folder, const hash256 *hash, struct buffer *out, bool *found,
                   struct error *error) __attribute__((warn_unused_result));
#endif

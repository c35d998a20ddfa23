/* Final blocks with their certificates as one stream of bytes, for backup and restore.
 *
 *   record = container size u32 | container | size u32 | nothing | size u32 | finalization
 *
 * Records follow each other by height from 1; a block that a later one's FINALIZATION made final
 * has none of its own. (In the middle earlier versions wrote a NOTARIZATION, which is passed
 * over.) Applying a stream executes and checks every block, so a damaged or forged one is refused
 * at the block that is wrong. */
#ifndef NODE_BLOCK_STREAM_H
#define NODE_BLOCK_STREAM_H
#include "ledger/ledger.h"

#define BLOCK_RECORD_SIZE_MAX (32 * 1024 * 1024)

/* On the ledger's actor: appends the records from `height` on, until the head, `count_max`
 * blocks or `size_max` bytes (at least one block). *next is the height to go on with, above the
 * head when there is nothing more. ERROR_UNSUPPORTED on a ledger that began with a snapshot above
 * `height`. */
bool block_stream_collect(struct ledger *ledger, uint64_t height, size_t count_max, size_t size_max,
                          struct buffer *out, uint64_t *next, struct error *error)
    __attribute__((warn_unused_result));

/* On the ledger's actor: reads the one record in `record`, checks and executes it and, if it has a
 * FINALIZATION, commits it with what it stands on; then *is_final. */
bool block_stream_apply(struct ledger *ledger, struct vm *machine, struct bytes record,
                        bool *is_final, struct error *error) __attribute__((warn_unused_result));
/* The size of the first record; 0 when more bytes are needed to know. False if it is larger
 * than a record can be. */
bool block_stream_record_size(struct bytes records, size_t *size, struct error *error)
    __attribute__((warn_unused_result));
#endif

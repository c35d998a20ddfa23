/* The tries as they were up to PAST_BLOCKS blocks ago: today's nodes, and what each block since
 * overwrote (ledger/trie/reverse.h).
 *
 *   'U' height           a bit for each slice the block wrote; always there
 *   'U' height, slice    reverse entries of the nodes that fall into the slice
 *
 * A block's entries are spread over at most 256 slices by owner and the path's first nibbles, so
 * that one key's way through a trie meets two slices a block, and a proof reads little of what
 * other keys changed. Each block drops the record of the one PAST_BLOCKS before it. */
#ifndef LEDGER_STATE_PAST_H
#define LEDGER_STATE_PAST_H
#include "ledger/store/records.h"
#include "ledger/trie/trie.h"

#define PAST_BLOCKS 128 /* how far below the head proofs reach; geth's */

/* The block's entries into its batch. */
void past_put(struct store_batch *batch, uint64_t height, const struct trie_changes *changes);
/* Drops the record of the block PAST_BLOCKS below `height`, if there is one. */
bool past_prune(struct store *store, struct store_batch *batch, uint64_t height,
                struct error *error) __attribute__((warn_unused_result));

struct past;

/* The tries after the block at `height`, up to PAST_BLOCKS below `head`, which is the newest in
 * `at`. NULL with ERROR_NOT_FOUND when a block since then left no record: it was made by a
 * program that kept none. `is_over` (may be NULL) ends reading with ERROR_BUSY. */
struct past *past_new(struct store_at at, uint64_t height, uint64_t head,
                      bool (*is_over)(void *context), void *context, struct error *error);
void past_free(struct past *past); /* accepts NULL */
struct trie_source past_source(struct past *past);
/* True once a read failed. */
bool past_failed(const struct past *past, struct error *error);
#endif

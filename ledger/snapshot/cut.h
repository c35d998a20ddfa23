/* Where one chunk ends and the next begins: a rule on keys and sizes alone.
 *
 * Think of all keys of a kind as a binary tree by their bits. A subtree whose items together are no
 * larger than a chunk, inside one that is larger, is a chunk; so is the whole tree if it is small.
 * A single item is a chunk even if it is larger. Subtrees without items are none.
 *
 * Hence what happens in one place of the tree never moves the borders of other chunks. Items come
 * in order and are looked at once; no more are kept than fill a chunk, and one. */
#ifndef LEDGER_SNAPSHOT_CUT_H
#define LEDGER_SNAPSHOT_CUT_H
#include "ledger/snapshot/manifest.h"

struct cutter {
    enum snapshot_kind kind;
    size_t size_max;       /* bytes of the items of a chunk */
    struct buffer items;   /* those not yet in a range */
    size_t accepted;       /* how many of them are in the next range for sure */
    size_t accepted_bytes; /* their size */
    unsigned bits_min;     /* a shorter prefix of the first item holds too much */
};

void cutter_init(struct cutter *cutter, enum snapshot_kind kind, size_t size_max);
void cutter_cleanup(struct cutter *cutter);

/* Keys rise. Appends to `ranges`, an array of struct snapshot_range, what is settled by this. */
void cutter_add(struct cutter *cutter, const uint8_t *key, size_t size_bytes,
                struct buffer *ranges);
/* There are no more items. */
void cutter_end(struct cutter *cutter, struct buffer *ranges);
#endif

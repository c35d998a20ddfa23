/* What a block not yet final changed, in memory, on top of its parent.
 *
 *   store (head)  ◄── overlay of head + 1 ◄── overlay of head + 2
 *                 ◄── overlay of another head + 1
 *
 * An overlay answers state and trie nodes for what its block changed and asks its parent for the
 * rest, at the bottom the store. It borrows the changes it is made of. */
#ifndef LEDGER_STATE_OVERLAY_H
#define LEDGER_STATE_OVERLAY_H
#include "ledger/state/changes.h"
#include "ledger/trie/trie.h"

struct overlay;

/* On top of `parent`, or of `base` (the head) when `parent` is NULL. */
struct overlay *overlay_new(const struct overlay *parent, const struct state_reader *base,
                            const struct state_changes *changes, const struct trie_changes *nodes);
void overlay_free(struct overlay *overlay); /* accepts NULL */
/* Its parent has become the head. */
void overlay_rebase(struct overlay *overlay);

struct state_reader overlay_reader(const struct overlay *overlay);

enum overlay_node {
    OVERLAY_NODE_UNCHANGED, /* neither this overlay nor one below changed it */
    OVERLAY_NODE_REMOVED,
    OVERLAY_NODE_FOUND,
};
/* `overlay` may be NULL: then everything is unchanged. */
enum overlay_node overlay_find_node(const struct overlay *overlay, const hash256 *owner,
                                    const uint8_t *path, size_t path_size, struct bytes *encoded);
#endif

/* What a block overwrote in the tries, so that they can be read as they were before it.
 *
 * A branch in which the block changed some children is kept as those children's former
 * references, anything else as the former node whole. A node that was not there before needs no
 * entry: nothing of that time refers to it.
 *
 *   entry = RLP [owner, path, children, content]
 *     owner     32 bytes, or empty for the account trie
 *     path      nibbles, one a byte
 *     children  bit i: the reference of child i stands in `content`; 0: the whole node does
 *     content   references as they stand in a branch's RLP, by rising child; or the node's RLP */
#ifndef LEDGER_TRIE_REVERSE_H
#define LEDGER_TRIE_REVERSE_H
#include "ledger/trie/trie.h"

struct reverse {
    hash256 owner;
    uint8_t path[TRIE_PATH_MAX];
    uint8_t path_size;
    uint16_t children;
    struct bytes content;
};

/* Appends the entry of one change; nothing if there is nothing to go back to. */
void reverse_encode(const struct trie_node_change *change, struct buffer *out);
/* Takes entries one by one; views borrow from the reader's bytes. False for anything
 * reverse_encode() would not write, with the reader failed. */
struct rlp_reader;
bool reverse_decode(struct reverse *entry, struct rlp_reader *in);

/* Appends the node as it was before the blocks of `entries` (of one path, oldest block first),
 * where `now` is the node after all of them; empty if it is no more. False if they do not fit
 * each other: a damaged store. */
bool reverse_apply(const struct reverse *const *entries, size_t count, struct bytes now,
                   struct buffer *out) __attribute__((warn_unused_result));
#endif

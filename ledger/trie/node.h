/* One node of the trie, taken apart: what its RLP says (yellow paper, appendix D).
 *
 *   branch     [ref x 16, value]             value is empty: our keys have one length
 *   extension  [hex-prefix(nibbles, 0), ref]
 *   leaf       [hex-prefix(nibbles, 1), value]
 *
 * A reference is kept as it stands in the parent's RLP: nothing, a 32-byte hash with its
 * header (33 bytes), or a node under 32 bytes in full. Views borrow; nibbles are one a byte. */
#ifndef LEDGER_TRIE_NODE_H
#define LEDGER_TRIE_NODE_H
#include "ledger/codec/rlp.h"
#include "ledger/trie/trie.h"

#define TRIE_REF_HASH_SIZE 33

enum node_kind {
    NODE_EMPTY,
    NODE_LEAF,
    NODE_EXTENSION,
    NODE_BRANCH,
};

struct node {
    enum node_kind kind;
    uint8_t nibbles_count;          /* leaf, extension */
    uint8_t nibbles[TRIE_PATH_MAX]; /* leaf, extension */
    struct bytes value;             /* leaf: its value; extension: its reference */
    struct bytes refs[16];          /* branch */
};

static inline bool ref_is_hash(struct bytes ref)
{
    return ref.size == TRIE_REF_HASH_SIZE;
}

static inline uint8_t nibble_at(const uint8_t *key, size_t index)
{
    return index % 2 == 0 ? key[index / 2] >> 4 : key[index / 2] & 15;
}

/* Reads a node that stands `depth` nibbles below the root of a trie with 32-byte keys: false
 * for anything but a well-formed one of our kinds. Views borrow from `encoded`. */
bool node_decode(struct node *node, struct bytes encoded, size_t depth);
void node_encode(const struct node *node, struct buffer *out);

/* Hex-prefix of nibbles as an RLP string (yellow paper, appendix C). */
void node_put_nibbles(struct buffer *out, const uint8_t *nibbles, size_t count, bool is_leaf);
/* Replaces the node that stands in `out` from `start` on by a reference to it: itself if under
 * 32 bytes, else its hash. */
void node_shrink_to_ref(struct buffer *out, size_t start);
#endif

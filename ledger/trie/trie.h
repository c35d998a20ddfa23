/* The hexary Merkle-Patricia trie (yellow paper, appendix D), kept by path.
 *
 * A node is stored under (owner, path from the root) as its RLP, so an update overwrites the
 * old node and nothing is left behind. `owner` is zero for the account trie, and keccak256 of
 * the address for an account's storage trie. Keys are 32-byte hashes (secure trie) except in
 * trie_root_of(), which builds a throw-away trie over any keys. One sorted batch per trie. */
#ifndef LEDGER_TRIE_TRIE_H
#define LEDGER_TRIE_TRIE_H
#include "ledger/state/changes.h"
#include "vm/base/arena.h"

#define TRIE_PATH_MAX 64 /* nibbles */

/* Where nodes are read from: the store, an overlay, a cache, or nothing. */
struct trie_source {
    /* Appends the node's RLP to `out`; false if there is none (or the read failed, which the
     * source remembers and its owner asks about). `path` is nibbles, one a byte. */
    bool (*node)(void *context, const hash256 *owner, const uint8_t *path, size_t path_size,
                 struct buffer *out);
    void *context;
};

/* One leaf to set, or to remove when `value` is empty. */
struct trie_leaf {
    hash256 key;
    struct bytes value;
};

/* A node that changed; `before` empty: it was not there, `encoded` empty: it is no more. No path
 * changes twice in one update. */
struct trie_node_change {
    hash256 owner;
    uint8_t path[TRIE_PATH_MAX];
    uint8_t path_size;
    struct bytes before;
    struct bytes encoded;
};

struct trie_changes {
    struct trie_node_change *nodes;
    size_t count;
    size_t capacity;
};

/* Applies leaves, sorted by key without duplicates, to the trie whose root is `root`, appends
 * to `changes` (memory from `arena`) and returns the new root in *root. False with
 * ERROR_CORRUPT when a node that must be there is missing or does not match its parent's hash. */
bool trie_update(const struct trie_source *source, const hash256 *owner, hash256 *root,
                 const struct trie_leaf *leaves, size_t leaves_count, struct arena *arena,
                 struct trie_changes *changes, struct error *error)
    __attribute__((warn_unused_result));

/* The state root after `changes` on the state whose root is *root: storage tries first, whose
 * roots go into the account records, then the account trie. */
bool state_root_update(const struct trie_source *source, hash256 *root,
                       struct state_changes *changes, struct arena *arena, struct trie_changes *out,
                       struct error *error) __attribute__((warn_unused_result));

/* What shows that `key` has a value, or none, in the trie whose root is `root` (EIP-1186): the
 * nodes on the key's way from the root on, none for an empty trie. Nodes under 32 bytes stand in
 * their parents. In `arena`. False with ERROR_CORRUPT as trie_update(). */
struct trie_proof {
    struct bytes nodes[TRIE_PATH_MAX + 1];
    size_t nodes_count;
    struct bytes value; /* as the leaf has it; empty: there is none */
};
bool trie_prove(const struct trie_source *source, const hash256 *owner, const hash256 *root,
                const hash256 *key, struct arena *arena, struct trie_proof *proof,
                struct error *error) __attribute__((warn_unused_result));

/* Whether nodes that came from outside prove what stands at `key` in the trie of `root`. Only
 * TRIE_PROOF_OK says anything about the key: *value is the leaf's, borrowed from the nodes, or
 * empty, and then the trie has no such key. Takes exactly what trie_prove() hands out: no node
 * more, in order. */
enum trie_proof_verdict {
    TRIE_PROOF_OK,
    TRIE_PROOF_WRONG_NODE, /* a node is not the one its parent, or the root, names */
    TRIE_PROOF_MALFORMED,  /* a node is none of a trie with 32-byte keys */
    TRIE_PROOF_CUT,        /* the way goes on and there is no node */
    TRIE_PROOF_LEFT_OVER,  /* nodes behind the end of the way */
};
const char *trie_proof_verdict_text(enum trie_proof_verdict verdict);
enum trie_proof_verdict trie_proof_check(const hash256 *root, const hash256 *key,
                                         const struct bytes *nodes, size_t nodes_count,
                                         struct bytes *value);

/* The root of a list as transactions, receipts and withdrawals have it: key rlp(index). */
hash256 trie_root_of_list(const struct bytes *values, size_t count);

/* The root of any set of keys and values, in any order; later duplicates win and an empty
 * value removes. Keys are at most TRIE_PATH_MAX / 2 bytes. */
struct trie_pair {
    struct bytes key;
    struct bytes value;
};
hash256 trie_root_of(const struct trie_pair *pairs, size_t count);

/* RLP of an account as the trie holds it: [nonce, balance, storageRoot, codeHash]. */
void account_encode(const struct account *account, struct buffer *out);
bool account_decode(struct account *account, struct bytes encoded);
#endif

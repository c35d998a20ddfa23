/* The way from the root to a key, as EIP-1186 hands it out. */
#include <string.h>

#include "ledger/chain/header.h"
#include "ledger/trie/node.h"
#include "ledger/trie/trie.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

struct walk {
    const struct trie_source *source;
    const hash256 *owner;
    struct arena *arena;
    struct trie_proof *proof;
    struct error *error;
    uint8_t path[TRIE_PATH_MAX]; /* the key's nibbles */
};

static bool corrupt(const struct walk *walk, size_t depth, const char *what)
{
    char owner[17] = {0};
    hex_encode(owner, walk->owner->bytes, 8);
    return error_set(walk->error, ERROR_CORRUPT, "trie %s..: the node %zu nibbles deep %s", owner,
                     depth, what);
}

/* The node that `ref` names; one with a place of its own becomes part of the proof. */
static bool step_into(struct walk *walk, size_t depth, struct bytes ref, struct node *node)
{
    struct bytes encoded = ref;
    if (ref_is_hash(ref)) {
        struct buffer read = {0};
        const bool is_there =
            walk->source->node(walk->source->context, walk->owner, walk->path, depth, &read);
        encoded = arena_copy(walk->arena, buffer_view(&read));
        buffer_cleanup(&read);
        if (!is_there)
            return corrupt(walk, depth, "is missing");
        const hash256 hash = keccak256(encoded.data, encoded.size);
        if (memcmp(hash.bytes, ref.data + 1, sizeof hash.bytes) != 0)
            return corrupt(walk, depth, "does not match its parent's hash");
        walk->proof->nodes[walk->proof->nodes_count++] = encoded;
    }
    return node_decode(node, encoded, depth) || corrupt(walk, depth, "is malformed");
}

bool trie_prove(const struct trie_source *source, const hash256 *owner, const hash256 *root,
                const hash256 *key, struct arena *arena, struct trie_proof *proof,
                struct error *error)
{
    struct walk walk = {
        .source = source, .owner = owner, .arena = arena, .proof = proof, .error = error};
    uint8_t root_ref[TRIE_REF_HASH_SIZE] = {0x80 + sizeof root->bytes};
    size_t depth = 0;
    *proof = (struct trie_proof){.nodes_count = 0};
    memcpy(root_ref + 1, root->bytes, sizeof root->bytes);
    for (size_t i = 0; i < TRIE_PATH_MAX; i++)
        walk.path[i] = nibble_at(key->bytes, i);
    struct bytes ref = bytes_of(root_ref, sizeof root_ref);
    if (hash256_equal(root, &EMPTY_TRIE_ROOT))
        return true;
    /* Each step goes at least one nibble down, and a leaf ends it. */
    while (ref.size > 0) {
        struct node node;
        if (!step_into(&walk, depth, ref, &node))
            return false;
        if (node.kind == NODE_BRANCH) {
            ref = node.refs[walk.path[depth++]];
            continue;
        }
        if (memcmp(node.nibbles, walk.path + depth, node.nibbles_count) != 0)
            return true;
        if (node.kind == NODE_LEAF) {
            proof->value = node.value;
            return true;
        }
        depth += node.nibbles_count;
        ref = node.value;
    }
    return true;
}

/* The other side of proof.c: believing nodes that a stranger handed out. */
#include <string.h>

#include "ledger/chain/header.h"
#include "ledger/trie/node.h"
#include "ledger/trie/trie.h"
#include "vm/crypto/keccak.h"

struct proof_reader {
    const struct bytes *nodes;
    size_t left;
};

const char *trie_proof_verdict_text(enum trie_proof_verdict verdict)
{
    switch (verdict) {
    case TRIE_PROOF_OK: return "proven";
    case TRIE_PROOF_WRONG_NODE: return "a node has another hash than its parent or the root says";
    case TRIE_PROOF_MALFORMED: return "a node is malformed";
    case TRIE_PROOF_CUT: return "a node is missing";
    case TRIE_PROOF_LEFT_OVER: return "there are nodes that belong to no way";
    }
    return "unknown";
}

/* The node that `ref` names: the next of the proof, or one that stands in its parent. */
static enum trie_proof_verdict step_into(struct proof_reader *in, size_t depth, struct bytes ref,
                                         struct node *node)
{
    struct bytes encoded = ref;
    if (ref_is_hash(ref)) {
        if (in->left == 0)
            return TRIE_PROOF_CUT;
        encoded = *in->nodes++;
        in->left--;
        const hash256 hash = keccak256(encoded.data, encoded.size);
        if (memcmp(hash.bytes, ref.data + 1, sizeof hash.bytes) != 0)
            return TRIE_PROOF_WRONG_NODE;
    }
    return node_decode(node, encoded, depth) ? TRIE_PROOF_OK : TRIE_PROOF_MALFORMED;
}

/* Each step goes at least one nibble down, and a leaf ends at the last one: node_decode() saw to
 * that. */
static enum trie_proof_verdict walk(struct proof_reader *in, const hash256 *root,
                                    const hash256 *key, struct bytes *value)
{
    uint8_t root_ref[TRIE_REF_HASH_SIZE] = {0x80 + sizeof root->bytes};
    size_t depth = 0;
    memcpy(root_ref + 1, root->bytes, sizeof root->bytes);
    struct bytes ref = bytes_of(root_ref, sizeof root_ref);
    while (ref.size > 0) {
        struct node node;
        const enum trie_proof_verdict verdict = step_into(in, depth, ref, &node);
        if (verdict != TRIE_PROOF_OK)
            return verdict;
        if (node.kind == NODE_BRANCH) {
            ref = node.refs[nibble_at(key->bytes, depth++)];
            continue;
        }
        for (size_t i = 0; i < node.nibbles_count; i++)
            if (node.nibbles[i] != nibble_at(key->bytes, depth + i))
                return TRIE_PROOF_OK;
        if (node.kind == NODE_LEAF) {
            *value = node.value;
            return TRIE_PROOF_OK;
        }
        depth += node.nibbles_count;
        ref = node.value;
    }
    return TRIE_PROOF_OK;
}

enum trie_proof_verdict trie_proof_check(const hash256 *root, const hash256 *key,
                                         const struct bytes *nodes, size_t nodes_count,
                                         struct bytes *value)
{
    struct proof_reader in = {nodes, nodes_count};
    *value = bytes_of(NULL, 0);
    const enum trie_proof_verdict verdict =
        hash256_equal(root, &EMPTY_TRIE_ROOT) ? TRIE_PROOF_OK : walk(&in, root, key, value);
    if (verdict == TRIE_PROOF_OK && in.left > 0)
        return TRIE_PROOF_LEFT_OVER;
    return verdict;
}

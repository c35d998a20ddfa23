/* Merkle proofs from strangers: any list of nodes is judged within bounds, and what is believed
 * stands in the nodes, with none to spare.
 *
 *   key 32 | (size u16 big-endian | node)*
 *
 * So that the fuzzer gets below the root, 32 bytes of 0xee in a node stand for the hash of the
 * node behind it; the root is the first one's. */
#include "ledger/trie/trie.h"
#include "tests/fuzz/target.h"
#include "vm/base/cursor.h"
#include "vm/crypto/keccak.h"

#define NODES_MAX 70

static size_t take_nodes(struct cursor *in, struct bytes nodes[NODES_MAX], struct arena *arena)
{
    size_t count = 0;
    while (in->left > 0 && count < NODES_MAX) {
        size_t size = cursor_u16_be(in);
        size = size < in->left ? size : in->left;
        nodes[count++] = arena_copy(arena, bytes_of(in->next, size));
        in->next += size;
        in->left -= size;
    }
    return count;
}

static void link_nodes(struct bytes *nodes, size_t count)
{
    uint8_t marker[32];
    memset(marker, 0xee, sizeof marker);
    for (size_t i = count; i-- > 1;) {
        hash256 hash = keccak256(nodes[i].data, nodes[i].size);
        struct bytes parent = nodes[i - 1];
        uint8_t *place = parent.size == 0 ? NULL : memmem(parent.data, parent.size, marker, 32);
        if (place != NULL)
            memcpy(place, hash.bytes, 32);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cursor in = cursor_over(data, size);
    struct bytes nodes[NODES_MAX], value;
    struct arena arena = {0};
    hash256 key;
    cursor_copy(&in, key.bytes, sizeof key.bytes);
    size_t count = in.failed ? 0 : take_nodes(&in, nodes, &arena);
    if (count > 0) {
        link_nodes(nodes, count);
        hash256 root = keccak256(nodes[0].data, nodes[0].size);
        struct bytes ignored;
        if (trie_proof_check(&root, &key, nodes, count, &value) == TRIE_PROOF_OK) {
            struct bytes last = nodes[count - 1];
            must(value.size == 0 || memmem(last.data, last.size, value.data, value.size) != NULL,
                 "a value that no node holds");
            must(trie_proof_check(&root, &key, nodes, count - 1, &ignored) == TRIE_PROOF_CUT,
                 "a node was not needed");
        }
        struct account account;
        if (account_decode(&account, nodes[0])) {
            struct buffer again = {0};
            account_encode(&account, &again);
            must(bytes_equal(buffer_view(&again), nodes[0]), "an account with two encodings");
            buffer_cleanup(&again);
        }
    }
    arena_cleanup(&arena);
    return 0;
}

#include "tests/unit/ledger/proof_check.h"

#include "ledger/codec/rlp.h"
#include "vm/crypto/keccak.h"
#include <string.h>

static unsigned nibble(const uint8_t *bytes, size_t index)
{
    return index % 2 == 0 ? bytes[index / 2] >> 4 : bytes[index / 2] & 15u;
}

/* The items of a node's list: 17, 2, or 0 if it is none. */
static size_t take_apart(struct bytes node, struct bytes items[17])
{
    struct rlp_reader in = rlp_reader_over(node);
    struct rlp_reader list = rlp_list(&in);
    size_t count = 0;
    while (rlp_has_more(&list) && count < 17)
        items[count++] = rlp_item(&list);
    return rlp_has_more(&list) || list.verdict != RLP_OK ? 0 : count;
}

static struct bytes text_of(struct bytes item)
{
    struct rlp_reader in = rlp_reader_over(item);
    return rlp_string(&in);
}

bool proof_shows(const hash256 *root, const hash256 *key, const struct trie_proof *proof,
                 struct bytes *value)
{
    static const uint8_t empty_string[] = {0x80};
    const hash256 empty_root = keccak256(empty_string, 1);
    struct bytes hash = bytes_of(root->bytes, 32);
    size_t depth = 0, used = 0;
    *value = bytes_of(NULL, 0);
    if (hash256_equal(root, &empty_root))
        return proof->nodes_count == 0;
    for (;;) {
        if (used == proof->nodes_count)
            return false;
        struct bytes node = proof->nodes[used++];
        const hash256 found = keccak256(node.data, node.size);
        if (hash.size != 32 || memcmp(found.bytes, hash.data, 32) != 0)
            return false;
        /* Down through this node and those that stand in it. */
        for (;;) {
            struct bytes items[17], next;
            const size_t count = take_apart(node, items);
            if (count == 17) {
                next = items[nibble(key->bytes, depth++)];
            } else if (count == 2) {
                const struct bytes path = text_of(items[0]);
                const unsigned flags = path.data[0] >> 4;
                for (size_t at = (flags & 1) != 0 ? 1 : 2; at < 2 * path.size; at++, depth++)
                    if (depth >= 64 || nibble(path.data, at) != nibble(key->bytes, depth))
                        return used == proof->nodes_count;
                if ((flags & 2) != 0) {
                    *value = text_of(items[1]);
                    return depth == 64 && used == proof->nodes_count;
                }
                next = items[1];
            } else {
                return false;
            }
            if (next.size == 1 && next.data[0] == 0x80)
                return used == proof->nodes_count;
            if (next.data[0] < 0xc0) {
                hash = text_of(next);
                break;
            }
            node = next;
        }
    }
}

#include "ledger/trie/node.h"

#include <assert.h>

#include "vm/crypto/keccak.h"

enum {
    FLAG_ODD = 1, /* of hex-prefix */
    FLAG_LEAF = 2,
};

/* Takes hex-prefix bytes apart; false if they are not what the encoder writes. */
static bool read_nibbles(struct node *node, struct bytes prefixed)
{
    if (prefixed.size == 0 || prefixed.size > 1 + TRIE_PATH_MAX / 2)
        return false;
    uint8_t flags = prefixed.data[0] >> 4;
    if (flags > (FLAG_ODD | FLAG_LEAF) || ((flags & FLAG_ODD) == 0 && prefixed.data[0] & 15))
        return false;
    size_t first = (flags & FLAG_ODD) != 0 ? 1 : 2;
    size_t count = 2 * prefixed.size - first;
    if (count > TRIE_PATH_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        node->nibbles[i] = nibble_at(prefixed.data, first + i);
    node->nibbles_count = (uint8_t)count;
    node->kind = (flags & FLAG_LEAF) != 0 ? NODE_LEAF : NODE_EXTENSION;
    return true;
}

/* A reference: an empty string, a hash, or a list (a node in full, under 32 bytes). */
static struct bytes read_ref(struct rlp_reader *in)
{
    bool is_list = rlp_is_list(in);
    struct bytes ref = rlp_item(in);
    if (in->verdict != RLP_OK)
        return bytes_of(NULL, 0);
    if (!is_list && ref.size == 1 && ref.data[0] == 0x80)
        return bytes_of(NULL, 0);
    if (is_list ? ref.size >= sizeof(hash256) : ref.size != TRIE_REF_HASH_SIZE)
        rlp_fail(in, RLP_WRONG_SIZE);
    return ref;
}

static bool read_branch(struct node *node, struct rlp_reader *items, size_t depth)
{
    node->kind = NODE_BRANCH;
    for (size_t i = 0; i < 16; i++)
        node->refs[i] = read_ref(items);
    return rlp_string(items).size == 0 && rlp_finished(items) && depth < TRIE_PATH_MAX;
}

static bool read_short(struct node *node, struct rlp_reader *items, size_t depth)
{
    if (!read_nibbles(node, rlp_string(items)))
        return false;
    size_t below = depth + node->nibbles_count;
    if (node->kind == NODE_LEAF) {
        node->value = rlp_string(items);
        return rlp_finished(items) && below == TRIE_PATH_MAX && node->value.size > 0;
    }
    node->value = read_ref(items);
    return rlp_finished(items) && node->nibbles_count > 0 && below < TRIE_PATH_MAX
           && node->value.size > 0;
}

bool node_decode(struct node *node, struct bytes encoded, size_t depth)
{
    node->kind = NODE_EMPTY;
    node->nibbles_count = 0;
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader items = rlp_list(&in);
    if (!rlp_finished(&in))
        return false;
    struct rlp_reader rest = items;
    rlp_item(&rest);
    rlp_item(&rest);
    bool is_short = rest.verdict == RLP_OK && rest.left == 0;
    return is_short ? read_short(node, &items, depth) : read_branch(node, &items, depth);
}

void node_put_nibbles(struct buffer *out, const uint8_t *nibbles, size_t count, bool is_leaf)
{
    uint8_t prefixed[1 + TRIE_PATH_MAX / 2];
    assert(count <= TRIE_PATH_MAX);
    size_t odd = count % 2;
    prefixed[0] = (uint8_t)((is_leaf ? FLAG_LEAF : 0) << 4 | (int)odd << 4);
    if (odd == 1)
        prefixed[0] |= nibbles[0];
    size_t size = 1;
    for (size_t i = odd; i < count; i += 2)
        prefixed[size++] = (uint8_t)(nibbles[i] << 4 | nibbles[i + 1]);
    rlp_put_string(out, bytes_of(prefixed, size));
}

static void put_ref(struct buffer *out, struct bytes ref)
{
    if (ref.size == 0)
        buffer_append_u8(out, 0x80);
    else
        buffer_append_bytes(out, ref);
}

void node_encode(const struct node *node, struct buffer *out)
{
    assert(node->kind != NODE_EMPTY);
    size_t list = rlp_open_list(out);
    if (node->kind == NODE_BRANCH) {
        for (size_t i = 0; i < 16; i++)
            put_ref(out, node->refs[i]);
        buffer_append_u8(out, 0x80);
    } else {
        node_put_nibbles(out, node->nibbles, node->nibbles_count, node->kind == NODE_LEAF);
        if (node->kind == NODE_LEAF)
            rlp_put_string(out, node->value);
        else
            put_ref(out, node->value);
    }
    rlp_close_list(out, list);
}

void node_shrink_to_ref(struct buffer *out, size_t start)
{
    size_t size = out->size - start;
    if (size < sizeof(hash256))
        return;
    hash256 hash = keccak256(out->data + start, size);
    out->size = start;
    rlp_put_hash(out, &hash);
}

/* Roots of throw-away tries: built top-down from sorted pairs, nothing stored. The recursion is
 * as deep as a key has nibbles: at most TRIE_PATH_MAX. */
#include "ledger/trie/trie.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger/chain/header.h"
#include "ledger/trie/node.h"
#include "vm/crypto/keccak.h"

static size_t nibbles_count(const struct trie_pair *pair)
{
    return 2 * pair->key.size;
}

/* How many nibbles two keys share from `depth` on. */
static size_t shared_nibbles(const struct trie_pair *a, const struct trie_pair *b, size_t depth)
{
    size_t end = nibbles_count(a) < nibbles_count(b) ? nibbles_count(a) : nibbles_count(b);
    size_t at = depth;
    while (at < end && nibble_at(a->key.data, at) == nibble_at(b->key.data, at))
        at++;
    return at - depth;
}

static void put_path(struct buffer *out, const struct trie_pair *pair, size_t depth, size_t count,
                     bool is_leaf)
{
    uint8_t nibbles[TRIE_PATH_MAX];
    for (size_t i = 0; i < count; i++)
        nibbles[i] = nibble_at(pair->key.data, depth + i);
    node_put_nibbles(out, nibbles, count, is_leaf);
}

static void put_node(struct buffer *out, const struct trie_pair *pairs, size_t count, size_t depth);

static void put_ref_to(struct buffer *out, const struct trie_pair *pairs, size_t count,
                       size_t depth)
{
    size_t start = out->size;
    put_node(out, pairs, count, depth);
    node_shrink_to_ref(out, start);
}

/* The pairs share no nibble at `depth`; the first may end there and is then the value. */
static void put_branch(struct buffer *out, const struct trie_pair *pairs, size_t count,
                       size_t depth)
{
    bool has_value = nibbles_count(&pairs[0]) == depth;
    size_t next = has_value ? 1 : 0;
    for (uint8_t nibble = 0; nibble < 16; nibble++) {
        size_t first = next;
        while (next < count && nibble_at(pairs[next].key.data, depth) == nibble)
            next++;
        if (next == first)
            buffer_append_u8(out, 0x80);
        else
            put_ref_to(out, pairs + first, next - first, depth + 1);
    }
    rlp_put_string(out, has_value ? pairs[0].value : bytes_of(NULL, 0));
}

/* The node of sorted pairs with distinct keys that agree on their first `depth` nibbles. */
static void put_node(struct buffer *out, const struct trie_pair *pairs, size_t count, size_t depth)
{
    size_t list = rlp_open_list(out);
    if (count == 1) {
        put_path(out, pairs, depth, nibbles_count(pairs) - depth, true);
        rlp_put_string(out, pairs->value);
        rlp_close_list(out, list);
        return;
    }
    size_t shared = shared_nibbles(&pairs[0], &pairs[count - 1], depth);
    if (shared > 0) {
        put_path(out, pairs, depth, shared, false);
        put_ref_to(out, pairs, count, depth + shared);
    } else {
        put_branch(out, pairs, count, depth);
    }
    rlp_close_list(out, list);
}

static hash256 root_of_sorted(const struct trie_pair *pairs, size_t count)
{
    if (count == 0)
        return EMPTY_TRIE_ROOT;
    struct buffer out = {0};
    put_node(&out, pairs, count, 0);
    hash256 root = keccak256(out.data, out.size);
    buffer_cleanup(&out);
    return root;
}

hash256 trie_root_of_list(const struct bytes *values, size_t count)
{
    assert(count <= UINT32_MAX);
    struct trie_pair *pairs = memory_new_zeroed(count, sizeof *pairs);
    struct buffer keys = {0};
    buffer_reserve(&keys, 5 * count);
    for (size_t i = 0; i < count; i++) {
        /* In the order of their keys: rlp(0) is 0x80, between rlp(127) and rlp(128). */
        size_t last_short = count - 1 < 127 ? count - 1 : 127;
        size_t index = i < last_short ? i + 1 : i == last_short ? 0 : i;
        size_t start = keys.size;
        rlp_put_u64(&keys, index);
        pairs[i] = (struct trie_pair){{keys.data + start, keys.size - start}, values[index]};
    }
    hash256 root = root_of_sorted(pairs, count);
    buffer_cleanup(&keys);
    free(pairs);
    return root;
}

struct numbered_pair {
    struct trie_pair pair;
    size_t number; /* in the caller's order */
};

static int compare_keys(struct bytes a, struct bytes b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter == 0 ? 0 : memcmp(a.data, b.data, shorter);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static int compare_numbered(const void *left, const void *right)
{
    const struct numbered_pair *a = left;
    const struct numbered_pair *b = right;
    int order = compare_keys(a->pair.key, b->pair.key);
    return order != 0 ? order : (a->number > b->number) - (a->number < b->number);
}

hash256 trie_root_of(const struct trie_pair *pairs, size_t count)
{
    struct numbered_pair *sorted = memory_new_zeroed(count, sizeof *sorted);
    for (size_t i = 0; i < count; i++) {
        assert(pairs[i].key.size <= TRIE_PATH_MAX / 2);
        sorted[i] = (struct numbered_pair){pairs[i], i};
    }
    qsort(sorted, count, sizeof *sorted, compare_numbered);

    struct trie_pair *kept = memory_new_zeroed(count, sizeof *kept);
    size_t kept_count = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_last =
            i + 1 == count || compare_keys(sorted[i].pair.key, sorted[i + 1].pair.key) != 0;
        if (is_last && sorted[i].pair.value.size > 0)
            kept[kept_count++] = sorted[i].pair;
    }
    hash256 root = root_of_sorted(kept, kept_count);
    free(kept);
    free(sorted);
    return root;
}

/* One sorted batch applied to a stored trie.
 *
 * The recursion walks down with the leaves that concern each node, reads every node on the way
 * once, and on the way up writes and hashes each changed one once. A node that an update made
 * is handed to its parent taken apart, since the parent may have to swallow it (a branch that
 * keeps one child becomes a leaf or an extension); only place_child() gives it a place in the
 * store. Depth is at most TRIE_PATH_MAX. */
#include "ledger/trie/trie.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/chain/header.h"
#include "ledger/trie/node.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

struct update {
    const struct trie_source *source;
    const hash256 *owner;
    struct arena *arena;
    struct trie_changes *changes;
    struct error *error;
    uint8_t path[TRIE_PATH_MAX]; /* of the node in hand, as deep as the caller says */
    struct buffer scratch;
};

static bool corrupt(struct update *update, size_t depth, const char *what)
{
    char owner[17] = {0};
    char path[TRIE_PATH_MAX + 1] = {0};
    hex_encode(owner, update->owner->bytes, 8);
    for (size_t i = 0; i < depth; i++)
        path[i] = "0123456789abcdef"[update->path[i]];
    return error_set(update->error, ERROR_CORRUPT, "trie %s..: the node at path '%s' %s", owner,
                     path, what);
}

/* What stood at a place: the reference its parent has for it and, when that is a hash, the node
 * that was read. */
struct former {
    struct bytes ref;
    struct bytes encoded;
};

static const struct former NOTHING = {{NULL, 0}, {NULL, 0}};

static void add_change(struct update *update, size_t depth, struct bytes before,
                       struct bytes encoded)
{
    struct trie_changes *changes = update->changes;
    if (changes->count == changes->capacity) {
        size_t capacity = changes->capacity < 64 ? 64 : 2 * changes->capacity;
        struct trie_node_change *grown = arena_array(update->arena, capacity, sizeof *grown);
        if (changes->count > 0)
            memcpy(grown, changes->nodes, changes->count * sizeof *grown);
        changes->nodes = grown;
        changes->capacity = capacity;
    }
    struct trie_node_change *change = &changes->nodes[changes->count++];
    change->owner = *update->owner;
    memcpy(change->path, update->path, depth);
    change->path_size = (uint8_t)depth;
    change->before = before;
    change->encoded = encoded;
}

/* Reads the node that `ref`, which is not empty, names at the first `depth` nibbles of the
 * path. */
static bool load(struct update *update, size_t depth, struct bytes ref, struct node *node,
                 struct former *former)
{
    struct bytes encoded = ref;
    *former = (struct former){ref, bytes_of(NULL, 0)};
    if (ref_is_hash(ref)) {
        buffer_clear(&update->scratch);
        if (!update->source->node(update->source->context, update->owner, update->path, depth,
                                  &update->scratch))
            return corrupt(update, depth, "is missing");
        hash256 hash = keccak256(update->scratch.data, update->scratch.size);
        if (memcmp(hash.bytes, ref.data + 1, sizeof hash.bytes) != 0)
            return corrupt(update, depth, "does not match its parent's hash");
        encoded = arena_copy(update->arena, buffer_view(&update->scratch));
        former->encoded = encoded;
    }
    return node_decode(node, encoded, depth) || corrupt(update, depth, "is malformed");
}

/* Gives a changed node its place at the first `depth` nibbles of the path, where `old` stood,
 * and returns the reference for its parent. */
static struct bytes place_child(struct update *update, size_t depth, struct former old,
                                const struct node *node)
{
    assert(!ref_is_hash(old.ref) || old.encoded.size > 0);
    if (node->kind == NODE_EMPTY) {
        if (ref_is_hash(old.ref))
            add_change(update, depth, old.encoded, bytes_of(NULL, 0));
        return bytes_of(NULL, 0);
    }
    struct buffer *out = &update->scratch;
    buffer_clear(out);
    node_encode(node, out);
    if (out->size < sizeof(hash256)) {
        if (ref_is_hash(old.ref))
            add_change(update, depth, old.encoded, bytes_of(NULL, 0));
        return arena_copy(update->arena, buffer_view(out));
    }
    uint8_t *ref = arena_alloc(update->arena, TRIE_REF_HASH_SIZE);
    hash256 hash = keccak256(out->data, out->size);
    ref[0] = 0x80 + sizeof hash.bytes;
    memcpy(ref + 1, hash.bytes, sizeof hash.bytes);
    if (bytes_equal(old.ref, bytes_of(ref, TRIE_REF_HASH_SIZE)))
        return old.ref;
    add_change(update, depth, old.encoded, arena_copy(update->arena, buffer_view(out)));
    return bytes_of(ref, TRIE_REF_HASH_SIZE);
}

/* Makes of `child`, which stands `count` nibbles of the path below `depth`, where `old` stood,
 * the node that stands at `depth`: a short child is swallowed, a branch gets an extension. */
static void prefix_node(struct update *update, size_t depth, size_t count, struct former old,
                        const struct node *child, struct node *out)
{
    const uint8_t *prefix = update->path + depth;
    out->nibbles_count = 0;
    switch (child->kind) {
    case NODE_EMPTY:
        out->kind = NODE_EMPTY;
        place_child(update, depth + count, old, child);
        return;
    case NODE_BRANCH:
        out->kind = NODE_EXTENSION;
        out->value = place_child(update, depth + count, old, child);
        break;
    case NODE_LEAF:
    case NODE_EXTENSION:
        out->kind = child->kind;
        out->value = child->value;
        memcpy(out->nibbles + count, child->nibbles, child->nibbles_count);
        out->nibbles_count = child->nibbles_count;
        place_child(update, depth + count, old, &(struct node){.kind = NODE_EMPTY});
        break;
    }
    memcpy(out->nibbles, prefix, count);
    out->nibbles_count = (uint8_t)(out->nibbles_count + count);
}

/* How many leaves from the first on share its nibble at `depth`. */
static size_t group_size(const struct trie_leaf *leaves, size_t count, size_t depth)
{
    size_t size = 1;
    uint8_t nibble = nibble_at(leaves[0].key.bytes, depth);
    while (size < count && nibble_at(leaves[size].key.bytes, depth) == nibble)
        size++;
    return size;
}

static size_t shared_nibbles(const hash256 *a, const hash256 *b, size_t depth)
{
    size_t at = depth;
    while (at < TRIE_PATH_MAX && nibble_at(a->bytes, at) == nibble_at(b->bytes, at))
        at++;
    return at - depth;
}

static void make_leaf(const struct trie_leaf *leaf, size_t depth, struct node *out)
{
    out->kind = NODE_LEAF;
    out->nibbles_count = (uint8_t)(TRIE_PATH_MAX - depth);
    for (size_t i = 0; i < out->nibbles_count; i++)
        out->nibbles[i] = nibble_at(leaf->key.bytes, depth + i);
    out->value = leaf->value;
}

/* Where nothing stood: the node of sorted leaves, none of them a removal, at `depth`. */
static void build(struct update *update, size_t depth, const struct trie_leaf *leaves, size_t count,
                  struct node *out)
{
    if (count == 0) {
        out->kind = NODE_EMPTY;
        return;
    }
    if (count == 1) {
        make_leaf(leaves, depth, out);
        return;
    }
    size_t shared = shared_nibbles(&leaves[0].key, &leaves[count - 1].key, depth);
    size_t below = depth + shared;
    struct node branch = {.kind = NODE_BRANCH};
    for (size_t i = 0; i < shared; i++)
        update->path[depth + i] = nibble_at(leaves[0].key.bytes, depth + i);
    for (size_t first = 0, size; first < count; first += size) {
        struct node child;
        uint8_t nibble = nibble_at(leaves[first].key.bytes, below);
        size = group_size(leaves + first, count - first, below);
        update->path[below] = nibble;
        build(update, below + 1, leaves + first, size, &child);
        branch.refs[nibble] = place_child(update, below + 1, NOTHING, &child);
    }
    if (shared == 0)
        *out = branch;
    else
        prefix_node(update, depth, shared, NOTHING, &branch, out);
}

/* The leaves without removals, with `kept` (may be NULL) among them unless one replaces it. */
static struct trie_leaf *merge_leaf(struct update *update, const struct trie_leaf *leaves,
                                    size_t count, const struct trie_leaf *kept,
                                    size_t *merged_count)
{
    struct trie_leaf *merged = arena_array(update->arena, count + 1, sizeof *merged);
    size_t size = 0;
    for (size_t i = 0; i < count; i++) {
        int order =
            kept == NULL ? 1 : memcmp(kept->key.bytes, leaves[i].key.bytes, sizeof(hash256));
        if (order < 0)
            merged[size++] = *kept;
        if (order <= 0)
            kept = NULL;
        if (leaves[i].value.size > 0)
            merged[size++] = leaves[i];
    }
    if (kept != NULL)
        merged[size++] = *kept;
    *merged_count = size;
    return merged;
}

static void update_nothing(struct update *update, size_t depth, const struct trie_leaf *leaves,
                           size_t count, struct node *out)
{
    bool has_removal = false;
    for (size_t i = 0; i < count; i++)
        has_removal |= leaves[i].value.size == 0;
    if (has_removal)
        leaves = merge_leaf(update, leaves, count, NULL, &count);
    build(update, depth, leaves, count, out);
}

static void update_leaf(struct update *update, size_t depth, const struct node *leaf,
                        const struct trie_leaf *leaves, size_t count, struct node *out)
{
    struct trie_leaf kept = {{{0}}, leaf->value};
    for (size_t i = 0; i < TRIE_PATH_MAX; i++) {
        uint8_t nibble = i < depth ? update->path[i] : leaf->nibbles[i - depth];
        kept.key.bytes[i / 2] |= (uint8_t)(i % 2 == 0 ? nibble << 4 : nibble);
    }
    leaves = merge_leaf(update, leaves, count, &kept, &count);
    build(update, depth, leaves, count, out);
}

static bool update_ref(struct update *update, size_t depth, struct bytes ref,
                       const struct trie_leaf *leaves, size_t count, struct node *out,
                       struct former *former);
static bool update_node(struct update *update, size_t depth, const struct node *node,
                        const struct trie_leaf *leaves, size_t count, struct node *out);

/* Makes the node of what a branch's slots hold: with one child left it is swallowed. `held`
 * is that child when it is one that was changed (else NULL, and it must be read). */
static bool finish_branch(struct update *update, size_t depth, struct node *branch,
                          struct former held_former, int held_slot, const struct node *held,
                          struct node *out)
{
    int only = held_slot;
    size_t children = held_slot >= 0 ? 1 : 0;
    for (int i = 0; i < 16; i++) {
        if (branch->refs[i].size > 0) {
            only = i;
            children++;
        }
    }
    if (children == 0) {
        out->kind = NODE_EMPTY;
        return true;
    }
    if (children > 1) {
        assert(held_slot < 0);
        *out = *branch;
        return true;
    }
    update->path[depth] = (uint8_t)only;
    if (held_slot >= 0) {
        prefix_node(update, depth, 1, held_former, held, out);
        return true;
    }
    struct node sibling;
    struct former former;
    if (!load(update, depth + 1, branch->refs[only], &sibling, &former))
        return false;
    update->path[depth] = (uint8_t)only;
    prefix_node(update, depth, 1, former, &sibling, out);
    return true;
}

/* `split` (may be NULL) stands in the slot of nibble `split_nibble` though no ref says so. */
static bool update_branch(struct update *update, size_t depth, const struct node *node,
                          const struct node *split, uint8_t split_nibble,
                          const struct trie_leaf *leaves, size_t count, struct node *out)
{
    struct node branch = *node;
    struct node held = {.kind = NODE_EMPTY};
    struct former held_former = NOTHING;
    int held_slot = -1;
    size_t placed = 0; /* children that stay for sure */
    uint16_t touched = 0;
    for (size_t first = 0; first < count; first += group_size(leaves + first, count - first, depth))
        touched |= (uint16_t)(1u << nibble_at(leaves[first].key.bytes, depth));
    if (split != NULL)
        touched |= (uint16_t)(1u << split_nibble);
    for (int i = 0; i < 16; i++)
        placed += (touched >> i & 1) == 0 && branch.refs[i].size > 0;

    size_t next = 0;
    for (uint8_t nibble = 0; nibble < 16; nibble++) {
        if ((touched >> nibble & 1) == 0)
            continue;
        size_t first = next;
        if (next < count && nibble_at(leaves[next].key.bytes, depth) == nibble)
            next += group_size(leaves + next, count - next, depth);
        struct node child;
        struct former former = NOTHING;
        update->path[depth] = nibble;
        bool ok = split != NULL && nibble == split_nibble
                      ? update_node(update, depth + 1, split, leaves + first, next - first, &child)
                      : update_ref(update, depth + 1, node->refs[nibble], leaves + first,
                                   next - first, &child, &former);
        if (!ok)
            return false;
        branch.refs[nibble] = bytes_of(NULL, 0);
        update->path[depth] = nibble;
        if (child.kind != NODE_EMPTY && placed == 0 && held_slot < 0) {
            held_former = former;
            held = child; /* perhaps the only child: its place is not known yet */
            held_slot = nibble;
            continue;
        }
        branch.refs[nibble] = place_child(update, depth + 1, former, &child);
        placed += child.kind != NODE_EMPTY;
        if (held_slot >= 0 && placed > 0) {
            update->path[depth] = (uint8_t)held_slot;
            branch.refs[held_slot] = place_child(update, depth + 1, held_former, &held);
            held_slot = -1;
            placed++;
        }
    }
    return finish_branch(update, depth, &branch, held_former, held_slot, &held, out);
}

/* How many nibbles of the extension all leaves share that are not removals; a removal beside
 * the extension removes nothing. */
static size_t shared_with_extension(const struct node *extension, size_t depth,
                                    const struct trie_leaf *leaves, size_t count)
{
    size_t shared = extension->nibbles_count;
    for (size_t i = 0; i < count; i++) {
        if (leaves[i].value.size == 0)
            continue;
        size_t own = 0;
        while (own < shared
               && nibble_at(leaves[i].key.bytes, depth + own) == extension->nibbles[own])
            own++;
        shared = own;
    }
    return shared;
}

/* Narrows the leaves to those below the first `shared` nibbles of the extension: the others
 * remove what is not there. */
static const struct trie_leaf *leaves_below(const struct node *extension, size_t depth,
                                            size_t shared, const struct trie_leaf *leaves,
                                            size_t *count)
{
    size_t first = 0;
    size_t end = 0;
    for (size_t i = 0; i < *count; i++) {
        size_t own = 0;
        while (own < shared
               && nibble_at(leaves[i].key.bytes, depth + own) == extension->nibbles[own])
            own++;
        if (own < shared)
            continue;
        if (end == 0)
            first = i;
        end = i + 1;
    }
    *count = end - first;
    return leaves + first;
}

static bool update_extension(struct update *update, size_t depth, const struct node *extension,
                             const struct trie_leaf *leaves, size_t count, struct node *out)
{
    size_t whole = extension->nibbles_count;
    size_t shared = shared_with_extension(extension, depth, leaves, count);
    size_t below = depth + shared;
    struct node child;
    leaves = leaves_below(extension, depth, shared, leaves, &count);
    if (count == 0) {
        *out = *extension;
        return true;
    }
    memcpy(update->path + depth, extension->nibbles, shared);
    if (shared == whole) {
        struct former former;
        if (!update_ref(update, below, extension->value, leaves, count, &child, &former))
            return false;
        memcpy(update->path + depth, extension->nibbles, shared);
        prefix_node(update, depth, shared, former, &child, out);
        return true;
    }
    /* Some leaf leaves the extension: a branch stands there from now on. */
    struct node branch = {.kind = NODE_BRANCH};
    struct node rest = {.kind = NODE_EXTENSION, .value = extension->value};
    uint8_t nibble = extension->nibbles[shared];
    rest.nibbles_count = (uint8_t)(whole - shared - 1);
    memcpy(rest.nibbles, extension->nibbles + shared + 1, rest.nibbles_count);
    if (rest.nibbles_count == 0)
        branch.refs[nibble] = extension->value;
    if (!update_branch(update, below, &branch, rest.nibbles_count > 0 ? &rest : NULL, nibble,
                       leaves, count, &child))
        return false;
    if (shared == 0) {
        *out = child;
        return true;
    }
    memcpy(update->path + depth, extension->nibbles, shared);
    prefix_node(update, depth, shared, NOTHING, &child, out);
    return true;
}

static bool update_node(struct update *update, size_t depth, const struct node *node,
                        const struct trie_leaf *leaves, size_t count, struct node *out)
{
    switch (node->kind) {
    case NODE_EMPTY: update_nothing(update, depth, leaves, count, out); return true;
    case NODE_LEAF: update_leaf(update, depth, node, leaves, count, out); return true;
    case NODE_EXTENSION: return update_extension(update, depth, node, leaves, count, out);
    case NODE_BRANCH: return update_branch(update, depth, node, NULL, 0, leaves, count, out);
    }
    return false;
}

/* Applies leaves, which agree on the first `depth` nibbles of the path, to what `ref` names. */
static bool update_ref(struct update *update, size_t depth, struct bytes ref,
                       const struct trie_leaf *leaves, size_t count, struct node *out,
                       struct former *former)
{
    struct node node;
    *former = NOTHING;
    if (ref.size == 0)
        node.kind = NODE_EMPTY;
    else if (!load(update, depth, ref, &node, former))
        return false;
    return update_node(update, depth, &node, leaves, count, out);
}

/* The root is stored and named by its hash however small it is. */
static hash256 place_root(struct update *update, const hash256 *old, struct bytes before,
                          const struct node *node)
{
    struct bytes encoded = bytes_of(NULL, 0);
    hash256 root = EMPTY_TRIE_ROOT;
    if (node->kind != NODE_EMPTY) {
        buffer_clear(&update->scratch);
        node_encode(node, &update->scratch);
        root = keccak256(update->scratch.data, update->scratch.size);
        encoded = arena_copy(update->arena, buffer_view(&update->scratch));
    }
    if (!hash256_equal(&root, old))
        add_change(update, 0, before, encoded);
    return root;
}

bool trie_update(const struct trie_source *source, const hash256 *owner, hash256 *root,
                 const struct trie_leaf *leaves, size_t leaves_count, struct arena *arena,
                 struct trie_changes *changes, struct error *error)
{
    if (leaves_count == 0)
        return true;
    for (size_t i = 1; i < leaves_count; i++)
        assert(memcmp(leaves[i - 1].key.bytes, leaves[i].key.bytes, sizeof(hash256)) < 0);

    struct update update = {
        .source = source, .owner = owner, .arena = arena, .changes = changes, .error = error};
    uint8_t ref[TRIE_REF_HASH_SIZE] = {0x80 + sizeof root->bytes};
    memcpy(ref + 1, root->bytes, sizeof root->bytes);
    bool is_empty = hash256_equal(root, &EMPTY_TRIE_ROOT);
    struct node node;
    struct former former;
    bool ok = update_ref(&update, 0, bytes_of(ref, is_empty ? 0 : sizeof ref), leaves, leaves_count,
                         &node, &former);
    if (ok)
        *root = place_root(&update, root, former.encoded, &node);
    buffer_cleanup(&update.scratch);
    return ok;
}

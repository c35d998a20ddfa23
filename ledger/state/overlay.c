#include "ledger/state/overlay.h"

#include <stdlib.h>

struct overlay {
    const struct overlay *parent; /* NULL: on the head */
    struct state_reader base;
    const struct state_changes *changes;
    const struct trie_node_change **nodes; /* sorted by owner and path */
    size_t nodes_count;
};

static int compare_paths(const hash256 *owner, const uint8_t *path, size_t path_size,
                         const struct trie_node_change *node)
{
    int order = memcmp(owner->bytes, node->owner.bytes, sizeof owner->bytes);
    if (order == 0 && path_size != node->path_size)
        order = path_size < node->path_size ? -1 : 1;
    if (order == 0 && path_size > 0)
        order = memcmp(path, node->path, path_size);
    return order;
}

static int compare_nodes(const void *a, const void *b)
{
    const struct trie_node_change *left = *(const struct trie_node_change *const *)a;
    const struct trie_node_change *right = *(const struct trie_node_change *const *)b;
    int order = compare_paths(&left->owner, left->path, left->path_size, right);
    /* One place changed twice: the later change, at the higher address, counts. */
    if (order == 0 && left != right)
        order = left < right ? -1 : 1;
    return order;
}

static void index_nodes(struct overlay *overlay, const struct trie_changes *changes)
{
    overlay->nodes = memory_new(changes->count * sizeof *overlay->nodes);
    for (size_t i = 0; i < changes->count; i++)
        overlay->nodes[i] = &changes->nodes[i];
    qsort(overlay->nodes, changes->count, sizeof *overlay->nodes, compare_nodes);
    for (size_t i = 0; i < changes->count; i++) {
        const struct trie_node_change *node = overlay->nodes[i];
        const size_t last = overlay->nodes_count;
        if (last > 0
            && compare_paths(&node->owner, node->path, node->path_size, overlay->nodes[last - 1])
                   == 0)
            overlay->nodes[last - 1] = node;
        else
            overlay->nodes[overlay->nodes_count++] = node;
    }
}

struct overlay *overlay_new(const struct overlay *parent, const struct state_reader *base,
                            const struct state_changes *changes, const struct trie_changes *nodes)
{
    struct overlay *overlay = memory_new_zeroed(1, sizeof *overlay);
    overlay->parent = parent;
    overlay->base = *base;
    overlay->changes = changes;
    index_nodes(overlay, nodes);
    return overlay;
}

void overlay_free(struct overlay *overlay)
{
    if (overlay == NULL)
        return;
    free(overlay->nodes);
    free(overlay);
}

void overlay_rebase(struct overlay *overlay)
{
    overlay->parent = NULL;
}

static int compare_account(const void *key, const void *element)
{
    const struct account_change *change = element;
    return memcmp(key, change->address.bytes, sizeof change->address.bytes);
}

static const struct account_change *find_account(const struct overlay *overlay,
                                                 const address *account)
{
    return bsearch(account->bytes, overlay->changes->accounts, overlay->changes->accounts_count,
                   sizeof *overlay->changes->accounts, compare_account);
}

static int compare_slot(const void *key, const void *element)
{
    return u256_compare(key, &((const struct slot_change *)element)->key);
}

static int compare_code(const void *key, const void *element)
{
    const struct code_change *change = element;
    return memcmp(key, change->hash.bytes, sizeof change->hash.bytes);
}

static bool read_account(void *context, const address *account, struct account *out)
{
    for (const struct overlay *overlay = context;; overlay = overlay->parent) {
        const struct account_change *change = find_account(overlay, account);
        if (change != NULL) {
            *out = change->exists ? change->after : EMPTY_ACCOUNT;
            return change->exists;
        }
        if (overlay->parent == NULL)
            return overlay->base.ops->account(overlay->base.context, account, out);
    }
}

static u256 read_slot(void *context, const address *account, const u256 *key)
{
    for (const struct overlay *overlay = context;; overlay = overlay->parent) {
        const struct account_change *change = find_account(overlay, account);
        if (change != NULL && !change->exists)
            return U256_ZERO;
        const struct slot_change *slot = change == NULL || change->slots_count == 0
                                             ? NULL
                                             : bsearch(key, change->slots, change->slots_count,
                                                       sizeof *change->slots, compare_slot);
        if (slot != NULL)
            return slot->after;
        if (overlay->parent == NULL)
            return overlay->base.ops->slot(overlay->base.context, account, key);
    }
}

static struct bytes read_code(void *context, const hash256 *code_hash)
{
    for (const struct overlay *overlay = context;; overlay = overlay->parent) {
        const struct state_changes *changes = overlay->changes;
        const struct code_change *code =
            changes->codes_count == 0
                ? NULL
                : bsearch(code_hash->bytes, changes->codes, changes->codes_count,
                          sizeof *changes->codes, compare_code);
        if (code != NULL)
            return code->code;
        if (overlay->parent == NULL)
            return overlay->base.ops->code(overlay->base.context, code_hash);
    }
}

static bool has_failed(void *context, struct error *error)
{
    const struct overlay *overlay = context;
    return overlay->base.ops->failed(overlay->base.context, error);
}

static const struct state_reader_ops OVERLAY_OPS = {
    .account = read_account, .slot = read_slot, .code = read_code, .failed = has_failed};

struct state_reader overlay_reader(const struct overlay *overlay)
{
    return (struct state_reader){&OVERLAY_OPS, (void *)(uintptr_t)overlay};
}

static const struct trie_node_change *find_node(const struct overlay *overlay, const hash256 *owner,
                                                const uint8_t *path, size_t path_size)
{
    size_t low = 0, high = overlay->nodes_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        int order = compare_paths(owner, path, path_size, overlay->nodes[middle]);
        if (order == 0)
            return overlay->nodes[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

enum overlay_node overlay_find_node(const struct overlay *overlay, const hash256 *owner,
                                    const uint8_t *path, size_t path_size, struct bytes *encoded)
{
    for (; overlay != NULL; overlay = overlay->parent) {
        const struct trie_node_change *node = find_node(overlay, owner, path, path_size);
        if (node == NULL)
            continue;
        *encoded = node->encoded;
        return node->encoded.size == 0 ? OVERLAY_NODE_REMOVED : OVERLAY_NODE_FOUND;
    }
    return OVERLAY_NODE_UNCHANGED;
}

#include "ledger/trie/reverse.h"

#include <string.h>

#include "ledger/codec/rlp.h"
#include "ledger/trie/node.h"

static bool is_branch(struct bytes encoded, size_t depth, struct node *node)
{
    return encoded.size > 0 && node_decode(node, encoded, depth) && node->kind == NODE_BRANCH;
}

static void put_ref(struct buffer *out, struct bytes ref)
{
    if (ref.size == 0)
        buffer_append_u8(out, 0x80);
    else
        buffer_append_bytes(out, ref);
}

/* The children that differ, and their former references into `content`. */
static uint16_t put_children(const struct node *before, const struct node *after,
                             struct buffer *content)
{
    uint16_t children = 0;
    for (size_t i = 0; i < 16; i++) {
        if (bytes_equal(before->refs[i], after->refs[i]))
            continue;
        children = (uint16_t)(children | 1u << i);
        put_ref(content, before->refs[i]);
    }
    return children;
}

void reverse_encode(const struct trie_node_change *change, struct buffer *out)
{
    struct node before, after;
    struct buffer content = {0};
    uint16_t children = 0;
    if (change->before.size == 0)
        return;
    if (is_branch(change->before, change->path_size, &before)
        && is_branch(change->encoded, change->path_size, &after))
        children = put_children(&before, &after, &content);
    else
        buffer_append_bytes(&content, change->before);

    const bool is_storage = !hash256_is_zero(&change->owner);
    const size_t list = rlp_open_list(out);
    rlp_put_string(out, bytes_of(change->owner.bytes, is_storage ? sizeof(hash256) : 0));
    rlp_put_string(out, bytes_of(change->path, change->path_size));
    rlp_put_u64(out, children);
    rlp_put_string(out, buffer_view(&content));
    rlp_close_list(out, list);
    buffer_cleanup(&content);
}

bool reverse_decode(struct reverse *entry, struct rlp_reader *in)
{
    struct rlp_reader list = rlp_list(in);
    const struct bytes owner = rlp_string(&list);
    const struct bytes path = rlp_string(&list);
    const uint64_t children = rlp_u64(&list);
    *entry = (struct reverse){.content = rlp_string(&list)};
    rlp_leave(in, &list);
    if (in->verdict != RLP_OK || (owner.size != 0 && owner.size != sizeof entry->owner)
        || path.size > sizeof entry->path || children > UINT16_MAX || entry->content.size == 0)
        return rlp_fail(in, RLP_WRONG_SIZE);
    if (owner.size > 0)
        memcpy(entry->owner.bytes, owner.data, owner.size);
    if (path.size > 0)
        memcpy(entry->path, path.data, path.size);
    entry->path_size = (uint8_t)path.size;
    entry->children = (uint16_t)children;
    return true;
}

/* Sets the children that no older entry has set. */
static bool set_children(const struct reverse *entry, uint16_t *are_set, struct node *node)
{
    struct rlp_reader in = rlp_reader_over(entry->content);
    for (size_t i = 0; i < 16; i++) {
        if ((entry->children >> i & 1) == 0)
            continue;
        struct bytes ref = rlp_item(&in);
        if ((*are_set >> i & 1) != 0)
            continue;
        node->refs[i] = ref.size == 1 && ref.data[0] == 0x80 ? bytes_of(NULL, 0) : ref;
        *are_set = (uint16_t)(*are_set | 1u << i);
    }
    return rlp_finished(&in);
}

bool reverse_apply(const struct reverse *const *entries, size_t count, struct bytes now,
                   struct buffer *out)
{
    struct node node = {.kind = NODE_BRANCH}, base;
    struct bytes whole = now;
    uint16_t are_set = 0;
    for (size_t i = 0; i < count; i++) {
        if (entries[i]->children == 0) {
            whole = entries[i]->content; /* what came later is of no concern */
            break;
        }
        if (!set_children(entries[i], &are_set, &node))
            return false;
    }
    if (are_set == 0) {
        buffer_append_bytes(out, whole);
        return true;
    }
    if (!is_branch(whole, entries[0]->path_size, &base))
        return false;
    for (size_t i = 0; i < 16; i++)
        if ((are_set >> i & 1) == 0)
            node.refs[i] = base.refs[i];
    node_encode(&node, out);
    return true;
}

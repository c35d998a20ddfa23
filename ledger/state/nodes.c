#include "ledger/state/nodes.h"

#include <stdlib.h>

/* Each place holds the newest of the nodes that fall on it, so the cache never holds more than
 * this many nodes of at most about 540 bytes. */
#define PLACES    2048
#define ENTRY_MAX 768 /* longer nodes (large inline values) are read from the store */

struct entry {
    struct store_key key; /* size 0: empty */
    struct bytes encoded; /* owned */
};

struct node_cache {
    struct store *store;
    const struct overlay *overlay;
    struct error failure;
    struct buffer value;
    struct entry *entries[PLACES];
};

struct node_cache *node_cache_new(struct store *store)
{
    struct node_cache *cache = memory_new_zeroed(1, sizeof *cache);
    cache->store = store;
    return cache;
}

void node_cache_free(struct node_cache *cache)
{
    if (cache == NULL)
        return;
    for (size_t i = 0; i < PLACES; i++)
        free(cache->entries[i]);
    buffer_cleanup(&cache->value);
    free(cache);
}

/* FNV-1a: spreads keys over places; nothing depends on it being hard to invert. */
static size_t place_of(const struct store_key *key)
{
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < key->size; i++)
        hash = (hash ^ key->bytes[i]) * 0x100000001b3;
    return (size_t)((hash ^ hash >> 32) % PLACES);
}

static void forget(struct node_cache *cache, const struct store_key *key)
{
    struct entry **entry = &cache->entries[place_of(key)];
    if (*entry != NULL && bytes_equal(key_view(&(*entry)->key), key_view(key))) {
        free(*entry);
        *entry = NULL;
    }
}

static void keep(struct node_cache *cache, const struct store_key *key, struct bytes encoded)
{
    if (encoded.size > ENTRY_MAX) {
        forget(cache, key);
        return;
    }
    struct entry **entry = &cache->entries[place_of(key)];
    *entry = memory_resize(*entry, sizeof **entry + encoded.size);
    (*entry)->key = *key;
    uint8_t *bytes = (uint8_t *)(*entry + 1);
    memcpy(bytes, encoded.data, encoded.size);
    (*entry)->encoded = bytes_of(bytes, encoded.size);
}

static bool read_store(struct node_cache *cache, const struct store_key *key, struct buffer *out)
{
    struct bytes encoded = {0};
    bool found = false;
    buffer_clear(&cache->value);
    if (!store_get(cache->store, NULL, key_view(key), &cache->value, &found, &cache->failure)
        || !found
        || !record_plain(buffer_view(&cache->value), "trie node", &encoded, &cache->failure))
        return false;
    keep(cache, key, encoded);
    buffer_append_bytes(out, encoded);
    return true;
}

static bool read_node(void *context, const hash256 *owner, const uint8_t *path, size_t path_size,
                      struct buffer *out)
{
    struct node_cache *cache = context;
    struct bytes encoded;
    switch (overlay_find_node(cache->overlay, owner, path, path_size, &encoded)) {
    case OVERLAY_NODE_FOUND: buffer_append_bytes(out, encoded); return true;
    case OVERLAY_NODE_REMOVED: return false;
    case OVERLAY_NODE_UNCHANGED: break;
    }
    const struct store_key key = key_node(owner, path, path_size);
    const struct entry *entry = cache->entries[place_of(&key)];
    if (entry == NULL || !bytes_equal(key_view(&entry->key), key_view(&key)))
        return read_store(cache, &key, out);
    buffer_append_bytes(out, entry->encoded);
    return true;
}

struct trie_source node_cache_source(struct node_cache *cache, const struct overlay *overlay)
{
    cache->overlay = overlay;
    cache->failure = (struct error){0};
    return (struct trie_source){read_node, cache};
}

bool node_cache_failed(const struct node_cache *cache, struct error *error)
{
    if (cache->failure.code == ERROR_NONE)
        return false;
    *error = cache->failure;
    return true;
}

void node_cache_put(const struct trie_changes *changes, struct store_batch *batch)
{
    for (size_t i = 0; i < changes->count; i++) {
        const struct trie_node_change *node = &changes->nodes[i];
        const struct store_key key = key_node(&node->owner, node->path, node->path_size);
        if (node->encoded.size == 0)
            store_batch_delete(batch, key_view(&key));
        else
            record_put_plain(batch, key_view(&key), node->encoded);
    }
}

void node_cache_update(struct node_cache *cache, const struct trie_changes *changes)
{
    for (size_t i = 0; i < changes->count; i++) {
        const struct trie_node_change *node = &changes->nodes[i];
        const struct store_key key = key_node(&node->owner, node->path, node->path_size);
        if (node->encoded.size == 0)
            forget(cache, &key);
        else
            keep(cache, &key, node->encoded);
    }
}

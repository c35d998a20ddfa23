/* Where the trie reads its nodes while a block is built or validated: the overlays above the
 * head, then a bounded cache of hot nodes, then the store. Owned by the ledger's actor. */
#ifndef LEDGER_STATE_NODES_H
#define LEDGER_STATE_NODES_H
#include "ledger/state/overlay.h"
#include "ledger/store/records.h"

struct node_cache;

struct node_cache *node_cache_new(struct store *store);
void node_cache_free(struct node_cache *cache); /* accepts NULL */

/* Nodes as of `overlay`, or of the head when it is NULL. Used up before the next call. */
struct trie_source node_cache_source(struct node_cache *cache, const struct overlay *overlay);
/* True once a read failed since the last call of node_cache_source(). */
bool node_cache_failed(const struct node_cache *cache, struct error *error);

/* The nodes of a committed block: into the batch, and afterwards into the cache. */
void node_cache_put(const struct trie_changes *changes, struct store_batch *batch);
void node_cache_update(struct node_cache *cache, const struct trie_changes *changes);
#endif

/* A set of pointers found by the key they point to: open addressing, linear probing.
 *
 * Every item starts with its key, whose bytes are as good as random (a hash or an address). */
#ifndef LEDGER_POOL_TABLE_H
#define LEDGER_POOL_TABLE_H
#include "vm/base/bytes.h"

struct table {
    void **places; /* a power of two of them, at least half empty; NULL: free */
    size_t capacity;
    size_t count;
    size_t key_size; /* at least 8 */
};

void table_init(struct table *table, size_t key_size);
void table_cleanup(struct table *table); /* not the items */
void *table_find(const struct table *table, const void *key);
void table_insert(struct table *table, void *item);      /* its key is not in the table */
void table_remove(struct table *table, const void *key); /* it is */
#endif

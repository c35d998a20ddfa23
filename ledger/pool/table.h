/* A set of pointers found by the key they point to: open addressing, linear probing.
 *
 * Every item starts with its key: a hash or an address, which whoever makes it may have chosen among
 * many. So where it belongs depends on a random multiplier, too. */
#ifndef LEDGER_POOL_TABLE_H
#define LEDGER_POOL_TABLE_H
#include "vm/base/bytes.h"

struct table {
    void **places; /* a power of two of them, at least half empty; NULL: free */
    size_t capacity;
    size_t count;
    size_t key_size; /* at least 8 */
    uint64_t multiplier;
};

/* For table_home(): odd, and nobody else knows it. */
uint64_t table_draw_multiplier(void);
/* Where a key of at least 8 bytes belongs among `places`, a power of two. For any two keys that
 * differ in their first 8 bytes at most two multipliers in `places` give the same (Dietzfelbinger
 * and others, A Reliable Randomized Algorithm for the Closest-Pair Problem, 1997). */
size_t table_home(uint64_t multiplier, const void *key, size_t places);

void table_init(struct table *table, size_t key_size);
void table_cleanup(struct table *table); /* not the items */
void *table_find(const struct table *table, const void *key);
void table_insert(struct table *table, void *item);      /* its key is not in the table */
void table_remove(struct table *table, const void *key); /* it is */
#endif

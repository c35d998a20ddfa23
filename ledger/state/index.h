/* From hashes to entry numbers: an open-addressing table that never forgets one entry alone.
 *
 * The owner keeps the entries and compares them; this keeps 32 bits of each hash beside its
 * number. Hashes are keyed by a random seed, since contracts choose slot keys freely and must
 * not be able to choose colliding ones; no result may depend on the order here. */
#ifndef LEDGER_STATE_INDEX_H
#define LEDGER_STATE_INDEX_H
#include "vm/base/bytes.h"
#include "vm/base/u256.h"

struct index {
    uint64_t *buckets; /* hash << 32 | number + 1; 0: free */
    size_t mask;       /* capacity - 1, or 0 before the first insertion */
    size_t count;
};

void index_cleanup(struct index *index);
/* Forgets everything, at a cost in proportion to the entries: a table much too large for them
 * is given back. */
void index_clear(struct index *index);

/* Walks over the entries with this hash: start with *probe = 0, go on until it returns false.
 * *number is then a candidate to compare. */
static inline bool index_next(const struct index *index, uint32_t hash, size_t *probe,
                              uint32_t *number)
{
    if (index->mask == 0)
        return false;
    for (;;) {
        uint64_t bucket = index->buckets[(hash + *probe) & index->mask];
        if (bucket == 0)
            return false;
        ++*probe;
        if (bucket >> 32 == hash) {
            *number = (uint32_t)bucket - 1;
            return true;
        }
    }
}
void index_insert(struct index *index, uint32_t hash, uint32_t number);

uint64_t index_random_seed(void);
uint32_t index_hash_bytes(uint64_t seed, const void *data, size_t size);
uint32_t index_hash_address(uint64_t seed, const address *account);
uint32_t index_hash_slot(uint64_t seed, uint32_t account_number, const u256 *key);
#endif

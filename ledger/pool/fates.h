/* What became of the latest transactions that left the pool: a ring of the newest. */
#ifndef LEDGER_POOL_FATES_H
#define LEDGER_POOL_FATES_H
#include "ledger/pool/pool.h"

#define FATES_MAX 16384

struct fates {
    struct fate_entry *entries; /* grows to FATES_MAX, then the oldest go */
    size_t count;
    size_t capacity;
    size_t next; /* where the next one goes */
};

void fates_cleanup(struct fates *fates);
void fates_add(struct fates *fates, const hash256 *hash, enum pool_fate fate);
/* The newest fate of it, or POOL_UNKNOWN. Looks through the ring: for questions by people. */
enum pool_fate fates_find(const struct fates *fates, const hash256 *hash);
#endif

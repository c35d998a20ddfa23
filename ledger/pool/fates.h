/* What became of the latest transactions that left the pool: a ring of the newest, found by their
 * hashes. */
#ifndef LEDGER_POOL_FATES_H
#define LEDGER_POOL_FATES_H
#include "ledger/pool/pool.h"

#define FATES_MAX 16384

/* entries[i] is in the chain chains[table_home()], the newest first. Chains hold numbers of entries
 * plus 1; 0 ends one. */
struct fates {
    struct fate_entry *entries; /* grows to FATES_MAX, then the oldest go */
    uint16_t *chains;           /* as many as there may be entries */
    size_t count;
    size_t capacity;
    size_t next; /* where the next one goes */
    uint64_t multiplier;
};

void fates_init(struct fates *fates);
void fates_cleanup(struct fates *fates);
void fates_add(struct fates *fates, const hash256 *hash, enum pool_fate fate);
/* The newest fate of it, or POOL_UNKNOWN. */
enum pool_fate fates_find(const struct fates *fates, const hash256 *hash);
#endif

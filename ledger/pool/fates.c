#include "ledger/pool/fates.h"

#include <stdlib.h>

struct fate_entry {
    hash256 hash;
    uint8_t fate;
};

void fates_cleanup(struct fates *fates)
{
    free(fates->entries);
    *fates = (struct fates){0};
}

void fates_add(struct fates *fates, const hash256 *hash, enum pool_fate fate)
{
    if (fates->count == fates->capacity && fates->capacity < FATES_MAX) {
        fates->capacity = fates->capacity == 0 ? 64 : 2 * fates->capacity;
        fates->entries = memory_resize(fates->entries, fates->capacity * sizeof *fates->entries);
        fates->next = fates->count;
    }
    fates->entries[fates->next] = (struct fate_entry){*hash, (uint8_t)fate};
    fates->next = (fates->next + 1) % FATES_MAX;
    if (fates->count < FATES_MAX)
        fates->count++;
}

enum pool_fate fates_find(const struct fates *fates, const hash256 *hash)
{
    for (size_t back = 1; back <= fates->count; back++) {
        const struct fate_entry *entry =
            &fates->entries[(fates->next + FATES_MAX - back) % FATES_MAX];
        if (hash256_equal(&entry->hash, hash))
            return (enum pool_fate)entry->fate;
    }
    return POOL_UNKNOWN;
}

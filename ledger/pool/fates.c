#include "ledger/pool/fates.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger/pool/table.h"

#define CAPACITY_MIN 64

static_assert(FATES_MAX < UINT16_MAX, "chains number their entries");

struct fate_entry {
    hash256 hash;
    uint16_t older; /* of the same chain */
    uint8_t fate;
};

void fates_init(struct fates *fates)
{
    *fates = (struct fates){.multiplier = table_draw_multiplier()};
}

void fates_cleanup(struct fates *fates)
{
    free(fates->entries);
    free(fates->chains);
    *fates = (struct fates){0};
}

static uint16_t *chain_of(const struct fates *fates, const hash256 *hash)
{
    return &fates->chains[table_home(fates->multiplier, hash->bytes, fates->capacity)];
}

static void link_entry(struct fates *fates, size_t at)
{
    uint16_t *chain = chain_of(fates, &fates->entries[at].hash);
    fates->entries[at].older = *chain;
    *chain = (uint16_t)(at + 1);
}

static void unlink_entry(struct fates *fates, size_t at)
{
    uint16_t *link = chain_of(fates, &fates->entries[at].hash);
    while (*link != at + 1)
        link = &fates->entries[*link - 1].older;
    *link = fates->entries[at].older;
}

static void grow(struct fates *fates)
{
    fates->capacity = fates->capacity == 0 ? CAPACITY_MIN : 2 * fates->capacity;
    fates->entries = memory_resize(fates->entries, fates->capacity * sizeof *fates->entries);
    free(fates->chains);
    fates->chains = memory_new_zeroed(fates->capacity, sizeof *fates->chains);
    for (size_t at = 0; at < fates->count; at++)
        link_entry(fates, at);
}

void fates_add(struct fates *fates, const hash256 *hash, enum pool_fate fate)
{
    if (fates->count == fates->capacity && fates->capacity < FATES_MAX)
        grow(fates);
    if (fates->count == FATES_MAX)
        unlink_entry(fates, fates->next);
    else
        fates->count++;
    fates->entries[fates->next] = (struct fate_entry){.hash = *hash, .fate = (uint8_t)fate};
    link_entry(fates, fates->next);
    fates->next = (fates->next + 1) % FATES_MAX;
}

enum pool_fate fates_find(const struct fates *fates, const hash256 *hash)
{
    if (fates->count == 0)
        return POOL_UNKNOWN;
    for (uint16_t at = *chain_of(fates, hash); at != 0; at = fates->entries[at - 1].older)
        if (hash256_equal(&fates->entries[at - 1].hash, hash))
            return (enum pool_fate)fates->entries[at - 1].fate;
    return POOL_UNKNOWN;
}

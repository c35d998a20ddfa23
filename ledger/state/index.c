#include "ledger/state/index.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

#define CAPACITY_MIN 64

void index_cleanup(struct index *index)
{
    free(index->buckets);
    *index = (struct index){0};
}

void index_clear(struct index *index)
{
    size_t capacity = index->mask + 1;
    if (index->count == 0)
        return;
    if (capacity > CAPACITY_MIN && capacity / 8 > index->count) {
        index_cleanup(index);
        return;
    }
    memset(index->buckets, 0, capacity * sizeof *index->buckets);
    index->count = 0;
}

static void put(struct index *index, uint64_t bucket)
{
    size_t at = (bucket >> 32) & index->mask;
    while (index->buckets[at] != 0)
        at = (at + 1) & index->mask;
    index->buckets[at] = bucket;
}

static void grow(struct index *index)
{
    struct index old = *index;
    size_t capacity = old.mask == 0 ? CAPACITY_MIN : 2 * (old.mask + 1);
    index->buckets = memory_new_zeroed(capacity, sizeof *index->buckets);
    index->mask = capacity - 1;
    for (size_t i = 0; old.mask != 0 && i <= old.mask; i++)
        if (old.buckets[i] != 0)
            put(index, old.buckets[i]);
    free(old.buckets);
}

void index_insert(struct index *index, uint32_t hash, uint32_t number)
{
    assert(number < UINT32_MAX);
    if (2 * index->count >= index->mask)
        grow(index);
    put(index, (uint64_t)hash << 32 | (number + 1));
    index->count++;
}

uint64_t index_random_seed(void)
{
    uint64_t seed = 0;
    /* Where there is no randomness yet a fixed key is as good as none, and nothing breaks. */
    if (getrandom(&seed, sizeof seed, GRND_NONBLOCK) != sizeof seed)
        seed = 0;
    return seed ^ 0x9e3779b97f4a7c15;
}

/* One step: a full multiplication folded, as wyhash does. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint32_t index_hash_bytes(uint64_t seed, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint64_t hash = seed ^ size;
    for (size_t at = 0; at < size; at += 8) {
        uint64_t word = 0;
        memcpy(&word, bytes + at, size - at < 8 ? size - at : 8);
        hash = mix(hash ^ word, 0xa0761d6478bd642f ^ seed);
    }
    return (uint32_t)hash;
}

uint32_t index_hash_address(uint64_t seed, const address *account)
{
    uint64_t words[3] = {0};
    memcpy(words, account->bytes, sizeof account->bytes);
    uint64_t hash = mix(words[0] ^ seed, words[1] ^ 0xa0761d6478bd642f);
    return (uint32_t)mix(hash ^ seed, words[2] ^ 0xe7037ed1a0b428db);
}

uint32_t index_hash_slot(uint64_t seed, uint32_t account_number, const u256 *key)
{
    uint64_t hash = mix(key->limbs[0] ^ seed, key->limbs[1] ^ 0xa0761d6478bd642f);
    hash = mix(hash ^ key->limbs[2] ^ seed, key->limbs[3] ^ 0xe7037ed1a0b428db);
    return (uint32_t)mix(hash ^ seed, account_number ^ 0x8ebc6af09c88c6e3);
}

/* Random numbers that a printed seed replays: LEITHER_SEED=... in the environment. */
#ifndef TESTS_UNIT_VM_CRYPTO_SEEDED_H
#define TESTS_UNIT_VM_CRYPTO_SEEDED_H
#include <stdlib.h>
#include <time.h>

#include "vm/base/u256.h"

struct seeded {
    uint64_t seed, state;
};

static inline struct seeded seeded_new(void)
{
    const char *text = getenv("LEITHER_SEED");
    uint64_t seed = text != NULL ? strtoull(text, NULL, 0) : (uint64_t)time(NULL);
    return (struct seeded){seed, seed};
}

static inline uint64_t seeded_u64(struct seeded *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static inline u256 seeded_word(struct seeded *random)
{
    u256 word;
    for (size_t limb = 0; limb < 4; limb++)
        word.limbs[limb] = seeded_u64(random);
    return word;
}

static inline void seeded_fill(struct seeded *random, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)seeded_u64(random);
}

#define SEED_FORMAT      "LEITHER_SEED=%llu"
#define SEED_OF(random_) ((unsigned long long)(random_).seed)
#endif

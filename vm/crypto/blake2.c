#include "vm/crypto/blake2.h"

#include <string.h>

#define SCHEDULES 10

/* RFC 7693, 2.6: SHA-512's. */
static const uint64_t IV[8] = {
    UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b), UINT64_C(0x3c6ef372fe94f82b),
    UINT64_C(0xa54ff53a5f1d36f1), UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),
    UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179),
};

/* RFC 7693, 2.7: the order in which a round takes the block's words. */
static const uint8_t SIGMA[SCHEDULES][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
};

static inline uint64_t rotate_right(uint64_t word, unsigned bits)
{
    return word >> bits | word << (64 - bits);
}

static inline __attribute__((always_inline)) void mix(uint64_t *a, uint64_t *b, uint64_t *c,
                                                      uint64_t *d, uint64_t x, uint64_t y)
{
    *a += *b + x;
    *d = rotate_right(*d ^ *a, 32);
    *c += *d;
    *b = rotate_right(*b ^ *c, 24);
    *a += *b + y;
    *d = rotate_right(*d ^ *a, 16);
    *c += *d;
    *b = rotate_right(*b ^ *c, 63);
}

/* Inlined with a constant schedule, so that no index is looked up while running. */
static inline __attribute__((always_inline)) void round_of(uint64_t v[16], const uint64_t m[16],
                                                           const uint8_t s[16])
{
    mix(&v[0], &v[4], &v[8], &v[12], m[s[0]], m[s[1]]);
    mix(&v[1], &v[5], &v[9], &v[13], m[s[2]], m[s[3]]);
    mix(&v[2], &v[6], &v[10], &v[14], m[s[4]], m[s[5]]);
    mix(&v[3], &v[7], &v[11], &v[15], m[s[6]], m[s[7]]);
    mix(&v[0], &v[5], &v[10], &v[15], m[s[8]], m[s[9]]);
    mix(&v[1], &v[6], &v[11], &v[12], m[s[10]], m[s[11]]);
    mix(&v[2], &v[7], &v[8], &v[13], m[s[12]], m[s[13]]);
    mix(&v[3], &v[4], &v[9], &v[14], m[s[14]], m[s[15]]);
}

static void run_rounds(uint64_t v[16], const uint64_t m[16], uint32_t rounds)
{
    for (; rounds >= SCHEDULES; rounds -= SCHEDULES) {
        round_of(v, m, SIGMA[0]);
        round_of(v, m, SIGMA[1]);
        round_of(v, m, SIGMA[2]);
        round_of(v, m, SIGMA[3]);
        round_of(v, m, SIGMA[4]);
        round_of(v, m, SIGMA[5]);
        round_of(v, m, SIGMA[6]);
        round_of(v, m, SIGMA[7]);
        round_of(v, m, SIGMA[8]);
        round_of(v, m, SIGMA[9]);
    }
    for (uint32_t round = 0; round < rounds; round++)
        round_of(v, m, SIGMA[round]);
}

void blake2_compress(uint64_t state[8], const struct blake2_block *block, uint32_t rounds)
{
    uint64_t v[16];
    memcpy(v, state, 64);
    memcpy(v + 8, IV, 64);
    v[12] ^= block->offset[0];
    v[13] ^= block->offset[1];
    if (block->is_last)
        v[14] = ~v[14];
    run_rounds(v, block->words, rounds);
    for (unsigned i = 0; i < 8; i++)
        state[i] ^= v[i] ^ v[i + 8];
}

#include "vm/crypto/ripemd160.h"

#include <string.h>

#define BLOCK_SIZE 64
#define STEPS      16 /* of one round; there are five */

/* Which word of the block, and how far to turn, step by step: the left line, the right line. */
static const uint8_t LEFT_WORD[5][STEPS] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8},
    {3, 10, 14, 4, 9, 15, 8, 1, 2, 7, 0, 6, 13, 11, 5, 12},
    {1, 9, 11, 10, 0, 8, 12, 4, 13, 3, 7, 15, 14, 5, 6, 2},
    {4, 0, 5, 9, 7, 12, 2, 10, 14, 1, 3, 8, 11, 6, 15, 13},
};
static const uint8_t RIGHT_WORD[5][STEPS] = {
    {5, 14, 7, 0, 9, 2, 11, 4, 13, 6, 15, 8, 1, 10, 3, 12},
    {6, 11, 3, 7, 0, 13, 5, 10, 14, 15, 8, 12, 4, 9, 1, 2},
    {15, 5, 1, 3, 7, 14, 6, 9, 11, 8, 12, 2, 10, 0, 4, 13},
    {8, 6, 4, 1, 3, 11, 15, 0, 5, 12, 2, 13, 9, 7, 10, 14},
    {12, 15, 10, 4, 1, 5, 8, 7, 6, 2, 13, 14, 0, 3, 9, 11},
};
static const uint8_t LEFT_TURN[5][STEPS] = {
    {11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8},
    {7, 6, 8, 13, 11, 9, 7, 15, 7, 12, 15, 9, 11, 7, 13, 12},
    {11, 13, 6, 7, 14, 9, 13, 15, 14, 8, 13, 6, 5, 12, 7, 5},
    {11, 12, 14, 15, 14, 15, 9, 8, 9, 14, 5, 6, 8, 6, 5, 12},
    {9, 15, 5, 11, 6, 8, 13, 12, 5, 12, 13, 14, 11, 8, 5, 6},
};
static const uint8_t RIGHT_TURN[5][STEPS] = {
    {8, 9, 9, 11, 13, 15, 15, 5, 7, 7, 8, 11, 14, 14, 12, 6},
    {9, 13, 15, 7, 12, 8, 9, 11, 7, 7, 12, 7, 6, 15, 13, 11},
    {9, 7, 15, 11, 8, 6, 6, 14, 12, 13, 5, 14, 13, 13, 7, 5},
    {15, 5, 8, 11, 14, 14, 6, 14, 6, 9, 12, 9, 12, 5, 15, 8},
    {8, 5, 12, 9, 12, 5, 14, 6, 8, 13, 6, 5, 15, 13, 11, 11},
};
static const uint32_t LEFT_ADD[5] = {0, 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xa953fd4e};
static const uint32_t RIGHT_ADD[5] = {0x50a28be6, 0x5c4dd124, 0x6d703ef3, 0x7a6d76e9, 0};

#define ALWAYS_INLINE static inline __attribute__((always_inline))

ALWAYS_INLINE uint32_t turn(uint32_t word, unsigned bits)
{
    return word << bits | word >> (32 - bits);
}

ALWAYS_INLINE uint32_t mix(unsigned kind, uint32_t x, uint32_t y, uint32_t z)
{
    switch (kind) {
    case 0: return x ^ y ^ z;
    case 1: return (x & y) | (~x & z);
    case 2: return (x | ~y) ^ z;
    case 3: return (x & z) | (y & ~z);
    default: return x ^ (y | ~z);
    }
}

/* A step leaves each word of the line where the next step looks for it. */
ALWAYS_INLINE void step(uint32_t line[5], uint32_t mixed, uint32_t added, unsigned bits)
{
    uint32_t new_b = turn(line[0] + mixed + added, bits) + line[4];
    line[0] = line[4];
    line[4] = line[3];
    line[3] = turn(line[2], 10);
    line[2] = line[1];
    line[1] = new_b;
}

/* Both lines at once: they do not wait for each other, so the processor overlaps them. The loop
 * comes unrolled, so that every table entry is a constant. */
ALWAYS_INLINE void round_of_both(uint32_t left[5], uint32_t right[5], const uint32_t words[16],
                                 unsigned round)
{
#pragma GCC unroll 16
    for (unsigned i = 0; i < STEPS; i++) {
        step(left, mix(round, left[1], left[2], left[3]),
             words[LEFT_WORD[round][i]] + LEFT_ADD[round], LEFT_TURN[round][i]);
        step(right, mix(4 - round, right[1], right[2], right[3]),
             words[RIGHT_WORD[round][i]] + RIGHT_ADD[round], RIGHT_TURN[round][i]);
    }
}

static uint32_t load_le(const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof word);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    return word;
}

static void store_le(uint8_t *out, uint32_t word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    word = __builtin_bswap32(word);
#endif
    memcpy(out, &word, sizeof word);
}

static void compress(uint32_t state[5], const uint8_t block[BLOCK_SIZE])
{
    uint32_t words[16], left[5], right[5];
    for (size_t i = 0; i < 16; i++)
        words[i] = load_le(block + 4 * i);
    memcpy(left, state, sizeof left);
    memcpy(right, state, sizeof right);
    round_of_both(left, right, words, 0);
    round_of_both(left, right, words, 1);
    round_of_both(left, right, words, 2);
    round_of_both(left, right, words, 3);
    round_of_both(left, right, words, 4);
    uint32_t first = state[1] + left[2] + right[3];
    state[1] = state[2] + left[3] + right[4];
    state[2] = state[3] + left[4] + right[0];
    state[3] = state[4] + left[0] + right[1];
    state[4] = state[0] + left[1] + right[2];
    state[0] = first;
}

void ripemd160(uint8_t out[20], struct bytes data)
{
    uint32_t state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    const uint8_t *next = data.data;
    size_t left = data.size;
    for (; left >= BLOCK_SIZE; left -= BLOCK_SIZE, next += BLOCK_SIZE)
        compress(state, next);

    /* The rest, 0x80, zeros, and the length in bits: one block or two. */
    uint8_t last[2 * BLOCK_SIZE] = {0};
    size_t last_size = left < BLOCK_SIZE - 8 ? BLOCK_SIZE : 2 * BLOCK_SIZE;
    uint64_t bits = 8 * (uint64_t)data.size;
    if (left > 0)
        memcpy(last, next, left);
    last[left] = 0x80;
    store_le(last + last_size - 8, (uint32_t)bits);
    store_le(last + last_size - 4, (uint32_t)(bits >> 32));
    compress(state, last);
    if (last_size > BLOCK_SIZE)
        compress(state, last + BLOCK_SIZE);
    for (size_t i = 0; i < 5; i++)
        store_le(out + 4 * i, state[i]);
}

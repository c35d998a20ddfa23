#include "vm/crypto/keccak.h"

#include <assert.h>

#define RATE_BYTES 136
#define RATE_LANES (RATE_BYTES / 8)
#define ROUNDS     24

static const uint64_t ROUND_CONSTANTS[ROUNDS] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
    0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
    0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
    0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

#define ROTATE(lane, bits) ((lane) << (bits) | (lane) >> (64 - (bits)))

/* What theta changes each column by, from the columns' parities c0 to c4. */
#define THETA()                       \
    uint64_t d0 = c4 ^ ROTATE(c1, 1); \
    uint64_t d1 = c0 ^ ROTATE(c2, 1); \
    uint64_t d2 = c1 ^ ROTATE(c3, 1); \
    uint64_t d3 = c2 ^ ROTATE(c4, 1); \
    uint64_t d4 = c3 ^ ROTATE(c0, 1)

/* Chi of one row, whose lanes are b0 to b4, into e0 to e4, with iota's constant or 0. While they
 * are in registers they go into the next round's parities too: set by the first row, changed by the
 * others. */
#define CHI(set, constant, e0, e1, e2, e3, e4) \
    e0 = b0 ^ (~b1 & b2) ^ (constant);         \
    e1 = b1 ^ (~b2 & b3);                      \
    e2 = b2 ^ (~b3 & b4);                      \
    e3 = b3 ^ (~b4 & b0);                      \
    e4 = b4 ^ (~b0 & b1);                      \
    c0 set e0;                                 \
    c1 set e1;                                 \
    c2 set e2;                                 \
    c3 set e3;                                 \
    c4 set e4

/* One round from the lanes A0..A24 into E0..E24: theta, then row by row rho, pi and chi, then
 * iota. Going back and forth between two sets of names saves pi's moves. */
#define ROUND(A, E, constant)                           \
    do {                                                \
        uint64_t b0, b1, b2, b3, b4;                    \
        THETA();                                        \
        b0 = A##0 ^ d0;                                 \
        b1 = ROTATE(A##6 ^ d1, 44);                     \
        b2 = ROTATE(A##12 ^ d2, 43);                    \
        b3 = ROTATE(A##18 ^ d3, 21);                    \
        b4 = ROTATE(A##24 ^ d4, 14);                    \
        CHI(=, constant, E##0, E##1, E##2, E##3, E##4); \
        b0 = ROTATE(A##3 ^ d3, 28);                     \
        b1 = ROTATE(A##9 ^ d4, 20);                     \
        b2 = ROTATE(A##10 ^ d0, 3);                     \
        b3 = ROTATE(A##16 ^ d1, 45);                    \
        b4 = ROTATE(A##22 ^ d2, 61);                    \
        CHI(^=, 0, E##5, E##6, E##7, E##8, E##9);       \
        b0 = ROTATE(A##1 ^ d1, 1);                      \
        b1 = ROTATE(A##7 ^ d2, 6);                      \
        b2 = ROTATE(A##13 ^ d3, 25);                    \
        b3 = ROTATE(A##19 ^ d4, 8);                     \
        b4 = ROTATE(A##20 ^ d0, 18);                    \
        CHI(^=, 0, E##10, E##11, E##12, E##13, E##14);  \
        b0 = ROTATE(A##4 ^ d4, 27);                     \
        b1 = ROTATE(A##5 ^ d0, 36);                     \
        b2 = ROTATE(A##11 ^ d1, 10);                    \
        b3 = ROTATE(A##17 ^ d2, 15);                    \
        b4 = ROTATE(A##23 ^ d3, 56);                    \
        CHI(^=, 0, E##15, E##16, E##17, E##18, E##19);  \
        b0 = ROTATE(A##2 ^ d2, 62);                     \
        b1 = ROTATE(A##8 ^ d3, 55);                     \
        b2 = ROTATE(A##14 ^ d4, 39);                    \
        b3 = ROTATE(A##15 ^ d0, 41);                    \
        b4 = ROTATE(A##21 ^ d1, 2);                     \
        CHI(^=, 0, E##20, E##21, E##22, E##23, E##24);  \
    } while (0)

static inline __attribute__((always_inline)) void permute_body(uint64_t lanes[25])
{
    uint64_t a0 = lanes[0], a1 = lanes[1], a2 = lanes[2], a3 = lanes[3], a4 = lanes[4];
    uint64_t a5 = lanes[5], a6 = lanes[6], a7 = lanes[7], a8 = lanes[8], a9 = lanes[9];
    uint64_t a10 = lanes[10], a11 = lanes[11], a12 = lanes[12], a13 = lanes[13];
    uint64_t a14 = lanes[14], a15 = lanes[15], a16 = lanes[16], a17 = lanes[17];
    uint64_t a18 = lanes[18], a19 = lanes[19], a20 = lanes[20], a21 = lanes[21];
    uint64_t a22 = lanes[22], a23 = lanes[23], a24 = lanes[24];
    uint64_t e0, e1, e2, e3, e4, e5, e6, e7, e8, e9, e10, e11, e12, e13, e14, e15, e16, e17, e18,
        e19, e20, e21, e22, e23, e24;

    uint64_t c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20, c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
    uint64_t c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22, c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
    uint64_t c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
    for (size_t round = 0; round < ROUNDS; round += 2) {
        ROUND(a, e, ROUND_CONSTANTS[round]);
        ROUND(e, a, ROUND_CONSTANTS[round + 1]);
    }

    lanes[0] = a0, lanes[1] = a1, lanes[2] = a2, lanes[3] = a3, lanes[4] = a4;
    lanes[5] = a5, lanes[6] = a6, lanes[7] = a7, lanes[8] = a8, lanes[9] = a9;
    lanes[10] = a10, lanes[11] = a11, lanes[12] = a12, lanes[13] = a13, lanes[14] = a14;
    lanes[15] = a15, lanes[16] = a16, lanes[17] = a17, lanes[18] = a18, lanes[19] = a19;
    lanes[20] = a20, lanes[21] = a21, lanes[22] = a22, lanes[23] = a23, lanes[24] = a24;
}

#if defined(__x86_64__)
/* BMI's andn and rorx (x86-64-v3) make chi and rho shorter; chosen once at run time. */
__attribute__((target("bmi,bmi2"))) static void permute_bmi(uint64_t lanes[25])
{
    permute_body(lanes);
}

static void permute_plain(uint64_t lanes[25])
{
    permute_body(lanes);
}

static void permute(uint64_t lanes[25])
{
    if (__builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2"))
        permute_bmi(lanes);
    else
        permute_plain(lanes);
}
#else
static void permute(uint64_t lanes[25])
{
    permute_body(lanes);
}
#endif

static inline uint64_t load_lane(const uint8_t *bytes)
{
    uint64_t lane;
    memcpy(&lane, bytes, sizeof lane);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    lane = __builtin_bswap64(lane);
#endif
    return lane;
}

static inline void store_lane(uint8_t *out, uint64_t lane)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    lane = __builtin_bswap64(lane);
#endif
    memcpy(out, &lane, sizeof lane);
}

static void absorb_block(uint64_t lanes[25], const uint8_t block[RATE_BYTES])
{
    for (size_t lane = 0; lane < RATE_LANES; lane++)
        lanes[lane] ^= load_lane(block + 8 * lane);
    permute(lanes);
}

/* Pads what is left (less than a block) with 0x01 00.. 80 and squeezes 32 bytes. */
static hash256 absorb_last(uint64_t lanes[25], const uint8_t *rest, size_t size)
{
    size_t whole = size / 8;
    uint8_t last[8] = {0};
    for (size_t lane = 0; lane < whole; lane++)
        lanes[lane] ^= load_lane(rest + 8 * lane);
    if (size % 8 > 0)
        memcpy(last, rest + 8 * whole, size % 8);
    last[size % 8] = 0x01;
    lanes[whole] ^= load_lane(last);
    lanes[RATE_LANES - 1] ^= UINT64_C(1) << 63;
    permute(lanes);

    hash256 hash;
    for (size_t lane = 0; lane < 4; lane++)
        store_lane(hash.bytes + 8 * lane, lanes[lane]);
    return hash;
}

hash256 keccak256(const void *data, size_t size)
{
    const uint8_t *bytes = data;
    uint64_t lanes[25] = {0};
    for (; size >= RATE_BYTES; size -= RATE_BYTES, bytes += RATE_BYTES)
        absorb_block(lanes, bytes);
    return absorb_last(lanes, bytes, size);
}

void keccak_init(struct keccak *keccak)
{
    *keccak = (struct keccak){0};
}

/* Exclusive-ors bytes into the block at `used_bytes`, which lie within it. */
static void absorb_part(struct keccak *keccak, const uint8_t *bytes, size_t size)
{
    for (size_t index = 0; index < size; index++) {
        size_t at = keccak->used_bytes + index;
        keccak->lanes[at / 8] ^= (uint64_t)bytes[index] << (at % 8 * 8);
    }
    keccak->used_bytes += size;
    if (keccak->used_bytes == RATE_BYTES) {
        permute(keccak->lanes);
        keccak->used_bytes = 0;
    }
}

void keccak_update(struct keccak *keccak, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    assert(keccak->used_bytes < RATE_BYTES);
    if (keccak->used_bytes > 0 && size > 0) {
        size_t room = RATE_BYTES - keccak->used_bytes;
        size_t part = size < room ? size : room;
        absorb_part(keccak, bytes, part);
        bytes += part;
        size -= part;
    }
    for (; size >= RATE_BYTES; size -= RATE_BYTES, bytes += RATE_BYTES)
        absorb_block(keccak->lanes, bytes);
    if (size > 0)
        absorb_part(keccak, bytes, size);
}

hash256 keccak_finish(struct keccak *keccak)
{
    keccak->lanes[keccak->used_bytes / 8] ^= UINT64_C(1) << (keccak->used_bytes % 8 * 8);
    keccak->lanes[RATE_LANES - 1] ^= UINT64_C(1) << 63;
    permute(keccak->lanes);
    hash256 hash;
    for (size_t lane = 0; lane < 4; lane++)
        store_lane(hash.bytes + 8 * lane, keccak->lanes[lane]);
    return hash;
}

/* 256-bit words on the machine's stack, in the loop's hottest places.
 *
 * Words move as four 64-bit values through registers: joined into vector moves, a load just
 * after four scalar stores would wait for the store buffer. The empty asm keeps the compiler
 * from joining them. Everything here equals its u256_ namesake. */
#ifndef VM_WORDS_H
#define VM_WORDS_H
#if defined(__x86_64__)
#include <immintrin.h> /* add and subtract with carry, which gcc 12 does not find by itself */
#endif

#include "vm/base/u256.h"

#if !defined(__x86_64__)
__extension__ typedef unsigned __int128 word_pair;
#endif

static inline void word_store(u256 *to, uint64_t l0, uint64_t l1, uint64_t l2, uint64_t l3)
{
    __asm__("" : "+r"(l0), "+r"(l1), "+r"(l2), "+r"(l3));
    to->limbs[0] = l0;
    to->limbs[1] = l1;
    to->limbs[2] = l2;
    to->limbs[3] = l3;
}

static inline void word_copy(u256 *to, const u256 *from)
{
    word_store(to, from->limbs[0], from->limbs[1], from->limbs[2], from->limbs[3]);
}

static inline void word_swap(u256 *a, u256 *b)
{
    uint64_t a0 = a->limbs[0], a1 = a->limbs[1], a2 = a->limbs[2], a3 = a->limbs[3];
    __asm__("" : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3));
    word_copy(a, b);
    word_store(b, a0, a1, a2, a3);
}

static inline void word_set(u256 *to, uint64_t value)
{
    to->limbs[0] = value;
    to->limbs[1] = 0;
    to->limbs[2] = 0;
    to->limbs[3] = 0;
}

/* The carry is 0 or 1, in and out. */
static inline uint8_t word_limb_add(uint8_t carry, uint64_t a, uint64_t b, uint64_t *sum)
{
#if defined(__x86_64__)
    unsigned long long out;
    carry = _addcarry_u64(carry, a, b, &out);
    *sum = out;
    return carry;
#else
    word_pair wide = (word_pair)a + b + carry;
    *sum = (uint64_t)wide;
    return (uint8_t)(wide >> 64);
#endif
}

static inline uint8_t word_limb_sub(uint8_t borrow, uint64_t a, uint64_t b, uint64_t *difference)
{
#if defined(__x86_64__)
    unsigned long long out;
    borrow = _subborrow_u64(borrow, a, b, &out);
    *difference = out;
    return borrow;
#else
    word_pair wide = (word_pair)a - b - borrow;
    *difference = (uint64_t)wide;
    return (uint8_t)(wide >> 127);
#endif
}

static inline void word_add(u256 *out, const u256 *a, const u256 *b)
{
    uint64_t l0, l1, l2, l3;
    uint8_t carry = word_limb_add(0, a->limbs[0], b->limbs[0], &l0);
    carry = word_limb_add(carry, a->limbs[1], b->limbs[1], &l1);
    carry = word_limb_add(carry, a->limbs[2], b->limbs[2], &l2);
    (void)word_limb_add(carry, a->limbs[3], b->limbs[3], &l3);
    word_store(out, l0, l1, l2, l3);
}

static inline void word_sub(u256 *out, const u256 *a, const u256 *b)
{
    uint64_t l0, l1, l2, l3;
    uint8_t borrow = word_limb_sub(0, a->limbs[0], b->limbs[0], &l0);
    borrow = word_limb_sub(borrow, a->limbs[1], b->limbs[1], &l1);
    borrow = word_limb_sub(borrow, a->limbs[2], b->limbs[2], &l2);
    (void)word_limb_sub(borrow, a->limbs[3], b->limbs[3], &l3);
    word_store(out, l0, l1, l2, l3);
}

static inline bool word_less(const u256 *a, const u256 *b)
{
    for (int limb = 3; limb > 0; limb--)
        if (a->limbs[limb] != b->limbs[limb])
            return a->limbs[limb] < b->limbs[limb];
    return a->limbs[0] < b->limbs[0];
}

static inline bool word_signed_less(const u256 *a, const u256 *b)
{
    if (a->limbs[3] != b->limbs[3])
        return (int64_t)a->limbs[3] < (int64_t)b->limbs[3];
    return word_less(a, b);
}

static inline bool word_equal(const u256 *a, const u256 *b)
{
    return ((a->limbs[0] ^ b->limbs[0]) | (a->limbs[1] ^ b->limbs[1]) | (a->limbs[2] ^ b->limbs[2])
            | (a->limbs[3] ^ b->limbs[3]))
           == 0;
}

static inline bool word_is_zero(const u256 *a)
{
    return (a->limbs[0] | a->limbs[1] | a->limbs[2] | a->limbs[3]) == 0;
}

static inline bool word_is_small(const u256 *a)
{
    return (a->limbs[1] | a->limbs[2] | a->limbs[3]) == 0;
}

static inline void word_load_be(u256 *out, const uint8_t *bytes)
{
    word_store(out, u256_limb_load_be(bytes + 24), u256_limb_load_be(bytes + 16),
               u256_limb_load_be(bytes + 8), u256_limb_load_be(bytes));
}

static inline void word_store_be(uint8_t *out, const u256 *value)
{
    u256_limb_store_be(out, value->limbs[3]);
    u256_limb_store_be(out + 8, value->limbs[2]);
    u256_limb_store_be(out + 16, value->limbs[1]);
    u256_limb_store_be(out + 24, value->limbs[0]);
}
#endif

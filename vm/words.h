/* 256-bit words on the machine's stack, in the loop's hottest places.
 *
 * Words move as four 64-bit values through registers: joined into vector moves, a load just
 * after four scalar stores would wait for the store buffer. The empty asm keeps the compiler
 * from joining them. Everything here equals its u256_ namesake. */
#ifndef VM_WORDS_H
#define VM_WORDS_H
#include "vm/base/u256.h"

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

#if defined(__x86_64__)
/* Adds or subtracts with carry, which gcc 12 does not find by itself, and keeps in registers. */
#define WORD_CARRIED(first, other)                                                      \
    uint64_t l0 = a->limbs[0], l1 = a->limbs[1];                                        \
    uint64_t l2 = a->limbs[2], l3 = a->limbs[3];                                        \
    __asm__(first " %4, %0\n\t" other " %5, %1\n\t" other " %6, %2\n\t" other " %7, %3" \
            : "+&r"(l0), "+&r"(l1), "+&r"(l2), "+&r"(l3)                                \
            : "m"(b->limbs[0]), "m"(b->limbs[1]), "m"(b->limbs[2]), "m"(b->limbs[3])    \
            : "cc");                                                                    \
    word_store(out, l0, l1, l2, l3)

static inline void word_add(u256 *out, const u256 *a, const u256 *b)
{
    WORD_CARRIED("addq", "adcq");
}

static inline void word_sub(u256 *out, const u256 *a, const u256 *b)
{
    WORD_CARRIED("subq", "sbbq");
}
#undef WORD_CARRIED
#else
static inline void word_add(u256 *out, const u256 *a, const u256 *b)
{
    u256 sum = u256_add(a, b);
    word_copy(out, &sum);
}

static inline void word_sub(u256 *out, const u256 *a, const u256 *b)
{
    u256 difference = u256_sub(a, b);
    word_copy(out, &difference);
}
#endif

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

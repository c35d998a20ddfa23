/* Sums, differences and rows of products of four limbs: what arithmetic modulo a prime of 254 or
 * 256 bits is made of.
 *
 * gcc finds neither the chains of carries nor the two at once that x86-64 has since 2015 (BMI2
 * and ADX), which is worth twice the speed, so those are written out; the plain C beside
 * them says what they compute and serves every other machine (and, with LIMBS_PORTABLE, the
 * tests). Limbs are least significant first. Nothing here is for secrets. */
#ifndef VM_CRYPTO_LIMBS_H
#define VM_CRYPTO_LIMBS_H
#include <stdbool.h>
#include <stdint.h>

#define LIMBS_INLINE static inline __attribute__((always_inline))

#if defined(__x86_64__) && !defined(LIMBS_PORTABLE)
#define LIMBS_X86 1
#else
#define LIMBS_X86 0
#endif

__extension__ typedef unsigned __int128 limb_pair;

/* out = 1 / value modulo `modulus`, an odd prime; `value` is neither zero nor a multiple of it. */
void limbs_invert(uint64_t out[4], const uint64_t value[4], const uint64_t modulus[4]);

/* out = a + b; returns the carry. */
LIMBS_INLINE uint64_t limbs_add(uint64_t out[4], const uint64_t a[4], const uint64_t b[4])
{
#if LIMBS_X86
    uint64_t s0 = a[0], s1 = a[1], s2 = a[2], s3 = a[3], carry = 0;
    __asm__("addq %5, %0\n\tadcq %6, %1\n\tadcq %7, %2\n\tadcq %8, %3\n\tadcq $0, %4"
            : "+&r"(s0), "+&r"(s1), "+&r"(s2), "+&r"(s3), "+&r"(carry)
            : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3])
            : "cc");
    out[0] = s0, out[1] = s1, out[2] = s2, out[3] = s3;
    return carry;
#else
    uint64_t carry = 0;
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        limb_pair sum = (limb_pair)a[i] + b[i] + carry;
        out[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return carry;
#endif
}

/* out = a - b; returns all ones if it borrowed, else 0. */
LIMBS_INLINE uint64_t limbs_sub(uint64_t out[4], const uint64_t a[4], const uint64_t b[4])
{
#if LIMBS_X86
    uint64_t d0 = a[0], d1 = a[1], d2 = a[2], d3 = a[3], borrow;
    __asm__("subq %5, %0\n\tsbbq %6, %1\n\tsbbq %7, %2\n\tsbbq %8, %3\n\tsbbq %4, %4"
            : "+&r"(d0), "+&r"(d1), "+&r"(d2), "+&r"(d3), "=&r"(borrow)
            : "rm"(b[0]), "rm"(b[1]), "rm"(b[2]), "rm"(b[3])
            : "cc");
    out[0] = d0, out[1] = d1, out[2] = d2, out[3] = d3;
    return borrow;
#else
    uint64_t borrow = 0;
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        limb_pair difference = (limb_pair)a[i] - b[i] - borrow;
        out[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 127);
    }
    return -borrow;
#endif
}

/* t = t + a digit; returns the fifth limb. */
LIMBS_INLINE uint64_t limbs_mul_row_plain(uint64_t t[4], const uint64_t a[4], uint64_t digit)
{
    uint64_t carry = 0;
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++) {
        limb_pair sum = (limb_pair)a[i] * digit + t[i] + carry;
        t[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return carry;
}

#if LIMBS_X86
extern bool limbs_has_adx; /* and BMI2; set before main() */
#endif
#endif

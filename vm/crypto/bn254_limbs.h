/* Four limbs modulo BN254's p: what bn254_field.c is made of, and only its. See limbs.h. */
#ifndef VM_CRYPTO_BN254_LIMBS_H
#define VM_CRYPTO_BN254_LIMBS_H
#include "vm/crypto/limbs.h"

/* p = 36 x^4 + 36 x^3 + 24 x^2 + 6 x + 1 for x = 4965661367192848881 (EIP-196). It is below
 * 2^254: sums of two, and of three, numbers below p fit in four limbs. */
#define P0 UINT64_C(0x3c208c16d87cfd47)
#define P1 UINT64_C(0x97816a916871ca8d)
#define P2 UINT64_C(0xb85045b68181585d)
#define P3 UINT64_C(0x30644e72e131a029)
static const uint64_t P[4] = {P0, P1, P2, P3};
#define P_INVERSE UINT64_C(0x87d20782e4866389) /* -1 / p modulo 2^64 */

/* The same for eight limbs. */
LIMBS_INLINE uint64_t limbs_sub_wide(uint64_t out[8], const uint64_t a[8], const uint64_t b[8])
{
#if LIMBS_X86
    uint64_t limb, borrow;
    __asm__ volatile("movq (%2), %0\n\tsubq (%3), %0\n\tmovq %0, (%4)\n\t"
                     "movq 8(%2), %0\n\tsbbq 8(%3), %0\n\tmovq %0, 8(%4)\n\t"
                     "movq 16(%2), %0\n\tsbbq 16(%3), %0\n\tmovq %0, 16(%4)\n\t"
                     "movq 24(%2), %0\n\tsbbq 24(%3), %0\n\tmovq %0, 24(%4)\n\t"
                     "movq 32(%2), %0\n\tsbbq 32(%3), %0\n\tmovq %0, 32(%4)\n\t"
                     "movq 40(%2), %0\n\tsbbq 40(%3), %0\n\tmovq %0, 40(%4)\n\t"
                     "movq 48(%2), %0\n\tsbbq 48(%3), %0\n\tmovq %0, 48(%4)\n\t"
                     "movq 56(%2), %0\n\tsbbq 56(%3), %0\n\tmovq %0, 56(%4)\n\t"
                     "sbbq %1, %1"
                     : "=&r"(limb), "=&r"(borrow)
                     : "r"(a), "r"(b), "r"(out)
                     : "cc", "memory");
    return borrow;
#else
    uint64_t borrow = 0;
#pragma GCC unroll 8
    for (unsigned i = 0; i < 8; i++) {
        limb_pair difference = (limb_pair)a[i] - b[i] - borrow;
        out[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 127);
    }
    return -borrow;
#endif
}

/* From below 2 p to below p, without a branch, which would be mispredicted half the time. */
LIMBS_INLINE void limbs_reduce_once(uint64_t out[4], const uint64_t value[4])
{
#if LIMBS_X86
    uint64_t d0 = value[0], d1 = value[1], d2 = value[2], d3 = value[3];
    __asm__("subq %8, %0\n\tsbbq %9, %1\n\tsbbq %10, %2\n\tsbbq %11, %3\n\t"
            "cmovcq %4, %0\n\tcmovcq %5, %1\n\tcmovcq %6, %2\n\tcmovcq %7, %3"
            : "+&r"(d0), "+&r"(d1), "+&r"(d2), "+&r"(d3)
            : "rm"(value[0]), "rm"(value[1]), "rm"(value[2]), "rm"(value[3]), "m"(P[0]), "m"(P[1]),
              "m"(P[2]), "m"(P[3])
            : "cc");
    out[0] = d0, out[1] = d1, out[2] = d2, out[3] = d3;
#else
    uint64_t less[4];
    uint64_t keep = limbs_sub(less, value, P);
#pragma GCC unroll 4
    for (unsigned i = 0; i < 4; i++)
        out[i] = (value[i] & keep) | (less[i] & ~keep);
#endif
}

/* t = (t + top 2^256 + m p) / 2^64, for the m that makes this whole. It must fit in four limbs. */
LIMBS_INLINE void limbs_reduce_row_plain(uint64_t t[4], uint64_t top)
{
    const uint64_t m = t[0] * P_INVERSE;
    const uint64_t carry = limbs_mul_row_plain(t, P, m);
    t[0] = t[1];
    t[1] = t[2];
    t[2] = t[3];
    t[3] = top + carry;
}

#if LIMBS_X86
LIMBS_INLINE uint64_t limbs_mul_row_adx(uint64_t t[4], const uint64_t a[4], uint64_t digit)
{
    uint64_t t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], low, high;
    __asm__("xorl %k[low], %k[low]\n\t"
            "mulxq %[a0], %[low], %[high]\n\tadoxq %[low], %[t0]\n\tadcxq %[high], %[t1]\n\t"
            "mulxq %[a1], %[low], %[high]\n\tadoxq %[low], %[t1]\n\tadcxq %[high], %[t2]\n\t"
            "mulxq %[a2], %[low], %[high]\n\tadoxq %[low], %[t2]\n\tadcxq %[high], %[t3]\n\t"
            "mulxq %[a3], %[low], %[high]\n\tadoxq %[low], %[t3]\n\t"
            "movl $0, %k[low]\n\tadcxq %[low], %[high]\n\tadoxq %[low], %[high]"
            : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [low] "=&r"(low),
              [high] "=&r"(high)
            : "d"(digit), [a0] "rm"(a[0]), [a1] "rm"(a[1]), [a2] "rm"(a[2]), [a3] "rm"(a[3])
            : "cc");
    t[0] = t0, t[1] = t1, t[2] = t2, t[3] = t3;
    return high;
}

LIMBS_INLINE void limbs_reduce_row_adx(uint64_t t[4], uint64_t top)
{
    uint64_t t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], low, high;
    const uint64_t m = t0 * P_INVERSE;
    __asm__(
        "xorl %k[low], %k[low]\n\t"
        "mulxq %[p0], %[low], %[high]\n\tadoxq %[low], %[t0]\n\tadcxq %[high], %[t1]\n\t"
        "mulxq %[p1], %[low], %[high]\n\tadoxq %[low], %[t1]\n\tadcxq %[high], %[t2]\n\t"
        "mulxq %[p2], %[low], %[high]\n\tadoxq %[low], %[t2]\n\tadcxq %[high], %[t3]\n\t"
        "mulxq %[p3], %[low], %[high]\n\tadoxq %[low], %[t3]\n\t"
        "movl $0, %k[low]\n\tadcxq %[top], %[high]\n\tadoxq %[low], %[high]"
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [low] "=&r"(low),
          [high] "=&r"(high)
        : "d"(m), [top] "rm"(top), [p0] "m"(P[0]), [p1] "m"(P[1]), [p2] "m"(P[2]), [p3] "m"(P[3])
        : "cc");
    t[0] = t1, t[1] = t2, t[2] = t3, t[3] = high;
}
#endif
#endif

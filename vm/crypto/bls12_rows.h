/* Rows of products of six limbs: what arithmetic modulo BLS12-381's p is made of.
 *
 * x86-64 has had two chains of carries at once since 2015 (BMI2 and ADX), which compilers do not
 * find; with them a product takes half the time. The plain C beside them says what they compute
 * and serves every other machine (and, with BLS12_PORTABLE, the tests). For bls12_fp.c only. */
#ifndef VM_CRYPTO_BLS12_ROWS_H
#define VM_CRYPTO_BLS12_ROWS_H
#include <stdint.h>

/* clang 14 cannot ask the processor for ADX. */
#if defined(__x86_64__) && !defined(BLS12_PORTABLE) && !defined(__clang__)
#define ROWS_X86 1
#else
#define ROWS_X86 0
#endif

#define ROWS_INLINE static inline __attribute__((always_inline))

#define ROWS_INVERSE UINT64_C(0x89f3fffcfffcfffd) /* -1/p mod 2^64 */
static const uint64_t ROWS_P[6] = {UINT64_C(0xb9feffffffffaaab), UINT64_C(0x1eabfffeb153ffff),
                                   UINT64_C(0x6730d2a0f6b0f624), UINT64_C(0x64774b84f38512bf),
                                   UINT64_C(0x4b1ba7b6434bacd7), UINT64_C(0x1a0111ea397fe69a)};

/* t = t + a * digit; returns the seventh limb. */
typedef uint64_t mul_row(uint64_t t[6], const uint64_t a[6], uint64_t digit);
/* t = (t + top * 2^384 + m p) / 2^64, for the m that makes this whole. It must fit in six limbs. */
typedef void reduce_row(uint64_t t[6], uint64_t top);

ROWS_INLINE uint64_t mul_row_plain(uint64_t t[6], const uint64_t a[6], uint64_t digit)
{
    uint64_t carry = 0;
    for (int i = 0; i < 6; i++) {
        unsigned __int128 sum = (unsigned __int128)a[i] * digit + t[i] + carry;
        t[i] = (uint64_t)sum;
        carry = (uint64_t)(sum >> 64);
    }
    return carry;
}

ROWS_INLINE void reduce_row_plain(uint64_t t[6], uint64_t top)
{
    uint64_t carry = mul_row_plain(t, ROWS_P, t[0] * ROWS_INVERSE);
    for (int i = 0; i < 5; i++)
        t[i] = t[i + 1];
    t[5] = top + carry;
}

#if ROWS_X86
/* One step: the product's low limb along the chain of OF, its high limb along that of CF. */
#define ROWS_STEP(at, here, above)                 \
    "mulxq " at "(%[factor]), %[low], %[high]\n\t" \
    "adoxq %[low], %[" here "]\n\tadcxq %[high], %[" above "]\n\t"
#define ROWS_START "xorl %k[low], %k[low]\n\t" /* both chains begin with no carry */
#define ROWS_LAST  "mulxq 40(%[factor]), %[low], %[high]\n\tadoxq %[low], %[t5]\n\t"
#define ROWS_ZERO  "movl $0, %k[low]\n\t" /* leaves the carries alone */
#define ROWS_STEPS                                                                               \
    ROWS_START ROWS_STEP("0", "t0", "t1") ROWS_STEP("8", "t1", "t2") ROWS_STEP("16", "t2", "t3") \
        ROWS_STEP("24", "t3", "t4") ROWS_STEP("32", "t4", "t5") ROWS_LAST ROWS_ZERO
#define ROWS_OUTPUTS                                                                \
    [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4), \
        [t5] "+&r"(t5), [low] "=&r"(low), [high] "=&r"(high)
/* The address in one register, and the limbs there as what is read. */
#define ROWS_FACTOR(f) [factor] "r"(f), "m"(*(const uint64_t(*)[6])(f))

ROWS_INLINE uint64_t mul_row_adx(uint64_t t[6], const uint64_t a[6], uint64_t digit)
{
    uint64_t t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], t4 = t[4], t5 = t[5], low, high;
    __asm__(ROWS_STEPS "adcxq %[low], %[high]\n\tadoxq %[low], %[high]"
            : ROWS_OUTPUTS
            : "d"(digit), ROWS_FACTOR(a)
            : "cc");
    t[0] = t0, t[1] = t1, t[2] = t2, t[3] = t3, t[4] = t4, t[5] = t5;
    return high;
}

ROWS_INLINE void reduce_row_adx(uint64_t t[6], uint64_t top)
{
    uint64_t t0 = t[0], t1 = t[1], t2 = t[2], t3 = t[3], t4 = t[4], t5 = t[5], low, high;
    __asm__(ROWS_STEPS "adcxq %[top], %[high]\n\tadoxq %[low], %[high]"
            : ROWS_OUTPUTS
            : "d"(t0 * ROWS_INVERSE), [top] "rm"(top), ROWS_FACTOR(ROWS_P)
            : "cc");
    t[0] = t1, t[1] = t2, t[2] = t3, t[3] = t4, t[4] = t5, t[5] = high;
}
#endif
#endif

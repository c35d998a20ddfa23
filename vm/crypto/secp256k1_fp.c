#include "vm/crypto/secp256k1_fp.h"

#include <string.h>

const u256 SECP_FIELD = {{-SECP_FOLD, UINT64_MAX, UINT64_MAX, UINT64_MAX}};

/* A carry of a fold is worth one more fold. What is left is less than SECP_FOLD squared then, below
 * 2^66: the second limb cannot overflow. */
LIMBS_INLINE void fold_carry(secp_fp *out, bool carry)
{
    if (__builtin_expect(carry, false)) {
        const limb_pair sum = (limb_pair)out->limbs[0] + SECP_FOLD;
        out->limbs[0] = (uint64_t)sum;
        out->limbs[1] += (uint64_t)(sum >> 64);
    }
}

/* The upper four limbs are worth SECP_FOLD times as much as the lower ones, and so is the fifth
 * limb of that, which is SECP_FOLD at most. */
static void reduce_plain(secp_fp *out, uint64_t wide[8])
{
    const uint64_t top = limbs_mul_row_plain(wide, wide + 4, SECP_FOLD);
    const limb_pair worth = (limb_pair)top * SECP_FOLD;
    const uint64_t fold[4] = {(uint64_t)worth, (uint64_t)(worth >> 64)};
    const bool carry = limbs_add(out->limbs, wide, fold) != 0;
    fold_carry(out, carry);
}

static void mul_plain(secp_fp *out, const secp_fp *a, const secp_fp *b)
{
    uint64_t wide[8] = {0};
    for (unsigned i = 0; i < 4; i++)
        wide[i + 4] = limbs_mul_row_plain(wide + i, a->limbs, b->limbs[i]);
    reduce_plain(out, wide);
}

#if LIMBS_X86
/* The same with both chains of carries; the eight limbs t0 to t7 stay in registers. */

/* T0 to T4 += a * digit, and T4 is new. */
#define ADD_ROW(digit, T0, T1, T2, T3, T4)                         \
    "movq " digit ", %%rdx\n\txorl %k" T4 ", %k" T4 "\n\t"         \
    "mulxq (%[a]), %[low], %[high]\n\tadoxq %[low], %" T0 "\n\t"   \
    "adcxq %[high], %" T1 "\n\t"                                   \
    "mulxq 8(%[a]), %[low], %[high]\n\tadoxq %[low], %" T1 "\n\t"  \
    "adcxq %[high], %" T2 "\n\t"                                   \
    "mulxq 16(%[a]), %[low], %[high]\n\tadoxq %[low], %" T2 "\n\t" \
    "adcxq %[high], %" T3 "\n\t"                                   \
    "mulxq 24(%[a]), %[low], %[high]\n\tadoxq %[low], %" T3 "\n\t" \
    "adoxq %" T4 ", %[high]\n\tadcxq %[high], %" T4 "\n\t"

#define FIRST_ROW                                                    \
    "movq (%[b]), %%rdx\n\t"                                         \
    "mulxq (%[a]), %[t0], %[t1]\n\tmulxq 8(%[a]), %[low], %[t2]\n\t" \
    "mulxq 16(%[a]), %[high], %[t3]\n\taddq %[low], %[t1]\n\t"       \
    "mulxq 24(%[a]), %[low], %[t4]\n\tadcq %[high], %[t2]\n\t"       \
    "adcq %[low], %[t3]\n\tadcq $0, %[t4]\n\t"
#define OTHER_ROWS                                              \
    ADD_ROW("8(%[b])", "[t1]", "[t2]", "[t3]", "[t4]", "[t5]")  \
    ADD_ROW("16(%[b])", "[t2]", "[t3]", "[t4]", "[t5]", "[t6]") \
    ADD_ROW("24(%[b])", "[t3]", "[t4]", "[t5]", "[t6]", "[t7]")

/* reduce_plain() of t0 to t7, but for the last carry. */
#define REDUCE                                                                        \
    "movq %[fold], %%rdx\n\t"                                                         \
    "mulxq %[t4], %[low], %[high]\n\txorl %k[t4], %k[t4]\n\t"                         \
    "adoxq %[low], %[t0]\n\tadcxq %[high], %[t1]\n\t"                                 \
    "mulxq %[t5], %[low], %[high]\n\tadoxq %[low], %[t1]\n\tadcxq %[high], %[t2]\n\t" \
    "mulxq %[t6], %[low], %[high]\n\tadoxq %[low], %[t2]\n\tadcxq %[high], %[t3]\n\t" \
    "mulxq %[t7], %[low], %[high]\n\tadoxq %[low], %[t3]\n\t"                         \
    "adoxq %[t4], %[high]\n\tadcxq %[t4], %[high]\n\t"                                \
    "mulxq %[high], %[low], %[high]\n\taddq %[low], %[t0]\n\tadcq %[high], %[t1]\n\t" \
    "adcq $0, %[t2]\n\tadcq $0, %[t3]"

#define WIDE_LIMBS                                                                            \
    [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4),           \
        [t5] "=&r"(t5), [t6] "=&r"(t6), [t7] "=&r"(t7), [low] "=&r"(low), [high] "=&r"(high), \
        "=@ccc"(carry)
#define FACTOR [a] "r"(a->limbs), [fold] "i"(SECP_FOLD)

static void mul_adx(secp_fp *out, const secp_fp *a, const secp_fp *b)
{
    uint64_t t0, t1, t2, t3, t4, t5, t6, t7, low, high;
    bool carry;
    __asm__(FIRST_ROW OTHER_ROWS REDUCE:WIDE_LIMBS : FACTOR, [b] "r"(b->limbs) : "rdx", "memory");
    *out = (secp_fp){{t0, t1, t2, t3}};
    fold_carry(out, carry);
}

/* The six products of unlike limbs once, doubled while the four squares are added. */
static void square_adx(secp_fp *out, const secp_fp *a)
{
    uint64_t t0, t1, t2, t3, t4, t5, t6, t7, low, high;
    bool carry;
    __asm__("movq (%[a]), %%rdx\n\t"
            "mulxq 8(%[a]), %[t1], %[t2]\n\tmulxq 16(%[a]), %[low], %[t3]\n\t"
            "mulxq 24(%[a]), %[high], %[t4]\n\tmovq 8(%[a]), %%rdx\n\t"
            "addq %[low], %[t2]\n\tadcq %[high], %[t3]\n\t"
            "mulxq 24(%[a]), %[low], %[t5]\n\tadcq %[low], %[t4]\n\tadcq $0, %[t5]\n\t"
            "mulxq 16(%[a]), %[low], %[high]\n\tmovq 16(%[a]), %%rdx\n\taddq %[low], %[t3]\n\t"
            "mulxq 24(%[a]), %[low], %[t6]\n\tadcq %[high], %[t4]\n\t"
            "adcq %[low], %[t5]\n\tadcq $0, %[t6]\n\t"
            "movq (%[a]), %%rdx\n\txorl %k[t7], %k[t7]\n\t"
            "mulxq %%rdx, %[t0], %[high]\n\tadoxq %[t1], %[t1]\n\tadcxq %[high], %[t1]\n\t"
            "movq 8(%[a]), %%rdx\n\tmulxq %%rdx, %[low], %[high]\n\t"
            "adoxq %[t2], %[t2]\n\tadcxq %[low], %[t2]\n\t"
            "adoxq %[t3], %[t3]\n\tadcxq %[high], %[t3]\n\t"
            "movq 16(%[a]), %%rdx\n\tmulxq %%rdx, %[low], %[high]\n\t"
            "adoxq %[t4], %[t4]\n\tadcxq %[low], %[t4]\n\t"
            "adoxq %[t5], %[t5]\n\tadcxq %[high], %[t5]\n\t"
            "movq 24(%[a]), %%rdx\n\tmulxq %%rdx, %[low], %[high]\n\t"
            "adoxq %[t6], %[t6]\n\tadcxq %[low], %[t6]\n\t"
            "adoxq %[t7], %[t7]\n\tadcxq %[high], %[t7]\n\t" REDUCE:WIDE_LIMBS:FACTOR
            : "rdx", "memory");
    *out = (secp_fp){{t0, t1, t2, t3}};
    fold_carry(out, carry);
}
#endif

void secp_fp_mul(secp_fp *out, const secp_fp *a, const secp_fp *b)
{
#if LIMBS_X86
    if (limbs_has_adx) {
        mul_adx(out, a, b);
        return;
    }
#endif
    mul_plain(out, a, b);
}

void secp_fp_square(secp_fp *out, const secp_fp *value)
{
#if LIMBS_X86
    if (limbs_has_adx) {
        square_adx(out, value);
        return;
    }
#endif
    mul_plain(out, value, value);
}

u256 secp_fp_number(const secp_fp *value)
{
    u256 less;
    const bool is_below = limbs_sub(less.limbs, value->limbs, SECP_FIELD.limbs) != 0;
    return is_below ? (u256){{value->limbs[0], value->limbs[1], value->limbs[2], value->limbs[3]}}
                    : less;
}

void secp_fp_invert(secp_fp *out, const secp_fp *value)
{
    limbs_invert(out->limbs, value->limbs, SECP_FIELD.limbs);
}

/* value^(2^squarings) factor */
static void raise(secp_fp *out, const secp_fp *value, unsigned squarings, const secp_fp *factor)
{
    secp_fp power = *value;
    for (unsigned i = 0; i < squarings; i++)
        secp_fp_square(&power, &power);
    secp_fp_mul(out, &power, factor);
}

/* value^((p + 1) / 4), which is a root if there is one, since p is 3 modulo 4. The exponent in
 * bits: 223 ones, a zero, 22 ones, four zeros, two ones, two zeros. onesN is the power whose
 * exponent is N ones. */
bool secp_fp_sqrt(secp_fp *out, const secp_fp *value)
{
    secp_fp ones2, ones3, ones11, ones22, ones44, ones88, power, check;
    const secp_fp number = *value;
    raise(&ones2, &number, 1, &number);
    raise(&ones3, &ones2, 1, &number);
    raise(&power, &ones3, 3, &ones3);
    raise(&power, &power, 3, &ones3);
    raise(&ones11, &power, 2, &ones2);
    raise(&ones22, &ones11, 11, &ones11);
    raise(&ones44, &ones22, 22, &ones22);
    raise(&ones88, &ones44, 44, &ones44);
    raise(&power, &ones88, 88, &ones88);
    raise(&power, &power, 44, &ones44);
    raise(&power, &power, 3, &ones3); /* 223 ones */
    raise(&power, &power, 23, &ones22);
    raise(&power, &power, 6, &ones2);
    secp_fp_square(&power, &power);
    secp_fp_square(out, &power);
    secp_fp_square(&check, out);
    secp_fp_sub(&check, &check, &number);
    return secp_fp_is_zero(&check);
}

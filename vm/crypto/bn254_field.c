#include "vm/crypto/bn254_field.h"

#include <string.h>

#include "vm/base/u256.h"
#include "vm/crypto/bn254_limbs.h"

const bn_fp BN_FP_ONE = {{UINT64_C(0xd35d438dc58f0d9d), UINT64_C(0x0a78eb28f5c70b3d),
                          UINT64_C(0x666ea36f7879462c), UINT64_C(0x0e0a77c19a07df2f)}};
/* 2^512 and 2^768 modulo p: times the first, a number is in Montgomery form. */
static const bn_fp R_SQUARED = {{UINT64_C(0xf32cfc5b538afa89), UINT64_C(0xb5e71911d44501fb),
                                 UINT64_C(0x47ab1eff0a417ff6), UINT64_C(0x06d89f71cab8351f)}};
static const bn_fp R_CUBED = {{UINT64_C(0xb1cd6dafda1530df), UINT64_C(0x62f210e6a7283db6),
                               UINT64_C(0xef7f0b0c0ada0afb), UINT64_C(0x20fd6e902d592544)}};

/* ---- Numbers of four and eight limbs ---- */

typedef uint64_t mul_row(uint64_t t[4], const uint64_t a[4], uint64_t digit);
typedef void reduce_row(uint64_t t[4], uint64_t top);

static inline void add_mod(uint64_t out[4], const uint64_t a[4], const uint64_t b[4])
{
    uint64_t sum[4];
    limbs_add(sum, a, b);
    limbs_reduce_once(out, sum);
}

static inline void sub_mod(uint64_t out[4], const uint64_t a[4], const uint64_t b[4])
{
    uint64_t less[4];
    const uint64_t mask = limbs_sub(less, a, b);
    const uint64_t correction[4] = {P0 & mask, P1 & mask, P2 & mask, P3 & mask};
    limbs_add(out, less, correction);
}

LIMBS_INLINE void mul_mod_with(uint64_t out[4], const uint64_t a[4], const uint64_t b[4],
                               mul_row *mul, reduce_row *reduce)
{
    uint64_t t[4] = {0};
    reduce(t, mul(t, a, b[0]));
    reduce(t, mul(t, a, b[1]));
    reduce(t, mul(t, a, b[2]));
    reduce(t, mul(t, a, b[3]));
    limbs_reduce_once(out, t);
}

/* Makes `name` of the body `name_with`: whichever of its two forms the processor can run. They are
 * functions of their own, so that neither saves registers for the other. */
#if LIMBS_X86
#define CHOOSE_ROWS(name, out_type, a_type, b_type)                                      \
    static __attribute__((noinline)) void name##_adx(out_type out, a_type a, b_type b)   \
    {                                                                                    \
        name##_with(out, a, b, limbs_mul_row_adx, limbs_reduce_row_adx);                 \
    }                                                                                    \
    static __attribute__((noinline)) void name##_plain(out_type out, a_type a, b_type b) \
    {                                                                                    \
        name##_with(out, a, b, limbs_mul_row_plain, limbs_reduce_row_plain);             \
    }                                                                                    \
    static inline void name(out_type out, a_type a, b_type b)                            \
    {                                                                                    \
        if (limbs_has_adx)                                                               \
            name##_adx(out, a, b);                                                       \
        else                                                                             \
            name##_plain(out, a, b);                                                     \
    }
#else
#define CHOOSE_ROWS(name, out_type, a_type, b_type)                          \
    static void name(out_type out, a_type a, b_type b)                       \
    {                                                                        \
        name##_with(out, a, b, limbs_mul_row_plain, limbs_reduce_row_plain); \
    }
#endif

/* Montgomery's product a b / 2^256, for a below 2 p and b below p: each row keeps t below 3 p. */
CHOOSE_ROWS(mul_mod, uint64_t *, const uint64_t *, const uint64_t *)

LIMBS_INLINE void mul_wide_with(uint64_t out[8], const uint64_t a[4], const uint64_t b[4],
                                mul_row *mul)
{
    uint64_t t[4] = {0};
    for (unsigned i = 0; i < 4; i++) {
        const uint64_t top = mul(t, a, b[i]);
        out[i] = t[0];
        t[0] = t[1];
        t[1] = t[2];
        t[2] = t[3];
        t[3] = top;
    }
    for (unsigned i = 0; i < 4; i++)
        out[4 + i] = t[i];
}

/* value / 2^256 modulo p, for a value below p 2^256: the lower half becomes a number of at most
 * p, and the upper half is below p. */
LIMBS_INLINE void reduce_wide_with(uint64_t out[4], const uint64_t value[8], reduce_row *reduce)
{
    uint64_t t[4] = {value[0], value[1], value[2], value[3]};
    reduce(t, 0);
    reduce(t, 0);
    reduce(t, 0);
    reduce(t, 0);
    limbs_add(t, t, value + 4);
    limbs_reduce_once(out, t);
}

/* ---- The field ---- */

bool bn_fp_decode(bn_fp *out, const uint8_t bytes[32])
{
    uint64_t ignored[4];
    u256 number = u256_load_be(bytes, 32);
    if (limbs_sub(ignored, number.limbs, P) == 0)
        return false;
    mul_mod(out->limbs, number.limbs, R_SQUARED.limbs);
    return true;
}

void bn_fp_encode(uint8_t out[32], const bn_fp *value)
{
    static const uint64_t one[4] = {1, 0, 0, 0};
    u256 number;
    mul_mod(number.limbs, value->limbs, one);
    u256_store_be(out, &number);
}

bool bn_fp_is_zero(const bn_fp *value)
{
    return (value->limbs[0] | value->limbs[1] | value->limbs[2] | value->limbs[3]) == 0;
}

bool bn_fp_equal(const bn_fp *a, const bn_fp *b)
{
    return memcmp(a->limbs, b->limbs, sizeof a->limbs) == 0;
}

void bn_fp_add(bn_fp *out, const bn_fp *a, const bn_fp *b)
{
    add_mod(out->limbs, a->limbs, b->limbs);
}

void bn_fp_sub(bn_fp *out, const bn_fp *a, const bn_fp *b)
{
    sub_mod(out->limbs, a->limbs, b->limbs);
}

void bn_fp_neg(bn_fp *out, const bn_fp *value)
{
    static const uint64_t zero[4];
    sub_mod(out->limbs, zero, value->limbs);
}

void bn_fp_mul(bn_fp *out, const bn_fp *a, const bn_fp *b)
{
    mul_mod(out->limbs, a->limbs, b->limbs);
}

void bn_fp_square(bn_fp *out, const bn_fp *value)
{
    mul_mod(out->limbs, value->limbs, value->limbs);
}

void bn_fp_invert(bn_fp *out, const bn_fp *value)
{
    limbs_invert(out->limbs, value->limbs, P);
    mul_mod(out->limbs, out->limbs, R_CUBED.limbs); /* 1 / (v R) is R^2 too small */
}

/* ---- The extension ---- */

bool bn_fp2_is_zero(const bn_fp2 *value)
{
    return bn_fp_is_zero(&value->a) && bn_fp_is_zero(&value->b);
}

bool bn_fp2_equal(const bn_fp2 *a, const bn_fp2 *b)
{
    return bn_fp_equal(&a->a, &b->a) && bn_fp_equal(&a->b, &b->b);
}

void bn_fp2_add(bn_fp2 *out, const bn_fp2 *a, const bn_fp2 *b)
{
    add_mod(out->a.limbs, a->a.limbs, b->a.limbs);
    add_mod(out->b.limbs, a->b.limbs, b->b.limbs);
}

void bn_fp2_sub(bn_fp2 *out, const bn_fp2 *a, const bn_fp2 *b)
{
    sub_mod(out->a.limbs, a->a.limbs, b->a.limbs);
    sub_mod(out->b.limbs, a->b.limbs, b->b.limbs);
}

void bn_fp2_neg(bn_fp2 *out, const bn_fp2 *value)
{
    bn_fp_neg(&out->a, &value->a);
    bn_fp_neg(&out->b, &value->b);
}

void bn_fp2_conjugate(bn_fp2 *out, const bn_fp2 *value)
{
    out->a = value->a;
    bn_fp_neg(&out->b, &value->b);
}

/* Karatsuba's three products, and one reduction for each half of the result. */
LIMBS_INLINE void fp2_mul_with(bn_fp2 *out, const bn_fp2 *a, const bn_fp2 *b, mul_row *mul,
                               reduce_row *reduce)
{
    uint64_t sum_a[4], sum_b[4], low[8], high[8], cross[8];
    limbs_add(sum_a, a->a.limbs, a->b.limbs);
    limbs_add(sum_b, b->a.limbs, b->b.limbs);
    mul_wide_with(low, a->a.limbs, b->a.limbs, mul);
    mul_wide_with(high, a->b.limbs, b->b.limbs, mul);
    mul_wide_with(cross, sum_a, sum_b, mul);
    limbs_sub_wide(cross, cross, low);
    limbs_sub_wide(cross, cross, high); /* a.a b.b + a.b b.a, below 2 p^2 */
    if (limbs_sub_wide(low, low, high) != 0)
        limbs_add(low + 4, low + 4, P); /* a.a b.a - a.b b.b + p 2^256 */
    reduce_wide_with(out->a.limbs, low, reduce);
    reduce_wide_with(out->b.limbs, cross, reduce);
}

CHOOSE_ROWS(fp2_mul, bn_fp2 *, const bn_fp2 *, const bn_fp2 *)

void bn_fp2_mul(bn_fp2 *out, const bn_fp2 *a, const bn_fp2 *b)
{
    fp2_mul(out, a, b);
}

void bn_fp2_mul_fp(bn_fp2 *out, const bn_fp2 *a, const bn_fp *b)
{
    mul_mod(out->a.limbs, a->a.limbs, b->limbs);
    mul_mod(out->b.limbs, a->b.limbs, b->limbs);
}

void bn_fp2_mul_xi(bn_fp2 *out, const bn_fp2 *value)
{
    bn_fp2 nine;
    bn_fp2_add(&nine, value, value);
    bn_fp2_add(&nine, &nine, &nine);
    bn_fp2_add(&nine, &nine, &nine);
    bn_fp2_add(&nine, &nine, value);
    const bn_fp2 turned = {value->b, value->a};
    sub_mod(out->a.limbs, nine.a.limbs, turned.a.limbs);
    add_mod(out->b.limbs, nine.b.limbs, turned.b.limbs);
}

/* (a + b u)^2 = (a + b)(a - b) + 2 a b u */
void bn_fp2_square(bn_fp2 *out, const bn_fp2 *value)
{
    uint64_t sum[4], difference[4], twice[4];
    limbs_add(sum, value->a.limbs, value->b.limbs);
    sub_mod(difference, value->a.limbs, value->b.limbs);
    limbs_add(twice, value->a.limbs, value->a.limbs);
    mul_mod(out->b.limbs, twice, value->b.limbs);
    mul_mod(out->a.limbs, sum, difference);
}

static void halve(uint64_t out[4], const uint64_t value[4])
{
    uint64_t even[4];
    uint64_t mask = -(value[0] & 1);
    const uint64_t addend[4] = {P[0] & mask, P[1] & mask, P[2] & mask, P[3] & mask};
    limbs_add(even, value, addend);
    for (unsigned i = 0; i < 3; i++)
        out[i] = even[i] >> 1 | even[i + 1] << 63;
    out[3] = even[3] >> 1;
}

void bn_fp2_halve(bn_fp2 *out, const bn_fp2 *value)
{
    halve(out->a.limbs, value->a.limbs);
    halve(out->b.limbs, value->b.limbs);
}

/* 1 / (a + b u) = (a - b u) / (a^2 + b^2) */
void bn_fp2_invert(bn_fp2 *out, const bn_fp2 *value)
{
    bn_fp norm, square;
    bn_fp_square(&norm, &value->a);
    bn_fp_square(&square, &value->b);
    bn_fp_add(&norm, &norm, &square);
    bn_fp_invert(&norm, &norm);
    bn_fp2_conjugate(out, value);
    bn_fp2_mul_fp(out, out, &norm);
}

#include "vm/crypto/bn254_tower.h"

const bn_fp2 BN_FROBENIUS[6] = {
    {{{UINT64_C(0xd35d438dc58f0d9d), UINT64_C(0x0a78eb28f5c70b3d), UINT64_C(0x666ea36f7879462c),
       UINT64_C(0x0e0a77c19a07df2f)}},
     {{0}}},
    {{{UINT64_C(0xaf9ba69633144907), UINT64_C(0xca6b1d7387afb78a), UINT64_C(0x11bded5ef08a2087),
       UINT64_C(0x02f34d751a1f3a7c)}},
     {{UINT64_C(0xa222ae234c492d72), UINT64_C(0xd00f02a4565de15b), UINT64_C(0xdc2ff3a253dfc926),
       UINT64_C(0x10a75716b3899551)}}},
    {{{UINT64_C(0xb5773b104563ab30), UINT64_C(0x347f91c8a9aa6454), UINT64_C(0x7a007127242e0991),
       UINT64_C(0x1956bcd8118214ec)}},
     {{UINT64_C(0x6e849f1ea0aa4757), UINT64_C(0xaa1c7b6d89f89141), UINT64_C(0xb6e713cdfae0ca3a),
       UINT64_C(0x26694fbb4e82ebc3)}}},
    {{{UINT64_C(0xe4bbdd0c2936b629), UINT64_C(0xbb30f162e133bacb), UINT64_C(0x31a9d1b6f9645366),
       UINT64_C(0x253570bea500f8dd)}},
     {{UINT64_C(0xa1d77ce45ffe77c7), UINT64_C(0x07affd117826d1db), UINT64_C(0x6d16bd27bb7edc6b),
       UINT64_C(0x2c87200285defecc)}}},
    {{{UINT64_C(0x7361d77f843abe92), UINT64_C(0xa5bb2bd3273411fb), UINT64_C(0x9c941f314b3e2399),
       UINT64_C(0x15df9cddbb9fd3ec)}},
     {{UINT64_C(0x5dddfd154bd8c949), UINT64_C(0x62cb29a5a4445b60), UINT64_C(0x37bc870a0c7dd2b9),
       UINT64_C(0x24830a9d3171f0fd)}}},
    {{{UINT64_C(0xc970692f41690fe7), UINT64_C(0xe240342127694b0b), UINT64_C(0x32bee66b83c459e8),
       UINT64_C(0x12aabced0ab08841)}},
     {{UINT64_C(0x0d485d2340aebfa9), UINT64_C(0x05193418ab2fcc57), UINT64_C(0xd3b0a40b8a4910f5),
       UINT64_C(0x2f21ebb535d2925a)}}},
};

/* ---- Degree 6 ---- */

static void fp6_add(bn_fp6 *out, const bn_fp6 *a, const bn_fp6 *b)
{
    bn_fp2_add(&out->c0, &a->c0, &b->c0);
    bn_fp2_add(&out->c1, &a->c1, &b->c1);
    bn_fp2_add(&out->c2, &a->c2, &b->c2);
}

static void fp6_sub(bn_fp6 *out, const bn_fp6 *a, const bn_fp6 *b)
{
    bn_fp2_sub(&out->c0, &a->c0, &b->c0);
    bn_fp2_sub(&out->c1, &a->c1, &b->c1);
    bn_fp2_sub(&out->c2, &a->c2, &b->c2);
}

static void fp6_neg(bn_fp6 *out, const bn_fp6 *value)
{
    bn_fp2_neg(&out->c0, &value->c0);
    bn_fp2_neg(&out->c1, &value->c1);
    bn_fp2_neg(&out->c2, &value->c2);
}

/* Times v. */
static void fp6_mul_v(bn_fp6 *out, const bn_fp6 *value)
{
    bn_fp2 turned;
    bn_fp2_mul_xi(&turned, &value->c2);
    out->c2 = value->c1;
    out->c1 = value->c0;
    out->c0 = turned;
}

/* (a1 + a2)(b1 + b2) - a1 b1 - a2 b2, of which the two last are known. */
static void cross_product(bn_fp2 *out, const bn_fp2 *a1, const bn_fp2 *a2, const bn_fp2 *b1,
                          const bn_fp2 *b2, const bn_fp2 *a1b1, const bn_fp2 *a2b2)
{
    bn_fp2 sum_a, sum_b;
    bn_fp2_add(&sum_a, a1, a2);
    bn_fp2_add(&sum_b, b1, b2);
    bn_fp2_mul(out, &sum_a, &sum_b);
    bn_fp2_sub(out, out, a1b1);
    bn_fp2_sub(out, out, a2b2);
}

static void fp6_mul(bn_fp6 *out, const bn_fp6 *a, const bn_fp6 *b)
{
    bn_fp2 p0, p1, p2, p01, p02, p12;
    bn_fp2_mul(&p0, &a->c0, &b->c0);
    bn_fp2_mul(&p1, &a->c1, &b->c1);
    bn_fp2_mul(&p2, &a->c2, &b->c2);
    cross_product(&p01, &a->c0, &a->c1, &b->c0, &b->c1, &p0, &p1);
    cross_product(&p02, &a->c0, &a->c2, &b->c0, &b->c2, &p0, &p2);
    cross_product(&p12, &a->c1, &a->c2, &b->c1, &b->c2, &p1, &p2);
    bn_fp2_mul_xi(&p12, &p12);
    bn_fp2_add(&out->c0, &p0, &p12);
    bn_fp2_add(&out->c2, &p02, &p1);
    bn_fp2_mul_xi(&p2, &p2);
    bn_fp2_add(&out->c1, &p01, &p2);
}

/* Times b0 + b1 v. */
static void fp6_mul_two(bn_fp6 *out, const bn_fp6 *a, const bn_fp2 *b0, const bn_fp2 *b1)
{
    bn_fp2 p0, p1, p01, p02, p12;
    bn_fp2_mul(&p0, &a->c0, b0);
    bn_fp2_mul(&p1, &a->c1, b1);
    bn_fp2_mul(&p02, &a->c2, b0);
    bn_fp2_mul(&p12, &a->c2, b1);
    cross_product(&p01, &a->c0, &a->c1, b0, b1, &p0, &p1);
    bn_fp2_mul_xi(&p12, &p12);
    bn_fp2_add(&out->c0, &p0, &p12);
    out->c1 = p01;
    bn_fp2_add(&out->c2, &p02, &p1);
}

/* Norm down to bn_fp2 and back (Guide to Pairing-Based Cryptography, algorithm 5.23). */
static void fp6_invert(bn_fp6 *out, const bn_fp6 *value)
{
    bn_fp2 t0, t1, t2, norm, product;
    bn_fp2_square(&t0, &value->c0);
    bn_fp2_mul(&product, &value->c1, &value->c2);
    bn_fp2_mul_xi(&product, &product);
    bn_fp2_sub(&t0, &t0, &product);
    bn_fp2_square(&t1, &value->c2);
    bn_fp2_mul_xi(&t1, &t1);
    bn_fp2_mul(&product, &value->c0, &value->c1);
    bn_fp2_sub(&t1, &t1, &product);
    bn_fp2_square(&t2, &value->c1);
    bn_fp2_mul(&product, &value->c0, &value->c2);
    bn_fp2_sub(&t2, &t2, &product);

    bn_fp2_mul(&norm, &value->c2, &t1);
    bn_fp2_mul(&product, &value->c1, &t2);
    bn_fp2_add(&norm, &norm, &product);
    bn_fp2_mul_xi(&norm, &norm);
    bn_fp2_mul(&product, &value->c0, &t0);
    bn_fp2_add(&norm, &norm, &product);
    bn_fp2_invert(&norm, &norm);
    bn_fp2_mul(&out->c0, &t0, &norm);
    bn_fp2_mul(&out->c1, &t1, &norm);
    bn_fp2_mul(&out->c2, &t2, &norm);
}

/* ---- Degree 12 ---- */

void bn_fp12_set_one(bn_fp12 *out)
{
    *out = (bn_fp12){.c0.c0.a = BN_FP_ONE};
}

bool bn_fp12_is_one(const bn_fp12 *value)
{
    return bn_fp_equal(&value->c0.c0.a, &BN_FP_ONE) && bn_fp_is_zero(&value->c0.c0.b)
           && bn_fp2_is_zero(&value->c0.c1) && bn_fp2_is_zero(&value->c0.c2)
           && bn_fp2_is_zero(&value->c1.c0) && bn_fp2_is_zero(&value->c1.c1)
           && bn_fp2_is_zero(&value->c1.c2);
}

void bn_fp12_mul(bn_fp12 *out, const bn_fp12 *a, const bn_fp12 *b)
{
    bn_fp6 p0, p1, sum_a, sum_b;
    fp6_mul(&p0, &a->c0, &b->c0);
    fp6_mul(&p1, &a->c1, &b->c1);
    fp6_add(&sum_a, &a->c0, &a->c1);
    fp6_add(&sum_b, &b->c0, &b->c1);
    fp6_mul(&out->c1, &sum_a, &sum_b);
    fp6_sub(&out->c1, &out->c1, &p0);
    fp6_sub(&out->c1, &out->c1, &p1);
    fp6_mul_v(&p1, &p1);
    fp6_add(&out->c0, &p0, &p1);
}

void bn_fp12_mul_line(bn_fp12 *out, const bn_fp2 *a, const bn_fp2 *b, const bn_fp2 *c)
{
    bn_fp6 p0, p1, sum;
    bn_fp2 ab;
    bn_fp2_mul(&p0.c0, &out->c0.c0, a);
    bn_fp2_mul(&p0.c1, &out->c0.c1, a);
    bn_fp2_mul(&p0.c2, &out->c0.c2, a);
    fp6_mul_two(&p1, &out->c1, b, c);
    fp6_add(&sum, &out->c0, &out->c1);
    bn_fp2_add(&ab, a, b);
    fp6_mul_two(&out->c1, &sum, &ab, c);
    fp6_sub(&out->c1, &out->c1, &p0);
    fp6_sub(&out->c1, &out->c1, &p1);
    fp6_mul_v(&p1, &p1);
    fp6_add(&out->c0, &p0, &p1);
}

/* (c0 + c1 w)^2 = (c0 + c1)(c0 + v c1) - c0 c1 - v c0 c1 + 2 c0 c1 w */
void bn_fp12_square(bn_fp12 *out, const bn_fp12 *value)
{
    bn_fp6 product, sum, turned;
    fp6_mul(&product, &value->c0, &value->c1);
    fp6_add(&sum, &value->c0, &value->c1);
    fp6_mul_v(&turned, &value->c1);
    fp6_add(&turned, &turned, &value->c0);
    fp6_mul(&out->c0, &sum, &turned);
    fp6_sub(&out->c0, &out->c0, &product);
    fp6_mul_v(&turned, &product);
    fp6_sub(&out->c0, &out->c0, &turned);
    fp6_add(&out->c1, &product, &product);
}

void bn_fp12_conjugate(bn_fp12 *out, const bn_fp12 *value)
{
    out->c0 = value->c0;
    fp6_neg(&out->c1, &value->c1);
}

static void frobenius_of(bn_fp2 *out, const bn_fp2 *value, unsigned power_of_w)
{
    bn_fp2_conjugate(out, value);
    bn_fp2_mul(out, out, &BN_FROBENIUS[power_of_w]);
}

void bn_fp12_frobenius(bn_fp12 *out, const bn_fp12 *value)
{
    bn_fp2_conjugate(&out->c0.c0, &value->c0.c0);
    frobenius_of(&out->c1.c0, &value->c1.c0, 1);
    frobenius_of(&out->c0.c1, &value->c0.c1, 2);
    frobenius_of(&out->c1.c1, &value->c1.c1, 3);
    frobenius_of(&out->c0.c2, &value->c0.c2, 4);
    frobenius_of(&out->c1.c2, &value->c1.c2, 5);
}

/* 1 / (c0 + c1 w) = (c0 - c1 w) / (c0^2 - v c1^2) */
void bn_fp12_invert(bn_fp12 *out, const bn_fp12 *value)
{
    bn_fp6 norm, square;
    fp6_mul(&norm, &value->c0, &value->c0);
    fp6_mul(&square, &value->c1, &value->c1);
    fp6_mul_v(&square, &square);
    fp6_sub(&norm, &norm, &square);
    fp6_invert(&norm, &norm);
    fp6_mul(&out->c0, &value->c0, &norm);
    fp6_mul(&out->c1, &value->c1, &norm);
    fp6_neg(&out->c1, &out->c1);
}

/* (a + b s)^2 with s^2 = xi: `even` is a^2 + xi b^2, `odd` is 2 a b. */
static void square_pair(bn_fp2 *even, bn_fp2 *odd, const bn_fp2 *a, const bn_fp2 *b)
{
    bn_fp2 product, sum, turned;
    bn_fp2_mul(&product, a, b);
    bn_fp2_add(&sum, a, b);
    bn_fp2_mul_xi(&turned, b);
    bn_fp2_add(&turned, &turned, a);
    bn_fp2_mul(even, &sum, &turned);
    bn_fp2_sub(even, even, &product);
    bn_fp2_mul_xi(&turned, &product);
    bn_fp2_sub(even, even, &turned);
    bn_fp2_add(odd, &product, &product);
}

/* 3 square - 2 value */
static void three_less_two(bn_fp2 *out, const bn_fp2 *square, const bn_fp2 *value)
{
    bn_fp2 difference;
    bn_fp2_sub(&difference, square, value);
    bn_fp2_add(&difference, &difference, &difference);
    bn_fp2_add(out, &difference, square);
}

/* 3 square + 2 value */
static void three_and_two(bn_fp2 *out, const bn_fp2 *square, const bn_fp2 *value)
{
    bn_fp2 sum;
    bn_fp2_add(&sum, square, value);
    bn_fp2_add(&sum, &sum, &sum);
    bn_fp2_add(out, &sum, square);
}

/* Granger and Scott, "Faster squaring in the cyclotomic subgroup of sixth degree extensions". */
void bn_fp12_cyclotomic_square(bn_fp12 *out, const bn_fp12 *value)
{
    bn_fp2 a_even, a_odd, b_even, b_odd, c_even, c_odd;
    square_pair(&a_even, &a_odd, &value->c0.c0, &value->c1.c1);
    square_pair(&b_even, &b_odd, &value->c1.c0, &value->c0.c2);
    square_pair(&c_even, &c_odd, &value->c0.c1, &value->c1.c2);
    bn_fp2_mul_xi(&c_odd, &c_odd);
    three_less_two(&out->c0.c0, &a_even, &value->c0.c0);
    three_and_two(&out->c1.c1, &a_odd, &value->c1.c1);
    three_and_two(&out->c1.c0, &c_odd, &value->c1.c0);
    three_less_two(&out->c0.c2, &c_even, &value->c0.c2);
    three_less_two(&out->c0.c1, &b_even, &value->c0.c1);
    three_and_two(&out->c1.c2, &b_odd, &value->c1.c2);
}

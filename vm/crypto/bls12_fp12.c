#include "vm/crypto/bls12_fp12.h"

const bls12_fp12 BLS12_FP12_ONE = {
    .c0 = {.c0 = {{{0x760900000002fffd, 0xebf4000bc40c0002, 0x5f48985753c758ba, 0x77ce585370525745,
                    0x5c071a97a256ec6d, 0x15f65ec3fa80e493}},
                  {{0}}}}};

/* xi^(i (p - 1) / 6) for i = 1 to 5: what the Frobenius map multiplies w^i by. */
static const bls12_fp2 FROBENIUS[5] = {
    {{{0x07089552b319d465, 0xc6695f92b50a8313, 0x97e83cccd117228f, 0xa35baecab2dc29ee,
       0x1ce393ea5daace4d, 0x08f2220fb0fb66eb}},
     {{0xb2f66aad4ce5d646, 0x5842a06bfc497cec, 0xcf4895d42599d394, 0xc11b9cba40a8e8d0,
       0x2e3813cbe5a0de89, 0x110eefda88847faf}}},
    {{{0}},
     {{0xcd03c9e48671f071, 0x5dab22461fcda5d2, 0x587042afd3851b95, 0x8eb60ebe01bacb9e,
       0x03f97d6e83d050d2, 0x18f0206554638741}}},
    {{{0x7bcfa7a25aa30fda, 0xdc17dec12a927e7c, 0x2f088dd86b4ebef1, 0xd1ca2087da74d4a7,
       0x2da2596696cebc1d, 0x0e2b7eedbbfd87d2}},
     {{0x7bcfa7a25aa30fda, 0xdc17dec12a927e7c, 0x2f088dd86b4ebef1, 0xd1ca2087da74d4a7,
       0x2da2596696cebc1d, 0x0e2b7eedbbfd87d2}}},
    {{{0x890dc9e4867545c3, 0x2af322533285a5d5, 0x50880866309b7e2c, 0xa20d1b8c7e881024,
       0x14e4f04fe2db9068, 0x14e56d3f1564853a}},
     {{0}}},
    {{{0x82d83cf50dbce43f, 0xa2813e53df9d018f, 0xc6f0caa53c65e181, 0x7525cf528d50fe95,
       0x4a85ed50f4798a6b, 0x171da0fd6cf8eebd}},
     {{0x3726c30af242c66c, 0x7c2ac1aad1b6fe70, 0xa04007fbba4b14a2, 0xef517c3266341429,
       0x0095ba654ed2226b, 0x02e370eccc86f7dd}}}};

static void fp6_add(bls12_fp6 *out, const bls12_fp6 *a, const bls12_fp6 *b)
{
    bls12_fp2_add(&out->c0, &a->c0, &b->c0);
    bls12_fp2_add(&out->c1, &a->c1, &b->c1);
    bls12_fp2_add(&out->c2, &a->c2, &b->c2);
}

static void fp6_sub(bls12_fp6 *out, const bls12_fp6 *a, const bls12_fp6 *b)
{
    bls12_fp2_sub(&out->c0, &a->c0, &b->c0);
    bls12_fp2_sub(&out->c1, &a->c1, &b->c1);
    bls12_fp2_sub(&out->c2, &a->c2, &b->c2);
}

static void fp6_neg(bls12_fp6 *out, const bls12_fp6 *a)
{
    bls12_fp2_neg(&out->c0, &a->c0);
    bls12_fp2_neg(&out->c1, &a->c1);
    bls12_fp2_neg(&out->c2, &a->c2);
}

static void fp6_mul_by_v(bls12_fp6 *out, const bls12_fp6 *a)
{
    bls12_fp2 c0;
    bls12_fp2_mul_by_xi(&c0, &a->c2);
    out->c2 = a->c1;
    out->c1 = a->c0;
    out->c0 = c0;
}

/* (a + b)(c + d) - known0 - known1, the cross terms of Karatsuba's method. */
static void cross_terms(bls12_fp2 *out, const bls12_fp2 *a, const bls12_fp2 *b, const bls12_fp2 *c,
                        const bls12_fp2 *d, const bls12_fp2 *known0, const bls12_fp2 *known1)
{
    bls12_fp2 left, right;
    bls12_fp2_add(&left, a, b);
    bls12_fp2_add(&right, c, d);
    bls12_fp2_mul(out, &left, &right);
    bls12_fp2_sub(out, out, known0);
    bls12_fp2_sub(out, out, known1);
}

static void fp6_mul(bls12_fp6 *out, const bls12_fp6 *a, const bls12_fp6 *b)
{
    bls12_fp2 p0, p1, p2, p01, p02, p12;
    bls12_fp2_mul(&p0, &a->c0, &b->c0);
    bls12_fp2_mul(&p1, &a->c1, &b->c1);
    bls12_fp2_mul(&p2, &a->c2, &b->c2);
    cross_terms(&p12, &a->c1, &a->c2, &b->c1, &b->c2, &p1, &p2);
    cross_terms(&p01, &a->c0, &a->c1, &b->c0, &b->c1, &p0, &p1);
    cross_terms(&p02, &a->c0, &a->c2, &b->c0, &b->c2, &p0, &p2);
    bls12_fp2_mul_by_xi(&p12, &p12);
    bls12_fp2_add(&out->c0, &p0, &p12);
    bls12_fp2_add(&out->c2, &p02, &p1);
    bls12_fp2_mul_by_xi(&p2, &p2);
    bls12_fp2_add(&out->c1, &p01, &p2);
}

/* Times b0 + b1 v. */
static void fp6_mul_by_01(bls12_fp6 *out, const bls12_fp6 *a, const bls12_fp2 *b0,
                          const bls12_fp2 *b1)
{
    bls12_fp2 p0, p1, p01, p20, p21;
    bls12_fp2_mul(&p0, &a->c0, b0);
    bls12_fp2_mul(&p1, &a->c1, b1);
    cross_terms(&p01, &a->c0, &a->c1, b0, b1, &p0, &p1);
    bls12_fp2_mul(&p20, &a->c2, b0);
    bls12_fp2_mul(&p21, &a->c2, b1);
    bls12_fp2_mul_by_xi(&p21, &p21);
    bls12_fp2_add(&out->c0, &p0, &p21);
    bls12_fp2_add(&out->c2, &p20, &p1);
    out->c1 = p01;
}

/* Times b1 v. */
static void fp6_mul_by_1(bls12_fp6 *out, const bls12_fp6 *a, const bls12_fp2 *b1)
{
    bls12_fp2 c0;
    bls12_fp2_mul(&c0, &a->c2, b1);
    bls12_fp2_mul(&out->c2, &a->c1, b1);
    bls12_fp2_mul(&out->c1, &a->c0, b1);
    bls12_fp2_mul_by_xi(&out->c0, &c0);
}

/* Cohen's cofactors: c0^2 - xi c1 c2, xi c2^2 - c0 c1, c1^2 - c0 c2, over the norm. */
static void fp6_inverse(bls12_fp6 *out, const bls12_fp6 *a)
{
    bls12_fp2 t0, t1, t2, product, norm;
    bls12_fp2_sqr(&t0, &a->c0);
    bls12_fp2_mul(&product, &a->c1, &a->c2);
    bls12_fp2_mul_by_xi(&product, &product);
    bls12_fp2_sub(&t0, &t0, &product);
    bls12_fp2_sqr(&t1, &a->c2);
    bls12_fp2_mul_by_xi(&t1, &t1);
    bls12_fp2_mul(&product, &a->c0, &a->c1);
    bls12_fp2_sub(&t1, &t1, &product);
    bls12_fp2_sqr(&t2, &a->c1);
    bls12_fp2_mul(&product, &a->c0, &a->c2);
    bls12_fp2_sub(&t2, &t2, &product);

    bls12_fp2_mul(&norm, &a->c1, &t2);
    bls12_fp2_mul(&product, &a->c2, &t1);
    bls12_fp2_add(&norm, &norm, &product);
    bls12_fp2_mul_by_xi(&norm, &norm);
    bls12_fp2_mul(&product, &a->c0, &t0);
    bls12_fp2_add(&norm, &norm, &product);
    bls12_fp2_inverse(&norm, &norm);
    bls12_fp2_mul(&out->c0, &t0, &norm);
    bls12_fp2_mul(&out->c1, &t1, &norm);
    bls12_fp2_mul(&out->c2, &t2, &norm);
}

static bool fp6_equal(const bls12_fp6 *a, const bls12_fp6 *b)
{
    return bls12_fp2_equal(&a->c0, &b->c0) && bls12_fp2_equal(&a->c1, &b->c1)
           && bls12_fp2_equal(&a->c2, &b->c2);
}

bool bls12_fp12_equal(const bls12_fp12 *a, const bls12_fp12 *b)
{
    return fp6_equal(&a->c0, &b->c0) && fp6_equal(&a->c1, &b->c1);
}

void bls12_fp12_mul(bls12_fp12 *out, const bls12_fp12 *a, const bls12_fp12 *b)
{
    bls12_fp6 p0, p1, sum_a, sum_b;
    fp6_mul(&p0, &a->c0, &b->c0);
    fp6_mul(&p1, &a->c1, &b->c1);
    fp6_add(&sum_a, &a->c0, &a->c1);
    fp6_add(&sum_b, &b->c0, &b->c1);
    fp6_mul(&out->c1, &sum_a, &sum_b);
    fp6_sub(&out->c1, &out->c1, &p0);
    fp6_sub(&out->c1, &out->c1, &p1);
    fp6_mul_by_v(&p1, &p1);
    fp6_add(&out->c0, &p0, &p1);
}

/* (c0 + c1)(c0 + v c1) - c0 c1 - v c0 c1, and 2 c0 c1. */
void bls12_fp12_sqr(bls12_fp12 *out, const bls12_fp12 *a)
{
    bls12_fp6 product, sum, shifted;
    fp6_mul(&product, &a->c0, &a->c1);
    fp6_add(&sum, &a->c0, &a->c1);
    fp6_mul_by_v(&shifted, &a->c1);
    fp6_add(&shifted, &shifted, &a->c0);
    fp6_mul(&sum, &sum, &shifted);
    fp6_sub(&sum, &sum, &product);
    fp6_mul_by_v(&shifted, &product);
    fp6_sub(&out->c0, &sum, &shifted);
    fp6_add(&out->c1, &product, &product);
}

void bls12_fp12_mul_line(bls12_fp12 *out, const bls12_fp12 *a, const bls12_fp2 *l0,
                         const bls12_fp2 *l1, const bls12_fp2 *l4)
{
    bls12_fp6 p0, p1, sum;
    bls12_fp2 l14;
    fp6_mul_by_01(&p0, &a->c0, l0, l1);
    fp6_mul_by_1(&p1, &a->c1, l4);
    fp6_add(&sum, &a->c0, &a->c1);
    bls12_fp2_add(&l14, l1, l4);
    fp6_mul_by_01(&sum, &sum, l0, &l14);
    fp6_sub(&sum, &sum, &p0);
    fp6_sub(&out->c1, &sum, &p1);
    fp6_mul_by_v(&p1, &p1);
    fp6_add(&out->c0, &p0, &p1);
}

/* The conjugate over c0^2 - v c1^2. */
void bls12_fp12_inverse(bls12_fp12 *out, const bls12_fp12 *a)
{
    bls12_fp6 norm, square;
    fp6_mul(&norm, &a->c0, &a->c0);
    fp6_mul(&square, &a->c1, &a->c1);
    fp6_mul_by_v(&square, &square);
    fp6_sub(&norm, &norm, &square);
    fp6_inverse(&norm, &norm);
    fp6_mul(&out->c0, &a->c0, &norm);
    fp6_neg(&norm, &norm);
    fp6_mul(&out->c1, &a->c1, &norm);
}

void bls12_fp12_conjugate(bls12_fp12 *out, const bls12_fp12 *a)
{
    out->c0 = a->c0;
    fp6_neg(&out->c1, &a->c1);
}

static void frobenius_term(bls12_fp2 *out, const bls12_fp2 *a, int power_of_w)
{
    bls12_fp2_conjugate(out, a);
    bls12_fp2_mul(out, out, &FROBENIUS[power_of_w - 1]);
}

void bls12_fp12_frobenius(bls12_fp12 *out, const bls12_fp12 *a)
{
    bls12_fp2_conjugate(&out->c0.c0, &a->c0.c0);
    frobenius_term(&out->c1.c0, &a->c1.c0, 1);
    frobenius_term(&out->c0.c1, &a->c0.c1, 2);
    frobenius_term(&out->c1.c1, &a->c1.c1, 3);
    frobenius_term(&out->c0.c2, &a->c0.c2, 4);
    frobenius_term(&out->c1.c2, &a->c1.c2, 5);
}

/* (a + b t)^2 in fp2[t] / (t^2 - xi). */
static void fp4_sqr(bls12_fp2 *out0, bls12_fp2 *out1, const bls12_fp2 *a, const bls12_fp2 *b)
{
    bls12_fp2 square_a, square_b, sum;
    bls12_fp2_sqr(&square_a, a);
    bls12_fp2_sqr(&square_b, b);
    bls12_fp2_add(&sum, a, b);
    bls12_fp2_sqr(&sum, &sum);
    bls12_fp2_sub(&sum, &sum, &square_a);
    bls12_fp2_sub(out1, &sum, &square_b);
    bls12_fp2_mul_by_xi(&square_b, &square_b);
    bls12_fp2_add(out0, &square_a, &square_b);
}

/* 3 t - 2 a */
static void thrice_less_twice(bls12_fp2 *out, const bls12_fp2 *t, const bls12_fp2 *a)
{
    bls12_fp2 difference;
    bls12_fp2_sub(&difference, t, a);
    bls12_fp2_double(&difference, &difference);
    bls12_fp2_add(out, &difference, t);
}

/* 3 t + 2 a */
static void thrice_and_twice(bls12_fp2 *out, const bls12_fp2 *t, const bls12_fp2 *a)
{
    bls12_fp2 sum;
    bls12_fp2_add(&sum, t, a);
    bls12_fp2_double(&sum, &sum);
    bls12_fp2_add(out, &sum, t);
}

/* Granger and Scott, "Faster squaring in the cyclotomic subgroup of sixth degree extensions":
 * three squares of fp4 (t = w^3). */
void bls12_fp12_sqr_cyclotomic(bls12_fp12 *out, const bls12_fp12 *a)
{
    bls12_fp2 t0, t1, t2, t3, t4, t5;
    fp4_sqr(&t0, &t1, &a->c0.c0, &a->c1.c1);
    fp4_sqr(&t2, &t3, &a->c1.c0, &a->c0.c2);
    fp4_sqr(&t4, &t5, &a->c0.c1, &a->c1.c2);
    bls12_fp2_mul_by_xi(&t5, &t5);
    thrice_less_twice(&out->c0.c0, &t0, &a->c0.c0);
    thrice_and_twice(&out->c1.c1, &t1, &a->c1.c1);
    thrice_and_twice(&out->c1.c0, &t5, &a->c1.c0);
    thrice_less_twice(&out->c0.c2, &t4, &a->c0.c2);
    thrice_less_twice(&out->c0.c1, &t2, &a->c0.c1);
    thrice_and_twice(&out->c1.c2, &t3, &a->c1.c2);
}

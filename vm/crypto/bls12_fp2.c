#include "vm/crypto/bls12_fp2.h"

const bls12_fp2 BLS12_FP2_ZERO;
const bls12_fp2 BLS12_FP2_ONE = {{{0x760900000002fffd, 0xebf4000bc40c0002, 0x5f48985753c758ba,
                                   0x77ce585370525745, 0x5c071a97a256ec6d, 0x15f65ec3fa80e493}},
                                 {{0}}};
static const bls12_fp HALF = {{0x1804000000015554, 0x855000053ab00001, 0x633cb57c253c276f,
                               0x6e22d1ec31ebb502, 0xd3916126f2d14ca2, 0x17fbb8571a006596}};

bool bls12_fp2_is_zero(const bls12_fp2 *a)
{
    return bls12_fp_is_zero(&a->c0) && bls12_fp_is_zero(&a->c1);
}

bool bls12_fp2_equal(const bls12_fp2 *a, const bls12_fp2 *b)
{
    return bls12_fp_equal(&a->c0, &b->c0) && bls12_fp_equal(&a->c1, &b->c1);
}

bool bls12_fp2_is_odd(const bls12_fp2 *a)
{
    return bls12_fp_is_zero(&a->c0) ? bls12_fp_is_odd(&a->c1) : bls12_fp_is_odd(&a->c0);
}

void bls12_fp2_add(bls12_fp2 *out, const bls12_fp2 *a, const bls12_fp2 *b)
{
    bls12_fp_add(&out->c0, &a->c0, &b->c0);
    bls12_fp_add(&out->c1, &a->c1, &b->c1);
}

void bls12_fp2_sub(bls12_fp2 *out, const bls12_fp2 *a, const bls12_fp2 *b)
{
    bls12_fp_sub(&out->c0, &a->c0, &b->c0);
    bls12_fp_sub(&out->c1, &a->c1, &b->c1);
}

void bls12_fp2_neg(bls12_fp2 *out, const bls12_fp2 *a)
{
    bls12_fp_neg(&out->c0, &a->c0);
    bls12_fp_neg(&out->c1, &a->c1);
}

void bls12_fp2_double(bls12_fp2 *out, const bls12_fp2 *a)
{
    bls12_fp2_add(out, a, a);
}

/* Karatsuba's three products, and two reductions instead of three. */
void bls12_fp2_mul(bls12_fp2 *out, const bls12_fp2 *a, const bls12_fp2 *b)
{
    bls12_fp sum_a, sum_b;
    bls12_fp_wide real, imaginary, cross;
    bls12_fp_add_unreduced(&sum_a, &a->c0, &a->c1);
    bls12_fp_add_unreduced(&sum_b, &b->c0, &b->c1);
    bls12_fp_mul_wide(&cross, &sum_a, &sum_b);
    bls12_fp_mul_wide(&real, &a->c0, &b->c0);
    bls12_fp_mul_wide(&imaginary, &a->c1, &b->c1);
    bls12_fp_wide_sub(&cross, &cross, &real);
    bls12_fp_wide_sub(&cross, &cross, &imaginary);
    bls12_fp_wide_sub(&real, &real, &imaginary);
    bls12_fp_reduce(&out->c0, &real);
    bls12_fp_reduce(&out->c1, &cross);
}

/* (c0 + c1)(c0 - c1) and 2 c0 c1. */
void bls12_fp2_sqr(bls12_fp2 *out, const bls12_fp2 *a)
{
    bls12_fp sum, difference, twice;
    bls12_fp_add_unreduced(&sum, &a->c0, &a->c1);
    bls12_fp_sub(&difference, &a->c0, &a->c1);
    bls12_fp_add_unreduced(&twice, &a->c0, &a->c0);
    bls12_fp_mul(&out->c1, &twice, &a->c1);
    bls12_fp_mul(&out->c0, &sum, &difference);
}

void bls12_fp2_scale(bls12_fp2 *out, const bls12_fp2 *a, const bls12_fp *by)
{
    bls12_fp_mul(&out->c0, &a->c0, by);
    bls12_fp_mul(&out->c1, &a->c1, by);
}

void bls12_fp2_mul_by_xi(bls12_fp2 *out, const bls12_fp2 *a)
{
    bls12_fp difference;
    bls12_fp_sub(&difference, &a->c0, &a->c1);
    bls12_fp_add(&out->c1, &a->c0, &a->c1);
    out->c0 = difference;
}

void bls12_fp2_conjugate(bls12_fp2 *out, const bls12_fp2 *a)
{
    out->c0 = a->c0;
    bls12_fp_neg(&out->c1, &a->c1);
}

/* c0^2 + c1^2 */
static void norm(bls12_fp *out, const bls12_fp2 *a)
{
    bls12_fp square;
    bls12_fp_sqr(&square, &a->c1);
    bls12_fp_sqr(out, &a->c0);
    bls12_fp_add(out, out, &square);
}

void bls12_fp2_inverse(bls12_fp2 *out, const bls12_fp2 *a)
{
    bls12_fp scale;
    norm(&scale, a);
    bls12_fp_inverse(&scale, &scale);
    bls12_fp2_conjugate(out, a);
    bls12_fp2_scale(out, out, &scale);
}

/* With n the root of the norm, one of (c0 + n) / 2 and (c0 - n) / 2 is the square of the root's
 * real part x, as their product -(c1 / 2)^2 is no square (-1 is none); the imaginary part is
 * c1 / 2x. A norm without a root means a number without one. */
bool bls12_fp2_sqrt(bls12_fp2 *out, const bls12_fp2 *a)
{
    bls12_fp root, half, real, inverse;
    if (bls12_fp_is_zero(&a->c1)) { /* a square, or the negative of one */
        if (bls12_fp_sqrt(&root, &a->c0)) {
            *out = (bls12_fp2){root, BLS12_FP_ZERO};
            return true;
        }
        bls12_fp_neg(&half, &a->c0);
        *out = (bls12_fp2){BLS12_FP_ZERO, BLS12_FP_ZERO};
        return bls12_fp_sqrt(&out->c1, &half);
    }
    norm(&root, a);
    if (!bls12_fp_sqrt(&root, &root))
        return false;
    bls12_fp_add(&half, &a->c0, &root);
    bls12_fp_mul(&half, &half, &HALF);
    if (!bls12_fp_sqrt(&real, &half)) {
        bls12_fp_sub(&half, &half, &root);
        if (!bls12_fp_sqrt(&real, &half))
            return false;
    }
    bls12_fp_double(&inverse, &real);
    bls12_fp_inverse(&inverse, &inverse);
    bls12_fp_mul(&out->c1, &a->c1, &inverse);
    out->c0 = real;
    return true;
}

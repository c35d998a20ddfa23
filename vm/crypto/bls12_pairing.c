#include "vm/crypto/bls12_pairing.h"

#include <assert.h>

/* A line, not yet evaluated: at (x, y) of G1 it is c0 y + c1 x + c2, up to factors that the final
 * exponentiation makes one. */
struct line {
    bls12_fp2 c0, c1, c2;
};

/* Beuchat and others, "High-speed software implementation of the optimal ate pairing over
 * Barreto-Naehrig curves" (eprint 2010/354), algorithm 26: r = 2 r and the tangent in the old r. */
static void double_step(struct line *line, bls12_g2 *r)
{
    bls12_fp2 xx, yy, yyyy, zz, s, xx3, x3, t;
    bls12_fp2_sqr(&xx, &r->x);
    bls12_fp2_sqr(&yy, &r->y);
    bls12_fp2_sqr(&yyyy, &yy);
    bls12_fp2_sqr(&zz, &r->z);
    bls12_fp2_add(&s, &yy, &r->x);
    bls12_fp2_sqr(&s, &s);
    bls12_fp2_sub(&s, &s, &xx);
    bls12_fp2_sub(&s, &s, &yyyy);
    bls12_fp2_double(&s, &s); /* 4 x y^2 */
    bls12_fp2_double(&xx3, &xx);
    bls12_fp2_add(&xx3, &xx3, &xx);
    bls12_fp2_add(&line->c2, &r->x, &xx3);
    bls12_fp2_sqr(&t, &xx3);
    bls12_fp2_sub(&x3, &t, &s);
    bls12_fp2_sub(&x3, &x3, &s);
    bls12_fp2_sqr(&line->c2, &line->c2);
    bls12_fp2_sub(&line->c2, &line->c2, &xx);
    bls12_fp2_sub(&line->c2, &line->c2, &t);
    bls12_fp2_add(&r->z, &r->z, &r->y);
    bls12_fp2_sqr(&r->z, &r->z);
    bls12_fp2_sub(&r->z, &r->z, &yy);
    bls12_fp2_sub(&r->z, &r->z, &zz);
    r->x = x3;
    bls12_fp2_sub(&t, &s, &x3);
    bls12_fp2_mul(&t, &t, &xx3);
    bls12_fp2_double(&yyyy, &yyyy);
    bls12_fp2_double(&yyyy, &yyyy);
    bls12_fp2_double(&yyyy, &yyyy);
    bls12_fp2_sub(&r->y, &t, &yyyy);
    bls12_fp2_double(&yy, &yy);
    bls12_fp2_double(&yy, &yy);
    bls12_fp2_sub(&line->c2, &line->c2, &yy);
    bls12_fp2_mul(&t, &xx3, &zz);
    bls12_fp2_double(&t, &t);
    bls12_fp2_neg(&line->c1, &t);
    bls12_fp2_mul(&t, &r->z, &zz);
    bls12_fp2_double(&line->c0, &t);
}

/* The same paper, algorithm 27: r = r + q and the line through the old r and q. */
static void add_step(struct line *line, bls12_g2 *r, const bls12_g2_affine *q)
{
    bls12_fp2 zz, qyy, h, hh, i, j, slope, v, t, u;
    bls12_fp2_sqr(&zz, &r->z);
    bls12_fp2_sqr(&qyy, &q->y);
    bls12_fp2_mul(&h, &zz, &q->x);
    bls12_fp2_sub(&h, &h, &r->x);
    bls12_fp2_add(&t, &q->y, &r->z);
    bls12_fp2_sqr(&t, &t);
    bls12_fp2_sub(&t, &t, &qyy);
    bls12_fp2_sub(&t, &t, &zz);
    bls12_fp2_mul(&slope, &t, &zz);
    bls12_fp2_sub(&slope, &slope, &r->y);
    bls12_fp2_sub(&slope, &slope, &r->y);
    bls12_fp2_sqr(&hh, &h);
    bls12_fp2_double(&i, &hh);
    bls12_fp2_double(&i, &i);
    bls12_fp2_mul(&j, &i, &h);
    bls12_fp2_mul(&v, &i, &r->x);
    bls12_fp2_sqr(&t, &slope);
    bls12_fp2_sub(&t, &t, &j);
    bls12_fp2_sub(&t, &t, &v);
    bls12_fp2_sub(&r->x, &t, &v);
    bls12_fp2_add(&r->z, &r->z, &h);
    bls12_fp2_sqr(&r->z, &r->z);
    bls12_fp2_sub(&r->z, &r->z, &zz);
    bls12_fp2_sub(&r->z, &r->z, &hh);
    bls12_fp2_sub(&t, &v, &r->x);
    bls12_fp2_mul(&t, &t, &slope);
    bls12_fp2_mul(&u, &r->y, &j);
    bls12_fp2_double(&u, &u);
    bls12_fp2_sub(&r->y, &t, &u);

    bls12_fp2_add(&t, &q->y, &r->z);
    bls12_fp2_sqr(&t, &t);
    bls12_fp2_sub(&t, &t, &qyy);
    bls12_fp2_sqr(&u, &r->z);
    bls12_fp2_sub(&t, &t, &u); /* 2 y(q) z */
    bls12_fp2_mul(&u, &slope, &q->x);
    bls12_fp2_double(&u, &u);
    bls12_fp2_sub(&line->c2, &u, &t);
    bls12_fp2_double(&slope, &slope);
    bls12_fp2_neg(&line->c1, &slope);
    bls12_fp2_double(&line->c0, &r->z);
}

static void multiply_by_line(bls12_fp12 *f, const struct line *line, const bls12_g1_affine *p)
{
    bls12_fp2 by_y, by_x;
    bls12_fp2_scale(&by_y, &line->c0, &p->y);
    bls12_fp2_scale(&by_x, &line->c1, &p->x);
    bls12_fp12_mul_line(f, f, &line->c2, &by_x, &by_y);
}

void bls12_pairing_multiply(bls12_fp12 *product, const struct bls12_pair *pairs, size_t count)
{
    bls12_g2 r[BLS12_PAIRS_MAX];
    const struct bls12_pair *used[BLS12_PAIRS_MAX];
    size_t used_count = 0;
    struct line line;
    bls12_fp12 f = BLS12_FP12_ONE;
    assert(count <= BLS12_PAIRS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (pairs[i].p.infinity || pairs[i].q.infinity)
            continue;
        used[used_count] = &pairs[i];
        bls12_g2_from_affine(&r[used_count++], &pairs[i].q);
    }
    if (used_count == 0)
        return;
    for (int bit = 62; bit >= 0; bit--) {
        if (bit < 62)
            bls12_fp12_sqr(&f, &f);
        for (size_t i = 0; i < used_count; i++) {
            double_step(&line, &r[i]);
            multiply_by_line(&f, &line, &used[i]->p);
        }
        for (size_t i = 0; i < used_count && (BLS12_X >> bit & 1) != 0; i++) {
            add_step(&line, &r[i], &used[i]->q);
            multiply_by_line(&f, &line, &used[i]->p);
        }
    }
    bls12_fp12_conjugate(&f, &f); /* the parameter is negative */
    bls12_fp12_mul(product, product, &f);
}

/* a^x for the (negative) parameter x; a is in the cyclotomic subgroup. */
static void pow_x(bls12_fp12 *out, const bls12_fp12 *a)
{
    bls12_fp12 result = *a;
    for (int bit = 62; bit >= 0; bit--) {
        bls12_fp12_sqr_cyclotomic(&result, &result);
        if (BLS12_X >> bit & 1)
            bls12_fp12_mul(&result, &result, a);
    }
    bls12_fp12_conjugate(out, &result);
}

/* (p^12 - 1) / r = (p^6 - 1)(p^2 + 1) h with 3 h = (x - 1)^2 (x + p)(x^2 + p^2 - 1) + 3. */
void bls12_pairing_finish(bls12_fp12 *product)
{
    bls12_fp12 f, t, u;
    bls12_fp12_inverse(&t, product);
    bls12_fp12_conjugate(&f, product);
    bls12_fp12_mul(&f, &f, &t);
    bls12_fp12_frobenius(&t, &f);
    bls12_fp12_frobenius(&t, &t);
    bls12_fp12_mul(&f, &f, &t);

    bls12_fp12_conjugate(&u, &f);
    pow_x(&t, &f);
    bls12_fp12_mul(&t, &t, &u);
    bls12_fp12_conjugate(&u, &t);
    pow_x(&t, &t);
    bls12_fp12_mul(&t, &t, &u);
    bls12_fp12_frobenius(&u, &t);
    pow_x(&t, &t);
    bls12_fp12_mul(&t, &t, &u);
    bls12_fp12_conjugate(&u, &t);
    bls12_fp12_frobenius(product, &t);
    bls12_fp12_frobenius(product, product);
    bls12_fp12_mul(&u, &u, product);
    pow_x(&t, &t);
    pow_x(&t, &t);
    bls12_fp12_mul(&t, &t, &u);
    bls12_fp12_sqr_cyclotomic(&u, &f);
    bls12_fp12_mul(&u, &u, &f);
    bls12_fp12_mul(product, &t, &u);
}

bool bls12_pairing_is_one(const bls12_fp12 *product)
{
    bls12_fp12 value = *product;
    bls12_pairing_finish(&value);
    return bls12_fp12_equal(&value, &BLS12_FP12_ONE);
}

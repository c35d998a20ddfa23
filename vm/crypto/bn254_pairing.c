#include "vm/crypto/bn254_pairing.h"

#include <assert.h>

/* 3 / (9 + u), in Montgomery form */
static const bn_fp2 TWIST_B = {{{UINT64_C(0x3bf938e377b802a8), UINT64_C(0x020b1b273633535d),
                                 UINT64_C(0x26b7edf049755260), UINT64_C(0x2514c6324384a86d)}},
                               {{UINT64_C(0x38e7ecccd1dcff67), UINT64_C(0x65f0b37d93ce0d3e),
                                 UINT64_C(0xd749d0dd22ac00aa), UINT64_C(0x0141b9ce4a688d4d)}}};

/* 6 x + 2 for x = 4965661367192848881, in non-adjacent form from the digit after the first. */
static const int8_t LOOP[] = {
    0, -1, 0, 1,  0, 0, 0, -1, 0, -1, 0,  0, 0,  -1, 0, 1, 0, -1, 0, 0, -1, 0,
    0, 0,  0, 0,  1, 0, 0, -1, 0, 1,  0,  0, -1, 0,  0, 0, 0, -1, 0, 1, 0,  0,
    0, -1, 0, -1, 0, 0, 1, 0,  0, 0,  -1, 0, 0,  -1, 0, 1, 0, 1,  0, 0, 0,
};

/* x itself, with odd digits up to 7, likewise from the digit after the first. */
static const int8_t X_DIGITS[] = {
    0, 0, 0,  0,  0, 5, 0,  0, 0, 0, -3, 0, 0, 0, 3, 0,  0, 0, 0, 5, 0,
    0, 0, -5, 0,  0, 0, -3, 0, 0, 0, 1,  0, 0, 0, 0, 5,  0, 0, 0, 0, 7,
    0, 0, 0,  -7, 0, 0, 0,  0, 0, 0, 5,  0, 0, 0, 0, -1, 0, 0, 0, 1,
};

/* ---- Points of the twist ---- */

bool bn_g2_is_infinity(const bn_g2 *point)
{
    return bn_fp2_is_zero(&point->x) && bn_fp2_is_zero(&point->y);
}

bool bn_g2_decode(bn_g2 *out, const uint8_t bytes[128])
{
    bn_fp2 left, right;
    if (!bn_fp_decode(&out->x.b, bytes) || !bn_fp_decode(&out->x.a, bytes + 32)
        || !bn_fp_decode(&out->y.b, bytes + 64) || !bn_fp_decode(&out->y.a, bytes + 96))
        return false;
    bn_fp2_square(&left, &out->y);
    bn_fp2_square(&right, &out->x);
    bn_fp2_mul(&right, &right, &out->x);
    bn_fp2_add(&right, &right, &TWIST_B);
    return bn_fp2_equal(&left, &right) || bn_g2_is_infinity(out);
}

/* The p-th power, seen on the twist; a point of G2 is multiplied by p. */
static void twist_frobenius(bn_g2 *out, const bn_g2 *point)
{
    bn_fp2_conjugate(&out->x, &point->x);
    bn_fp2_conjugate(&out->y, &point->y);
    bn_fp2_mul(&out->x, &out->x, &BN_FROBENIUS[2]);
    bn_fp2_mul(&out->y, &out->y, &BN_FROBENIUS[3]);
}

/* ---- Miller's loop ----
 *
 * Costello, Lange and Naehrig, "Faster pairing computations on curves with high-degree twists":
 * t runs through multiples of q in homogeneous coordinates (x / z, y / z), and each step also
 * gives the line it draws, at p: a + b w + c w^3. */

struct pair {
    const bn_g1 *p; /* NULL for infinity: q is only checked */
    const bn_g2 *q;
    bn_fp2 x, y, z; /* t */
};

struct line {
    bn_fp2 a, b, c; /* to be multiplied by p's y, by its x, and by 1 */
};

static void double_step(struct pair *t, struct line *line)
{
    bn_fp2 a, b, c, e, f, g, h;
    bn_fp2_mul(&a, &t->x, &t->y);
    bn_fp2_halve(&a, &a);
    bn_fp2_square(&b, &t->y);
    bn_fp2_square(&c, &t->z);
    bn_fp2_add(&e, &c, &c);
    bn_fp2_add(&e, &e, &c);
    bn_fp2_mul(&e, &e, &TWIST_B);
    bn_fp2_add(&f, &e, &e);
    bn_fp2_add(&f, &f, &e);
    bn_fp2_add(&g, &b, &f);
    bn_fp2_halve(&g, &g);
    bn_fp2_add(&h, &t->y, &t->z);
    bn_fp2_square(&h, &h);
    bn_fp2_sub(&h, &h, &b);
    bn_fp2_sub(&h, &h, &c);

    bn_fp2_neg(&line->a, &h);
    bn_fp2_square(&line->b, &t->x);
    bn_fp2_add(&c, &line->b, &line->b);
    bn_fp2_add(&line->b, &line->b, &c);
    bn_fp2_sub(&line->c, &e, &b);

    bn_fp2_sub(&f, &b, &f);
    bn_fp2_mul(&t->x, &a, &f);
    bn_fp2_square(&e, &e);
    bn_fp2_add(&a, &e, &e);
    bn_fp2_add(&e, &e, &a);
    bn_fp2_square(&t->y, &g);
    bn_fp2_sub(&t->y, &t->y, &e);
    bn_fp2_mul(&t->z, &b, &h);
}

/* t = t + q. Where t is q or its opposite, z becomes 0 and stays so; that happens to no point of
 * G2 and is found in the end. */
static void add_step(struct pair *t, const bn_g2 *q, struct line *line)
{
    bn_fp2 theta, lambda, c, d, e, f, g, h;
    bn_fp2_mul(&theta, &q->y, &t->z);
    bn_fp2_sub(&theta, &t->y, &theta);
    bn_fp2_mul(&lambda, &q->x, &t->z);
    bn_fp2_sub(&lambda, &t->x, &lambda);
    bn_fp2_square(&c, &theta);
    bn_fp2_square(&d, &lambda);
    bn_fp2_mul(&e, &lambda, &d);
    bn_fp2_mul(&f, &t->z, &c);
    bn_fp2_mul(&g, &t->x, &d);
    bn_fp2_add(&h, &e, &f);
    bn_fp2_sub(&h, &h, &g);
    bn_fp2_sub(&h, &h, &g);

    line->a = lambda;
    bn_fp2_neg(&line->b, &theta);
    bn_fp2_mul(&line->c, &theta, &q->x);
    bn_fp2_mul(&c, &lambda, &q->y);
    bn_fp2_sub(&line->c, &line->c, &c);

    bn_fp2_mul(&t->x, &lambda, &h);
    bn_fp2_sub(&g, &g, &h);
    bn_fp2_mul(&g, &g, &theta);
    bn_fp2_mul(&h, &e, &t->y);
    bn_fp2_sub(&t->y, &g, &h);
    bn_fp2_mul(&t->z, &t->z, &e);
}

static void multiply_by_line(bn_fp12 *product, const struct pair *pair, struct line *line)
{
    if (pair->p == NULL)
        return;
    bn_fp2_mul_fp(&line->a, &line->a, &pair->p->y);
    bn_fp2_mul_fp(&line->b, &line->b, &pair->p->x);
    bn_fp12_mul_line(product, &line->a, &line->b, &line->c);
}

static void double_all(bn_fp12 *product, struct pair *pairs, size_t count)
{
    struct line line;
    for (size_t i = 0; i < count; i++) {
        double_step(&pairs[i], &line);
        multiply_by_line(product, &pairs[i], &line);
    }
}

static void add_all(bn_fp12 *product, struct pair *pairs, size_t count, bool is_negative)
{
    struct line line;
    for (size_t i = 0; i < count; i++) {
        bn_g2 q = *pairs[i].q;
        if (is_negative)
            bn_fp2_neg(&q.y, &q.y);
        add_step(&pairs[i], &q, &line);
        multiply_by_line(product, &pairs[i], &line);
    }
}

/* The loop's last two lines, through p q and -p^2 q; and whether q is in G2.
 *
 * On G2, (6 x + 2) q + F q - F^2 q + F^3 q = 0 for the power F of p, as p is its eigenvalue there
 * and 6 x + 2 + p - p^2 + p^3 a multiple of the order r. Elsewhere it is not 0: F is a root of
 * X^2 - t X + p everywhere, whose resultant with 6 x + 2 + X - X^2 + X^3 is r times a number
 * coprime to 2 p - r, the twist's cofactor; so a point for which the sum is 0 has order r. */
static bool finish_pair(bn_fp12 *product, struct pair *pair)
{
    bn_g2 power, last;
    bn_fp2 scaled_x, scaled_y;
    struct line line;
    twist_frobenius(&power, pair->q);
    add_step(pair, &power, &line);
    multiply_by_line(product, pair, &line);
    twist_frobenius(&power, &power);
    twist_frobenius(&last, &power);
    bn_fp2_neg(&power.y, &power.y);
    add_step(pair, &power, &line);
    multiply_by_line(product, pair, &line);

    bn_fp2_neg(&last.y, &last.y);
    bn_fp2_mul(&scaled_x, &last.x, &pair->z);
    bn_fp2_mul(&scaled_y, &last.y, &pair->z);
    return !bn_fp2_is_zero(&pair->z) && bn_fp2_equal(&pair->x, &scaled_x)
           && bn_fp2_equal(&pair->y, &scaled_y);
}

bool bn_pairing_multiply(bn_fp12 *product, const bn_g1 *points, const bn_g2 *twist_points,
                         size_t count)
{
    struct pair pairs[BN_PAIRS_MAX];
    size_t used = 0;
    bn_fp12 value;
    bool is_good = true;
    assert(count <= BN_PAIRS_MAX);
    for (size_t i = 0; i < count; i++) {
        if (bn_g2_is_infinity(&twist_points[i]))
            continue;
        pairs[used++] = (struct pair){
            .p = bn_g1_is_infinity(&points[i]) ? NULL : &points[i],
            .q = &twist_points[i],
            .x = twist_points[i].x,
            .y = twist_points[i].y,
            .z = {.a = BN_FP_ONE},
        };
    }
    if (used == 0)
        return true;
    bn_fp12_set_one(&value);
    for (size_t digit = 0; digit < sizeof LOOP; digit++) {
        bn_fp12_square(&value, &value);
        double_all(&value, pairs, used);
        if (LOOP[digit] != 0)
            add_all(&value, pairs, used, LOOP[digit] < 0);
    }
    for (size_t i = 0; i < used; i++)
        is_good &= finish_pair(&value, &pairs[i]);
    bn_fp12_mul(product, product, &value);
    return is_good;
}

/* ---- The final exponentiation: to the power of (p^12 - 1) / r, times a constant ---- */

/* The power of x; `value` is one whose conjugate is its inverse. */
static void power_of_x(bn_fp12 *out, const bn_fp12 *value)
{
    bn_fp12 odd[4], square, result = *value, factor;
    odd[0] = *value;
    bn_fp12_cyclotomic_square(&square, value);
    for (unsigned i = 1; i < 4; i++)
        bn_fp12_mul(&odd[i], &odd[i - 1], &square);
    for (size_t i = 0; i < sizeof X_DIGITS; i++) {
        const int8_t digit = X_DIGITS[i];
        bn_fp12_cyclotomic_square(&result, &result);
        if (digit == 0)
            continue;
        factor = odd[(digit < 0 ? -digit : digit) / 2];
        if (digit < 0)
            bn_fp12_conjugate(&factor, &factor);
        bn_fp12_mul(&result, &result, &factor);
    }
    *out = result;
}

/* To the power of (p^6 - 1)(p^2 + 1). */
static void easy_part(bn_fp12 *value)
{
    bn_fp12 inverse, power;
    bn_fp12_invert(&inverse, value);
    bn_fp12_conjugate(value, value);
    bn_fp12_mul(value, value, &inverse);
    bn_fp12_frobenius(&power, value);
    bn_fp12_frobenius(&power, &power);
    bn_fp12_mul(value, value, &power);
}

/* To a multiple of (p^4 - p^2 + 1) / r: Fuentes-Castaneda, Knapp and Rodriguez-Henriquez, "Faster
 * hashing to G2", with the powers of -x there being conjugates of those of x here. */
static void hard_part(bn_fp12 *value)
{
    bn_fp12 y0, y1, y3, y4, y6, y8, y9, result;
    power_of_x(&y0, value);
    bn_fp12_conjugate(&y0, &y0);
    bn_fp12_cyclotomic_square(&y1, &y0);
    bn_fp12_cyclotomic_square(&y3, &y1);
    bn_fp12_mul(&y3, &y3, &y1);
    power_of_x(&y4, &y3);
    bn_fp12_conjugate(&y4, &y4);
    bn_fp12_cyclotomic_square(&y6, &y4);
    power_of_x(&y6, &y6); /* the two conjugations cancel */
    bn_fp12_conjugate(&y3, &y3);
    bn_fp12_mul(&y8, &y6, &y4);
    bn_fp12_mul(&y8, &y8, &y3);
    bn_fp12_mul(&y9, &y8, &y1);
    bn_fp12_mul(&result, &y8, &y4);
    bn_fp12_mul(&result, &result, value);
    bn_fp12_frobenius(&y0, &y9);
    bn_fp12_mul(&result, &result, &y0);
    bn_fp12_frobenius(&y8, &y8);
    bn_fp12_frobenius(&y8, &y8);
    bn_fp12_mul(&result, &result, &y8);
    bn_fp12_conjugate(value, value);
    bn_fp12_mul(&y9, &y9, value);
    for (unsigned i = 0; i < 3; i++)
        bn_fp12_frobenius(&y9, &y9);
    bn_fp12_mul(value, &result, &y9);
}

void bn_pairing_finish(bn_fp12 *product)
{
    easy_part(product);
    hard_part(product);
}

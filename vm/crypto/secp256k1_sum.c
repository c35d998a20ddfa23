#include "vm/crypto/secp256k1_sum.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

const u256 SECP_ORDER = {{UINT64_C(0xbfd25e8cd0364141), UINT64_C(0xbaaedce6af48a03b),
                          UINT64_C(0xfffffffffffffffe), UINT64_C(0xffffffffffffffff)}};

static const secp_point GENERATOR = {
    {{UINT64_C(0x59f2815b16f81798), UINT64_C(0x029bfcdb2dce28d9), UINT64_C(0x55a06295ce870b07),
      UINT64_C(0x79be667ef9dcbbac)}},
    {{UINT64_C(0x9c47d08ffb10d4b8), UINT64_C(0xfd17b448a6855419), UINT64_C(0x5da4fbfc0e1108a8),
      UINT64_C(0x483ada7726a3c465)}}};

bool secp_point_at(secp_point *out, const u256 *x, bool is_odd)
{
    static const secp_fp seven = {{7, 0, 0, 0}};
    secp_fp right;
    memcpy(out->x.limbs, x->limbs, sizeof x->limbs);
    secp_fp_square(&right, &out->x);
    secp_fp_mul(&right, &right, &out->x);
    secp_fp_add(&right, &right, &seven);
    if (!secp_fp_sqrt(&out->y, &right))
        return false;
    if (((secp_fp_number(&out->y).limbs[0] & 1) != 0) != is_odd)
        secp_fp_neg(&out->y, &out->y);
    return true;
}

/* ---- Jacobian coordinates: (x / z^2, y / z^3) ---- */

struct jacobian {
    secp_fp x, y, z;
    bool is_infinity;
};

/* With l = 3 x^2 / 2 and t = x y^2: (l^2 - 2 t, l (t - x') - y^4, y z). */
static void jacobian_double(struct jacobian *point)
{
    secp_fp l, t, half, yy;
    secp_fp_mul(&point->z, &point->y, &point->z);
    secp_fp_square(&yy, &point->y);
    secp_fp_square(&l, &point->x);
    secp_fp_mul(&t, &point->x, &yy);
    secp_fp_halve(&half, &l);
    secp_fp_add(&l, &l, &half);
    secp_fp_square(&yy, &yy);
    secp_fp_square(&point->x, &l);
    secp_fp_sub(&point->x, &point->x, &t);
    secp_fp_sub(&point->x, &point->x, &t);
    secp_fp_sub(&t, &t, &point->x);
    secp_fp_mul(&t, &t, &l);
    secp_fp_sub(&point->y, &t, &yy);
}

/* The point of the curve y^2 = x^3 + 7 scale^6 that stands for `point`: sums there stand for sums
 * here. A table of points that share one z is affine on the curve that z scales to. */
static void scale_point(secp_point *out, const secp_point *point, const secp_fp *scale)
{
    secp_fp power;
    secp_fp_square(&power, scale);
    secp_fp_mul(&out->x, &point->x, &power);
    secp_fp_mul(&power, &power, scale);
    secp_fp_mul(&out->y, &point->y, &power);
}

/* Adds `point`, scaled by `scale` unless that is NULL; a finite sum's z is multiplied by `h`,
 * unless the points were equal.
 * Explicit-Formulas Database, madd-2004-hmv. */
static void add_point(struct jacobian *sum, const secp_point *point, const secp_fp *scale,
                      secp_fp *h)
{
    secp_fp z = sum->z, zz, s, r, hh, v;
    if (sum->is_infinity) {
        secp_point scaled = *point;
        if (scale != NULL)
            scale_point(&scaled, point, scale);
        *sum = (struct jacobian){scaled.x, scaled.y, SECP_FP_ONE, false};
        return;
    }
    if (scale != NULL)
        secp_fp_mul(&z, &z, scale);
    secp_fp_square(&zz, &z);
    secp_fp_mul(h, &point->x, &zz);
    secp_fp_mul(&s, &point->y, &z);
    secp_fp_mul(&s, &s, &zz);
    secp_fp_sub(h, h, &sum->x);
    secp_fp_sub(&r, &s, &sum->y);
    if (secp_fp_is_zero(h)) { /* the same point, or its opposite */
        if (secp_fp_is_zero(&r))
            jacobian_double(sum);
        else
            sum->is_infinity = true;
        return;
    }
    secp_fp_mul(&sum->z, &sum->z, h);
    secp_fp_square(&hh, h);
    secp_fp_mul(&v, &sum->x, &hh);
    secp_fp_mul(&hh, &hh, h);
    secp_fp_square(&sum->x, &r);
    secp_fp_sub(&sum->x, &sum->x, &hh);
    secp_fp_sub(&sum->x, &sum->x, &v);
    secp_fp_sub(&sum->x, &sum->x, &v);
    secp_fp_mul(&s, &sum->y, &hh);
    secp_fp_sub(&v, &v, &sum->x);
    secp_fp_mul(&v, &v, &r);
    secp_fp_sub(&sum->y, &v, &s);
}

/* ---- Tables: the odd multiples 1, 3, 5, ... of a point ---- */

#define WINDOW               5 /* of R: its odd multiples up to 15 */
#define GENERATOR_WINDOW     10
#define TABLE_SIZE(window)   (1 << ((window)-2))
#define GENERATOR_TABLE_SIZE TABLE_SIZE(GENERATOR_WINDOW)

/* table[i] is (2 i + 1) times `point` on the curve that `z` scales to. Sums in it are never of
 * equal or opposite points: the number of points is a prime that is larger. */
static void make_table(secp_point *table, size_t size, const secp_point *point, secp_fp *z)
{
    secp_fp ratios[GENERATOR_TABLE_SIZE]; /* of each entry's z to the one's before it */
    assert(size <= GENERATOR_TABLE_SIZE);

    struct jacobian twice = {point->x, point->y, SECP_FP_ONE, false};
    jacobian_double(&twice);
    const secp_point step = {twice.x, twice.y};
    scale_point(&table[0], point, &twice.z);
    struct jacobian entry = {table[0].x, table[0].y, SECP_FP_ONE, false};
    for (size_t i = 1; i < size; i++) {
        add_point(&entry, &step, NULL, &ratios[i]);
        table[i] = (secp_point){entry.x, entry.y};
    }
    secp_fp_mul(z, &entry.z, &twice.z);

    secp_fp scale = SECP_FP_ONE;
    for (size_t i = size - 1; i-- > 0;) {
        secp_fp_mul(&scale, &scale, &ratios[i + 1]);
        scale_point(&table[i], &table[i], &scale);
    }
}

static void normalise(secp_point *out, const struct jacobian *point)
{
    secp_fp inverse;
    secp_fp_invert(&inverse, &point->z);
    scale_point(out, &(secp_point){point->x, point->y}, &inverse);
}

/* Of the generator, and of 2^128 times it. */
static secp_point generator_low[GENERATOR_TABLE_SIZE], generator_high[GENERATOR_TABLE_SIZE];
static pthread_once_t generator_made = PTHREAD_ONCE_INIT;

static void make_generator_table(secp_point *table, const secp_point *point)
{
    secp_fp inverse;
    make_table(table, GENERATOR_TABLE_SIZE, point, &inverse);
    secp_fp_invert(&inverse, &inverse);
    for (size_t i = 0; i < GENERATOR_TABLE_SIZE; i++)
        scale_point(&table[i], &table[i], &inverse);
}

static void make_generator_tables(void)
{
    struct jacobian power = {GENERATOR.x, GENERATOR.y, SECP_FP_ONE, false};
    secp_point high;
    for (unsigned i = 0; i < 128; i++)
        jacobian_double(&power);
    normalise(&high, &power);
    make_generator_table(generator_low, &GENERATOR);
    make_generator_table(generator_high, &high);
}

/* ---- Scalars ---- */

/* Lambda times a point is (beta x, y): lambda and beta are cube roots of one modulo the order and
 * modulo p (Gallant, Lambert, Vanstone). A scalar is k1 + k2 lambda for many pairs; the vectors
 * (A, -B) and (A + B, A), which stand for 0, take (k, 0) down to a pair of 130 bits at most, the
 * first of which is never negative, since both quotients are rounded down. A and B are also, but for
 * less than 2, themselves times 2^256 over the order. */
static const secp_fp BETA = {{UINT64_C(0xc1396c28719501ee), UINT64_C(0x9cf0497512f58995),
                              UINT64_C(0x6e64479eac3434e9), UINT64_C(0x7ae96a2b657c0710)}};
static const u256 A = {{UINT64_C(0xe86c90e49284eb15), UINT64_C(0x3086d221a7d46bcd), 0, 0}};
static const u256 B = {{UINT64_C(0x6f547fa90abfe4c3), UINT64_C(0xe4437ed6010e8828), 0, 0}};

#define HALF_BITS 130
#define PLACES    (HALF_BITS + 1)

/* A number as a sum of digits[i] 2^i, each digit 0 or odd. */
struct digits {
    int16_t digits[PLACES];
};

/* Non-adjacent form: of `window` neighbouring digits at most one is not 0, and it is below
 * 2^(window - 1). `number` is of HALF_BITS at most. */
static void set_digits(struct digits *out, const u256 *number, bool is_negative, unsigned window)
{
    unsigned carry = 0;
    assert(u256_bit_length(number) <= HALF_BITS);
    memset(out->digits, 0, sizeof out->digits);
    for (unsigned place = 0; place < PLACES;) {
        const unsigned limb = place / 64, shift = place % 64;
        const uint64_t bits =
            number->limbs[limb] >> shift | number->limbs[limb + 1] << 1 << (63 - shift);
        if ((bits & 1) == carry) {
            place++;
            continue;
        }
        int digit = (int)(bits & ((1U << window) - 1)) + (int)carry;
        carry = (unsigned)digit >> (window - 1) & 1;
        digit -= (int)carry << window;
        out->digits[place] = (int16_t)(is_negative ? -digit : digit);
        place += window;
    }
}

static void split(struct digits *first, struct digits *second, const u256 *scalar)
{
    const u256 c1 = u256_mul_high(scalar, &A), c2 = u256_mul_high(scalar, &B);
    const u256 both = u256_add(&c1, &c2);
    u256 less = u256_mul(&both, &A), more = u256_mul(&c2, &B);
    u256 number = u256_sub(scalar, &less);
    number = u256_sub(&number, &more);
    set_digits(first, &number, false, WINDOW);

    more = u256_mul(&c1, &B);
    less = u256_mul(&c2, &A);
    number = u256_sub(&more, &less);
    const bool is_negative = u256_is_negative(&number);
    if (is_negative)
        number = u256_sub(&U256_ZERO, &number);
    set_digits(second, &number, is_negative, WINDOW);
}

static inline void add_multiple(struct jacobian *sum, const secp_point *table, int digit,
                                const secp_fp *scale)
{
    secp_fp ignored;
    if (digit == 0)
        return;
    secp_point multiple = table[(digit < 0 ? -digit : digit) / 2];
    if (digit < 0)
        secp_fp_neg(&multiple.y, &multiple.y);
    add_point(sum, &multiple, scale, &ignored);
}

bool secp_sum(secp_point *out, const u256 *a, const secp_point *r, const u256 *b)
{
    const u256 low = {{a->limbs[0], a->limbs[1], 0, 0}}, high = {{a->limbs[2], a->limbs[3], 0, 0}};
    struct digits a_low, a_high, b_first, b_second;
    secp_point first[TABLE_SIZE(WINDOW)], second[TABLE_SIZE(WINDOW)];
    struct jacobian sum = {.is_infinity = true};
    secp_fp z;

    pthread_once(&generator_made, make_generator_tables);
    set_digits(&a_low, &low, false, GENERATOR_WINDOW);
    set_digits(&a_high, &high, false, GENERATOR_WINDOW);
    split(&b_first, &b_second, b);
    make_table(first, TABLE_SIZE(WINDOW), r, &z);
    for (size_t i = 0; i < TABLE_SIZE(WINDOW); i++) {
        second[i] = first[i];
        secp_fp_mul(&second[i].x, &first[i].x, &BETA);
    }

    /* On the curve that z scales to, where R's tables are affine. */
    for (unsigned place = PLACES; place-- > 0;) {
        if (!sum.is_infinity)
            jacobian_double(&sum);
        add_multiple(&sum, first, b_first.digits[place], NULL);
        add_multiple(&sum, second, b_second.digits[place], NULL);
        add_multiple(&sum, generator_low, a_low.digits[place], &z);
        add_multiple(&sum, generator_high, a_high.digits[place], &z);
    }
    if (sum.is_infinity)
        return false;
    secp_fp_mul(&sum.z, &sum.z, &z);
    normalise(out, &sum);
    return true;
}

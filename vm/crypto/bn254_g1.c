#include "vm/crypto/bn254_g1.h"

#include <assert.h>

/* y^2 = x^3 + 3, in Montgomery form */
static const bn_fp THREE = {{UINT64_C(0x7a17caa950ad28d7), UINT64_C(0x1f6ac17ae15521b9),
                             UINT64_C(0x334bea4e696bd284), UINT64_C(0x2a1f6744ce179d8e)}};

const u256 BN_ORDER = {{UINT64_C(0x43e1f593f0000001), UINT64_C(0x2833e84879b97091),
                        UINT64_C(0xb85045b68181585d), UINT64_C(0x30644e72e131a029)}};

/* ---- Points as two coordinates ---- */

bool bn_g1_is_infinity(const bn_g1 *point)
{
    return bn_fp_is_zero(&point->x) && bn_fp_is_zero(&point->y);
}

bool bn_g1_decode(bn_g1 *out, const uint8_t bytes[64])
{
    bn_fp left, right;
    if (!bn_fp_decode(&out->x, bytes) || !bn_fp_decode(&out->y, bytes + 32))
        return false;
    bn_fp_square(&left, &out->y);
    bn_fp_square(&right, &out->x);
    bn_fp_mul(&right, &right, &out->x);
    bn_fp_add(&right, &right, &THREE);
    return bn_fp_equal(&left, &right) || bn_g1_is_infinity(out);
}

void bn_g1_encode(uint8_t out[64], const bn_g1 *point)
{
    bn_fp_encode(out, &point->x);
    bn_fp_encode(out + 32, &point->y);
}

/* The slope of the line through two points that are no opposites, or of a tangent. */
static void slope_of(bn_fp *out, const bn_g1 *a, const bn_g1 *b)
{
    bn_fp rise, run, square;
    if (bn_fp_equal(&a->x, &b->x)) {
        bn_fp_square(&square, &a->x);
        bn_fp_add(&rise, &square, &square);
        bn_fp_add(&rise, &rise, &square);
        bn_fp_add(&run, &a->y, &a->y); /* no point has y = 0: the order is odd */
    } else {
        bn_fp_sub(&rise, &b->y, &a->y);
        bn_fp_sub(&run, &b->x, &a->x);
    }
    bn_fp_invert(&run, &run);
    bn_fp_mul(out, &rise, &run);
}

void bn_g1_add(bn_g1 *out, const bn_g1 *a, const bn_g1 *b)
{
    bn_fp slope;
    bn_g1 sum;
    if (bn_g1_is_infinity(a) || bn_g1_is_infinity(b)) {
        *out = bn_g1_is_infinity(a) ? *b : *a;
        return;
    }
    if (bn_fp_equal(&a->x, &b->x) && !bn_fp_equal(&a->y, &b->y)) {
        *out = (bn_g1){0};
        return;
    }
    slope_of(&slope, a, b);
    bn_fp_square(&sum.x, &slope);
    bn_fp_sub(&sum.x, &sum.x, &a->x);
    bn_fp_sub(&sum.x, &sum.x, &b->x);
    bn_fp_sub(&sum.y, &a->x, &sum.x);
    bn_fp_mul(&sum.y, &sum.y, &slope);
    bn_fp_sub(&sum.y, &sum.y, &a->y);
    *out = sum;
}

/* ---- Jacobian coordinates: (x / z^2, y / z^3), infinity where z is 0 ---- */

struct jacobian {
    bn_fp x, y, z;
};

/* Explicit-Formulas Database, dbl-2009-l. */
static void jacobian_double(struct jacobian *out, const struct jacobian *point)
{
    bn_fp a, b, c, d, e;
    bn_fp_square(&a, &point->x);
    bn_fp_square(&b, &point->y);
    bn_fp_square(&c, &b);
    bn_fp_add(&d, &point->x, &b);
    bn_fp_square(&d, &d);
    bn_fp_sub(&d, &d, &a);
    bn_fp_sub(&d, &d, &c);
    bn_fp_add(&d, &d, &d);
    bn_fp_add(&e, &a, &a);
    bn_fp_add(&e, &e, &a);
    bn_fp_mul(&out->z, &point->y, &point->z);
    bn_fp_add(&out->z, &out->z, &out->z);
    bn_fp_square(&out->x, &e);
    bn_fp_sub(&out->x, &out->x, &d);
    bn_fp_sub(&out->x, &out->x, &d);
    bn_fp_sub(&d, &d, &out->x);
    bn_fp_mul(&out->y, &e, &d);
    bn_fp_add(&c, &c, &c);
    bn_fp_add(&c, &c, &c);
    bn_fp_add(&c, &c, &c);
    bn_fp_sub(&out->y, &out->y, &c);
}

/* Explicit-Formulas Database, add-1998-cmo-2. */
static void jacobian_add(struct jacobian *out, const struct jacobian *a, const struct jacobian *b)
{
    bn_fp za, zb, u, v, s, h, hh, r, t;
    if (bn_fp_is_zero(&a->z) || bn_fp_is_zero(&b->z)) {
        *out = bn_fp_is_zero(&a->z) ? *b : *a;
        return;
    }
    bn_fp_square(&za, &a->z);
    bn_fp_square(&zb, &b->z);
    bn_fp_mul(&u, &a->x, &zb);
    bn_fp_mul(&h, &b->x, &za);
    bn_fp_sub(&h, &h, &u);
    bn_fp_mul(&zb, &zb, &b->z);
    bn_fp_mul(&s, &a->y, &zb);
    bn_fp_mul(&za, &za, &a->z);
    bn_fp_mul(&r, &b->y, &za);
    bn_fp_sub(&r, &r, &s);
    if (bn_fp_is_zero(&h) && bn_fp_is_zero(&r)) {
        jacobian_double(out, a);
        return;
    }
    bn_fp_mul(&t, &a->z, &b->z);
    bn_fp_mul(&out->z, &t, &h); /* 0 for opposites: infinity */
    bn_fp_square(&hh, &h);
    bn_fp_mul(&v, &u, &hh);
    bn_fp_mul(&hh, &hh, &h);
    bn_fp_square(&t, &r);
    bn_fp_sub(&t, &t, &hh);
    bn_fp_sub(&t, &t, &v);
    bn_fp_sub(&out->x, &t, &v);
    bn_fp_sub(&v, &v, &out->x);
    bn_fp_mul(&v, &v, &r);
    bn_fp_mul(&s, &s, &hh);
    bn_fp_sub(&out->y, &v, &s);
}

static void jacobian_normalise(bn_g1 *out, const struct jacobian *point)
{
    bn_fp inverse, square;
    *out = (bn_g1){0};
    if (bn_fp_is_zero(&point->z))
        return;
    bn_fp_invert(&inverse, &point->z);
    bn_fp_square(&square, &inverse);
    bn_fp_mul(&out->x, &point->x, &square);
    bn_fp_mul(&square, &square, &inverse);
    bn_fp_mul(&out->y, &point->y, &square);
}

/* ---- Multiplication: two scalars of half the length (Gallant, Lambert, Vanstone) ----
 *
 * Lambda times a point is (beta x, y): lambda and beta are cube roots of one modulo the order and
 * modulo p. A scalar is k1 + k2 lambda for many pairs; the vectors (A1, -B1) and (A2, A1), which
 * stand for 0, take (k, 0) down to a pair of less than 128 bits each. */

static const bn_fp BETA = {{UINT64_C(0x71930c11d782e155), UINT64_C(0xa6bb947cffbe3323),
                            UINT64_C(0xaa303344d4741444), UINT64_C(0x2c3b3f0d26594943)}};
static const u256 A1 = {{UINT64_C(0x89d3256894d213e3), 0, 0, 0}};
static const u256 A2 = {{UINT64_C(0x0be4e1541221250b), UINT64_C(0x6f4d8248eeb859fd), 0, 0}};
static const u256 B1 = {{UINT64_C(0x8211bbeb7d4f1128), UINT64_C(0x6f4d8248eeb859fc), 0, 0}};
/* A1 and B1, times 2^256 over the order. */
static const u256 A1_SHARE = {{UINT64_C(0xd91d232ec7e0b3d7), 2, 0, 0}};
static const u256 B1_SHARE = {{UINT64_C(0x7a7bd9d4391eb18d), UINT64_C(0x4ccef014a773d2cf), 2, 0}};

#define WINDOW     5
#define TABLE_SIZE (1 << (WINDOW - 2)) /* the odd multiples 1, 3, ... 15 */
#define HALF_BITS  128
#define DIGITS_MAX (HALF_BITS + WINDOW)

struct half {
    bool is_negative;
    u256 size;
    int8_t digits[DIGITS_MAX]; /* 0, or odd and at most 15 in size */
    struct jacobian table[TABLE_SIZE];
};

static void set_half(struct half *half, u256 number)
{
    half->is_negative = number.limbs[3] >> 63 != 0;
    half->size = half->is_negative ? u256_sub(&U256_ZERO, &number) : number;
    assert(u256_bit_length(&half->size) <= HALF_BITS);
}

static void split(struct half *first, struct half *second, const u256 *scalar)
{
    u256 c1 = u256_mul_high(scalar, &A1_SHARE), c2 = u256_mul_high(scalar, &B1_SHARE);
    u256 product = u256_mul(&c1, &A1);
    u256 number = u256_sub(scalar, &product);
    product = u256_mul(&c2, &A2);
    set_half(first, u256_sub(&number, &product));
    number = u256_mul(&c1, &B1);
    product = u256_mul(&c2, &A1);
    set_half(second, u256_sub(&number, &product));
}

/* Non-adjacent form: of WINDOW neighbouring digits at most one is not 0. */
static void set_digits(struct half *half)
{
    unsigned carry = 0;
    memset(half->digits, 0, sizeof half->digits);
    for (unsigned bit = 0; bit < HALF_BITS + 1;) {
        const u256 bits = u256_from_u64(bit);
        const u256 rest = u256_shr(&half->size, &bits);
        if ((rest.limbs[0] & 1) == carry) {
            bit++;
            continue;
        }
        int digit = (int)((rest.limbs[0] & ((1 << WINDOW) - 1)) + carry);
        carry = digit >> (WINDOW - 1) & 1;
        digit -= (int)carry << WINDOW;
        half->digits[bit] = (int8_t)(half->is_negative ? -digit : digit);
        bit += WINDOW;
    }
}

static void add_multiple(struct jacobian *sum, const struct half *half, unsigned place)
{
    const int8_t digit = half->digits[place];
    if (digit == 0)
        return;
    struct jacobian multiple = half->table[(digit < 0 ? -digit : digit) / 2];
    if (digit < 0)
        bn_fp_neg(&multiple.y, &multiple.y);
    jacobian_add(sum, sum, &multiple);
}

void bn_g1_mul(bn_g1 *out, const bn_g1 *point, const u256 *scalar)
{
    struct half first, second;
    struct jacobian twice, sum = {0};
    const u256 reduced = u256_mod(scalar, &BN_ORDER);
    if (bn_g1_is_infinity(point)) {
        *out = *point;
        return;
    }
    split(&first, &second, &reduced);
    set_digits(&first);
    set_digits(&second);
    first.table[0] = (struct jacobian){point->x, point->y, BN_FP_ONE};
    jacobian_double(&twice, &first.table[0]);
    for (unsigned i = 1; i < TABLE_SIZE; i++)
        jacobian_add(&first.table[i], &first.table[i - 1], &twice);
    for (unsigned i = 0; i < TABLE_SIZE; i++) {
        second.table[i] = first.table[i];
        bn_fp_mul(&second.table[i].x, &second.table[i].x, &BETA);
    }
    for (unsigned place = DIGITS_MAX; place-- > 0;) {
        jacobian_double(&sum, &sum);
        add_multiple(&sum, &first, place);
        add_multiple(&sum, &second, place);
    }
    jacobian_normalise(out, &sum);
}

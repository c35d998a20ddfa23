#include "vm/crypto/bls12_fp.h"

#include <assert.h>
#if defined(__x86_64__) && !defined(BLS12_PORTABLE)
#include <immintrin.h> /* add and subtract with carry, which gcc 12 does not find by itself */
#endif

#include "vm/crypto/bls12_rows.h"

typedef unsigned __int128 u128;

#define LIMBS BLS12_FP_LIMBS

const bls12_fp BLS12_FP_MODULUS = {{0xb9feffffffffaaab, 0x1eabfffeb153ffff, 0x6730d2a0f6b0f624,
                                    0x64774b84f38512bf, 0x4b1ba7b6434bacd7, 0x1a0111ea397fe69a}};
const bls12_fp BLS12_FP_ZERO;
const bls12_fp BLS12_FP_ONE = {{0x760900000002fffd, 0xebf4000bc40c0002, 0x5f48985753c758ba,
                                0x77ce585370525745, 0x5c071a97a256ec6d, 0x15f65ec3fa80e493}};
static const bls12_fp R_SQUARED = {{0xf4df1f341c341746, 0x0a76e6a609d104f1, 0x8de5476c4c95b6d5,
                                    0x67eb88a9939d83c0, 0x9a793e85b519952d, 0x11988fe592cae3aa}};
static const bls12_fp R_CUBED = {{0xed48ac6bd94ca1e0, 0x315f831e03a7adf8, 0x9a53352a615e29dd,
                                  0x34c04e5e921e1761, 0x2512d43565724728, 0x0aa6346091755d4d}};

/* Carries and borrows are 0 or 1, in and out. */
static inline uint64_t add_carry(uint64_t a, uint64_t b, uint8_t *carry)
{
#if defined(__x86_64__) && !defined(BLS12_PORTABLE)
    unsigned long long sum;
    *carry = _addcarry_u64(*carry, a, b, &sum);
    return sum;
#else
    u128 sum = (u128)a + b + *carry;
    *carry = (uint8_t)(sum >> 64);
    return (uint64_t)sum;
#endif
}

static inline uint64_t sub_borrow(uint64_t a, uint64_t b, uint8_t *borrow)
{
#if defined(__x86_64__) && !defined(BLS12_PORTABLE)
    unsigned long long difference;
    *borrow = _subborrow_u64(*borrow, a, b, &difference);
    return difference;
#else
    u128 difference = (u128)a - b - *borrow;
    *borrow = (uint8_t)(difference >> 64) & 1;
    return (uint64_t)difference;
#endif
}

/* `a` is below 2p. */
static inline void subtract_modulus_once(bls12_fp *out, const uint64_t a[LIMBS])
{
    uint64_t reduced[LIMBS];
    uint8_t borrow = 0;
    for (int i = 0; i < LIMBS; i++)
        reduced[i] = sub_borrow(a[i], BLS12_FP_MODULUS.limbs[i], &borrow);
    uint64_t keep = 0 - (uint64_t)borrow;
    for (int i = 0; i < LIMBS; i++)
        out->limbs[i] = (a[i] & keep) | (reduced[i] & ~keep);
}

static bool is_below(const bls12_fp *a, const bls12_fp *bound)
{
    uint8_t borrow = 0;
    for (int i = 0; i < LIMBS; i++)
        (void)sub_borrow(a->limbs[i], bound->limbs[i], &borrow);
    return borrow != 0;
}

bool bls12_fp_load_be(bls12_fp *out, const uint8_t bytes[BLS12_FP_SIZE_BYTES])
{
    bls12_fp plain = {{0}};
    for (int i = 0; i < BLS12_FP_SIZE_BYTES; i++) {
        uint64_t *limb = &plain.limbs[LIMBS - 1 - i / 8];
        *limb = *limb << 8 | bytes[i];
    }
    if (!is_below(&plain, &BLS12_FP_MODULUS))
        return false;
    bls12_fp_mul(out, &plain, &R_SQUARED);
    return true;
}

/* Out of Montgomery form. */
static bls12_fp plain_of(const bls12_fp *a)
{
    bls12_fp_wide wide = {{0}};
    bls12_fp plain;
    memcpy(wide.limbs, a->limbs, sizeof a->limbs);
    bls12_fp_reduce(&plain, &wide);
    return plain;
}

void bls12_fp_store_be(uint8_t out[BLS12_FP_SIZE_BYTES], const bls12_fp *a)
{
    bls12_fp plain = plain_of(a);
    for (int i = 0; i < BLS12_FP_SIZE_BYTES; i++)
        out[i] = (uint8_t)(plain.limbs[LIMBS - 1 - i / 8] >> (56 - 8 * (i % 8)));
}

bool bls12_fp_is_zero(const bls12_fp *a)
{
    uint64_t any = 0;
    for (int i = 0; i < LIMBS; i++)
        any |= a->limbs[i];
    return any == 0;
}

bool bls12_fp_equal(const bls12_fp *a, const bls12_fp *b)
{
    uint64_t different = 0;
    for (int i = 0; i < LIMBS; i++)
        different |= a->limbs[i] ^ b->limbs[i];
    return different == 0;
}

bool bls12_fp_is_odd(const bls12_fp *a)
{
    return (plain_of(a).limbs[0] & 1) != 0;
}

bool bls12_fp_is_large(const bls12_fp *a)
{
    bls12_fp negated, plain = plain_of(a), plain_negated;
    bls12_fp_neg(&negated, a);
    plain_negated = plain_of(&negated);
    return is_below(&plain_negated, &plain);
}

void bls12_fp_add(bls12_fp *out, const bls12_fp *a, const bls12_fp *b)
{
    uint64_t sum[LIMBS];
    uint8_t carry = 0;
    for (int i = 0; i < LIMBS; i++)
        sum[i] = add_carry(a->limbs[i], b->limbs[i], &carry);
    subtract_modulus_once(out, sum);
}

void bls12_fp_sub(bls12_fp *out, const bls12_fp *a, const bls12_fp *b)
{
    uint64_t difference[LIMBS];
    uint8_t borrow = 0, carry = 0;
    for (int i = 0; i < LIMBS; i++)
        difference[i] = sub_borrow(a->limbs[i], b->limbs[i], &borrow);
    uint64_t negative = 0 - (uint64_t)borrow;
    for (int i = 0; i < LIMBS; i++)
        out->limbs[i] = add_carry(difference[i], BLS12_FP_MODULUS.limbs[i] & negative, &carry);
}

void bls12_fp_neg(bls12_fp *out, const bls12_fp *a)
{
    bls12_fp_sub(out, &BLS12_FP_ZERO, a);
}

void bls12_fp_double(bls12_fp *out, const bls12_fp *a)
{
    bls12_fp_add(out, a, a);
}

/* Calls body(arguments, mul_row, reduce_row) with the rows that this machine has. */
#if ROWS_X86
#define WITH_ROWS(body, ...)                                                 \
    do {                                                                     \
        if (__builtin_cpu_supports("bmi2") && __builtin_cpu_supports("adx")) \
            body(__VA_ARGS__, mul_row_adx, reduce_row_adx);                  \
        else                                                                 \
            body(__VA_ARGS__, mul_row_plain, reduce_row_plain);              \
    } while (0)
#else
#define WITH_ROWS(body, ...) body(__VA_ARGS__, mul_row_plain, reduce_row_plain)
#endif

/* Montgomery's product: a row of it and a row of the reduction in turn keep the sum below 4p. */
ROWS_INLINE void mul_with(bls12_fp *out, const bls12_fp *a, const bls12_fp *b, mul_row *mul,
                          reduce_row *reduce)
{
    uint64_t sum[LIMBS] = {0};
    for (int i = 0; i < LIMBS; i++)
        reduce(sum, mul(sum, a->limbs, b->limbs[i]));
    subtract_modulus_once(out, sum);
}

void bls12_fp_mul(bls12_fp *out, const bls12_fp *a, const bls12_fp *b)
{
    WITH_ROWS(mul_with, out, a, b);
}

void bls12_fp_sqr(bls12_fp *out, const bls12_fp *a)
{
    bls12_fp_mul(out, a, a);
}

void bls12_fp_add_unreduced(bls12_fp *out, const bls12_fp *a, const bls12_fp *b)
{
    uint8_t carry = 0;
    for (int i = 0; i < LIMBS; i++)
        out->limbs[i] = add_carry(a->limbs[i], b->limbs[i], &carry);
}

ROWS_INLINE void mul_wide_with(bls12_fp_wide *out, const bls12_fp *a, const bls12_fp *b,
                               mul_row *mul, reduce_row *reduce)
{
    uint64_t sum[LIMBS] = {0};
    (void)reduce;
    for (int i = 0; i < LIMBS; i++) {
        uint64_t top = mul(sum, a->limbs, b->limbs[i]);
        out->limbs[i] = sum[0];
        for (int j = 0; j + 1 < LIMBS; j++)
            sum[j] = sum[j + 1];
        sum[LIMBS - 1] = top;
    }
    memcpy(out->limbs + LIMBS, sum, sizeof sum);
}

void bls12_fp_mul_wide(bls12_fp_wide *out, const bls12_fp *a, const bls12_fp *b)
{
    WITH_ROWS(mul_wide_with, out, a, b);
}

void bls12_fp_wide_sub(bls12_fp_wide *out, const bls12_fp_wide *a, const bls12_fp_wide *b)
{
    uint8_t borrow = 0, carry = 0;
    for (int i = 0; i < 2 * LIMBS; i++)
        out->limbs[i] = sub_borrow(a->limbs[i], b->limbs[i], &borrow);
    uint64_t negative = 0 - (uint64_t)borrow;
    for (int i = 0; i < LIMBS; i++)
        out->limbs[LIMBS + i] =
            add_carry(out->limbs[LIMBS + i], BLS12_FP_MODULUS.limbs[i] & negative, &carry);
}

/* The lower half becomes a number of at most p, and the upper half is below p. */
ROWS_INLINE void reduce_with(bls12_fp *out, const bls12_fp_wide *a, mul_row *mul,
                             reduce_row *reduce)
{
    uint64_t sum[LIMBS];
    uint8_t carry = 0;
    (void)mul;
    memcpy(sum, a->limbs, sizeof sum);
    for (int i = 0; i < LIMBS; i++)
        reduce(sum, 0);
    for (int i = 0; i < LIMBS; i++)
        sum[i] = add_carry(sum[i], a->limbs[LIMBS + i], &carry);
    subtract_modulus_once(out, sum);
}

void bls12_fp_reduce(bls12_fp *out, const bls12_fp_wide *a)
{
    WITH_ROWS(reduce_with, out, a);
}

/* Inversion by divsteps (Bernstein and Yang, "Fast constant-time gcd computation and modular
 * inversion", 2019), the variable-time form: 62 steps on the low words at a time, gathered in a
 * 2x2 matrix that is then applied to the whole numbers. Numbers are seven signed 62-bit limbs. */
#define STEPS  62
#define SIGNED 7
#define MASK62 ((int64_t)(UINT64_MAX >> 2))

struct signed62 {
    int64_t v[SIGNED];
};

struct matrix {
    int64_t u, v, q, r;
};

static const struct signed62 MODULUS62 = {{0x39feffffffffaaab, 0x3aaffffac54ffffe,
                                           0x330d2a0f6b0f6241, 0x1dd2e13ce144afd9,
                                           0x1ba7b6434bacd764, 0x0447a8e5ff9a692c, 0x1a0}};
#define MODULUS_INVERSE62 0x360c000300030003u /* 1/p mod 2^62 */

static struct signed62 to_signed62(const bls12_fp *a)
{
    struct signed62 out;
    for (int i = 0; i < SIGNED; i++) {
        int bit = 62 * i, limb = bit / 64, shift = bit % 64;
        uint64_t word = a->limbs[limb] >> shift;
        if (shift > 2 && limb + 1 < LIMBS)
            word |= a->limbs[limb + 1] << (64 - shift);
        out.v[i] = (int64_t)word & MASK62;
    }
    return out;
}

/* From a number between 0 and p. */
static bls12_fp from_signed62(const struct signed62 *a)
{
    bls12_fp out = {{0}};
    for (int i = 0; i < SIGNED; i++) {
        int bit = 62 * i, limb = bit / 64, shift = bit % 64;
        out.limbs[limb] |= (uint64_t)a->v[i] << shift;
        if (shift > 2 && limb + 1 < LIMBS)
            out.limbs[limb + 1] |= (uint64_t)a->v[i] >> (64 - shift);
    }
    return out;
}

/* 62 steps on the low words of f (odd) and g. Wrapping arithmetic is meant: only the low bits of f
 * and g are right, and the matrix's entries stay within 2^62. Returns the new eta. */
static int64_t divsteps(int64_t eta, uint64_t f, uint64_t g, struct matrix *out)
{
    uint64_t u = 1, v = 0, q = 0, r = 1;
    int left = STEPS;
    for (;;) {
        int zeros = __builtin_ctzll(g | UINT64_MAX << left);
        g >>= zeros;
        u <<= zeros;
        v <<= zeros;
        eta -= zeros;
        left -= zeros;
        if (left == 0)
            break;
        if (eta < 0) {
            uint64_t old_f = f, old_u = u, old_v = v;
            eta = -eta;
            f = g, g = 0 - old_f;
            u = q, q = 0 - old_u;
            v = r, r = 0 - old_v;
        }
        /* Clears up to four low bits of g by a multiple of f; more would step past eta's next
         * change of sign or past the last step. */
        int limit = eta + 1 > left ? left : (int)eta + 1;
        uint64_t mask = UINT64_MAX >> (64 - limit) & 15;
        uint64_t inverse = f + (((f + 1) & 4) << 1); /* of f mod 16, as f * f = 1 mod 8 */
        uint64_t times = (0 - inverse * g) & mask;
        g += f * times;
        q += u * times;
        r += v * times;
    }
    *out = (struct matrix){(int64_t)u, (int64_t)v, (int64_t)q, (int64_t)r};
    return eta;
}

/* (f, g) = matrix * (f, g) / 2^62, which is exact. */
static void apply(struct signed62 *f, struct signed62 *g, const struct matrix *m)
{
    __int128 to_f = 0, to_g = 0;
    for (int i = 0; i < SIGNED; i++) {
        to_f += (__int128)m->u * f->v[i] + (__int128)m->v * g->v[i];
        to_g += (__int128)m->q * f->v[i] + (__int128)m->r * g->v[i];
        if (i > 0) {
            f->v[i - 1] = (int64_t)to_f & MASK62;
            g->v[i - 1] = (int64_t)to_g & MASK62;
        }
        to_f >>= 62;
        to_g >>= 62;
    }
    f->v[SIGNED - 1] = (int64_t)to_f;
    g->v[SIGNED - 1] = (int64_t)to_g;
}

/* The multiple of p that makes the low 62 bits of `low` zero, given `start` multiples already. */
static int64_t balance(int64_t start, __int128 low)
{
    return start
           - (int64_t)((MODULUS_INVERSE62 * (uint64_t)low + (uint64_t)start) & (uint64_t)MASK62);
}

/* (d, e) = matrix * (d, e) / 2^62 mod p; both stay between -2p and p. */
static void apply_modulo(struct signed62 *d, struct signed62 *e, const struct matrix *m)
{
    int64_t d_negative = d->v[SIGNED - 1] >> 63, e_negative = e->v[SIGNED - 1] >> 63;
    __int128 to_d = (__int128)m->u * d->v[0] + (__int128)m->v * e->v[0];
    __int128 to_e = (__int128)m->q * d->v[0] + (__int128)m->r * e->v[0];
    int64_t d_times = balance((m->u & d_negative) + (m->v & e_negative), to_d);
    int64_t e_times = balance((m->q & d_negative) + (m->r & e_negative), to_e);
    to_d = (to_d + (__int128)MODULUS62.v[0] * d_times) >> 62;
    to_e = (to_e + (__int128)MODULUS62.v[0] * e_times) >> 62;
    for (int i = 1; i < SIGNED; i++) {
        to_d += (__int128)m->u * d->v[i] + (__int128)m->v * e->v[i];
        to_e += (__int128)m->q * d->v[i] + (__int128)m->r * e->v[i];
        to_d += (__int128)MODULUS62.v[i] * d_times;
        to_e += (__int128)MODULUS62.v[i] * e_times;
        d->v[i - 1] = (int64_t)to_d & MASK62;
        e->v[i - 1] = (int64_t)to_e & MASK62;
        to_d >>= 62;
        to_e >>= 62;
    }
    d->v[SIGNED - 1] = (int64_t)to_d;
    e->v[SIGNED - 1] = (int64_t)to_e;
}

/* a * sign + p * times, limbs carried over. */
static void scale_and_shift(struct signed62 *a, int64_t sign, int64_t times)
{
    __int128 carry = 0;
    for (int i = 0; i < SIGNED; i++) {
        carry += (__int128)a->v[i] * sign + (__int128)MODULUS62.v[i] * times;
        a->v[i] = i + 1 < SIGNED ? (int64_t)carry & MASK62 : (int64_t)carry;
        carry >>= 62;
    }
}

static bool signed62_is_zero(const struct signed62 *a)
{
    int64_t any = 0;
    for (int i = 0; i < SIGNED; i++)
        any |= a->v[i];
    return any == 0;
}

void bls12_fp_inverse(bls12_fp *out, const bls12_fp *a)
{
    struct signed62 f = MODULUS62, g = to_signed62(a), d = {{0}}, e = {{1}};
    int64_t eta = -1;
    /* Bernstein and Yang, theorem 11.2: (49 * 381 + 57) / 17 steps are enough for 381 bits. */
    for (int step = 0; !signed62_is_zero(&g); step += STEPS) {
        struct matrix m;
        assert(step <= (49 * 381 + 57) / 17);
        eta = divsteps(eta, (uint64_t)f.v[0], (uint64_t)g.v[0], &m);
        apply(&f, &g, &m);
        apply_modulo(&d, &e, &m);
    }
    /* f is 1 or -1, or p where a was zero, with d zero; d is the inverse of a times f. */
    bool f_negative = f.v[SIGNED - 1] < 0;
    scale_and_shift(&d, f_negative ? -1 : 1, 0);
    while (d.v[SIGNED - 1] < 0)
        scale_and_shift(&d, 1, 1);
    bls12_fp plain = from_signed62(&d);
    subtract_modulus_once(&plain, plain.limbs);
    bls12_fp_mul(out, &plain, &R_CUBED); /* 1/(a 2^384) to 2^384/a */
}

/* Four bits of the exponent at a time. */
void bls12_fp_pow_p_minus_3_over_4(bls12_fp *out, const bls12_fp *a)
{
    static const uint64_t EXPONENT[LIMBS] = {0xee7fbfffffffeaaa, 0x07aaffffac54ffff,
                                             0xd9cc34a83dac3d89, 0xd91dd2e13ce144af,
                                             0x92c6e9ed90d2eb35, 0x0680447a8e5ff9a6};
    bls12_fp powers[16], result = BLS12_FP_ONE;
    powers[0] = BLS12_FP_ONE;
    for (int i = 1; i < 16; i++)
        bls12_fp_mul(&powers[i], &powers[i - 1], a);
    for (int nibble = 16 * LIMBS - 2; nibble >= 0; nibble--) { /* the top nibble is zero */
        for (int i = 0; i < 4; i++)
            bls12_fp_sqr(&result, &result);
        unsigned digit = EXPONENT[nibble / 16] >> (4 * (nibble % 16)) & 15;
        if (digit != 0)
            bls12_fp_mul(&result, &result, &powers[digit]);
    }
    *out = result;
}

/* p = 3 mod 4: a^((p + 1) / 4) is a root if there is one. */
bool bls12_fp_sqrt(bls12_fp *out, const bls12_fp *a)
{
    bls12_fp root, square;
    bls12_fp_pow_p_minus_3_over_4(&root, a);
    bls12_fp_mul(&root, &root, a);
    bls12_fp_sqr(&square, &root);
    bool is_root = bls12_fp_equal(&square, a);
    *out = root;
    return is_root;
}

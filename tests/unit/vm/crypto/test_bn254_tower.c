#include "vm/crypto/bn254_tower.h"

#include <criterion/criterion.h>

#include "tests/unit/vm/crypto/seeded.h"

#define ROUNDS 200

static const u256 MODULUS = {{UINT64_C(0x3c208c16d87cfd47), UINT64_C(0x97816a916871ca8d),
                              UINT64_C(0xb85045b68181585d), UINT64_C(0x30644e72e131a029)}};

static bn_fp fp_of(u256 number)
{
    uint8_t bytes[32];
    bn_fp value;
    u256_store_be(bytes, &number);
    cr_assert(bn_fp_decode(&value, bytes));
    return value;
}

static u256 number_of(const bn_fp *value)
{
    uint8_t bytes[32];
    bn_fp_encode(bytes, value);
    return u256_load_be(bytes, 32);
}

/* Anything below p, and often within a few of 0 or p: where carries and borrows hide. */
static u256 number_below(struct seeded *random)
{
    u256 number = seeded_word(random), near = u256_from_u64(seeded_u64(random) % 4);
    switch (seeded_u64(random) % 4) {
    case 0: return near;
    case 1: near = u256_add(&near, &U256_ONE); return u256_sub(&MODULUS, &near);
    default: return u256_mod(&number, &MODULUS);
    }
}

static bn_fp2 fp2_below(struct seeded *random)
{
    return (bn_fp2){fp_of(number_below(random)), fp_of(number_below(random))};
}

static bn_fp6 fp6_below(struct seeded *random)
{
    return (bn_fp6){fp2_below(random), fp2_below(random), fp2_below(random)};
}

static bn_fp12 fp12_below(struct seeded *random)
{
    return (bn_fp12){fp6_below(random), fp6_below(random)};
}

static bool equal12(const bn_fp12 *a, const bn_fp12 *b)
{
    return memcmp(a, b, sizeof *a) == 0; /* numbers have one form, and structs no padding */
}

Test(bn254_tower, decodes_only_numbers_below_p)
{
    uint8_t bytes[32], again[32];
    bn_fp value;
    u256 number = u256_sub(&MODULUS, &U256_ONE);
    u256_store_be(bytes, &number);
    cr_assert(bn_fp_decode(&value, bytes));
    bn_fp_encode(again, &value);
    cr_expect_arr_eq(bytes, again, 32);
    u256_store_be(bytes, &MODULUS);
    cr_expect(!bn_fp_decode(&value, bytes));
    memset(bytes, 0xff, sizeof bytes);
    cr_expect(!bn_fp_decode(&value, bytes));
}

Test(bn254_tower, the_field_computes_modulo_p)
{
    struct seeded random = seeded_new();
    for (unsigned round = 0; round < ROUNDS; round++) {
        const u256 a = number_below(&random), b = number_below(&random);
        const bn_fp fa = fp_of(a), fb = fp_of(b);
        bn_fp got;
        bn_fp_add(&got, &fa, &fb);
        u256 expected = u256_addmod(&a, &b, &MODULUS), number = number_of(&got);
        cr_assert(u256_equal(&number, &expected), "add " SEED_FORMAT, SEED_OF(random));
        bn_fp_mul(&got, &fa, &fb);
        expected = u256_mulmod(&a, &b, &MODULUS), number = number_of(&got);
        cr_assert(u256_equal(&number, &expected), "mul " SEED_FORMAT, SEED_OF(random));
        bn_fp_sub(&got, &fa, &fb);
        bn_fp_add(&got, &got, &fb);
        cr_assert(bn_fp_equal(&got, &fa), "sub " SEED_FORMAT, SEED_OF(random));
        bn_fp_neg(&got, &fa);
        bn_fp_add(&got, &got, &fa);
        cr_assert(bn_fp_is_zero(&got), "neg " SEED_FORMAT, SEED_OF(random));
        if (bn_fp_is_zero(&fa))
            continue;
        bn_fp_invert(&got, &fa);
        bn_fp_mul(&got, &got, &fa);
        cr_assert(bn_fp_equal(&got, &BN_FP_ONE), "invert " SEED_FORMAT, SEED_OF(random));
    }
}

/* (a + b u)(c + d u) by the schoolbook, out of the field's own products. */
static bn_fp2 slow_product(const bn_fp2 *x, const bn_fp2 *y)
{
    bn_fp2 out;
    bn_fp product;
    bn_fp_mul(&out.a, &x->a, &y->a);
    bn_fp_mul(&product, &x->b, &y->b);
    bn_fp_sub(&out.a, &out.a, &product);
    bn_fp_mul(&out.b, &x->a, &y->b);
    bn_fp_mul(&product, &x->b, &y->a);
    bn_fp_add(&out.b, &out.b, &product);
    return out;
}

Test(bn254_tower, the_extension_multiplies_as_the_schoolbook_does)
{
    struct seeded random = seeded_new();
    const bn_fp2 xi = {fp_of(u256_from_u64(9)), BN_FP_ONE};
    for (unsigned round = 0; round < ROUNDS; round++) {
        const bn_fp2 a = fp2_below(&random), b = fp2_below(&random);
        bn_fp2 got, expected = slow_product(&a, &b);
        bn_fp2_mul(&got, &a, &b);
        cr_assert(bn_fp2_equal(&got, &expected), "mul " SEED_FORMAT, SEED_OF(random));
        bn_fp2_square(&got, &a);
        expected = slow_product(&a, &a);
        cr_assert(bn_fp2_equal(&got, &expected), "square " SEED_FORMAT, SEED_OF(random));
        bn_fp2_mul_xi(&got, &a);
        expected = slow_product(&a, &xi);
        cr_assert(bn_fp2_equal(&got, &expected), "xi " SEED_FORMAT, SEED_OF(random));
        bn_fp2_halve(&got, &a);
        bn_fp2_add(&got, &got, &got);
        cr_assert(bn_fp2_equal(&got, &a), "halve " SEED_FORMAT, SEED_OF(random));
        if (bn_fp2_is_zero(&a))
            continue;
        bn_fp2_invert(&got, &a);
        bn_fp2_mul(&got, &got, &a);
        cr_assert(bn_fp_equal(&got.a, &BN_FP_ONE) && bn_fp_is_zero(&got.b), "invert " SEED_FORMAT,
                  SEED_OF(random));
    }
}

Test(bn254_tower, degree_12_is_a_field)
{
    struct seeded random = seeded_new();
    for (unsigned round = 0; round < ROUNDS / 4; round++) {
        const bn_fp12 a = fp12_below(&random), b = fp12_below(&random), c = fp12_below(&random);
        bn_fp12 left, right;
        bn_fp12_mul(&left, &a, &b);
        bn_fp12_mul(&left, &left, &c);
        bn_fp12_mul(&right, &b, &c);
        bn_fp12_mul(&right, &a, &right);
        cr_assert(equal12(&left, &right), "associative " SEED_FORMAT, SEED_OF(random));
        bn_fp12_square(&left, &a);
        bn_fp12_mul(&right, &a, &a);
        cr_assert(equal12(&left, &right), "square " SEED_FORMAT, SEED_OF(random));
        bn_fp12_invert(&left, &a);
        bn_fp12_mul(&left, &left, &a);
        cr_assert(bn_fp12_is_one(&left), "invert " SEED_FORMAT, SEED_OF(random));
        const bn_fp12 line = {.c0.c0 = b.c0.c0, .c1.c0 = b.c1.c0, .c1.c1 = b.c1.c1};
        left = a;
        bn_fp12_mul_line(&left, &line.c0.c0, &line.c1.c0, &line.c1.c1);
        bn_fp12_mul(&right, &a, &line);
        cr_assert(equal12(&left, &right), "line " SEED_FORMAT, SEED_OF(random));
    }
}

/* w^2 = v and v^3 = xi: w to the power of 6 is 9 + u. */
Test(bn254_tower, degree_12_is_the_tower_it_says)
{
    const bn_fp12 w = {.c1.c0.a = BN_FP_ONE};
    bn_fp12 power = w;
    for (unsigned i = 1; i < 6; i++)
        bn_fp12_mul(&power, &power, &w);
    const bn_fp12 expected = {.c0.c0 = {fp_of(u256_from_u64(9)), BN_FP_ONE}};
    cr_expect(equal12(&power, &expected));
}

static void power_of_p(bn_fp12 *out, const bn_fp12 *value)
{
    bn_fp12 result;
    bn_fp12_set_one(&result);
    for (unsigned bit = 256; bit-- > 0;) {
        bn_fp12_square(&result, &result);
        if (MODULUS.limbs[bit / 64] >> (bit % 64) & 1)
            bn_fp12_mul(&result, &result, value);
    }
    *out = result;
}

Test(bn254_tower, frobenius_is_the_power_of_p)
{
    struct seeded random = seeded_new();
    const bn_fp12 value = fp12_below(&random);
    bn_fp12 got, expected;
    bn_fp12_frobenius(&got, &value);
    power_of_p(&expected, &value);
    cr_expect(equal12(&got, &expected), SEED_FORMAT, SEED_OF(random));
    got = value;
    for (unsigned i = 0; i < 6; i++)
        bn_fp12_frobenius(&got, &got);
    bn_fp12_conjugate(&expected, &value);
    cr_expect(equal12(&got, &expected), SEED_FORMAT, SEED_OF(random));
}

/* The cheap square equals the dear one where it may be used: after the easy part. */
Test(bn254_tower, cyclotomic_square_is_the_square)
{
    struct seeded random = seeded_new();
    for (unsigned round = 0; round < 10; round++) {
        bn_fp12 value = fp12_below(&random), inverse, power, expected;
        bn_fp12_invert(&inverse, &value);
        bn_fp12_conjugate(&value, &value);
        bn_fp12_mul(&value, &value, &inverse);
        bn_fp12_frobenius(&power, &value);
        bn_fp12_frobenius(&power, &power);
        bn_fp12_mul(&value, &value, &power);
        bn_fp12_square(&expected, &value);
        bn_fp12_cyclotomic_square(&value, &value);
        cr_assert(equal12(&value, &expected), SEED_FORMAT, SEED_OF(random));
    }
}

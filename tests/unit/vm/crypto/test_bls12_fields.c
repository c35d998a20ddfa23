#include <criterion/criterion.h>

#include "tests/unit/vm/crypto/bls12_random.h"

#define ROUNDS 300

/* The schoolbook's product modulo p, bit by bit, by additions only. */
static bls12_fp slow_product(const bls12_fp *a, const bls12_fp *b)
{
    uint8_t bits[BLS12_FP_SIZE_BYTES];
    bls12_fp sum = BLS12_FP_ZERO;
    bls12_fp_store_be(bits, b);
    for (size_t i = 0; i < 8 * sizeof bits; i++) {
        bls12_fp_double(&sum, &sum);
        if (bits[i / 8] >> (7 - i % 8) & 1)
            bls12_fp_add(&sum, &sum, a);
    }
    return sum;
}

Test(bls12_fields, a_product_is_a_sum_of_shifted_terms)
{
    struct seeded random = seeded_new();
    for (int round = 0; round < ROUNDS; round++) {
        bls12_fp a = random_fp(&random), b = random_fp(&random), product, square;
        bls12_fp expected = slow_product(&a, &b), expected_square = slow_product(&a, &a);
        bls12_fp_mul(&product, &a, &b);
        bls12_fp_sqr(&square, &a);
        cr_assert(bls12_fp_equal(&product, &expected), SEED_FORMAT, SEED_OF(random));
        cr_assert(bls12_fp_equal(&square, &expected_square), SEED_FORMAT, SEED_OF(random));
    }
}

Test(bls12_fields, numbers_from_the_modulus_on_are_refused)
{
    uint8_t bytes[BLS12_FP_SIZE_BYTES], back[BLS12_FP_SIZE_BYTES];
    bls12_fp a, minus_one;
    bls12_fp_neg(&minus_one, &BLS12_FP_ONE);
    bls12_fp_store_be(bytes, &minus_one);
    cr_assert(bls12_fp_load_be(&a, bytes));
    bls12_fp_store_be(back, &a);
    cr_expect_arr_eq(back, bytes, sizeof bytes);
    bytes[BLS12_FP_SIZE_BYTES - 1]++; /* p is odd, so nothing carries */
    cr_expect(!bls12_fp_load_be(&a, bytes));
    memset(bytes, 0xff, sizeof bytes);
    cr_expect(!bls12_fp_load_be(&a, bytes));
}

Test(bls12_fields, inverses_and_roots)
{
    struct seeded random = seeded_new();
    int squares = 0;
    for (int round = 0; round < ROUNDS; round++) {
        bls12_fp a = random_fp(&random), inverse, product, root, square;
        bls12_fp_inverse(&inverse, &a);
        bls12_fp_mul(&product, &a, &inverse);
        cr_assert(bls12_fp_equal(&product, bls12_fp_is_zero(&a) ? &a : &BLS12_FP_ONE), SEED_FORMAT,
                  SEED_OF(random));
        bls12_fp_sqr(&square, &a);
        cr_assert(bls12_fp_sqrt(&root, &square), SEED_FORMAT, SEED_OF(random));
        bls12_fp_neg(&product, &root);
        cr_assert(bls12_fp_equal(&root, &a) || bls12_fp_equal(&product, &a));
        if (!bls12_fp_is_zero(&a)) {
            bool is_square = bls12_fp_sqrt(&root, &a);
            bls12_fp_neg(&product, &a);
            cr_assert_neq(bls12_fp_sqrt(&root, &product), is_square, SEED_FORMAT,
                          SEED_OF(random)); /* -1 is no square */
            squares += is_square;
            cr_assert_neq(bls12_fp_is_odd(&a), bls12_fp_is_odd(&product));
            cr_assert_neq(bls12_fp_is_large(&a), bls12_fp_is_large(&product));
        }
    }
    cr_expect(squares > ROUNDS / 8 && squares < ROUNDS - ROUNDS / 8, SEED_FORMAT, SEED_OF(random));
}

Test(bls12_fields, the_quadratic_extension)
{
    struct seeded random = seeded_new();
    for (int round = 0; round < ROUNDS; round++) {
        bls12_fp2 a = random_fp2(&random), b = random_fp2(&random), product, other, root;
        bls12_fp t, u;
        bls12_fp2_mul(&product, &a, &b); /* (a0 b0 - a1 b1) + (a0 b1 + a1 b0) u */
        bls12_fp_mul(&t, &a.c0, &b.c0);
        bls12_fp_mul(&u, &a.c1, &b.c1);
        bls12_fp_sub(&other.c0, &t, &u);
        bls12_fp_mul(&t, &a.c0, &b.c1);
        bls12_fp_mul(&u, &a.c1, &b.c0);
        bls12_fp_add(&other.c1, &t, &u);
        cr_assert(bls12_fp2_equal(&product, &other), SEED_FORMAT, SEED_OF(random));

        bls12_fp2_sqr(&product, &a);
        bls12_fp2_mul(&other, &a, &a);
        cr_assert(bls12_fp2_equal(&product, &other), SEED_FORMAT, SEED_OF(random));
        cr_assert(bls12_fp2_sqrt(&root, &product), SEED_FORMAT, SEED_OF(random));
        bls12_fp2_sqr(&other, &root);
        cr_assert(bls12_fp2_equal(&product, &other), SEED_FORMAT, SEED_OF(random));
        /* xi is no square, so xi times a square is none */
        bls12_fp2_mul_by_xi(&other, &product);
        cr_assert_eq(bls12_fp2_sqrt(&root, &other), bls12_fp2_is_zero(&a), SEED_FORMAT,
                     SEED_OF(random));
        bls12_fp2_inverse(&other, &a);
        bls12_fp2_mul(&other, &other, &a);
        cr_assert(bls12_fp2_equal(&other, bls12_fp2_is_zero(&a) ? &a : &BLS12_FP2_ONE));
    }
}

/* a^p, by p's bits. */
static bls12_fp12 slow_frobenius(const bls12_fp12 *a)
{
    bls12_fp12 result = BLS12_FP12_ONE;
    for (int bit = 64 * BLS12_FP_LIMBS - 1; bit >= 0; bit--) {
        bls12_fp12_sqr(&result, &result);
        if (BLS12_FP_MODULUS.limbs[bit / 64] >> (bit % 64) & 1)
            bls12_fp12_mul(&result, &result, a);
    }
    return result;
}

Test(bls12_fields, the_tower)
{
    struct seeded random = seeded_new();
    for (int round = 0; round < 10; round++) {
        bls12_fp12 a = random_fp12(&random), b = random_fp12(&random), c = random_fp12(&random);
        bls12_fp12 left, right;
        bls12_fp12_mul(&left, &a, &b);
        bls12_fp12_mul(&left, &left, &c);
        bls12_fp12_mul(&right, &b, &c);
        bls12_fp12_mul(&right, &a, &right);
        cr_assert(bls12_fp12_equal(&left, &right), SEED_FORMAT, SEED_OF(random));

        bls12_fp12_sqr(&left, &a);
        bls12_fp12_mul(&right, &a, &a);
        cr_assert(bls12_fp12_equal(&left, &right), SEED_FORMAT, SEED_OF(random));
        bls12_fp12_inverse(&left, &a);
        bls12_fp12_mul(&left, &left, &a);
        cr_assert(bls12_fp12_equal(&left, &BLS12_FP12_ONE), SEED_FORMAT, SEED_OF(random));

        bls12_fp12_frobenius(&left, &a);
        right = slow_frobenius(&a);
        cr_assert(bls12_fp12_equal(&left, &right), SEED_FORMAT, SEED_OF(random));
        for (int power = 2; power <= 6; power++)
            bls12_fp12_frobenius(&left, &left);
        bls12_fp12_conjugate(&right, &a);
        cr_assert(bls12_fp12_equal(&left, &right), SEED_FORMAT, SEED_OF(random));

        bls12_fp12 line = {.c0 = {.c0 = b.c0.c0, .c1 = b.c0.c1}, .c1 = {.c1 = b.c1.c1}};
        bls12_fp12_mul(&right, &a, &line);
        bls12_fp12_mul_line(&left, &a, &line.c0.c0, &line.c0.c1, &line.c1.c1);
        cr_assert(bls12_fp12_equal(&left, &right), SEED_FORMAT, SEED_OF(random));

        /* a^((p^6 - 1)(p^2 + 1)) is in the cyclotomic subgroup */
        bls12_fp12_inverse(&left, &a);
        bls12_fp12_conjugate(&right, &a);
        bls12_fp12_mul(&a, &left, &right);
        bls12_fp12_frobenius(&left, &a);
        bls12_fp12_frobenius(&left, &left);
        bls12_fp12_mul(&a, &a, &left);
        bls12_fp12_sqr_cyclotomic(&left, &a);
        bls12_fp12_sqr(&right, &a);
        cr_assert(bls12_fp12_equal(&left, &right), SEED_FORMAT, SEED_OF(random));
    }
}

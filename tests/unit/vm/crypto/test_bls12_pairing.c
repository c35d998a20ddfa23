#include "vm/crypto/bls12_pairing.h"

#include <criterion/criterion.h>

#include "tests/unit/vm/crypto/bls12_random.h"

static bls12_fp12 pairing(const bls12_g1_affine *p, const bls12_g2_affine *q)
{
    struct bls12_pair pair = {*p, *q};
    bls12_fp12 product = BLS12_FP12_ONE;
    bls12_pairing_multiply(&product, &pair, 1);
    bls12_pairing_finish(&product);
    return product;
}

static bls12_fp12 power(const bls12_fp12 *a, const u256 *exponent)
{
    bls12_fp12 result = BLS12_FP12_ONE;
    for (int bit = 255; bit >= 0; bit--) {
        bls12_fp12_sqr(&result, &result);
        if (exponent->limbs[bit / 64] >> (bit % 64) & 1)
            bls12_fp12_mul(&result, &result, a);
    }
    return result;
}

/* e(a P, b Q) = e(P, Q)^(a b), which is not one, and of order r. */
Test(bls12_pairing, is_bilinear_and_not_degenerate)
{
    struct seeded random = seeded_new();
    for (int round = 0; round < 5; round++) {
        bls12_g1_affine p = random_bls12_g1(&random), ap;
        bls12_g2_affine q = random_bls12_g2(&random), bq;
        u256 a = seeded_word(&random), b = seeded_word(&random);
        u256 ab = u256_mulmod(&a, &b, &BLS12_ORDER);
        bls12_g1 p_sum;
        bls12_g2 q_sum;
        bls12_g1_msm(&p_sum, &p, &a, 1);
        bls12_g1_to_affine(&ap, &p_sum);
        bls12_g2_msm(&q_sum, &q, &b, 1);
        bls12_g2_to_affine(&bq, &q_sum);
        bls12_fp12 base = pairing(&p, &q), left = pairing(&ap, &bq), right = power(&base, &ab);
        bls12_fp12 to_the_order = power(&base, &BLS12_ORDER);
        cr_assert(bls12_fp12_equal(&left, &right), SEED_FORMAT, SEED_OF(random));
        cr_assert(!bls12_fp12_equal(&base, &BLS12_FP12_ONE), SEED_FORMAT, SEED_OF(random));
        cr_assert(bls12_fp12_equal(&to_the_order, &BLS12_FP12_ONE), SEED_FORMAT, SEED_OF(random));
    }
}

/* Sum of a_i b_i = 0 over a full loop of pairs, with infinities among them: the product is one,
 * and no longer so when one point is changed. */
Test(bls12_pairing, products_of_many_pairs)
{
    struct seeded random = seeded_new();
    struct bls12_pair pairs[BLS12_PAIRS_MAX];
    u256 sum = U256_ZERO;
    bls12_g1 p;
    bls12_g2 q;
    for (size_t i = 0; i < BLS12_PAIRS_MAX; i++) {
        u256 a = seeded_word(&random), b = seeded_word(&random);
        if (i == BLS12_PAIRS_MAX - 1) { /* minus the sum, times one */
            a = u256_sub(&BLS12_ORDER, &sum);
            b = U256_ONE;
        }
        bls12_g1_msm(&p, &bls12_g1_GENERATOR, &a, 1);
        bls12_g1_to_affine(&pairs[i].p, &p);
        bls12_g2_msm(&q, &bls12_g2_GENERATOR, &b, 1);
        bls12_g2_to_affine(&pairs[i].q, &q);
        if (i % 5 == 3)
            pairs[i].p.infinity = true;
        else if (i % 5 == 4)
            pairs[i].q.infinity = true;
        else {
            u256 ab = u256_mulmod(&a, &b, &BLS12_ORDER);
            sum = u256_addmod(&sum, &ab, &BLS12_ORDER);
        }
    }
    bls12_fp12 product = BLS12_FP12_ONE;
    bls12_pairing_multiply(&product, pairs, BLS12_PAIRS_MAX);
    cr_expect(bls12_pairing_is_one(&product), SEED_FORMAT, SEED_OF(random));
    pairs[0].p = pairs[1].p;
    product = BLS12_FP12_ONE;
    bls12_pairing_multiply(&product, pairs, BLS12_PAIRS_MAX);
    cr_expect(!bls12_pairing_is_one(&product), SEED_FORMAT, SEED_OF(random));
}

Test(bls12_pairing, of_nothing_or_of_infinity_is_one)
{
    struct bls12_pair pair = {{.infinity = true}, bls12_g2_GENERATOR};
    bls12_fp12 product = BLS12_FP12_ONE;
    bls12_pairing_multiply(&product, NULL, 0);
    bls12_pairing_multiply(&product, &pair, 1);
    cr_expect(bls12_fp12_equal(&product, &BLS12_FP12_ONE));
    cr_expect(bls12_pairing_is_one(&product));
}

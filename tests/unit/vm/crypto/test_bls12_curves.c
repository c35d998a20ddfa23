#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/unit/vm/crypto/bls12_random.h"
#include "vm/crypto/bls12_scalar.h"

/* Expects `got` to be `expected` in the field's bytes. */
static void expect_fp(const bls12_fp *got, const char *expected_hex)
{
    uint8_t bytes[BLS12_FP_SIZE_BYTES];
    char text[2 * BLS12_FP_SIZE_BYTES + 1];
    bls12_fp_store_be(bytes, got);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    cr_expect_str_eq(text, expected_hex);
}

/* Multiples of the generators by another implementation, noble-curves. */
Test(bls12_curves, known_multiples)
{
    u256 five = u256_from_u64(5), seven = u256_from_u64(7);
    bls12_g1 sum1;
    bls12_g1_affine p;
    bls12_g1_msm(&sum1, &bls12_g1_GENERATOR, &five, 1);
    bls12_g1_to_affine(&p, &sum1);
    expect_fp(&p.x, "10e7791fb972fe014159aa33a98622da3cdc98ff707965e536d8636b5fcc5ac7"
                    "a91a8c46e59a00dca575af0f18fb13dc");
    expect_fp(&p.y, "16ba437edcc6551e30c10512367494bfb6b01cc6681e8a4c3cd2501832ab5c4a"
                    "bc40b4578b85cbaffbf0bcd70d67c6e2");
    bls12_g2 sum2;
    bls12_g2_affine q;
    bls12_g2_msm(&sum2, &bls12_g2_GENERATOR, &seven, 1);
    bls12_g2_to_affine(&q, &sum2);
    expect_fp(&q.x.c0, "049cd1dbb2d2c3581e54c088135fef36505a6823d61b859437bfc79b617030dc"
                       "8b40e32bad1fa85b9c0f368af6d38d3c");
    expect_fp(&q.x.c1, "0d0273f6bf31ed37c3b8d68083ec3d8e20b5f2cc170fa24b9b5be35b34ed013f"
                       "9a921f1cad1644d4bdb14674247234c8");
    expect_fp(&q.y.c0, "08b7ae4dbf802c17a6648842922c9467e460a71c88d393ee7af356da123a2f36"
                       "19e80c3bdcc8e2b1da52f8cd9913ccdd");
    expect_fp(&q.y.c1, "05ecf93654b7a1885695aaeeb7caf41b0239dc45e1022be55d37111af2aecef8"
                       "7799638bec572de86a7437898efa7020");
}

Test(bls12_curves, a_scalars_digits_are_the_scalar_modulo_the_order)
{
    struct seeded random = seeded_new();
    const u256 base = u256_from_u64(BLS12_X), all_ones = u256_not(&U256_ZERO);
    for (int round = 0; round < 1000; round++) {
        u256 scalar = round == 0 ? all_ones : round == 1 ? BLS12_ORDER : seeded_word(&random);
        u256 expected = u256_mod(&scalar, &BLS12_ORDER), sum = U256_ZERO;
        uint64_t digits[4];
        bls12_scalar_digits(digits, &scalar);
        for (int i = 3; i >= 0; i--) {
            u256 digit = u256_from_u64(digits[i]);
            cr_assert_lt(digits[i], BLS12_X);
            sum = u256_mul(&sum, &base);
            sum = u256_add(&sum, &digit);
        }
        cr_assert(u256_equal(&sum, &expected), SEED_FORMAT, SEED_OF(random));
    }
}

/* The same tests for both groups. SLOW is double-and-add without any endomorphism. */
#define TESTS_OF(G)                                                                                \
    static G G##_slow_multiple(const G##_affine *point, const u256 *scalar)                        \
    {                                                                                              \
        G base, sum;                                                                               \
        G##_from_affine(&base, point);                                                             \
        G##_from_affine(&sum, &(G##_affine){.infinity = true});                                    \
        for (int bit = 255; bit >= 0; bit--) {                                                     \
            G##_double(&sum, &sum);                                                                \
            if (scalar->limbs[bit / 64] >> (bit % 64) & 1)                                         \
                G##_add(&sum, &sum, &base);                                                        \
        }                                                                                          \
        return sum;                                                                                \
    }                                                                                              \
                                                                                                   \
    Test(bls12_curves, G##_addition_is_a_group)                                                    \
    {                                                                                              \
        struct seeded random = seeded_new();                                                       \
        for (int round = 0; round < 20; round++) {                                                 \
            G##_affine a = random_##G##_of_curve(&random), b = random_##G##_of_curve(&random);     \
            G##_affine c = random_##G##_of_curve(&random), back;                                   \
            G p, q, left, right;                                                                   \
            cr_assert(G##_is_on_curve(&a));                                                        \
            G##_from_affine(&p, &a);                                                               \
            G##_double(&left, &p); /* 2 a + b + c in two orders */                                 \
            G##_add_affine(&left, &left, &b);                                                      \
            G##_from_affine(&q, &c);                                                               \
            G##_add(&left, &left, &q);                                                             \
            G##_add_affine(&right, &q, &a);                                                        \
            G##_from_affine(&q, &b);                                                               \
            G##_add(&right, &q, &right);                                                           \
            G##_add(&right, &right, &p);                                                           \
            cr_assert(G##_equal(&left, &right), SEED_FORMAT, SEED_OF(random));                     \
            G##_to_affine(&back, &left);                                                           \
            cr_assert(!back.infinity && G##_is_on_curve(&back), SEED_FORMAT, SEED_OF(random));     \
            /* the cases that formulas leave out: a + a, a - a, and infinity on either side */     \
            G##_double(&left, &p);                                                                 \
            G##_add(&right, &p, &p);                                                               \
            cr_assert(G##_equal(&left, &right));                                                   \
            G##_add_affine(&right, &p, &a);                                                        \
            cr_assert(G##_equal(&left, &right));                                                   \
            cr_assert(!G##_equal(&left, &p));                                                      \
            G##_neg(&q, &p);                                                                       \
            G##_add(&right, &p, &q);                                                               \
            cr_assert(G##_is_infinity(&right));                                                    \
            G##_add_affine(&left, &q, &a);                                                         \
            cr_assert(G##_is_infinity(&left) && G##_equal(&left, &right));                         \
            G##_double(&left, &left);                                                              \
            cr_assert(G##_is_infinity(&left) && !G##_equal(&left, &p));                            \
            G##_add(&left, &right, &p);                                                            \
            cr_assert(G##_equal(&left, &p));                                                       \
            G##_add(&left, &p, &right);                                                            \
            cr_assert(G##_equal(&left, &p));                                                       \
            G##_add_affine(&left, &right, &a);                                                     \
            cr_assert(G##_equal(&left, &p));                                                       \
            G##_to_affine(&back, &right);                                                          \
            cr_assert(back.infinity);                                                              \
            G##_add_affine(&left, &p, &back);                                                      \
            cr_assert(G##_equal(&left, &p));                                                       \
        }                                                                                          \
    }                                                                                              \
                                                                                                   \
    /* Against the definition: in the subgroup is what the order multiplies to infinity. */        \
    Test(bls12_curves, G##_subgroup_test)                                                          \
    {                                                                                              \
        struct seeded random = seeded_new();                                                       \
        for (int round = 0; round < 10; round++) {                                                 \
            G##_affine a = random_##G##_of_curve(&random), b = random_##G(&random);                \
            G of_curve = G##_slow_multiple(&a, &BLS12_ORDER);                                      \
            G of_subgroup = G##_slow_multiple(&b, &BLS12_ORDER);                                   \
            cr_assert(G##_is_infinity(&of_subgroup) && !b.infinity, SEED_FORMAT, SEED_OF(random)); \
            cr_assert(G##_is_in_subgroup(&b), SEED_FORMAT, SEED_OF(random));                       \
            cr_assert_eq(G##_is_in_subgroup(&a), G##_is_infinity(&of_curve), SEED_FORMAT,          \
                         SEED_OF(random));                                                         \
        }                                                                                          \
        cr_assert(G##_is_in_subgroup(&G##_GENERATOR) && G##_is_on_curve(&G##_GENERATOR));          \
        cr_assert(G##_is_in_subgroup(&(G##_affine){.infinity = true}));                            \
        G##_affine off = G##_GENERATOR;                                                            \
        off.x = off.y;                                                                             \
        cr_assert(!G##_is_on_curve(&off));                                                         \
    }                                                                                              \
                                                                                                   \
    /* Few terms and many, by tables and by buckets, with everything that a term can be. */        \
    Test(bls12_curves, G##_sums_of_multiples)                                                      \
    {                                                                                              \
        static const size_t COUNTS[] = {0, 1, 2, 3, 7, 20, 70};                                    \
        static G##_affine points[70];                                                              \
        static u256 scalars[70];                                                                   \
        struct seeded random = seeded_new();                                                       \
        for (size_t i = 0; i < sizeof COUNTS / sizeof *COUNTS; i++) {                              \
            G expected, got;                                                                       \
            G##_from_affine(&expected, &(G##_affine){.infinity = true});                           \
            for (size_t k = 0; k < COUNTS[i]; k++) {                                               \
                points[k] = random_##G(&random);                                                   \
                scalars[k] = seeded_word(&random);                                                 \
                switch (seeded_u64(&random) % 8) {                                                 \
                case 0: points[k].infinity = true; break;                                          \
                case 1: points[k] = G##_GENERATOR; break;                                          \
                case 2: scalars[k] = u256_not(&U256_ZERO); break;                                  \
                case 3: scalars[k] = BLS12_ORDER; break;                                           \
                case 4: scalars[k] = u256_from_u64(BLS12_X); break;                                \
                case 5: scalars[k] = scalars[k / 2], points[k] = points[k / 2]; break;             \
                }                                                                                  \
                G multiple = G##_slow_multiple(&points[k], &scalars[k]);                           \
                G##_add(&expected, &expected, &multiple);                                          \
            }                                                                                      \
            G##_msm(&got, points, scalars, COUNTS[i]);                                             \
            cr_assert(G##_equal(&got, &expected), "%zu terms, " SEED_FORMAT, COUNTS[i],            \
                      SEED_OF(random));                                                            \
        }                                                                                          \
    }

TESTS_OF(bls12_g1)
TESTS_OF(bls12_g2)

#include "vm/crypto/bls12_kzg.h"

#include <criterion/criterion.h>

#include "tests/unit/vm/crypto/bls12_random.h"
#include "vm/base/hex.h"

/* [tau] G1, the second of the same setup's `g1_monomial` points. */
static const char TAU_G1[] = "0xad3eb50121139aa34db1d545093ac9374ab7bca2c0f3bf28e27c8dcd8fc7cb42"
                             "d25926fc0c97b336e9f0fb35e5a04c81";
/* [tau] G2 as it is published: x's imaginary part with the flags, then its real part. */
static const char TAU_G2[] = "0xb5bfd7dd8cdeb128843bc287230af38926187075cbfbefa81009a2ce615ac53d"
                             "2914e5870cb452d2afaaab24f3499f72185cbfee53492714734429b7b38608e2"
                             "3926c911cceceac9a36851477ba4c60b087041de621000edc98edada20c1def2";

static bls12_g1_affine tau_g1(void)
{
    struct buffer bytes = {0};
    bls12_g1_affine point;
    cr_assert(hex_decode_append(&bytes, TAU_G1, strlen(TAU_G1)) && bytes.size == 48);
    cr_assert(bls12_g1_decompress(&point, bytes.data));
    buffer_cleanup(&bytes);
    return point;
}

Test(bls12_kzg, the_setups_point_is_the_published_one)
{
    const bls12_g2_affine *tau = &BLS12_KZG_TAU_G2;
    uint8_t compressed[96];
    struct buffer expected = {0};
    cr_assert(bls12_g2_is_on_curve(tau) && bls12_g2_is_in_subgroup(tau) && !tau->infinity);
    bls12_fp_store_be(compressed, &tau->x.c1);
    bls12_fp_store_be(compressed + 48, &tau->x.c0);
    compressed[0] |= bls12_fp_is_large(&tau->y.c1) ? 0xa0 : 0x80;
    cr_assert(hex_decode_append(&expected, TAU_G2, strlen(TAU_G2)));
    cr_expect_arr_eq(expected.data, compressed, sizeof compressed);
    buffer_cleanup(&expected);
}

/* e([tau] G1, G2) = e(G1, [tau] G2): both points have the same, unknown, tau. */
Test(bls12_kzg, the_setups_points_agree)
{
    struct bls12_pair pairs[2] = {{tau_g1(), bls12_g2_GENERATOR},
                                  {bls12_g1_GENERATOR, BLS12_KZG_TAU_G2}};
    bls12_fp12 product = BLS12_FP12_ONE;
    bls12_fp_neg(&pairs[0].p.y, &pairs[0].p.y);
    bls12_pairing_multiply(&product, pairs, 2);
    cr_expect(bls12_pairing_is_one(&product));
}

static void compress(uint8_t out[48], const bls12_g1 *point)
{
    bls12_g1_affine affine;
    bls12_g1_to_affine(&affine, point);
    memset(out, 0, 48);
    out[0] = 0xc0;
    if (affine.infinity)
        return;
    bls12_fp_store_be(out, &affine.x);
    out[0] |= bls12_fp_is_large(&affine.y) ? 0xa0 : 0x80;
}

struct claim {
    uint8_t commitment[48], z[32], y[32], proof[48];
};

/* p(X) = a X + b: the commitment is a [tau] G1 + b G1, and every proof is a G1, as
 * (p(X) - p(z)) / (X - z) = a. */
static struct claim claim_of(u256 a, u256 b, u256 z)
{
    const bls12_g1_affine points[2] = {tau_g1(), bls12_g1_GENERATOR};
    u256 scalars[2] = {a, b}, y = u256_mulmod(&a, &z, &BLS12_ORDER);
    struct claim claim;
    bls12_g1 commitment, proof;
    y = u256_addmod(&y, &b, &BLS12_ORDER);
    bls12_g1_msm(&commitment, points, scalars, 2);
    bls12_g1_msm(&proof, &bls12_g1_GENERATOR, &a, 1);
    compress(claim.commitment, &commitment);
    compress(claim.proof, &proof);
    u256_store_be(claim.z, &z);
    u256_store_be(claim.y, &y);
    return claim;
}

static bool is_proved(const struct claim *claim)
{
    return bls12_kzg_verify(claim->commitment, claim->z, claim->y, claim->proof);
}

static u256 random_scalar(struct seeded *random)
{
    u256 word = seeded_word(random);
    return u256_mod(&word, &BLS12_ORDER);
}

Test(bls12_kzg, values_of_lines_are_proved_and_nothing_else)
{
    struct seeded random = seeded_new();
    for (int round = 0; round < 6; round++) {
        u256 a = round == 0 ? U256_ZERO : random_scalar(&random); /* a constant: proof infinity */
        u256 b = round < 2 ? U256_ZERO : random_scalar(&random);
        u256 z = round == 2 ? U256_ZERO : random_scalar(&random);
        struct claim claim = claim_of(a, b, z), changed = claim;
        cr_assert(is_proved(&claim), "round %d " SEED_FORMAT, round, SEED_OF(random));
        changed.y[31] ^= 1;
        cr_assert(!is_proved(&changed), "round %d " SEED_FORMAT, round, SEED_OF(random));
        changed = claim;
        changed.z[31] ^= 1; /* of a constant every z has the same value and proof */
        cr_assert_eq(is_proved(&changed), round == 0, "round %d " SEED_FORMAT, round,
                     SEED_OF(random));
        changed = claim;
        changed.proof[0] ^= 0x20; /* minus the proof; of infinity, no proof */
        cr_assert(!is_proved(&changed), "round %d " SEED_FORMAT, round, SEED_OF(random));
    }
}

Test(bls12_kzg, numbers_from_the_order_on_are_refused)
{
    struct claim claim = claim_of(U256_ZERO, U256_ZERO, U256_ZERO);
    cr_assert(is_proved(&claim));
    u256_store_be(claim.z, &BLS12_ORDER); /* zero modulo the order */
    cr_expect(!is_proved(&claim));
    memset(claim.z, 0, sizeof claim.z);
    u256_store_be(claim.y, &BLS12_ORDER);
    cr_expect(!is_proved(&claim));
}

Test(bls12_kzg, only_the_compressed_form_of_the_subgroups_points_is_read)
{
    struct seeded random = seeded_new();
    bls12_g1_affine point, back;
    bls12_g1 jacobian;
    uint8_t bytes[48];
    for (int round = 0; round < 20; round++) {
        point = random_bls12_g1(&random);
        bls12_g1_from_affine(&jacobian, &point);
        compress(bytes, &jacobian);
        cr_assert(bls12_g1_decompress(&back, bytes), SEED_FORMAT, SEED_OF(random));
        cr_assert(bls12_fp_equal(&back.x, &point.x) && bls12_fp_equal(&back.y, &point.y));
        bytes[0] ^= 0x20;
        cr_assert(bls12_g1_decompress(&back, bytes), SEED_FORMAT, SEED_OF(random));
        bls12_fp_neg(&back.y, &back.y);
        cr_assert(bls12_fp_equal(&back.y, &point.y), SEED_FORMAT, SEED_OF(random));
        bytes[0] &= 0x7f;
        cr_assert(!bls12_g1_decompress(&back, bytes), "not marked as compressed");

        point = random_bls12_g1_of_curve(&random);
        bls12_g1_from_affine(&jacobian, &point);
        compress(bytes, &jacobian);
        cr_assert_eq(bls12_g1_decompress(&back, bytes), bls12_g1_is_in_subgroup(&point));
    }
    memset(bytes, 0, sizeof bytes);
    bytes[0] = 0xc0;
    cr_expect(bls12_g1_decompress(&back, bytes) && back.infinity);
    bytes[0] = 0xe0;
    cr_expect(!bls12_g1_decompress(&back, bytes), "an infinity with a sign");
    bytes[0] = 0xc0;
    bytes[47] = 1;
    cr_expect(!bls12_g1_decompress(&back, bytes), "an infinity with an x");
    bls12_fp x, square, root, four, minus_one;
    bls12_fp_double(&four, &BLS12_FP_ONE);
    bls12_fp_double(&four, &four);
    x = BLS12_FP_ONE;
    int without_y = 0;
    for (int i = 1; i < 50; i++, bls12_fp_add(&x, &x, &BLS12_FP_ONE)) {
        bls12_fp_sqr(&square, &x);
        bls12_fp_mul(&square, &square, &x);
        bls12_fp_add(&square, &square, &four);
        if (bls12_fp_sqrt(&root, &square))
            continue;
        without_y++;
        bls12_fp_store_be(bytes, &x);
        bytes[0] |= 0x80;
        cr_expect(!bls12_g1_decompress(&back, bytes), "x = %d has no y", i);
    }
    cr_expect_gt(without_y, 0);
    bls12_fp_neg(&minus_one, &BLS12_FP_ONE);
    bls12_fp_store_be(bytes, &minus_one);
    bytes[47]++; /* p */
    bytes[0] |= 0x80;
    cr_expect(!bls12_g1_decompress(&back, bytes), "x is the modulus");
}

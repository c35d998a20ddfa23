#include "vm/crypto/bls12_curve.h"

#include <stdlib.h>

#include "vm/crypto/bls12_scalar.h"

#define POINT      bls12_g2
#define AFFINE     bls12_g2_affine
#define FIELD      bls12_fp2
#define FIELD_ZERO BLS12_FP2_ZERO
#define FIELD_ONE  BLS12_FP2_ONE
#define G(op)      bls12_g2_##op
#define F(op)      bls12_fp2_##op
#define PARTS      4
#define PART_BITS  64
#define WIDTH_MAX  12

const bls12_g2_affine bls12_g2_GENERATOR = {
    {{{0xf5f28fa202940a10, 0xb3f5fb2687b4961a, 0xa1a893b53e2ae580, 0x9894999d1a3caee9,
       0x6f67b7631863366b, 0x058191924350bcd7}},
     {{0xa5a9c0759e23f606, 0xaaa0c59dbccd60c3, 0x3bb17e18e2867806, 0x1b1ab6cc8541b367,
       0xc2b6ed0ef2158547, 0x11922a097360edf3}}},
    {{{0x4c730af860494c4a, 0x597cfa1f5e369c5a, 0xe7e6856caa0a635a, 0xbbefb5e96e0d495f,
       0x07d3a975f0ef25a2, 0x0083fd8e7e80dae5}},
     {{0xadc0fc92df64b05d, 0x18aa270a2b1461dc, 0x86adac6a3be4eba0, 0x79495c4ec93da33a,
       0xe7175850a43ccaed, 0x0b2bc2a163de1bf2}}},
    false};
static const bls12_fp2 CURVE_B = {{{0xaa270000000cfff3, 0x53cc0032fc34000a, 0x478fe97a6b0a807f,
                                    0xb1d37ebee6ba24d7, 0x8ec9733bbf78ab2f, 0x09d645513d83de7e}},
                                  {{0xaa270000000cfff3, 0x53cc0032fc34000a, 0x478fe97a6b0a807f,
                                    0xb1d37ebee6ba24d7, 0x8ec9733bbf78ab2f, 0x09d645513d83de7e}}};
/* 1 / xi^((p - 1) / 3) and 1 / xi^((p - 1) / 2), xi = 1 + u: untwist, Frobenius, twist. */
static const bls12_fp2 PSI_X = {{{0}},
                                {{0x890dc9e4867545c3, 0x2af322533285a5d5, 0x50880866309b7e2c,
                                  0xa20d1b8c7e881024, 0x14e4f04fe2db9068, 0x14e56d3f1564853a}}};
static const bls12_fp2 PSI_Y = {{{0x3e2f585da55c9ad1, 0x4294213d86c18183, 0x382844c88b623732,
                                  0x92ad2afd19103e18, 0x1d794e4fac7cf0b9, 0x0bd592fc7d825ec8}},
                                {{0x7bcfa7a25aa30fda, 0xdc17dec12a927e7c, 0x2f088dd86b4ebef1,
                                  0xd1ca2087da74d4a7, 0x2da2596696cebc1d, 0x0e2b7eedbbfd87d2}}};

/* In the subgroup psi multiplies by the curve's parameter, minus BLS12_X. */
static void psi(bls12_g2 *out, const bls12_g2 *a)
{
    bls12_fp2_conjugate(&out->x, &a->x);
    bls12_fp2_mul(&out->x, &out->x, &PSI_X);
    bls12_fp2_conjugate(&out->y, &a->y);
    bls12_fp2_mul(&out->y, &out->y, &PSI_Y);
    bls12_fp2_conjugate(&out->z, &a->z);
}

/* BLS12_X times the point, for a point of the subgroup. */
static void bls12_g2_image(bls12_g2_affine *out, const bls12_g2_affine *a)
{
    bls12_fp2_conjugate(&out->x, &a->x);
    bls12_fp2_mul(&out->x, &out->x, &PSI_X);
    bls12_fp2_conjugate(&out->y, &a->y);
    bls12_fp2_mul(&out->y, &out->y, &PSI_Y);
    bls12_fp2_neg(&out->y, &out->y);
    out->infinity = a->infinity;
}

#include "vm/crypto/bls12_curve.inc"
#include "vm/crypto/bls12_msm.inc"

/* Scott, "A note on group membership tests for G1, G2 and GT on BLS pairing-friendly curves": the
 * endomorphism acts as that multiple in the subgroup only. */
bool bls12_g2_is_in_subgroup(const bls12_g2_affine *a)
{
    bls12_g2_affine image;
    bls12_g2 multiple, expected;
    if (a->infinity)
        return true;
    bls12_g2_from_affine(&multiple, a);
    bls12_g2_mul_by_x(&multiple, &multiple);
    bls12_g2_image(&image, a);
    bls12_g2_from_affine(&expected, &image);
    return bls12_g2_equal(&multiple, &expected);
}

/* RFC 9380, G.3 (Budroni and Pintore): [x^2 - x - 1] P + [x - 1] psi(P) + psi(psi(2 P)). */
void bls12_g2_clear_cofactor(bls12_g2 *out, const bls12_g2 *a)
{
    bls12_g2 base = *a, x_times, image, sum;
    bls12_g2_mul_by_x(&x_times, &base);
    bls12_g2_neg(&x_times, &x_times);
    psi(&image, &base);
    bls12_g2_double(&sum, &base);
    psi(&sum, &sum);
    psi(&sum, &sum);
    bls12_g2_neg(&base, &base);
    bls12_g2_add(&sum, &sum, &base);
    bls12_g2_add(&base, &x_times, &image); /* x P + psi(P), of which x times */
    bls12_g2_mul_by_x(&base, &base);
    bls12_g2_neg(&base, &base);
    bls12_g2_add(&sum, &sum, &base);
    bls12_g2_neg(&x_times, &x_times);
    bls12_g2_add(&sum, &sum, &x_times);
    bls12_g2_neg(&image, &image);
    bls12_g2_add(out, &sum, &image);
}

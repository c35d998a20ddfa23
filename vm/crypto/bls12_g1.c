#include "vm/crypto/bls12_curve.h"

#include <stdlib.h>

#include "vm/crypto/bls12_scalar.h"

#define POINT      bls12_g1
#define AFFINE     bls12_g1_affine
#define FIELD      bls12_fp
#define FIELD_ZERO BLS12_FP_ZERO
#define FIELD_ONE  BLS12_FP_ONE
#define G(op)      bls12_g1_##op
#define F(op)      bls12_fp_##op
#define PARTS      2
#define PART_BITS  128
#define WIDTH_MAX  12

const bls12_g1_affine bls12_g1_GENERATOR = {
    {{0x5cb38790fd530c16, 0x7817fc679976fff5, 0x154f95c7143ba1c1, 0xf0ae6acdf3d0e747,
      0xedce6ecc21dbf440, 0x120177419e0bfb75}},
    {{0xbaac93d50ce72271, 0x8c22631a7918fd8e, 0xdd595f13570725ce, 0x51ac582950405194,
      0x0e1c8c3fad0059c0, 0x0bbc3efc5008a26a}},
    false};
static const bls12_fp CURVE_B = {{0xaa270000000cfff3, 0x53cc0032fc34000a, 0x478fe97a6b0a807f,
                                  0xb1d37ebee6ba24d7, 0x8ec9733bbf78ab2f, 0x09d645513d83de7e}};
/* The cube root of one with (BETA x, -y) = BLS12_X^2 (x, y) in the subgroup. */
static const bls12_fp BETA = {{0x30f1361b798a64e8, 0xf3b8ddab7ece5a2a, 0x16a8ca3ac61577f7,
                               0xc26a2ff874fd029b, 0x3636b76660701c6e, 0x051ba4ab241b6160}};

/* BLS12_X^2 times the point, for a point of the subgroup. */
static void bls12_g1_image(bls12_g1_affine *out, const bls12_g1_affine *a)
{
    bls12_fp_mul(&out->x, &a->x, &BETA);
    bls12_fp_neg(&out->y, &a->y);
    out->infinity = a->infinity;
}

#include "vm/crypto/bls12_curve.inc"
#include "vm/crypto/bls12_msm.inc"

/* Scott, "A note on group membership tests for G1, G2 and GT on BLS pairing-friendly curves": the
 * endomorphism acts as that multiple in the subgroup only. */
bool bls12_g1_is_in_subgroup(const bls12_g1_affine *a)
{
    bls12_g1_affine image;
    bls12_g1 multiple, expected;
    if (a->infinity)
        return true;
    bls12_g1_from_affine(&multiple, a);
    bls12_g1_mul_by_x(&multiple, &multiple);
    bls12_g1_mul_by_x(&multiple, &multiple);
    bls12_g1_image(&image, a);
    bls12_g1_from_affine(&expected, &image);
    return bls12_g1_equal(&multiple, &expected);
}

/* RFC 9380, 8.8.1: h_eff = 1 - x, which is BLS12_X + 1. */
void bls12_g1_clear_cofactor(bls12_g1 *out, const bls12_g1 *a)
{
    bls12_g1 multiple;
    bls12_g1_mul_by_x(&multiple, a);
    bls12_g1_add(out, &multiple, a);
}

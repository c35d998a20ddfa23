#include "vm/crypto/bls12_kzg.h"

#include "vm/crypto/bls12_pairing.h"

const bls12_g2_affine BLS12_KZG_TAU_G2 = {
    {{{0x6120a2099b0379f9, 0xa2df815cb8210e4e, 0xcb57be5577bd3d4f, 0x62da0ea89a0c93f8,
       0x02e0ee16968e150d, 0x171f09aea833acd5}},
     {{0x11a3670749dfd455, 0x04991d7b3abffadc, 0x85446a8e14437f41, 0x27174e7b4e76e3f2,
       0x7bfa6dd397f60a20, 0x02fcc329ac07080f}}},
    {{{0xaa130838793b2317, 0xe236dd220f891637, 0x6502782925760980, 0xd05c25f60557ec89,
       0x6095767a44064474, 0x185693917080d405}},
     {{0x549f9e175b03dc0a, 0x32c0c95a77106cfe, 0x64a74eae5705d080, 0x53deeaf56659ed9e,
       0x09a1d368508afb93, 0x12cf3a4525b5e9bd}}},
    false};

#define FLAG_COMPRESSED 0x80
#define FLAG_INFINITY   0x40
#define FLAG_LARGE      0x20

static bool decompress_infinity(bls12_g1_affine *out, const uint8_t bytes[BLS12_FP_SIZE_BYTES])
{
    unsigned rest = bytes[0] ^ (FLAG_COMPRESSED | FLAG_INFINITY);
    for (int i = 1; i < BLS12_FP_SIZE_BYTES; i++)
        rest |= bytes[i];
    *out = (bls12_g1_affine){BLS12_FP_ZERO, BLS12_FP_ZERO, true};
    return rest == 0;
}

bool bls12_g1_decompress(bls12_g1_affine *out, const uint8_t bytes[BLS12_FP_SIZE_BYTES])
{
    static const uint8_t FOUR[BLS12_FP_SIZE_BYTES] = {[BLS12_FP_SIZE_BYTES - 1] = 4};
    uint8_t x[BLS12_FP_SIZE_BYTES];
    bls12_fp square, four;
    if ((bytes[0] & FLAG_COMPRESSED) == 0)
        return false;
    if ((bytes[0] & FLAG_INFINITY) != 0)
        return decompress_infinity(out, bytes);
    memcpy(x, bytes, sizeof x);
    x[0] &= (uint8_t) ~(FLAG_COMPRESSED | FLAG_LARGE);
    if (!bls12_fp_load_be(&out->x, x) || !bls12_fp_load_be(&four, FOUR))
        return false;
    bls12_fp_sqr(&square, &out->x);
    bls12_fp_mul(&square, &square, &out->x);
    bls12_fp_add(&square, &square, &four);
    if (!bls12_fp_sqrt(&out->y, &square))
        return false;
    if (bls12_fp_is_large(&out->y) != ((bytes[0] & FLAG_LARGE) != 0))
        bls12_fp_neg(&out->y, &out->y);
    out->infinity = false;
    return bls12_g1_is_in_subgroup(out);
}

/* The polynomial p has p(z) = y exactly if p(X) - y = q(X) (X - z) for a polynomial q, which the
 * proof commits to. At X = tau, with C for the commitment and Q for the proof:
 * C - y G1 + z Q = tau Q, and a pairing multiplies by tau. */
bool bls12_kzg_verify(const uint8_t commitment[48], const uint8_t z[32], const uint8_t y[32],
                      const uint8_t proof[48])
{
    bls12_g1_affine points[2] = {bls12_g1_GENERATOR}, c;
    u256 scalars[2] = {u256_load_be(y, 32), u256_load_be(z, 32)};
    if (!u256_less(&scalars[0], &BLS12_ORDER) || !u256_less(&scalars[1], &BLS12_ORDER)
        || !bls12_g1_decompress(&c, commitment) || !bls12_g1_decompress(&points[1], proof))
        return false;
    scalars[0] = u256_sub(&BLS12_ORDER, &scalars[0]);

    bls12_g1 left;
    bls12_g1_msm(&left, points, scalars, 2);
    bls12_g1_add_affine(&left, &left, &c);

    struct bls12_pair pairs[2] = {{.q = bls12_g2_GENERATOR}, {points[1], BLS12_KZG_TAU_G2}};
    bls12_g1_to_affine(&pairs[0].p, &left);
    bls12_fp_neg(&pairs[1].p.y, &pairs[1].p.y);
    bls12_fp12 product = BLS12_FP12_ONE;
    bls12_pairing_multiply(&product, pairs, 2);
    return bls12_pairing_is_one(&product);
}

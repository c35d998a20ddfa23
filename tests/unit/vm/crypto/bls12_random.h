/* Random elements and points of BLS12-381 for its tests. */
#ifndef TESTS_UNIT_VM_CRYPTO_BLS12_RANDOM_H
#define TESTS_UNIT_VM_CRYPTO_BLS12_RANDOM_H
#include "tests/unit/vm/crypto/seeded.h"
#include "vm/crypto/bls12_fp12.h"
#include "vm/crypto/bls12_pairing.h"

/* Any element, and often one near zero or the modulus, where carries hide. */
static inline bls12_fp random_fp(struct seeded *random)
{
    bls12_fp out;
    uint8_t bytes[BLS12_FP_SIZE_BYTES] = {0};
    switch (seeded_u64(random) % 4) {
    case 0: bytes[BLS12_FP_SIZE_BYTES - 1] = (uint8_t)(seeded_u64(random) % 4); break;
    case 1: bytes[seeded_u64(random) % BLS12_FP_SIZE_BYTES] = 1; break;
    default: seeded_fill(random, bytes, sizeof bytes);
    }
    bytes[0] &= 0x0f; /* below the modulus, which begins with 0x1a */
    if (!bls12_fp_load_be(&out, bytes))
        abort();
    if (seeded_u64(random) % 2 == 0)
        bls12_fp_neg(&out, &out);
    return out;
}

static inline bls12_fp2 random_fp2(struct seeded *random)
{
    bls12_fp2 out;
    out.c0 = random_fp(random);
    out.c1 = random_fp(random);
    return out;
}

static inline bls12_fp12 random_fp12(struct seeded *random)
{
    bls12_fp12 out;
    bls12_fp2 *parts[] = {&out.c0.c0, &out.c0.c1, &out.c0.c2, &out.c1.c0, &out.c1.c1, &out.c1.c2};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        *parts[i] = random_fp2(random);
    return out;
}

/* A point of the curve, most often outside the subgroup. */
static inline bls12_g1_affine random_bls12_g1_of_curve(struct seeded *random)
{
    bls12_g1_affine out = {.infinity = false};
    bls12_fp right, four;
    bls12_fp_double(&four, &BLS12_FP_ONE);
    bls12_fp_double(&four, &four);
    do {
        out.x = random_fp(random);
        bls12_fp_sqr(&right, &out.x);
        bls12_fp_mul(&right, &right, &out.x);
        bls12_fp_add(&right, &right, &four);
    } while (!bls12_fp_sqrt(&out.y, &right));
    return out;
}

static inline bls12_g2_affine random_bls12_g2_of_curve(struct seeded *random)
{
    bls12_g2_affine out = {.infinity = false};
    bls12_fp2 right, four_xi;
    bls12_fp2_mul_by_xi(&four_xi, &BLS12_FP2_ONE);
    bls12_fp2_double(&four_xi, &four_xi);
    bls12_fp2_double(&four_xi, &four_xi);
    do {
        out.x = random_fp2(random);
        bls12_fp2_sqr(&right, &out.x);
        bls12_fp2_mul(&right, &right, &out.x);
        bls12_fp2_add(&right, &right, &four_xi);
    } while (!bls12_fp2_sqrt(&out.y, &right));
    return out;
}

static inline bls12_g1_affine random_bls12_g1(struct seeded *random)
{
    bls12_g1_affine out;
    bls12_g1 point;
    do { /* points of small order are cleared to infinity: (0, 2) has order 3 */
        out = random_bls12_g1_of_curve(random);
        bls12_g1_from_affine(&point, &out);
        bls12_g1_clear_cofactor(&point, &point);
        bls12_g1_to_affine(&out, &point);
    } while (out.infinity);
    return out;
}

static inline bls12_g2_affine random_bls12_g2(struct seeded *random)
{
    bls12_g2_affine out;
    bls12_g2 point;
    do { /* points of small order are cleared to infinity: (0, 2) has order 3 */
        out = random_bls12_g2_of_curve(random);
        bls12_g2_from_affine(&point, &out);
        bls12_g2_clear_cofactor(&point, &point);
        bls12_g2_to_affine(&out, &point);
    } while (out.infinity);
    return out;
}
#endif

/* The optimal ate pairing of BN254 (EIP-197), for many pairs with one final exponentiation.
 *
 * G2 is the subgroup of BN_ORDER points of the twist y^2 = x^3 + 3 / (9 + u) over bn_fp2. */
#ifndef VM_CRYPTO_BN254_PAIRING_H
#define VM_CRYPTO_BN254_PAIRING_H
#include <stddef.h>

#include "vm/crypto/bn254_g1.h"
#include "vm/crypto/bn254_tower.h"

/* (0, 0) is the point at infinity. */
typedef struct {
    bn_fp2 x, y;
} bn_g2;

/* Imaginary part of x 32 | real part of x 32 | the same of y; false unless all are below p and the
 * point is on the twist. That it is in G2 is left to bn_pairing_multiply(). */
bool bn_g2_decode(bn_g2 *out, const uint8_t bytes[128]);
bool bn_g2_is_infinity(const bn_g2 *point);

#define BN_PAIRS_MAX 16 /* at once: they share squarings, and each takes 400 bytes of stack */

/* Multiplies `product` by the Miller functions of the pairs; what comes out means something after
 * bn_pairing_finish() only. False if a point of the twist is not in G2. */
bool bn_pairing_multiply(bn_fp12 *product, const bn_g1 *points, const bn_g2 *twist_points,
                         size_t count);
/* The final exponentiation: one if and only if the pairings' product is. `product` is not zero. */
void bn_pairing_finish(bn_fp12 *product);
#endif

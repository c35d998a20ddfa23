/* The group G1 of BN254: points of y^2 = x^3 + 3 over the field (EIP-196). Its order is prime,
 * so every point of the curve is in it. */
#ifndef VM_CRYPTO_BN254_G1_H
#define VM_CRYPTO_BN254_G1_H
#include "vm/base/u256.h"
#include "vm/crypto/bn254_field.h"

/* (0, 0), which is not on the curve, is the point at infinity. */
typedef struct {
    bn_fp x, y;
} bn_g1;

extern const u256 BN_ORDER; /* of G1 and of G2 */

/* x 32 | y 32, big-endian; false unless both are below p and the point is on the curve. */
bool bn_g1_decode(bn_g1 *out, const uint8_t bytes[64]);
void bn_g1_encode(uint8_t out[64], const bn_g1 *point);
bool bn_g1_is_infinity(const bn_g1 *point);
void bn_g1_add(bn_g1 *out, const bn_g1 *a, const bn_g1 *b);
void bn_g1_mul(bn_g1 *out, const bn_g1 *point, const u256 *scalar);
#endif

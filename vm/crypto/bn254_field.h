/* The field under the curve BN254 (EIP-196), and its quadratic extension.
 *
 * bn_fp: integers modulo p, below p and in Montgomery form (times 2^256), four limbs, least
 * significant first. bn_fp2: a + b u with u^2 = -1. Nothing here is secret, so nothing is done in
 * constant time. Every `out` may be one of the inputs. */
#ifndef VM_CRYPTO_BN254_FIELD_H
#define VM_CRYPTO_BN254_FIELD_H
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t limbs[4];
} bn_fp;

typedef struct {
    bn_fp a, b;
} bn_fp2;

extern const bn_fp BN_FP_ONE;

/* Big-endian, 32 bytes; false if the number is not below p. */
bool bn_fp_decode(bn_fp *out, const uint8_t bytes[32]);
void bn_fp_encode(uint8_t out[32], const bn_fp *value);

bool bn_fp_is_zero(const bn_fp *value);
bool bn_fp_equal(const bn_fp *a, const bn_fp *b);
void bn_fp_add(bn_fp *out, const bn_fp *a, const bn_fp *b);
void bn_fp_sub(bn_fp *out, const bn_fp *a, const bn_fp *b);
void bn_fp_neg(bn_fp *out, const bn_fp *value);
void bn_fp_mul(bn_fp *out, const bn_fp *a, const bn_fp *b);
void bn_fp_square(bn_fp *out, const bn_fp *value);
/* `value` is not zero. */
void bn_fp_invert(bn_fp *out, const bn_fp *value);

bool bn_fp2_is_zero(const bn_fp2 *value);
bool bn_fp2_equal(const bn_fp2 *a, const bn_fp2 *b);
void bn_fp2_add(bn_fp2 *out, const bn_fp2 *a, const bn_fp2 *b);
void bn_fp2_sub(bn_fp2 *out, const bn_fp2 *a, const bn_fp2 *b);
void bn_fp2_neg(bn_fp2 *out, const bn_fp2 *value);
void bn_fp2_conjugate(bn_fp2 *out, const bn_fp2 *value); /* a - b u, which is its p-th power */
void bn_fp2_mul(bn_fp2 *out, const bn_fp2 *a, const bn_fp2 *b);
void bn_fp2_mul_fp(bn_fp2 *out, const bn_fp2 *a, const bn_fp *b);
void bn_fp2_mul_xi(bn_fp2 *out, const bn_fp2 *value); /* times 9 + u */
void bn_fp2_square(bn_fp2 *out, const bn_fp2 *value);
void bn_fp2_halve(bn_fp2 *out, const bn_fp2 *value);
/* `value` is not zero. */
void bn_fp2_invert(bn_fp2 *out, const bn_fp2 *value);
#endif

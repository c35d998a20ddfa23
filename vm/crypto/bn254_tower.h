/* The field of degree 12 over BN254's: where pairings have their values.
 *
 * bn_fp6 is bn_fp2[v] with v^3 = xi = 9 + u, bn_fp12 is bn_fp6[w] with w^2 = v. So w^6 = xi, and
 * the coefficient of w^i is c0.c0, c1.c0, c0.c1, c1.c1, c0.c2, c1.c2 for i from 0 to 5. Every
 * `out` may be one of the inputs. */
#ifndef VM_CRYPTO_BN254_TOWER_H
#define VM_CRYPTO_BN254_TOWER_H
#include "vm/crypto/bn254_field.h"

typedef struct {
    bn_fp2 c0, c1, c2;
} bn_fp6;

typedef struct {
    bn_fp6 c0, c1;
} bn_fp12;

/* xi to the power of i (p - 1) / 6, for i from 0 to 5: what the p-th power multiplies w^i by. */
extern const bn_fp2 BN_FROBENIUS[6];

void bn_fp12_set_one(bn_fp12 *out);
bool bn_fp12_is_one(const bn_fp12 *value);
void bn_fp12_mul(bn_fp12 *out, const bn_fp12 *a, const bn_fp12 *b);
/* Times a + b w + c w^3, which has the form of a line through two points of the twist. */
void bn_fp12_mul_line(bn_fp12 *out, const bn_fp2 *a, const bn_fp2 *b, const bn_fp2 *c);
void bn_fp12_square(bn_fp12 *out, const bn_fp12 *value);
void bn_fp12_conjugate(bn_fp12 *out, const bn_fp12 *value); /* the power of p^6 */
void bn_fp12_frobenius(bn_fp12 *out, const bn_fp12 *value); /* the power of p */
/* `value` is not zero. */
void bn_fp12_invert(bn_fp12 *out, const bn_fp12 *value);
/* The square of a value whose power of p^4 - p^2 + 1 is one, at half the price (Granger, Scott). */
void bn_fp12_cyclotomic_square(bn_fp12 *out, const bn_fp12 *value);
#endif

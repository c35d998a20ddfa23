/* The quadratic extension of BLS12-381's base field: c0 + c1 * u with u^2 = -1.
 *
 * The coordinates of G2 are of this field. Names and rules are as in bls12_fp.h. */
#ifndef VM_CRYPTO_BLS12_FP2_H
#define VM_CRYPTO_BLS12_FP2_H
#include "vm/crypto/bls12_fp.h"

typedef struct {
    bls12_fp c0, c1;
} bls12_fp2;

extern const bls12_fp2 BLS12_FP2_ZERO;
extern const bls12_fp2 BLS12_FP2_ONE;

bool bls12_fp2_is_zero(const bls12_fp2 *a);
bool bls12_fp2_equal(const bls12_fp2 *a, const bls12_fp2 *b);
bool bls12_fp2_is_odd(const bls12_fp2 *a); /* RFC 9380, sgn0 */

void bls12_fp2_add(bls12_fp2 *out, const bls12_fp2 *a, const bls12_fp2 *b);
void bls12_fp2_sub(bls12_fp2 *out, const bls12_fp2 *a, const bls12_fp2 *b);
void bls12_fp2_neg(bls12_fp2 *out, const bls12_fp2 *a);
void bls12_fp2_double(bls12_fp2 *out, const bls12_fp2 *a);
void bls12_fp2_mul(bls12_fp2 *out, const bls12_fp2 *a, const bls12_fp2 *b);
void bls12_fp2_sqr(bls12_fp2 *out, const bls12_fp2 *a);
void bls12_fp2_scale(bls12_fp2 *out, const bls12_fp2 *a, const bls12_fp *by);
void bls12_fp2_mul_by_xi(bls12_fp2 *out, const bls12_fp2 *a); /* xi = 1 + u, of the tower above */
void bls12_fp2_conjugate(bls12_fp2 *out, const bls12_fp2 *a); /* also a^p */
void bls12_fp2_inverse(bls12_fp2 *out, const bls12_fp2 *a);   /* of zero: zero */
/* False if there is no square root; `out` is unspecified then. */
bool bls12_fp2_sqrt(bls12_fp2 *out, const bls12_fp2 *a) __attribute__((warn_unused_result));
#endif

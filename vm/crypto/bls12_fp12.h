/* The field that pairings end in, as a tower over bls12_fp2:
 *
 *   fp6  = fp2[v] / (v^3 - xi), xi = 1 + u      c0 + c1 v + c2 v^2
 *   fp12 = fp6[w] / (w^2 - v)                   c0 + c1 w
 *
 * Outputs may be the same object as inputs. Only what a pairing needs is here. */
#ifndef VM_CRYPTO_BLS12_FP12_H
#define VM_CRYPTO_BLS12_FP12_H
#include "vm/crypto/bls12_fp2.h"

typedef struct {
    bls12_fp2 c0, c1, c2;
} bls12_fp6;

typedef struct {
    bls12_fp6 c0, c1;
} bls12_fp12;

extern const bls12_fp12 BLS12_FP12_ONE;

bool bls12_fp12_equal(const bls12_fp12 *a, const bls12_fp12 *b);
void bls12_fp12_mul(bls12_fp12 *out, const bls12_fp12 *a, const bls12_fp12 *b);
void bls12_fp12_sqr(bls12_fp12 *out, const bls12_fp12 *a);
/* Times l0 + l1 v + l4 v w: the shape of a line through points of G2. */
void bls12_fp12_mul_line(bls12_fp12 *out, const bls12_fp12 *a, const bls12_fp2 *l0,
                         const bls12_fp2 *l1, const bls12_fp2 *l4);
void bls12_fp12_inverse(bls12_fp12 *out, const bls12_fp12 *a);
void bls12_fp12_conjugate(bls12_fp12 *out, const bls12_fp12 *a); /* a^(p^6) */
void bls12_fp12_frobenius(bls12_fp12 *out, const bls12_fp12 *a); /* a^p */
/* a^2 for an element of the cyclotomic subgroup, whose order divides p^4 - p^2 + 1: there the
 * conjugate is the inverse. */
void bls12_fp12_sqr_cyclotomic(bls12_fp12 *out, const bls12_fp12 *a);
#endif

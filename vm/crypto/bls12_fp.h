/* BLS12-381's base field: integers modulo the 381-bit prime p of EIP-2537.
 *
 * An element is six 64-bit limbs, least significant first, always below p, in Montgomery form: the
 * limbs hold a * 2^384 mod p. Equal elements have equal limbs. Nothing here is secret, so running
 * times may depend on values. Outputs may be the same object as inputs. No heap. */
#ifndef VM_CRYPTO_BLS12_FP_H
#define VM_CRYPTO_BLS12_FP_H
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define BLS12_FP_LIMBS      6
#define BLS12_FP_SIZE_BYTES 48

typedef struct {
    uint64_t limbs[BLS12_FP_LIMBS];
} bls12_fp;

/* A product or a sum of products, not reduced: below p * 2^384. */
typedef struct {
    uint64_t limbs[2 * BLS12_FP_LIMBS];
} bls12_fp_wide;

extern const bls12_fp BLS12_FP_ZERO;
extern const bls12_fp BLS12_FP_ONE;
extern const bls12_fp BLS12_FP_MODULUS; /* p itself, not in Montgomery form */

/* Big-endian; false if the number is not below p. */
bool bls12_fp_load_be(bls12_fp *out, const uint8_t bytes[BLS12_FP_SIZE_BYTES])
    __attribute__((warn_unused_result));
void bls12_fp_store_be(uint8_t out[BLS12_FP_SIZE_BYTES], const bls12_fp *a);

bool bls12_fp_is_zero(const bls12_fp *a);
bool bls12_fp_equal(const bls12_fp *a, const bls12_fp *b);
bool bls12_fp_is_odd(const bls12_fp *a);   /* RFC 9380, sgn0 */
bool bls12_fp_is_large(const bls12_fp *a); /* a > (p - 1) / 2, that is, a > -a */

void bls12_fp_add(bls12_fp *out, const bls12_fp *a, const bls12_fp *b);
void bls12_fp_sub(bls12_fp *out, const bls12_fp *a, const bls12_fp *b);
void bls12_fp_neg(bls12_fp *out, const bls12_fp *a);
void bls12_fp_double(bls12_fp *out, const bls12_fp *a);
void bls12_fp_mul(bls12_fp *out, const bls12_fp *a, const bls12_fp *b);
void bls12_fp_sqr(bls12_fp *out, const bls12_fp *a);
void bls12_fp_inverse(bls12_fp *out, const bls12_fp *a); /* of zero: zero */
/* a^((p - 3) / 4): from this one power follow the square root of a, and of a ratio. */
void bls12_fp_pow_p_minus_3_over_4(bls12_fp *out, const bls12_fp *a);
/* False if there is no square root; `out` is unspecified then. */
bool bls12_fp_sqrt(bls12_fp *out, const bls12_fp *a) __attribute__((warn_unused_result));

/* For sums of products with a single reduction at the end (bls12_fp2.c). */
void bls12_fp_add_unreduced(bls12_fp *out, const bls12_fp *a, const bls12_fp *b); /* below 2p */
void bls12_fp_mul_wide(bls12_fp_wide *out, const bls12_fp *a, const bls12_fp *b); /* both < 2p */
/* a - b; where that is negative, p * 2^384 is added. */
void bls12_fp_wide_sub(bls12_fp_wide *out, const bls12_fp_wide *a, const bls12_fp_wide *b);
void bls12_fp_reduce(bls12_fp *out, const bls12_fp_wide *a); /* a / 2^384 mod p */
#endif

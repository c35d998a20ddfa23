/* Sums of multiples on the curve secp256k1, y^2 = x^3 + 7 (SEC 2, section 2.4.1), for recovering
 * the signers of public signatures: not in constant time, so never for secrets.
 *
 * A table of multiples of the generator, 32 KB, is made on first use by any thread and const
 * afterwards. */
#ifndef VM_CRYPTO_SECP256K1_SUM_H
#define VM_CRYPTO_SECP256K1_SUM_H
#include "vm/crypto/secp256k1_fp.h"

/* A point of the curve other than infinity. */
typedef struct {
    secp_fp x, y;
} secp_point;

extern const u256 SECP_ORDER; /* the number of points */

/* The point at `x` whose y is odd or even as asked; false where the curve has none. */
bool secp_point_at(secp_point *out, const u256 *x, bool is_odd);

/* out = a G + b R for the generator G; a and b are below SECP_ORDER. False where the sum is
 * infinity. */
bool secp_sum(secp_point *out, const u256 *a, const secp_point *r, const u256 *b);
#endif

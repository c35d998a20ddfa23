/* Multipliers of points: a number modulo r in base BLS12_X, for bls12_msm.inc. */
#ifndef VM_CRYPTO_BLS12_SCALAR_H
#define VM_CRYPTO_BLS12_SCALAR_H
#include "vm/base/u256.h"

/* scalar mod r, least significant digit first; r is below BLS12_X^4. */
void bls12_scalar_digits(uint64_t digits[4], const u256 *scalar);
#endif

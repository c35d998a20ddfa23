/* BN254 as contracts see it: addition, multiplication and pairing check (EIPs 196 and 197), whose
 * inputs and outputs are bytes.
 *
 * Bottom up: bn254_limbs.h (four limbs), bn254_field (p and its square), bn254_tower (degree 12),
 * bn254_g1 (points), bn254_pairing. Inputs that are too short end in zeros, longer ones are cut,
 * bar the pairing's. Each returns false for coordinates not below p and for points that are not
 * on the curve or not in its subgroup. */
#ifndef VM_CRYPTO_BN254_H
#define VM_CRYPTO_BN254_H
#include "vm/base/bytes.h"

/* x 32 | y 32 | x 32 | y 32; appends x 32 | y 32. */
bool bn254_add(struct bytes input, struct buffer *output);
/* x 32 | y 32 | scalar 32; appends x 32 | y 32. */
bool bn254_multiply(struct bytes input, struct buffer *output);

#define BN254_PAIR_SIZE 192
/* Any count of: point 64 | point of the twist 128. Appends 1 in 32 bytes if the product of the
 * pairings is one, which that of none is, else 0. False also if the size is no multiple. */
bool bn254_pairing(struct bytes input, struct buffer *output);
#endif

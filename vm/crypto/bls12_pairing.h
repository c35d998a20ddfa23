/* The optimal ate pairing of BLS12-381, as the only question asked of it here: is a product of
 * pairings one? Many pairs share the squarings of the loop and one final exponentiation. */
#ifndef VM_CRYPTO_BLS12_PAIRING_H
#define VM_CRYPTO_BLS12_PAIRING_H
#include "vm/crypto/bls12_curve.h"
#include "vm/crypto/bls12_fp12.h"

/* Points of the subgroups; a pair with an infinity in it contributes one. */
struct bls12_pair {
    bls12_g1_affine p;
    bls12_g2_affine q;
};

/* Pairs that one loop takes at most; its state is on the stack, about 700 bytes a pair. */
#define BLS12_PAIRS_MAX 16

/* Multiplies `product` by the pairs' Miller values; `count` is at most BLS12_PAIRS_MAX. */
void bls12_pairing_multiply(bls12_fp12 *product, const struct bls12_pair *pairs, size_t count);
/* Raises a product of Miller values to 3 (p^12 - 1) / r, where the pairings are: a multiple of the
 * usual exponent, and prime to r, so that one stays one and no other value becomes it. */
void bls12_pairing_finish(bls12_fp12 *product);
/* Whether the product of the pairings is one. */
bool bls12_pairing_is_one(const bls12_fp12 *product);
#endif

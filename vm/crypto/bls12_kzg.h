/* KZG commitments to polynomials (EIP-4844): verifying that a committed polynomial has a value at
 * a point. The only part of the ceremony's setup that this needs is one point of G2. */
#ifndef VM_CRYPTO_BLS12_KZG_H
#define VM_CRYPTO_BLS12_KZG_H
#include "vm/crypto/bls12_curve.h"

/* [tau] G2 of Ethereum's KZG ceremony: the second of the `g2_monomial` points of mainnet's
 * setup (ethereum/consensus-specs, presets/mainnet/trusted_setups/trusted_setup_4096.json;
 * ethereum/c-kzg-4844, src/trusted_setup.txt). */
extern const bls12_g2_affine BLS12_KZG_TAU_G2;

/* A point of the subgroup G1 in the 48-byte form with flags in its top three bits: compressed
 * (always set), infinity, and y larger than -y. Other forms and other points are refused. */
bool bls12_g1_decompress(bls12_g1_affine *out, const uint8_t bytes[BLS12_FP_SIZE_BYTES])
    __attribute__((warn_unused_result));

/* EIP-4844's verify_kzg_proof(): whether `proof` shows that the polynomial behind `commitment` is
 * y at z. False too if a point does not decode or z or y is not below the group's order. */
bool bls12_kzg_verify(const uint8_t commitment[48], const uint8_t z[32], const uint8_t y[32],
                      const uint8_t proof[48]);
#endif

/* From a field element to a point of the subgroup: RFC 9380's map_to_curve() and clear_cofactor()
 * for the suites BLS12381G1 and BLS12381G2 (8.8), as EIP-2537 uses them. The simplified SWU map
 * (6.6.3) leads to a curve with a * b != 0, and an isogeny (E.2, E.3) from there to ours. */
#ifndef VM_CRYPTO_BLS12_MAP_H
#define VM_CRYPTO_BLS12_MAP_H
#include "vm/crypto/bls12_curve.h"

void bls12_map_to_g1(bls12_g1 *out, const bls12_fp *u);
void bls12_map_to_g2(bls12_g2 *out, const bls12_fp2 *u);
#endif

/* The precompiles over BLS12-381: point evaluation (EIP-4844) and EIP-2537's seven.
 *
 * Rows of the table in precompiles.c: of each its gas, and its run: false means a call that fails
 * and loses its gas. EIP-2537's integers are big-endian and must be below the modulus, a
 * coordinate in 64 bytes; a point is x | y, all zero at infinity, and on its curve. Sums of
 * multiples and pairings demand points of the subgroups, plain additions do not. */
#ifndef VM_PRECOMPILES_BLS12_H
#define VM_PRECOMPILES_BLS12_H
#include "vm/base/bytes.h"

/* versioned hash 32 | z 32 | y 32 | commitment 48 | proof 48 */
uint64_t point_evaluation_gas(struct bytes input);
bool point_evaluation_run(struct bytes input, struct buffer *output);

/* point 128 | point 128 */
uint64_t bls12_g1_add_gas(struct bytes input);
bool bls12_g1_add_run(struct bytes input, struct buffer *output);
/* One or more of: point 128 | scalar 32. The scalar is any number. */
uint64_t bls12_g1_msm_gas(struct bytes input);
bool bls12_g1_msm_run(struct bytes input, struct buffer *output);
/* point 256 | point 256 */
uint64_t bls12_g2_add_gas(struct bytes input);
bool bls12_g2_add_run(struct bytes input, struct buffer *output);
/* One or more of: point 256 | scalar 32. */
uint64_t bls12_g2_msm_gas(struct bytes input);
bool bls12_g2_msm_run(struct bytes input, struct buffer *output);
/* One or more of: point of G1 128 | point of G2 256. The output is 1 if the product is one. */
uint64_t bls12_pairing_check_gas(struct bytes input);
bool bls12_pairing_check_run(struct bytes input, struct buffer *output);
/* coordinate 64 */
uint64_t bls12_map_fp_to_g1_gas(struct bytes input);
bool bls12_map_fp_to_g1_run(struct bytes input, struct buffer *output);
/* coordinate 64 | coordinate 64: real part, imaginary part */
uint64_t bls12_map_fp2_to_g2_gas(struct bytes input);
bool bls12_map_fp2_to_g2_run(struct bytes input, struct buffer *output);
#endif

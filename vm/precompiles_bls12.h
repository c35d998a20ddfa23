/* The precompiles over BLS12-381: point evaluation (EIP-4844) and EIP-2537's seven.
 *
 * Rows of the table in precompiles.c; the gas of each, and its run: false means a call that fails
 * and loses its gas. */
#ifndef VM_PRECOMPILES_BLS12_H
#define VM_PRECOMPILES_BLS12_H
#include "vm/base/bytes.h"

uint64_t point_evaluation_gas(struct bytes input);
bool point_evaluation_run(struct bytes input, struct buffer *output);
#endif

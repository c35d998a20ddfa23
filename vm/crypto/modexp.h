/* Modular exponentiation of numbers of any size (EIP-198), over GMP, and what it costs.
 *
 * Input: base size 32 | exponent size 32 | modulus size 32 | base | exponent | modulus, all
 * big-endian; bytes beyond the input's end are zero. The sizes are a stranger's: the price is
 * computed from them without allocating, and whoever runs it has taken that price before. What a
 * run then allocates grows with base, modulus and the bytes of the exponent that are really
 * there, never with an exponent's claimed size. */
#ifndef VM_CRYPTO_MODEXP_H
#define VM_CRYPTO_MODEXP_H
#include "vm/base/bytes.h"

/* Base or modulus of more than this are priced UINT64_MAX, "more than anyone has": by EIP-2565
 * they cost over 1.4 * 10^12 gas. */
#define MODEXP_OPERAND_SIZE_MAX  (UINT64_C(1) << 24)
#define MODEXP_EXPONENT_SIZE_MAX (UINT64_C(1) << 40) /* likewise */
#define MODEXP_SIZE_MAX_OSAKA    1024                /* EIP-7823: no operand is longer */

uint64_t modexp_gas_eip2565(struct bytes input);
uint64_t modexp_gas_eip7883(struct bytes input);

/* Appends the power, as long as the modulus; true. Only for inputs whose price is not UINT64_MAX. */
bool modexp_run(struct bytes input, struct buffer *output);
/* False if an operand is longer than EIP-7823 allows. */
bool modexp_run_eip7823(struct bytes input, struct buffer *output);
#endif

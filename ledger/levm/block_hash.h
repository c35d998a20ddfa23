/* BLOCKHASH where there is no chain, as Ethereum's state tests and geth's `evm run` define it:
 * the hash of block n is that of n's decimal digits. */
#ifndef LEDGER_LEVM_BLOCK_HASH_H
#define LEDGER_LEVM_BLOCK_HASH_H
#include "ledger/state/state.h"

/* A state_block_hash_fn; `context` is the number of the block that asks, a const uint64_t *. */
hash256 block_hash_of_digits(void *context, uint64_t number);
#endif

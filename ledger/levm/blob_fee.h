/* The price of blob gas (EIP-4844), where somebody else's block says that there were blobs. */
#ifndef LEDGER_LEVM_BLOB_FEE_H
#define LEDGER_LEVM_BLOB_FEE_H
#include "vm/base/u256.h"
#include "vm/vm.h"

/* BLOB_BASE_FEE_UPDATE_FRACTION of the fork, as EIP-4844 and EIP-7691 have it. */
uint64_t blob_update_fraction(enum vm_fork fork);
/* EIP-4844 and, from Osaka, EIP-7918: the excess after a block that had this one and used so much
 * blob gas at this base fee. Saturates. */
uint64_t blob_next_excess(enum vm_fork fork, uint64_t excess_blob_gas, uint64_t blob_gas_used,
                          const u256 *base_fee);
/* In wei; at least 1. The fraction is not 0. */
u256 blob_base_fee(uint64_t excess_blob_gas, uint64_t update_fraction);
#endif

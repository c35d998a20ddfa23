#include "ledger/levm/blob_fee.h"

#include <assert.h>

uint64_t blob_update_fraction(enum vm_fork fork)
{
    return fork < VM_FORK_PRAGUE ? 3338477 : 5007716;
}

/* EIP-4844: fake_exponential(1, excess, fraction). */
u256 blob_base_fee(uint64_t excess_blob_gas, uint64_t update_fraction)
{
    assert(update_fraction > 0);
    u256 numerator = u256_from_u64(excess_blob_gas);
    u256 fraction = u256_from_u64(update_fraction);
    u256 sum = U256_ZERO;
    u256 term = fraction;
    for (uint64_t i = 1; !u256_is_zero(&term); i++) {
        sum = u256_add(&sum, &term);
        u256 divisor = u256_from_u64(i);
        divisor = u256_mul(&divisor, &fraction);
        u256 product;
        if (u256_mul_overflows(&term, &numerator, &product))
            break; /* such an excess is far beyond what any chain reaches */
        term = u256_div(&product, &divisor);
    }
    return u256_div(&sum, &fraction);
}

#include "ledger/levm/blob_fee.h"

#include <assert.h>

uint64_t blob_update_fraction(enum vm_fork fork)
{
    return fork < VM_FORK_PRAGUE ? 3338477 : 5007716;
}

#define GAS_PER_BLOB   131072 /* EIP-4844 */
#define BLOB_BASE_COST 8192   /* EIP-7918: "BLOB_BASE_COST = 2**13" */

/* Blobs of a block: EIP-4844, EIP-7691. */
static uint64_t blobs_target(enum vm_fork fork)
{
    return fork < VM_FORK_PRAGUE ? 3 : 6;
}

static uint64_t blobs_max(enum vm_fork fork)
{
    return fork < VM_FORK_PRAGUE ? 6 : 9;
}

/* EIP-7918: is a blob cheaper than what executing for it costs? */
static bool is_below_reserve(enum vm_fork fork, uint64_t excess_blob_gas, const u256 *base_fee)
{
    u256 price = blob_base_fee(excess_blob_gas, blob_update_fraction(fork));
    u256 blob = u256_from_u64(GAS_PER_BLOB), cost = u256_from_u64(BLOB_BASE_COST);
    u256 blob_wei, cost_wei;
    return !u256_mul_overflows(&price, &blob, &blob_wei)
           && (u256_mul_overflows(base_fee, &cost, &cost_wei) || u256_less(&blob_wei, &cost_wei));
}

uint64_t blob_next_excess(enum vm_fork fork, uint64_t excess_blob_gas, uint64_t blob_gas_used,
                          const u256 *base_fee)
{
    uint64_t target = blobs_target(fork) * GAS_PER_BLOB, sum;
    if (__builtin_add_overflow(excess_blob_gas, blob_gas_used, &sum))
        return UINT64_MAX;
    if (sum < target)
        return 0;
    if (fork < VM_FORK_OSAKA || !is_below_reserve(fork, excess_blob_gas, base_fee))
        return sum - target;
    uint64_t max = blobs_max(fork), share;
    if (__builtin_mul_overflow(blob_gas_used, max - blobs_target(fork), &share)
        || __builtin_add_overflow(excess_blob_gas, share / max, &sum))
        return UINT64_MAX;
    return sum;
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

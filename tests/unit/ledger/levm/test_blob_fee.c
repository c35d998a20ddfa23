#include "ledger/levm/blob_fee.h"

#include <criterion/criterion.h>

#define BLOB UINT64_C(131072)

/* The values around which EIP-4844's integer exponential takes its steps. */
Test(blob_fee, price_follows_the_excess)
{
    static const struct {
        uint64_t excess, wei;
    } cases[] = {{0, 1}, {2314057, 1}, {2314058, 2}, {10 * 1024 * 1024, 23}};
    for (size_t i = 0; i < 4; i++) {
        u256 price = blob_base_fee(cases[i].excess, blob_update_fraction(VM_FORK_CANCUN));
        cr_expect_eq(price.limbs[0], cases[i].wei);
    }
}

Test(blob_fee, any_excess_has_a_price_in_no_time)
{
    for (int bit = 0; bit < 64; bit++) {
        u256 price = blob_base_fee(UINT64_C(1) << bit, 1);
        cr_expect_not(u256_is_zero(&price));
    }
}

Test(blob_fee, excess_is_what_was_used_beyond_the_target)
{
    u256 no_fee = U256_ZERO;
    cr_expect_eq(blob_next_excess(VM_FORK_CANCUN, 0, 3 * BLOB, &no_fee), 0);
    cr_expect_eq(blob_next_excess(VM_FORK_CANCUN, 0, 4 * BLOB, &no_fee), BLOB);
    cr_expect_eq(blob_next_excess(VM_FORK_CANCUN, 5 * BLOB, 0, &no_fee), 2 * BLOB);
    cr_expect_eq(blob_next_excess(VM_FORK_PRAGUE, 0, 7 * BLOB, &no_fee), BLOB);
    cr_expect_eq(blob_next_excess(VM_FORK_OSAKA, 0, 7 * BLOB, &no_fee), BLOB);
    cr_expect_eq(blob_next_excess(VM_FORK_OSAKA, UINT64_MAX, 1, &no_fee), UINT64_MAX);
}

/* EIP-7918: while a blob costs less than executing for it, the target is not taken off. */
Test(blob_fee, osaka_has_a_reserve_price)
{
    u256 at = u256_from_u64(16), above = u256_from_u64(17); /* 131,072 / 8,192 = 16 */
    cr_expect_eq(blob_next_excess(VM_FORK_OSAKA, 0, 9 * BLOB, &at), 3 * BLOB);
    cr_expect_eq(blob_next_excess(VM_FORK_OSAKA, BLOB, 9 * BLOB, &above), 4 * BLOB);
    cr_expect_eq(blob_next_excess(VM_FORK_PRAGUE, BLOB, 9 * BLOB, &above), 4 * BLOB);
    cr_expect_eq(blob_next_excess(VM_FORK_OSAKA, 0, 6 * BLOB, &above), 2 * BLOB);
    cr_expect_eq(blob_next_excess(VM_FORK_PRAGUE, 0, 6 * BLOB, &above), 0);
}

/* What one node may cost, in virtual time. */
#include "node/net/allowance.h"

#include <criterion/criterion.h>

#define START_MS 1000000

/* As many checks of so many signatures as may begin, each ended at once. */
static unsigned begin_all(struct allowance *allowance, unsigned signatures, bool is_certificate,
                          uint64_t now_ms)
{
    unsigned count = 0;
    while (count < 100000 && allowance_begin(allowance, signatures, is_certificate, now_ms)) {
        allowance_end(allowance);
        count++;
    }
    return count;
}

Test(allowance, has_few_checks_at_once)
{
    struct allowance allowance = {0};
    for (unsigned i = 0; i < ALLOWANCE_CHECKS_MAX; i++)
        cr_expect(allowance_begin(&allowance, 1, false, START_MS));
    cr_expect_not(allowance_begin(&allowance, 1, false, START_MS));
    allowance_end(&allowance);
    cr_expect(allowance_begin(&allowance, 1, false, START_MS));
}

Test(allowance, comes_back_with_time)
{
    struct allowance allowance = {0};
    cr_expect_eq(begin_all(&allowance, 1, false, START_MS), 2 * ALLOWANCE_SIGNATURES_PER_S);
    cr_expect_eq(begin_all(&allowance, 1, false, START_MS), 0);
    cr_expect_eq(begin_all(&allowance, 1, false, START_MS + 500), ALLOWANCE_SIGNATURES_PER_S / 2);
    cr_expect_eq(
        begin_all(&allowance, 1, false, START_MS + 600000), /* and no more than there was */
        2 * ALLOWANCE_SIGNATURES_PER_S);
    cr_expect_eq(begin_all(&allowance, 1, false, UINT64_MAX), 2 * ALLOWANCE_SIGNATURES_PER_S);
}

Test(allowance, has_a_bucket_for_certificates_besides)
{
    struct allowance allowance = {0};
    cr_expect_eq(begin_all(&allowance, 3, true, START_MS), 2 * ALLOWANCE_CERTIFICATES_PER_S);
    cr_expect(begin_all(&allowance, 3, false, START_MS) > 0);
    cr_expect_eq(begin_all(&allowance, 3, true, START_MS + 1000), ALLOWANCE_CERTIFICATES_PER_S);
}

/* What costs more than the bucket holds is not refused for ever. */
Test(allowance, lets_one_that_is_too_large_pass_when_the_bucket_is_full)
{
    struct allowance allowance = {0};
    const unsigned large = 5 * ALLOWANCE_SIGNATURES_PER_S;
    cr_expect_eq(begin_all(&allowance, large, false, START_MS), 1);
    cr_expect_eq(begin_all(&allowance, 1, false, START_MS + 1000), 0);
    cr_expect_eq(begin_all(&allowance, large, false, START_MS + 4999), 0);
    cr_expect_eq(begin_all(&allowance, large, false, START_MS + 5000), 1);
}

Test(allowance, ends_for_longer_each_time)
{
    struct allowance allowance = {0};
    uint64_t now_ms = START_MS;
    cr_expect_not(allowance_is_banned(&allowance, now_ms));
    for (unsigned i = 0; i < 12; i++) {
        const unsigned doublings = i < BAN_DOUBLINGS_MAX ? i : BAN_DOUBLINGS_MAX;
        const uint64_t until_ms = allowance_ban(&allowance, now_ms);
        cr_expect_eq(until_ms - now_ms, (uint64_t)BAN_FIRST_MS << doublings);
        cr_expect(allowance_is_banned(&allowance, until_ms - 1));
        cr_expect_not(allowance_is_banned(&allowance, until_ms));
        now_ms = until_ms + 1;
    }
    now_ms += BAN_MEMORY_MS;
    cr_expect_eq(allowance_ban(&allowance, now_ms) - now_ms, BAN_FIRST_MS);
}

/* A guest may cost a part of it, and has one check at a time; a member gets as much as it reads. */
Test(allowance, is_less_for_a_guest)
{
    struct allowance member = {0}, guest = {.is_guest = true};
    const unsigned signatures = ALLOWANCE_SIGNATURES_PER_S / ALLOWANCE_GUEST_PART;
    cr_expect_eq(begin_all(&guest, 1, false, START_MS), 2 * signatures);
    cr_expect_eq(begin_all(&guest, 1, false, START_MS + 1000), signatures);
    cr_expect(allowance_begin(&guest, 1, false, START_MS + 2000));
    cr_expect_not(allowance_begin(&guest, 1, false, START_MS + 3000));
    for (unsigned i = 0; i < 5; i++) {
        cr_expect_eq(allowance_may_get(&guest, START_MS + 4000), i < 4, "%u", i);
        cr_expect(allowance_may_get(&member, START_MS + 4000));
        allowance_spend_bytes(&guest, ALLOWANCE_GUEST_BYTES_PER_S);
        allowance_spend_bytes(&member, ALLOWANCE_GUEST_BYTES_PER_S);
    }
    cr_expect_not(allowance_may_get(&guest, START_MS + 5000));
    cr_expect(allowance_may_get(&guest, START_MS + 5001));
}

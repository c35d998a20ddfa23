#include "node/net/allowance.h"

#include <assert.h>

#define PART            1000 /* of one signature, certificate or byte */
#define SECONDS_AT_ONCE 2
#define BYTES_SECONDS   4 /* at once */

/* Time gives back what was spent. */
static void refill(uint64_t *spent, uint64_t per_second, uint64_t passed_ms)
{
    const uint64_t back = passed_ms * per_second * PART / 1000;
    *spent = *spent > back ? *spent - back : 0;
}

static uint64_t part_of(const struct allowance *allowance)
{
    return allowance->is_guest ? ALLOWANCE_GUEST_PART : 1;
}

/* What costs more than the bucket holds takes all of it. */
static bool fits(uint64_t spent, uint64_t cost, uint64_t per_second)
{
    return spent == 0 || spent + cost <= SECONDS_AT_ONCE * per_second * PART;
}

static void refill_all(struct allowance *allowance, uint64_t now_ms)
{
    const uint64_t part = part_of(allowance);
    const uint64_t passed_ms = now_ms > allowance->updated_ms ? now_ms - allowance->updated_ms : 0;
    /* Buckets are full long before a day is over, and the product stays small. */
    const uint64_t counted_ms = passed_ms < BAN_MEMORY_MS ? passed_ms : BAN_MEMORY_MS;
    refill(&allowance->signatures_spent, ALLOWANCE_SIGNATURES_PER_S / part, counted_ms);
    refill(&allowance->certificates_spent, ALLOWANCE_CERTIFICATES_PER_S / part, counted_ms);
    refill(&allowance->bytes_spent, ALLOWANCE_GUEST_BYTES_PER_S, counted_ms);
    allowance->updated_ms = now_ms;
}

bool allowance_begin(struct allowance *allowance, unsigned signatures, bool is_certificate,
                     uint64_t now_ms)
{
    const uint64_t cost = (uint64_t)signatures * PART;
    const uint64_t certificate = is_certificate ? PART : 0;
    const uint64_t part = part_of(allowance);
    const unsigned most = allowance->is_guest ? ALLOWANCE_GUEST_CHECKS_MAX : ALLOWANCE_CHECKS_MAX;
    refill_all(allowance, now_ms);
    if (allowance->checks >= most
        || !fits(allowance->signatures_spent, cost, ALLOWANCE_SIGNATURES_PER_S / part)
        || !fits(allowance->certificates_spent, certificate, ALLOWANCE_CERTIFICATES_PER_S / part))
        return false;
    allowance->checks++;
    allowance->signatures_spent += cost;
    allowance->certificates_spent += certificate;
    return true;
}

void allowance_end(struct allowance *allowance)
{
    assert(allowance->checks > 0);
    allowance->checks--;
}

bool allowance_may_get(struct allowance *allowance, uint64_t now_ms)
{
    refill_all(allowance, now_ms);
    return !allowance->is_guest
           || allowance->bytes_spent < (uint64_t)BYTES_SECONDS * ALLOWANCE_GUEST_BYTES_PER_S * PART;
}

void allowance_spend_bytes(struct allowance *allowance, size_t size)
{
    if (allowance->is_guest)
        allowance->bytes_spent += (uint64_t)size * PART;
}

uint64_t allowance_ban(struct allowance *allowance, uint64_t now_ms)
{
    if (now_ms >= allowance->banned_until_ms + BAN_MEMORY_MS)
        allowance->bans = 0;
    const unsigned doublings =
        allowance->bans < BAN_DOUBLINGS_MAX ? allowance->bans : BAN_DOUBLINGS_MAX;
    allowance->bans++;
    allowance->banned_until_ms = now_ms + ((uint64_t)BAN_FIRST_MS << doublings);
    return allowance->banned_until_ms;
}

bool allowance_is_banned(const struct allowance *allowance, uint64_t now_ms)
{
    return now_ms < allowance->banned_until_ms;
}

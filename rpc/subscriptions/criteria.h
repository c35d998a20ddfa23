/* Which logs a subscription or a filter is about: kept beyond the request that named it, never
 * changed, shared by whoever needs it for a moment longer.
 *
 * `account` counts the bytes of all that are alive. */
#ifndef RPC_SUBSCRIPTIONS_CRITERIA_H
#define RPC_SUBSCRIPTIONS_CRITERIA_H
#include "ledger/ledger.h"
#include <stdatomic.h>

struct criteria;

/* Copies. NULL if more than `account_max` bytes would be kept in all. */
struct criteria *criteria_new(const struct log_filter *filter, atomic_size_t *account,
                              size_t account_max);
struct criteria *criteria_share(struct criteria *criteria); /* returns it, for one holder more */
void criteria_release(struct criteria *criteria);           /* accepts NULL */
const struct log_filter *criteria_filter(const struct criteria *criteria);
#endif

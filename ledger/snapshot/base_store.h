/* The base of a snapshot on its way into a store: checked against what the joiner holds proven.
 *
 * Proven by the header are the headers before it, the block and its receipts. The counters are what
 * members agree on, as far as balances and the block's own reveal do not tell. */
#ifndef LEDGER_SNAPSHOT_BASE_STORE_H
#define LEDGER_SNAPSHOT_BASE_STORE_H
#include "ledger/snapshot/ground.h"
#include "ledger/store/store.h"

struct base_store;

/* Borrows both. NULL with ERROR_INVALID when they contradict each other. */
struct base_store *base_store_new(const struct snapshot_ground *ground, struct bytes encoded,
                                  struct error *error);
void base_store_free(struct base_store *base); /* accepts NULL */
/* Are `balances`, the sum of all accounts, what the counters say is outstanding? */
bool base_store_check_supply(const struct base_store *base, const u256 *balances,
                             struct error *error) __attribute__((warn_unused_result));
/* Everything in a store but accounts, slots, codes and tries; the head is in it. */
void base_store_put(const struct base_store *base, struct store_batch *batch);
#endif

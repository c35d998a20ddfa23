/* Which blocks and transactions touch an account: an index written with each block, in its batch.
 *
 *   'j' account, ~height, ~index    roles
 *   'J'                             up to which height there are entries for everything
 *
 * Complements make the newest come first. An index of HISTORY_COIN_INDEX stands for what the block
 * itself credits: genesis coin and withdrawals. What a contract sends on in coin is in no record,
 * so it is not here: a trace tells it.
 *
 * A store without 'J', or with an older one, was written by a program that kept no index; opening
 * it adds what is missing. */
#ifndef LEDGER_HISTORY_HISTORY_H
#define LEDGER_HISTORY_HISTORY_H
#include "ledger/ledger.h"
#include "ledger/store/records.h"

struct history_entry {
    address account;
    uint32_t index; /* of the transaction, or HISTORY_COIN_INDEX */
    uint8_t roles;
};

/* Everything of one block, by account and index, each pair once; in `arena`. Receipts are one a
 * transaction; senders and authorities are known. */
struct history_entry *history_of_block(const struct block *block, const struct receipt *receipts,
                                       const struct genesis *genesis, struct arena *arena,
                                       size_t *count);
/* The same into the block's batch, and that it is done up to this height. */
void history_put(struct store_batch *batch, const struct block *block,
                 const struct receipt *receipts, const struct genesis *genesis);

/* Adds the entries of blocks that have none yet, batch by batch. */
bool history_catch_up(struct ledger *ledger, struct error *error)
    __attribute__((warn_unused_result));
/* *found: whether there is an index at all; *height: how far it goes. */
bool history_load_height(struct store_at at, uint64_t *height, bool *found, struct error *error)
    __attribute__((warn_unused_result));
/* The value of an entry. */
bool history_decode_roles(struct bytes value, uint8_t *roles, struct error *error)
    __attribute__((warn_unused_result));
#endif

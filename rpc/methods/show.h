/* Blocks, transactions, receipts and logs as JSON: geth's field names and null rules, the
 * public execution-apis schema. */
#ifndef RPC_METHODS_SHOW_H
#define RPC_METHODS_SHOW_H
#include "ledger/ledger.h"
#include "rpc/write.h"

void show_found_log(struct buffer *out, const struct found_log *found);

/* Where a final transaction stands. */
struct place {
    const struct header *header;
    const hash256 *block_hash;
    uint64_t index;
};
/* `place` NULL: waiting in the pool, so block fields are null. */
void show_transaction(struct buffer *out, const struct transaction *tx, const struct place *place);
void show_access_list(struct buffer *out, const struct transaction *tx); /* with its key */
void show_receipt(struct buffer *out, const struct transaction *tx, const struct place *place,
                  const struct found_receipt *found);
/* What newHeads tells: the header and its hash. */
void show_head(struct buffer *out, const struct header *header, const hash256 *hash,
               enum vm_fork fork);
void show_block(struct buffer *out, const struct block *block, enum vm_fork fork,
                bool with_transactions);
#endif

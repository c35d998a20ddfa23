/* Blocks, transactions, receipts and logs as JSON: geth's field names and null rules, the
 * public execution-apis schema. */
#ifndef RPC_METHODS_SHOW_H
#define RPC_METHODS_SHOW_H
#include "ledger/ledger.h"
#include "rpc/write.h"

void show_found_log(struct buffer *out, const struct found_log *found);
/* `block` NULL: waiting in the pool, so block fields are null. */
void show_transaction(struct buffer *out, const struct transaction *tx, const struct block *block,
                      size_t index);
/* `first_log` counts the logs of the block before this receipt. */
void show_receipt(struct buffer *out, const struct block *block, const struct receipt *receipts,
                  size_t index, uint64_t first_log);
uint64_t show_first_log(const struct receipt *receipts, size_t index);
void show_block(struct buffer *out, const struct block *block, enum vm_fork fork,
                bool with_transactions);
#endif

/* Who waiting set-code transactions (EIP-7702) would make delegate.
 *
 * Others can move a delegating account's coin and nonce, so that whatever waits from it may fall
 * at once. As in geth, little waits then: of an account that delegates, or is to, one
 * transaction, and that without a gap; of an account that somebody wants to make delegate, one. */
#ifndef LEDGER_POOL_AUTHORITIES_H
#define LEDGER_POOL_AUTHORITIES_H
#include "ledger/chain/transaction.h"
#include "ledger/pool/table.h"

/* By account, how many waiting authorizations name it. */
struct authorities {
    struct table counts;
};

void authorities_init(struct authorities *authorities);
void authorities_cleanup(struct authorities *authorities);
/* Counts the authorities of a transaction that came to wait, or no longer does. */
void authorities_add(struct authorities *authorities, const struct transaction *tx);
void authorities_remove(struct authorities *authorities, const struct transaction *tx);
bool authorities_has(const struct authorities *authorities, const address *account);
#endif

/* Taking the place of a transaction that waits in the node's pool. */
#ifndef WALLET_REPLACE_H
#define WALLET_REPLACE_H
#include "ledger/chain/transaction.h"
#include "wallet/wallet.h"

/* Gives `tx` the number of the waiting transaction `hash`, and fees that a pool takes in its
 * place: at least a tenth above. Refused unless it waits and is the sender's own. */
enum wallet_exit replace_waiting(struct wallet *wallet, const char *hash, struct transaction *tx);
#endif

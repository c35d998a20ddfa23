/* What a block does besides its transactions, in this order:
 *
 *   execution_begin_block()       EIP-4788 and, from Prague, EIP-2935: calls that cannot fail
 *   execute_transaction() ...     execute.h
 *   execution_end_block()         withdrawals (EIP-4895)
 *   execution_collect_requests()  from Prague: deposit logs (EIP-6110), the calls of EIP-7002
 *                                 and EIP-7251, whose failure makes the block invalid
 *
 * A ledger of ours passes no deposit contract. `levm t8n` passes MAINNET_DEPOSIT_CONTRACT, ends
 * with exit code 2 on any verdict but REQUESTS_OK, and prints requests_hash() and, for each
 * data[type] that is not empty, its type's byte and the data. */
#ifndef LEDGER_CHAIN_SYSTEM_CALLS_H
#define LEDGER_CHAIN_SYSTEM_CALLS_H
#include "ledger/chain/block.h"
#include "ledger/chain/execute.h"
#include "ledger/chain/requests.h"

extern const address BEACON_ROOTS_ADDRESS;     /* EIP-4788 */
extern const address HISTORY_STORAGE_ADDRESS;  /* EIP-2935 */
extern const address WITHDRAWALS_ADDRESS;      /* EIP-7002; ours: the outbox of public entries */
extern const address CONSOLIDATIONS_ADDRESS;   /* EIP-7251; ours: the outbox of seals */
extern const address MAINNET_DEPOSIT_CONTRACT; /* EIP-6110 */

/* The parent's beacon root into EIP-4788's contract and, from Prague, its hash into EIP-2935's;
 * where a contract is missing nothing happens. */
void execution_begin_block(struct execution *execution);
/* Withdrawals, credited in whole gwei (EIP-4895). */
void execution_end_block(struct execution *execution, const struct withdrawal *withdrawals,
                         size_t count);

enum requests_verdict {
    REQUESTS_OK,
    REQUESTS_NO_CONTRACT, /* no code at one of the two addresses */
    REQUESTS_CALL_FAILED, /* a call that reverted, ran out of gas or otherwise failed */
    REQUESTS_BAD_DEPOSIT, /* a deposit log that is not of the form EIP-6110 gives */
};
const char *requests_verdict_text(enum requests_verdict verdict);

/* Collects the block's requests; none before Prague. `receipts` are those of its transactions,
 * with their logs; `deposit_contract` is whose logs are deposits, NULL where there is none. Data
 * lives in the execution's arena. On any verdict but REQUESTS_OK the block is invalid and
 * *requests is not to be used. */
enum requests_verdict execution_collect_requests(struct execution *execution,
                                                 const struct receipt *receipts, size_t count,
                                                 const address *deposit_contract,
                                                 struct requests *requests);
#endif

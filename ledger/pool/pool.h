/* Transactions waiting for a block.
 *
 *   per sender: nonces in a row from the account's next one are ready; above a gap they queue
 *   over all:   ready ones by effective tip, then by arrival
 *
 * Bounded per sender and in all; when full the cheapest go (ties: youngest first, from the
 * sender with most waiting). An accepted transaction is mined, replaced, expired or evicted,
 * never silently lost: the pool remembers the fate of the latest ones. Accepted ones are in
 * the journal (a file beside the store) before the answer, not synced: a killed process keeps
 * them. Owned by the ledger's actor. */
#ifndef LEDGER_POOL_POOL_H
#define LEDGER_POOL_POOL_H
#include "ledger/chain/transaction.h"
#include "vm/base/error.h"

struct pool;

struct pool_limits {
    size_t transactions_max;  /* in all */
    size_t bytes_max;         /* encoded, in all */
    size_t per_sender_max;
    uint64_t lifetime_ms;     /* then expired */
    uint64_t replace_free_ms; /* at price 0 an equal-priced replacement once in this time */
};
struct pool_limits pool_limits_default(void);

enum pool_verdict {
    POOL_OK,
    POOL_ALREADY_KNOWN,
    POOL_REFUSED,               /* transaction_check or state: see the detail */
    POOL_NONCE_TOO_LOW,
    POOL_NONCE_TOO_HIGH,        /* further ahead than the sender's bound */
    POOL_INSUFFICIENT_FUNDS,
    POOL_UNDERPRICED,           /* fee below the ledger's floor */
    POOL_REPLACEMENT_UNDERPRICED,
    POOL_GAS_LIMIT,             /* over the block's */
    POOL_SENDER_HAS_CODE,
    POOL_SENDER_FULL,
    POOL_FULL,
    POOL_JOURNAL_FAILED,        /* disk: nothing was admitted */
    POOL_VERDICT_COUNT,
};
const char *pool_verdict_text(enum pool_verdict verdict); /* geth's words where it has them */

enum pool_fate {
    POOL_UNKNOWN,
    POOL_READY,
    POOL_QUEUED, /* above a nonce gap */
    POOL_MINED,
    POOL_REPLACED,
    POOL_EXPIRED,
    POOL_EVICTED,
};
const char *pool_fate_name(enum pool_fate fate);

/* Reads for RPC, on the ledger's actor. */
enum pool_fate pool_fate(const struct pool *pool, const hash256 *hash);
/* The waiting transaction, or NULL; valid until the pool changes. */
const struct transaction *pool_find(const struct pool *pool, const hash256 *hash);
/* The sender's next nonce after all ready ones; `state_nonce` when none wait. */
uint64_t pool_next_nonce(const struct pool *pool, const address *sender, uint64_t state_nonce);
size_t pool_ready_count(const struct pool *pool);
size_t pool_queued_count(const struct pool *pool);
#endif

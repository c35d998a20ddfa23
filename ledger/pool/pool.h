/* Transactions waiting for a block.
 *
 *   per sender: nonces in a row from the account's next one are ready; above a gap they queue
 *   over all:   ready ones by effective tip, then by arrival
 *
 * Bounded per sender and in all; when full those above a gap go, then the cheapest (ties:
 * youngest first, from the sender with most waiting). An accepted transaction is mined, replaced, expired or evicted,
 * never silently lost: the pool remembers the fate of the latest ones. Accepted ones are in
 * the journal (a file beside the store) before the answer, not synced: a killed process keeps
 * them. Owned by the ledger's actor. */
#ifndef LEDGER_POOL_POOL_H
#define LEDGER_POOL_POOL_H
#include "ledger/chain/transaction.h"
#include "vm/base/error.h"
#include "vm/base/tally.h"

struct pool;

struct pool_limits {
    size_t transactions_max; /* in all */
    size_t bytes_max;        /* encoded, in all */
    size_t per_sender_max;
    uint64_t lifetime_ms;     /* then expired */
    uint64_t replace_free_ms; /* at price 0 an equal-priced replacement once in this time */
};
struct pool_limits pool_limits_default(void);

enum pool_verdict {
    POOL_OK,
    POOL_ALREADY_KNOWN,
    POOL_REFUSED, /* transaction_check or state: see the detail */
    POOL_NONCE_TOO_LOW,
    POOL_NONCE_TOO_HIGH, /* further ahead than the sender's bound */
    POOL_INSUFFICIENT_FUNDS,
    POOL_UNDERPRICED, /* fee below the ledger's floor */
    POOL_REPLACEMENT_UNDERPRICED,
    POOL_GAS_LIMIT, /* over the block's */
    POOL_SENDER_HAS_CODE,
    POOL_DELEGATED_GAP,  /* of an account that delegates: not its next nonce */
    POOL_DELEGATED_BUSY, /* of an account that delegates: one waits already */
    POOL_AUTHORITY_BUSY, /* of a set-code transaction's authority too much waits */
    POOL_SENDER_FULL,
    POOL_FULL,
    POOL_JOURNAL_FAILED, /* disk: nothing was admitted */
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
    POOL_FATE_COUNT,
};
const char *pool_fate_name(enum pool_fate fate);

/* Written by the ledger's actor, read by any thread. */
struct pool_counts {
    tally ready, queued;         /* that wait now */
    tally left[POOL_FATE_COUNT]; /* by what became of them */
    struct histogram wait;       /* of those mined: from arrival to their block's time */
};

/* Reads for RPC, on the ledger's actor. */
enum pool_fate pool_fate(const struct pool *pool, const hash256 *hash);
/* The waiting transaction, or NULL; valid until the pool changes. */
const struct transaction *pool_find(const struct pool *pool, const hash256 *hash);
/* The sender's next nonce after all ready ones; `state_nonce` when none wait. */
uint64_t pool_next_nonce(const struct pool *pool, const address *sender, uint64_t state_nonce);
size_t pool_ready_count(const struct pool *pool);
size_t pool_queued_count(const struct pool *pool);
/* Calls `visit` for every waiting transaction, sender by sender in order of nonces. */
void pool_visit(const struct pool *pool,
                void (*visit)(void *context, const struct transaction *tx, bool is_ready),
                void *context);

/* ---- For the ledger ---------------------------------------------------------------------- */

struct journal; /* ledger/pool/journal.h */

struct pool *pool_new(const struct pool_limits *limits);
void pool_free(struct pool *pool); /* closes its journal; accepts NULL */
/* From now on what is accepted is journaled; the pool owns the journal. */
void pool_set_journal(struct pool *pool, struct journal *journal);
/* From now on it counts there; the caller keeps it as long as the pool. */
void pool_set_counts(struct pool *pool, struct pool_counts *counts);
/* Writes the journal again if most of it is past; pool_insert() does so too. Failure leaves the
 * old one. */
void pool_compact_journal(struct pool *pool);

/* The sender's account at the head. */
struct pool_account {
    uint64_t nonce;
    u256 balance;
    bool has_code; /* a sender's: it delegates (EIP-7702) */
};
/* Whether a new transaction keeps to what may wait of accounts that delegate: authorities.h. */
enum pool_verdict pool_check_delegation(const struct pool *pool, const struct transaction *tx,
                                        const struct pool_account *account, struct error *detail);
/* Copies the transaction. What needs no account (rules, gas limit, code) was checked before;
 * nonce, funds, replacement and bounds are checked here. A refusal changes nothing. */
enum pool_verdict pool_insert(struct pool *pool, const struct transaction *tx,
                              const struct pool_account *account, uint64_t now_ms,
                              struct error *detail);
/* Takes one out, as given up; nothing happens if it is not there. */
void pool_drop(struct pool *pool, const hash256 *hash, enum pool_fate fate);
void pool_expire(struct pool *pool, uint64_t now_ms);
/* A block of that time became final: first its transactions are marked as mined, */
void pool_on_mined(struct pool *pool, const struct transaction *transactions, size_t count,
                   uint64_t block_time_ms);
/* then its changed accounts are told, and whatever their nonces have passed leaves: as mined if
 * it was marked, else as replaced. Accounts with nothing waiting are passed over. */
void pool_on_account(struct pool *pool, const address *at, const struct pool_account *account);

/* What the pool knows of a sender with waiting transactions: its account at the head. */
bool pool_account_of(const struct pool *pool, const address *account, struct pool_account *out);

/* Does a block at `base_fee` find anything? `nonce` as for pool_picker_new(). */
bool pool_has_includable(const struct pool *pool, const u256 *base_fee,
                         uint64_t (*nonce)(void *context, const address *sender, uint64_t at_head),
                         void *context);

/* Walks ready transactions in the order a block takes them: by effective tip at `base_fee`, then
 * by arrival, each sender's in order of nonces. The pool must not change meanwhile. */
struct pool_picker;
/* `nonce` may be NULL; else it gives the sender's next nonce in place of the one at the head. */
struct pool_picker *pool_picker_new(const struct pool *pool, const u256 *base_fee,
                                    uint64_t (*nonce)(void *context, const address *sender,
                                                      uint64_t at_head),
                                    void *context);
void pool_picker_free(struct pool_picker *picker);                      /* accepts NULL */
const struct transaction *pool_picker_next(struct pool_picker *picker); /* NULL: no more */
void pool_picker_take(struct pool_picker *picker);                      /* on to what follows it */
void pool_picker_skip(struct pool_picker *picker); /* leaves out the rest of this sender */
#endif

/* The pool's journal: what was accepted, in order, so that a killed process keeps it.
 *
 *   file   = "LPJ1" | record ...
 *   record = size u32 | CRC-32C of kind and body, u32 | kind u8 | body; big-endian, size of body
 *     kind 1: accepted   time ms u64 | sender 20 | transaction, EIP-2718 form
 *     kind 2: given up   transaction hash 32   (replaced, expired, evicted or found invalid)
 *
 * Written before the answer and not synced: it survives the process, not the machine. While it is
 * open, room for more lies behind the last record as zeros. They, and a torn or damaged end, are
 * cut off. What was mined is told by its nonce. */
#ifndef LEDGER_POOL_JOURNAL_H
#define LEDGER_POOL_JOURNAL_H
#include "ledger/chain/transaction.h"
#include "vm/base/error.h"

struct journal;

/* Makes the file if there is none. ERROR_VERSION for a newer format. */
struct journal *journal_open(const char *path, struct error *error);
void journal_close(struct journal *journal); /* accepts NULL */

struct journal_replay {
    /* `encoded` is borrowed for the call. */
    void (*accepted)(void *context, uint64_t time_ms, const address *sender, struct bytes encoded);
    void (*given_up)(void *context, const hash256 *hash);
    void *context;
};
/* Reads all whole records; what follows them is cut off. */
bool journal_read(struct journal *journal, const struct journal_replay *replay, struct error *error)
    __attribute__((warn_unused_result));

bool journal_accepted(struct journal *journal, uint64_t time_ms, const struct transaction *tx,
                      struct error *error) __attribute__((warn_unused_result));
/* Failure is no harm: the transaction would come back and be given up again. */
void journal_given_up(struct journal *journal, const hash256 *hash);

/* Bytes of the file that count. */
uint64_t journal_size(const struct journal *journal);
/* Nothing waits: forgets all records. Failure leaves them. */
void journal_empty(struct journal *journal);
/* Starts a new file beside the old one: journal_accepted() for all that waits, then _end(). */
bool journal_rewrite_begin(struct journal *journal, struct error *error)
    __attribute__((warn_unused_result));
bool journal_rewrite_end(struct journal *journal, bool keep, struct error *error)
    __attribute__((warn_unused_result));
#endif

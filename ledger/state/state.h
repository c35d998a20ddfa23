/* State being changed: a journal over a reader.
 *
 * One `struct state` runs a block (or one call), transaction by transaction. It is the
 * machine's host: snapshots and reverts, access lists, transient storage, refunds and logs are
 * all in the journal. Nothing reaches the reader's store; state_changes() says what differs. */
#ifndef LEDGER_STATE_STATE_H
#define LEDGER_STATE_STATE_H
#include "ledger/chain/receipt.h"
#include "ledger/state/changes.h"
#include "vm/base/arena.h"
#include "vm/host.h"

struct state;

/* Answers BLOCKHASH; zero for a block it does not know. */
typedef hash256 (*state_block_hash_fn)(void *context, uint64_t number);

struct state *state_new(const struct state_reader *reader); /* borrows the reader */
void state_free(struct state *state);                       /* accepts NULL */
void state_set_block_hashes(struct state *state, state_block_hash_fn block_hash, void *context);

/* The machine's view of this state; valid as long as the state. */
struct vm_host state_host(struct state *state);

/* Transaction by transaction: begin clears access lists, transient storage, logs and refunds;
 * end deletes what EIP-6780 and EIP-161 delete and makes the rest the new "original". */
void state_begin_transaction(struct state *state);
void state_end_transaction(struct state *state);
int64_t state_refund(const struct state *state);
/* Logs of the transaction so far; memory is the state's until the next begin. */
const struct log *state_logs(const struct state *state, size_t *count);
/* Wei that ceased to exist with deleted accounts, since state_new(). */
u256 state_destroyed(const struct state *state);

/* For whoever runs transactions. An absent account reads as all zero. */
struct account state_account(struct state *state, const address *account);
struct bytes state_code(struct state *state, const address *account);
u256 state_slot(struct state *state, const address *account, const u256 *key);
void state_add_balance(struct state *state, const address *account, const u256 *amount);
void state_sub_balance(struct state *state, const address *account, const u256 *amount);
void state_set_nonce(struct state *state, const address *account, uint64_t nonce);
void state_set_code(struct state *state, const address *account, struct bytes code);
void state_set_slot(struct state *state, const address *account, const u256 *key,
                    const u256 *value);
/* From now on the account has no storage but what is set later, whatever the reader has. Only
 * between transactions: it cannot be undone. */
void state_forget_storage(struct state *state, const address *account);
/* Makes the account exist even if it is empty (genesis and pre-states). */
void state_create_account(struct state *state, const address *account);
bool state_warm_account(struct state *state, const address *account); /* was it warm? */
/* From now on warm in every transaction, as precompiles are. */
void state_warm_always(struct state *state, const address *account);
bool state_warm_slot(struct state *state, const address *account, const u256 *key);

/* Everything that differs from the reader, sorted, in `arena`. */
struct state_changes state_changes(const struct state *state, struct arena *arena);
/* True once a read of the reader failed; nothing computed over it may be trusted then. */
bool state_failed(const struct state *state, struct error *error);
#endif

/* Real ledgers for a run: one store a box, on the disk, and what all of them know: the identities'
 * keys, block 0 with an outbox to which anybody may post the next epoch, and transactions.
 *
 * A store is closed when its box crashes and opened again when that is back; what was committed is
 * there, since a commit is one synced batch. */
#ifndef TESTS_SIM_CHAIN_H
#define TESTS_SIM_CHAIN_H
#include "ledger/ledger.h"
#include "node/replica/replica.h"

#define CHAIN_TIME_MS 1800000000000ULL /* the wall clock when virtual time is 0 */

struct chains; /* of a run */
struct chain;  /* of a box */

/* Identities 0 to `identities` - 1, of whom the first `members` found the organisation. */
struct chains *chains_new(unsigned identities, unsigned members, enum quorum_mode mode);
void chains_free(struct chains *chains); /* removes the stores */

/* The store of a box, founded if there is none yet. */
struct chain *chain_open(struct chains *chains, unsigned box);
void chain_close(struct chain *chain); /* accepts NULL */
struct ledger *chain_ledger(struct chain *chain);

/* The epoch that the store is in, from the first store that reached it: what its signatures are
 * bound to and held against. NULL: nobody is there yet. */
void chains_learn_epoch(struct chains *chains, const struct ledger *ledger);
const struct signing_domain *chains_domain(const struct chains *chains, uint64_t epoch);
const struct epoch_record *chains_record(const struct chains *chains, uint64_t epoch);
void chains_sign(const struct chains *chains, unsigned identity, const hash256 *digest,
                 signature *out);

/* The identity of a committee entry. */
unsigned chains_identity_of(const struct chains *chains, const address *consensus);

/* One more transaction: a transfer, from each account in turn. */
void chains_make_transfer(struct chains *chains);
/* Transactions that together post the next epoch. */
void chains_make_post(struct chains *chains, const unsigned *identities, unsigned count,
                      enum quorum_mode mode);
/* All that were made, in order; one is valid once those of its sender before it are in blocks. */
size_t chains_count(const struct chains *chains);
const struct transaction *chains_transaction(const struct chains *chains, size_t number);
bool chain_submit(struct chain *chain, const struct transaction *tx, uint64_t now_ms);
/* On top of the block; after what waits too long was dropped. */
enum work_kind chain_work(struct chain *chain, const hash256 *tip);

/* A block by that identity, who leads the view. False, and why: nothing was built. */
bool chain_build(struct chain *chain, unsigned identity, const hash256 *parent, uint64_t view,
                 uint64_t now_ms, struct simplex_block *block, enum unbuilt *why);
/* The bytes of a block that was built, executed or committed here; none if it is not here. */
struct bytes chain_container(struct chain *chain, const hash256 *block, struct arena *arena);
/* Whether the parts fit the header, and the header the hash. */
bool chain_read(struct chain *chain, const hash256 *hash, struct bytes container,
                struct simplex_block *block);
enum replica_verdict chain_execute(struct chain *chain, struct bytes container);
void chain_commit(struct chain *chain, const hash256 *block,
                  const struct certificate *finalization);
struct vm *chain_machine(struct chain *chain);
/* Of a block that has one of its own; in `arena`. */
struct certificate chain_finalization(struct chain *chain, uint64_t height, struct arena *arena);
/* Transactions in blocks that are final here. */
uint64_t chain_mined(const struct chain *chain);
#endif

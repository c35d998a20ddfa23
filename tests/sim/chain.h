/* Real ledgers for a run: one store a box, on the disk, and what all of them know: the identities'
 * keys, block 0 with an outbox to which anybody may post the next epoch, and transactions.
 *
 * A store is closed when its box crashes and opened again when that is back; what was committed is
 * there, since a commit is one synced batch. Disks fail by real means: store_files.h. */
#ifndef TESTS_SIM_CHAIN_H
#define TESTS_SIM_CHAIN_H
#include "ledger/ledger.h"
#include "ledger/snapshot/import.h"
#include "node/replica/replica.h"

#define CHAIN_TIME_MS 1800000000000ULL /* the wall clock when virtual time is 0 */

struct sync_message;

struct chains; /* of a run */
struct chain;  /* of a box */

/* Identities 0 to `identities` - 1, of whom the first `members` found the organisation. */
struct chains *chains_new(unsigned identities, unsigned members, enum quorum_mode mode);
void chains_free(struct chains *chains); /* removes the stores */
/* Pools that are opened from now on have room for so many transactions, of a sender for half. */
void chains_limit_pools(struct chains *chains, unsigned transactions);

/* The store of a box, founded if there is none yet. */
struct chain *chain_open(struct chains *chains, unsigned box);
void chain_close(struct chain *chain); /* accepts NULL */
struct ledger *chain_ledger(struct chain *chain);

/* Of a box that is down: all that it stored is gone, and the next store of it begins with block 0. */
void chains_lose_store(struct chains *chains, unsigned box);
/* A copy of it is made, and some time later takes its place. */
void chains_copy_store(struct chains *chains, unsigned box);
void chains_put_back_store(struct chains *chains, unsigned box);
/* A bit of its files turns over, perhaps while it is open. Opening and reading the store must say
 * so, or all of it is as it was: `finals` by height, up to `height`. Nobody uses it afterwards. */
void chains_damage_store(struct chains *chains, unsigned box, uint64_t random,
                         const hash256 *finals, uint64_t height);

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
/* In a block that chain_mined() was ever asked about. */
bool chains_is_mined(const struct chains *chains, size_t number);
enum pool_verdict chain_submit(struct chain *chain, const struct transaction *tx, uint64_t now_ms);
/* On top of the block; after what waits too long was dropped. */
enum work_kind chain_work(struct chain *chain, const hash256 *tip);

/* A block by that identity, who leads the view. False, and why: nothing was built. */
bool chain_build(struct chain *chain, unsigned identity, const hash256 *parent, uint64_t view,
                 uint64_t now_ms, struct simplex_block *block, uint64_t *time_ms,
                 enum unbuilt *why);
/* The bytes of a block that was built, executed or committed here; none if it is not here. */
struct bytes chain_container(struct chain *chain, const hash256 *block, struct arena *arena);
/* Whether the parts fit the header, and the header the hash. */
bool chain_read(struct chain *chain, const hash256 *hash, struct bytes container,
                struct simplex_block *block);
/* The container with something wrong, as `random` says; in `arena`. In its header, so that it is
 * another block, `*block` and `*time_ms`, which does not execute; or in a part beside the header, so
 * that it is not the block that it says it is: then false. */
bool chain_spoil(struct chain *chain, struct bytes *container, uint64_t random, struct arena *arena,
                 struct simplex_block *block, uint64_t *time_ms);
enum replica_verdict chain_execute(struct chain *chain, struct bytes container);
void chain_commit(struct chain *chain, const hash256 *block,
                  const struct certificate *finalization);
/* The same while the disk is full or does not sync. The chain takes no more and is to be closed;
 * true if all of the block is there when it is opened again, though nobody was told. */
bool chain_fail_commit(struct chain *chain, const hash256 *block,
                       const struct certificate *finalization, bool is_full, uint64_t random);
struct vm *chain_machine(struct chain *chain);
/* Of a block that has one of its own; in `arena`. */
struct certificate chain_finalization(struct chain *chain, uint64_t height, struct arena *arena);
/* The first height with state and body. */
uint64_t chain_earliest(struct chain *chain);
/* Transactions in blocks that are final here. */
uint64_t chain_mined(struct chain *chain);

/* ---- snapshots.c: joining without the past, and serving who does ---- */

/* Stores that are opened from now on have a checkpoint every so many blocks, beside seals. */
void chains_space_checkpoints(struct chains *chains, unsigned blocks);
/* What a newcomer begins with: the genesis document and what follows from it. */
void chains_start_seals(const struct chains *chains, struct seal_chain *seals);
struct snapshot_ground chains_ground(const struct chains *chains, struct bytes links);
/* Where the box's store will stand. */
struct snapshot_import *chains_import(struct chains *chains, unsigned box,
                                      const struct snapshot_ground *ground, struct bytes manifest);
/* All that `ledger check` finds in the store that came of it; then it is an end with it. */
void chain_check(struct chain *chain);
/* Of a box that is down: its store waits beside the place of another, and comes back or goes. */
void chains_set_store_aside(struct chains *chains, unsigned box);
void chains_take_store_back(struct chains *chains, unsigned box);
void chains_drop_store_aside(struct chains *chains, unsigned box);

/* The head moved: its newest checkpoint is offered. */
void chain_fill_shelf(struct chain *chain);
/* Appends the answer to any request of node/sync. */
void chain_answer(struct chain *chain, const struct sync_message *request, struct buffer *out);
#endif

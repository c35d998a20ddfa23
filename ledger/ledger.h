/* One organisation's ledger: the face of this folder.
 *
 *   writing side (the ledger's actor: one job at a time)      reading side (any thread)
 *     submit -> pool                                            view_open: everything up to
 *     build or validate -> overlay on its parent                one final block, immutable
 *     commit -> one synced batch, head moves on                 blocks, receipts, state at any
 *                                                               height, logs, proofs
 *
 * A block is built or validated into an in-memory overlay; overlays form a small tree above
 * the head; committing writes the winner in one atomic synced batch and drops the rest. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H
#include "ledger/chain/block.h"
#include "ledger/chain/build.h"
#include "ledger/chain/execute.h"
#include "ledger/chain/finality.h"
#include "ledger/chain/range.h"
#include "ledger/chain/reveal.h"
#include "ledger/chain/seal_chain.h"
#include "ledger/org/genesis.h"
#include "ledger/pool/pool.h"
#include "ledger/state/reader.h"
#include "ledger/store/figures.h"
#include "ledger/store/promises.h"
#include "ledger/trie/trie.h"

struct ledger;
struct ledger_view;
struct store_shared; /* ledger/store/store.h: the block cache all stores share */

#define OVERLAYS_MAX        48 /* blocks above the head, in memory: a chain, failed siblings, a range */
#define OVERLAY_DEPTH_MAX   FINALITY_PROOF_HEADERS_MAX /* and on each other: one proof covers them */
#define OVERLAYS_SIZE_MAX   67108864                   /* bytes of memory (consensus.md 2.16), or */
#define OVERLAYS_BLOCKS_MIN 8                          /* so many full blocks, whichever is more */
#define CHECKPOINT_EVERY    8192 /* blocks (consensus.md 2.16); the same on every node */

/* What happens to a ledger, counted by its actor and read by any thread. */
struct ledger_counts {
    struct pool_counts pool;
    tally submitted[POOL_VERDICT_COUNT];  /* ledger_submit(), by verdict */
    tally blocks, transactions, gas_used; /* committed */
    tally written_bytes;                  /* keys and values of the blocks' batches */
};

struct ledger_options {
    struct store_shared *shared;  /* NULL: a cache of its own */
    struct pool_limits pool;      /* pool_limits_default() */
    struct ledger_counts *counts; /* to be gone on with; NULL: of its own */
    uint64_t checkpoint_every;    /* 0: CHECKPOINT_EVERY; anything else is for tests */
};

/* ---- Life ------------------------------------------------------------------------------ */

/* Writes a new store with block 0 into `directory`, which must not exist; it appears whole or
 * not at all (made beside it, synced, renamed). */
bool ledger_found(const char *directory, struct bytes genesis_document, struct error *error)
    __attribute__((warn_unused_result));
/* In a store that was founded just now, of a member that never said anything in this ledger: any vote
 * log is whole. Without it the store counts as one that began anew. */
bool ledger_found_promises(const char *directory, struct error *error)
    __attribute__((warn_unused_result));
/* Opens, checks the format version, the head and the genesis, replays the pool's journal.
 * ERROR_VERSION for a newer format, ERROR_CORRUPT for damage, each with what to do. */
struct ledger *ledger_open(const char *directory, const struct ledger_options *options,
                           struct error *error);
void ledger_close(struct ledger *ledger); /* no view may be open; accepts NULL */

/* Never change while open; any thread. */
const struct genesis *ledger_genesis(const struct ledger *ledger);
struct bytes ledger_genesis_document(const struct ledger *ledger);
const hash256 *ledger_id(const struct ledger *ledger); /* hash of block 0 */
uint64_t ledger_chain_id(const struct ledger *ledger);
uint64_t ledger_checkpoint_every(const struct ledger *ledger);

/* The files of its store, now. Any thread. */
struct store_figures ledger_store_figures(const struct ledger *ledger);

/* ---- Writing side: only from the ledger's actor ----------------------------------------- */

struct pool *ledger_pool(struct ledger *ledger);

/* Admits a decoded transaction whose sender was recovered. Checks it against rules and head
 * state; journaled before this returns. On POOL_OK it is mined, replaced, expired or evicted,
 * never silently lost. `detail` (may be NULL) gets the sentence for the client, such as
 * "nonce too low: next nonce 5, tx nonce 3". */
enum pool_verdict ledger_submit(struct ledger *ledger, const struct transaction *tx,
                                uint64_t now_ms, struct error *detail);

/* From now on until it is opened again ledger_submit() refuses, saying why: for whoever cannot
 * make blocks any more, so that nobody waits for one. */
void ledger_stand_still(struct ledger *ledger, const char *why);

/* The last final block. */
struct ledger_head {
    uint64_t number;
    hash256 hash;
    struct header header;
    uint64_t view;      /* the last that is final in the next block's epoch: 0 after a seal */
    uint64_t tail_left; /* empty blocks still due after it (ledger.md, Tail) */
    struct supply supply;
};
const struct ledger_head *ledger_head(const struct ledger *ledger);

/* The epoch of the block that follows the head. The record lives until a seal is committed. */
const struct epoch_record *ledger_epoch_record(const struct ledger *ledger);
struct signing_domain ledger_signing_domain(const struct ledger *ledger);

/* What agreement must know of a block, before it is executed or after. */
struct block_facts {
    hash256 hash;
    hash256 parent;
    uint64_t height;
    uint64_t epoch;   /* whose record it names; 0: block 0 */
    uint64_t view;    /* its header's own: whose leader made it; 0: block 0 */
    uint64_t time_ms; /* since 1970 */
    bool is_seal;     /* the last of its epoch: nothing stands on it in there */
};
/* Of an overlay or a stored block. ERROR_NOT_FOUND: it is neither. */
bool ledger_block_facts(struct ledger *ledger, const hash256 *hash, struct block_facts *facts,
                        struct error *error) __attribute__((warn_unused_result));
/* Of a container from elsewhere, decoded and its parts compared with its header, nothing more.
 * BLOCK_BAD_EPOCH_RECORD: it is not of the epoch of the block that follows the head, and `epoch`
 * and `is_seal` are not known. */
enum block_verdict ledger_container_facts(const struct ledger *ledger, struct bytes container,
                                          struct block_facts *facts);

/* What this node said in the epoch in force, or may have forgotten (store/promises.h). */
const struct promises *ledger_promises(const struct ledger *ledger);
/* Synced when it returns true. */
bool ledger_set_promises(struct ledger *ledger, const struct promises *promises,
                         struct error *error) __attribute__((warn_unused_result));
/* The vote log in use from now on: the batch that commits a seal names it, unless the store is old;
 * without one it says that nothing was said. Who is alone in a committee says nothing outside its
 * blocks, so its store is never old then. */
void ledger_use_log(struct ledger *ledger, const hash256 *log);

/* Does a transaction wait that a block on top of `parent` (head or overlay) would take? */
bool ledger_has_includable(struct ledger *ledger, const hash256 *parent);
/* Is a block due on top of `parent`: for such a transaction, or as one of the tail? */
bool ledger_has_work(struct ledger *ledger, const hash256 *parent);
/* How far the member's reveal chain is open on the ancestry of `parent` (head or overlay): the
 * reveal a block on it needs is reveal_chain_at(chain, progress.used). False: unknown parent. */
bool ledger_reveal_progress(const struct ledger *ledger, const hash256 *parent, unsigned member,
                            struct reveal_progress *progress);

/* Builds and executes; the block becomes a valid overlay named *hash. ERROR_BUSY, here and when
 * validating: the parent is OVERLAY_DEPTH_MAX above the head, or overlays are as many, or take as
 * much memory, as they may: OVERLAYS_SIZE_MAX, or OVERLAYS_BLOCKS_MIN of the largest blocks. */
bool ledger_build(struct ledger *ledger, struct vm *vm, const struct build_request *request,
                  hash256 *hash, struct error *error) __attribute__((warn_unused_result));
/* Decodes, checks and executes a block from elsewhere. BLOCK_OK makes it an overlay (also when
 * it was one already). False when the world failed, with no verdict. */
bool ledger_validate(struct ledger *ledger, struct vm *vm, struct bytes container,
                     enum block_verdict *verdict, hash256 *hash, struct error *error)
    __attribute__((warn_unused_result));
/* The container bytes of an overlay or stored block; NULL bytes if unknown. In `arena`. */
struct bytes ledger_container(struct ledger *ledger, const hash256 *hash, struct arena *arena);

/* Makes the overlay `hash` the head, and the overlays it stands on final with it, in one synced
 * batch; overlays not above it are dropped; transactions of these blocks leave the pool. The
 * FINALIZATION is the caller's to have checked; it is stored at the height of `hash`, and its view
 * becomes the head's, which it must be above. A seal begins the next epoch. `hash` may be the head itself, finalized once more
 * in a later view: then only that view moves on (an earlier one changes nothing). */
bool ledger_commit(struct ledger *ledger, const hash256 *hash,
                   const struct certificate *finalization, struct error *error)
    __attribute__((warn_unused_result));

/* Takes in one block of a range that was checked against the epoch in force: validates it, and
 * with a FINALIZATION commits it and what it stands on. As ledger_validate() otherwise. */
bool ledger_import(struct ledger *ledger, struct vm *vm, const struct ranged_block *block,
                   enum block_verdict *verdict, struct error *error)
    __attribute__((warn_unused_result));

/* A FINALIZATION that was checked, of a block that comes with a later range: it settles the last
 * blocks of one before. ledger_import() commits that block with it, whatever its own range says;
 * the one of the lowest view above the head's is kept. */
void ledger_await(struct ledger *ledger, const struct certificate *finalization);

/* Lets go of an overlay on which none stands: a block that failed, for room for others. It may be
 * validated again. False: it is no overlay, or another stands on it. */
bool ledger_drop(struct ledger *ledger, const hash256 *hash);

/* ---- Reading side: any thread, any number at once ---------------------------------------- */

/* Microseconds. A view is for one thread at a time; what it hands out lives as long as it or the
 * arena given. */
struct ledger_view *ledger_view_open(struct ledger *ledger, struct error *error);
void ledger_view_close(struct ledger_view *view); /* accepts NULL */

uint64_t view_head(const struct ledger_view *view); /* height of its newest block */
/* First height with state and body. Above 0 on a ledger that began with a snapshot: of the blocks
 * before there are the last 255 headers, and block 0 without its state. */
uint64_t view_earliest(const struct ledger_view *view);

/* Each: false with ERROR_NOT_FOUND when there is no such thing up to the view's head, or when it is
 * older than what is kept. */
bool view_height_of(const struct ledger_view *view, const hash256 *block_hash, uint64_t *height,
                    struct error *error);
bool view_header(const struct ledger_view *view, uint64_t height, struct header *header,
                 hash256 *hash, struct error *error);
/* Senders and hashes of transactions are filled in. */
bool view_block(const struct ledger_view *view, uint64_t height, struct arena *arena,
                struct block *block, struct error *error);
bool view_receipts(const struct ledger_view *view, uint64_t height, struct arena *arena,
                   struct receipt **receipts, size_t *count, struct error *error);
/* One transaction and its receipt with what stands around them, read without decoding the rest
 * of the block. */
struct found_transaction {
    struct header header; /* of its block */
    hash256 block_hash;
    uint64_t index;
    struct transaction tx; /* with its sender */
};
bool view_transaction(const struct ledger_view *view, uint64_t height, uint64_t index,
                      struct arena *arena, struct found_transaction *found, struct error *error);
struct found_receipt {
    struct receipt receipt;
    uint64_t gas_before; /* used by the transactions before it in its block */
    uint64_t logs_before;
};
bool view_receipt(const struct ledger_view *view, uint64_t height, uint64_t index,
                  struct arena *arena, struct found_receipt *found, struct error *error);
bool view_find_transaction(const struct ledger_view *view, const hash256 *hash, uint64_t *height,
                           uint64_t *index, struct error *error);
/* The block's own FINALIZATION; *has_own is false where a descendant's made it final too. */
bool view_finalization(const struct ledger_view *view, uint64_t height, struct arena *arena,
                       struct certificate *finalization, bool *has_own, struct error *error);
/* Headers from that block to the first that has a FINALIZATION, and this. */
bool view_finality_proof(const struct ledger_view *view, uint64_t height, struct arena *arena,
                         struct finality_proof *proof, struct error *error);
/* Appends a range of blocks from height `from` on: as many as it may have in that epoch, at most
 * `count_max`, at least one; it ends with a FINALIZATION if there is one among them. */
bool view_range(const struct ledger_view *view, uint64_t from, unsigned count_max,
                struct buffer *out, unsigned *count, struct error *error);
/* Appends a chain of seals that begins with that of `first_epoch`, as long as one may be and at
 * most `links_max`; without links if that epoch has none yet. */
bool view_seal_chain(const struct ledger_view *view, uint64_t first_epoch, unsigned links_max,
                     struct buffer *out, unsigned *count, struct error *error);
/* The epoch of the block at `height`, which may be one above the head (block 0 counts to the first);
 * `record` lives as long as the view. */
bool view_epoch(const struct ledger_view *view, uint64_t height, const struct epoch_record **record,
                struct signing_domain *domain, struct error *error);
/* The totals after that block. */
bool view_supply(const struct ledger_view *view, uint64_t height, struct supply *supply,
                 struct error *error);

/* State after the block at `height`; the reader lives in `arena` and as long as the view. */
bool view_state_at(const struct ledger_view *view, uint64_t height, struct arena *arena,
                   struct state_reader *reader, struct error *error);
/* An account and some of its slots as of the block at `height`, with what proves them against
 * that block's state root (EIP-1186). Everything lives in `arena`. ERROR_NOT_FOUND when that block
 * is not known or too far below the head for the tries to be known; ERROR_BUSY when `is_over`
 * (may be NULL) ended it. */
struct slot_proof {
    u256 value;
    struct trie_proof proof;
};
struct account_proof {
    struct account account; /* empty: proved to be absent */
    struct trie_proof proof;
    struct slot_proof *slots; /* as `keys` */
};
bool view_prove(const struct ledger_view *view, uint64_t height, const address *account,
                const u256 *keys, size_t keys_count, bool (*is_over)(void *context), void *context,
                struct arena *arena, struct account_proof *proof, struct error *error)
    __attribute__((warn_unused_result));

/* The environment of the block at `height`, and of a block that would follow the head now
 * (tag `pending`). For eth_call: block hashes are set on the state by the caller with
 * view_block_hash(). */
bool view_environment(const struct ledger_view *view, uint64_t height,
                      struct block_environment *environment, struct error *error);
bool view_environment_pending(const struct ledger_view *view, uint64_t now_ms,
                              struct block_environment *environment, struct error *error);
/* The base fee of a block that follows one with this header. */
u256 ledger_base_fee_after(const struct ledger *ledger, const struct header *header);
/* The state root if `changes` were made to the state after the block at `height`; fills their
 * storage roots. Reaches as far back as view_prove(), and fails as it does. */
bool view_root_after(const struct ledger_view *view, uint64_t height, struct state_changes *changes,
                     bool (*is_over)(void *context), void *context, struct arena *arena,
                     hash256 *root, struct error *error) __attribute__((warn_unused_result));
/* A state_block_hash_fn; the context is a `struct view_block_hashes`. */
struct view_block_hashes {
    const struct ledger_view *view;
    uint64_t height; /* of the block being executed: answers for the 256 before it */
};
hash256 view_block_hash(void *view_block_hashes, uint64_t number);

/* ---- The block to come ----------------------------------------------------------------------- */

/* What a block made now would take from the pool. */
struct waiting {
    struct bytes encoded;
    address sender;
};
/* On the ledger's actor: copies into `arena`, in the order a block takes them, as much as fits a
 * block's gas and bytes. */
size_t ledger_waiting(struct ledger *ledger, struct arena *arena, struct waiting **waiting);

/* A block on the view's head with those transactions, executed and never stored: all of its header
 * is right but mixHash, which nobody knows yet, and so its hash. Any thread; as long as the view.
 * NULL with ERROR_BUSY when `is_over` ended it. */
struct preview;
struct preview *preview_new(const struct ledger_view *view, struct vm *vm,
                            const struct waiting *waiting, size_t count, uint64_t now_ms,
                            bool (*is_over)(void *context), void *context, struct error *error);
void preview_free(struct preview *preview); /* accepts NULL */
const struct block *preview_block(const struct preview *preview);
struct state_reader preview_state(const struct preview *preview); /* after it */

/* One log that matched, with where it stands; handed out in order. Return false to stop. */
struct found_log {
    const struct log *log;
    uint64_t height;
    hash256 block_hash;
    uint64_t block_timestamp;
    hash256 transaction_hash;
    uint64_t transaction_index;
    uint64_t log_index; /* in the block */
};
#define LOG_FILTER_ALTERNATIVES_MAX 1000
struct log_filter {
    uint64_t from, to;       /* heights, inclusive */
    const address *accounts; /* any of; none given: all */
    size_t accounts_count;
    struct {
        const hash256 *any_of; /* none given: any topic, also none */
        size_t count;
    } topics[LOG_TOPICS_MAX];
    size_t topics_count; /* positions given */
    /* Asked at every block, with the context of `found`: true ends the search. May be NULL. */
    bool (*is_over)(void *context);
};
/* For who looks at single logs: whether a block of this bloom may have one that matches, and
 * whether this log does. Heights are not looked at. */
bool log_filter_may_match(const struct log_filter *filter, const uint8_t bloom[BLOOM_SIZE]);
bool log_filter_matches(const struct log_filter *filter, const struct log *log);
bool view_find_logs(const struct ledger_view *view, const struct log_filter *filter,
                    bool (*found)(void *context, const struct found_log *log), void *context,
                    struct error *error);

/* What an account had to do with a transaction or a block. */
#define HISTORY_SENT       0x01
#define HISTORY_RECEIVED   0x02 /* it is the recipient */
#define HISTORY_CREATED    0x04 /* it is the contract that was made */
#define HISTORY_TOKENS     0x08 /* tokens went from or to it (ledger/history/tokens.h) */
#define HISTORY_AUTHORIZED 0x10 /* an authorization by it was carried (EIP-7702) */
#define HISTORY_COIN       0x20 /* the block credits it: genesis coin, withdrawals */
#define HISTORY_COIN_INDEX UINT32_MAX
struct history_place {
    uint64_t height;
    uint32_t index; /* of the transaction; HISTORY_COIN_INDEX: the block itself, at its end */
    uint8_t roles;
};
/* Up to `max` places of an account, the newest first, older than `below` if that is not NULL. */
bool view_history(const struct ledger_view *view, const address *account,
                  const struct history_place *below, struct history_place *places, size_t max,
                  size_t *count, struct error *error);

/* ---- Upkeep ------------------------------------------------------------------------------ */

/* Walks the whole store: hashes, roots, indexes, certificates, flat state against the trie,
 * history at some heights, supply; one line per finding into `report`, and a summary. With a
 * machine every block is executed again over the state before it; `vm` may be NULL. True only if
 * nothing was found; ERROR_CORRUPT if something was. */
bool ledger_check(struct ledger *ledger, struct vm *vm, struct buffer *report, struct error *error)
    __attribute__((warn_unused_result));
#endif

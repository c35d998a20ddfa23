/* Block sync: brings a ledger from its head to what others have final.
 *
 *     head ─┬─ range ─┬─ range ─┬─ range ─┬─ ... at most 2,048 blocks ahead
 *           │ import  │ verify  │ asked
 *
 *   WANTED ─► ASKED ─► ARRIVED ─► VERIFYING ─► VERIFIED ─► IMPORTING ─► gone
 *     ▲─────────┘ stalled   ▲─────────┘ early        (in order, one at a time)
 *     ▲──────────────────────────── bad: asked of another peer
 *
 * It runs while a finalization that was verified here names a block that is not (the target), or
 * while others say that they are more than BLOCK_SYNC_BEHIND blocks ahead. What a peer says only
 * decides whom to ask: nothing is imported that a finality proof does not cover, and a peer that
 * says too much is the only one to be asked for it. The next block on the way to a target is asked
 * of anybody, for it must exist: first of those who say that they have it. At most 16 ranges are
 * under way, 8 at a peer; a range goes to a peer that has it, and to another one if it stalls, lies
 * or vanishes. Answers that wait for earlier ones take BLOCK_SYNC_HELD_MAX bytes at most, and the one that is next.
 *
 * A pure machine, as simplex.h: after each call, and at block_sync_next_ms(), block_sync_take()
 * gives what to do until there is no more. Bytes of an answer stay where they are until the
 * verdict on it is told. Design: consensus 3. */
#ifndef NODE_SYNC_BLOCKS_H
#define NODE_SYNC_BLOCKS_H
#include "node/sync/message.h"
#include "node/sync/peers.h"

#define BLOCK_SYNC_OPEN_MAX      16
#define BLOCK_SYNC_PEER_OPEN_MAX 8
#define BLOCK_SYNC_AHEAD_MAX     (BLOCK_SYNC_OPEN_MAX * SYNC_BLOCKS_MAX)
#define BLOCK_SYNC_HELD_MAX      33554432
#define BLOCK_SYNC_VERIFY_MAX    2    /* at once */
#define BLOCK_SYNC_BEHIND        32   /* 2.7b: fewer blocks come by the engine's own way */
#define BLOCK_SYNC_GRACE_MS      2000 /* a target that is near may come by that way, too */

struct block_sync; /* opaque */

struct block_sync *block_sync_new(uint64_t height, const hash256 *hash);
/* Accepts NULL. No verdict may be under way: their bytes go, too. */
void block_sync_free(struct block_sync *sync);

/* A peer is connected, or its STATUS came: blocks from `earliest` on, the last final one at
 * `final`. Who says less than before is a liar until it connects anew. Peers from SYNC_PEERS_MAX
 * on are not used. */
void block_sync_on_peer(struct block_sync *sync, unsigned peer, uint64_t earliest, uint64_t final,
                        uint64_t now_ms);
void block_sync_on_gone(struct block_sync *sync, unsigned peer);
/* A finalization that was verified here names this block, and it is not here; NULL: there is none
 * any more (simplex_pending_final(), after each step of the engine). A later target takes the
 * place of an earlier one. */
void block_sync_on_target(struct block_sync *sync, const hash256 *block, uint64_t now_ms);
/* The ledger's head, moved by others than this machine. */
void block_sync_on_head(struct block_sync *sync, uint64_t height, const hash256 *hash);

/* A RANGE came, decoded from `encoded`, which is copied. What nobody asked for is ignored. */
void block_sync_on_range(struct block_sync *sync, unsigned from, const struct span_answer *answer,
                         struct bytes encoded, uint64_t now_ms);

enum range_verdict {
    RANGE_GOOD,
    RANGE_BAD,   /* not so many blocks from that height on, no chain, or not proven */
    RANGE_EARLY, /* of an epoch whose record comes with an earlier range */
};
/* What VERIFY asked for. When good: the hashes of the range's blocks in order, and of the parent of
 * the first. */
void block_sync_on_verified(struct block_sync *sync, uint64_t range, enum range_verdict verdict,
                            const hash256 *parent, const hash256 *hashes, uint64_t now_ms);
enum import_verdict {
    IMPORT_DONE,     /* all blocks of the range are stored */
    IMPORT_BAD,      /* parts do not match their headers: asked for elsewhere */
    IMPORT_DIVERGED, /* a final block is invalid here: the machine stands still */
};
void block_sync_on_imported(struct block_sync *sync, uint64_t range, enum import_verdict verdict,
                            uint64_t now_ms);

enum block_sync_action_kind {
    BLOCK_SYNC_REQUEST,  /* GET_RANGE of `first`, `count` to `peer` */
    BLOCK_SYNC_VERIFY,   /* `answer`, on a worker; then block_sync_on_verified() */
    BLOCK_SYNC_IMPORT,   /* `answer`, which is good and stands on the head; then _on_imported() */
    BLOCK_SYNC_FAULT,    /* `peer` lied: `fault` */
    BLOCK_SYNC_SYNCED,   /* the target, block `hash` at height `first`, is imported */
    BLOCK_SYNC_DIVERGED, /* range from `first` on is final and does not stand on the head: alarm */
};
struct block_sync_action {
    enum block_sync_action_kind kind;
    unsigned peer;
    enum sync_fault fault;
    unsigned count;      /* blocks */
    uint64_t range;      /* names it in the verdict */
    uint64_t first;      /* height */
    struct bytes answer; /* the RANGE message as it came */
    hash256 hash;
};
/* The next thing to do; false: nothing more now. */
bool block_sync_take(struct block_sync *sync, uint64_t now_ms, struct block_sync_action *action);
/* When to call block_sync_take() again without an event; UINT64_MAX: nothing is pending. */
uint64_t block_sync_next_ms(const struct block_sync *sync);

/* Somebody is ahead, and nobody has the next block any more: a snapshot is the way. */
bool block_sync_needs_checkpoint(const struct block_sync *sync);
uint64_t block_sync_height(const struct block_sync *sync); /* imported */
/* The highest final block that a peer which is up and was not caught lying says to have; not below
 * block_sync_height(). */
uint64_t block_sync_claimed(const struct block_sync *sync);
bool block_sync_is_running(const struct block_sync *sync);
size_t block_sync_held_bytes(const struct block_sync *sync);
#endif

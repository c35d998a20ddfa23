/* Snapshot sync: brings all chunks of a checkpoint here, from many members at once.
 *
 *   CHOOSING ──► LISTING ──► FETCHING ──► REBUILDING ──► DONE
 *      ▲  offers    manifest    chunks        state root
 *      └──────────────┴───────────┴──────────────┘   rejected, or nobody serves it any more
 *
 * Members say which checkpoints they serve; the newest on whose manifest `agree` of them agree is
 * taken (one more than may lie). A manifest and every chunk is checked by its hash when it comes,
 * so it does not matter who sends it; the state root that was rebuilt is checked against the
 * certified header by the ledger before anything is used. When a newer checkpoint takes the place
 * of the one that is being fetched, chunks whose hash is in both are kept.
 *
 * A pure machine, driven as blocks.h says. Bytes never enter it: the caller hashes what comes, on
 * a worker, after asking whether it is wanted, and stores chunks by their hash. Counts are checked
 * against the manifest before anything of that size is made (celestia#5098). Design: consensus 3. */
#ifndef NODE_SYNC_CHECKPOINT_H
#define NODE_SYNC_CHECKPOINT_H
#include "node/sync/message.h"
#include "node/sync/peers.h"

#define CHECKPOINT_OPEN_MAX      16 /* chunks under way */
#define CHECKPOINT_PEER_OPEN_MAX 4
#define CHECKPOINT_CHOOSE_MS     5000  /* for members to say what they serve */
#define CHECKPOINT_POLL_MS       30000 /* they are asked again */
#define CHECKPOINT_REJECTED_MAX  8     /* manifests; a later one takes the place of the first */

struct checkpoint_sync; /* opaque */

/* No checkpoint below `height_least` is taken: the evidence window, the last erasure. */
struct checkpoint_sync *checkpoint_sync_new(uint64_t height_least, unsigned agree, uint64_t now_ms);
void checkpoint_sync_free(struct checkpoint_sync *sync); /* accepts NULL */

/* Connected. Only what members say counts for agreement; anybody may serve. */
void checkpoint_sync_on_peer(struct checkpoint_sync *sync, unsigned peer, bool is_member);
void checkpoint_sync_on_gone(struct checkpoint_sync *sync, unsigned peer);
void checkpoint_sync_on_offers(struct checkpoint_sync *sync, unsigned from,
                               const struct checkpoint_offers *offers, uint64_t now_ms);

/* Whether a MANIFEST or CHUNK is worth hashing: cheap, before any work. */
bool checkpoint_sync_wants(const struct checkpoint_sync *sync, unsigned from,
                           enum sync_message_kind kind, const struct chunk_answer *answer);

enum checkpoint_verdict {
    CHECKPOINT_TAKE,  /* it is what was wanted: store it */
    CHECKPOINT_WRONG, /* another hash: who sent it is a liar */
    CHECKPOINT_UNWANTED,
};
/* `hash` is keccak256 of the content; NULL: empty, it is not there. A manifest that is taken is to
 * be decoded: checkpoint_sync_on_entries(). */
enum checkpoint_verdict checkpoint_sync_on_manifest(struct checkpoint_sync *sync, unsigned from,
                                                    const hash256 *manifest, const hash256 *hash,
                                                    uint64_t now_ms);
enum checkpoint_verdict checkpoint_sync_on_chunk(struct checkpoint_sync *sync, unsigned from,
                                                 const struct chunk_answer *chunk,
                                                 const hash256 *hash, uint64_t now_ms);
/* The hashes of the manifest's chunks, in order; NULL: it does not decode, or names another block.
 * Another count than was offered is refused, too. */
void checkpoint_sync_on_entries(struct checkpoint_sync *sync, const hash256 *chunks, size_t count,
                                uint64_t now_ms);
/* A chunk by this hash is stored already, of an earlier run; before any peer. */
void checkpoint_sync_on_stored(struct checkpoint_sync *sync, const hash256 *chunk);
/* Whether the rebuilt state has the root of the certified header. If not, the manifest is not
 * taken again, and who offered it lied. */
void checkpoint_sync_on_rebuilt(struct checkpoint_sync *sync, bool is_good, uint64_t now_ms);

enum checkpoint_action_kind {
    CHECKPOINT_ASK_OFFERS,   /* GET_CHECKPOINTS to `peer` */
    CHECKPOINT_ASK_MANIFEST, /* GET_MANIFEST of offer.manifest to `peer` */
    CHECKPOINT_ASK_CHUNK,    /* GET_CHUNK of offer.manifest, `index` to `peer` */
    CHECKPOINT_FAULT,        /* `peer` lied: `fault` */
    CHECKPOINT_REBUILD,      /* all chunks of `offer` are here; then checkpoint_sync_on_rebuilt() */
    CHECKPOINT_DONE,         /* the ledger stands at offer.height */
};
struct checkpoint_action {
    enum checkpoint_action_kind kind;
    unsigned peer;
    enum sync_fault fault;
    struct checkpoint_offer offer;
    uint32_t index;
};
bool checkpoint_sync_take(struct checkpoint_sync *sync, uint64_t now_ms,
                          struct checkpoint_action *action);
uint64_t checkpoint_sync_next_ms(const struct checkpoint_sync *sync);

/* How far it is: chunks here, of how many; 0 of 0 while none is chosen. */
void checkpoint_sync_progress(const struct checkpoint_sync *sync, uint32_t *here, uint32_t *total);
#endif

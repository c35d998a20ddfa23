/* What nodes send each other to catch up: ranges of blocks, the chain of seals, checkpoints.
 * kind u8, then the message of that kind; kinds go on from node/consensus/message.h.
 *
 *   16 GET_RANGE        first height u64 | blocks u8
 *   17 RANGE            first height u64 | blocks u8 | range (ledger/chain/range.h)
 *   18 GET_SEALS        first epoch u64 | links u8
 *   19 SEALS            first epoch u64 | links u8 | chain (ledger/chain/seal_chain.h)
 *   20 GET_CHECKPOINTS
 *   21 CHECKPOINTS      count u8 | (height u64 | block hash 32 | manifest hash 32
 *                       | manifest size u32 | chunks u32) each, heights rising
 *   22 GET_MANIFEST     manifest hash 32
 *   23 MANIFEST         manifest hash 32 | manifest
 *   24 GET_CHUNK        manifest hash 32 | index u32
 *   25 CHUNK            manifest hash 32 | index u32 | chunk
 *
 * big-endian. An answer may hold less than was asked for; one that holds nothing says: that is not
 * here. No range goes past a seal. What a range or chain holds is looked at by a worker, which also
 * checks that it is of so many blocks or links. Formats: docs/formats.md; design: consensus 2.2,
 * 3. */
#ifndef NODE_SYNC_MESSAGE_H
#define NODE_SYNC_MESSAGE_H
#include "vm/base/bytes.h"

#define SYNC_BLOCKS_MAX       128
#define SYNC_LINKS_MAX        128
#define SYNC_LINKS_SIZE_MAX   2359296 /* 2 MB and one link: requests, a finality proof */
#define CHECKPOINTS_MAX       8
#define CHECKPOINT_CHUNKS_MAX 65536
#define CHUNK_SIZE_MAX        262144
#define MANIFEST_SIZE_MAX     (CHECKPOINT_CHUNKS_MAX * 96)
/* No message is larger: a ledger's largest block, and SYNC_AROUND_MAX bytes around it. */
#define SYNC_MESSAGE_SIZE_MAX 8650752
#define SYNC_AROUND_MAX       65536

enum sync_message_kind {
    SYNC_GET_RANGE = 16,
    SYNC_RANGE,
    SYNC_GET_SEALS,
    SYNC_SEALS,
    SYNC_GET_CHECKPOINTS,
    SYNC_CHECKPOINTS,
    SYNC_GET_MANIFEST,
    SYNC_MANIFEST,
    SYNC_GET_CHUNK,
    SYNC_CHUNK,
};

/* Blocks by height, or links by the epoch that they lead on from. */
struct span_request {
    uint64_t first;
    unsigned count; /* 1 to SYNC_BLOCKS_MAX or SYNC_LINKS_MAX */
};
struct span_answer {
    uint64_t first;
    unsigned count;       /* 0: not here */
    struct bytes content; /* borrowed; empty exactly where the count is 0 */
};

struct checkpoint_offer {
    uint64_t height;
    hash256 block;
    hash256 manifest; /* keccak256 of the manifest */
    uint32_t manifest_size;
    uint32_t chunks;
};
struct checkpoint_offers {
    struct checkpoint_offer offers[CHECKPOINTS_MAX];
    unsigned count;
};

struct chunk_request {
    hash256 manifest;
    uint32_t index; /* 0 in what concerns the manifest itself */
};
struct chunk_answer {
    hash256 manifest;
    uint32_t index;
    struct bytes content; /* borrowed; empty: not here */
};

struct sync_message {
    enum sync_message_kind kind;
    union {
        struct span_request get_span; /* GET_RANGE, GET_SEALS */
        struct span_answer span;      /* RANGE, SEALS */
        struct checkpoint_offers checkpoints;
        struct chunk_request get_chunk; /* GET_MANIFEST, GET_CHUNK */
        struct chunk_answer chunk;      /* MANIFEST, CHUNK */
    };
};

void sync_message_encode(const struct sync_message *message, struct buffer *out);
/* Accepts only what sync_message_encode() writes. Contents borrow from `encoded`. */
bool sync_message_decode(struct sync_message *message, struct bytes encoded);
#endif

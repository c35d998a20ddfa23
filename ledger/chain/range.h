/* A range of blocks, for whoever catches up: containers one after the other, and what proves that
 * all of them are final.
 *
 *   range = RLP [version 1, [container, ...], [FINALIZATION, ...], finality proof]
 *
 * The blocks are of one epoch; a seal is the last. The proof is that of the last block, so the
 * headers that lead to its certified descendant, if it has no FINALIZATION of its own. The
 * FINALIZATIONs are those of blocks before the last, in order of height, so many that no
 * FINALITY_PROOF_HEADERS_MAX blocks follow each other without one: a store keeps these.
 *
 * Checking a range reads headers and certificates; it believes no height and no number that is
 * claimed, only that the first block's parent is one that is known. What stands in a block beside
 * its header is compared when the block is validated. Design: consensus 3, block sync. */
#ifndef LEDGER_CHAIN_RANGE_H
#define LEDGER_CHAIN_RANGE_H
#include "ledger/chain/block.h"
#include "ledger/chain/finality.h"

#define RANGE_VERSION    1
#define RANGE_BLOCKS_MAX 128
#define RANGE_SIZE_MAX   2097152 /* of the containers; a single one may be larger */

struct ranged_block {
    struct bytes container;
    hash256 hash;                           /* filled in by checking */
    uint64_t height;                        /* the same */
    const struct certificate *finalization; /* the same; NULL: a later one settles it too */
};
struct block_range {
    struct ranged_block *blocks;
    unsigned count;
    struct certificate *finalizations;
    unsigned finalizations_count;
    struct finality_proof proof;
};
void block_range_encode(const struct block_range *range, enum vm_fork fork, struct buffer *out);
/* Containers borrow from `encoded`; all else is in `arena`. */
bool block_range_decode(struct block_range *range, enum vm_fork fork, struct bytes encoded,
                        struct arena *arena);
/* That the first block stands on the one of hash `parent` and height `parent_height`, each on the
 * one before, and that the committee of `record` made all of them final. With FINALITY_OK every
 * block has hash, height and, where it has one, its FINALIZATION. */
enum finality_verdict block_range_check(struct block_range *range, enum vm_fork fork,
                                        const hash256 *parent, uint64_t parent_height,
                                        const struct signing_domain *domain,
                                        const struct epoch_record *record);
#endif

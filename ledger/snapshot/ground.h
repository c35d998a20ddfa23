/* What a joiner holds proven before it asks for a snapshot: the ledger's genesis document, the
 * chain of seals up to now, and the header of a checkpoint's final block. */
#ifndef LEDGER_SNAPSHOT_GROUND_H
#define LEDGER_SNAPSHOT_GROUND_H
#include "ledger/chain/seal_chain.h"
#include "ledger/org/genesis.h"

struct snapshot_ground {
    struct bytes genesis_document;
    const struct header *block_0; /* NULL: as the document gives it; for tests alone */
    /* The chain of seals from epoch 1 to the one in force after the checkpoint or further, one link
     * behind the other, as a struct seal_chain that began with epoch 1 collects them. */
    struct bytes links;
    struct header header;                   /* of the checkpoint's block; it is final */
    const struct certificate *finalization; /* its own, checked; NULL: a descendant's settled it */
};
/* Everything in `arena`. */
void snapshot_ground_copy(struct snapshot_ground *copy, const struct snapshot_ground *ground,
                          struct arena *arena);

/* An epoch after the first, and what proves it. */
struct snapshot_epoch {
    struct epoch_record record;
    struct seal_link link;
    struct bytes encoded; /* the link */
};

/* What follows from the ground. */
struct snapshot_facts {
    struct genesis genesis;
    struct header block_0;
    hash256 id;                    /* of block 0 */
    struct snapshot_epoch *epochs; /* from the second on */
    size_t epochs_count;
    struct epoch_record last;   /* in force after the checkpoint */
    hash256 last_seal_mix_hash; /* of the block before the last epoch */
    hash256 block_hash;         /* of the checkpoint */
    bool is_seal;               /* it is the last block before the last epoch */
};
/* ERROR_INVALID when its parts contradict each other: a link that does not hold, a header of
 * another epoch than the last; ERROR_VERSION when an epoch needs a newer program. Views borrow from
 * the ground, lists live in `arena`. */
bool snapshot_ground_check(const struct snapshot_ground *ground, struct arena *arena,
                           struct snapshot_facts *facts, struct error *error)
    __attribute__((warn_unused_result));
#endif

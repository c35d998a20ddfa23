/* What a joiner holds proven before it asks for a snapshot: the ledger's genesis document, the
 * chain of seals up to now, and the header of a checkpoint's final block. */
#ifndef LEDGER_SNAPSHOT_GROUND_H
#define LEDGER_SNAPSHOT_GROUND_H
#include "ledger/org/genesis.h"

struct snapshot_ground {
    struct bytes genesis_document;
    const struct header *block_0; /* NULL: as the document gives it; for tests alone */
    /* The epochs after the first, up to that in force after the checkpoint, each with the header of
     * the seal it began with. */
    const struct epoch_record *records;
    const struct header *seals;
    size_t epochs_count;
    struct header header;                   /* of the checkpoint's block; it is final */
    const struct certificate *finalization; /* its own, checked; NULL: a descendant's settled it */
};
/* Everything in `arena`. */
void snapshot_ground_copy(struct snapshot_ground *copy, const struct snapshot_ground *ground,
                          struct arena *arena);

/* What follows from it. */
struct snapshot_facts {
    struct genesis genesis;
    struct header block_0;
    hash256 id;                /* of block 0 */
    struct epoch_record first; /* of epoch 1 */
    struct epoch_record last;  /* in force after the checkpoint */
    hash256 block_hash;        /* of the checkpoint */
    bool is_seal;              /* it is the last block before the last epoch */
};
/* ERROR_INVALID when its parts contradict each other: a seal that is not its record's, records that
 * do not follow each other, a header of another epoch. Lists live in `arena`. */
bool snapshot_ground_check(const struct snapshot_ground *ground, struct arena *arena,
                           struct snapshot_facts *facts, struct error *error)
    __attribute__((warn_unused_result));
#endif

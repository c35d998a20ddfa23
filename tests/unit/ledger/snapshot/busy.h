/* A ledger with something going on in it, and the snapshots of its checkpoints: every tenth block.
 *
 * Transfers to accounts old and new, contracts that store and clear slots, a delegation now and
 * then; all from one seed. */
#ifndef TESTS_UNIT_LEDGER_SNAPSHOT_BUSY_H
#define TESTS_UNIT_LEDGER_SNAPSHOT_BUSY_H
#include "ledger/snapshot/import.h"
#include "ledger/snapshot/snapshot.h"
#include "tests/unit/ledger/sample.h"

#define BUSY_EVERY      10
#define BUSY_CONTRACTS  6
#define BUSY_CHUNK_SIZE 2048

struct busy {
    struct sample sample;
    unsigned seed;
    address contracts[BUSY_CONTRACTS];
    unsigned contracts_count;
};

void busy_start(struct busy *busy, unsigned seed);
void busy_cleanup(struct busy *busy);
/* Up to the block at that height. */
void busy_go_on(struct busy *busy, uint64_t height);

/* So many blocks that the last one's certificate makes final together. */
void busy_leap(struct busy *busy, unsigned count);

/* The same blocks on another ledger of the sample's document, with the same certificates. */
void busy_repeat(struct busy *from, struct ledger *to, uint64_t last);

/* A snapshot as it travels. */
struct parcel {
    struct arena arena;
    struct manifest manifest;
    struct buffer encoded; /* the manifest */
    struct bytes *chunks;
};
void parcel_make(struct parcel *parcel, struct ledger *ledger, uint64_t height, size_t chunk_size);
void parcel_cleanup(struct parcel *parcel);
/* After its chunks were changed: the manifest names them. */
void parcel_sign(struct parcel *parcel);

/* What a joiner holds proven of the checkpoint at that height. */
struct snapshot_ground busy_ground(struct busy *busy, uint64_t height, struct arena *arena);
#endif

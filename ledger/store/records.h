/* What the values of the schema (keys.h) hold: written into a batch, read through a snapshot.
 *
 * A `load` returns false when the world failed (damage, a newer version); where a record may be
 * missing, *found tells. `at` names the store and the snapshot to read through. */
#ifndef LEDGER_STORE_RECORDS_H
#define LEDGER_STORE_RECORDS_H
#include "ledger/chain/block.h"
#include "ledger/chain/finality.h"
#include "ledger/chain/receipt.h"
#include "ledger/chain/reveal.h"
#include "ledger/state/reader.h"
#include "ledger/store/promises.h"
#include "ledger/store/store.h"

struct store_at {
    struct store *store;
    const struct store_snapshot *snapshot; /* NULL: the newest state */
};

/* 'H' */
struct head_record {
    uint64_t height;
    hash256 hash;
    uint64_t epoch;     /* of the block that follows; 1 in records of version 1 */
    uint64_t view;      /* the last that was finalized in that epoch */
    uint64_t tail_left; /* empty blocks still due after it */
    unsigned members;   /* of that epoch's committee */
    struct reveal_progress reveals[COMMITTEE_SIZE_MAX];
};
/* 'h' */
struct header_record {
    hash256 hash;
    struct supply supply; /* after the block */
    struct header header;
};
/* 'P': what a head record held when that block was the head, but for what differs between nodes. */
struct checkpoint_record {
    uint64_t tail_left;
    unsigned members;
    struct reveal_progress reveals[COMMITTEE_SIZE_MAX];
};
/* Where a transaction stands. */
struct transaction_place {
    uint64_t height;
    uint64_t index;
};

/* 1 to STORE_FORMAT; ERROR_VERSION for a newer one. */
bool record_load_format(struct store_at at, unsigned *format, struct error *error)
    __attribute__((warn_unused_result));
bool record_load_genesis(struct store_at at, struct buffer *document, struct error *error)
    __attribute__((warn_unused_result));
bool record_load_epoch(struct store_at at, uint64_t epoch, struct epoch_record *record,
                       struct arena *arena, struct error *error)
    __attribute__((warn_unused_result));
/* Appends it. */
bool record_load_link(struct store_at at, uint64_t epoch, struct buffer *link, struct error *error)
    __attribute__((warn_unused_result));
bool record_load_head(struct store_at at, struct head_record *head, struct error *error)
    __attribute__((warn_unused_result));
bool record_load_checkpoint(struct store_at at, uint64_t height, struct checkpoint_record *record,
                            bool *found, struct error *error) __attribute__((warn_unused_result));
/* 0 where there is no record. */
bool record_load_earliest(struct store_at at, uint64_t *height, struct error *error)
    __attribute__((warn_unused_result));
/* PROMISES_LOST and old where there is no record: nobody knows. */
bool record_load_promises(struct store_at at, struct promises *promises, struct error *error)
    __attribute__((warn_unused_result));
bool record_load_header(struct store_at at, enum vm_fork fork, uint64_t height,
                        struct header_record *record, bool *found, struct error *error)
    __attribute__((warn_unused_result));
/* The value of an 'h' record as an iterator sees it. */
bool record_decode_header(struct bytes value, enum vm_fork fork, uint64_t height,
                          struct header_record *record, struct error *error)
    __attribute__((warn_unused_result));
/* Appends the block's container (chain/block.h). */
bool record_load_container(struct store_at at, uint64_t height, struct buffer *container,
                           bool *found, struct error *error) __attribute__((warn_unused_result));
/* `count` senders, into an array of the arena. */
bool record_load_senders(struct store_at at, uint64_t height, size_t count, address **senders,
                         struct arena *arena, struct error *error)
    __attribute__((warn_unused_result));
bool record_load_receipts(struct store_at at, uint64_t height, struct receipt **receipts,
                          size_t *count, struct arena *arena, bool *found, struct error *error)
    __attribute__((warn_unused_result));
/* One transaction with its sender, one receipt with the gas and the logs that stand before it
 * in its block: the others are passed over, not decoded. */
bool record_load_transaction(struct store_at at, uint64_t height, uint64_t index,
                             struct transaction *tx, struct arena *arena, bool *found,
                             struct error *error) __attribute__((warn_unused_result));
bool record_load_receipt(struct store_at at, uint64_t height, uint64_t index,
                         struct receipt *receipt, uint64_t *gas_before, uint64_t *logs_before,
                         struct arena *arena, bool *found, struct error *error)
    __attribute__((warn_unused_result));
bool record_load_finalization(struct store_at at, uint64_t height, struct certificate *finalization,
                              struct arena *arena, bool *found, struct error *error)
    __attribute__((warn_unused_result));
bool record_load_height(struct store_at at, const hash256 *block, uint64_t *height, bool *found,
                        struct error *error) __attribute__((warn_unused_result));
bool record_load_place(struct store_at at, const hash256 *transaction,
                       struct transaction_place *place, bool *found, struct error *error)
    __attribute__((warn_unused_result));

void record_put_format(struct store_batch *batch);
void record_put_genesis(struct store_batch *batch, struct bytes document);
void record_put_epoch(struct store_batch *batch, const struct epoch_record *record);
/* As chain/seal_chain.h encodes it. */
void record_put_link(struct store_batch *batch, uint64_t epoch, struct bytes link);
void record_put_head(struct store_batch *batch, const struct head_record *head);
void record_put_checkpoint(struct store_batch *batch, uint64_t height,
                           const struct checkpoint_record *record);
void record_put_earliest(struct store_batch *batch, uint64_t height);
void record_put_promises(struct store_batch *batch, const struct promises *promises);
void record_put_header(struct store_batch *batch, enum vm_fork fork,
                       const struct header_record *record);
/* The index by block hash. */
void record_put_height(struct store_batch *batch, const hash256 *block, uint64_t height);
/* Body, senders, and the indexes by block and transaction hash. */
void record_put_block(struct store_batch *batch, const struct block *block, struct bytes container);
void record_put_receipts(struct store_batch *batch, uint64_t height, const struct receipt *receipts,
                         size_t count);
void record_put_finalization(struct store_batch *batch, uint64_t height,
                             const struct certificate *finalization);

/* Values of 'a', 'A': empty for an account that does not exist. */
void record_encode_account(const struct account *account, bool exists, struct buffer *out);
bool record_decode_account(struct bytes value, struct account *account, bool *exists,
                           struct error *error) __attribute__((warn_unused_result));
/* Values of 's', 'S': empty for zero. */
void record_encode_slot(const u256 *slot, struct buffer *out);
bool record_decode_slot(struct bytes value, u256 *slot, struct error *error)
    __attribute__((warn_unused_result));
/* Values of 'k', 'n', 'N': a version and the bytes. */
bool record_plain(struct bytes value, const char *what, struct bytes *content, struct error *error)
    __attribute__((warn_unused_result));
void record_put_plain(struct store_batch *batch, struct bytes key, struct bytes content);
#endif

/* What a ledger does for the machines of this folder: it answers requests, checks what came and
 * takes it in. Jobs for workers; those that change the ledger are for its actor. */
#ifndef NODE_SYNC_EXCHANGE_H
#define NODE_SYNC_EXCHANGE_H
#include "ledger/ledger.h"
#include "node/sync/blocks.h"
#include "node/sync/seals.h"

/* Appends the answer to a GET_RANGE or GET_SEALS, any other request is our bug; an empty one where
 * there is nothing from there on. Any thread. False: the store failed. */
bool exchange_answer(const struct ledger_view *view, const struct sync_message *request,
                     struct buffer *out, struct error *error) __attribute__((warn_unused_result));

/* What a range that is good consists of. */
struct checked_range {
    hash256 parent;
    hash256 hashes[SYNC_BLOCKS_MAX];
    /* The last; in the arena. Its block is the range's last, or one of the few behind it. */
    struct certificate finalization;
};
/* BLOCK_SYNC_VERIFY. Any thread. False: the store failed. */
bool exchange_verify_range(struct ledger *ledger, const struct block_sync_action *job,
                           struct arena *arena, enum range_verdict *verdict,
                           struct checked_range *range, struct error *error)
    __attribute__((warn_unused_result));
/* BLOCK_SYNC_IMPORT, on the ledger's actor. What the ledger has already is passed over. False: the
 * world failed, with no verdict (ERROR_BUSY: once there is room for overlays it can be done again);
 * `error` also says what is wrong with IMPORT_DIVERGED. */
bool exchange_import_range(struct ledger *ledger, struct vm *vm,
                           const struct block_sync_action *job, enum import_verdict *verdict,
                           struct error *error) __attribute__((warn_unused_result));

/* SEALS_VERIFY: follows the links as far as they are good. False where not all of them are, or
 * where they are not as many as it says. On any thread that has the chain. */
bool exchange_follow_seals(struct seal_chain *chain, const struct seals_action *job);
/* What seals_sync_on_verified() is told then. */
struct seals_progress exchange_seals_progress(const struct seal_chain *chain);
/* One more than may lie in the committee of the record. */
unsigned exchange_agree(const struct epoch_record *record);
#endif

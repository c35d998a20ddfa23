/* What the parts of the ledger's face share: ledger.c, admit.c and commit.c (life and writing
 * side), view.c and logs.c (reading side), epoch.c, found.c, check.c, snapshot/. Nobody else's. */
#ifndef LEDGER_INSIDE_H
#define LEDGER_INSIDE_H
#include "ledger/chain/candidate.h"
#include "ledger/ledger.h"
#include "ledger/state/nodes.h"
#include "ledger/state/overlay.h"
#include "ledger/state/past.h"
#include "ledger/state/stored.h"
#include "ledger/store/records.h"
#include <pthread.h>

#define LEDGER_STORE_FOLDER "store"        /* within a ledger's directory: the LevelDB */
#define LEDGER_JOURNAL_FILE "pool.journal" /* beside it */

/* What the store holds between two writes: shared by the views opened in between. */
struct moment {
    struct store_snapshot *snapshot;
    struct head_record head;
    struct epoch *epoch; /* of the block that would follow the head */
    unsigned users;      /* views, and the ledger while it is the newest; under its moment_lock */
};

/* A valid block above the head. */
struct pending {
    struct candidate candidate;
    struct overlay *overlay;
    struct pending *parent; /* NULL: on the head */
};

/* The rules of one epoch; never changes. The ledger, moments and views share it. */
struct epoch {
    struct arena arena; /* of the record */
    struct epoch_record record;
    struct chain_rules rules;
    hash256 committee;
    unsigned users; /* under the ledger's moment_lock */
};

struct ledger {
    /* Never change while open: */
    struct store *store;
    struct buffer document;
    struct arena arena; /* of the genesis */
    struct genesis genesis;
    uint64_t chain_id;
    hash256 id;
    uint64_t earliest;         /* first height with state and body; above 0: from a snapshot */
    uint64_t checkpoint_every; /* blocks */
    /* Any thread's, with the lock: */
    pthread_mutex_t moment_lock;
    struct moment *moment; /* the newest; NULL: nobody looked since the last write */
    /* The actor's, but that moments take a share of it, with the lock: */
    struct epoch *epoch; /* of the block that follows the head */
    /* The actor's: */
    struct pool *pool;
    struct stored_state *state; /* at the head */
    struct node_cache *nodes;
    struct ledger_head head;
    struct tip head_tip;
    struct promises promises;
    hash256 log_in_use;         /* ledger_use_log(); zero: none */
    struct certificate awaited; /* ledger_await(); its signatures are the ledger's, NULL: none */
    struct pending *pending[OVERLAYS_MAX];
    size_t pending_count;
    char stands_still[ERROR_TEXT_SIZE]; /* why no transaction is admitted; "" if they are */
    struct ledger_counts *counts;
    struct ledger_counts own_counts; /* where the caller gave none */
    void (*on_admitted)(void *context, const struct transaction *tx); /* NULL: nobody cares */
    void *on_admitted_context;
};

struct ledger_view {
    struct ledger *ledger;
    struct moment *moment;
    struct stored_state **states; /* handed out; freed with the view */
    size_t states_count;
    struct epoch **epochs; /* earlier ones that were asked for; released with the view */
    size_t epochs_count;
};

static inline struct store_at view_at(const struct ledger_view *view)
{
    return (struct store_at){view->ledger->store, view->moment->snapshot};
}

void ledger_set_head(struct ledger *ledger, const struct tip *tip, uint64_t view);
/* A block above the head; NULL if there is none of that hash. */
struct pending *ledger_find_pending(const struct ledger *ledger, const hash256 *hash);
void ledger_free_pending(struct pending *pending);
/* ledger_submit(), uncounted; `is_new`: not from the pool's journal. */
enum pool_verdict ledger_admit(struct ledger *ledger, const struct transaction *tx, uint64_t now_ms,
                               bool is_new, struct error *detail);
/* No container of the next block's epoch is larger. */
size_t ledger_container_size_max(const struct ledger *ledger);

/* Headers have one form on a ledger, whatever fork an epoch brings: from Prague on it is the same,
 * and before it there are no requests, so no seals. */
static inline enum vm_fork header_fork(const struct ledger *ledger)
{
    return ledger->genesis.fork;
}

/* epoch.c: a copy of the record with what follows from it, for one user. */
struct epoch *epoch_new(const struct ledger *ledger, const struct epoch_record *record,
                        const hash256 *seal_mix_hash);
/* From the store; NULL with a reason. ERROR_VERSION for an epoch that needs a newer program. */
struct epoch *epoch_load(const struct ledger *ledger, struct store_at at, uint64_t number,
                         struct error *error);
struct epoch *epoch_share(struct epoch *epoch); /* with the lock held */
/* With the lock held, or where nobody else has a share; accepts NULL. */
void epoch_release(struct epoch *epoch);
/* The last epoch that begins at or below `height`, `newest` at most. */
bool epoch_number_at(struct store_at at, uint64_t newest, uint64_t height, uint64_t *number,
                     struct error *error);
/* The epoch of the block at `height`, at most one above the view's head; block 0 counts to the
 * first. Lives as long as the view. NULL with a reason. */
const struct epoch *view_epoch_at(const struct ledger_view *view, uint64_t height,
                                  struct error *error);
const struct epoch *view_epoch_numbered(const struct ledger_view *view, uint64_t number,
                                        struct error *error);

/* Writes, and views opened from here on see it. */
bool ledger_write(struct ledger *ledger, struct store_batch *batch, struct error *error);
/* The ledger lets go of its newest moment; views that share it keep it. */
void ledger_forget_moment(struct ledger *ledger);

/* A new store whose block 0 has `state`; as ledger_found(), which gives it the genesis's. */
bool found_with_state(const char *directory, const struct genesis *genesis, struct bytes document,
                      struct state_changes *state, struct error *error)
    __attribute__((warn_unused_result));

/* What a store has from the beginning: format, genesis document, epoch record 1, header and body of
 * block 0. Its state, its place in the history and the head come besides. */
void batch_put_founding(struct store_batch *batch, const struct genesis *genesis,
                        struct bytes document, const struct block *block_0);
/* Puts state, trie and history of a block at `height` into the batch; block 0 has no history. */
void batch_put_changes(struct store_batch *batch, uint64_t height,
                       const struct state_changes *changes, const struct trie_changes *nodes);
#endif

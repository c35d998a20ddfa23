/* What the parts of the ledger's face share: ledger.c and commit.c (life and writing side), view.c
 * and logs.c (reading side), found.c, check.c. Nobody else's. */
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
    unsigned users; /* views, and the ledger while it is the newest; under its moment_lock */
};

/* A valid block above the head. */
struct pending {
    struct candidate candidate;
    struct overlay *overlay;
    struct pending *parent; /* NULL: on the head */
};

struct ledger {
    /* Never change while open: */
    struct store *store;
    struct buffer document;
    struct arena arena; /* genesis and epoch record */
    struct genesis genesis;
    struct epoch_record record;
    struct chain_rules rules;
    hash256 id;
    hash256 committee;
    /* Any thread's, with the lock: */
    pthread_mutex_t moment_lock;
    struct moment *moment; /* the newest; NULL: nobody looked since the last write */
    /* The actor's: */
    struct pool *pool;
    struct stored_state *state; /* at the head */
    struct node_cache *nodes;
    struct ledger_head head;
    struct tip head_tip;
    struct pending *pending[OVERLAYS_MAX];
    size_t pending_count;
    char stands_still[ERROR_TEXT_SIZE]; /* why no transaction is admitted; "" if they are */
    struct ledger_counts *counts;
    struct ledger_counts own_counts; /* where the caller gave none */
};

struct ledger_view {
    struct ledger *ledger;
    struct moment *moment;
    struct stored_state **states; /* handed out; freed with the view */
    size_t states_count;
};

static inline struct store_at view_at(const struct ledger_view *view)
{
    return (struct store_at){view->ledger->store, view->moment->snapshot};
}

void ledger_set_head(struct ledger *ledger, const struct tip *tip, uint64_t view);
/* A block above the head; NULL if there is none of that hash. */
struct pending *ledger_find_pending(const struct ledger *ledger, const hash256 *hash);
void ledger_free_pending(struct pending *pending);

/* Writes, and views opened from here on see it. */
bool ledger_write(struct ledger *ledger, struct store_batch *batch, struct error *error);
/* The ledger lets go of its newest moment; views that share it keep it. */
void ledger_forget_moment(struct ledger *ledger);

/* Puts state, trie and history of a block at `height` into the batch; block 0 has no history. */
void batch_put_changes(struct store_batch *batch, uint64_t height,
                       const struct state_changes *changes, const struct trie_changes *nodes);
#endif

/* The reading side: one snapshot of the store, up to one final block. */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/inside.h"

/* ---- Life ---------------------------------------------------------------------------------- */

/* With the lock held. A commit that begins an epoch may have written it and not yet entered it. */
static struct moment *moment_new(struct ledger *ledger, struct error *error)
{
    struct moment *moment = memory_new_zeroed(1, sizeof *moment);
    moment->snapshot = store_snapshot_new(ledger->store);
    moment->users = 1;
    const struct store_at at = {ledger->store, moment->snapshot};
    if (record_load_head(at, &moment->head, error))
        moment->epoch = moment->head.epoch == ledger->epoch->record.epoch
                            ? epoch_share(ledger->epoch)
                            : epoch_load(ledger, at, moment->head.epoch, error);
    if (moment->epoch != NULL)
        return moment;
    store_snapshot_free(ledger->store, moment->snapshot);
    free(moment);
    return NULL;
}

/* With the lock held. */
static void moment_release(struct ledger *ledger, struct moment *moment)
{
    if (--moment->users > 0)
        return;
    store_snapshot_free(ledger->store, moment->snapshot);
    epoch_release(moment->epoch);
    free(moment);
}

void ledger_forget_moment(struct ledger *ledger)
{
    pthread_mutex_lock(&ledger->moment_lock);
    if (ledger->moment != NULL)
        moment_release(ledger, ledger->moment);
    ledger->moment = NULL;
    pthread_mutex_unlock(&ledger->moment_lock);
}

bool ledger_write(struct ledger *ledger, struct store_batch *batch, struct error *error)
{
    const bool ok = store_write(ledger->store, batch, error);
    ledger_forget_moment(ledger);
    return ok;
}

struct ledger_view *ledger_view_open(struct ledger *ledger, struct error *error)
{
    pthread_mutex_lock(&ledger->moment_lock);
    if (ledger->moment == NULL)
        ledger->moment = moment_new(ledger, error);
    struct moment *moment = ledger->moment;
    if (moment != NULL)
        moment->users++;
    pthread_mutex_unlock(&ledger->moment_lock);
    if (moment == NULL)
        return NULL;
    struct ledger_view *view = memory_new_zeroed(1, sizeof *view);
    view->ledger = ledger;
    view->moment = moment;
    return view;
}

void ledger_view_close(struct ledger_view *view)
{
    if (view == NULL)
        return;
    for (size_t i = 0; i < view->states_count; i++)
        stored_state_free(view->states[i]);
    free(view->states);
    for (size_t i = 0; i < view->epochs_count; i++)
        epoch_release(view->epochs[i]);
    free(view->epochs);
    pthread_mutex_lock(&view->ledger->moment_lock);
    moment_release(view->ledger, view->moment);
    pthread_mutex_unlock(&view->ledger->moment_lock);
    free(view);
}

uint64_t view_head(const struct ledger_view *view)
{
    return view->moment->head.height;
}

uint64_t view_earliest(const struct ledger_view *view)
{
    return view->ledger->earliest;
}

/* ---- Blocks -------------------------------------------------------------------------------- */

static bool no_block(const struct ledger_view *view, uint64_t height, struct error *error)
{
    return error_set(error, ERROR_NOT_FOUND, "block %" PRIu64 " not found: the newest is %" PRIu64,
                     height, view->moment->head.height);
}

/* Block 0 is known of every ledger, but for its state. */
static bool is_kept(const struct ledger_view *view, uint64_t height)
{
    return height >= view->ledger->earliest || height == 0;
}

static bool not_kept(const struct ledger_view *view, uint64_t height, const char *what,
                     struct error *error)
{
    return error_set(error, ERROR_NOT_FOUND,
                     "%s of block %" PRIu64 " not available: this node has the ledger from block "
                     "%" PRIu64 " on",
                     what, height, view->ledger->earliest);
}

static bool missing(uint64_t height, const char *what, struct error *error)
{
    return error_set(error, ERROR_CORRUPT,
                     "store: block %" PRIu64
                     " has no %s; move the store aside and restore a backup",
                     height, what);
}

bool view_height_of(const struct ledger_view *view, const hash256 *block_hash, uint64_t *height,
                    struct error *error)
{
    bool found;
    if (!record_load_height(view_at(view), block_hash, height, &found, error))
        return false;
    return found || error_set(error, ERROR_NOT_FOUND, "no block of that hash");
}

static bool load_header(const struct ledger_view *view, uint64_t height,
                        struct header_record *record, struct error *error)
{
    bool found = false;
    if (height > view->moment->head.height)
        return no_block(view, height, error);
    if (!record_load_header(view_at(view), header_fork(view->ledger), height, record, &found,
                            error))
        return false;
    if (!found && !is_kept(view, height))
        return not_kept(view, height, "the header", error);
    return found || missing(height, "header", error);
}

/* For what stands beside the header. */
static bool check_kept(const struct ledger_view *view, uint64_t height, const char *what,
                       struct error *error)
{
    if (height > view->moment->head.height)
        return no_block(view, height, error);
    return is_kept(view, height) || not_kept(view, height, what, error);
}

bool view_header(const struct ledger_view *view, uint64_t height, struct header *header,
                 hash256 *hash, struct error *error)
{
    struct header_record record;
    if (!load_header(view, height, &record, error))
        return false;
    *header = record.header;
    *hash = record.hash;
    return true;
}

bool view_supply(const struct ledger_view *view, uint64_t height, struct supply *supply,
                 struct error *error)
{
    struct header_record record;
    if (!check_kept(view, height, "the supply", error)
        || !load_header(view, height, &record, error))
        return false;
    *supply = record.supply;
    return true;
}

bool view_block(const struct ledger_view *view, uint64_t height, struct arena *arena,
                struct block *block, struct error *error)
{
    struct buffer container = {0};
    bool found = false;
    if (!check_kept(view, height, "the body", error))
        return false;
    bool ok = record_load_container(view_at(view), height, &container, &found, error);
    if (ok && !found)
        ok = missing(height, "body", error);
    if (ok)
        ok = block_container_decode(block, header_fork(view->ledger),
                                    arena_copy(arena, buffer_view(&container)), arena)
                 == BLOCK_OK
             || missing(height, "readable body", error);
    buffer_cleanup(&container);
    address *senders = NULL;
    if (!ok
        || !record_load_senders(view_at(view), height, block->transactions_count, &senders, arena,
                                error))
        return false;
    for (size_t i = 0; i < block->transactions_count; i++)
        block->transactions[i].sender = senders[i];
    return true;
}

bool view_receipts(const struct ledger_view *view, uint64_t height, struct arena *arena,
                   struct receipt **receipts, size_t *count, struct error *error)
{
    bool found;
    if (!check_kept(view, height, "receipts", error))
        return false;
    /* A block without transactions has no record. */
    return record_load_receipts(view_at(view), height, receipts, count, arena, &found, error);
}

static bool no_transaction(uint64_t height, uint64_t index, struct error *error)
{
    return error_set(error, ERROR_NOT_FOUND, "block %" PRIu64 " has no transaction %" PRIu64,
                     height, index);
}

bool view_transaction(const struct ledger_view *view, uint64_t height, uint64_t index,
                      struct arena *arena, struct found_transaction *found, struct error *error)
{
    bool is_there;
    found->index = index;
    if (!check_kept(view, height, "transactions", error)
        || !view_header(view, height, &found->header, &found->block_hash, error)
        || !record_load_transaction(view_at(view), height, index, &found->tx, arena, &is_there,
                                    error))
        return false;
    return is_there || no_transaction(height, index, error);
}

bool view_receipt(const struct ledger_view *view, uint64_t height, uint64_t index,
                  struct arena *arena, struct found_receipt *found, struct error *error)
{
    bool is_there;
    if (!check_kept(view, height, "receipts", error))
        return false;
    if (!record_load_receipt(view_at(view), height, index, &found->receipt, &found->gas_before,
                             &found->logs_before, arena, &is_there, error))
        return false;
    return is_there || no_transaction(height, index, error);
}

bool view_find_transaction(const struct ledger_view *view, const hash256 *hash, uint64_t *height,
                           uint64_t *index, struct error *error)
{
    struct transaction_place place;
    bool found;
    if (!record_load_place(view_at(view), hash, &place, &found, error))
        return false;
    if (!found)
        return error_set(error, ERROR_NOT_FOUND, "no transaction of that hash in a block");
    *height = place.height;
    *index = place.index;
    return true;
}

bool view_finalization(const struct ledger_view *view, uint64_t height, struct arena *arena,
                       struct certificate *finalization, bool *has_own, struct error *error)
{
    if (height > view->moment->head.height)
        return no_block(view, height, error);
    if (height == 0)
        return error_set(error, ERROR_NOT_FOUND,
                         "block 0 has no certificate: it is the ledger's id itself");
    return record_load_finalization(view_at(view), height, finalization, arena, has_own, error);
}

bool view_finality_proof(const struct ledger_view *view, uint64_t height, struct arena *arena,
                         struct finality_proof *proof, struct error *error)
{
    bool is_certified = false;
    if (height > view->moment->head.height)
        return no_block(view, height, error);
    *proof = (struct finality_proof){
        .headers = arena_array(arena, FINALITY_PROOF_HEADERS_MAX, sizeof *proof->headers)};
    while (!is_certified && proof->headers_count < FINALITY_PROOF_HEADERS_MAX
           && height + proof->headers_count <= view->moment->head.height) {
        const uint64_t next = height + proof->headers_count;
        struct header_record record;
        if (!view_finalization(view, next, arena, &proof->finalization, &is_certified, error)
            || !load_header(view, next, &record, error))
            return false;
        proof->headers[proof->headers_count++] = record.header;
    }
    if (!is_certified && view->ledger->earliest > 0 && height <= view->ledger->earliest)
        return not_kept(view, height, "the finality proof", error);
    return is_certified || missing(height, "certificate, nor has a descendant,", error);
}

/* ---- State --------------------------------------------------------------------------------- */

/* A view is one thread's: handing out a reader is no change of what it shows. */
static struct ledger_view *mutable_view(const struct ledger_view *view)
{
    return (struct ledger_view *)(uintptr_t)view;
}

bool view_state_at(const struct ledger_view *view, uint64_t height, struct arena *arena,
                   struct state_reader *reader, struct error *error)
{
    struct ledger_view *owner = mutable_view(view);
    (void)arena;
    if (height > view->moment->head.height)
        return no_block(view, height, error);
    if (height < view->ledger->earliest)
        return not_kept(view, height, "the state", error);
    if (height == view->moment->head.height)
        height = STORED_STATE_NOW;
    for (size_t i = 0; i < view->states_count; i++)
        if (stored_state_height(view->states[i]) == height) {
            *reader = stored_state_reader(view->states[i]);
            return true;
        }
    struct stored_state *state = stored_state_new(view_at(view), height);
    owner->states =
        memory_resize(owner->states, (owner->states_count + 1) * sizeof(struct stored_state *));
    owner->states[owner->states_count++] = state;
    *reader = stored_state_reader(state);
    return true;
}

bool view_environment(const struct ledger_view *view, uint64_t height,
                      struct block_environment *environment, struct error *error)
{
    struct header_record record;
    const struct epoch *epoch = view_epoch_at(view, height, error);
    if (epoch == NULL || !load_header(view, height, &record, error))
        return false;
    *environment = rules_environment(&epoch->rules, &record.header);
    return true;
}

bool view_environment_pending(const struct ledger_view *view, uint64_t now_ms,
                              struct block_environment *environment, struct error *error)
{
    const struct chain_rules *rules = &view->moment->epoch->rules;
    struct header_record record;
    if (!load_header(view, view->moment->head.height, &record, error))
        return false;
    const struct header *head = &record.header;
    const unsigned leader = rules_leader(rules, view->moment->head.view + 1);
    const uint64_t now = now_ms / 1000;
    const struct header next = {
        .parent_hash = record.hash,
        .beneficiary = rules->record->committee[leader].payout,
        .number = head->number + 1,
        .gas_limit = rules->record->parameters.gas_limit,
        .timestamp = now > head->timestamp ? now : head->timestamp,
        .mix_hash = head->mix_hash, /* the next one is not known yet */
        .base_fee = rules_base_fee(rules->genesis, head),
        .parent_beacon_block_root = rules->record_hash,
    };
    *environment = rules_environment(rules, &next);
    return true;
}

hash256 view_block_hash(void *view_block_hashes, uint64_t number)
{
    const struct view_block_hashes *context = view_block_hashes;
    struct header_record record;
    struct error error;
    if (number >= context->height || context->height - number > 256
        || number > context->view->moment->head.height
        || !load_header(context->view, number, &record, &error))
        return (hash256){{0}};
    return record.hash;
}

#include "ledger/ledger.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/chain/validate.h"
#include "ledger/contracts/contracts.h"
#include "ledger/history/history.h"
#include "ledger/inside.h"
#include "ledger/pool/journal.h"
#include "ledger/snapshot/import.h"
#include "ledger/store/folder.h"

static struct store_at newest(const struct ledger *ledger)
{
    return (struct store_at){ledger->store, NULL};
}

/* ---- Opening ------------------------------------------------------------------------------- */

/* A store of an earlier format is read as it is, and from now on written as ours. */
static bool load_format(struct ledger *ledger, struct error *error)
{
    unsigned format;
    if (!record_load_format(newest(ledger), &format, error))
        return false;
    if (format == STORE_FORMAT)
        return true;
    struct store_batch *batch = store_batch_new();
    record_put_format(batch);
    const bool ok = store_write(ledger->store, batch, error);
    store_batch_free(batch);
    return ok;
}

static bool load_identity(struct ledger *ledger, struct error *error)
{
    struct header_record block_0;
    bool found = false;
    if (!load_format(ledger, error)
        || !record_load_genesis(newest(ledger), &ledger->document, error)
        || !genesis_parse(&ledger->genesis, buffer_view(&ledger->document), &ledger->arena, error))
        return false;
    const enum vm_fork fork = ledger->genesis.fork;
    if (!record_load_header(newest(ledger), fork, 0, &block_0, &found, error))
        return false;
    const hash256 document = genesis_document_hash(buffer_view(&ledger->document));
    const hash256 id = header_hash(&block_0.header, fork);
    if (!found || !hash256_equal(&id, &block_0.hash)
        || memcmp(block_0.header.extra_data, document.bytes, sizeof document.bytes) != 0)
        return error_set(error, ERROR_CORRUPT,
                         "store: block 0 does not belong to the genesis document; move the store "
                         "aside and restore a backup");
    ledger->id = id;
    ledger->chain_id = genesis_chain_id(&ledger->genesis, &document);
    return true;
}

/* The epoch of the block that follows the head; that the first follows from the genesis. */
static bool load_epoch(struct ledger *ledger, uint64_t number, struct error *error)
{
    const struct epoch_record expected = genesis_epoch_record(&ledger->genesis, &ledger->id);
    const hash256 expected_hash = epoch_record_hash(&expected);
    struct epoch *first = epoch_load(ledger, newest(ledger), 1, error);
    if (first == NULL)
        return false;
    const bool follows = hash256_equal(&first->rules.record_hash, &expected_hash);
    if (number == 1)
        ledger->epoch = first;
    else
        epoch_release(first);
    if (!follows)
        return error_set(error, ERROR_CORRUPT,
                         "store: epoch record 1 does not follow from the genesis document; move "
                         "the store aside and restore a backup");
    if (number > 1)
        ledger->epoch = epoch_load(ledger, newest(ledger), number, error);
    return ledger->epoch != NULL;
}

void ledger_set_head(struct ledger *ledger, const struct tip *tip, uint64_t view)
{
    ledger->head_tip = *tip;
    ledger->head = (struct ledger_head){
        .number = tip->header.number,
        .hash = tip->hash,
        .header = tip->header,
        .view = view,
        .tail_left = tip->tail_left,
        .supply = tip->supply,
    };
}

/* The head is the epoch's seal, or names the epoch's record. */
static bool stands_in_epoch(const struct ledger *ledger, const struct head_record *head,
                            const struct header *header)
{
    const struct chain_rules *rules = &ledger->epoch->rules;
    return head->members == rules->record->committee_size
           && (head->height + 1 == rules->record->first_height
                   ? hash256_equal(&head->hash, &rules->record->seal)
                   : hash256_equal(&header->parent_beacon_block_root, &rules->record_hash));
}

static bool load_head(struct ledger *ledger, struct error *error)
{
    struct head_record head;
    struct header_record header;
    bool found = false;
    if (!record_load_head(newest(ledger), &head, error) || !load_epoch(ledger, head.epoch, error)
        || !record_load_header(newest(ledger), header_fork(ledger), head.height, &header, &found,
                               error))
        return false;
    const hash256 hash = found ? header_hash(&header.header, header_fork(ledger)) : (hash256){{0}};
    if (!found || !hash256_equal(&hash, &head.hash)
        || !stands_in_epoch(ledger, &head, &header.header))
        return error_set(error, ERROR_CORRUPT,
                         "store: the head record does not match block %" PRIu64
                         "; move the store aside and restore a backup",
                         head.height);
    struct tip tip = {.header = header.header,
                      .hash = head.hash,
                      .supply = header.supply,
                      .tail_left = head.tail_left,
                      .is_seal = head.height + 1 == ledger->epoch->record.first_height,
                      .members = head.members};
    memcpy(tip.reveals, head.reveals, sizeof tip.reveals);
    ledger_set_head(ledger, &tip, head.view);
    return true;
}

static void replay_accepted(void *context, uint64_t time_ms, const address *sender,
                            struct bytes encoded)
{
    struct ledger *ledger = context;
    struct arena arena = {0};
    struct transaction tx;
    if (transaction_decode(&tx, encoded, &arena, NULL) == TRANSACTION_OK) {
        tx.sender = *sender; /* recovered when it was accepted; the record has a checksum */
        transaction_recover_authorities(&tx);
        /* What is refused now was mined meanwhile, or can no longer be paid for. */
        ledger_admit(ledger, &tx, time_ms, false, NULL);
    }
    arena_cleanup(&arena);
}

static void replay_given_up(void *context, const hash256 *hash)
{
    struct ledger *ledger = context;
    pool_drop(ledger->pool, hash, POOL_EVICTED);
}

static bool open_pool(struct ledger *ledger, const char *directory,
                      const struct pool_limits *limits, struct error *error)
{
    ledger->pool = pool_new(limits);
    char *path = folder_path(directory, LEDGER_JOURNAL_FILE);
    struct journal *journal = journal_open(path, error);
    const struct journal_replay replay = {replay_accepted, replay_given_up, ledger};
    const bool ok = journal != NULL && journal_read(journal, &replay, error);
    if (ok)
        pool_set_journal(ledger->pool, journal);
    else
        journal_close(journal);
    if (ok)
        pool_compact_journal(ledger->pool);
    pool_set_counts(ledger->pool, &ledger->counts->pool); /* what was replayed is counted no more */
    free(path);
    return ok;
}

static struct store *open_store(const char *directory, struct store_shared *shared,
                                struct error *error)
{
    char *path = folder_path(directory, LEDGER_STORE_FOLDER);
    struct store *store = store_open(path, STORE_OPEN, shared, error);
    free(path);
    return store;
}

struct ledger *ledger_open(const char *directory, const struct ledger_options *options,
                           struct error *error)
{
    struct ledger *ledger = memory_new_zeroed(1, sizeof *ledger);
    pthread_mutex_init(&ledger->moment_lock, NULL);
    ledger->counts = options->counts != NULL ? options->counts : &ledger->own_counts;
    ledger->checkpoint_every =
        options->checkpoint_every != 0 ? options->checkpoint_every : CHECKPOINT_EVERY;
    ledger->store = open_store(directory, options->shared, error);
    if (ledger->store == NULL || !load_identity(ledger, error) || !load_head(ledger, error)
        || !record_load_earliest(newest(ledger), &ledger->earliest, error)
        || !record_load_promises(newest(ledger), &ledger->promises, error)
        || !history_catch_up(ledger, error))
        goto failed;
    ledger->state = stored_state_new(newest(ledger), STORED_STATE_NOW);
    ledger->nodes = node_cache_new(ledger->store);
    if (open_pool(ledger, directory, &options->pool, error)) {
        snapshot_import_tidy(directory);
        return ledger;
    }
failed:
    error_prefix(error, "%s", directory);
    ledger_close(ledger);
    return NULL;
}

void ledger_free_pending(struct pending *pending)
{
    overlay_free(pending->overlay);
    candidate_cleanup(&pending->candidate);
    free(pending);
}

void ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    for (size_t i = 0; i < ledger->pending_count; i++)
        ledger_free_pending(ledger->pending[i]);
    pool_free(ledger->pool);
    node_cache_free(ledger->nodes);
    stored_state_free(ledger->state);
    ledger_forget_moment(ledger);
    epoch_release(ledger->epoch);
    pthread_mutex_destroy(&ledger->moment_lock);
    store_close(ledger->store);
    buffer_cleanup(&ledger->document);
    arena_cleanup(&ledger->arena);
    free(ledger->awaited.signatures);
    free(ledger);
}

const struct genesis *ledger_genesis(const struct ledger *ledger)
{
    return &ledger->genesis;
}

struct bytes ledger_genesis_document(const struct ledger *ledger)
{
    return buffer_view(&ledger->document);
}

const hash256 *ledger_id(const struct ledger *ledger)
{
    return &ledger->id;
}

uint64_t ledger_chain_id(const struct ledger *ledger)
{
    return ledger->chain_id;
}

const struct epoch_record *ledger_epoch_record(const struct ledger *ledger)
{
    return &ledger->epoch->record;
}

struct signing_domain ledger_signing_domain(const struct ledger *ledger)
{
    return (struct signing_domain){ledger->chain_id, ledger->id, ledger->epoch->record.epoch,
                                   ledger->epoch->committee};
}

const struct promises *ledger_promises(const struct ledger *ledger)
{
    return &ledger->promises;
}

bool ledger_set_promises(struct ledger *ledger, const struct promises *promises,
                         struct error *error)
{
    struct store_batch *batch = store_batch_new();
    record_put_promises(batch, promises);
    const bool ok = ledger_write(ledger, batch, error);
    store_batch_free(batch);
    if (ok)
        ledger->promises = *promises;
    return ok || error_prefix(error, "the vote log was not named");
}

void ledger_use_log(struct ledger *ledger, const hash256 *log)
{
    ledger->log_in_use = *log;
}

uint64_t ledger_checkpoint_every(const struct ledger *ledger)
{
    return ledger->checkpoint_every;
}

struct pool *ledger_pool(struct ledger *ledger)
{
    return ledger->pool;
}

struct store_figures ledger_store_figures(const struct ledger *ledger)
{
    return store_figures(ledger->store);
}

/* ---- The tree above the head --------------------------------------------------------------- */

const struct ledger_head *ledger_head(const struct ledger *ledger)
{
    return &ledger->head;
}

struct pending *ledger_find_pending(const struct ledger *ledger, const hash256 *hash)
{
    for (size_t i = 0; i < ledger->pending_count; i++)
        if (hash256_equal(&ledger->pending[i]->candidate.block.hash, hash))
            return ledger->pending[i];
    return NULL;
}

/* A block to build on: its tip, and its overlay's owner or NULL for the head. */
static const struct tip *find_tip(const struct ledger *ledger, const hash256 *hash,
                                  struct pending **pending)
{
    *pending = ledger_find_pending(ledger, hash);
    if (*pending != NULL)
        return &(*pending)->candidate.tip;
    return hash256_equal(hash, &ledger->head.hash) ? &ledger->head_tip : NULL;
}

bool ledger_reveal_progress(const struct ledger *ledger, const hash256 *parent, unsigned member,
                            struct reveal_progress *progress)
{
    struct pending *pending;
    const struct tip *tip = find_tip(ledger, parent, &pending);
    if (tip == NULL || member >= tip->members)
        return false;
    *progress = tip->reveals[member];
    return true;
}

static uint64_t nonce_above_head(void *context, const address *sender, uint64_t at_head)
{
    const struct pending *pending = context;
    const struct state_reader reader = overlay_reader(pending->overlay);
    struct account account;
    reader.ops->account(reader.context, sender, &account);
    return account.nonce > at_head ? account.nonce : at_head;
}

bool ledger_has_includable(struct ledger *ledger, const hash256 *parent)
{
    struct pending *pending;
    const struct tip *tip = find_tip(ledger, parent, &pending);
    if (tip == NULL)
        return false;
    const u256 base_fee = rules_base_fee(&ledger->genesis, &tip->header);
    return pool_has_includable(ledger->pool, &base_fee, pending != NULL ? nonce_above_head : NULL,
                               pending);
}

bool ledger_has_work(struct ledger *ledger, const hash256 *parent)
{
    struct pending *pending;
    const struct tip *tip = find_tip(ledger, parent, &pending);
    return tip != NULL && (tip->tail_left > 0 || ledger_has_includable(ledger, parent));
}

/* BLOCKHASH while a block on `pending` (or on the head) is executed. */
struct ancestry {
    struct ledger *ledger;
    const struct pending *pending;
    uint64_t number; /* of the block being executed */
};

static hash256 ancestor_hash(void *context, uint64_t number)
{
    const struct ancestry *ancestry = context;
    if (number >= ancestry->number || ancestry->number - number > 256)
        return (hash256){{0}};
    for (const struct pending *block = ancestry->pending; block != NULL; block = block->parent)
        if (block->candidate.block.header.number == number)
            return block->candidate.block.hash;
    struct header_record record;
    struct error error;
    bool found = false;
    if (!record_load_header(newest(ancestry->ledger), header_fork(ancestry->ledger), number,
                            &record, &found, &error)
        || !found)
        return (hash256){{0}};
    return record.hash;
}

static struct ground ground_on(struct ledger *ledger, struct vm *vm, struct ancestry *ancestry)
{
    const struct pending *pending = ancestry->pending;
    stored_state_reset(ledger->state);
    return (struct ground){
        .vm = vm,
        .reader =
            pending != NULL ? overlay_reader(pending->overlay) : stored_state_reader(ledger->state),
        .nodes = node_cache_source(ledger->nodes, pending != NULL ? pending->overlay : NULL),
        .block_hash = ancestor_hash,
        .block_hash_context = ancestry,
    };
}

static uint64_t overlays_size(const struct ledger *ledger)
{
    uint64_t size = 0;
    for (size_t i = 0; i < ledger->pending_count; i++)
        size += ledger->pending[i]->candidate.arena.size_bytes;
    return size;
}

static bool has_room(const struct ledger *ledger, const struct pending *parent, struct error *error)
{
    unsigned depth = 0;
    for (; parent != NULL; parent = parent->parent)
        depth++;
    if (depth >= OVERLAY_DEPTH_MAX)
        return error_set(error, ERROR_BUSY, "%d blocks on each other wait for finality already",
                         OVERLAY_DEPTH_MAX);
    if (ledger->pending_count >= OVERLAYS_MAX)
        return error_set(error, ERROR_BUSY, "%d blocks wait for finality already", OVERLAYS_MAX);
    const uint64_t full = OVERLAYS_BLOCKS_MIN * ledger->epoch->record.parameters.block_size_max;
    return overlays_size(ledger) < (full > OVERLAYS_SIZE_MAX ? full : OVERLAYS_SIZE_MAX)
           || error_set(error, ERROR_BUSY, "the %zu blocks that wait for finality are too large",
                        ledger->pending_count);
}

static void add_pending(struct ledger *ledger, struct pending *pending, struct pending *parent)
{
    const struct state_reader base = stored_state_reader(ledger->state);
    pending->parent = parent;
    pending->overlay = overlay_new(parent != NULL ? parent->overlay : NULL, &base,
                                   &pending->candidate.changes, &pending->candidate.nodes);
    ledger->pending[ledger->pending_count++] = pending;
}

/* ---- Building ------------------------------------------------------------------------------ */

/* The pool as a source; what turns out invalid is dropped when the block is done. */
struct pool_source {
    struct pool_picker *picker;
    struct buffer dropped; /* hashes */
};

static const struct transaction *source_next(void *context)
{
    return pool_picker_next(((struct pool_source *)context)->picker);
}

static void source_taken(void *context)
{
    pool_picker_take(((struct pool_source *)context)->picker);
}

static void source_skip(void *context)
{
    pool_picker_skip(((struct pool_source *)context)->picker);
}

static void source_dropped(void *context, enum transaction_verdict verdict)
{
    struct pool_source *source = context;
    const struct transaction *tx = pool_picker_next(source->picker);
    (void)verdict;
    buffer_append(&source->dropped, tx->hash.bytes, sizeof tx->hash.bytes);
    pool_picker_skip(source->picker);
}

static void drop_all(struct ledger *ledger, const struct buffer *hashes)
{
    for (size_t at = 0; at < hashes->size; at += sizeof(hash256)) {
        hash256 hash;
        memcpy(hash.bytes, hashes->data + at, sizeof hash.bytes);
        pool_drop(ledger->pool, &hash, POOL_EVICTED);
    }
}

static bool fill_from_pool(struct ledger *ledger, struct vm *vm, const struct tip *tip,
                           struct pending *parent, const struct build_request *request,
                           struct candidate *candidate, struct error *error)
{
    struct ancestry ancestry = {ledger, parent, tip->header.number + 1};
    const struct ground ground = ground_on(ledger, vm, &ancestry);
    const u256 base_fee = rules_base_fee(&ledger->genesis, &tip->header);
    struct pool_source context = {0};
    context.picker =
        pool_picker_new(ledger->pool, &base_fee, parent != NULL ? nonce_above_head : NULL, parent);
    const struct build_source source = {source_next, source_taken, source_skip, source_dropped,
                                        &context};
    const bool ok =
        block_build(&ledger->epoch->rules, tip, &ground, request, &source, candidate, error);
    pool_picker_free(context.picker);
    if (ok)
        drop_all(ledger, &context.dropped);
    buffer_cleanup(&context.dropped);
    return ok && !node_cache_failed(ledger->nodes, error);
}

bool ledger_build(struct ledger *ledger, struct vm *vm, const struct build_request *request,
                  hash256 *hash, struct error *error)
{
    struct pending *parent;
    const struct tip *tip = find_tip(ledger, &request->parent, &parent);
    if (tip == NULL)
        return error_set(error, ERROR_NOT_FOUND, "build: unknown parent block");
    if (parent != NULL && tip->is_seal)
        return error_set(error, ERROR_INVALID,
                         "build: the parent is its epoch's seal: nothing stands on it before it is "
                         "final");
    if (!has_room(ledger, parent, error))
        return false;
    pool_expire(ledger->pool, request->now_ms);
    struct pending *pending = memory_new_zeroed(1, sizeof *pending);
    if (!fill_from_pool(ledger, vm, tip, parent, request, &pending->candidate, error)) {
        ledger_free_pending(pending);
        return false;
    }
    *hash = pending->candidate.block.hash;
    add_pending(ledger, pending, parent);
    return true;
}

/* ---- Validating ---------------------------------------------------------------------------- */

static bool sender_from_pool(void *context, const struct transaction *tx, address *sender)
{
    const struct transaction *known = pool_find(context, &tx->hash);
    if (known != NULL)
        *sender = known->sender;
    return known != NULL;
}

/* Nothing stands on a seal in its epoch; what names the next one has to wait until it begins. */
static enum block_verdict verdict_on_seal(const struct pending *seal, const struct header *header)
{
    const hash256 next = epoch_record_hash(seal->candidate.next);
    return hash256_equal(&header->parent_beacon_block_root, &next) ? BLOCK_UNKNOWN_PARENT
                                                                   : BLOCK_BAD_EPOCH_RECORD;
}

/* The candidate's block is decoded; what is left is its place and its contents. */
static bool validate_pending(struct ledger *ledger, struct vm *vm, struct pending *pending,
                             enum block_verdict *verdict, struct error *error)
{
    struct pending *parent;
    const struct header *header = &pending->candidate.block.header;
    const struct tip *tip = find_tip(ledger, &header->parent_hash, &parent);
    if (tip == NULL) {
        *verdict = BLOCK_UNKNOWN_PARENT;
        return true;
    }
    if (parent != NULL && tip->is_seal) {
        *verdict = verdict_on_seal(parent, header);
        return true;
    }
    if (!has_room(ledger, parent, error))
        return false;
    struct ancestry ancestry = {ledger, parent, tip->header.number + 1};
    const struct ground ground = ground_on(ledger, vm, &ancestry);
    const struct sender_cache senders = {sender_from_pool, ledger->pool};
    if (!block_validate(&ledger->epoch->rules, tip, &ground, &senders, &pending->candidate, verdict,
                        error)
        || node_cache_failed(ledger->nodes, error))
        return false;
    if (*verdict == BLOCK_OK)
        add_pending(ledger, pending, parent);
    return true;
}

size_t ledger_container_size_max(const struct ledger *ledger)
{
    return ledger->epoch->record.parameters.block_size_max + CONTAINER_OVERHEAD_MAX;
}

bool ledger_validate(struct ledger *ledger, struct vm *vm, struct bytes container,
                     enum block_verdict *verdict, hash256 *hash, struct error *error)
{
    *hash = (hash256){{0}};
    if (container.size > ledger_container_size_max(ledger)) {
        *verdict = BLOCK_TOO_LARGE;
        return true;
    }
    struct pending *pending = memory_new_zeroed(1, sizeof *pending);
    struct candidate *candidate = &pending->candidate;
    bool ok = true;
    candidate->container = arena_copy(&candidate->arena, container);
    *verdict = block_container_decode(&candidate->block, header_fork(ledger), candidate->container,
                                      &candidate->arena);
    if (*verdict == BLOCK_OK) {
        *hash = candidate->block.hash;
        if (ledger_find_pending(ledger, hash) == NULL)
            ok = validate_pending(ledger, vm, pending, verdict, error);
    }
    if (ledger_find_pending(ledger, hash) != pending)
        ledger_free_pending(pending);
    return ok;
}

struct bytes ledger_container(struct ledger *ledger, const hash256 *hash, struct arena *arena)
{
    const struct pending *pending = ledger_find_pending(ledger, hash);
    if (pending != NULL)
        return arena_copy(arena, pending->candidate.container);
    struct buffer container = {0};
    struct bytes copy = {0};
    struct error error;
    uint64_t height;
    bool found = false;
    if (record_load_height(newest(ledger), hash, &height, &found, &error) && found
        && record_load_container(newest(ledger), height, &container, &found, &error) && found)
        copy = arena_copy(arena, buffer_view(&container));
    buffer_cleanup(&container);
    return copy;
}

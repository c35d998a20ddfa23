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
#include "ledger/store/folder.h"
#include "vm/delegation.h"

/* Beside the block in geth's form: reveal, blind, and what the two outboxes drain. */
#define CONTAINER_OVERHEAD_MAX (4096 + 2 * OUTBOX_DATA_SIZE_MAX)

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
    ledger->rules.chain_id = genesis_chain_id(&ledger->genesis, &document);
    ledger->rules.seal_mix_hash = block_0.header.mix_hash;
    return true;
}

static bool load_record(struct ledger *ledger, struct error *error)
{
    if (!record_load_epoch(newest(ledger), 1, &ledger->record, &ledger->arena, error))
        return false;
    const struct epoch_record expected = genesis_epoch_record(&ledger->genesis, &ledger->id);
    const hash256 hash = epoch_record_hash(&ledger->record);
    const hash256 expected_hash = epoch_record_hash(&expected);
    if (!hash256_equal(&hash, &expected_hash))
        return error_set(error, ERROR_CORRUPT,
                         "store: epoch record 1 does not follow from the genesis document; move "
                         "the store aside and restore a backup");
    ledger->rules.genesis = &ledger->genesis;
    ledger->rules.record = &ledger->record;
    ledger->rules.record_hash = hash;
    ledger->committee = committee_hash(ledger->record.committee, ledger->record.committee_size);
    return true;
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

static bool load_head(struct ledger *ledger, struct error *error)
{
    struct head_record head;
    struct header_record header;
    bool found = false;
    if (!record_load_head(newest(ledger), &head, error)
        || !record_load_header(newest(ledger), ledger->record.fork, head.height, &header, &found,
                               error))
        return false;
    const hash256 hash = header_hash(&header.header, ledger->record.fork);
    if (!found || !hash256_equal(&hash, &head.hash)
        || head.members != ledger->record.committee_size)
        return error_set(error, ERROR_CORRUPT,
                         "store: the head record does not match block %" PRIu64
                         "; move the store aside and restore a backup",
                         head.height);
    struct tip tip = {.header = header.header,
                      .hash = head.hash,
                      .supply = header.supply,
                      .tail_left = head.tail_left,
                      .members = head.members};
    memcpy(tip.reveals, head.reveals, sizeof tip.reveals);
    ledger_set_head(ledger, &tip, head.view);
    return true;
}

static enum pool_verdict submit(struct ledger *ledger, const struct transaction *tx,
                                uint64_t now_ms, bool is_new, struct error *detail);

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
        submit(ledger, &tx, time_ms, false, NULL);
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
    ledger->store = open_store(directory, options->shared, error);
    if (ledger->store == NULL || !load_identity(ledger, error) || !load_record(ledger, error)
        || !load_head(ledger, error) || !history_catch_up(ledger, error))
        goto failed;
    ledger->state = stored_state_new(newest(ledger), STORED_STATE_NOW);
    ledger->nodes = node_cache_new(ledger->store);
    if (open_pool(ledger, directory, &options->pool, error))
        return ledger;
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
    pthread_mutex_destroy(&ledger->moment_lock);
    store_close(ledger->store);
    buffer_cleanup(&ledger->document);
    arena_cleanup(&ledger->arena);
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
    return ledger->rules.chain_id;
}

const struct epoch_record *ledger_epoch_record(const struct ledger *ledger)
{
    return &ledger->record;
}

struct signing_domain ledger_signing_domain(const struct ledger *ledger)
{
    return (struct signing_domain){ledger->rules.chain_id, ledger->id, ledger->record.epoch,
                                   ledger->committee};
}

/* ---- Admission ----------------------------------------------------------------------------- */

struct pool *ledger_pool(struct ledger *ledger)
{
    return ledger->pool;
}

static enum pool_verdict refuse(enum pool_verdict verdict, struct error *detail, const char *text)
{
    if (detail != NULL)
        error_set(detail, ERROR_INVALID, "%s", text);
    return verdict;
}

/* The sentence for a transaction that breaks a rule by itself, in geth's words. */
static enum pool_verdict refuse_rule(const struct ledger *ledger, const struct transaction *tx,
                                     enum transaction_verdict verdict, struct error *detail)
{
    char text[ERROR_TEXT_SIZE];
    uint64_t gas = 0;
    switch ((int)verdict) {
    case TRANSACTION_NO_CHAIN_ID:
        return refuse(POOL_REFUSED, detail,
                      "only replay-protected (EIP-155) transactions allowed over RPC");
    case TRANSACTION_WRONG_CHAIN_ID:
        snprintf(text, sizeof text, "invalid chain id for signer: have %" PRIu64 " want %" PRIu64,
                 tx->chain_id, ledger->rules.chain_id);
        return refuse(POOL_REFUSED, detail, text);
    case TRANSACTION_GAS_BELOW_INTRINSIC:
        if (!transaction_intrinsic_gas(tx, ledger->record.fork, &gas))
            break;
        snprintf(text, sizeof text,
                 "intrinsic gas too low: gas %" PRIu64 ", minimum needed %" PRIu64, tx->gas_limit,
                 gas);
        return refuse(POOL_REFUSED, detail, text);
    case TRANSACTION_GAS_BELOW_FLOOR:
        snprintf(text, sizeof text, "%s: gas %" PRIu64 ", minimum needed %" PRIu64,
                 transaction_verdict_text(verdict), tx->gas_limit,
                 transaction_floor_gas(tx, ledger->record.fork));
        return refuse(POOL_REFUSED, detail, text);
    case TRANSACTION_GAS_OVER_CAP:
        snprintf(text, sizeof text, "%s (cap: %d, tx: %" PRIu64 ")",
                 transaction_verdict_text(verdict), TRANSACTION_GAS_CAP, tx->gas_limit);
        return refuse(POOL_REFUSED, detail, text);
    case TRANSACTION_INITCODE_TOO_LARGE:
        snprintf(text, sizeof text, "max initcode size exceeded: code size %zu, limit %d",
                 tx->data.size, 2 * 24576 /* EIP-3860 */);
        return refuse(POOL_REFUSED, detail, text);
    }
    return refuse(POOL_REFUSED, detail, transaction_verdict_text(verdict));
}

/* What needs no account. */
static enum pool_verdict check_by_itself(const struct ledger *ledger, const struct transaction *tx,
                                         struct error *detail)
{
    char text[ERROR_TEXT_SIZE];
    const enum transaction_verdict verdict =
        tx->encoded.size > TRANSACTION_SIZE_MAX
            ? TRANSACTION_TOO_LARGE
            : transaction_check(tx, ledger->record.fork, ledger->rules.chain_id);
    if (verdict != TRANSACTION_OK)
        return refuse_rule(ledger, tx, verdict, detail);
    if (tx->gas_limit > ledger->record.parameters.gas_limit) {
        snprintf(text, sizeof text,
                 "exceeds block gas limit: tx gas %" PRIu64 ", block gas limit %" PRIu64,
                 tx->gas_limit, ledger->record.parameters.gas_limit);
        return refuse(POOL_GAS_LIMIT, detail, text);
    }
    const u256 *floor = &ledger->genesis.base_fee_floor;
    if (u256_less(&tx->max_fee, floor)) {
        char least[U256_DECIMAL_SIZE], fee[U256_DECIMAL_SIZE];
        u256_format_decimal(least, floor);
        u256_format_decimal(fee, &tx->max_fee);
        snprintf(text, sizeof text,
                 "transaction underpriced: max fee per gas %s, this ledger's floor %s", fee, least);
        return refuse(POOL_UNDERPRICED, detail, text);
    }
    return POOL_OK;
}

/* The sender's account at the head, which may send if it has no code or delegates (EIP-3607,
 * EIP-7702). */
static enum pool_verdict read_sender(struct ledger *ledger, const address *sender,
                                     struct pool_account *out, struct error *detail)
{
    const struct state_reader reader = stored_state_reader(ledger->state);
    struct account account;
    struct error failure;
    address delegate;
    stored_state_reset(ledger->state); /* one bad record is not the next sender's fault */
    reader.ops->account(reader.context, sender, &account);
    const bool has_code = !hash256_equal(&account.code_hash, &EMPTY_CODE_HASH);
    const bool is_barred =
        has_code
        && !vm_delegation_decode(reader.ops->code(reader.context, &account.code_hash), &delegate);
    if (reader.ops->failed(reader.context, &failure))
        return refuse(POOL_REFUSED, detail, failure.text);
    if (is_barred)
        return refuse(POOL_SENDER_HAS_CODE, detail, pool_verdict_text(POOL_SENDER_HAS_CODE));
    *out = (struct pool_account){account.nonce, account.balance, has_code};
    return POOL_OK;
}

static enum pool_verdict submit(struct ledger *ledger, const struct transaction *tx,
                                uint64_t now_ms, bool is_new, struct error *detail)
{
    if (ledger->stands_still[0] != '\0')
        return refuse(POOL_REFUSED, detail, ledger->stands_still);
    pool_expire(ledger->pool, now_ms);
    if (pool_find(ledger->pool, &tx->hash) != NULL)
        return refuse(POOL_ALREADY_KNOWN, detail, pool_verdict_text(POOL_ALREADY_KNOWN));
    enum pool_verdict verdict = check_by_itself(ledger, tx, detail);
    struct pool_account sender;
    if (verdict == POOL_OK && !pool_account_of(ledger->pool, &tx->sender, &sender))
        verdict = read_sender(ledger, &tx->sender, &sender, detail);
    if (verdict == POOL_OK && is_new)
        verdict = pool_check_delegation(ledger->pool, tx, &sender, detail);
    return verdict == POOL_OK ? pool_insert(ledger->pool, tx, &sender, now_ms, detail) : verdict;
}

enum pool_verdict ledger_submit(struct ledger *ledger, const struct transaction *tx,
                                uint64_t now_ms, struct error *detail)
{
    enum pool_verdict verdict = submit(ledger, tx, now_ms, true, detail);
    tally_add(&ledger->counts->submitted[verdict], 1);
    return verdict;
}

void ledger_stand_still(struct ledger *ledger, const char *why)
{
    snprintf(ledger->stands_still, sizeof ledger->stands_still, "this ledger stands still: %.340s",
             why);
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
    const u256 base_fee = rules_base_fee(&ledger->rules, &tip->header);
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
    if (!record_load_header(newest(ancestry->ledger), ancestry->ledger->record.fork, number,
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

static bool has_room(const struct ledger *ledger, struct error *error)
{
    return ledger->pending_count < OVERLAYS_MAX
           || error_set(error, ERROR_BUSY, "%d blocks wait for finality already", OVERLAYS_MAX);
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
    const u256 base_fee = rules_base_fee(&ledger->rules, &tip->header);
    struct pool_source context = {0};
    context.picker =
        pool_picker_new(ledger->pool, &base_fee, parent != NULL ? nonce_above_head : NULL, parent);
    const struct build_source source = {source_next, source_taken, source_skip, source_dropped,
                                        &context};
    const bool ok = block_build(&ledger->rules, tip, &ground, request, &source, candidate, error);
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
    if (!has_room(ledger, error))
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
    if (!has_room(ledger, error))
        return false;
    struct ancestry ancestry = {ledger, parent, tip->header.number + 1};
    const struct ground ground = ground_on(ledger, vm, &ancestry);
    const struct sender_cache senders = {sender_from_pool, ledger->pool};
    if (!block_validate(&ledger->rules, tip, &ground, &senders, &pending->candidate, verdict, error)
        || node_cache_failed(ledger->nodes, error))
        return false;
    if (*verdict == BLOCK_OK)
        add_pending(ledger, pending, parent);
    return true;
}

bool ledger_validate(struct ledger *ledger, struct vm *vm, struct bytes container,
                     enum block_verdict *verdict, hash256 *hash, struct error *error)
{
    *hash = (hash256){{0}};
    if (container.size > ledger->record.parameters.block_size_max + CONTAINER_OVERHEAD_MAX) {
        *verdict = BLOCK_TOO_LARGE;
        return true;
    }
    struct pending *pending = memory_new_zeroed(1, sizeof *pending);
    struct candidate *candidate = &pending->candidate;
    bool ok = true;
    candidate->container = arena_copy(&candidate->arena, container);
    *verdict = block_container_decode(&candidate->block, ledger->record.fork, candidate->container,
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

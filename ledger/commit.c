/* Making blocks final: one synced batch for all that a FINALIZATION settles. */
#include <inttypes.h>

#include "ledger/chain/seal_chain.h"
#include "ledger/history/history.h"
#include "ledger/inside.h"

static void put_block(struct store_batch *batch, const struct ledger *ledger,
                      const struct candidate *candidate)
{
    const struct block *block = &candidate->block;
    const struct tip *tip = &candidate->tip;
    const uint64_t height = block->header.number;
    record_put_header(batch, header_fork(ledger),
                      &(struct header_record){block->hash, tip->supply, block->header});
    record_put_block(batch, block, candidate->container);
    record_put_receipts(batch, height, candidate->receipts, block->transactions_count);
    history_put(batch, block, candidate->receipts, &ledger->genesis);
    batch_put_changes(batch, height, &candidate->changes, &candidate->nodes);
    past_put(batch, height, &candidate->nodes);
}

/* `epoch` and `view` are of the block that follows. */
static void put_head(struct store_batch *batch, const struct tip *tip, uint64_t epoch,
                     uint64_t view)
{
    struct head_record head = {.height = tip->header.number,
                               .hash = tip->hash,
                               .epoch = epoch,
                               .view = view,
                               .tail_left = tip->tail_left,
                               .members = tip->members};
    memcpy(head.reveals, tip->reveals, sizeof head.reveals);
    record_put_head(batch, &head);
}

/* `ancestor` itself, too. */
static bool is_above(const struct pending *pending, const struct pending *ancestor)
{
    for (; pending != NULL; pending = pending->parent)
        if (pending == ancestor)
            return true;
    return false;
}

/* Keeps what stands on the winner, which is the head now. */
static void drop_losers(struct ledger *ledger, struct pending *winner)
{
    struct pending *dropped[OVERLAYS_MAX];
    size_t kept = 0, dropped_count = 0;
    for (size_t i = 0; i < ledger->pending_count; i++) {
        struct pending *pending = ledger->pending[i];
        if (pending != winner && is_above(pending, winner))
            ledger->pending[kept++] = pending;
        else
            dropped[dropped_count++] = pending;
    }
    ledger->pending_count = kept;
    for (size_t i = 0; i < kept; i++) {
        if (ledger->pending[i]->parent != winner)
            continue;
        ledger->pending[i]->parent = NULL;
        overlay_rebase(ledger->pending[i]->overlay);
    }
    for (size_t i = 0; i < dropped_count; i++)
        ledger_free_pending(dropped[i]);
}

bool ledger_drop(struct ledger *ledger, const hash256 *hash)
{
    struct pending *pending = ledger_find_pending(ledger, hash);
    size_t at = 0;
    if (pending == NULL)
        return false;
    for (size_t i = 0; i < ledger->pending_count; i++) {
        if (ledger->pending[i]->parent == pending)
            return false;
        at = ledger->pending[i] == pending ? i : at;
    }
    ledger->pending[at] = ledger->pending[--ledger->pending_count];
    ledger_free_pending(pending);
    return true;
}

static void tell_pool(struct ledger *ledger, const struct candidate *candidate)
{
    const struct state_changes *changes = &candidate->changes;
    pool_on_mined(ledger->pool, candidate->block.transactions, candidate->block.transactions_count,
                  header_time_ms(&candidate->block.header));
    for (size_t i = 0; i < changes->accounts_count; i++) {
        const struct account_change *change = &changes->accounts[i];
        const struct pool_account account = {
            change->after.nonce, change->after.balance,
            !hash256_equal(&change->after.code_hash, &EMPTY_CODE_HASH)};
        pool_on_account(ledger->pool, &change->address, &account);
    }
}

static void count_block(struct ledger *ledger, const struct block *block)
{
    struct ledger_counts *counts = ledger->counts;
    tally_add(&counts->blocks, 1);
    tally_add(&counts->transactions, block->transactions_count);
    tally_add(&counts->gas_used, block->header.gas_used);
}

/* The winner and what it stands on above the head, in the order of height. */
struct settled {
    struct pending *blocks[OVERLAYS_MAX];
    size_t count;
};

static struct settled settled_by(struct pending *winner)
{
    struct settled settled = {.count = 0};
    for (struct pending *block = winner; block != NULL; block = block->parent)
        settled.count++;
    size_t at = settled.count;
    for (struct pending *block = winner; block != NULL; block = block->parent)
        settled.blocks[--at] = block;
    return settled;
}

static bool check_finalization(const struct ledger *ledger, const hash256 *hash,
                               const struct certificate *finalization, struct error *error)
{
    if (finalization->kind != MESSAGE_FINALIZE || !hash256_equal(&finalization->block_hash, hash)
        || finalization->epoch != ledger->epoch->record.epoch)
        return error_set(
            error, ERROR_INVALID,
            "commit: the certificate is not the block's FINALIZATION of epoch %" PRIu64,
            ledger->epoch->record.epoch);
    return true;
}

/* Is it one more FINALIZATION of the head, a seal, from the epoch that it ended? */
static bool ends_epoch_of(const struct ledger *ledger, const struct certificate *finalization)
{
    return finalization->kind == MESSAGE_FINALIZE && ledger->head.number > 0
           && hash256_equal(&finalization->block_hash, &ledger->epoch->record.seal)
           && finalization->epoch + 1 == ledger->epoch->record.epoch;
}

/* The head was proposed and finalized once more: no block, but no vote up to that view any more. */
static bool commit_view(struct ledger *ledger, const struct certificate *finalization,
                        struct error *error)
{
    if (finalization->view <= ledger->head.view)
        return true;
    struct store_batch *batch = store_batch_new();
    put_head(batch, &ledger->head_tip, finalization->epoch, finalization->view);
    /* The block before the epoch keeps what settled it in its own. */
    if (ledger->head.number >= ledger->epoch->record.first_height)
        record_put_finalization(batch, ledger->head.number, finalization);
    const bool ok = ledger_write(ledger, batch, error);
    store_batch_free(batch);
    if (!ok)
        return error_prefix(error, "view %" PRIu64 " was not committed", finalization->view);
    ledger->head.view = finalization->view;
    return true;
}

/* Nothing was said in an epoch that begins, so the log in use has all of it, and where none is in use
 * any that comes: a committee of one needs none, and who only follows has none. Unless the member may
 * have been in that epoch before its store was put back: audit_is_epoch_new() of
 * node/consensus/audit.h. */
static struct promises promises_after(const struct ledger *ledger, const struct header *seal)
{
    const struct promises *before = &ledger->promises;
    const hash256 *log = &ledger->log_in_use;
    struct extra_data extra = {.view = 0};
    const bool knows_log = before->state == PROMISES_LOGGED && hash256_equal(&before->log, log);
    const bool is_past_silence = knows_log && before->silent_until > 0
                                 && extra_data_decode(&extra, seal)
                                 && extra.view >= before->silent_until;
    if (before->is_old && !is_past_silence && ledger->epoch->record.committee_size > 1)
        return (struct promises){.state = PROMISES_LOST, .is_old = true};
    if (hash256_is_zero(log))
        return (struct promises){.state = PROMISES_NONE};
    return (struct promises){.state = PROMISES_LOGGED, .log = *log};
}

/* What the next block stands on. */
struct aftermath {
    struct tip tip;
    uint64_t view;            /* final in its epoch */
    struct epoch *epoch;      /* that begins; NULL: the same goes on */
    struct promises promises; /* in that */
};

/* A seal begins the next epoch: its committee, and views from 1 on. */
static struct aftermath aftermath_of(const struct ledger *ledger, const struct candidate *last,
                                     const struct certificate *finalization)
{
    struct aftermath after = {.tip = last->tip, .view = finalization->view};
    if (last->next != NULL) {
        after.view = 0;
        after.epoch = epoch_new(ledger, last->next, &last->block.header.mix_hash);
        tip_enter_epoch(&after.tip, &ledger->epoch->record, last->next);
        after.promises = promises_after(ledger, &last->block.header);
    }
    return after;
}

/* consensus.md, section 3: "a checkpoint is each seal, every S blocks". The counters are those of
 * the committee that makes the next block. */
static void put_checkpoint(struct store_batch *batch, const struct ledger *ledger,
                           const struct tip *tip, bool is_seal)
{
    struct checkpoint_record record = {.tail_left = tip->tail_left, .members = tip->members};
    if (!is_seal && tip->header.number % ledger->checkpoint_every != 0)
        return;
    memcpy(record.reveals, tip->reveals, sizeof record.reveals);
    record_put_checkpoint(batch, tip->header.number, &record);
}

/* What proves the new epoch's record to whoever trusts the one before. */
static void put_link(struct store_batch *batch, const struct ledger *ledger,
                     const struct aftermath *after, const struct candidate *seal,
                     const struct certificate *finalization)
{
    struct header header = seal->block.header;
    struct buffer encoded = {0};
    const struct seal_link link = {
        .proof = {.headers = &header, .headers_count = 1, .finalization = *finalization},
        .requests = seal->block.requests,
        .supply = after->tip.supply,
    };
    seal_link_encode(&link, header_fork(ledger), &encoded);
    record_put_link(batch, after->epoch->record.epoch, buffer_view(&encoded));
    buffer_cleanup(&encoded);
}

static bool write_settled(struct ledger *ledger, const struct settled *settled,
                          const struct aftermath *after, const struct certificate *finalization,
                          struct error *error)
{
    struct store_batch *batch = store_batch_new();
    size_t written_bytes = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < settled->count; i++) {
        const struct candidate *candidate = &settled->blocks[i]->candidate;
        put_block(batch, ledger, candidate);
        if (i + 1 < settled->count)
            put_checkpoint(batch, ledger, &candidate->tip, false);
        ok = past_prune(ledger->store, batch, candidate->block.header.number, error);
    }
    const struct tip *tip = &after->tip;
    put_checkpoint(batch, ledger, tip, after->epoch != NULL);
    if (after->epoch != NULL) {
        record_put_epoch(batch, &after->epoch->record);
        record_put_promises(batch, &after->promises);
        put_link(batch, ledger, after, &settled->blocks[settled->count - 1]->candidate,
                 finalization);
    }
    put_head(batch, tip, after->epoch != NULL ? finalization->epoch + 1 : finalization->epoch,
             after->view);
    record_put_finalization(batch, tip->header.number, finalization);
    ok = ok && ledger_write(ledger, batch, error);
    written_bytes = store_batch_size(batch);
    store_batch_free(batch);
    if (ok)
        tally_add(&ledger->counts->written_bytes, written_bytes);
    return ok || error_prefix(error, "block %" PRIu64 " was not committed", tip->header.number);
}

static void enter_epoch(struct ledger *ledger, struct epoch *epoch)
{
    pthread_mutex_lock(&ledger->moment_lock);
    epoch_release(ledger->epoch);
    ledger->epoch = epoch;
    pthread_mutex_unlock(&ledger->moment_lock);
}

bool ledger_commit(struct ledger *ledger, const hash256 *hash,
                   const struct certificate *finalization, struct error *error)
{
    struct pending *winner = ledger_find_pending(ledger, hash);
    const bool is_head = hash256_equal(hash, &ledger->head.hash);
    if (winner == NULL && !is_head)
        return error_set(error, ERROR_NOT_FOUND, "commit: no valid block of that hash");
    if (is_head && ends_epoch_of(ledger, finalization))
        return true; /* its epoch is over */
    if (!check_finalization(ledger, hash, finalization, error))
        return false;
    if (is_head)
        return commit_view(ledger, finalization, error);
    if (finalization->view <= ledger->head.view)
        return error_set(error, ERROR_INVALID,
                         "commit: view %" PRIu64
                         " is final already, expected a later one than %" PRIu64,
                         ledger->head.view, finalization->view);

    const struct settled settled = settled_by(winner);
    const struct aftermath after = aftermath_of(ledger, &winner->candidate, finalization);
    if (!write_settled(ledger, &settled, &after, finalization, error)) {
        epoch_release(after.epoch);
        return false;
    }
    for (size_t i = 0; i < settled.count; i++) {
        const struct candidate *candidate = &settled.blocks[i]->candidate;
        node_cache_update(ledger->nodes, &candidate->nodes);
        tell_pool(ledger, candidate);
        count_block(ledger, &candidate->block);
    }
    pool_compact_journal(ledger->pool);
    ledger_set_head(ledger, &after.tip, after.view);
    if (after.epoch != NULL) {
        enter_epoch(ledger, after.epoch);
        ledger->promises = after.promises;
    }
    drop_losers(ledger, winner);
    return true;
}

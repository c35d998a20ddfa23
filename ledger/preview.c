/* The block to come, as the pool stands: what the tag `pending` shows. */
#include <stdlib.h>

#include "ledger/inside.h"

struct preview {
    struct candidate candidate;
    struct arena decoded; /* the transactions taken from */
    struct state_reader base;
    struct overlay *overlay;
};

/* ---- From the pool ----------------------------------------------------------------------- */

size_t ledger_waiting(struct ledger *ledger, struct arena *arena, struct waiting **waiting)
{
    const struct consensus_parameters *parameters = &ledger->epoch->record.parameters;
    const u256 base_fee = rules_base_fee(&ledger->genesis, &ledger->head.header);
    struct pool_picker *picker = pool_picker_new(ledger->pool, &base_fee, NULL, NULL);
    struct buffer list = {0};
    uint64_t gas = 0, size = 0;
    const struct transaction *tx;
    while ((tx = pool_picker_next(picker)) != NULL) {
        if (tx->gas_limit > parameters->gas_limit - gas
            || tx->encoded.size > parameters->block_size_max - size) {
            pool_picker_skip(picker);
            continue;
        }
        const struct waiting one = {arena_copy(arena, tx->encoded), tx->sender};
        buffer_append(&list, &one, sizeof one);
        gas += tx->gas_limit;
        size += tx->encoded.size;
        pool_picker_take(picker);
    }
    pool_picker_free(picker);
    const size_t count = list.size / sizeof **waiting;
    *waiting = arena_array(arena, count, sizeof **waiting);
    if (count > 0)
        memcpy(*waiting, list.data, list.size);
    buffer_cleanup(&list);
    return count;
}

/* ---- The block --------------------------------------------------------------------------- */

/* Hands the transactions out one by one; whatever turns out not to fit is left out, and what
 * follows it of its sender fails by its nonce. */
struct source {
    const struct waiting *waiting;
    size_t count, next;
    struct arena *arena;
    struct transaction tx;
};

static const struct transaction *source_next(void *context)
{
    struct source *source = context;
    while (source->next < source->count) {
        const struct waiting *waiting = &source->waiting[source->next];
        if (transaction_decode(&source->tx, waiting->encoded, source->arena, NULL)
            == TRANSACTION_OK) {
            source->tx.sender = waiting->sender;
            transaction_recover_authorities(&source->tx);
            return &source->tx;
        }
        source->next++;
    }
    return NULL;
}

static void source_move(void *context)
{
    ((struct source *)context)->next++;
}

static void source_dropped(void *context, enum transaction_verdict verdict)
{
    (void)verdict;
    source_move(context);
}

static bool load_tip(const struct ledger_view *view, struct tip *tip, struct error *error)
{
    struct header header;
    *tip = (struct tip){.tail_left = view->moment->head.tail_left,
                        .is_seal = view->moment->head.height + 1
                                   == view->moment->epoch->record.first_height,
                        .members = view->moment->head.members};
    memcpy(tip->reveals, view->moment->head.reveals, sizeof tip->reveals);
    if (!view_header(view, view->moment->head.height, &header, &tip->hash, error)
        || !view_supply(view, view->moment->head.height, &tip->supply, error))
        return false;
    tip->header = header;
    return true;
}

static void fill_header(const struct ledger_view *view, const struct tip *tip, uint64_t now_ms,
                        struct header *header)
{
    const struct chain_rules *rules = &view->moment->epoch->rules;
    const uint64_t next_view = view->moment->head.view + 1, earliest_ms = tip_time_ms(tip) + 1;
    const uint64_t time_ms = now_ms > earliest_ms ? now_ms : earliest_ms;
    const struct extra_data extra = {.view = next_view, .milliseconds = (uint16_t)(time_ms % 1000)};
    *header = (struct header){
        .parent_hash = tip->hash,
        .ommers_hash = EMPTY_OMMERS_HASH,
        .beneficiary = rules->record->committee[rules_leader(rules, next_view)].payout,
        .number = tip->header.number + 1,
        .gas_limit = rules->record->parameters.gas_limit,
        .timestamp = time_ms / 1000,
        .mix_hash = tip->header.mix_hash, /* the next one is not known yet */
        .base_fee = rules_base_fee(rules->genesis, &tip->header),
        .parent_beacon_block_root = rules->record_hash,
    };
    extra_data_encode(&extra, header);
}

struct preview *preview_new(const struct ledger_view *view, struct vm *vm,
                            const struct waiting *waiting, size_t count, uint64_t now_ms,
                            bool (*is_over)(void *context), void *context, struct error *error)
{
    struct preview *preview = memory_new_zeroed(1, sizeof *preview);
    struct source list = {.waiting = waiting, .count = count, .arena = &preview->decoded};
    const struct build_source source = {source_next, source_move, source_move, source_dropped,
                                        &list};
    struct view_block_hashes hashes = {view, view->moment->head.height + 1};
    struct tip tip;
    struct past *past = past_new(view_at(view), view->moment->head.height,
                                 view->moment->head.height, is_over, context, error);
    bool ok =
        past != NULL && load_tip(view, &tip, error)
        && view_state_at(view, view->moment->head.height, &preview->decoded, &preview->base, error);
    if (ok) {
        const struct ground ground = {.vm = vm,
                                      .reader = preview->base,
                                      .nodes = past_source(past),
                                      .block_hash = view_block_hash,
                                      .block_hash_context = &hashes,
                                      .is_cancelled = is_over,
                                      .cancel_context = context};
        fill_header(view, &tip, now_ms, &preview->candidate.block.header);
        ok = block_fill(&view->moment->epoch->rules, &tip, &ground, 0, &source, &preview->candidate,
                        error);
        if (past_failed(past, error))
            ok = false;
    }
    past_free(past);
    /* What was cut short is no preview, and if it failed, then by that. */
    if (is_over != NULL && is_over(context))
        ok = error_set(error, ERROR_BUSY, "the pending block took too long to execute");
    if (!ok) {
        preview_free(preview);
        return NULL;
    }
    preview->overlay =
        overlay_new(NULL, &preview->base, &preview->candidate.changes, &preview->candidate.nodes);
    return preview;
}

void preview_free(struct preview *preview)
{
    if (preview == NULL)
        return;
    overlay_free(preview->overlay);
    candidate_cleanup(&preview->candidate);
    arena_cleanup(&preview->decoded);
    free(preview);
}

const struct block *preview_block(const struct preview *preview)
{
    return &preview->candidate.block;
}

struct state_reader preview_state(const struct preview *preview)
{
    return overlay_reader(preview->overlay);
}

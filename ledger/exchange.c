/* Blocks and seals for whoever catches up: handed out, and taken in. */
#include <assert.h>
#include <inttypes.h>

#include <stdlib.h>

#include "ledger/inside.h"

/* ---- Ranges ---------------------------------------------------------------------------------- */

/* The last block of the epoch that the view has. */
static bool find_end(const struct ledger_view *view, uint64_t height, uint64_t *end,
                     struct error *error)
{
    const struct epoch *epoch = view_epoch_at(view, height, error);
    *end = view->moment->head.height;
    if (epoch == NULL)
        return false;
    if (epoch == view->moment->epoch)
        return true;
    const struct epoch *next = view_epoch_numbered(view, epoch->record.epoch + 1, error);
    if (next == NULL)
        return false;
    *end = next->record.first_height - 1;
    return true;
}

static bool load_containers(const struct ledger_view *view, uint64_t from, uint64_t end,
                            unsigned count_max, struct block_range *range, struct arena *arena,
                            struct error *error)
{
    size_t size = 0;
    bool ok = true, found;
    struct buffer container = {0};
    if (count_max > RANGE_BLOCKS_MAX)
        count_max = RANGE_BLOCKS_MAX;
    range->blocks = arena_array(arena, count_max, sizeof *range->blocks);
    while (ok && range->count < count_max && from + range->count <= end) {
        const uint64_t height = from + range->count;
        buffer_clear(&container);
        ok =
            record_load_container(view_at(view), height, &container, &found, error)
            && (found
                || error_set(error, ERROR_CORRUPT, "store: block %" PRIu64 " has no body", height));
        size += container.size;
        if (!ok || (range->count > 0 && size > RANGE_SIZE_MAX))
            break;
        range->blocks[range->count++] = (struct ranged_block){
            .container = arena_copy(arena, buffer_view(&container)), .height = height};
    }
    buffer_cleanup(&container);
    return ok;
}

static bool load_finalizations(const struct ledger_view *view, struct block_range *range,
                               struct arena *arena, struct error *error)
{
    for (unsigned i = 0; i < range->count; i++) {
        struct certificate *own = arena_alloc(arena, sizeof *own);
        bool has_own;
        if (!view_finalization(view, range->blocks[i].height, arena, own, &has_own, error))
            return false;
        range->blocks[i].finalization = has_own ? own : NULL;
    }
    return true;
}

/* A range that ends with a FINALIZATION can be committed to its end. */
static void cut_to_finalization(struct block_range *range)
{
    unsigned count = range->count;
    while (count > 0 && range->blocks[count - 1].finalization == NULL)
        count--;
    if (count > 0)
        range->count = count;
}

/* The first one, for blocks that the other has and nothing made final, and then as few as keep
 * the blocks between two of them within a proof. */
static void choose_finalizations(struct block_range *range, struct arena *arena)
{
    const uint64_t end = range->blocks[range->count - 1].height + range->proof.headers_count - 1;
    const struct ranged_block *chosen = NULL, *candidate = NULL;
    range->finalizations = arena_array(arena, range->count, sizeof *range->finalizations);
    for (unsigned i = 0; i < range->count; i++) {
        const struct ranged_block *block = &range->blocks[i];
        const bool is_last = i + 1 == range->count;
        if (block->finalization == NULL && !is_last)
            continue;
        if (candidate != NULL
            && (chosen == NULL
                || (is_last ? end : block->height) - chosen->height > FINALITY_PROOF_HEADERS_MAX)) {
            range->finalizations[range->finalizations_count++] = *candidate->finalization;
            chosen = candidate;
        }
        candidate = block;
    }
}

bool view_range(const struct ledger_view *view, uint64_t from, unsigned count_max,
                struct buffer *out, unsigned *count, struct error *error)
{
    assert(count_max > 0);
    struct arena arena = {0};
    struct block_range range = {.count = 0};
    uint64_t end = 0;
    const uint64_t earliest = view_earliest(view) > 0 ? view_earliest(view) : 1;
    if (from < earliest || from > view->moment->head.height)
        return error_set(error, ERROR_NOT_FOUND,
                         "no blocks from %" PRIu64 " on: there are %" PRIu64 " to %" PRIu64, from,
                         earliest, view->moment->head.height);
    bool ok = find_end(view, from, &end, error)
              && load_containers(view, from, end, count_max, &range, &arena, error)
              && load_finalizations(view, &range, &arena, error);
    if (ok) {
        cut_to_finalization(&range);
        ok = view_finality_proof(view, range.blocks[range.count - 1].height, &arena, &range.proof,
                                 error);
    }
    if (ok) {
        choose_finalizations(&range, &arena);
        block_range_encode(&range, header_fork(view->ledger), out);
    }
    *count = range.count;
    arena_cleanup(&arena);
    return ok;
}

bool ledger_import(struct ledger *ledger, struct vm *vm, const struct ranged_block *block,
                   enum block_verdict *verdict, struct error *error)
{
    hash256 hash;
    if (!ledger_validate(ledger, vm, block->container, verdict, &hash, error))
        return false;
    const struct certificate *finalization = block->finalization;
    if (finalization == NULL && ledger->awaited.signatures != NULL
        && hash256_equal(&ledger->awaited.block_hash, &hash))
        finalization = &ledger->awaited;
    if (*verdict != BLOCK_OK || finalization == NULL)
        return true;
    return ledger_commit(ledger, &hash, finalization, error);
}

void ledger_await(struct ledger *ledger, const struct certificate *finalization)
{
    const struct certificate *awaited = &ledger->awaited;
    const size_t size = finalization->signatures_count * sizeof *finalization->signatures;
    if (awaited->signatures != NULL && awaited->epoch == finalization->epoch
        && awaited->view > ledger->head.view && awaited->view <= finalization->view)
        return; /* it settles sooner */
    free(ledger->awaited.signatures);
    ledger->awaited = *finalization;
    ledger->awaited.signatures = memory_new(size);
    memcpy(ledger->awaited.signatures, finalization->signatures, size);
}

/* ---- Seals ----------------------------------------------------------------------------------- */

static bool write_links(const struct ledger_view *view, uint64_t first_epoch, unsigned links_max,
                        struct buffer *out, unsigned *count, struct error *error)
{
    const uint64_t newest = view->moment->epoch->record.epoch;
    const size_t start = out->size;
    bool ok = true;
    for (uint64_t epoch = first_epoch;
         ok && epoch < newest && *count < links_max && *count < SEAL_CHAIN_LINKS_MAX; epoch++) {
        const size_t before = out->size;
        ok = record_load_link(view_at(view), epoch + 1, out, error);
        if (ok && *count > 0 && out->size - start > SEAL_CHAIN_SIZE_MAX) {
            out->size = before;
            break;
        }
        *count += ok;
    }
    return ok;
}

bool view_seal_chain(const struct ledger_view *view, uint64_t first_epoch, unsigned links_max,
                     struct buffer *out, unsigned *count, struct error *error)
{
    const uint64_t newest = view->moment->epoch->record.epoch;
    *count = 0;
    if (first_epoch == 0 || first_epoch > newest)
        return error_set(error, ERROR_NOT_FOUND, "no epoch %" PRIu64 ": there are 1 to %" PRIu64,
                         first_epoch, newest);
    const size_t list = rlp_open_list(out);
    rlp_put_u64(out, SEAL_CHAIN_VERSION);
    rlp_put_u64(out, first_epoch);
    const size_t links = rlp_open_list(out);
    const bool ok = write_links(view, first_epoch, links_max, out, count, error);
    rlp_close_list(out, links);
    rlp_close_list(out, list);
    return ok;
}

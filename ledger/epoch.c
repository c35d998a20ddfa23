/* Epochs: the rules a block stands under, by its height. */
#include <inttypes.h>
#include <stdlib.h>

#include "ledger/inside.h"

/* ---- Life ---------------------------------------------------------------------------------- */

struct epoch *epoch_new(const struct ledger *ledger, const struct epoch_record *record,
                        const hash256 *seal_mix_hash)
{
    struct epoch *epoch = memory_new_zeroed(1, sizeof *epoch);
    epoch->users = 1;
    epoch->record = *record;
    epoch->record.committee =
        arena_array(&epoch->arena, record->committee_size, sizeof *record->committee);
    memcpy(epoch->record.committee, record->committee,
           record->committee_size * sizeof *record->committee);
    epoch->committee = committee_hash(record->committee, record->committee_size);
    epoch->rules = (struct chain_rules){
        .genesis = &ledger->genesis,
        .chain_id = ledger->chain_id,
        .record = &epoch->record,
        .record_hash = epoch_record_hash(record),
        .seal_mix_hash = *seal_mix_hash,
    };
    return epoch;
}

static struct epoch *load(const struct ledger *ledger, struct store_at at, uint64_t number,
                          struct arena *arena, struct error *error)
{
    struct epoch_record record;
    struct header_record seal;
    bool found = false;
    if (!record_load_epoch(at, number, &record, arena, error))
        return NULL;
    if (record.protocol_version > PROTOCOL_VERSION) {
        error_set(error, ERROR_VERSION,
                  "store: epoch %" PRIu64 " has protocol version %" PRIu64
                  ", expected at most %d: needs a newer lnode",
                  number, record.protocol_version, PROTOCOL_VERSION);
        return NULL;
    }
    if (record.first_height > 0
        && !record_load_header(at, header_fork(ledger), record.first_height - 1, &seal, &found,
                               error))
        return NULL;
    if (!found || record.epoch != number || !hash256_equal(&seal.hash, &record.seal)) {
        error_set(error, ERROR_CORRUPT,
                  "store: the record of epoch %" PRIu64 " does not follow from its seal; move the "
                  "store aside and restore a backup",
                  number);
        return NULL;
    }
    return epoch_new(ledger, &record, &seal.header.mix_hash);
}

struct epoch *epoch_load(const struct ledger *ledger, struct store_at at, uint64_t number,
                         struct error *error)
{
    struct arena arena = {0};
    struct epoch *epoch = load(ledger, at, number, &arena, error);
    arena_cleanup(&arena);
    return epoch;
}

struct epoch *epoch_share(struct epoch *epoch)
{
    epoch->users++;
    return epoch;
}

void epoch_release(struct epoch *epoch)
{
    if (epoch == NULL || --epoch->users > 0)
        return;
    arena_cleanup(&epoch->arena);
    free(epoch);
}

/* ---- By height ------------------------------------------------------------------------------- */

/* A view is one thread's: what was looked up is kept with it. */
const struct epoch *view_epoch_numbered(const struct ledger_view *view, uint64_t number,
                                        struct error *error)
{
    struct ledger_view *owner = (struct ledger_view *)(uintptr_t)view;
    if (number == view->moment->epoch->record.epoch)
        return view->moment->epoch;
    for (size_t i = 0; i < view->epochs_count; i++)
        if (view->epochs[i]->record.epoch == number)
            return view->epochs[i];
    struct epoch *epoch = epoch_load(view->ledger, view_at(view), number, error);
    if (epoch == NULL)
        return NULL;
    owner->epochs = memory_resize(owner->epochs, (owner->epochs_count + 1) * sizeof *owner->epochs);
    owner->epochs[owner->epochs_count++] = epoch;
    return epoch;
}

/* By halving. */
bool epoch_number_at(struct store_at at, uint64_t newest, uint64_t height, uint64_t *number,
                     struct error *error)
{
    uint64_t low = 1, high = newest;
    while (low < high) {
        const uint64_t middle = low + (high - low + 1) / 2;
        struct arena arena = {0};
        struct epoch_record record;
        const bool ok = record_load_epoch(at, middle, &record, &arena, error);
        arena_cleanup(&arena);
        if (!ok)
            return false;
        if (record.first_height <= height)
            low = middle;
        else
            high = middle - 1;
    }
    *number = low;
    return true;
}

const struct epoch *view_epoch_at(const struct ledger_view *view, uint64_t height,
                                  struct error *error)
{
    uint64_t number;
    if (height > view->moment->head.height + 1) {
        error_set(error, ERROR_NOT_FOUND,
                  "the epoch of block %" PRIu64 " is not known: the newest block is %" PRIu64,
                  height, view->moment->head.height);
        return NULL;
    }
    if (height >= view->moment->epoch->record.first_height)
        return view->moment->epoch;
    return epoch_number_at(view_at(view), view->moment->epoch->record.epoch, height, &number, error)
               ? view_epoch_numbered(view, number, error)
               : NULL;
}

bool view_epoch(const struct ledger_view *view, uint64_t height, const struct epoch_record **record,
                struct signing_domain *domain, struct error *error)
{
    const struct epoch *epoch = view_epoch_at(view, height, error);
    if (epoch == NULL)
        return false;
    *record = &epoch->record;
    *domain = (struct signing_domain){view->ledger->chain_id, view->ledger->id, epoch->record.epoch,
                                      epoch->committee};
    return true;
}

#include "wallet/epochs.h"

/* The committee is copied into the arena. */
static void add(struct verified_epochs *epochs, const struct epoch_record *record,
                const struct signing_domain *domain)
{
    if (epochs->count == epochs->capacity) {
        const unsigned capacity = epochs->capacity == 0 ? 4 : 2 * epochs->capacity;
        struct verified_epoch *list = arena_array(epochs->arena, capacity, sizeof *list);
        if (epochs->count > 0)
            memcpy(list, epochs->list, epochs->count * sizeof *list);
        epochs->list = list;
        epochs->capacity = capacity;
    }
    struct verified_epoch *epoch = &epochs->list[epochs->count++];
    *epoch = (struct verified_epoch){*record, *domain};
    epoch->record.committee =
        arena_array(epochs->arena, record->committee_size, sizeof *record->committee);
    memcpy(epoch->record.committee, record->committee,
           record->committee_size * sizeof *record->committee);
}

struct verified_epochs *epochs_new(struct arena *arena, uint64_t chain_id, const hash256 *id,
                                   enum vm_fork fork, const struct epoch_record *first)
{
    struct verified_epochs *epochs = arena_alloc(arena, sizeof *epochs);
    const struct signing_domain domain = signing_domain_of(chain_id, id, first);
    *epochs = (struct verified_epochs){.arena = arena, .fork = fork};
    add(epochs, first, &domain);
    return epochs;
}

const struct verified_epoch *epochs_find(const struct verified_epochs *epochs, uint64_t number)
{
    return number > 0 && number <= epochs->count ? &epochs->list[number - 1] : NULL;
}

const struct verified_epoch *epochs_newest(const struct verified_epochs *epochs)
{
    return &epochs->list[epochs->count - 1];
}

enum finality_verdict epochs_follow(struct verified_epochs *epochs, struct bytes chain)
{
    const struct verified_epoch *newest = epochs_newest(epochs);
    struct seal_chain followed;
    seal_chain_init(&followed, newest->domain.chain_id, &newest->domain.genesis_hash, epochs->fork,
                    &newest->record);
    enum finality_verdict verdict;
    bool goes_on;
    do {
        verdict = seal_chain_follow_to(&followed, chain, epochs->count + 1);
        goes_on = followed.record.epoch > epochs->count;
        if (goes_on)
            add(epochs, &followed.record, &followed.domain);
    } while (goes_on && verdict == FINALITY_OK);
    seal_chain_cleanup(&followed);
    return verdict;
}

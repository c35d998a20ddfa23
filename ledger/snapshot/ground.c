#include "ledger/snapshot/ground.h"

#include <inttypes.h>

void snapshot_ground_copy(struct snapshot_ground *copy, const struct snapshot_ground *ground,
                          struct arena *arena)
{
    struct epoch_record *records = arena_array(arena, ground->epochs_count, sizeof *records);
    struct header *seals = arena_array(arena, ground->epochs_count, sizeof *seals);
    *copy = *ground;
    copy->genesis_document = arena_copy(arena, ground->genesis_document);
    for (size_t i = 0; i < ground->epochs_count; i++) {
        records[i] = ground->records[i];
        records[i].committee =
            arena_array(arena, records[i].committee_size, sizeof *records[i].committee);
        memcpy(records[i].committee, ground->records[i].committee,
               records[i].committee_size * sizeof *records[i].committee);
        seals[i] = ground->seals[i];
    }
    if (ground->block_0 != NULL) {
        struct header *block_0 = arena_alloc(arena, sizeof *block_0);
        *block_0 = *ground->block_0;
        copy->block_0 = block_0;
    }
    copy->records = records;
    copy->seals = seals;
    if (ground->finalization == NULL)
        return;
    struct certificate *finalization = arena_alloc(arena, sizeof *finalization);
    *finalization = *ground->finalization;
    finalization->signatures =
        arena_array(arena, finalization->signatures_count, sizeof *finalization->signatures);
    memcpy(finalization->signatures, ground->finalization->signatures,
           finalization->signatures_count * sizeof *finalization->signatures);
    copy->finalization = finalization;
}

static bool load_genesis(const struct snapshot_ground *ground, struct arena *arena,
                         struct snapshot_facts *facts, struct error *error)
{
    struct trie_changes nodes = {0};
    if (!genesis_parse(&facts->genesis, ground->genesis_document, arena, error))
        return false;
    const hash256 document = genesis_document_hash(ground->genesis_document);
    struct state_changes state = genesis_state(&facts->genesis, arena);
    if (ground->block_0 != NULL)
        facts->block_0 = *ground->block_0;
    else if (!genesis_header(&facts->genesis, &document, &state, arena, &nodes, &facts->block_0,
                             error))
        return false;
    facts->id = header_hash(&facts->block_0, facts->genesis.fork);
    facts->first = genesis_epoch_record(&facts->genesis, &facts->id);
    facts->last = facts->first;
    return true;
}

/* "keccak256 of the record in force" stands in every header of its epoch (consensus.md 2.12). */
static bool is_in_epoch(const struct header *header, const struct epoch_record *record)
{
    const hash256 hash = epoch_record_hash(record);
    return header->number >= record->first_height
           && hash256_equal(&header->parent_beacon_block_root, &hash);
}

static bool take_epoch(const struct snapshot_ground *ground, size_t index,
                       struct snapshot_facts *facts, struct error *error)
{
    const struct epoch_record *record = &ground->records[index];
    const struct header *seal = &ground->seals[index];
    const hash256 previous = epoch_record_hash(&facts->last);
    const hash256 seal_hash = header_hash(seal, facts->genesis.fork);
    if (record->epoch != facts->last.epoch + 1 || !hash256_equal(&record->previous, &previous))
        return error_set(error, ERROR_INVALID,
                         "chain of seals: record %" PRIu64 " does not follow record %" PRIu64,
                         record->epoch, facts->last.epoch);
    if (!hash256_equal(&record->seal, &seal_hash) || record->first_height != seal->number + 1
        || !is_in_epoch(seal, &facts->last))
        return error_set(error, ERROR_INVALID,
                         "chain of seals: block %" PRIu64 " is not the seal before record %" PRIu64,
                         seal->number, record->epoch);
    facts->last = *record;
    return true;
}

/* The checkpoint is in the last epoch, or the very seal it began with. */
static bool check_header(const struct snapshot_ground *ground, struct snapshot_facts *facts,
                         struct error *error)
{
    const struct header *header = &ground->header;
    facts->block_hash = header_hash(header, facts->genesis.fork);
    facts->is_seal = hash256_equal(&facts->block_hash, &facts->last.seal);
    if (header->number == 0)
        return error_set(error, ERROR_INVALID,
                         "block 0 is no checkpoint: it is made from the genesis document");
    if (!facts->is_seal && !is_in_epoch(header, &facts->last))
        return error_set(error, ERROR_INVALID,
                         "checkpoint %" PRIu64 ": neither of epoch %" PRIu64
                         ", the last of the chain of seals, nor its seal",
                         header->number, facts->last.epoch);
    const struct certificate *finalization = ground->finalization;
    return finalization == NULL
           || (finalization->kind == MESSAGE_FINALIZE
               && finalization->epoch == facts->last.epoch - facts->is_seal
               && hash256_equal(&finalization->block_hash, &facts->block_hash))
           || error_set(error, ERROR_INVALID,
                        "checkpoint %" PRIu64 ": the certificate is not its FINALIZATION",
                        header->number);
}

bool snapshot_ground_check(const struct snapshot_ground *ground, struct arena *arena,
                           struct snapshot_facts *facts, struct error *error)
{
    *facts = (struct snapshot_facts){0};
    bool ok = load_genesis(ground, arena, facts, error);
    for (size_t i = 0; ok && i < ground->epochs_count; i++)
        ok = take_epoch(ground, i, facts, error);
    return ok && check_header(ground, facts, error);
}

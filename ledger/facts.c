/* What agreement must know of a block, without executing it. */
#include "ledger/chain/seal.h"
#include "ledger/inside.h"

static uint64_t own_view(const struct header *header)
{
    struct extra_data extra;
    return header->number > 0 && extra_data_decode(&extra, header) ? extra.view : 0;
}

static struct block_facts facts_of(const struct header *header, const hash256 *hash)
{
    return (struct block_facts){.hash = *hash,
                                .parent = header->parent_hash,
                                .height = header->number,
                                .view = own_view(header),
                                .time_ms = header_time_ms(header)};
}

/* The number of the epoch of a stored block, and whether it is the last of it. */
static bool find_epoch(struct ledger *ledger, struct block_facts *facts, struct error *error)
{
    const struct store_at at = {ledger->store, NULL};
    const uint64_t newest = ledger->epoch->record.epoch;
    uint64_t next;
    if (facts->height == 0)
        return true;
    if (!epoch_number_at(at, newest, facts->height, &facts->epoch, error)
        || !epoch_number_at(at, newest, facts->height + 1, &next, error))
        return false;
    facts->is_seal = next != facts->epoch;
    return true;
}

bool ledger_block_facts(struct ledger *ledger, const hash256 *hash, struct block_facts *facts,
                        struct error *error)
{
    const struct store_at at = {ledger->store, NULL};
    const struct pending *pending = ledger_find_pending(ledger, hash);
    struct header_record record;
    uint64_t height;
    bool found = false;
    if (pending != NULL) {
        *facts = facts_of(&pending->candidate.block.header, hash);
        facts->epoch = ledger->epoch->record.epoch;
        facts->is_seal = pending->candidate.tip.is_seal;
        return true;
    }
    if (!record_load_height(at, hash, &height, &found, error)
        || (found && !record_load_header(at, header_fork(ledger), height, &record, &found, error)))
        return false;
    if (!found)
        return error_set(error, ERROR_NOT_FOUND, "no block of that hash");
    *facts = facts_of(&record.header, hash);
    return find_epoch(ledger, facts, error);
}

static enum block_verdict read_container(const struct ledger *ledger, struct bytes container,
                                         struct arena *arena, struct block_facts *facts)
{
    const struct chain_rules *rules = &ledger->epoch->rules;
    struct block block;
    struct epoch_record next;
    enum block_verdict verdict =
        block_container_decode(&block, header_fork(ledger), container, arena);
    if (verdict == BLOCK_OK)
        verdict = block_parts_match(&block, header_fork(ledger));
    if (verdict != BLOCK_OK)
        return verdict;
    *facts = facts_of(&block.header, &block.hash);
    if (!hash256_equal(&block.header.parent_beacon_block_root, &rules->record_hash))
        return BLOCK_BAD_EPOCH_RECORD;
    facts->epoch = rules->record->epoch;
    facts->is_seal =
        seal_read(block.requests.data[REQUEST_CONSOLIDATIONS], rules->record, arena, &next)
        != SEAL_NONE;
    return BLOCK_OK;
}

enum block_verdict ledger_container_facts(const struct ledger *ledger, struct bytes container,
                                          struct block_facts *facts)
{
    struct arena arena = {0};
    *facts = (struct block_facts){0};
    if (container.size > ledger_container_size_max(ledger))
        return BLOCK_TOO_LARGE;
    const enum block_verdict verdict = read_container(ledger, container, &arena, facts);
    arena_cleanup(&arena);
    return verdict;
}

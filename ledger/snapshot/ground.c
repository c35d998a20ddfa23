#include "ledger/snapshot/ground.h"

#include <inttypes.h>

#define LINK_SIZE_MIN 256 /* a header alone is longer */

void snapshot_ground_copy(struct snapshot_ground *copy, const struct snapshot_ground *ground,
                          struct arena *arena)
{
    *copy = *ground;
    copy->genesis_document = arena_copy(arena, ground->genesis_document);
    copy->links = arena_copy(arena, ground->links);
    if (ground->block_0 != NULL) {
        struct header *block_0 = arena_alloc(arena, sizeof *block_0);
        *block_0 = *ground->block_0;
        copy->block_0 = block_0;
    }
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
    facts->last = genesis_epoch_record(&facts->genesis, &facts->id);
    facts->last_seal_mix_hash = facts->block_0.mix_hash;
    return true;
}

/* "keccak256 of the record in force" stands in every header of its epoch (consensus.md 2.12). */
static bool is_in_epoch(const struct header *header, const struct epoch_record *record)
{
    const hash256 hash = epoch_record_hash(record);
    return header->number >= record->first_height
           && hash256_equal(&header->parent_beacon_block_root, &hash);
}

static bool take_link(struct snapshot_facts *facts, uint64_t chain_id, struct arena *arena,
                      struct error *error)
{
    struct snapshot_epoch *epoch = &facts->epochs[facts->epochs_count];
    const struct signing_domain domain = signing_domain_of(chain_id, &facts->id, &facts->last);
    const enum finality_verdict verdict =
        seal_link_check(&epoch->link, &facts->last, &domain, arena, &epoch->record);
    if (verdict != FINALITY_OK)
        return error_set(error, verdict == FINALITY_UNSUPPORTED ? ERROR_VERSION : ERROR_INVALID,
                         "chain of seals: link %zu: %s", facts->epochs_count + 1,
                         finality_verdict_text(verdict));
    facts->epochs_count++;
    facts->last = epoch->record;
    facts->last_seal_mix_hash = epoch->link.proof.headers[0].mix_hash;
    return true;
}

/* Up to the last seal at or below the checkpoint. */
static bool load_links(const struct snapshot_ground *ground, struct arena *arena,
                       struct snapshot_facts *facts, struct error *error)
{
    const hash256 document = genesis_document_hash(ground->genesis_document);
    const uint64_t chain_id = genesis_chain_id(&facts->genesis, &document);
    const size_t count_max = ground->links.size / LINK_SIZE_MIN;
    struct rlp_reader in = rlp_reader_over(ground->links);
    facts->epochs = arena_array(arena, count_max, sizeof *facts->epochs);
    while (rlp_has_more(&in)) {
        struct snapshot_epoch *epoch = &facts->epochs[facts->epochs_count];
        const struct bytes link = rlp_item(&in);
        if (in.verdict != RLP_OK || link.size < LINK_SIZE_MIN
            || !seal_link_decode(&epoch->link, facts->genesis.fork, link, arena)
            || epoch->link.proof.headers_count == 0)
            return error_set(error, ERROR_INVALID, "chain of seals: link %zu is malformed",
                             facts->epochs_count + 1);
        if (epoch->link.proof.headers[0].number > ground->header.number)
            return true;
        epoch->encoded = link;
        if (!take_link(facts, chain_id, arena, error))
            return false;
    }
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
    return load_genesis(ground, arena, facts, error) && load_links(ground, arena, facts, error)
           && check_header(ground, facts, error);
}

#include "ledger/chain/range.h"

/* ---- Codec ----------------------------------------------------------------------------------- */

void block_range_encode(const struct block_range *range, enum vm_fork fork, struct buffer *out)
{
    struct buffer certificate = {0};
    const size_t list = rlp_open_list(out);
    rlp_put_u64(out, RANGE_VERSION);
    const size_t blocks = rlp_open_list(out);
    for (unsigned i = 0; i < range->count; i++)
        buffer_append_bytes(out, range->blocks[i].container);
    rlp_close_list(out, blocks);
    const size_t finalizations = rlp_open_list(out);
    for (unsigned i = 0; i < range->finalizations_count; i++) {
        buffer_clear(&certificate);
        certificate_encode(&range->finalizations[i], &certificate);
        rlp_put_string(out, buffer_view(&certificate));
    }
    rlp_close_list(out, finalizations);
    finality_proof_encode(&range->proof, fork, out);
    rlp_close_list(out, list);
    buffer_cleanup(&certificate);
}

static bool read_blocks(struct rlp_reader *in, struct block_range *range, struct arena *arena)
{
    struct rlp_reader list = rlp_list(in);
    range->blocks = arena_array(arena, RANGE_BLOCKS_MAX, sizeof *range->blocks);
    while (rlp_has_more(&list)) {
        if (range->count == RANGE_BLOCKS_MAX)
            return false;
        range->blocks[range->count++].container = rlp_item(&list);
    }
    rlp_leave(in, &list);
    return in->verdict == RLP_OK && range->count > 0;
}

static bool read_finalizations(struct rlp_reader *in, struct block_range *range,
                               struct arena *arena)
{
    struct rlp_reader list = rlp_list(in);
    range->finalizations = arena_array(arena, range->count, sizeof *range->finalizations);
    while (rlp_has_more(&list)) {
        if (range->finalizations_count == range->count - 1
            || !certificate_decode(&range->finalizations[range->finalizations_count++],
                                   rlp_string(&list), arena))
            return false;
    }
    rlp_leave(in, &list);
    return in->verdict == RLP_OK;
}

bool block_range_decode(struct block_range *range, enum vm_fork fork, struct bytes encoded,
                        struct arena *arena)
{
    *range = (struct block_range){0};
    struct rlp_reader in = rlp_reader_over(encoded);
    struct rlp_reader list = rlp_list(&in);
    const uint64_t version = rlp_u64(&list);
    if (version != RANGE_VERSION || !read_blocks(&list, range, arena)
        || !read_finalizations(&list, range, arena))
        return false;
    const struct bytes proof = rlp_item(&list);
    rlp_leave(&in, &list);
    return rlp_finished(&in) && finality_proof_decode(&range->proof, fork, proof, arena);
}

/* ---- Checking -------------------------------------------------------------------------------- */

/* The header of a container [version, [header, ...], extras], without looking at the rest. */
static bool read_header(struct bytes container, enum vm_fork fork, struct header *header)
{
    struct rlp_reader in = rlp_reader_over(container);
    struct rlp_reader list = rlp_list(&in);
    const uint64_t version = rlp_u64(&list);
    struct rlp_reader block = rlp_list(&list);
    return header_decode(header, fork, &block) && list.verdict == RLP_OK
           && version == BLOCK_CONTAINER_VERSION;
}

/* Hashes and heights, each block on the one before. */
static enum finality_verdict link_blocks(struct block_range *range, enum vm_fork fork,
                                         const hash256 *parent, uint64_t parent_height,
                                         const struct epoch_record *record)
{
    const hash256 record_hash = epoch_record_hash(record);
    for (unsigned i = 0; i < range->count; i++) {
        struct ranged_block *block = &range->blocks[i];
        struct header header;
        if (!read_header(block->container, fork, &header))
            return FINALITY_BAD_ENCODING;
        block->hash = header_hash(&header, fork);
        block->height = parent_height + 1 + i;
        if (!hash256_equal(&header.parent_hash, i == 0 ? parent : &range->blocks[i - 1].hash)
            || header.number != block->height)
            return FINALITY_BROKEN_CHAIN;
        if (!hash256_equal(&header.parent_beacon_block_root, &record_hash))
            return FINALITY_WRONG_RECORD;
    }
    return FINALITY_OK;
}

/* Gives each FINALIZATION to its block; all must find theirs, in order. */
static enum finality_verdict place_finalizations(struct block_range *range)
{
    unsigned next = 0, without = 0;
    for (unsigned i = 0; i + 1 < range->count; i++) {
        struct ranged_block *block = &range->blocks[i];
        block->finalization = NULL;
        if (next < range->finalizations_count
            && hash256_equal(&range->finalizations[next].block_hash, &block->hash))
            block->finalization = &range->finalizations[next++];
        without = block->finalization != NULL ? 0 : without + 1;
        if (without == FINALITY_PROOF_HEADERS_MAX)
            return FINALITY_GAP;
    }
    range->blocks[range->count - 1].finalization =
        range->proof.headers_count == 1 ? &range->proof.finalization : NULL;
    if (without + range->proof.headers_count > FINALITY_PROOF_HEADERS_MAX)
        return FINALITY_GAP;
    return next == range->finalizations_count ? FINALITY_OK : FINALITY_WRONG_BLOCK;
}

static enum finality_verdict link_range(struct block_range *range, enum vm_fork fork,
                                        const hash256 *parent, uint64_t parent_height,
                                        const struct epoch_record *record)
{
    enum finality_verdict verdict = link_blocks(range, fork, parent, parent_height, record);
    if (verdict == FINALITY_OK)
        verdict = place_finalizations(range);
    if (verdict != FINALITY_OK)
        return verdict;
    const hash256 last = header_hash(&range->proof.headers[0], fork);
    return hash256_equal(&last, &range->blocks[range->count - 1].hash) ? FINALITY_OK
                                                                       : FINALITY_WRONG_BLOCK;
}

enum finality_verdict block_range_check(struct block_range *range, enum vm_fork fork,
                                        const hash256 *parent, uint64_t parent_height,
                                        const struct signing_domain *domain,
                                        const struct epoch_record *record)
{
    enum finality_verdict verdict = link_range(range, fork, parent, parent_height, record);
    if (verdict != FINALITY_OK)
        return verdict;
    verdict = finality_proof_check(&range->proof, domain, record);
    for (unsigned i = 0; verdict == FINALITY_OK && i < range->finalizations_count; i++) {
        verdict = certificate_check(&range->finalizations[i], domain, record);
        if (verdict == FINALITY_OK && range->finalizations[i].kind != MESSAGE_FINALIZE)
            verdict = FINALITY_WRONG_KIND;
    }
    return verdict;
}

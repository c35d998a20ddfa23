#include "ledger/snapshot/base_store.h"

#include <inttypes.h>
#include <stdlib.h>

#include "ledger/chain/leader.h"
#include "ledger/history/history.h"
#include "ledger/inside.h"
#include "ledger/snapshot/base.h"

struct base_store {
    struct arena arena;
    const struct snapshot_ground *ground;
    struct snapshot_facts facts;
    struct snapshot_base base;
    struct header_record *headers; /* as base.headers; supply unknown but for the last */
    struct block block;            /* senders recovered */
};

static bool wrong(const struct base_store *base, const char *what, struct error *error)
{
    return error_set(error, ERROR_INVALID,
                     "base of the snapshot of block %" PRIu64 ": %s: the manifest is wrong",
                     base->ground->header.number, what);
}

/* ---- Checks -------------------------------------------------------------------------------- */

/* From the newest back: each is named by the one after it, the newest by the ground. */
static bool check_headers(struct base_store *base, struct error *error)
{
    const uint64_t height = base->ground->header.number;
    const size_t count = base->base.headers_count;
    const uint64_t expected = height < BASE_HEADERS_MAX ? height + 1 : BASE_HEADERS_MAX;
    const enum vm_fork fork = base->facts.genesis.fork;
    hash256 hash = base->facts.block_hash;
    if (count != expected)
        return wrong(base, "not as many headers as are due", error);
    base->headers = arena_array(&base->arena, count, sizeof *base->headers);
    for (size_t back = 0; back < count; back++) {
        struct header_record *record = &base->headers[count - 1 - back];
        struct rlp_reader in = rlp_reader_over(base->base.headers[count - 1 - back]);
        if (!header_decode(&record->header, fork, &in) || !rlp_finished(&in))
            return wrong(base, "a header is malformed", error);
        record->hash = header_hash(&record->header, fork);
        if (!hash256_equal(&record->hash, &hash) || record->header.number != height - back)
            return wrong(base, "the headers are not parent and child up to the block", error);
        hash = record->header.parent_hash;
    }
    base->headers[count - 1].supply = base->base.supply;
    return true;
}

static bool check_block(struct base_store *base, struct error *error)
{
    const enum vm_fork fork = base->facts.genesis.fork;
    struct block *block = &base->block;
    if (block_container_decode(block, fork, base->base.container, &base->arena) != BLOCK_OK
        || !hash256_equal(&block->hash, &base->facts.block_hash)
        || block_parts_match(block, fork) != BLOCK_OK)
        return wrong(base, "its block is not the one of the header", error);
    const struct header *parent = &base->headers[base->base.headers_count - 2].header;
    const hash256 mix = reveal_mix(&parent->mix_hash, &block->reveal);
    if (!hash256_equal(&mix, &block->header.mix_hash))
        return wrong(base, "its block is not the one of the header", error);
    for (size_t i = 0; i < block->transactions_count; i++)
        if (transaction_recover(&block->transactions[i]) != TRANSACTION_OK)
            return wrong(base, "a transaction of its block has no sender", error);
    const hash256 root = candidate_receipts_root(base->base.receipts, base->base.receipts_count);
    if (base->base.receipts_count != block->transactions_count
        || !hash256_equal(&root, &block->header.receipts_root))
        return wrong(base, "its receipts are not those of the header", error);
    return true;
}

/* One reveal a member of the committee to come; the leader's is the block's own, unless the block
 * is the seal that brings another committee. */
static bool check_reveals(const struct base_store *base, struct error *error)
{
    const struct epoch_record *record = &base->facts.last;
    const struct header *header = &base->ground->header;
    struct extra_data extra;
    if (base->base.members != record->committee_size)
        return wrong(base, "not as many reveals as members", error);
    if (base->facts.is_seal)
        return true;
    if (!extra_data_decode(&extra, header))
        return wrong(base, "the header has no extraData of ours", error);
    const unsigned leader =
        leader_of_view(&base->facts.last_seal_mix_hash, record->committee_size, extra.view);
    return hash256_equal(&base->base.reveals[leader].last, &base->block.reveal)
           || wrong(base, "the leader's last reveal is not that of the block", error);
}

static void recover_authorities(struct base_store *base)
{
    for (size_t i = 0; i < base->block.transactions_count; i++)
        transaction_recover_authorities(&base->block.transactions[i]);
}

struct base_store *base_store_new(const struct snapshot_ground *ground, struct bytes encoded,
                                  struct error *error)
{
    struct base_store *base = memory_new_zeroed(1, sizeof *base);
    base->ground = ground;
    if (snapshot_ground_check(ground, &base->arena, &base->facts, error)
        && base_decode(&base->base, encoded, &base->arena, error) && check_headers(base, error)
        && check_block(base, error) && check_reveals(base, error)) {
        recover_authorities(base);
        return base;
    }
    base_store_free(base);
    return NULL;
}

void base_store_free(struct base_store *base)
{
    if (base == NULL)
        return;
    arena_cleanup(&base->arena);
    free(base);
}

static bool supply_equal(const struct supply *a, const struct supply *b)
{
    return u256_equal(&a->issued, &b->issued) && u256_equal(&a->reissued, &b->reissued)
           && u256_equal(&a->burnt, &b->burnt) && u256_equal(&a->retired, &b->retired)
           && u256_equal(&a->destroyed, &b->destroyed);
}

bool base_store_check_supply(const struct base_store *base, const u256 *balances,
                             struct error *error)
{
    const struct supply *supply = &base->base.supply;
    if (base->facts.is_seal && !supply_equal(supply, &base->facts.last.supply))
        return wrong(base, "its counters are not those of the epoch record", error);
    /* ledger.md: "outstanding = issued + re-issued - burnt - retired - destroyed". */
    u256 outstanding = u256_add(&supply->issued, &supply->reissued);
    outstanding = u256_sub(&outstanding, &supply->burnt);
    outstanding = u256_sub(&outstanding, &supply->retired);
    outstanding = u256_sub(&outstanding, &supply->destroyed);
    return u256_equal(&outstanding, balances)
           || wrong(base, "balances do not add up to the supply counters", error);
}

/* ---- Into the store ------------------------------------------------------------------------ */

/* Each with its seal's header and FINALIZATION, and with what proves it to the next joiner. */
static void put_epochs(const struct base_store *base, struct store_batch *batch)
{
    for (size_t i = 0; i < base->facts.epochs_count; i++) {
        const struct snapshot_epoch *epoch = &base->facts.epochs[i];
        const struct finality_proof *proof = &epoch->link.proof;
        const struct header_record record = {epoch->record.seal, epoch->record.supply,
                                             proof->headers[0]};
        record_put_epoch(batch, &epoch->record);
        record_put_link(batch, epoch->record.epoch, epoch->encoded);
        record_put_header(batch, base->facts.genesis.fork, &record);
        record_put_height(batch, &record.hash, record.header.number);
        record_put_finalization(batch, record.header.number, &proof->finalization);
    }
}

static void put_headers(const struct base_store *base, struct store_batch *batch)
{
    for (size_t i = 0; i < base->base.headers_count; i++) {
        const struct header_record *record = &base->headers[i];
        record_put_header(batch, base->facts.genesis.fork, record);
        record_put_height(batch, &record->hash, record->header.number);
    }
}

/* As of the checkpoint. The view is that of its certificate, or else the one it was proposed in;
 * after a seal the next epoch begins with none. */
static void put_head(const struct base_store *base, struct store_batch *batch)
{
    const struct snapshot_ground *ground = base->ground;
    struct extra_data extra = {0};
    struct head_record head = {.height = ground->header.number,
                               .hash = base->facts.block_hash,
                               .epoch = base->facts.last.epoch,
                               .tail_left = base->base.tail_left,
                               .members = base->base.members};
    struct checkpoint_record checkpoint = {head.tail_left, head.members, {{{{0}}, 0}}};
    memcpy(head.reveals, base->base.reveals, sizeof head.reveals);
    memcpy(checkpoint.reveals, base->base.reveals, sizeof checkpoint.reveals);
    if (base->facts.is_seal)
        head.view = 0;
    else if (ground->finalization != NULL)
        head.view = ground->finalization->view;
    else if (extra_data_decode(&extra, &ground->header))
        head.view = extra.view;
    record_put_head(batch, &head);
    record_put_checkpoint(batch, head.height, &checkpoint);
    record_put_earliest(batch, head.height);
    if (ground->finalization != NULL)
        record_put_finalization(batch, head.height, ground->finalization);
}

void base_store_put(const struct base_store *base, struct store_batch *batch)
{
    const struct snapshot_facts *facts = &base->facts;
    const struct block block_0 = {.header = facts->block_0, .hash = facts->id};
    put_epochs(base, batch);
    put_headers(base, batch);
    batch_put_founding(batch, &facts->genesis, base->ground->genesis_document, &block_0);
    record_put_block(batch, &base->block, base->base.container);
    record_put_receipts(batch, base->block.header.number, base->base.receipts,
                        base->base.receipts_count);
    history_put(batch, &base->block, base->base.receipts, &facts->genesis);
    put_head(base, batch);
}

#include "tests/sim/joiner.h"

#include <stdlib.h>

#include "ledger/chain/range.h"
#include "ledger/chain/reveal.h"
#include "ledger/chain/seal.h"
#include "node/sync/checkpoint.h"
#include "node/sync/exchange.h"
#include "vm/crypto/keccak.h"

#define PROOF_MS   10000  /* then another is asked for the header of the checkpoint's block */
#define GIVE_UP_MS 120000 /* who has a store aside takes it back when nothing comes of it */

struct joiner {
    uint64_t connected; /* boxes */
    uint64_t lives[BOXES_MAX];
    struct seal_chain chain;
    struct seals_sync *seals; /* one of the two */
    struct checkpoint_sync *checkpoint;
    uint64_t without; /* members of the first epoch who say that there is no checkpoint */
    uint64_t began_ms, timer_at;
    struct buffer manifest; /* that was taken, while its block is not proven */
    uint64_t height;        /* of the block */
    hash256 block;
    struct buffer proof; /* the range that begins with it, as it came */
    unsigned proof_count;
    unsigned asked; /* for that, or whose turn it is */
    uint64_t ask_at;
    struct snapshot_import *import;
};

static void send(struct sim *sim, unsigned box, unsigned to, const struct sync_message *message)
{
    struct buffer bytes = {0};
    sync_message_encode(message, &bytes);
    sim_send_bytes(sim, box, BIT(to), buffer_view(&bytes));
    buffer_cleanup(&bytes);
}

static void check_fault(struct sim *sim, unsigned peer, uint64_t number)
{
    if (sim->boxes[peer].liar == NULL)
        sim_fail(sim, "an honest member is taken for a liar by who joins", peer, number);
}

/* ---- Connections ------------------------------------------------------------------------------ */

static bool is_member(const struct sim *sim, const struct joiner *joiner, unsigned box)
{
    const struct epoch_record *record = &joiner->chain.record;
    for (unsigned i = 0; i < record->committee_size; i++)
        if (chains_identity_of(sim->chains, &record->committee[i].consensus)
            == sim->boxes[box].identity)
            return true;
    return false;
}

static void meet(struct sim *sim, struct joiner *joiner, unsigned other)
{
    if (joiner->seals != NULL)
        seals_sync_on_peer(joiner->seals, other);
    else
        checkpoint_sync_on_peer(joiner->checkpoint, other, is_member(sim, joiner, other));
}

static void meet_all(struct sim *sim, struct joiner *joiner)
{
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if ((joiner->connected & BIT(i)) != 0)
            meet(sim, joiner, i);
}

static void look_at(struct sim *sim, unsigned box, unsigned other)
{
    struct joiner *joiner = sim->members[box]->joiner;
    const bool is_up = sim->members[other]->is_up && sim_is_connected(sim, box, other);
    const uint64_t life = sim->boxes[other].life;
    if (is_up && (joiner->connected & BIT(other)) != 0 && joiner->lives[other] == life)
        return;
    if (joiner->seals != NULL)
        seals_sync_on_gone(joiner->seals, other);
    else
        checkpoint_sync_on_gone(joiner->checkpoint, other);
    joiner->connected &= ~BIT(other);
    joiner->without &= ~BIT(other);
    if (!is_up)
        return;
    joiner->connected |= BIT(other);
    joiner->lives[other] = life;
    meet(sim, joiner, other);
}

/* ---- From one machine to the next --------------------------------------------------------------- */

static void follow_seals(struct sim *sim, struct joiner *joiner)
{
    checkpoint_sync_free(joiner->checkpoint);
    joiner->checkpoint = NULL;
    buffer_clear(&joiner->manifest);
    const struct seals_progress progress = exchange_seals_progress(&joiner->chain);
    joiner->seals = seals_sync_new(&progress);
    meet_all(sim, joiner);
}

/* The last seal is a checkpoint that everybody has who is in its epoch, so none below is taken. */
static void choose_checkpoint(struct sim *sim, unsigned box)
{
    const struct member *member = sim->members[box];
    struct joiner *joiner = member->joiner;
    const struct epoch_record *record = &joiner->chain.record;
    uint64_t least = record->epoch > 1 ? record->first_height - 1 : 1;
    if (least <= member->disk.final.height)
        least = member->disk.final.height + 1;
    seals_sync_free(joiner->seals);
    joiner->seals = NULL;
    joiner->without = 0;
    joiner->began_ms = sim->now;
    joiner->checkpoint = checkpoint_sync_new(least, exchange_agree(record), sim->now);
    sim_note(sim, box, "knows the seals up to epoch %u", (unsigned)record->epoch);
    meet_all(sim, joiner);
}

static void leave(struct sim *sim, unsigned box)
{
    joiner_free(sim->members[box]->joiner);
    sim->members[box]->joiner = NULL;
    sim->members[box]->disk.has_no_store = false;
    member_start(sim, box);
}

/* Block sync is all there is: from block 0, or with the store that it had. */
static void do_without(struct sim *sim, unsigned box)
{
    struct disk *disk = &sim->members[box]->disk;
    if (disk->is_aside)
        chains_take_store_back(sim->chains, box);
    sim_note(sim, box, disk->is_aside ? "takes its old store back" : "begins with block 0");
    disk->is_aside = false;
    leave(sim, box);
}

/* ---- A store ----------------------------------------------------------------------------------- */

/* What each seal's link has: the proof that others may ask for. */
static void keep_seals(struct sim *sim, unsigned box, struct bytes links,
                       const struct certificate *finalization)
{
    struct arena arena = {0};
    struct rlp_reader in = rlp_reader_over(links);
    struct disk *disk = &sim->members[box]->disk;
    while (rlp_has_more(&in)) {
        struct seal_link link;
        if (!seal_link_decode(&link, sim->members[box]->joiner->chain.fork, rlp_item(&in), &arena))
            sim_fail(sim, "a link that was followed does not decode", box, 0);
        const uint64_t epoch = link.proof.finalization.epoch;
        if (epoch < disk->epoch)
            disk_keep_seal(disk, epoch, &link.proof.finalization);
    }
    if (disk->final.is_seal)
        disk_keep_seal(disk, disk->epoch - 1, finalization);
    arena_cleanup(&arena);
}

/* The blocks behind the checkpoint that came with its header: up to one with a FINALIZATION. */
static void import_proof(struct sim *sim, unsigned box, struct chain *chain)
{
    const struct joiner *joiner = sim->members[box]->joiner;
    const struct block_sync_action job = {.first = joiner->height,
                                          .count = joiner->proof_count,
                                          .answer = buffer_view(&joiner->proof)};
    enum import_verdict verdict;
    struct error error;
    if (joiner->proof.size > 0
        && (!exchange_import_range(chain_ledger(chain), chain_machine(chain), &job, &verdict,
                                   &error)
            || verdict != IMPORT_DONE))
        sim_fail(sim, "blocks behind a checkpoint are refused", box, joiner->height);
}

/* It has them, down to the checkpoint's. */
static void note_blocks(struct sim *sim, unsigned box, const hash256 *head)
{
    const uint64_t first = sim->members[box]->joiner->height;
    for (size_t i = 0; i < sim->blocks_count; i++) {
        sim->blocks[i].executed &= ~BIT(box);
        sim->blocks[i].has &= ~BIT(box);
    }
    for (struct sim_block *one = sim_block_of(sim, head); one != NULL && one->info.height >= first;
         one = sim_block_of(sim, &one->info.parent)) {
        one->has |= BIT(box);
        one->executed |= BIT(box);
    }
    member_check_chain(sim, box, head, first - 1);
}

/* The disk has it from now on; what else the member said in its epoch stays in its log. */
static void take_over(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    struct arena arena = {0};
    struct chain *chain = chain_open(sim->chains, box);
    import_proof(sim, box, chain);
    chain_check(chain);
    const struct ledger_head *head = ledger_head(chain_ledger(chain));
    const struct sim_block *block = sim_block_of(sim, &head->hash);
    const struct certificate finalization = chain_finalization(chain, head->number, &arena);
    note_blocks(sim, box, &head->hash);
    disk_begin_at(&member->disk, &block->info, ledger_epoch_record(chain_ledger(chain))->epoch,
                  head->view, block->info.is_seal ? NULL : &finalization);
    keep_seals(sim, box, buffer_view(&member->joiner->chain.links), &finalization);
    arena_cleanup(&arena);
    chain_close(chain);
}

static void finish(struct sim *sim, unsigned box)
{
    struct member *member = sim->members[box];
    take_over(sim, box);
    if (member->disk.is_aside)
        chains_drop_store_aside(sim->chains, box);
    member->disk.is_aside = false;
    sim->figures.joined++;
    sim_note(sim, box, "has a store again, from block %u on", (unsigned)member->disk.final.height);
    leave(sim, box);
}

static void rebuild(struct sim *sim, unsigned box)
{
    struct joiner *joiner = sim->members[box]->joiner;
    struct error error;
    if (snapshot_import_missing(joiner->import) != 0
        || !snapshot_import_finish(joiner->import, NULL, NULL, &error))
        sim_fail(sim, "a checkpoint that members agree on cannot be rebuilt", box, joiner->height);
    checkpoint_sync_on_rebuilt(joiner->checkpoint, true, sim->now);
}

/* ---- The manifest and the block that it is of --------------------------------------------------- */

static void open_import(struct sim *sim, unsigned box, const struct header *header,
                        const struct certificate *finalization)
{
    struct joiner *joiner = sim->members[box]->joiner;
    struct arena arena = {0};
    struct manifest manifest;
    struct error error;
    const struct bytes encoded = buffer_view(&joiner->manifest);
    struct snapshot_ground ground = chains_ground(sim->chains, buffer_view(&joiner->chain.links));
    ground.header = *header;
    ground.finalization = finalization;
    snapshot_import_close(joiner->import);
    joiner->import = chains_import(sim->chains, box, &ground, encoded);
    if (!manifest_decode(&manifest, encoded, &arena, &error))
        sim_fail(sim, "a manifest decodes only once", box, joiner->height);
    hash256 *hashes = arena_array(&arena, manifest.entries_count, sizeof *hashes);
    for (size_t i = 0; i < manifest.entries_count; i++) {
        hashes[i] = manifest.entries[i].hash;
        if (snapshot_import_has(joiner->import, i))
            checkpoint_sync_on_stored(joiner->checkpoint, &hashes[i]);
    }
    checkpoint_sync_on_entries(joiner->checkpoint, hashes, manifest.entries_count, sim->now);
    arena_cleanup(&arena);
    buffer_clear(&joiner->manifest);
}

/* A seal's header came with the chain of seals. */
static bool is_seal_known(struct sim *sim, unsigned box)
{
    struct joiner *joiner = sim->members[box]->joiner;
    struct arena arena = {0};
    struct rlp_reader in = rlp_reader_over(buffer_view(&joiner->chain.links));
    bool is_known = false;
    while (!is_known && rlp_has_more(&in)) {
        struct seal_link link;
        is_known = seal_link_decode(&link, joiner->chain.fork, rlp_item(&in), &arena)
                   && link.proof.headers[0].number == joiner->height;
        if (is_known)
            open_import(sim, box, &link.proof.headers[0], &link.proof.finalization);
    }
    arena_cleanup(&arena);
    return is_known;
}

static void on_manifest(struct sim *sim, unsigned box, struct bytes encoded)
{
    struct joiner *joiner = sim->members[box]->joiner;
    struct arena arena = {0};
    struct manifest manifest;
    struct error error;
    if (!manifest_decode(&manifest, encoded, &arena, &error))
        sim_fail(sim, "a manifest that members agree on does not decode", box, 0);
    if (manifest.height > sim->highest
        || !hash256_equal(&sim->finals[manifest.height], &manifest.block_hash))
        sim_fail(sim, "members agree on a checkpoint that is not final", box, manifest.height);
    joiner->height = manifest.height;
    joiner->block = manifest.block_hash;
    buffer_clear(&joiner->manifest);
    buffer_append_bytes(&joiner->manifest, encoded);
    arena_cleanup(&arena);
    joiner->ask_at = sim->now;
    buffer_clear(&joiner->proof);
    (void)is_seal_known(sim, box);
}

/* The next who is connected is asked for the range from this block on: what is in it proves its
 * header, and the last has a FINALIZATION, without which the store's head could not be shown. */
static void ask_for_header(struct sim *sim, unsigned box)
{
    struct joiner *joiner = sim->members[box]->joiner;
    const struct sync_message request = {.kind = SYNC_GET_RANGE,
                                         .get_span = {joiner->height, FINALITY_PROOF_HEADERS_MAX}};
    if (joiner->manifest.size == 0 || sim->now < joiner->ask_at)
        return;
    joiner->ask_at = sim->now + PROOF_MS;
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        joiner->asked = (joiner->asked + 1) % sim->boxes_count;
        if ((joiner->connected & BIT(joiner->asked)) != 0)
            break;
    }
    if ((joiner->connected & BIT(joiner->asked)) != 0)
        send(sim, box, joiner->asked, &request);
}

/* The seal of the newest record, or a block of an epoch after it: more of the chain of seals is
 * needed to go on from there. */
static bool is_past_chain(const struct seal_chain *chain, const struct block *block,
                          struct arena *arena)
{
    const hash256 record = epoch_record_hash(&chain->record);
    struct epoch_record next;
    return !hash256_equal(&block->header.parent_beacon_block_root, &record)
           || seal_read(block->requests.data[REQUEST_CONSOLIDATIONS], &chain->record, arena, &next)
                  != SEAL_NONE;
}

/* A range is proven by its headers: what stands beside them may have been changed on the way, and
 * would only show when the blocks are imported. */
static bool parts_match(const struct block_range *range, enum vm_fork fork, struct arena *arena)
{
    struct block block, parent;
    for (unsigned i = 0; i < range->count; i++) {
        if (block_container_decode(&block, fork, range->blocks[i].container, arena) != BLOCK_OK
            || block_parts_match(&block, fork) != BLOCK_OK)
            return false;
        if (i > 0) {
            const hash256 mix = reveal_mix(&parent.header.mix_hash, &block.reveal);
            if (!hash256_equal(&mix, &block.header.mix_hash))
                return false;
        }
        parent = block;
    }
    return true;
}

/* Whether it is the block, as its committee signed it; *is_later: more seals must be known first. */
static bool is_proof(const struct joiner *joiner, const struct span_answer *answer,
                     struct block_range *range, struct header *header, bool *is_later,
                     struct arena *arena)
{
    const struct seal_chain *chain = &joiner->chain;
    struct block block;
    *is_later = false;
    if (answer->count == 0 || !block_range_decode(range, chain->fork, answer->content, arena)
        || range->count != answer->count
        || block_container_decode(&block, chain->fork, range->blocks[0].container, arena)
               != BLOCK_OK
        || !parts_match(range, chain->fork, arena))
        return false;
    *header = block.header;
    const hash256 hash = header_hash(header, chain->fork);
    if (!hash256_equal(&hash, &joiner->block))
        return false;
    *is_later = is_past_chain(chain, &block, arena);
    return !*is_later
           && block_range_check(range, chain->fork, &header->parent_hash, joiner->height - 1,
                                &chain->domain, &chain->record)
                  == FINALITY_OK;
}

static void on_range(struct sim *sim, unsigned box, unsigned from, const struct span_answer *answer,
                     struct bytes encoded)
{
    struct joiner *joiner = sim->members[box]->joiner;
    struct arena arena = {0};
    struct block_range range;
    struct header header;
    bool is_later;
    if (joiner->checkpoint == NULL || joiner->manifest.size == 0 || answer->first != joiner->height
        || answer->count == 0)
        return;
    if (is_proof(joiner, answer, &range, &header, &is_later, &arena)) {
        if (range.blocks[range.count - 1].finalization != NULL) {
            buffer_clear(&joiner->proof);
            buffer_append_bytes(&joiner->proof, encoded);
            joiner->proof_count = range.count;
            open_import(sim, box, &header, range.blocks[0].finalization);
        }
    } else if (is_later)
        follow_seals(sim, joiner);
    else
        check_fault(sim, from, joiner->height);
    arena_cleanup(&arena);
}

/* ---- What comes --------------------------------------------------------------------------------- */

/* In the first epoch there may be none: then as many say so as may not all lie. */
static void on_offers(struct sim *sim, unsigned box, unsigned from,
                      const struct checkpoint_offers *offers)
{
    struct joiner *joiner = sim->members[box]->joiner;
    checkpoint_sync_on_offers(joiner->checkpoint, from, offers, sim->now);
    joiner->without &= ~BIT(from);
    if (offers->count == 0 && is_member(sim, joiner, from))
        joiner->without |= BIT(from);
    if (joiner->chain.record.epoch == 1
        && (unsigned)__builtin_popcountll(joiner->without) >= exchange_agree(&joiner->chain.record))
        do_without(sim, box);
}

static void on_chunk(struct sim *sim, unsigned box, unsigned from,
                     const struct sync_message *message)
{
    struct joiner *joiner = sim->members[box]->joiner;
    const struct chunk_answer *chunk = &message->chunk;
    const hash256 hash = keccak256(chunk->content.data, chunk->content.size);
    const hash256 *known = chunk->content.size > 0 ? &hash : NULL;
    enum snapshot_verdict verdict;
    struct error error;
    if (!checkpoint_sync_wants(joiner->checkpoint, from, message->kind, chunk))
        return;
    if (message->kind == SYNC_MANIFEST) {
        if (checkpoint_sync_on_manifest(joiner->checkpoint, from, &chunk->manifest, known, sim->now)
            == CHECKPOINT_TAKE)
            on_manifest(sim, box, chunk->content);
    } else if (checkpoint_sync_on_chunk(joiner->checkpoint, from, chunk, known, sim->now)
               == CHECKPOINT_TAKE) {
        if (!snapshot_import_add(joiner->import, chunk->index, chunk->content, &verdict, &error)
            || verdict != SNAPSHOT_OK)
            sim_fail(sim, "a chunk that members agree on is refused", box, chunk->index);
    }
}

static void on_seals(struct sim *sim, unsigned box, const struct seals_action *action)
{
    struct joiner *joiner = sim->members[box]->joiner;
    const bool is_good = exchange_follow_seals(&joiner->chain, action);
    if (!is_good)
        check_fault(sim, action->peer, action->first);
    const struct seals_progress progress = exchange_seals_progress(&joiner->chain);
    seals_sync_on_verified(joiner->seals, &progress, !is_good);
}

/* ---- Driving the machines ------------------------------------------------------------------------ */

static void drive_seals(struct sim *sim, unsigned box)
{
    struct joiner *joiner = sim->members[box]->joiner;
    struct seals_action action;
    while (joiner->seals != NULL && seals_sync_take(joiner->seals, sim->now, &action)) {
        const struct sync_message request = {.kind = SYNC_GET_SEALS,
                                             .get_span = {action.first, action.count}};
        switch (action.kind) {
        case SEALS_REQUEST: send(sim, box, action.peer, &request); break;
        case SEALS_VERIFY: on_seals(sim, box, &action); break;
        case SEALS_FAULT: check_fault(sim, action.peer, action.first); break;
        case SEALS_DONE: choose_checkpoint(sim, box); break;
        }
    }
}

/* False: the member is up. */
static bool drive_checkpoint(struct sim *sim, unsigned box)
{
    struct joiner *joiner = sim->members[box]->joiner;
    struct checkpoint_action action;
    while (joiner->checkpoint != NULL
           && checkpoint_sync_take(joiner->checkpoint, sim->now, &action)) {
        struct sync_message request = {.get_chunk = {.manifest = action.offer.manifest}};
        switch (action.kind) {
        case CHECKPOINT_ASK_OFFERS:
            request = (struct sync_message){.kind = SYNC_GET_CHECKPOINTS};
            send(sim, box, action.peer, &request);
            break;
        case CHECKPOINT_ASK_MANIFEST:
            request.kind = SYNC_GET_MANIFEST;
            send(sim, box, action.peer, &request);
            break;
        case CHECKPOINT_ASK_CHUNK:
            request.kind = SYNC_GET_CHUNK;
            request.get_chunk.index = action.index;
            send(sim, box, action.peer, &request);
            break;
        case CHECKPOINT_FAULT: check_fault(sim, action.peer, action.index); break;
        case CHECKPOINT_REBUILD: rebuild(sim, box); break;
        case CHECKPOINT_DONE: finish(sim, box); return false;
        }
    }
    return true;
}

static uint64_t next_ms(const struct joiner *joiner, bool has_store_aside)
{
    if (joiner->seals != NULL)
        return seals_sync_next_ms(joiner->seals);
    uint64_t next = checkpoint_sync_next_ms(joiner->checkpoint);
    if (joiner->manifest.size > 0 && joiner->ask_at < next)
        next = joiner->ask_at;
    if (has_store_aside && joiner->began_ms + GIVE_UP_MS < next)
        next = joiner->began_ms + GIVE_UP_MS;
    return next;
}

static void drive(struct sim *sim, unsigned box)
{
    struct joiner *joiner = sim->members[box]->joiner;
    const bool has_store_aside = sim->members[box]->disk.is_aside;
    drive_seals(sim, box);
    if (!drive_checkpoint(sim, box))
        return;
    if (has_store_aside && joiner->checkpoint != NULL
        && sim->now >= joiner->began_ms + GIVE_UP_MS) {
        do_without(sim, box);
        return;
    }
    ask_for_header(sim, box);
    const uint64_t next = next_ms(joiner, has_store_aside);
    if (next != UINT64_MAX && (joiner->timer_at == 0 || next < joiner->timer_at)) {
        joiner->timer_at = next > sim->now ? next : sim->now + 1;
        sim_post(sim, joiner->timer_at - sim->now, ON_JOIN, box);
    }
}

/* ---- Life ----------------------------------------------------------------------------------------- */

void joiner_start(struct sim *sim, unsigned box)
{
    struct joiner *joiner = memory_new_zeroed(1, sizeof *joiner);
    sim->members[box]->joiner = joiner;
    chains_start_seals(sim->chains, &joiner->chain);
    sim_note(sim, box, "has no store, and joins");
    follow_seals(sim, joiner);
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (i != box)
            look_at(sim, box, i);
    drive(sim, box);
}

void joiner_free(struct joiner *joiner)
{
    if (joiner == NULL)
        return;
    seals_sync_free(joiner->seals);
    checkpoint_sync_free(joiner->checkpoint);
    snapshot_import_close(joiner->import);
    seal_chain_cleanup(&joiner->chain);
    buffer_cleanup(&joiner->manifest);
    buffer_cleanup(&joiner->proof);
    free(joiner);
}

void joiner_on_event(struct sim *sim, const struct event *event)
{
    struct joiner *joiner = sim->members[event->box]->joiner;
    if (event->kind == ON_PEER)
        look_at(sim, event->box, event->from);
    else if (event->kind != ON_JOIN || joiner->timer_at != sim->now)
        return; /* of an earlier life, or an earlier one took its place */
    else
        joiner->timer_at = 0;
    drive(sim, event->box);
}

void joiner_on_message(struct sim *sim, unsigned box, unsigned from, struct bytes bytes)
{
    const struct member *member = sim->members[box];
    struct joiner *joiner = member->joiner;
    struct sync_message message;
    if (!sync_message_decode(&message, bytes))
        return;
    if (message.kind == SYNC_SEALS && joiner->seals != NULL)
        seals_sync_on_seals(joiner->seals, from, &message.span, bytes, sim->now);
    if (message.kind == SYNC_RANGE)
        on_range(sim, box, from, &message.span, bytes);
    if ((message.kind == SYNC_MANIFEST || message.kind == SYNC_CHUNK) && joiner->checkpoint != NULL)
        on_chunk(sim, box, from, &message);
    if (message.kind == SYNC_CHECKPOINTS && joiner->checkpoint != NULL)
        on_offers(sim, box, from, &message.checkpoints);
    if (member->joiner != NULL)
        drive(sim, box);
}

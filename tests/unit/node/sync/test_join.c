/* A newcomer that knows the genesis document alone: the chain of seals, a checkpoint's snapshot,
 * the blocks behind it. Machines, codec and ledger's jobs as the node has them; four peers, one of
 * which damages what it sends. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "ledger/inside.h"
#include "ledger/snapshot/import.h"
#include "ledger/snapshot/shelf.h"
#include "node/sync/checkpoint.h"
#include "node/sync/exchange.h"
#include "tests/unit/ledger/realm.h"
#include "vm/crypto/keccak.h"

#define PEERS 4
#define LIAR  0
#define EVERY 4

static struct realm realm; /* what all peers have */
static struct snapshot_shelf *shelf;
static char directory[128];
static struct header block_0;
static struct seal_chain chain; /* what the newcomer has */
static struct snapshot_import *import;
static struct ledger *joined;
static uint64_t now_ms;
static unsigned faults, manifests;

static void start(void)
{
    struct error error;
    hash256 hash;
    realm_start(&realm, 3, QUORUM_BFT);
    realm.ledger->checkpoint_every = EVERY;
    shelf = snapshot_shelf_new(512);
    snprintf(directory, sizeof directory, "%s/joined", realm.folder);
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_assert(view_header(view, 0, &block_0, &hash, &error));
    ledger_view_close(view);
    now_ms = 1000;
}

static void stop(void)
{
    ledger_close(joined);
    snapshot_import_close(import);
    seal_chain_cleanup(&chain);
    snapshot_shelf_free(shelf);
    realm_cleanup(&realm);
}

TestSuite(sync_join, .init = start, .fini = stop, .timeout = 240);

/* ---- The peers ------------------------------------------------------------------------------- */

static void live(unsigned blocks)
{
    struct error error;
    for (unsigned i = 0; i < blocks; i++)
        realm_block(&realm);
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_assert(snapshot_shelf_fill(shelf, view, NULL, NULL, &error), "%s", error.text);
    ledger_view_close(view);
}

static void offer(struct sync_message *answer)
{
    struct snapshot_offer offers[SHELF_SNAPSHOTS_MAX];
    const size_t count = snapshot_shelf_offers(shelf, offers);
    *answer = (struct sync_message){.kind = SYNC_CHECKPOINTS};
    for (size_t i = 0; i < count; i++)
        answer->checkpoints.offers[answer->checkpoints.count++] =
            (struct checkpoint_offer){.height = offers[i].manifest->height,
                                      .block = offers[i].manifest->block_hash,
                                      .manifest = offers[i].hash,
                                      .manifest_size = (uint32_t)offers[i].encoded.size,
                                      .chunks = (uint32_t)offers[i].manifest->entries_count};
}

/* Of the manifest itself, or one of its chunks; empty where it is not on the shelf any more. */
static void hand_out(const struct sync_message *request, struct sync_message *answer,
                     struct buffer *content)
{
    struct error error;
    struct snapshot_offer offers[SHELF_SNAPSHOTS_MAX];
    const size_t count = snapshot_shelf_offers(shelf, offers);
    const hash256 *wanted = &request->get_chunk.manifest;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    if (request->kind == SYNC_GET_CHUNK
        && !snapshot_shelf_chunk(shelf, view, wanted, request->get_chunk.index, content, &error))
        cr_assert_eq(error.code, ERROR_NOT_FOUND, "%s", error.text);
    for (size_t i = 0; i < count && request->kind == SYNC_GET_MANIFEST; i++)
        if (hash256_equal(&offers[i].hash, wanted))
            buffer_append_bytes(content, offers[i].encoded);
    ledger_view_close(view);
    *answer =
        (struct sync_message){.kind = request->kind == SYNC_GET_CHUNK ? SYNC_CHUNK : SYNC_MANIFEST,
                              .chunk = {*wanted, request->get_chunk.index, buffer_view(content)}};
}

/* What the peer sends back, over the wire and back; the answer borrows from `wire`. */
static void ask(unsigned peer, const struct sync_message *request, struct sync_message *answer,
                struct buffer *wire)
{
    struct error error;
    struct buffer content = {0};
    if (request->kind == SYNC_GET_CHECKPOINTS) {
        offer(answer);
        sync_message_encode(answer, wire);
    } else if (request->kind == SYNC_GET_MANIFEST || request->kind == SYNC_GET_CHUNK) {
        hand_out(request, answer, &content);
        sync_message_encode(answer, wire);
    } else {
        struct ledger_view *view = ledger_view_open(realm.ledger, &error);
        cr_assert(exchange_answer(view, request, wire, &error), "%s", error.text);
        ledger_view_close(view);
    }
    if (peer == LIAR && request->kind == SYNC_GET_CHUNK && content.size > 0)
        wire->data[wire->size - 1] ^= 1;
    buffer_cleanup(&content);
    cr_assert(sync_message_decode(answer, buffer_view(wire)));
}

/* ---- The newcomer ---------------------------------------------------------------------------- */

static void follow_seals(void)
{
    struct epoch_record first = genesis_epoch_record(&realm.genesis, ledger_id(realm.ledger));
    struct seals_action action;
    bool is_done = false;
    seal_chain_init(&chain, ledger_chain_id(realm.ledger), ledger_id(realm.ledger),
                    realm.genesis.fork, &first);
    const struct seals_progress trusted = exchange_seals_progress(&chain);
    struct seals_sync *seals = seals_sync_new(&trusted);
    for (unsigned peer = 0; peer < PEERS; peer++)
        seals_sync_on_peer(seals, peer);
    for (; !is_done && now_ms < 100000; now_ms += 500)
        while (seals_sync_take(seals, now_ms, &action)) {
            struct buffer wire = {0};
            struct sync_message answer,
                request = {.kind = SYNC_GET_SEALS, .get_span = {action.first, 2}};
            switch (action.kind) {
            case SEALS_REQUEST:
                ask(action.peer, &request, &answer, &wire);
                seals_sync_on_seals(seals, action.peer, &answer.span, buffer_view(&wire), now_ms);
                break;
            case SEALS_VERIFY: {
                const bool is_good = exchange_follow_seals(&chain, &action);
                const struct seals_progress progress = exchange_seals_progress(&chain);
                seals_sync_on_verified(seals, &progress, !is_good);
                break;
            }
            case SEALS_FAULT: cr_assert_fail("nobody lied about seals"); break;
            case SEALS_DONE: is_done = true; break;
            }
            buffer_cleanup(&wire);
        }
    cr_assert(is_done);
    seals_sync_free(seals);
}

/* The header of the block at that height, proven by the newest record: a range of one block. */
static struct snapshot_ground prove(uint64_t height, struct arena *arena)
{
    struct snapshot_ground ground = {.genesis_document = buffer_view(&realm.document),
                                     .block_0 = &block_0,
                                     .links = buffer_view(&chain.links)};
    struct buffer wire = {0};
    struct sync_message answer, request = {.kind = SYNC_GET_RANGE, .get_span = {height, 1}};
    struct block_range range;
    struct block block;
    ask(0, &request, &answer, &wire);
    const struct bytes content = arena_copy(arena, answer.span.content);
    buffer_cleanup(&wire);
    cr_assert(block_range_decode(&range, chain.fork, content, arena) && range.count == 1);
    cr_assert_eq(block_container_decode(&block, chain.fork, range.blocks[0].container, arena),
                 BLOCK_OK);
    cr_assert_eq(block_range_check(&range, chain.fork, &block.header.parent_hash, height - 1,
                                   &chain.domain, &chain.record),
                 FINALITY_OK);
    ground.header = block.header;
    if (range.blocks[0].finalization != NULL) {
        struct certificate *own = arena_alloc(arena, sizeof *own);
        *own = *range.blocks[0].finalization; /* borrowed from the range */
        ground.finalization = own;
    }
    return ground;
}

/* A manifest that was taken: what is left of an earlier one goes on with it. */
static void list(struct checkpoint_sync *sync, struct bytes manifest)
{
    struct arena arena = {0};
    struct manifest decoded;
    struct error error;
    cr_assert(manifest_decode(&decoded, manifest, &arena, &error), "%s", error.text);
    const struct snapshot_ground ground = prove(decoded.height, &arena);
    snapshot_import_close(import);
    import = snapshot_import_open(directory, &ground, manifest, &error);
    cr_assert(import != NULL, "%s", error.text);
    hash256 *hashes = arena_array(&arena, decoded.entries_count, sizeof *hashes);
    for (size_t i = 0; i < decoded.entries_count; i++) {
        hashes[i] = decoded.entries[i].hash;
        if (snapshot_import_has(import, i))
            checkpoint_sync_on_stored(sync, &hashes[i]);
    }
    checkpoint_sync_on_entries(sync, hashes, decoded.entries_count, now_ms);
    manifests++;
    arena_cleanup(&arena);
}

static void take(struct checkpoint_sync *sync, unsigned from, const struct sync_message *answer)
{
    struct error error;
    enum snapshot_verdict verdict;
    const struct bytes content = answer->chunk.content;
    const hash256 hash = keccak256(content.data, content.size);
    const hash256 *known = content.size > 0 ? &hash : NULL;
    if (!checkpoint_sync_wants(sync, from, answer->kind, &answer->chunk))
        return;
    if (answer->kind == SYNC_MANIFEST) {
        if (checkpoint_sync_on_manifest(sync, from, &answer->chunk.manifest, known, now_ms)
            == CHECKPOINT_TAKE)
            list(sync, content);
    } else if (checkpoint_sync_on_chunk(sync, from, &answer->chunk, known, now_ms)
               == CHECKPOINT_TAKE) {
        cr_assert(snapshot_import_add(import, answer->chunk.index, content, &verdict, &error), "%s",
                  error.text);
        cr_assert_eq(verdict, SNAPSHOT_OK, "%s", error.text);
    }
}

static void rebuild(struct checkpoint_sync *sync)
{
    struct error error;
    cr_assert_eq(snapshot_import_missing(import), 0);
    cr_assert(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    checkpoint_sync_on_rebuilt(sync, true, now_ms);
}

/* After so many chunks the ledger goes on to later checkpoints, until nobody serves the first. */
static void fetch(unsigned chunks_before_more)
{
    struct checkpoint_sync *sync = checkpoint_sync_new(1, exchange_agree(&chain.record), now_ms);
    struct checkpoint_action action;
    bool is_done = false;
    unsigned chunks = 0;
    for (unsigned peer = 0; peer < PEERS; peer++)
        checkpoint_sync_on_peer(sync, peer, true);
    for (; !is_done && now_ms < 10000000; now_ms += 500)
        while (checkpoint_sync_take(sync, now_ms, &action)) {
            struct buffer wire = {0};
            struct sync_message answer,
                request = {.get_chunk = {action.offer.manifest, action.index}};
            switch (action.kind) {
            case CHECKPOINT_ASK_OFFERS:
                request.kind = SYNC_GET_CHECKPOINTS;
                ask(action.peer, &request, &answer, &wire);
                checkpoint_sync_on_offers(sync, action.peer, &answer.checkpoints, now_ms);
                break;
            case CHECKPOINT_ASK_MANIFEST:
                request.kind = SYNC_GET_MANIFEST;
                request.get_chunk.index = 0;
                ask(action.peer, &request, &answer, &wire);
                take(sync, action.peer, &answer);
                break;
            case CHECKPOINT_ASK_CHUNK:
                request.kind = SYNC_GET_CHUNK;
                for (unsigned i = 0; chunks == chunks_before_more && i < SHELF_SNAPSHOTS_MAX; i++)
                    live(EVERY);
                chunks++;
                ask(action.peer, &request, &answer, &wire);
                take(sync, action.peer, &answer);
                break;
            case CHECKPOINT_FAULT:
                cr_expect_eq(action.peer, LIAR);
                faults++;
                break;
            case CHECKPOINT_REBUILD: rebuild(sync); break;
            case CHECKPOINT_DONE: is_done = true; break;
            }
            buffer_cleanup(&wire);
        }
    cr_assert(is_done);
    checkpoint_sync_free(sync);
}

static void verify(struct block_sync *sync, const struct block_sync_action *action)
{
    struct arena arena = {0};
    struct error error;
    struct checked_range range;
    enum range_verdict verdict;
    cr_assert(exchange_verify_range(joined, action, &arena, &verdict, &range, &error), "%s",
              error.text);
    block_sync_on_verified(sync, action->range, verdict, &range.parent, range.hashes, now_ms);
    arena_cleanup(&arena);
}

static void catch_up(void)
{
    const struct ledger_head *newest = ledger_head(realm.ledger);
    struct block_sync *sync =
        block_sync_new(ledger_head(joined)->number, &ledger_head(joined)->hash);
    struct block_sync_action action;
    struct error error;
    for (unsigned peer = 0; peer < PEERS; peer++)
        block_sync_on_peer(sync, peer, 1, newest->number, now_ms);
    block_sync_on_target(sync, &newest->hash, now_ms);
    for (; block_sync_height(sync) < newest->number && now_ms < 20000000; now_ms += 500)
        while (block_sync_take(sync, now_ms, &action)) {
            struct buffer wire = {0};
            struct sync_message answer,
                request = {.kind = SYNC_GET_RANGE, .get_span = {action.first, action.count}};
            enum import_verdict verdict;
            switch (action.kind) {
            case BLOCK_SYNC_REQUEST:
                ask(action.peer, &request, &answer, &wire);
                block_sync_on_range(sync, action.peer, &answer.span, buffer_view(&wire), now_ms);
                break;
            case BLOCK_SYNC_VERIFY: verify(sync, &action); break;
            case BLOCK_SYNC_IMPORT:
                cr_assert(exchange_import_range(joined, realm.vm, &action, &verdict, &error), "%s",
                          error.text);
                cr_assert_eq(verdict, IMPORT_DONE);
                block_sync_on_imported(sync, action.range, verdict, now_ms);
                break;
            case BLOCK_SYNC_FAULT: cr_assert_fail("nobody lied about blocks"); break;
            case BLOCK_SYNC_SYNCED: break;
            case BLOCK_SYNC_DIVERGED: cr_assert_fail("diverged"); break;
            }
            buffer_cleanup(&wire);
        }
    block_sync_free(sync);
}

static void join(unsigned chunks_before_more)
{
    const struct ledger_options options = {.pool = pool_limits_default(),
                                           .checkpoint_every = EVERY};
    struct buffer report = {0};
    struct error error;
    follow_seals();
    fetch(chunks_before_more);
    joined = ledger_open(directory, &options, &error);
    cr_assert(joined != NULL, "%s", error.text);
    cr_expect_gt(ledger_head(joined)->number, 0);
    catch_up();
    cr_expect(hash256_equal(&ledger_head(joined)->hash, &ledger_head(realm.ledger)->hash));
    cr_expect(ledger_check(joined, realm.vm, &report, &error), "%.*s", (int)report.size,
              (const char *)report.data);
    buffer_cleanup(&report);
    cr_expect_gt(faults, 0);
}

static const unsigned SECOND[] = {4, 1, 3, 5}, THIRD[] = {1, 0, 2};

Test(sync_join, goes_on_from_a_checkpoint_of_the_newest_epoch)
{
    live(5);
    realm_seal(&realm, SECOND, 4, QUORUM_BFT);
    live(6);
    realm_seal(&realm, THIRD, 3, QUORUM_BFT);
    live(3 * EVERY + 1);
    join(UINT32_MAX);
    cr_expect_eq(manifests, 1);
    cr_expect_eq(ledger_epoch_record(joined)->epoch, 3);
}

Test(sync_join, is_overtaken_by_later_checkpoints_on_the_way)
{
    live(2 * EVERY + 1);
    join(4);
    cr_expect_eq(manifests, 2);
    cr_expect_geq(joined->earliest, 3 * EVERY);
    cr_expect_eq(ledger_epoch_record(joined)->epoch, 1);
}

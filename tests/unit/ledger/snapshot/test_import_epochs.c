/* Joining a ledger whose committee changed: before a seal, at it, and after. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/chain/seal_chain.h"
#include "ledger/inside.h"
#include "ledger/snapshot/import.h"
#include "ledger/snapshot/snapshot.h"
#include "tests/unit/ledger/realm.h"

#define EVERY 4

static struct realm realm;
static char directory[128];
static struct header block_0;

static void start(void)
{
    struct error error;
    hash256 hash;
    realm_start(&realm, 3, QUORUM_BFT);
    realm.ledger->checkpoint_every = EVERY;
    snprintf(directory, sizeof directory, "%s/joined", realm.folder);
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_assert(view_header(view, 0, &block_0, &hash, &error));
    ledger_view_close(view);
}

static void stop(void)
{
    realm_cleanup(&realm);
}

TestSuite(import_epochs, .init = start, .fini = stop, .timeout = 120);

static void blocks_up_to(uint64_t height)
{
    while (ledger_head(realm.ledger)->number < height)
        realm_block(&realm);
}

static struct header header_at(uint64_t height)
{
    struct error error;
    struct header header;
    hash256 hash;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_assert(view_header(view, height, &header, &hash, &error), "%s", error.text);
    ledger_view_close(view);
    return header;
}

/* The chain of seals up to the epoch of the block that follows `height`: links of that many. */
static struct bytes links_to(const struct ledger_view *view, uint64_t height)
{
    struct buffer encoded = {0};
    struct error error;
    unsigned count;
    const struct epoch *last = view_epoch_at(view, height + 1, &error);
    cr_assert(last != NULL
                  && view_seal_chain(view, 1, SEAL_CHAIN_LINKS_MAX, &encoded, &count, &error),
              "%s", error.text);
    const struct bytes chain = arena_copy(&realm.arena, buffer_view(&encoded));
    buffer_cleanup(&encoded);
    struct rlp_reader in = rlp_reader_over(chain);
    struct rlp_reader list = rlp_list(&in);
    rlp_item(&list);
    rlp_item(&list);
    struct rlp_reader links = rlp_list(&list);
    const uint8_t *first = links.next;
    for (uint64_t epoch = 1; epoch < last->record.epoch; epoch++)
        rlp_item(&links);
    cr_assert(links.verdict == RLP_OK);
    return bytes_of(first, (size_t)(links.next - first));
}

static struct snapshot_ground ground_of(uint64_t height)
{
    struct snapshot_ground ground = {.genesis_document = buffer_view(&realm.document),
                                     .block_0 = &block_0,
                                     .header = header_at(height)};
    struct certificate *finalization = arena_alloc(&realm.arena, sizeof *finalization);
    struct error error;
    bool has_own;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    ground.links = links_to(view, height);
    cr_assert(view_finalization(view, height, &realm.arena, finalization, &has_own, &error));
    ground.finalization = has_own ? finalization : NULL;
    ledger_view_close(view);
    return ground;
}

static bool import_at(uint64_t height, const struct snapshot_ground *ground, struct error *error)
{
    struct arena arena = {0};
    struct manifest manifest;
    struct buffer encoded = {0}, chunk = {0};
    struct ledger_view *view = ledger_view_open(realm.ledger, error);
    const struct snapshot snapshot = {view, height, SNAPSHOT_CHUNK_SIZE_MAX};
    cr_assert(snapshot_manifest(&snapshot, NULL, NULL, &arena, &manifest, error), "%s",
              error->text);
    manifest_encode(&manifest, &encoded);
    struct snapshot_import *import =
        snapshot_import_open(directory, ground, buffer_view(&encoded), error);
    for (size_t i = 0; import != NULL && i < manifest.entries_count; i++) {
        enum snapshot_verdict verdict;
        buffer_clear(&chunk);
        cr_assert(snapshot_chunk(&snapshot, &manifest, i, &chunk, error), "%s", error->text);
        cr_assert(snapshot_import_add(import, i, buffer_view(&chunk), &verdict, error)
                  && verdict == SNAPSHOT_OK);
    }
    const bool ok = import != NULL && snapshot_import_finish(import, NULL, NULL, error);
    snapshot_import_close(import);
    ledger_view_close(view);
    buffer_cleanup(&encoded);
    buffer_cleanup(&chunk);
    arena_cleanup(&arena);
    return ok;
}

static void expect_sound(struct ledger *ledger)
{
    struct buffer report = {0};
    struct error error;
    cr_expect(ledger_check(ledger, realm.vm, &report, &error), "%.*s", (int)report.size,
              (const char *)report.data);
    buffer_cleanup(&report);
}

static void follow(struct ledger *joined)
{
    struct error error;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    for (uint64_t height = ledger_head(joined)->number + 1; height <= view_head(view); height++) {
        const struct header header = header_at(height);
        const hash256 hash = header_hash(&header, realm.genesis.fork);
        struct certificate finalization;
        enum block_verdict verdict;
        hash256 found;
        bool has_own;
        const struct bytes container = ledger_container(realm.ledger, &hash, &realm.arena);
        cr_assert(ledger_validate(joined, realm.vm, container, &verdict, &found, &error));
        cr_assert_eq(verdict, BLOCK_OK, "%s", block_verdict_text(verdict));
        cr_assert(view_finalization(view, height, &realm.arena, &finalization, &has_own, &error)
                  && has_own);
        cr_assert(ledger_commit(joined, &hash, &finalization, &error), "%s", error.text);
    }
    ledger_view_close(view);
}

static bool manifest_hash_at(struct ledger *ledger, uint64_t height, hash256 *hash)
{
    struct arena arena = {0};
    struct manifest manifest;
    struct error error;
    struct ledger_view *view = ledger_view_open(ledger, &error);
    const struct snapshot snapshot = {view, height, SNAPSHOT_CHUNK_SIZE_MAX};
    const bool ok = snapshot_manifest(&snapshot, NULL, NULL, &arena, &manifest, &error);
    if (ok)
        *hash = manifest_hash(&manifest);
    ledger_view_close(view);
    arena_cleanup(&arena);
    return ok;
}

/* The same blocks are checkpoints there, with the same content. */
static void expect_same_manifest(struct ledger *joined, uint64_t height)
{
    hash256 own, theirs;
    const bool is_checkpoint = manifest_hash_at(realm.ledger, height, &own);
    cr_expect_eq(manifest_hash_at(joined, height, &theirs), is_checkpoint, "%d", (int)height);
    cr_expect(!is_checkpoint || hash256_equal(&own, &theirs), "%d", (int)height);
}

/* Imports the checkpoint, opens it in the right epoch, and goes on to the newest block. */
static void expect_joined(uint64_t height, uint64_t epoch)
{
    const struct snapshot_ground ground = ground_of(height);
    const struct ledger_options options = {.pool = pool_limits_default(),
                                           .checkpoint_every = EVERY};
    struct error error;
    cr_assert(import_at(height, &ground, &error), "%s", error.text);
    struct ledger *joined = ledger_open(directory, &options, &error);
    cr_assert(joined != NULL, "%s", error.text);
    cr_expect_eq(ledger_head(joined)->number, height);
    cr_expect_eq(ledger_epoch_record(joined)->epoch, epoch);
    expect_sound(joined);
    follow(joined);
    cr_expect(hash256_equal(&ledger_head(joined)->hash, &ledger_head(realm.ledger)->hash));
    cr_expect_eq(ledger_epoch_record(joined)->epoch, ledger_epoch_record(realm.ledger)->epoch);
    expect_sound(joined);
    for (uint64_t next = height; next <= ledger_head(joined)->number; next++)
        expect_same_manifest(joined, next);
    ledger_close(joined);
}

static const unsigned SECOND[] = {4, 1, 3, 5}, THIRD[] = {1, 0};

/* Two changes of the committee: seals at 6 or above and some blocks later. */
static uint64_t seals[2];
static void live(void)
{
    blocks_up_to(5);
    realm_seal(&realm, SECOND, 4, QUORUM_CRASH);
    seals[0] = ledger_head(realm.ledger)->number;
    blocks_up_to(14);
    realm_seal(&realm, THIRD, 2, QUORUM_ALL);
    seals[1] = ledger_head(realm.ledger)->number;
    blocks_up_to(seals[1] + 7);
}

Test(import_epochs, joins_before_a_seal)
{
    live();
    expect_joined(4, 1);
}

Test(import_epochs, joins_between_two_seals)
{
    live();
    cr_assert(seals[0] < 12 && seals[1] > 12);
    expect_joined(12, 2);
}

/* The joiner may know of seals behind the checkpoint: they are not needed yet. */
Test(import_epochs, takes_a_chain_of_seals_that_goes_further)
{
    live();
    struct error error;
    struct snapshot_ground ground = ground_of(12);
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    const size_t needed = ground.links.size;
    ground.links = links_to(view, view_head(view));
    cr_assert(ground.links.size > needed);
    ledger_view_close(view);
    cr_assert(import_at(12, &ground, &error), "%s", error.text);
}

Test(import_epochs, joins_behind_the_last_seal)
{
    live();
    expect_joined((seals[1] + 7) / EVERY * EVERY, 3);
}

/* Each seal is a checkpoint, at whatever height. */
Test(import_epochs, joins_at_a_seal)
{
    live();
    expect_joined(seals[0], 2);
}

Test(import_epochs, joins_at_the_newest_seal_and_goes_on)
{
    blocks_up_to(5);
    realm_seal(&realm, SECOND, 4, QUORUM_CRASH);
    const uint64_t seal = ledger_head(realm.ledger)->number;
    struct error error;
    uint64_t newest = 0;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_expect(snapshot_newest(view, &newest, &error) && newest == seal, "%s", error.text);
    ledger_view_close(view);
    expect_joined(seal, 2);
}

/* Who joined serves the next one: the whole chain of seals, as who was there from the beginning. */
static void expect_same_chain(struct ledger *joined)
{
    struct buffer own = {0}, theirs = {0};
    struct error error;
    unsigned own_count, count;
    struct ledger_view *whole = ledger_view_open(realm.ledger, &error);
    struct ledger_view *view = ledger_view_open(joined, &error);
    cr_assert(view_seal_chain(whole, 1, SEAL_CHAIN_LINKS_MAX, &own, &own_count, &error), "%s",
              error.text);
    cr_assert(view_seal_chain(view, 1, SEAL_CHAIN_LINKS_MAX, &theirs, &count, &error), "%s",
              error.text);
    cr_expect(bytes_equal(buffer_view(&own), buffer_view(&theirs)));
    cr_expect_eq(own_count, count);
    ledger_view_close(whole);
    ledger_view_close(view);
    buffer_cleanup(&own);
    buffer_cleanup(&theirs);
}

/* Following the chain collects what an import needs. */
Test(import_epochs, takes_the_links_that_were_followed)
{
    live();
    struct error error;
    struct buffer encoded = {0};
    struct seal_chain chain;
    unsigned count;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    const struct epoch *first = view_epoch_numbered(view, 1, &error);
    cr_assert(first != NULL
              && view_seal_chain(view, 1, SEAL_CHAIN_LINKS_MAX, &encoded, &count, &error));
    seal_chain_init(&chain, ledger_chain_id(realm.ledger), ledger_id(realm.ledger),
                    realm.genesis.fork, &first->record);
    for (unsigned twice = 0; twice < 2; twice++)
        cr_expect_eq(seal_chain_follow(&chain, buffer_view(&encoded)), FINALITY_OK);
    cr_expect(bytes_equal(buffer_view(&chain.links), links_to(view, view_head(view))));
    seal_chain_cleanup(&chain);
    buffer_cleanup(&encoded);
    ledger_view_close(view);
}

Test(import_epochs, serves_blocks_and_seals_to_the_next_joiner)
{
    live();
    expect_joined(12, 2);
    struct error error;
    const struct ledger_options options = {.pool = pool_limits_default(),
                                           .checkpoint_every = EVERY};
    struct ledger *joined = ledger_open(directory, &options, &error);
    struct ledger_view *view = ledger_view_open(joined, &error);
    struct buffer range = {0};
    unsigned count;
    expect_same_chain(joined);
    cr_expect(!view_range(view, 11, RANGE_BLOCKS_MAX, &range, &count, &error)
                  && error.code == ERROR_NOT_FOUND,
              "%s", error.text);
    cr_expect(view_range(view, 12, RANGE_BLOCKS_MAX, &range, &count, &error) && count > 0, "%s",
              error.text);
    ledger_view_close(view);
    buffer_cleanup(&range);
    ledger_close(joined);
}

/* At a seal counters are proven, since they stand in the record: a chain that claims others makes
 * another record. */
Test(import_epochs, refuses_a_link_of_other_counters)
{
    live();
    struct snapshot_ground ground = ground_of(seals[0]);
    struct seal_link link;
    struct buffer encoded = {0};
    struct error error;
    cr_assert(seal_link_decode(&link, realm.genesis.fork, ground.links, &realm.arena));
    link.supply.issued = u256_add(&link.supply.issued, &U256_ONE);
    seal_link_encode(&link, realm.genesis.fork, &encoded);
    ground.links = buffer_view(&encoded);
    cr_expect(!import_at(seals[0], &ground, &error));
    cr_expect(strstr(error.text, "epoch record") != NULL, "%s", error.text);
    buffer_cleanup(&encoded);
}

Test(import_epochs, refuses_a_chain_of_seals_that_is_too_short_or_damaged)
{
    live();
    struct snapshot_ground ground = ground_of(12);
    struct error error;
    const struct bytes links = ground.links;
    ground.links = bytes_of(NULL, 0);
    cr_expect(!import_at(12, &ground, &error));
    cr_expect(error.code == ERROR_INVALID && strstr(error.text, "neither of epoch 1") != NULL, "%s",
              error.text);
    struct buffer damaged = {0};
    buffer_append_bytes(&damaged, links);
    damaged.data[damaged.size / 2] ^= 1;
    ground.links = buffer_view(&damaged);
    cr_expect(!import_at(12, &ground, &error));
    cr_expect(error.code == ERROR_INVALID && strstr(error.text, "link 1") != NULL, "%s",
              error.text);
    buffer_cleanup(&damaged);
}

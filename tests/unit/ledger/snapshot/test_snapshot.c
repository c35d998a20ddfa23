/* The serving side: what a checkpoint's chunks hold depends on that block alone. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "ledger/inside.h"
#include "ledger/snapshot/chunk.h"
#include "ledger/snapshot/shelf.h"
#include "ledger/state/range.h"
#include "tests/unit/ledger/snapshot/busy.h"
#include "vm/crypto/keccak.h"

static struct busy busy;

static void start(void)
{
    busy_start(&busy, 20261123);
}

static void stop(void)
{
    busy_cleanup(&busy);
}

TestSuite(snapshot, .init = start, .fini = stop, .timeout = 300);

static void expect_same(const struct parcel *a, const struct parcel *b)
{
    cr_assert(bytes_equal(buffer_view(&a->encoded), buffer_view(&b->encoded)));
    for (size_t i = 0; i < a->manifest.entries_count; i++)
        cr_expect(bytes_equal(a->chunks[i], b->chunks[i]), "chunk %zu", i);
}

static struct ledger *open_follower(char directory[128])
{
    struct error error;
    const struct ledger_options options = {.pool = pool_limits_default(),
                                           .checkpoint_every = BUSY_EVERY};
    snprintf(directory, 128, "%s/follower", busy.sample.folder);
    cr_assert(ledger_found(directory, buffer_view(&busy.sample.document), &error), "%s",
              error.text);
    struct ledger *follower = ledger_open(directory, &options, &error);
    cr_assert(follower != NULL, "%s", error.text);
    return follower;
}

/* Read when the block was the newest, and again with 60 more on top, after opening again, and on a
 * ledger that only ever followed. */
Test(snapshot, is_the_same_whenever_and_wherever_it_is_read)
{
    struct parcel first[3], again, other;
    char directory[128];
    for (unsigned i = 0; i < 3; i++) {
        busy_go_on(&busy, BUSY_EVERY * (i + 2));
        parcel_make(&first[i], busy.sample.ledger, BUSY_EVERY * (i + 2), BUSY_CHUNK_SIZE);
    }
    busy_go_on(&busy, 100);
    sample_close(&busy.sample);
    sample_open(&busy.sample);

    struct ledger *follower = open_follower(directory);
    busy_repeat(&busy, follower, 75);
    for (unsigned i = 0; i < 3; i++) {
        parcel_make(&again, busy.sample.ledger, BUSY_EVERY * (i + 2), BUSY_CHUNK_SIZE);
        parcel_make(&other, follower, BUSY_EVERY * (i + 2), BUSY_CHUNK_SIZE);
        cr_expect(again.manifest.entries_count > 20);
        expect_same(&first[i], &again);
        expect_same(&first[i], &other);
        parcel_cleanup(&first[i]);
        parcel_cleanup(&again);
        parcel_cleanup(&other);
    }
    ledger_close(follower);
}

/* A checkpoint in the middle of what one certificate settles is one all the same, and joiners of it
 * go on. */
Test(snapshot, is_also_of_a_block_that_a_descendant_settled)
{
    struct parcel own, other;
    char directory[128];
    struct arena arena = {0};
    busy_go_on(&busy, 18);
    busy_leap(&busy, 4);
    cr_assert(busy_ground(&busy, 20, &arena).finalization == NULL);
    parcel_make(&own, busy.sample.ledger, 20, BUSY_CHUNK_SIZE);
    busy_go_on(&busy, 25);
    struct ledger *follower = open_follower(directory);
    busy_repeat(&busy, follower, 25);
    parcel_make(&other, follower, 20, BUSY_CHUNK_SIZE);
    expect_same(&own, &other);
    parcel_cleanup(&own);
    parcel_cleanup(&other);
    ledger_close(follower);
    arena_cleanup(&arena);
}

/* Every chunk fits, decodes, and lies in its range; with the real size there are fewer of them. */
Test(snapshot, has_chunks_that_fit)
{
    struct parcel small, usual;
    struct error error;
    busy_go_on(&busy, 40);
    parcel_make(&small, busy.sample.ledger, 40, BUSY_CHUNK_SIZE);
    parcel_make(&usual, busy.sample.ledger, 40, SNAPSHOT_CHUNK_SIZE_MAX);
    cr_expect(usual.manifest.entries_count == 3, "one of each kind");
    for (size_t i = 0; i < small.manifest.entries_count; i++) {
        struct arena arena = {0};
        struct chunk chunk;
        struct manifest manifest;
        cr_assert(chunk_decode(&chunk, small.chunks[i], &arena, &error), "%s", error.text);
        cr_expect(chunk_is_in(&chunk, &small.manifest.entries[i].range, &error), "%s", error.text);
        cr_expect(small.chunks[i].size <= BUSY_CHUNK_SIZE || chunk.count == 1);
        cr_expect(manifest_decode(&manifest, buffer_view(&small.encoded), &arena, &error), "%s",
                  error.text);
        arena_cleanup(&arena);
    }
    parcel_cleanup(&small);
    parcel_cleanup(&usual);
}

/* Ten blocks later most of the state is as it was, and so are its chunks. */
Test(snapshot, keeps_the_chunks_that_did_not_change)
{
    struct parcel before, after;
    size_t kept = 0;
    busy_go_on(&busy, 90);
    parcel_make(&before, busy.sample.ledger, 80, 512);
    parcel_make(&after, busy.sample.ledger, 90, 512);
    for (size_t i = 0; i < after.manifest.entries_count; i++)
        for (size_t j = 0; j < before.manifest.entries_count; j++)
            kept +=
                hash256_equal(&after.manifest.entries[i].hash, &before.manifest.entries[j].hash);
    cr_expect(kept > 5, "%zu of %zu", kept, after.manifest.entries_count);
    parcel_cleanup(&before);
    parcel_cleanup(&after);
}

Test(snapshot, is_of_checkpoints_only)
{
    struct error error;
    struct arena arena = {0};
    struct manifest manifest;
    uint64_t height = 0;
    busy_go_on(&busy, 9);
    struct ledger_view *view = ledger_view_open(busy.sample.ledger, &error);
    cr_expect(!snapshot_newest(view, &height, &error) && error.code == ERROR_NOT_FOUND);
    ledger_view_close(view);
    busy_go_on(&busy, 35);
    view = ledger_view_open(busy.sample.ledger, &error);
    cr_expect(snapshot_newest(view, &height, &error) && height == 30, "%s", error.text);
    for (height = 31; height < 50; height += 9) { /* no checkpoint, the future */
        const struct snapshot snapshot = {view, height, SNAPSHOT_CHUNK_SIZE_MAX};
        cr_expect(!snapshot_manifest(&snapshot, NULL, NULL, &arena, &manifest, &error));
        cr_expect(error.code == ERROR_NOT_FOUND, "%s", error.text);
    }
    ledger_view_close(view);
    arena_cleanup(&arena);
}

/* The newest two are offered; chunks of each can be had, of others not. */
Test(snapshot, stands_on_the_shelf_until_two_later_ones_do)
{
    struct error error;
    struct snapshot_offer offers[SHELF_SNAPSHOTS_MAX];
    struct buffer chunk = {0};
    hash256 first = {{0}};
    struct snapshot_shelf *shelf = snapshot_shelf_new(BUSY_CHUNK_SIZE);
    for (uint64_t height = 5; height <= 35; height += 5) {
        busy_go_on(&busy, height);
        struct ledger_view *view = ledger_view_open(busy.sample.ledger, &error);
        cr_assert(snapshot_shelf_fill(shelf, view, NULL, NULL, &error), "%s", error.text);
        const size_t count = snapshot_shelf_offers(shelf, offers);
        cr_expect_eq(count, height < 10 ? 0 : height < 20 ? 1 : 2);
        for (size_t i = 0; i < count; i++) {
            const uint64_t newest = height / 10 * 10;
            const hash256 hash = manifest_hash(offers[i].manifest);
            cr_expect_eq(offers[i].manifest->height, newest - 10 * (count - 1 - i));
            cr_expect(hash256_equal(&hash, &offers[i].hash));
            buffer_clear(&chunk);
            cr_expect(snapshot_shelf_chunk(shelf, view, &hash, 3, &chunk, &error), "%s",
                      error.text);
            const hash256 content = keccak256(chunk.data, chunk.size);
            cr_expect(hash256_equal(&content, &offers[i].manifest->entries[3].hash));
            cr_expect(!snapshot_shelf_chunk(shelf, view, &hash, SIZE_MAX, &chunk, &error)
                      && error.code == ERROR_NOT_FOUND);
            if (newest == 10)
                first = hash;
        }
        if (height >= 30)
            cr_expect(!snapshot_shelf_chunk(shelf, view, &first, 0, &chunk, &error)
                      && error.code == ERROR_NOT_FOUND);
        ledger_view_close(view);
    }
    buffer_cleanup(&chunk);
    snapshot_shelf_free(shelf);
}

static bool at_once(void *context)
{
    (void)context;
    return true;
}

Test(snapshot, can_be_given_up)
{
    struct error error;
    struct arena arena = {0};
    struct manifest manifest;
    busy_go_on(&busy, 10);
    struct ledger_view *view = ledger_view_open(busy.sample.ledger, &error);
    const struct snapshot snapshot = {view, 10, SNAPSHOT_CHUNK_SIZE_MAX};
    cr_expect(!snapshot_manifest(&snapshot, at_once, NULL, &arena, &manifest, &error));
    cr_expect(error.code == ERROR_BUSY, "%s", error.text);
    ledger_view_close(view);
    arena_cleanup(&arena);
}

/* A walk over all accounts and slots finds, in order, what single reads find. */
Test(snapshot, walks_over_the_state_of_any_height)
{
    struct error error;
    busy_go_on(&busy, 60);
    struct ledger_view *view = ledger_view_open(busy.sample.ledger, &error);
    const uint64_t heights[] = {0, 1, 17, 30, 59, 60};
    for (size_t i = 0; i < sizeof heights / sizeof *heights; i++)
        for (int kind = RANGE_ACCOUNTS; kind <= RANGE_SLOTS; kind++) {
            struct arena arena = {0};
            struct state_reader reader;
            struct state_entry entry;
            uint8_t last[RANGE_KEY_MAX] = {0};
            size_t count = 0;
            bool found = true;
            cr_assert(view_state_at(view, heights[i], &arena, &reader, &error));
            struct state_range *range = state_range_new(
                view_at(view), heights[i], (enum state_range_kind)kind, (struct bytes){0});
            while (found) {
                cr_assert(state_range_next(range, &entry, &found, &error), "%s", error.text);
                if (!found)
                    break;
                address account;
                struct account read;
                memcpy(account.bytes, entry.key.data, sizeof account.bytes);
                const bool exists = reader.ops->account(reader.context, &account, &read);
                cr_expect(count == 0 || memcmp(last, entry.key.data, entry.key.size) < 0);
                memcpy(last, entry.key.data, entry.key.size);
                cr_expect(exists);
                if (kind == RANGE_ACCOUNTS) {
                    cr_expect(memcmp(&read, &entry.account, sizeof read) == 0);
                } else {
                    const u256 key = u256_load_be(entry.key.data + 20, 32);
                    const u256 slot = reader.ops->slot(reader.context, &account, &key);
                    cr_expect(u256_equal(&slot, &entry.slot));
                }
                count++;
            }
            cr_expect(count >= (kind == RANGE_ACCOUNTS ? 12
                                : heights[i] > 1       ? 4
                                                       : 0),
                      "%zu at %d", count, (int)heights[i]);
            state_range_free(range);
            arena_cleanup(&arena);
        }
    ledger_view_close(view);
}

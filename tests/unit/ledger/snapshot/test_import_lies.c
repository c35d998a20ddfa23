/* Manifests on which only liars can have agreed: nothing of theirs becomes a ledger. */
#include <criterion/criterion.h>

#include "ledger/inside.h"
#include "ledger/snapshot/base.h"
#include "ledger/snapshot/chunk.h"
#include "tests/unit/ledger/snapshot/joining.h"

TestSuite(import_lies, .init = joining_start, .fini = joining_stop, .timeout = 300);

/* Finishing fails with a word of what is wrong, and no ledger is there. */
static void expect_refused(const char *word)
{
    struct error error;
    parcel_sign(&joining.parcel);
    struct snapshot_import *import = joining_import(&joining.parcel);
    joining_add_all(import, &joining.parcel);
    cr_expect(!snapshot_import_finish(import, NULL, NULL, &error), "%s", word);
    cr_expect(error.code == ERROR_INVALID && strstr(error.text, word) != NULL, "%s: %s", word,
              error.text);
    cr_expect(!joining_is_there(joining.directory) && joining_is_draft_there());
    snapshot_import_close(import);
}

static size_t first_of(enum snapshot_kind kind)
{
    size_t number = 0;
    while (joining.parcel.manifest.entries[number].range.kind != kind)
        number++;
    return number;
}

static struct chunk decode(size_t number)
{
    struct chunk chunk;
    struct error error;
    cr_assert(chunk_decode(&chunk, joining.parcel.chunks[number], &joining.parcel.arena, &error),
              "%s", error.text);
    return chunk;
}

static void encode(size_t number, const struct chunk *chunk)
{
    struct buffer encoded = {0};
    chunk_encode(chunk, &encoded);
    joining.parcel.chunks[number] = arena_copy(&joining.parcel.arena, buffer_view(&encoded));
    buffer_cleanup(&encoded);
}

Test(import_lies, refuses_another_balance)
{
    const size_t number = first_of(SNAPSHOT_ACCOUNTS);
    struct chunk chunk = decode(number);
    chunk.accounts[0].balance = u256_add(&chunk.accounts[0].balance, &U256_ONE);
    encode(number, &chunk);
    expect_refused("root");
}

Test(import_lies, refuses_another_code)
{
    size_t number = first_of(SNAPSHOT_ACCOUNTS);
    for (;; number++) {
        struct chunk chunk = decode(number);
        cr_assert(chunk.kind == SNAPSHOT_ACCOUNTS);
        for (size_t i = 0; i < chunk.count; i++)
            if (chunk.accounts[i].code.size > 0) {
                chunk.accounts[i].code.size--;
                encode(number, &chunk);
                expect_refused("root");
                return;
            }
    }
}

Test(import_lies, refuses_another_slot)
{
    const size_t number = first_of(SNAPSHOT_SLOTS);
    struct chunk chunk = decode(number);
    chunk.slots[0].value = u256_add(&chunk.slots[0].value, &U256_ONE);
    encode(number, &chunk);
    expect_refused("root");
}

Test(import_lies, refuses_a_state_with_a_part_left_out)
{
    struct chunk chunk = decode(first_of(SNAPSHOT_SLOTS));
    chunk.count--;
    encode(first_of(SNAPSHOT_SLOTS), &chunk);
    expect_refused("root");
}

/* In the last chunk if its range holds the slot, else in one of its own. */
Test(import_lies, refuses_slots_without_an_account)
{
    struct manifest *manifest = &joining.parcel.manifest;
    const size_t last = manifest->entries_count - 1;
    struct chunk chunk = decode(last);
    uint8_t key[SNAPSHOT_KEY_SIZE_MAX];
    memset(key, 0xff, sizeof key);
    const bool is_own = !snapshot_range_holds(&manifest->entries[last].range, key);
    const size_t before = is_own ? 0 : chunk.count;
    struct snapshot_slot *slots = arena_array(&joining.parcel.arena, before + 1, sizeof *slots);
    memcpy(slots, chunk.slots, before * sizeof *slots);
    slots[before].address = (address){{0}};
    memcpy(slots[before].address.bytes, key, sizeof(address));
    slots[before].key = u256_load_be(key + sizeof(address), 32);
    slots[before].value = U256_ONE;
    if (is_own) {
        struct snapshot_entry *entries =
            arena_array(&joining.parcel.arena, last + 2, sizeof *entries);
        struct bytes *chunks = arena_array(&joining.parcel.arena, last + 2, sizeof *chunks);
        memcpy(entries, manifest->entries, (last + 1) * sizeof *entries);
        memcpy(chunks, joining.parcel.chunks, (last + 1) * sizeof *chunks);
        entries[last + 1].range = snapshot_range_of(SNAPSHOT_SLOTS, key, 8 * sizeof key);
        manifest->entries = entries;
        manifest->entries_count++;
        joining.parcel.chunks = chunks;
    }
    encode(manifest->entries_count - 1,
           &(struct chunk){.kind = SNAPSHOT_SLOTS, .slots = slots, .count = before + 1});
    expect_refused("without an account");
}

/* The base, taken apart and put together again. */
static struct snapshot_base open_base(void)
{
    struct snapshot_base base;
    struct error error;
    struct buffer all = {0};
    for (size_t i = 0; joining.parcel.manifest.entries[i].range.kind == SNAPSHOT_BASE; i++)
        buffer_append_bytes(&all, decode(i).piece);
    cr_assert(base_decode(&base, arena_copy(&joining.parcel.arena, buffer_view(&all)),
                          &joining.parcel.arena, &error),
              "%s", error.text);
    buffer_cleanup(&all);
    return base;
}

static void expect_base_refused(const struct snapshot_base *base, const char *word)
{
    struct buffer encoded = {0};
    base_encode(base, &encoded);
    const struct bytes all = arena_copy(&joining.parcel.arena, buffer_view(&encoded));
    const size_t pieces = first_of(SNAPSHOT_ACCOUNTS);
    for (size_t i = 0; i < pieces; i++) {
        const size_t each = all.size / pieces, first = i * each;
        encode(i, &(struct chunk){.kind = SNAPSHOT_BASE,
                                  .piece = bytes_of(all.data + first,
                                                    i + 1 < pieces ? each : all.size - first)});
    }
    buffer_cleanup(&encoded);
    expect_refused(word);
}

Test(import_lies, refuses_other_counters)
{
    struct snapshot_base base = open_base();
    base.supply.issued = u256_add(&base.supply.issued, &U256_ONE);
    expect_base_refused(&base, "supply");
}

Test(import_lies, refuses_another_reveal)
{
    struct snapshot_base base = open_base();
    base.reveals[0].last.bytes[5] ^= 1;
    expect_base_refused(&base, "reveal");
}

Test(import_lies, refuses_reveals_of_another_committee)
{
    struct snapshot_base base = open_base();
    base.members++;
    expect_base_refused(&base, "members");
}

Test(import_lies, refuses_fewer_headers)
{
    struct snapshot_base base = open_base();
    base.headers++;
    base.headers_count--;
    expect_base_refused(&base, "headers");
}

Test(import_lies, refuses_headers_in_another_order)
{
    struct snapshot_base base = open_base();
    const struct bytes first = base.headers[3];
    base.headers[3] = base.headers[4];
    base.headers[4] = first;
    expect_base_refused(&base, "parent and child");
}

Test(import_lies, refuses_another_block)
{
    struct snapshot_base base = open_base();
    struct error error;
    struct header header;
    hash256 hash;
    struct ledger_view *view = ledger_view_open(joining.busy.sample.ledger, &error);
    cr_assert(view_header(view, 31, &header, &hash, &error));
    ledger_view_close(view);
    base.container = ledger_container(joining.busy.sample.ledger, &hash, &joining.parcel.arena);
    expect_base_refused(&base, "block");
}

Test(import_lies, refuses_other_receipts)
{
    struct snapshot_base base = open_base();
    cr_assert(base.receipts_count > 0);
    base.receipts[0].is_success = !base.receipts[0].is_success;
    expect_base_refused(&base, "receipts");
}

/* Pieces of zeros, more than the block's bytes and gas allow: refused before they fill memory. */
Test(import_lies, refuses_a_base_that_is_too_large)
{
    const size_t accounts = first_of(SNAPSHOT_ACCOUNTS), piece = SNAPSHOT_CHUNK_SIZE_MAX - 16;
    const size_t pieces = base_size_max(&joining.ground.header) / piece + 1;
    const size_t rest = joining.parcel.manifest.entries_count - accounts;
    struct snapshot_entry *entries =
        arena_array(&joining.parcel.arena, pieces + rest, sizeof *entries);
    struct bytes *chunks = arena_array(&joining.parcel.arena, pieces + rest, sizeof *chunks);
    memcpy(entries + pieces, joining.parcel.manifest.entries + accounts, rest * sizeof *entries);
    memcpy(chunks + pieces, joining.parcel.chunks + accounts, rest * sizeof *chunks);
    joining.parcel.manifest.entries = entries;
    joining.parcel.manifest.entries_count = pieces + rest;
    joining.parcel.chunks = chunks;
    encode(0, &(struct chunk){.kind = SNAPSHOT_BASE,
                              .piece = bytes_of(arena_alloc(&joining.parcel.arena, piece), piece)});
    for (size_t i = 0; i < pieces; i++) {
        const uint8_t number[4] = {0, 0, (uint8_t)(i >> 8), (uint8_t)i};
        entries[i].range = snapshot_range_of(SNAPSHOT_BASE, number, 32);
        chunks[i] = chunks[0];
    }
    expect_refused("larger than the block");
}

Test(import_lies, tells_a_chunk_that_is_none)
{
    struct error error;
    enum snapshot_verdict verdict;
    joining.parcel.chunks[4] = bytes_of("nonsense", 8);
    parcel_sign(&joining.parcel);
    struct snapshot_import *import = joining_import(&joining.parcel);
    cr_assert(snapshot_import_add(import, 4, joining.parcel.chunks[4], &verdict, &error));
    cr_expect(verdict == SNAPSHOT_BAD_CHUNK && strstr(error.text, "chunk 4") != NULL, "%s",
              error.text);
    snapshot_import_close(import);
}

Test(import_lies, tells_a_chunk_in_the_wrong_place)
{
    struct error error;
    enum snapshot_verdict verdict;
    const size_t number = first_of(SNAPSHOT_SLOTS);
    const struct bytes chunk = joining.parcel.chunks[number];
    joining.parcel.chunks[number] = joining.parcel.chunks[number + 1];
    joining.parcel.chunks[number + 1] = chunk;
    parcel_sign(&joining.parcel);
    struct snapshot_import *import = joining_import(&joining.parcel);
    cr_assert(snapshot_import_add(import, number, joining.parcel.chunks[number], &verdict, &error));
    cr_expect(verdict == SNAPSHOT_BAD_CHUNK && strstr(error.text, "range") != NULL, "%s",
              error.text);
    snapshot_import_close(import);
}

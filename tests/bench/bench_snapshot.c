/* A ledger with a large state: how long a manifest takes, one chunk, and a store made of all of them.
 *
 *   bench_snapshot [ACCOUNTS [SLOTS]]    default 100000 and 100000; slots are of 100 contracts
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "ledger/inside.h"
#include "ledger/snapshot/import.h"
#include "ledger/snapshot/snapshot.h"
#include "tests/unit/ledger/sample.h"
#include "vm/crypto/keccak.h"

#define CONTRACTS 100

static void must(bool ok, const struct error *error)
{
    if (ok)
        return;
    fprintf(stderr, "bench_snapshot: %s\n", error->text);
    exit(1);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int compare_accounts(const void *left, const void *right)
{
    const struct account_change *a = left, *b = right;
    return memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes);
}

static hash256 hash_of(uint64_t number)
{
    return keccak256(&number, sizeof number);
}

/* Slots in a row, as of an array, and values as of balances. */
static void give_slots(struct account_change *change, uint64_t from, size_t count,
                       struct arena *arena)
{
    change->slots = arena_array(arena, count, sizeof *change->slots);
    change->slots_count = count;
    for (size_t i = 0; i < count; i++) {
        change->slots[i].key = u256_from_u64(i);
        change->slots[i].after = u256_from_u64(0x0de0b6b3a7640000 + from + i);
    }
}

/* The genesis's state and so many accounts besides, whose coin is account 0's. */
static struct state_changes large_state(struct sample *sample, size_t accounts, size_t slots)
{
    struct arena *arena = &sample->arena;
    struct state_changes state = genesis_state(&sample->genesis, arena);
    const size_t before = state.accounts_count;
    struct account_change *all = arena_array(arena, before + accounts, sizeof *all);
    const u256 each = u256_from_u64(1000000000000);
    u256 spent = U256_ZERO;
    memcpy(all, state.accounts, before * sizeof *all);
    for (size_t i = 0; i < accounts; i++) {
        struct account_change *change = &all[before + i];
        const hash256 hash = hash_of(i);
        memcpy(change->address.bytes, hash.bytes, sizeof change->address.bytes);
        change->exists = true;
        change->after = EMPTY_ACCOUNT;
        change->after.nonce = 1 + i % 50;
        change->after.balance = each;
        spent = u256_add(&spent, &each);
        if (i < CONTRACTS)
            give_slots(change, i * slots / CONTRACTS, slots / CONTRACTS, arena);
    }
    for (size_t i = 0; i < before; i++)
        if (address_equal(&all[i].address, &sample->accounts[0]))
            all[i].after.balance = u256_sub(&all[i].after.balance, &spent);
    qsort(all, before + accounts, sizeof *all, compare_accounts);
    state.accounts = all;
    state.accounts_count = before + accounts;
    return state;
}

static void report(const char *what, double took, size_t bytes)
{
    printf("%-28s %8.3f s  %8.1f MB/s\n", what, took, (double)bytes / 1e6 / took);
}

int main(int count, char **arguments)
{
    const size_t accounts = count > 1 ? strtoull(arguments[1], NULL, 10) : 100000;
    const size_t slots = count > 2 ? strtoull(arguments[2], NULL, 10) : 100000;
    struct sample sample;
    struct error error;
    struct manifest manifest;
    hash256 hash;
    char directory[128];

    sample_init(&sample);
    sample.checkpoint_every = 1;
    genesis_format(&sample.genesis, &sample.document);
    struct state_changes state = large_state(&sample, accounts, slots);
    must(found_with_state(sample.directory, &sample.genesis, buffer_view(&sample.document), &state,
                          &error),
         &error);
    sample_open(&sample);
    sample_block(&sample);

    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    must(view != NULL, &error);
    const struct snapshot snapshot = {view, 1, SNAPSHOT_CHUNK_SIZE_MAX};
    double start = seconds();
    must(snapshot_manifest(&snapshot, NULL, NULL, &sample.arena, &manifest, &error), &error);
    const double manifest_took = seconds() - start;

    struct bytes *chunks = arena_array(&sample.arena, manifest.entries_count, sizeof *chunks);
    size_t bytes = 0;
    start = seconds();
    for (size_t i = 0; i < manifest.entries_count; i++) {
        struct buffer chunk = {0};
        must(snapshot_chunk(&snapshot, &manifest, i, &chunk, &error), &error);
        chunks[i] = arena_copy(&sample.arena, buffer_view(&chunk));
        bytes += chunk.size;
        buffer_cleanup(&chunk);
    }
    const double chunks_took = seconds() - start;

    struct header block_0;
    struct snapshot_ground ground = {.genesis_document = buffer_view(&sample.document),
                                     .block_0 = &block_0};
    struct buffer encoded = {0};
    must(view_header(view, 0, &block_0, &hash, &error)
             && view_header(view, 1, &ground.header, &hash, &error),
         &error);
    ledger_view_close(view);
    manifest_encode(&manifest, &encoded);
    snprintf(directory, sizeof directory, "%s/joined", sample.folder);
    struct snapshot_import *import =
        snapshot_import_open(directory, &ground, buffer_view(&encoded), &error);
    must(import != NULL, &error);
    start = seconds();
    for (size_t i = 0; i < manifest.entries_count; i++) {
        enum snapshot_verdict verdict;
        must(snapshot_import_add(import, i, chunks[i], &verdict, &error) && verdict == SNAPSHOT_OK,
             &error);
    }
    const double receiving_took = seconds() - start;
    start = seconds();
    must(snapshot_import_finish(import, NULL, NULL, &error), &error);
    const double building_took = seconds() - start;
    snapshot_import_close(import);

    printf("%zu accounts, %zu slots: %zu chunks, %.1f MB, manifest %zu bytes\n", accounts, slots,
           manifest.entries_count, (double)bytes / 1e6, encoded.size);
    report("manifest (reads it twice)", manifest_took, bytes);
    report("all chunks, one by one", chunks_took, bytes);
    report("receiving (check and keep)", receiving_took, bytes);
    report("building the store", building_took, bytes);
    buffer_cleanup(&encoded);
    sample_cleanup(&sample);
    return 0;
}

/* A state of more leaves than are put into a trie at once, in the account trie and in one contract's
 * storage. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/inside.h"
#include "tests/unit/ledger/snapshot/busy.h"
#include "vm/crypto/keccak.h"

#define ACCOUNTS 9000
#define SLOTS    9000

static struct busy busy;

static int compare_accounts(const void *left, const void *right)
{
    const struct account_change *a = left, *b = right;
    return memcmp(a->address.bytes, b->address.bytes, sizeof a->address.bytes);
}

/* Accounts without coin besides the genesis's; one of them has slots in a row. */
static struct state_changes large_state(struct sample *sample)
{
    struct state_changes state = genesis_state(&sample->genesis, &sample->arena);
    struct account_change *all =
        arena_array(&sample->arena, state.accounts_count + ACCOUNTS, sizeof *all);
    memcpy(all, state.accounts, state.accounts_count * sizeof *all);
    for (uint32_t i = 0; i < ACCOUNTS; i++) {
        struct account_change *change = &all[state.accounts_count++];
        const hash256 hash = keccak256(&i, sizeof i);
        memcpy(change->address.bytes, hash.bytes, sizeof change->address.bytes);
        change->exists = true;
        change->after = EMPTY_ACCOUNT;
        change->after.nonce = 1 + i;
        if (i != 7)
            continue;
        change->slots = arena_array(&sample->arena, SLOTS, sizeof *change->slots);
        change->slots_count = SLOTS;
        for (size_t slot = 0; slot < SLOTS; slot++)
            change->slots[slot] =
                (struct slot_change){.key = u256_from_u64(slot), .after = u256_from_u64(slot + 1)};
    }
    qsort(all, state.accounts_count, sizeof *all, compare_accounts);
    state.accounts = all;
    return state;
}

static void start(void)
{
    struct sample *sample = &busy.sample;
    struct error error;
    sample_init(sample);
    sample->checkpoint_every = 1;
    genesis_format(&sample->genesis, &sample->document);
    struct state_changes state = large_state(sample);
    cr_assert(found_with_state(sample->directory, &sample->genesis, buffer_view(&sample->document),
                               &state, &error),
              "%s", error.text);
    sample_open(sample);
    for (unsigned i = 0; i < 3; i++)
        sample_block(sample);
}

static void stop(void)
{
    busy_cleanup(&busy);
}

TestSuite(import_large, .init = start, .fini = stop, .timeout = 300);

Test(import_large, builds_tries_of_several_pages)
{
    const struct ledger_options options = {.pool = pool_limits_default(), .checkpoint_every = 1};
    struct parcel parcel;
    struct arena arena = {0};
    struct buffer report = {0};
    struct header block_0;
    struct error error;
    hash256 hash;
    char directory[128];
    parcel_make(&parcel, busy.sample.ledger, 2, 16384);
    struct snapshot_ground ground = busy_ground(&busy, 2, &arena);
    struct ledger_view *view = ledger_view_open(busy.sample.ledger, &error);
    cr_assert(view_header(view, 0, &block_0, &hash, &error));
    ledger_view_close(view);
    ground.block_0 = &block_0;
    snprintf(directory, sizeof directory, "%s/joined", busy.sample.folder);

    struct snapshot_import *import =
        snapshot_import_open(directory, &ground, buffer_view(&parcel.encoded), &error);
    cr_assert(import != NULL, "%s", error.text);
    for (size_t i = 0; i < parcel.manifest.entries_count; i++) {
        enum snapshot_verdict verdict;
        cr_assert(snapshot_import_add(import, i, parcel.chunks[i], &verdict, &error)
                  && verdict == SNAPSHOT_OK);
    }
    cr_assert(snapshot_import_finish(import, NULL, NULL, &error), "%s", error.text);
    snapshot_import_close(import);
    struct ledger *joined = ledger_open(directory, &options, &error);
    cr_assert(joined != NULL, "%s", error.text);
    busy_repeat(&busy, joined, 3);
    cr_expect(ledger_check(joined, busy.sample.vm, &report, &error), "%.*s", (int)report.size,
              (const char *)report.data);
    ledger_close(joined);
    buffer_cleanup(&report);
    parcel_cleanup(&parcel);
    arena_cleanup(&arena);
}

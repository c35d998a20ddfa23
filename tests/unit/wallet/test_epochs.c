#include "wallet/epochs.h"

#include "tests/unit/ledger/realm.h"

#include <criterion/criterion.h>

static struct realm realm;
static struct arena arena;
static struct verified_epochs *epochs;

static void start(void)
{
    realm_start(&realm, 3, QUORUM_BFT);
    epochs = epochs_new(&arena, ledger_chain_id(realm.ledger), ledger_id(realm.ledger),
                        realm.genesis.fork, ledger_epoch_record(realm.ledger));
}

static void stop(void)
{
    arena_cleanup(&arena);
    realm_cleanup(&realm);
}

TestSuite(epochs, .init = start, .fini = stop, .timeout = 60);

static struct buffer chain_from(uint64_t epoch)
{
    struct error error;
    struct buffer chain = {0};
    unsigned count;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_assert(view_seal_chain(view, epoch, 100, &chain, &count, &error), "%s", error.text);
    ledger_view_close(view);
    return chain;
}

/* The proof of a block holds in its own epoch and in no other. */
static void expect_proved(uint64_t height, uint64_t number)
{
    struct error error;
    struct finality_proof proof;
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_assert(view_finality_proof(view, height, &arena, &proof, &error), "%s", error.text);
    for (uint64_t other = 1; other <= epochs->count; other++) {
        const struct verified_epoch *epoch = epochs_find(epochs, other);
        const enum finality_verdict verdict =
            finality_proof_check(&proof, &epoch->domain, &epoch->record);
        cr_expect_eq(verdict == FINALITY_OK, other == number, "block %d in epoch %d", (int)height,
                     (int)other);
    }
    ledger_view_close(view);
}

Test(epochs, each_follows_from_the_one_before)
{
    const unsigned second[] = {3}, third[] = {4, 5, 0, 1}, fourth[] = {2, 1};
    cr_expect_null(epochs_find(epochs, 0));
    cr_expect_null(epochs_find(epochs, 2));
    realm_block(&realm);
    realm_seal(&realm, second, 1, QUORUM_BFT); /* 2 */
    realm_block(&realm);
    realm_seal(&realm, third, 4, QUORUM_BFT); /* 4 */
    realm_block(&realm);
    struct buffer chain = chain_from(1);
    cr_expect_eq(epochs_follow(epochs, buffer_view(&chain)), FINALITY_OK);
    cr_expect_eq(epochs->count, 3);
    cr_expect_eq(epochs_find(epochs, 2)->record.committee_size, 1);
    cr_expect_eq(epochs_newest(epochs)->record.committee_size, 4);
    for (uint64_t height = 1; height <= 5; height++)
        expect_proved(height, height <= 2 ? 1 : height <= 4 ? 2 : 3);
    cr_expect_eq(epochs_follow(epochs, buffer_view(&chain)), FINALITY_OK);
    cr_expect_eq(epochs->count, 3);
    buffer_cleanup(&chain);

    realm_seal(&realm, fourth, 2, QUORUM_BFT);
    realm_block(&realm);
    chain = chain_from(3);
    cr_expect_eq(epochs_follow(epochs, buffer_view(&chain)), FINALITY_OK);
    cr_expect_eq(epochs->count, 4);
    expect_proved(7, 4);
    buffer_cleanup(&chain);
}

/* What holds before a bad link stays. */
Test(epochs, a_bad_seal_ends_it)
{
    const unsigned second[] = {3}, third[] = {4};
    realm_seal(&realm, second, 1, QUORUM_BFT);
    realm_seal(&realm, third, 1, QUORUM_BFT);
    struct buffer chain = chain_from(1);
    chain.data[chain.size - 100] ^= 1; /* in the requests of the last seal */
    cr_expect_eq(epochs_follow(epochs, buffer_view(&chain)), FINALITY_WRONG_REQUESTS);
    cr_expect_eq(epochs->count, 2);
    cr_expect_eq(epochs_newest(epochs)->record.epoch, 2);
    buffer_cleanup(&chain);
}

/* Which vote log has what a node said: the store's word for it, over restarts and seals. */
#include <criterion/criterion.h>

#include "ledger/inside.h"
#include "tests/unit/ledger/realm.h"

static struct realm realm;
static const hash256 log_a = {{0xaa}}, log_b = {{0xbb}};

static void start(void)
{
    realm_start(&realm, 3, QUORUM_BFT);
}

static void stop(void)
{
    realm_cleanup(&realm);
}

TestSuite(promises, .init = start, .fini = stop, .timeout = 120);

static void seal(void)
{
    const unsigned all[] = {0, 1, 2};
    const enum quorum_mode mode = ledger_epoch_record(realm.ledger)->mode;
    realm_seal(&realm, all, 3, mode == QUORUM_BFT ? QUORUM_ALL : QUORUM_BFT);
}

static void set(struct promises promises)
{
    struct error error;
    cr_assert(ledger_set_promises(realm.ledger, &promises, &error), "%s", error.text);
}

/* Now, and once the store was opened again. */
static void expect(enum promises_state state, const hash256 *log, bool is_old, uint64_t silent)
{
    for (unsigned i = 0; i < 2; i++) {
        const struct promises *promises = ledger_promises(realm.ledger);
        cr_expect_eq(promises->state, state);
        cr_expect(state != PROMISES_LOGGED || hash256_equal(&promises->log, log));
        cr_expect_eq(promises->is_old, is_old);
        cr_expect_eq(promises->silent_until, silent);
        realm_reopen(&realm);
    }
}

/* Nobody knows what was said with a store that began anew. */
Test(promises, are_lost_where_the_store_says_nothing)
{
    expect(PROMISES_LOST, NULL, true, 0);
    ledger_use_log(realm.ledger, &log_a);
    seal();
    expect(PROMISES_LOST, NULL, true, 0);
}

Test(promises, are_none_after_a_founding_until_something_is_said)
{
    struct error error;
    ledger_close(realm.ledger);
    cr_assert(ledger_found_promises(realm.directory, &error), "%s", error.text);
    realm.ledger = NULL;
    realm_reopen(&realm);
    expect(PROMISES_NONE, NULL, false, 0);
    seal();
    expect(PROMISES_NONE, NULL, false, 0);
    ledger_use_log(realm.ledger, &log_a);
    seal();
    expect(PROMISES_LOGGED, &log_a, false, 0);
}

/* Nothing was said yet in an epoch that begins: whatever happened to an earlier log. */
Test(promises, are_whole_again_with_the_next_epoch)
{
    set((struct promises){PROMISES_LOGGED, log_a, false, 0});
    expect(PROMISES_LOGGED, &log_a, false, 0);
    ledger_use_log(realm.ledger, &log_b);
    seal();
    expect(PROMISES_LOGGED, &log_b, false, 0);
    seal(); /* followed by who has no log in use: it says nothing */
    expect(PROMISES_NONE, NULL, false, 0);
    ledger_use_log(realm.ledger, &log_b);
    seal();
    expect(PROMISES_LOGGED, &log_b, false, 0);
}

/* A committee that shrank to one member needs no log, also after a restart; when it grows again
 * nothing was said yet in the new epoch. */
Test(promises, hold_over_an_epoch_of_one_member)
{
    const unsigned itself[] = {0}, all[] = {0, 1, 2};
    set((struct promises){PROMISES_LOGGED, log_a, false, 0});
    ledger_use_log(realm.ledger, &log_a);
    realm_seal(&realm, itself, 1, QUORUM_BFT);
    expect(PROMISES_LOGGED, &log_a, false, 0); /* opens it again, without a log */
    realm_seal(&realm, all, 3, QUORUM_BFT);
    expect(PROMISES_NONE, NULL, false, 0);
}

/* An old store may be epochs behind: only a seal of a view after the silence proves that it is not. */
Test(promises, of_an_old_store_need_a_seal_after_the_silence)
{
    set((struct promises){PROMISES_LOGGED, log_a, true, 1000});
    ledger_use_log(realm.ledger, &log_a);
    seal();
    expect(PROMISES_LOST, NULL, true, 0);
    set((struct promises){PROMISES_LOGGED, log_a, true, 1});
    ledger_use_log(realm.ledger, &log_b); /* it was lost once more */
    seal();
    expect(PROMISES_LOST, NULL, true, 0);
    set((struct promises){PROMISES_LOGGED, log_b, true, 1});
    ledger_use_log(realm.ledger, &log_b);
    seal();
    expect(PROMISES_LOGGED, &log_b, false, 0);
}

/* Who is alone says nothing outside its blocks. */
Test(promises, of_a_committee_of_one_are_never_old)
{
    const unsigned all[] = {0, 1, 2};
    realm_cleanup(&realm);
    realm_start(&realm, 1, QUORUM_BFT);
    ledger_use_log(realm.ledger, &log_a);
    realm_seal(&realm, all, 3, QUORUM_BFT);
    expect(PROMISES_LOGGED, &log_a, false, 0);
}

Test(promises, that_are_damaged_are_not_read)
{
    struct error error;
    struct store_batch *batch = store_batch_new();
    const struct store_key key = key_of(KEY_PROMISES);
    const uint8_t content[42] = {3};
    struct promises promises;
    record_put_plain(batch, key_view(&key), bytes_of(content, sizeof content));
    cr_assert(ledger_write(realm.ledger, batch, &error));
    store_batch_free(batch);
    cr_expect_not(
        record_load_promises((struct store_at){realm.ledger->store, NULL}, &promises, &error));
    cr_expect_eq(error.code, ERROR_CORRUPT);
}

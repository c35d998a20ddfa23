/* Admission, order, replacement, bounds and the journal. */
#include "ledger/pool/pool.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/pool/journal.h"

static struct pool *pool;
static struct arena arena;
static struct pool_limits limits;
static uint64_t now_ms;

static void start(void)
{
    limits = (struct pool_limits){.transactions_max = 100,
                                  .bytes_max = 100000,
                                  .per_sender_max = 16,
                                  .lifetime_ms = 1000,
                                  .replace_free_ms = 100};
    pool = pool_new(&limits);
    now_ms = 1000000;
}

static void stop(void)
{
    pool_free(pool);
    arena_cleanup(&arena);
}

TestSuite(pool, .init = start, .fini = stop, .timeout = 60);

/* A transaction by sender number, which the pool takes as recovered. */
static struct transaction make(unsigned sender, uint64_t nonce, uint64_t fee, uint64_t tip,
                               uint64_t value)
{
    struct secret_key key = {{0}};
    key.bytes[0] = 1;
    key.bytes[30] = (uint8_t)(sender >> 8);
    key.bytes[31] = (uint8_t)sender;
    struct transaction tx = {.type = TRANSACTION_DYNAMIC_FEE,
                             .has_chain_id = true,
                             .chain_id = 1,
                             .nonce = nonce,
                             .gas_limit = 21000,
                             .max_fee = u256_from_u64(fee),
                             .max_priority = u256_from_u64(tip),
                             .value = u256_from_u64(value)};
    transaction_sign(&tx, &key, &arena);
    return tx;
}

static enum pool_verdict insert(const struct transaction *tx, uint64_t balance, uint64_t nonce)
{
    const struct pool_account account = {nonce, u256_from_u64(balance), false};
    return pool_insert(pool, tx, &account, now_ms, NULL);
}

static enum pool_verdict add(unsigned sender, uint64_t nonce, uint64_t fee, uint64_t tip)
{
    struct transaction tx = make(sender, nonce, fee, tip, now_ms);
    return insert(&tx, 1000000000, 0);
}

/* A block says that this account is at `nonce` now. */
static void move_on(const address *account, uint64_t nonce)
{
    const struct pool_account now = {nonce, u256_from_u64(1000000000), false};
    pool_on_account(pool, account, &now);
}

Test(pool, queues_above_a_gap_until_it_is_filled)
{
    cr_expect(add(1, 0, 0, 0) == POOL_OK);
    cr_expect(add(1, 2, 0, 0) == POOL_OK);
    cr_expect(pool_ready_count(pool) == 1 && pool_queued_count(pool) == 1);
    cr_expect(add(1, 1, 0, 0) == POOL_OK);
    cr_expect(pool_ready_count(pool) == 3 && pool_queued_count(pool) == 0);
    struct transaction one = make(1, 1, 0, 0, now_ms);
    cr_expect(pool_next_nonce(pool, &one.sender, 0) == 3);
    pool_drop(pool, &one.hash, POOL_EVICTED);
    cr_expect(pool_ready_count(pool) == 1 && pool_queued_count(pool) == 1);
    cr_expect(pool_fate(pool, &one.hash) == POOL_EVICTED);
    cr_expect(pool_next_nonce(pool, &one.sender, 0) == 1);
}

Test(pool, refuses_in_geths_words_and_changes_nothing)
{
    struct error detail;
    struct transaction tx = make(1, 3, 10, 1, 500);
    struct pool_account account = {5, u256_from_u64(1000000), false};
    cr_expect(pool_insert(pool, &tx, &account, now_ms, &detail) == POOL_NONCE_TOO_LOW);
    cr_expect_str_eq(detail.text, "nonce too low: next nonce 5, tx nonce 3");
    account = (struct pool_account){3, u256_from_u64(1000), false};
    cr_expect(pool_insert(pool, &tx, &account, now_ms, &detail) == POOL_INSUFFICIENT_FUNDS);
    cr_expect_str_eq(detail.text, "insufficient funds for gas * price + value: balance 1000, "
                                  "tx cost 210500");
    account.balance = u256_from_u64(210500);
    cr_expect(pool_insert(pool, &tx, &account, now_ms, &detail) == POOL_OK);
    cr_expect(pool_insert(pool, &tx, &account, now_ms, &detail) == POOL_ALREADY_KNOWN);
    cr_expect_str_eq(detail.text, "already known");
    struct transaction next = make(1, 4, 10, 1, 0);
    cr_expect(pool_insert(pool, &next, &account, now_ms, &detail) == POOL_INSUFFICIENT_FUNDS);
    struct transaction far = make(1, 3 + 16, 10, 1, 0);
    cr_expect(pool_insert(pool, &far, &account, now_ms, &detail) == POOL_NONCE_TOO_HIGH);
    cr_expect(pool_ready_count(pool) == 1);
}

Test(pool, replaces_for_a_tenth_more)
{
    struct error detail;
    const struct pool_account account = {0, u256_from_u64(100000000), false};
    struct transaction old = make(1, 0, 100, 10, 1);
    struct transaction cheap = make(1, 0, 109, 11, 1), tipless = make(1, 0, 110, 10, 1);
    struct transaction dear = make(1, 0, 110, 11, 1);
    cr_expect(insert(&old, 100000000, 0) == POOL_OK);
    cr_expect(pool_insert(pool, &cheap, &account, now_ms, &detail) == POOL_REPLACEMENT_UNDERPRICED);
    cr_expect(strncmp(detail.text, "replacement transaction underpriced", 35) == 0);
    cr_expect(insert(&tipless, 100000000, 0) == POOL_REPLACEMENT_UNDERPRICED);
    cr_expect(insert(&dear, 100000000, 0) == POOL_OK);
    cr_expect(pool_fate(pool, &old.hash) == POOL_REPLACED);
    cr_expect(pool_fate(pool, &dear.hash) == POOL_READY);
    cr_expect(pool_ready_count(pool) == 1);
}

/* ledger.md, Pool: at price 0 an equal price replaces once per pulse and nonce. */
Test(pool, replaces_free_ones_once_in_a_while)
{
    struct transaction tries[4];
    for (unsigned i = 0; i < 4; i++)
        tries[i] = make(1, 0, 0, 0, i);
    cr_expect(insert(&tries[0], 100, 0) == POOL_OK);
    cr_expect(insert(&tries[1], 100, 0) == POOL_OK);
    cr_expect(insert(&tries[2], 100, 0) == POOL_REPLACEMENT_UNDERPRICED);
    now_ms += 100;
    cr_expect(insert(&tries[3], 100, 0) == POOL_OK);
    cr_expect(pool_ready_count(pool) == 1);
}

/* By tip, then by arrival; each sender's in order of nonces. */
Test(pool, is_picked_by_tip_and_arrival)
{
    static const unsigned expected[][2] = {{2, 0}, {2, 1}, {3, 0}, {1, 0}, {1, 1}, {4, 0}};
    cr_expect(add(1, 0, 100, 1) == POOL_OK);
    cr_expect(add(1, 1, 100, 50) == POOL_OK); /* waits for the one before it */
    cr_expect(add(2, 0, 100, 9) == POOL_OK);
    cr_expect(add(2, 1, 100, 8) == POOL_OK);
    cr_expect(add(3, 0, 100, 5) == POOL_OK);
    cr_expect(add(4, 0, 100, 1) == POOL_OK);
    cr_expect(add(5, 0, 9, 9) == POOL_OK); /* below the base fee */
    const u256 base_fee = u256_from_u64(10);
    struct pool_picker *picker = pool_picker_new(pool, &base_fee, NULL, NULL);
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const struct transaction *tx = pool_picker_next(picker);
        struct transaction want = make(expected[i][0], expected[i][1], 0, 0, 0);
        cr_assert(tx != NULL);
        cr_expect(address_equal(&tx->sender, &want.sender) && tx->nonce == want.nonce, "%zu", i);
        pool_picker_take(picker);
    }
    cr_expect(pool_picker_next(picker) == NULL);
    pool_picker_free(picker);
}

/* When full the cheapest goes; among equals the youngest of who has most waiting. */
Test(pool, evicts_the_cheapest)
{
    for (unsigned sender = 1; sender <= 9; sender++)
        for (uint64_t nonce = 0; nonce < 10; nonce++)
            cr_assert(add(sender, nonce, 100, sender) == POOL_OK);
    for (uint64_t nonce = 0; nonce < 10; nonce++)
        cr_assert(add(10, nonce, 100, 1) == POOL_OK);
    struct transaction last = make(10, 9, 100, 1, now_ms);
    cr_expect(add(11, 0, 100, 2) == POOL_OK);
    cr_expect(pool_fate(pool, &last.hash) == POOL_EVICTED);
    cr_expect(pool_ready_count(pool) == 100);
    cr_expect(add(12, 0, 100, 1) == POOL_OK); /* as cheap, but from a sender with less waiting */
    cr_expect(add(13, 0, 100, 0) == POOL_FULL);
    cr_expect(pool_ready_count(pool) == 100 && pool_queued_count(pool) == 0);
}

/* Keys cost nothing: whoever fills the pool with what no block can take must not keep out what
 * one can. */
Test(pool, evicts_what_waits_above_a_gap_first)
{
    for (unsigned sender = 1; sender <= 99; sender++)
        cr_assert(add(sender, 5, 100, 50) == POOL_OK);
    cr_assert(add(100, 0, 0, 0) == POOL_OK);
    cr_expect(add(101, 0, 0, 0) == POOL_OK);
    cr_expect(pool_ready_count(pool) == 2 && pool_queued_count(pool) == 98);
    cr_expect(add(102, 5, 0, 0) == POOL_FULL); /* above a gap itself, and cheaper */
    /* What becomes ready is worth its tip again. */
    for (unsigned sender = 1; sender <= 99; sender++) {
        const struct transaction tx = make(sender, 5, 100, 50, now_ms);
        move_on(&tx.sender, 5);
    }
    cr_expect(pool_queued_count(pool) == 0);
    const struct transaction cheapest = make(101, 0, 0, 0, now_ms);
    cr_expect(add(103, 0, 100, 20) == POOL_OK);
    cr_expect(pool_fate(pool, &cheapest.hash) == POOL_EVICTED);
}

/* ---- Accounts that delegate (EIP-7702) ---- */

static address account_of(unsigned sender)
{
    return make(sender, 0, 0, 0, 0).sender;
}

/* A set-code transaction of `sender` that `authority` has signed an authorization for. */
static struct transaction make_set_code(unsigned sender, uint64_t nonce, uint64_t tip,
                                        const struct authorization *authorization)
{
    struct transaction tx = make(sender, nonce, 100 + tip, tip, 0);
    struct secret_key key = {{0}};
    key.bytes[0] = 1;
    key.bytes[30] = (uint8_t)(sender >> 8);
    key.bytes[31] = (uint8_t)sender;
    tx.type = TRANSACTION_SET_CODE;
    tx.authorizations = arena_array(&arena, 1, sizeof *tx.authorizations);
    tx.authorizations[0] = *authorization;
    tx.authorizations_count = 1;
    transaction_sign(&tx, &key, &arena);
    return tx;
}

static struct authorization authorize(unsigned authority, uint64_t nonce)
{
    struct authorization authorization = {.nonce = nonce};
    struct secret_key key = {{0}};
    key.bytes[0] = 1;
    key.bytes[30] = (uint8_t)(authority >> 8);
    key.bytes[31] = (uint8_t)authority;
    authorization_sign(&authorization, &key);
    return authorization;
}

static enum pool_verdict check_delegation(const struct transaction *tx, bool has_code)
{
    const struct pool_account account = {0, u256_from_u64(1000000000), has_code};
    return pool_check_delegation(pool, tx, &account, NULL);
}

Test(pool, takes_one_at_a_time_from_an_account_that_delegates)
{
    const struct transaction first = make(1, 0, 100, 1, 0), second = make(1, 1, 100, 1, 0);
    const struct transaction better = make(1, 0, 200, 2, 0);
    cr_expect(check_delegation(&second, true) == POOL_DELEGATED_GAP);
    cr_expect(check_delegation(&second, false) == POOL_OK);
    cr_expect(check_delegation(&first, true) == POOL_OK);
    cr_assert(insert(&first, 1000000000, 0) == POOL_OK);
    cr_expect(check_delegation(&second, true) == POOL_DELEGATED_BUSY);
    cr_expect(check_delegation(&better, true) == POOL_OK, "it replaces the first");
    cr_expect(check_delegation(&second, false) == POOL_OK);
}

Test(pool, takes_one_at_a_time_from_an_account_that_is_to_delegate)
{
    const struct authorization of_two = authorize(2, 0);
    const struct transaction set = make_set_code(1, 0, 1, &of_two);
    const struct transaction first = make(2, 0, 100, 1, 0), second = make(2, 1, 100, 1, 0);
    cr_assert(insert(&set, 1000000000, 0) == POOL_OK);
    cr_expect(check_delegation(&second, false) == POOL_DELEGATED_GAP);
    cr_expect(check_delegation(&first, false) == POOL_OK);
    cr_assert(insert(&first, 1000000000, 0) == POOL_OK);
    cr_expect(check_delegation(&second, false) == POOL_DELEGATED_BUSY);
    pool_drop(pool, &set.hash, POOL_EVICTED);
    cr_expect(check_delegation(&second, false) == POOL_OK, "nobody asks it to any more");
}

Test(pool, refuses_authorizations_of_accounts_with_much_waiting)
{
    const struct authorization of_two = authorize(2, 2);
    const struct transaction set = make_set_code(1, 0, 1, &of_two);
    cr_assert(add(2, 0, 100, 1) == POOL_OK);
    cr_expect(check_delegation(&set, false) == POOL_OK);
    cr_assert(add(2, 1, 100, 1) == POOL_OK);
    cr_expect(check_delegation(&set, false) == POOL_AUTHORITY_BUSY);
    struct authorization nobodys = of_two;
    nobodys.y_parity = 9;
    const struct transaction idle = make_set_code(1, 0, 1, &nobodys);
    cr_expect(check_delegation(&idle, false) == POOL_OK);
}

/* What the pool keeps of a transaction is its own, with all authorizations. */
Test(pool, keeps_authorizations_and_forgets_their_authorities)
{
    const struct authorization of_two = authorize(2, 0);
    const struct transaction next = make(2, 1, 100, 1, 0);
    struct transaction set = make_set_code(1, 0, 1, &of_two);
    cr_assert(insert(&set, 1000000000, 0) == POOL_OK);
    set.authorizations[0] = (struct authorization){0};
    const struct transaction *kept = pool_find(pool, &set.hash);
    cr_assert(kept != NULL && kept->authorizations_count == 1);
    const address two = account_of(2);
    cr_expect(address_equal(&kept->authorizations[0].authority, &two));

    const struct transaction other = make_set_code(1, 0, 50, &of_two); /* replaces the first */
    cr_assert(insert(&other, 1000000000, 0) == POOL_OK);
    cr_expect(pool_fate(pool, &set.hash) == POOL_REPLACED);
    cr_expect(check_delegation(&next, false) == POOL_DELEGATED_GAP);
    const address one = account_of(1);
    pool_on_mined(pool, &other, 1, now_ms);
    move_on(&one, 1);
    cr_expect(pool_fate(pool, &other.hash) == POOL_MINED);
    cr_expect(check_delegation(&next, false) == POOL_OK);
}

Test(pool, lets_old_ones_expire)
{
    struct transaction tx = make(1, 0, 0, 0, now_ms);
    cr_expect(add(1, 0, 0, 0) == POOL_OK);
    pool_expire(pool, now_ms + 1000);
    cr_expect(pool_ready_count(pool) == 1);
    pool_expire(pool, now_ms + 1001);
    cr_expect(pool_ready_count(pool) == 0);
    cr_expect(pool_fate(pool, &tx.hash) == POOL_EXPIRED);
}

/* A clock that was ahead by years: what came then lives as long as all others from now on. */
Test(pool, lets_those_from_the_future_expire)
{
    const uint64_t true_ms = now_ms;
    now_ms += 100000000;
    cr_expect(add(1, 0, 0, 0) == POOL_OK);
    cr_expect(add(2, 0, 0, 0) == POOL_OK);
    now_ms = true_ms;
    cr_expect(add(3, 0, 0, 0) == POOL_OK);
    pool_expire(pool, true_ms);
    cr_expect(pool_ready_count(pool) == 3);
    pool_expire(pool, true_ms + 1001);
    cr_expect(pool_ready_count(pool) == 0);
}

static uint64_t left(const struct pool_counts *counts, enum pool_fate fate)
{
    return tally_read(&counts->left[fate]);
}

Test(pool, counts_who_waits_who_left_and_how_long_it_took)
{
    struct pool_counts counts = {0};
    struct distribution wait = {0};
    cr_expect(add(9, 0, 0, 0) == POOL_OK);
    pool_set_counts(pool, &counts);
    cr_expect_eq(tally_read(&counts.ready), 1); /* it came before */
    struct transaction mined = make(1, 0, 0, 0, 1);
    cr_expect(insert(&mined, 1000000000, 0) == POOL_OK);
    cr_expect(add(1, 2, 0, 0) == POOL_OK);
    cr_expect_eq(tally_read(&counts.ready), 2);
    cr_expect_eq(tally_read(&counts.queued), 1);

    now_ms += 200;
    pool_on_mined(pool, &mined, 1, now_ms);
    move_on(&mined.sender, 1);
    struct transaction other = make(9, 0, 0, 0, now_ms);
    cr_expect(insert(&other, 1000000000, 0) == POOL_OK);
    pool_drop(pool, &other.hash, POOL_EVICTED);
    pool_expire(pool, now_ms + 100000);
    cr_expect_eq(left(&counts, POOL_MINED), 1);
    cr_expect_eq(left(&counts, POOL_REPLACED), 1);
    cr_expect_eq(left(&counts, POOL_EVICTED), 1);
    cr_expect_eq(left(&counts, POOL_EXPIRED), 1);
    cr_expect_eq(tally_read(&counts.ready), 0);
    cr_expect_eq(tally_read(&counts.queued), 0);
    distribution_add(&wait, &counts.wait);
    cr_expect_eq(wait.count, 1);
    cr_expect_eq(wait.sum_ns, 200 * 1000000);
}

/* Many operations in random order, against a plain count of what must be there. */
Test(pool, keeps_its_counts_under_any_load)
{
    unsigned seed = 12345;
    struct pool_counts counts = {0};
    pool_set_counts(pool, &counts);
    for (unsigned round = 0; round < 3000; round++) {
        const unsigned sender = 1 + (unsigned)rand_r(&seed) % 20;
        const uint64_t nonce = (uint64_t)rand_r(&seed) % 12;
        const uint64_t tip = (uint64_t)rand_r(&seed) % 30;
        now_ms += 1 + (uint64_t)rand_r(&seed) % 5;
        struct transaction tx = make(sender, nonce, 100 + tip, tip, 0);
        insert(&tx, 1000000000, 0);
        if (round % 7 == 0)
            pool_drop(pool, &tx.hash, POOL_EVICTED);
        if (round % 50 == 0) {
            pool_on_mined(pool, &tx, 1, now_ms);
            move_on(&tx.sender, nonce + 1);
            move_on(&tx.sender, 0);
        }
        pool_expire(pool, now_ms);
        const u256 none = U256_ZERO;
        struct pool_picker *picker = pool_picker_new(pool, &none, NULL, NULL);
        size_t ready = 0;
        for (; pool_picker_next(picker) != NULL; ready++)
            pool_picker_take(picker);
        pool_picker_free(picker);
        cr_assert(ready == pool_ready_count(pool), "seed 12345, round %u", round);
        cr_assert(ready + pool_queued_count(pool) <= limits.transactions_max);
        cr_assert(tally_read(&counts.ready) == ready, "seed 12345, round %u", round);
        cr_assert(tally_read(&counts.queued) == pool_queued_count(pool));
    }
}

/* ---- Journal ------------------------------------------------------------------------------- */

static char journal_path[64];

static struct journal *open_journal(void)
{
    struct error error;
    struct journal *journal = journal_open(journal_path, &error);
    cr_assert(journal != NULL, "%s", error.text);
    return journal;
}

struct seen {
    size_t accepted, given_up;
};

static void see_accepted(void *context, uint64_t time_ms, const address *sender,
                         struct bytes encoded)
{
    struct transaction tx;
    struct seen *seen = context;
    cr_expect(time_ms <= now_ms);
    cr_assert(transaction_decode(&tx, encoded, &arena, NULL) == TRANSACTION_OK);
    cr_expect(transaction_recover(&tx) == TRANSACTION_OK);
    cr_expect(address_equal(&tx.sender, sender));
    seen->accepted++;
}

static void see_given_up(void *context, const hash256 *hash)
{
    (void)hash;
    ((struct seen *)context)->given_up++;
}

static struct seen read_journal(void)
{
    struct error error;
    struct seen seen = {0};
    struct journal *journal = open_journal();
    const struct journal_replay replay = {see_accepted, see_given_up, &seen};
    cr_assert(journal_read(journal, &replay, &error), "%s", error.text);
    journal_close(journal);
    return seen;
}

/* Torn anywhere, the file gives back the whole records before the tear. */
Test(pool, journal_survives_a_torn_end)
{
    snprintf(journal_path, sizeof journal_path, "/tmp/leither-journal-XXXXXX");
    close(mkstemp(journal_path));
    pool_set_journal(pool, open_journal());
    cr_expect(add(1, 0, 0, 0) == POOL_OK);
    cr_expect(add(1, 1, 0, 0) == POOL_OK);
    struct transaction second = make(1, 1, 0, 0, now_ms);
    pool_drop(pool, &second.hash, POOL_EVICTED);
    struct seen seen = read_journal();
    cr_expect(seen.accepted == 2 && seen.given_up == 1);

    FILE *file = fopen(journal_path, "rb");
    uint8_t whole[4096];
    const size_t size = fread(whole, 1, sizeof whole, file);
    fclose(file);
    size_t records_before = 0;
    for (size_t cut = 0; cut <= size; cut++) {
        file = fopen(journal_path, "wb");
        cr_assert(fwrite(whole, 1, cut, file) == cut);
        fclose(file);
        seen = read_journal();
        const size_t records = seen.accepted + seen.given_up;
        cr_expect(records >= records_before && records <= 3, "%zu", cut);
        records_before = records;
    }
    cr_expect(records_before == 3);
    whole[size / 2] ^= 1; /* in the second record */
    file = fopen(journal_path, "wb");
    cr_assert(fwrite(whole, 1, size, file) == size);
    fclose(file);
    seen = read_journal();
    cr_expect(seen.accepted + seen.given_up < 3);
    unlink(journal_path);
}

static void make_journal(const void *content, size_t size)
{
    snprintf(journal_path, sizeof journal_path, "/tmp/leither-journal-XXXXXX");
    const int file = mkstemp(journal_path);
    cr_assert(write(file, content, size) == (ssize_t)size);
    close(file);
}

/* What a machine that lost its power may leave of a file whose name and size alone were kept. */
Test(pool, journal_of_zeros_is_an_empty_one)
{
    static const uint8_t zeros[4096];
    make_journal(zeros, sizeof zeros);
    struct seen seen = read_journal();
    cr_expect(seen.accepted + seen.given_up == 0);
    struct error error;
    struct journal *journal = open_journal();
    const struct journal_replay replay = {see_accepted, see_given_up, &seen};
    cr_assert(journal_read(journal, &replay, &error));
    pool_set_journal(pool, journal);
    cr_expect(add(1, 0, 0, 0) == POOL_OK);
    cr_expect(read_journal().accepted == 1);
    unlink(journal_path);
}

/* A ledger that stands still makes no block, but its pool goes on taking replacements. */
Test(pool, journal_is_bounded_without_any_block)
{
    make_journal("", 0);
    pool_set_journal(pool, open_journal());
    struct stat status;
    off_t largest = 0;
    for (unsigned round = 0; round < 12000; round++) {
        now_ms += limits.replace_free_ms;
        struct transaction tx = make(1, 0, 0, 0, round);
        cr_assert(insert(&tx, 1000000000, 0) == POOL_OK);
        cr_assert(stat(journal_path, &status) == 0);
        largest = status.st_size > largest ? status.st_size : largest;
    }
    cr_expect(largest < 1100 * 1024, "%lld", (long long)largest);
    cr_expect(read_journal().accepted >= 1);
    unlink(journal_path);
}

/* Set-code transactions (EIP-7702) through a whole ledger: the pool, a block, whoever validates it,
 * a restart. */
#include <criterion/criterion.h>

#include "tests/unit/ledger/sample.h"
#include "vm/delegation.h"

static struct sample sample, follower;

static void start(void)
{
    sample_start(&sample);
}

static void stop(void)
{
    sample_cleanup(&sample);
}

TestSuite(set_code, .init = start, .fini = stop, .timeout = 60);

static const address DELEGATE = {{0xee, 0xee}};

static struct authorization authorize(unsigned who, uint64_t nonce, const address *delegate)
{
    struct authorization authorization = {
        .chain_id = u256_from_u64(ledger_chain_id(sample.ledger)),
        .delegate = *delegate,
        .nonce = nonce,
    };
    authorization_sign(&authorization, &sample.keys[who]);
    return authorization;
}

/* `from` sends what `who` signed; the nonce is the sender's next. */
static struct transaction set_code(unsigned from, unsigned who, uint64_t nonce,
                                   const address *delegate)
{
    struct transaction tx = {.type = TRANSACTION_SET_CODE,
                             .nonce = sample.nonces[from]++,
                             .gas_limit = 100000,
                             .to = sample.accounts[who],
                             .authorizations_count = 1};
    tx.authorizations = arena_array(&sample.arena, 1, sizeof *tx.authorizations);
    tx.authorizations[0] = authorize(who, nonce, delegate);
    return sample_sign(&sample, from, tx);
}

/* The account's code at a height; empty text for none. */
static struct bytes code_at(struct sample *of, uint64_t height, unsigned account)
{
    struct error error;
    struct state_reader reader;
    struct account found;
    struct ledger_view *view = ledger_view_open(of->ledger, &error);
    cr_assert(view != NULL && view_state_at(view, height, &of->arena, &reader, &error));
    reader.ops->account(reader.context, &of->accounts[account], &found);
    struct bytes code = bytes_of(NULL, 0);
    if (!hash256_equal(&found.code_hash, &EMPTY_CODE_HASH))
        code = arena_copy(&of->arena, reader.ops->code(reader.context, &found.code_hash));
    ledger_view_close(view);
    return code;
}

static bool delegates_at(struct sample *of, uint64_t height, unsigned account)
{
    address delegate;
    return vm_delegation_decode(code_at(of, height, account), &delegate)
           && address_equal(&delegate, &DELEGATE);
}

static void submit(const struct transaction *tx)
{
    const enum pool_verdict verdict = sample_submit(&sample, tx);
    cr_assert(verdict == POOL_OK, "%s", pool_verdict_text(verdict));
}

Test(set_code, is_mined_checked_and_seen_at_its_height)
{
    struct error error;
    struct buffer report = {0};
    const struct transaction set = set_code(0, 1, 0, &DELEGATE);
    submit(&set);
    sample_block(&sample);
    cr_expect(pool_fate(ledger_pool(sample.ledger), &set.hash) == POOL_MINED);
    const struct transaction clear = set_code(0, 1, 1, &(address){{0}});
    submit(&clear);
    sample_block(&sample);
    cr_expect(code_at(&sample, 0, 1).size == 0);
    cr_expect(delegates_at(&sample, 1, 1));
    cr_expect(code_at(&sample, 2, 1).size == 0);
    cr_expect_eq(sample_account_at(&sample, 2, &sample.accounts[1]).nonce, 2);
    cr_expect(ledger_check(sample.ledger, sample.vm, &report, &error), "%.*s", (int)report.size,
              (const char *)report.data);
    buffer_cleanup(&report);
}

/* The follower has the transaction in its pool, so it takes the sender from there, or has not. */
Test(set_code, is_validated_by_others_alike)
{
    for (int is_known = 0; is_known < 2; is_known++) {
        struct error error;
        enum block_verdict verdict;
        hash256 hash;
        sample_start(&follower);
        const struct transaction set = set_code(0, 1, 0, &DELEGATE);
        submit(&set);
        if (is_known == 1)
            cr_assert(sample_submit(&follower, &set) == POOL_OK);
        const hash256 built = sample_build(&sample);
        const struct bytes container = ledger_container(sample.ledger, &built, &sample.arena);
        cr_assert(
            ledger_validate(follower.ledger, follower.vm, container, &verdict, &hash, &error));
        cr_expect(verdict == BLOCK_OK, "%s", block_verdict_text(verdict));
        follower.view = sample.view;
        sample_commit(&follower, &hash);
        cr_expect(delegates_at(&follower, 1, 1));
        sample_cleanup(&follower);
        pool_drop(ledger_pool(sample.ledger), &set.hash, POOL_EVICTED);
        sample.nonces[0]--;
    }
}

Test(set_code, lets_an_account_send_one_at_a_time)
{
    const struct transaction set = set_code(0, 1, 0, &DELEGATE);
    submit(&set);
    sample_block(&sample);
    sample.nonces[1] = 1; /* the authorization took nonce 0 */
    const struct transaction first = sample_transfer(&sample, 1, &sample.accounts[2], 5);
    const struct transaction second = sample_transfer(&sample, 1, &sample.accounts[2], 6);
    cr_expect(sample_submit(&sample, &second) == POOL_DELEGATED_GAP);
    submit(&first);
    cr_expect(sample_submit(&sample, &second) == POOL_DELEGATED_BUSY);
    sample_block(&sample);
    submit(&second);
    sample_block(&sample);
    cr_expect_eq(sample_account_at(&sample, 3, &sample.accounts[1]).nonce, 3);
}

/* An authorization uses up a nonce that a waiting transaction has: that one leaves. */
Test(set_code, pushes_aside_what_waits_with_its_nonce)
{
    const struct transaction set = set_code(0, 1, 0, &DELEGATE);
    submit(&set);
    struct transaction waiting = sample_transfer(&sample, 1, &sample.accounts[2], 5);
    submit(&waiting); /* the set-code transaction came first and is mined first */
    sample_block(&sample);
    cr_expect(delegates_at(&sample, 1, 1));
    cr_expect(pool_find(ledger_pool(sample.ledger), &waiting.hash) == NULL);
    cr_expect(pool_fate(ledger_pool(sample.ledger), &waiting.hash) != POOL_MINED);
    cr_expect_eq(pool_ready_count(ledger_pool(sample.ledger)), 0);
    sample_block(&sample);
}

/* What was accepted before its sender delegated is not lost with the process. */
Test(set_code, keeps_what_waits_across_a_restart)
{
    const struct transaction set = set_code(0, 1, 3, &DELEGATE); /* too early: changes nothing */
    const struct transaction wait_one = sample_transfer(&sample, 1, &sample.accounts[2], 1);
    const struct transaction wait_two = sample_transfer(&sample, 1, &sample.accounts[2], 2);
    const struct transaction wait_three = sample_transfer(&sample, 1, &sample.accounts[2], 3);
    submit(&wait_one);
    submit(&set);
    cr_expect(sample_submit(&sample, &wait_two) == POOL_DELEGATED_BUSY);
    sample_close(&sample);
    sample_open(&sample);
    const struct transaction *kept = pool_find(ledger_pool(sample.ledger), &set.hash);
    cr_assert(kept != NULL && kept->authorizations[0].has_authority);
    cr_expect(address_equal(&kept->authorizations[0].authority, &sample.accounts[1]));
    cr_expect(sample_submit(&sample, &wait_two) == POOL_DELEGATED_BUSY, "still known");
    sample_block(&sample);
    submit(&wait_two);
    submit(&wait_three);
    const struct transaction busy = set_code(0, 1, 1, &DELEGATE);
    cr_expect(sample_submit(&sample, &busy) == POOL_AUTHORITY_BUSY);
    sample_close(&sample);
    sample_open(&sample);
    cr_expect_eq(pool_ready_count(ledger_pool(sample.ledger)), 2);
}

/* What was accepted before its sender came to delegate, by another node's block, stays accepted. */
Test(set_code, loses_nothing_that_was_accepted_before)
{
    struct error error;
    enum block_verdict verdict;
    hash256 hash;
    for (uint64_t value = 0; value < 3; value++) {
        const struct transaction tx = sample_transfer(&sample, 1, &sample.accounts[2], value);
        submit(&tx);
    }
    sample_start(&follower);
    const struct transaction set = set_code(0, 1, 0, &DELEGATE);
    cr_expect(sample_submit(&sample, &set) == POOL_AUTHORITY_BUSY);
    cr_assert(sample_submit(&follower, &set) == POOL_OK);
    const hash256 built = sample_build(&follower);
    const struct bytes container = ledger_container(follower.ledger, &built, &sample.arena);
    cr_assert(ledger_validate(sample.ledger, sample.vm, container, &verdict, &hash, &error));
    cr_assert(verdict == BLOCK_OK);
    sample.view = follower.view;
    sample_commit(&sample, &hash);
    sample_cleanup(&follower);
    cr_expect(delegates_at(&sample, 1, 1));
    cr_expect_eq(pool_ready_count(ledger_pool(sample.ledger)), 2, "nonce 0 is used");
    sample_close(&sample);
    sample_open(&sample);
    cr_expect_eq(pool_ready_count(ledger_pool(sample.ledger)), 2);
    sample_block(&sample);
    cr_expect_eq(sample_account_at(&sample, 2, &sample.accounts[1]).nonce, 3);
}

/* The block to come is the one that is then made, but for what nobody knows yet. */
#include <criterion/criterion.h>

#include "tests/unit/ledger/sample.h"

static struct sample sample;

static void start(void)
{
    sample_start(&sample);
}

static void stop(void)
{
    sample_cleanup(&sample);
}

TestSuite(preview, .init = start, .fini = stop);

static void submit(struct transaction tx)
{
    cr_assert_eq(sample_submit(&sample, &tx), POOL_OK);
}

static struct preview *preview_at(struct ledger_view *view, bool (*is_over)(void *context),
                                  struct error *error)
{
    struct waiting *waiting;
    const size_t count = ledger_waiting(sample.ledger, &sample.arena, &waiting);
    return preview_new(view, sample.vm, waiting, count, sample.now_ms + 1000, is_over, NULL, error);
}

Test(preview, is_the_block_that_is_then_made)
{
    struct error error;
    submit(sample_transfer(&sample, 0, &sample.accounts[1], 5));
    submit(sample_transfer(&sample, 0, &sample.accounts[2], 6));
    submit(sample_transfer(&sample, 3, &sample.accounts[1], 7));
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_assert_not_null(view);
    struct preview *preview = preview_at(view, NULL, &error);
    cr_assert_not_null(preview, "%s", error.text);
    sample_block(&sample);
    const struct header *made = &ledger_head(sample.ledger)->header;
    const struct header *shown = &preview_block(preview)->header;
    cr_expect_eq(preview_block(preview)->transactions_count, 3);
    cr_expect_eq(shown->number, made->number);
    cr_expect_eq(shown->timestamp, made->timestamp);
    cr_expect_eq(shown->gas_used, made->gas_used);
    cr_expect(hash256_equal(&shown->parent_hash, &made->parent_hash));
    cr_expect(hash256_equal(&shown->transactions_root, &made->transactions_root));
    cr_expect(hash256_equal(&shown->receipts_root, &made->receipts_root));
    cr_expect(hash256_equal(&shown->state_root, &made->state_root));
    preview_free(preview);
    ledger_view_close(view);
}

Test(preview, has_its_own_state_and_leaves_the_ledgers_alone)
{
    struct error error;
    struct account before, after;
    submit(sample_transfer(&sample, 0, &sample.accounts[1], 5));
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    struct preview *preview = preview_at(view, NULL, &error);
    cr_assert_not_null(preview, "%s", error.text);
    const struct state_reader state = preview_state(preview);
    state.ops->account(state.context, &sample.accounts[0], &after);
    before = sample_account_at(&sample, 0, &sample.accounts[0]);
    cr_expect_eq(before.nonce, 0);
    cr_expect_eq(after.nonce, 1);
    const u256 five = u256_from_u64(5), left = u256_sub(&before.balance, &five);
    cr_expect(u256_equal(&after.balance, &left));
    cr_expect_eq(pool_ready_count(ledger_pool(sample.ledger)), 1);
    preview_free(preview);
    ledger_view_close(view);
}

Test(preview, of_an_empty_pool_is_an_empty_block)
{
    struct error error;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    struct preview *preview = preview_at(view, NULL, &error);
    cr_assert_not_null(preview, "%s", error.text);
    cr_expect_eq(preview_block(preview)->transactions_count, 0);
    cr_expect_eq(preview_block(preview)->header.number, 1);
    preview_free(preview);
    ledger_view_close(view);
}

/* 16 and three times 15 million are more than 60 million. */
Test(preview, takes_what_fits_by_the_gas_that_is_asked_for)
{
    struct waiting *waiting;
    for (unsigned from = 0; from < 4; from++) {
        struct transaction tx = {.type = TRANSACTION_DYNAMIC_FEE,
                                 .gas_limit = from == 0 ? 16000000 : 15000000,
                                 .to = sample.accounts[7]};
        submit(sample_sign(&sample, from, tx));
    }
    cr_assert_eq(ledger_epoch_record(sample.ledger)->parameters.gas_limit, 60000000);
    cr_expect_eq(ledger_waiting(sample.ledger, &sample.arena, &waiting), 3);
}

static bool is_over_at_once(void *context)
{
    (void)context;
    return true;
}

Test(preview, that_takes_too_long_is_none)
{
    struct error error = {0};
    submit(sample_transfer(&sample, 0, &sample.accounts[1], 5));
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_expect_null(preview_at(view, is_over_at_once, &error));
    cr_expect_eq(error.code, ERROR_BUSY, "%s", error.text);
    ledger_view_close(view);
}

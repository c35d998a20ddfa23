/* The index of accounts' history: what it holds, page by page, and that it can be made again. */
#include "ledger/history/history.h"

#include <criterion/criterion.h>

#include "ledger/inside.h"
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

TestSuite(history, .init = start, .fini = stop, .timeout = 60);

/* Logs an ERC-20 transfer of 1 from the caller to the account in the call's data:
 * LOG3(0, 32, topic, CALLER, calldata[0..32]). */
static const uint8_t TOKEN[] = {
    0x60, 0x01, 0x60, 0x00, 0x52, 0x60, 0x00, 0x35, 0x33, 0x7f, 0xdd, 0xf2, 0x52, 0xad, 0x1b, 0xe2,
    0xc8, 0x9b, 0x69, 0xc2, 0xb0, 0x68, 0xfc, 0x37, 0x8d, 0xaa, 0x95, 0x2b, 0xa7, 0xf1, 0x63, 0xc4,
    0xa1, 0x16, 0x28, 0xf5, 0x5a, 0x4d, 0xf5, 0x23, 0xb3, 0xef, 0x60, 0x20, 0x60, 0x00, 0xa3, 0x00};

static void submit(const struct transaction *tx)
{
    cr_assert_eq(sample_submit(&sample, tx), POOL_OK);
}

static address deploy_token(void)
{
    static uint8_t init[12 + sizeof TOKEN] = {0x60, sizeof TOKEN, 0x60,         12,   0x60, 0,
                                              0x39, 0x60,         sizeof TOKEN, 0x60, 0,    0xf3};
    memcpy(init + 12, TOKEN, sizeof TOKEN);
    struct transaction tx = sample_sign(&sample, 0,
                                        (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                                             .is_create = true,
                                                             .nonce = sample.nonces[0]++,
                                                             .gas_limit = 200000,
                                                             .data = bytes_of(init, sizeof init)});
    submit(&tx);
    sample_block(&sample);
    return vm_create_address(&sample.accounts[0], tx.nonce);
}

static void send_token(unsigned from, const address *token, const address *to)
{
    uint8_t *word = arena_alloc(&sample.arena, 32);
    memcpy(word + 12, to->bytes, sizeof to->bytes);
    struct transaction tx = sample_sign(&sample, from,
                                        (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                                             .nonce = sample.nonces[from]++,
                                                             .gas_limit = 100000,
                                                             .to = *token,
                                                             .data = bytes_of(word, 32)});
    submit(&tx);
}

static void transfer(unsigned from, const address *to)
{
    struct transaction tx = sample_transfer(&sample, from, to, 1);
    submit(&tx);
}

static size_t read(const address *account, const struct history_place *below,
                   struct history_place *places, size_t max)
{
    struct error error = {0};
    size_t count;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_assert(view_history(view, account, below, places, max, &count, &error), "%s", error.text);
    ledger_view_close(view);
    return count;
}

static void expect_place(const struct history_place *place, uint64_t height, uint32_t index,
                         uint8_t roles)
{
    cr_expect_eq(place->height, height);
    cr_expect_eq(place->index, index);
    cr_expect_eq(place->roles, roles, "%u, expected %u", place->roles, roles);
}

static bool is_sound(struct buffer *report)
{
    struct error error = {0};
    buffer_clear(report);
    const bool ok = ledger_check(sample.ledger, sample.vm, report, &error);
    buffer_append_u8(report, 0);
    return ok;
}

/* Genesis coin, a contract made, tokens between two others, a plain transfer. */
Test(history, an_account_finds_all_that_touched_it)
{
    const address stranger = {{0x57}};
    struct history_place places[8];
    const address token = deploy_token();
    send_token(1, &token, &stranger);
    transfer(2, &stranger);
    sample_block(&sample);
    cr_assert_eq(read(&stranger, NULL, places, 8), 2);
    uint32_t token_index = places[1].roles == HISTORY_TOKENS ? places[1].index : places[0].index;
    cr_expect_eq(places[0].roles | places[1].roles, HISTORY_TOKENS | HISTORY_RECEIVED);
    cr_expect(places[0].height == 2 && places[1].height == 2);
    cr_expect_gt(places[0].index, places[1].index);
    cr_assert_eq(read(&sample.accounts[1], NULL, places, 8), 2);
    expect_place(&places[0], 2, token_index, HISTORY_SENT | HISTORY_TOKENS);
    expect_place(&places[1], 0, HISTORY_COIN_INDEX, HISTORY_COIN);
    cr_assert_eq(read(&token, NULL, places, 8), 2);
    expect_place(&places[0], 2, token_index, HISTORY_RECEIVED);
    expect_place(&places[1], 1, 0, HISTORY_CREATED);
    cr_expect_eq(read(&(address){{0}}, NULL, places, 8), 0);
}

/* A creation that fails makes nothing, and tokens from or to nobody touch nobody. */
Test(history, nobody_has_no_history)
{
    struct history_place places[8];
    const uint8_t revert[] = {0x5f, 0x5f, 0xfd};
    struct transaction tx =
        sample_sign(&sample, 3,
                    (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                         .is_create = true,
                                         .nonce = sample.nonces[3]++,
                                         .gas_limit = 100000,
                                         .data = bytes_of(revert, sizeof revert)});
    submit(&tx);
    const address token = deploy_token();
    send_token(1, &token, &(address){{0}});
    sample_block(&sample);
    const address never = vm_create_address(&sample.accounts[3], tx.nonce);
    cr_expect_eq(read(&never, NULL, places, 8), 0);
    cr_expect_eq(read(&(address){{0}}, NULL, places, 8), 0);
    cr_expect_eq(read(&sample.accounts[3], NULL, places, 8), 2);
}

/* Pages of any size make up the whole, and nothing comes twice. */
Test(history, pages_make_up_the_whole)
{
    const address stranger = {{0x57}};
    struct history_place all[64], page[64];
    for (unsigned block = 0; block < 6; block++) {
        for (unsigned i = 0; i < 1 + block % 3; i++)
            transfer(i, &stranger);
        sample_block(&sample);
    }
    const size_t count = read(&stranger, NULL, all, 64);
    cr_assert_eq(count, 12);
    for (size_t size = 1; size <= count; size++) {
        size_t done = 0, found;
        do {
            found = read(&stranger, done > 0 ? &all[done - 1] : NULL, page, size);
            for (size_t i = 0; i < found; i++)
                expect_place(&page[i], all[done + i].height, all[done + i].index,
                             all[done + i].roles);
            done += found;
        } while (found > 0);
        cr_expect_eq(done, count);
    }
    const struct history_place first = {0};
    cr_expect_eq(read(&stranger, &first, page, 64), 0);
}

static void forget(const struct store_key *key)
{
    struct error error = {0};
    struct store_batch *batch = store_batch_new();
    store_batch_delete(batch, key_view(key));
    cr_assert(ledger_write(sample.ledger, batch, &error));
    store_batch_free(batch);
}

/* The check names an entry that is missing, wrong, or stands for nothing. */
Test(history, the_check_finds_what_is_wrong)
{
    const address stranger = {{0x57}};
    struct buffer report = {0};
    struct error error = {0};
    transfer(0, &stranger);
    sample_block(&sample);
    cr_expect(is_sound(&report), "%s", (const char *)report.data);
    const struct store_key right = key_history(&stranger, 1, 0),
                           extra = key_history(&stranger, 1, 1);
    const uint8_t roles[] = {HISTORY_SENT, HISTORY_RECEIVED};
    struct store_batch *batch = store_batch_new();
    record_put_plain(batch, key_view(&right), bytes_of(&roles[0], 1));
    cr_assert(ledger_write(sample.ledger, batch, &error));
    store_batch_free(batch);
    cr_expect_not(is_sound(&report));
    cr_expect_not_null(strstr((const char *)report.data, "block 1: the history of an account"));
    batch = store_batch_new();
    record_put_plain(batch, key_view(&right), bytes_of(&roles[1], 1));
    record_put_plain(batch, key_view(&extra), bytes_of(&roles[1], 1));
    cr_assert(ledger_write(sample.ledger, batch, &error));
    store_batch_free(batch);
    cr_expect_not(is_sound(&report));
    cr_expect_not_null(strstr((const char *)report.data, "entries of accounts, expected"));
    forget(&extra);
    cr_expect(is_sound(&report), "%s", (const char *)report.data);
    forget(&right);
    cr_expect_not(is_sound(&report));
    buffer_cleanup(&report);
}

/* A store of a program without the index, or one that such a program went on with. */
Test(history, opening_adds_what_an_older_program_left_out)
{
    const address stranger = {{0x57}};
    const struct store_key mark = key_of(KEY_HISTORY_HEIGHT);
    struct history_place places[8];
    struct buffer report = {0};
    struct error error = {0};
    for (unsigned i = 0; i < 3; i++) {
        transfer(i, &stranger);
        sample_block(&sample);
    }
    /* It knew up to block 1. */
    struct store_batch *batch = store_batch_new();
    struct buffer height = {0};
    buffer_append_u64_be(&height, 1);
    record_put_plain(batch, key_view(&mark), buffer_view(&height));
    buffer_cleanup(&height);
    for (uint64_t block = 2; block <= 3; block++) {
        const struct store_key key = key_history(&stranger, block, 0);
        store_batch_delete(batch, key_view(&key));
    }
    cr_assert(ledger_write(sample.ledger, batch, &error));
    store_batch_free(batch);
    cr_expect_eq(read(&stranger, NULL, places, 8), 1);
    cr_expect_not(is_sound(&report));
    sample_close(&sample);
    sample_open(&sample);
    cr_expect_eq(read(&stranger, NULL, places, 8), 3);
    cr_expect(is_sound(&report), "%s", (const char *)report.data);
    /* It knew nothing. */
    forget(&mark);
    for (uint64_t block = 1; block <= 3; block++) {
        const struct store_key key = key_history(&stranger, block, 0);
        forget(&key);
    }
    sample_close(&sample);
    sample_open(&sample);
    cr_expect_eq(read(&stranger, NULL, places, 8), 3);
    cr_expect(is_sound(&report), "%s", (const char *)report.data);
    buffer_cleanup(&report);
}

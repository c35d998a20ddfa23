/* The ledger's face: founding, opening, blocks, time travel, restart. */
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

TestSuite(ledger, .init = start, .fini = stop, .timeout = 60);

static u256 balance_at(uint64_t height, unsigned account)
{
    return sample_account_at(&sample, height, &sample.accounts[account]).balance;
}

/* Founding shows the genesis coin at block 0, whose extraData is the document's hash. */
Test(ledger, founds_block_0_with_the_genesis_coin)
{
    const struct ledger_head *head = ledger_head(sample.ledger);
    const hash256 document = genesis_document_hash(buffer_view(&sample.document));
    const u256 balance = balance_at(0, 3);
    cr_expect(head->number == 0);
    cr_expect(memcmp(head->header.extra_data, document.bytes, 32) == 0);
    cr_expect(u256_equal(&balance, &sample.coins[3].amount_wei));
    cr_expect(hash256_equal(ledger_id(sample.ledger), &head->hash));
    cr_expect(!ledger_has_work(sample.ledger, &head->hash));
}

Test(ledger, refuses_to_found_where_something_stands)
{
    struct error error;
    cr_expect(!ledger_found(sample.directory, buffer_view(&sample.document), &error));
    cr_expect(error.code == ERROR_EXISTS, "%s", error.text);
}

Test(ledger, refuses_to_be_opened_twice)
{
    struct error error;
    const struct ledger_options options = {.pool = pool_limits_default()};
    cr_expect(ledger_open(sample.directory, &options, &error) == NULL);
    cr_expect(error.code == ERROR_BUSY, "%s", error.text);
}

Test(ledger, moves_coin_in_a_block)
{
    struct transaction tx = sample_transfer(&sample, 0, &sample.accounts[1], 5);
    cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    cr_expect(pool_fate(ledger_pool(sample.ledger), &tx.hash) == POOL_READY);
    cr_expect(sample_block(&sample) == 1);
    const u256 five = u256_from_u64(5);
    u256 sum = u256_add(&sample.coins[1].amount_wei, &five);
    u256 now = balance_at(1, 1), before = balance_at(0, 1);
    cr_expect(u256_equal(&now, &sum));
    cr_expect(u256_equal(&before, &sample.coins[1].amount_wei));
    cr_expect(pool_fate(ledger_pool(sample.ledger), &tx.hash) == POOL_MINED);
    cr_expect(pool_ready_count(ledger_pool(sample.ledger)) == 0);
}

/* EIP-3607: block 0 holds the code of EIP-4788's contract, so nothing is taken from it. */
Test(ledger, takes_no_transaction_from_an_account_with_code)
{
    static const address beacon_roots = {{0x00, 0x0f, 0x3d, 0xf6, 0xd7, 0x32, 0x80,
                                          0x7e, 0xf1, 0x31, 0x9f, 0xb7, 0xb8, 0xbb,
                                          0x85, 0x22, 0xd0, 0xbe, 0xac, 0x02}};
    struct transaction tx = sample_transfer(&sample, 0, &sample.accounts[1], 0);
    struct error error;
    tx.sender = beacon_roots;
    tx.nonce = 1;
    cr_expect(ledger_submit(sample.ledger, &tx, sample.now_ms, &error) == POOL_SENDER_HAS_CODE);
    cr_expect_str_eq(error.text, "sender not an eoa");
    cr_expect(pool_ready_count(ledger_pool(sample.ledger)) == 0);
}

/* ledger.md, Tail: empty blocks after one with transactions, then silence. */
Test(ledger, is_silent_after_its_tail)
{
    struct transaction tx = sample_transfer(&sample, 0, &sample.accounts[1], 5);
    cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    unsigned blocks = 0;
    while (ledger_has_work(sample.ledger, &ledger_head(sample.ledger)->hash) && blocks < 20) {
        sample_block(&sample);
        blocks++;
    }
    cr_expect(blocks == 1 + sample.genesis.parameters.tail, "%u", blocks);
}

/* Every height keeps showing what its block left behind, also after a restart. */
Test(ledger, shows_any_height_as_it_was)
{
    enum { BLOCKS = 20 };
    u256 expected[BLOCKS + 1][2];
    for (unsigned i = 0; i < 2; i++)
        expected[0][i] = sample.coins[i].amount_wei;
    for (unsigned height = 1; height <= BLOCKS; height++) {
        memcpy(expected[height], expected[height - 1], sizeof expected[0]);
        if (height % 3 != 0) {
            struct transaction tx = sample_transfer(&sample, 0, &sample.accounts[1], height);
            cr_assert(sample_submit(&sample, &tx) == POOL_OK);
            const u256 value = u256_from_u64(height);
            expected[height][0] = u256_sub(&expected[height][0], &value);
            expected[height][1] = u256_add(&expected[height][1], &value);
        }
        cr_assert(sample_block(&sample) == height);
    }
    for (int round = 0; round < 2; round++) {
        for (unsigned height = 0; height <= BLOCKS; height++) {
            for (unsigned i = 0; i < 2; i++) {
                const u256 balance = balance_at(height, i);
                cr_expect(u256_equal(&balance, &expected[height][i]), "height %u", height);
            }
        }
        sample_close(&sample);
        sample_open(&sample);
        cr_assert(ledger_head(sample.ledger)->number == BLOCKS);
    }
    cr_expect(sample_block(&sample) == BLOCKS + 1);
}

Test(ledger, finds_blocks_transactions_and_receipts)
{
    struct transaction first = sample_transfer(&sample, 0, &sample.accounts[1], 5);
    struct transaction second = sample_transfer(&sample, 2, &sample.accounts[1], 6);
    cr_assert(sample_submit(&sample, &first) == POOL_OK);
    cr_assert(sample_submit(&sample, &second) == POOL_OK);
    sample_block(&sample);
    struct error error;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_assert(view != NULL);
    uint64_t height = 0, index = 0;
    cr_assert(view_find_transaction(view, &second.hash, &height, &index, &error));
    cr_expect(height == 1 && index == 1);
    struct block block;
    cr_assert(view_block(view, 1, &sample.arena, &block, &error), "%s", error.text);
    cr_expect(block.transactions_count == 2);
    cr_expect(address_equal(&block.transactions[1].sender, &sample.accounts[2]));
    cr_expect(hash256_equal(&block.hash, &ledger_head(sample.ledger)->hash));
    cr_assert(view_height_of(view, &block.hash, &height, &error));
    cr_expect(height == 1);
    struct receipt *receipts;
    size_t count;
    cr_assert(view_receipts(view, 1, &sample.arena, &receipts, &count, &error));
    cr_expect(count == 2 && receipts[1].is_success && receipts[1].cumulative_gas_used == 42000);
    cr_expect(!view_block(view, 2, &sample.arena, &block, &error));
    cr_expect(error.code == ERROR_NOT_FOUND);
    ledger_view_close(view);
}

/* What stands alone is what stands in the whole block. */
Test(ledger, reads_one_transaction_and_receipt_without_the_block)
{
    for (int i = 0; i < 3; i++) {
        struct transaction tx = sample_transfer(&sample, i, &sample.accounts[1], 5);
        cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    }
    sample_block(&sample);
    struct error error;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    struct block block;
    cr_assert(view_block(view, 1, &sample.arena, &block, &error));
    for (uint64_t i = 0; i < 3; i++) {
        struct found_transaction found;
        struct found_receipt receipt;
        cr_assert(view_transaction(view, 1, i, &sample.arena, &found, &error), "%s", error.text);
        cr_expect(hash256_equal(&found.tx.hash, &block.transactions[i].hash));
        cr_expect(address_equal(&found.tx.sender, &block.transactions[i].sender));
        cr_expect(hash256_equal(&found.block_hash, &block.hash));
        cr_assert(view_receipt(view, 1, i, &sample.arena, &receipt, &error), "%s", error.text);
        cr_expect(receipt.gas_before == i * 21000 && receipt.logs_before == 0);
        cr_expect(receipt.receipt.cumulative_gas_used == (i + 1) * 21000);
    }
    struct found_transaction found;
    struct found_receipt receipt;
    cr_expect(!view_transaction(view, 1, 3, &sample.arena, &found, &error));
    cr_expect(error.code == ERROR_NOT_FOUND);
    cr_expect(!view_receipt(view, 1, 3, &sample.arena, &receipt, &error));
    cr_expect(error.code == ERROR_NOT_FOUND);
    cr_expect(!view_receipt(view, 0, 0, &sample.arena, &receipt, &error));
    cr_expect(error.code == ERROR_NOT_FOUND);
    ledger_view_close(view);
}

Test(ledger, proves_finality_to_whoever_has_the_record)
{
    sample_block(&sample);
    struct error error;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    struct finality_proof proof;
    cr_assert(view_finality_proof(view, 1, &sample.arena, &proof, &error), "%s", error.text);
    const struct signing_domain domain = ledger_signing_domain(sample.ledger);
    const struct epoch_record *record = ledger_epoch_record(sample.ledger);
    cr_expect(finality_proof_check(&proof, &domain, record) == FINALITY_OK);
    proof.finalization.signatures[0].bytes[5] ^= 1;
    cr_expect(finality_proof_check(&proof, &domain, record) == FINALITY_BAD_SIGNATURE);
    proof.headers[0].timestamp++;
    cr_expect(finality_proof_check(&proof, &domain, record) == FINALITY_WRONG_BLOCK);
    ledger_view_close(view);
}

/* A view stays what it was while blocks go on. */
Test(ledger, views_do_not_move)
{
    struct error error;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    struct state_reader reader;
    cr_assert(view_state_at(view, 0, &sample.arena, &reader, &error));
    struct transaction tx = sample_transfer(&sample, 0, &sample.accounts[1], 5);
    cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    sample_block(&sample);
    struct account account;
    reader.ops->account(reader.context, &sample.accounts[1], &account);
    cr_expect(u256_equal(&account.balance, &sample.coins[1].amount_wei));
    cr_expect(view_head(view) == 0);
    ledger_view_close(view);
}

static void expect_balance(struct state_reader reader, const address *of, bool exists,
                           uint64_t more, const u256 *than)
{
    const u256 difference = u256_from_u64(more), expected = u256_add(than, &difference);
    struct account account;
    cr_expect(reader.ops->account(reader.context, of, &account) == exists);
    cr_expect(u256_equal(&account.balance, &expected));
}

/* The account read last is at hand: it is that one, of that height, and nothing else. */
Test(ledger, views_tell_accounts_and_heights_apart)
{
    const address nobody = {{7}};
    const u256 *coin = &sample.coins[1].amount_wei;
    struct error error;
    struct state_reader then, now, again;
    for (int block = 0; block < 2; block++) {
        struct transaction tx = sample_transfer(&sample, 0, &sample.accounts[1], 5);
        cr_assert(sample_submit(&sample, &tx) == POOL_OK);
        sample_block(&sample);
    }
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_assert(view_state_at(view, 1, &sample.arena, &then, &error));
    cr_assert(view_state_at(view, 2, &sample.arena, &now, &error));
    cr_assert(view_state_at(view, 2, &sample.arena, &again, &error));
    for (int turn = 0; turn < 3; turn++) {
        expect_balance(then, &sample.accounts[1], true, 5, coin);
        expect_balance(now, &sample.accounts[1], true, 10, coin);
        expect_balance(again, &sample.accounts[1], true, 10, coin);
        expect_balance(now, &sample.accounts[2], true, 0, &sample.coins[2].amount_wei);
        if (turn > 0) {
            expect_balance(now, &nobody, false, 0, &U256_ZERO);
            expect_balance(then, &nobody, false, 0, &U256_ZERO);
        }
    }
    ledger_view_close(view);
}

/* Two blocks on one parent, and one on top of the first: committing the first drops the second
 * and keeps the third, whose state reads through. */
Test(ledger, keeps_only_what_stands_on_the_winner)
{
    struct transaction tx = sample_transfer(&sample, 0, &sample.accounts[1], 5);
    cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    const hash256 first = sample_build(&sample);
    const uint64_t view_of_first = sample.view;
    const hash256 second = sample_build(&sample);
    struct transaction next = sample_transfer(&sample, 0, &sample.accounts[1], 7);
    cr_assert(sample_submit(&sample, &next) == POOL_OK);
    cr_expect(ledger_has_work(sample.ledger, &first));
    const struct build_request request = sample_request(&sample, &first);
    hash256 third;
    struct error error;
    cr_assert(ledger_build(sample.ledger, sample.vm, &request, &third, &error), "%s", error.text);

    const uint64_t view_of_third = sample.view;
    sample.view = view_of_first;
    sample_commit(&sample, &first);
    cr_expect(ledger_container(sample.ledger, &second, &sample.arena).size == 0);
    cr_expect(ledger_container(sample.ledger, &third, &sample.arena).size > 0);
    sample.view = view_of_third;
    sample_commit(&sample, &third);
    cr_expect(ledger_head(sample.ledger)->number == 2);
    const u256 twelve = u256_from_u64(12), balance = balance_at(2, 1);
    const u256 expected = u256_add(&sample.coins[1].amount_wei, &twelve);
    cr_expect(u256_equal(&balance, &expected));
    cr_expect(pool_ready_count(ledger_pool(sample.ledger)) == 0);
}

/* What was accepted and not mined is there again after a restart. */
Test(ledger, keeps_waiting_transactions_across_a_restart)
{
    struct transaction mined = sample_transfer(&sample, 0, &sample.accounts[1], 5);
    cr_assert(sample_submit(&sample, &mined) == POOL_OK);
    sample_block(&sample);
    struct transaction waiting = sample_transfer(&sample, 0, &sample.accounts[1], 6);
    cr_assert(sample_submit(&sample, &waiting) == POOL_OK);
    sample_close(&sample);
    sample_open(&sample);
    const struct pool *pool = ledger_pool(sample.ledger);
    cr_expect(pool_ready_count(pool) == 1);
    cr_assert(pool_find(pool, &waiting.hash) != NULL);
    cr_expect(address_equal(&pool_find(pool, &waiting.hash)->sender, &sample.accounts[0]));
    sample_block(&sample);
    cr_expect(pool_ready_count(pool) == 0);
}

static struct transaction market_transfer(unsigned from, uint64_t nonce, uint64_t fee_wei)
{
    return sample_sign(&sample, from,
                       (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                            .nonce = nonce,
                                            .gas_limit = 21000,
                                            .max_fee = u256_from_u64(fee_wei),
                                            .to = sample.accounts[7]});
}

/* What pays the floor but not the present base fee makes no block by itself; the tail's blocks
 * bring the fee down to it, and then it is taken. */
Test(ledger, waits_for_the_base_fee_without_making_blocks_for_it)
{
    sample_cleanup(&sample);
    sample_init(&sample);
    sample.genesis.fees = FEES_MARKET;
    sample.genesis.base_fee_floor = u256_from_u64(1000);
    sample.genesis.parameters.gas_limit = 1000000;
    sample_found(&sample);
    sample_open(&sample);
    for (uint64_t nonce = 0; nonce < 40; nonce++) {
        const struct transaction tx = market_transfer(0, nonce, 2000);
        cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    }
    sample_block(&sample);
    const struct transaction cheap = market_transfer(1, 0, 1000);
    cr_assert(sample_submit(&sample, &cheap) == POOL_OK);
    const struct ledger_head *head = ledger_head(sample.ledger);
    cr_expect(pool_ready_count(ledger_pool(sample.ledger)) == 1);
    cr_expect(!ledger_has_includable(sample.ledger, &head->hash));
    cr_expect(ledger_has_work(sample.ledger, &head->hash)); /* the tail */
    unsigned blocks = 0;
    while (ledger_has_work(sample.ledger, &head->hash) && blocks < 30) {
        sample_block(&sample);
        blocks++;
    }
    cr_expect(pool_fate(ledger_pool(sample.ledger), &cheap.hash) == POOL_MINED);
    cr_expect(blocks <= 2 * sample.genesis.parameters.tail + 1, "%u", blocks);
}

/* Counts go on when the ledger is opened again with the same ones; what its journal brings back
 * was counted before. */
Test(ledger, counts_what_is_submitted_and_committed)
{
    struct ledger_counts counts = {0};
    struct error error;
    const struct ledger_options options = {.pool = pool_limits_default(), .counts = &counts};
    sample_close(&sample);
    sample.ledger = ledger_open(sample.directory, &options, &error);
    cr_assert_not_null(sample.ledger, "%s", error.text);
    const struct transaction tx = sample_transfer(&sample, 0, &sample.accounts[1], 5);
    cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    cr_assert(sample_submit(&sample, &tx) == POOL_ALREADY_KNOWN);
    cr_expect(sample_block(&sample) == 1);
    const struct transaction next = sample_transfer(&sample, 0, &sample.accounts[1], 5);
    cr_assert(sample_submit(&sample, &next) == POOL_OK);
    cr_expect_eq(tally_read(&counts.submitted[POOL_OK]), 2);
    cr_expect_eq(tally_read(&counts.submitted[POOL_ALREADY_KNOWN]), 1);
    cr_expect_eq(tally_read(&counts.blocks), 1);
    cr_expect_eq(tally_read(&counts.transactions), 1);
    cr_expect_eq(tally_read(&counts.gas_used), 21000);
    cr_expect(tally_read(&counts.written_bytes) > tx.encoded.size);

    sample_close(&sample);
    sample.ledger = ledger_open(sample.directory, &options, &error);
    cr_assert_not_null(sample.ledger, "%s", error.text);
    cr_expect_eq(tally_read(&counts.submitted[POOL_OK]), 2);
    cr_expect_eq(tally_read(&counts.pool.ready), 1);
    cr_expect_eq(tally_read(&counts.blocks), 1);
}

/* Opening writes the log of the run before into a sorted file. */
Test(ledger, tells_how_large_its_store_is)
{
    struct store_figures figures;
    uint64_t files = 0;
    sample_close(&sample);
    sample_open(&sample);
    figures = ledger_store_figures(sample.ledger);
    for (unsigned level = 0; level < STORE_LEVELS; level++)
        files += figures.files[level];
    cr_expect(files > 0);
    cr_expect(figures.size_bytes > sample.document.size, "%lu bytes",
              (unsigned long)figures.size_bytes);
}

/* Fee mode `market`, and supply counters that add up after every block. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "ledger/inside.h"
#include "tests/unit/ledger/sample.h"

static struct sample sample;

static void start(void)
{
    sample_init(&sample);
    sample.genesis.fees = FEES_MARKET;
    sample.genesis.base_fee_floor = u256_from_u64(1000);
    sample.genesis.parameters.gas_limit = 1000000;
    sample_found(&sample);
    sample_open(&sample);
}

static void stop(void)
{
    sample_cleanup(&sample);
}

TestSuite(supply, .init = start, .fini = stop, .timeout = 120);

/* ledger.md: "outstanding = issued + re-issued - burnt - retired - destroyed". */
static void expect_balances_add_up(void)
{
    const struct ledger_head *head = ledger_head(sample.ledger);
    u256 sum = U256_ZERO;
    for (unsigned i = 0; i < SAMPLE_ACCOUNTS; i++) {
        const struct account account =
            sample_account_at(&sample, head->number, &sample.accounts[i]);
        sum = u256_add(&sum, &account.balance);
    }
    const struct account payout = sample_account_at(&sample, head->number, &sample.member.payout);
    sum = u256_add(&sum, &payout.balance);
    u256 outstanding = u256_sub(&head->supply.issued, &head->supply.burnt);
    outstanding = u256_sub(&outstanding, &head->supply.destroyed);
    cr_expect(u256_equal(&sum, &outstanding), "height %llu", (unsigned long long)head->number);
}

static struct transaction transfer(unsigned from, unsigned to, uint64_t fee, uint64_t tip)
{
    return sample_sign(&sample, from,
                       (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                            .nonce = sample.nonces[from],
                                            .gas_limit = 21000,
                                            .max_fee = u256_from_u64(fee),
                                            .max_priority = u256_from_u64(tip),
                                            .to = sample.accounts[to],
                                            .value = u256_from_u64(77)});
}

Test(supply, burns_the_base_fee_and_pays_the_tip)
{
    struct transaction tx = transfer(0, 1, 5000, 10);
    cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    sample_block(&sample);
    const struct ledger_head *head = ledger_head(sample.ledger);
    const u256 burnt = u256_from_u64(21000 * 1000), tip = u256_from_u64(21000 * 10);
    cr_expect(u256_equal(&head->supply.burnt, &burnt));
    const struct account payout = sample_account_at(&sample, 1, &sample.member.payout);
    cr_expect(u256_equal(&payout.balance, &tip));
    expect_balances_add_up();
}

Test(supply, refuses_a_fee_below_the_floor)
{
    struct transaction tx = transfer(0, 1, 999, 0);
    cr_expect(sample_submit(&sample, &tx) == POOL_UNDERPRICED);
}

/* A full block raises the base fee by an eighth; empty ones let it fall to the floor. */
Test(supply, base_fee_follows_demand_down_to_the_floor)
{
    for (unsigned round = 0; round < 6; round++) {
        for (unsigned i = 0; i < SAMPLE_ACCOUNTS; i++) {
            struct transaction tx = transfer(i, (i + 1) % SAMPLE_ACCOUNTS, 100000, 1);
            sample.nonces[i]++;
            cr_assert(sample_submit(&sample, &tx) == POOL_OK);
        }
    }
    sample_block(&sample); /* 47 transfers fit: 987,000 of 1,000,000 gas */
    cr_expect(ledger_head(sample.ledger)->header.gas_used == 47 * 21000);
    sample_block(&sample);
    /* 1000 + 1000 * (987000 - 500000) / 500000 / 8 = 1121 */
    const u256 raised = u256_from_u64(1121), floor = u256_from_u64(1000);
    cr_expect(u256_equal(&ledger_head(sample.ledger)->header.base_fee, &raised));
    for (unsigned i = 0; i < 5; i++)
        sample_block(&sample);
    cr_expect(u256_equal(&ledger_head(sample.ledger)->header.base_fee, &floor));
    expect_balances_add_up();
}

Test(supply, adds_up_after_random_blocks)
{
    unsigned seed = 777;
    struct buffer report = {0};
    struct error error;
    for (unsigned block = 0; block < 30; block++) {
        const unsigned count = (unsigned)rand_r(&seed) % 20;
        for (unsigned i = 0; i < count; i++) {
            const unsigned from = (unsigned)rand_r(&seed) % SAMPLE_ACCOUNTS;
            struct transaction tx =
                transfer(from, (unsigned)rand_r(&seed) % SAMPLE_ACCOUNTS,
                         5000 + (unsigned)rand_r(&seed) % 500, (unsigned)rand_r(&seed) % 50);
            if (sample_submit(&sample, &tx) == POOL_OK)
                sample.nonces[from]++;
        }
        sample_block(&sample);
        expect_balances_add_up();
    }
    cr_expect(ledger_check(sample.ledger, sample.vm, &report, &error), "seed 777: %s", error.text);
    buffer_cleanup(&report);
}

/* Creation code that sends its value to itself by SELFDESTRUCT: the coin is gone, and counted. */
Test(supply, counts_what_selfdestruct_destroys)
{
    static const uint8_t init[] = {0x30, 0xff}; /* ADDRESS SELFDESTRUCT */
    struct transaction tx = sample_sign(&sample, 0,
                                        (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                                             .is_create = true,
                                                             .gas_limit = 100000,
                                                             .max_fee = u256_from_u64(2000),
                                                             .value = u256_from_u64(12345),
                                                             .data = bytes_of(init, sizeof init)});
    cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    sample_block(&sample);
    const u256 destroyed = u256_from_u64(12345);
    cr_expect(u256_equal(&ledger_head(sample.ledger)->supply.destroyed, &destroyed));
    expect_balances_add_up();
}

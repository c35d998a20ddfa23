/* Ledgers of each fork: what block 0 holds, what an empty block does, going on after a restart. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <sys/stat.h>

#include "ledger/chain/system_calls.h"
#include "ledger/inside.h"
#include "tests/unit/ledger/sample.h"
#include "vm/crypto/keccak.h"

static struct sample sample;

static void stop(void)
{
    sample_cleanup(&sample);
}

TestSuite(forks, .fini = stop, .timeout = 60);

static void start_with(enum vm_fork fork)
{
    sample_init(&sample);
    sample.genesis.fork = fork;
    sample_found(&sample);
    sample_open(&sample);
}

static u256 slot_at_head(const address *account, const u256 *key)
{
    struct error error;
    struct state_reader reader;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_assert(view != NULL && view_state_at(view, view_head(view), &sample.arena, &reader, &error));
    const u256 value = reader.ops->slot(reader.context, account, key);
    ledger_view_close(view);
    return value;
}

/* EIP-2935: slot (number - 1) mod 8191 holds the parent's hash. */
static void expect_parent_in_history(const hash256 *parent)
{
    const u256 key = u256_from_u64((ledger_head(sample.ledger)->number - 1) % 8191);
    const u256 expected = u256_from_hash(parent);
    const u256 stored = slot_at_head(&HISTORY_STORAGE_ADDRESS, &key);
    cr_expect(u256_equal(&stored, &expected));
}

/* SealOutbox.sol: _blocks is the mapping at slot 2. */
static uint64_t blocks_of(const address *payout)
{
    uint8_t preimage[64] = {0};
    memcpy(preimage + 12, payout->bytes, sizeof payout->bytes);
    preimage[63] = 2;
    const hash256 hash = keccak256(preimage, sizeof preimage);
    const u256 key = u256_from_hash(&hash);
    return slot_at_head(&CONSOLIDATIONS_ADDRESS, &key).limbs[0];
}

static void move_coin(void)
{
    struct transaction tx = sample_transfer(&sample, 0, &sample.accounts[1], 5);
    cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    sample_block(&sample);
}

/* Blocks, a restart, blocks again, and everything executed once more by the check. */
static void live(enum vm_fork fork)
{
    struct error error;
    struct buffer report = {0};
    start_with(fork);
    for (uint64_t height = 1; height <= 6; height++) {
        const hash256 parent = ledger_head(sample.ledger)->hash;
        move_coin();
        cr_expect_eq(ledger_head(sample.ledger)->number, height);
        if (fork >= VM_FORK_PRAGUE) {
            expect_parent_in_history(&parent);
            cr_expect_eq(blocks_of(&sample.member.payout), height);
        }
        if (height == 3) {
            sample_close(&sample);
            sample_open(&sample);
            cr_expect_eq(ledger_epoch_record(sample.ledger)->fork, fork);
        }
    }
    cr_expect(ledger_check(sample.ledger, sample.vm, &report, &error), "%.*s", (int)report.size,
              (const char *)report.data);
    buffer_cleanup(&report);
}

Test(forks, a_ledger_of_cancun_goes_on)
{
    const address outbox = WITHDRAWALS_ADDRESS;
    live(VM_FORK_CANCUN);
    const struct account nobody = sample_account_at(&sample, 0, &outbox);
    cr_expect_eq(nobody.nonce, 0);
    const hash256 nothing = {{0}};
    cr_expect(hash256_equal(&ledger_head(sample.ledger)->header.requests_hash, &nothing));
    cr_expect_eq(blocks_of(&sample.member.payout), 0);
}

static void copy(const char *from, const char *name)
{
    char path[256];
    uint8_t bytes[65536];
    snprintf(path, sizeof path, "%s/%s", from, name);
    FILE *file = fopen(path, "re");
    cr_assert(file != NULL, "%s", path);
    const size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    snprintf(path, sizeof path, "%s/%s", sample.directory, name);
    file = fopen(path, "we");
    cr_assert(file != NULL && fwrite(bytes, 1, size, file) == size, "%s", path);
    cr_assert_eq(fclose(file), 0);
}

/* A store that the program wrote before it knew Prague: the sample's keys, three blocks with a
 * transfer each, and a transaction that waits. */
Test(forks, a_store_of_cancuns_time_opens_and_goes_on)
{
    static const char *const files[] = {"pool.journal", "store/000005.ldb", "store/000006.log",
                                        "store/CURRENT", "store/MANIFEST-000004"};
    char store[128];
    struct error error;
    struct buffer report = {0};
    sample_init(&sample);
    snprintf(store, sizeof store, "%s/store", sample.directory);
    cr_assert(mkdir(sample.directory, 0700) == 0 && mkdir(store, 0700) == 0);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        copy(LEITHER_SOURCE "/tests/unit/ledger/stores/cancun", files[i]);
    sample_open(&sample);
    sample.now_ms += 60000;
    unsigned format;
    cr_assert(record_load_format((struct store_at){sample.ledger->store, NULL}, &format, &error));
    cr_expect_eq(format, STORE_FORMAT);
    cr_expect_eq(ledger_genesis(sample.ledger)->fork, VM_FORK_CANCUN);
    cr_expect_eq(ledger_head(sample.ledger)->number, 3);
    cr_expect_eq(pool_ready_count(ledger_pool(sample.ledger)), 1);
    cr_expect_eq(sample_block(&sample), 4);
    cr_expect_eq(pool_ready_count(ledger_pool(sample.ledger)), 0);
    sample.nonces[0] = 3;
    move_coin();
    cr_expect_eq(ledger_head(sample.ledger)->number, 5);
    cr_expect(ledger_check(sample.ledger, sample.vm, &report, &error), "%.*s", (int)report.size,
              (const char *)report.data);
    buffer_cleanup(&report);
}

Test(forks, a_ledger_of_prague_has_outboxes_and_requests_hash)
{
    live(VM_FORK_PRAGUE);
    const hash256 none = requests_hash(&(struct requests){0});
    cr_expect(hash256_equal(&ledger_head(sample.ledger)->header.requests_hash, &none));
    const struct account outbox = sample_account_at(&sample, 0, &WITHDRAWALS_ADDRESS);
    const struct account seals = sample_account_at(&sample, 0, &CONSOLIDATIONS_ADDRESS);
    cr_expect_eq(outbox.nonce, 1);
    cr_expect_eq(seals.nonce, 1);
    cr_expect(!hash256_equal(&outbox.code_hash, &seals.code_hash));
    cr_expect(!hash256_equal(&outbox.code_hash, &EMPTY_CODE_HASH));
}

Test(forks, a_ledger_of_osaka_goes_on)
{
    live(VM_FORK_OSAKA);
}

Test(forks, the_newest_is_the_default)
{
    sample_init(&sample);
    cr_expect_eq(sample.genesis.fork, VM_FORK_NEWEST);
}

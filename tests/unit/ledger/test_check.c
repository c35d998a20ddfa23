/* ledger_check, backup and export. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "ledger/export.h"
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

TestSuite(check, .init = start, .fini = stop, .timeout = 120);

/* Stores caller's address -> number, and logs: SSTORE(CALLER, NUMBER); LOG1(0, 0, CALLER). */
static const uint8_t RUNTIME[] = {0x43, 0x33, 0x55, 0x33, 0x60, 0x00, 0x60, 0x00, 0xa1, 0x00};

static struct transaction deploy(void)
{
    static uint8_t init[12 + sizeof RUNTIME] = {0x60, sizeof RUNTIME, 0x60, 12, 0x60, 0, 0x39,
                                                0x60, sizeof RUNTIME, 0x60, 0,  0xf3};
    memcpy(init + 12, RUNTIME, sizeof RUNTIME);
    return sample_sign(&sample, 0,
                       (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                            .is_create = true,
                                            .nonce = sample.nonces[0]++,
                                            .gas_limit = 200000,
                                            .data = bytes_of(init, sizeof init)});
}

static void call(unsigned from, const address *contract)
{
    struct transaction tx = sample_sign(&sample, from,
                                        (struct transaction){.type = TRANSACTION_LEGACY,
                                                             .nonce = sample.nonces[from]++,
                                                             .gas_limit = 100000,
                                                             .to = *contract});
    cr_assert(sample_submit(&sample, &tx) == POOL_OK);
}

/* A dozen blocks with transfers, a contract, its slots and its logs. */
static address live(void)
{
    struct transaction tx = deploy();
    const address contract = vm_create_address(&sample.accounts[0], tx.nonce);
    cr_assert(sample_submit(&sample, &tx) == POOL_OK);
    sample_block(&sample);
    for (unsigned i = 0; i < 12; i++) {
        call(i % 3, &contract);
        struct transaction transfer =
            sample_transfer(&sample, 3 + i % 4, &sample.accounts[i % 2], 1000 + i);
        cr_assert(sample_submit(&sample, &transfer) == POOL_OK);
        sample_block(&sample);
    }
    return contract;
}

static bool check(struct buffer *report)
{
    struct error error;
    buffer_clear(report);
    const bool ok = ledger_check(sample.ledger, sample.vm, report, &error);
    buffer_append_u8(report, 0);
    return ok;
}

Test(check, finds_nothing_in_a_sound_store)
{
    struct buffer report = {0};
    live();
    cr_expect(check(&report), "%s", (const char *)report.data);
    sample_close(&sample);
    sample_open(&sample);
    cr_expect(check(&report), "%s", (const char *)report.data);
    buffer_cleanup(&report);
}

/* Overwrites one record behind the ledger's back. */
static void damage(struct store_key key, size_t at, uint8_t mask)
{
    struct error error;
    struct buffer value = {0};
    bool found;
    cr_assert(store_get(sample.ledger->store, NULL, key_view(&key), &value, &found, &error));
    cr_assert(found && value.size > at);
    value.data[value.size - 1 - at] ^= mask;
    struct store_batch *batch = store_batch_new();
    store_batch_put(batch, key_view(&key), buffer_view(&value));
    cr_assert(ledger_write(sample.ledger, batch, &error));
    store_batch_free(batch);
    buffer_cleanup(&value);
}

/* Each kind of record, once damaged, is named. */
Test(check, finds_damage_of_every_kind)
{
    struct buffer report = {0};
    const address contract = live();
    const u256 slot = u256_from_address(&sample.accounts[1]);
    const uint8_t root_path[1] = {0};
    const hash256 accounts = {{0}};
    struct account before = sample_account_at(&sample, 5, &contract);
    cr_assert(before.nonce == 1);
    const struct store_key keys[] = {
        key_numbered(KEY_HEADER, 4),
        key_numbered(KEY_BODY, 4),
        key_numbered(KEY_SENDERS, 4),
        key_numbered(KEY_RECEIPTS, 4),
        key_numbered(KEY_CERTIFICATE, 4),
        key_hashed(KEY_BLOCK_HASH, &ledger_head(sample.ledger)->hash),
        key_slot(&contract, &slot),
        key_slot_before(&contract, &slot, 6),
        key_hashed(KEY_CODE, &before.code_hash),
        key_node(&accounts, root_path, 0),
    };
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        damage(keys[i], 0, 1);
        cr_expect(!check(&report), "kind %c: %s", keys[i].bytes[0], (const char *)report.data);
        damage(keys[i], 0, 1);
    }
    cr_expect(check(&report), "%s", (const char *)report.data);
    buffer_cleanup(&report);
}

struct logs {
    size_t count;
    uint64_t heights;
};

static bool count_log(void *context, const struct found_log *log)
{
    struct logs *logs = context;
    logs->count++;
    logs->heights += log->height;
    cr_expect(log->log->topics_count == 1);
    return logs->count < 3;
}

Test(check, finds_logs_by_account_and_topic)
{
    const address contract = live();
    struct error error;
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    const u256 caller = u256_from_address(&sample.accounts[1]);
    const hash256 topic = u256_to_hash(&caller), other = {{7}};
    struct log_filter filter = {
        .from = 0, .to = UINT64_MAX, .accounts = &contract, .accounts_count = 1, .topics_count = 1};
    filter.topics[0].any_of = &topic;
    filter.topics[0].count = 1;
    struct logs logs = {0};
    cr_assert(view_find_logs(view, &filter, count_log, &logs, &error), "%s", error.text);
    /* Callers 0 1 2 0 1 2 ... in blocks 2 3 4 5 6 ...: the second one's are 3, 6, 9, then stop. */
    cr_expect(logs.count == 3 && logs.heights == 3 + 6 + 9, "%zu", logs.count);
    filter.topics[0].any_of = &other;
    logs = (struct logs){0};
    cr_assert(view_find_logs(view, &filter, count_log, &logs, &error));
    cr_expect(logs.count == 0);
    filter.topics_count = 2; /* no log has two topics */
    filter.topics[0].count = filter.topics[1].count = 0;
    cr_assert(view_find_logs(view, &filter, count_log, &logs, &error));
    cr_expect(logs.count == 0);
    ledger_view_close(view);
}

/* The export's blocks decode as Ethereum's and hash to ours. */
Test(check, exports_blocks_in_geths_form)
{
    struct error error;
    struct buffer out = {0};
    live();
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_assert(export_block(view, 3, &out, &error));
    struct block block;
    cr_assert(block_decode(&block, sample.genesis.fork, buffer_view(&out), &sample.arena)
              == BLOCK_OK);
    struct header header;
    hash256 hash;
    cr_assert(view_header(view, 3, &header, &hash, &error));
    cr_expect(hash256_equal(&block.hash, &hash));
    buffer_clear(&out);
    cr_assert(export_genesis(view, &out, &error));
    uint64_t replayable;
    cr_assert(export_replayable(view, &replayable, &error), "%s", error.text);
    cr_expect(replayable == view_head(view));
    cr_expect(memmem(out.data, out.size, "\"osakaTime\": 0", 14) != NULL);
    buffer_cleanup(&out);
    ledger_view_close(view);
}

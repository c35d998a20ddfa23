/* Proofs of accounts and slots in the last 128 blocks, over a real store. */
#include "ledger/state/past.h"

#include "ledger/inside.h"
#include "tests/unit/ledger/proof_check.h"
#include "tests/unit/ledger/sample.h"
#include "vm/crypto/keccak.h"
#include <criterion/criterion.h>

static struct sample sample;

static void start(void)
{
    sample_start(&sample);
}

static void stop(void)
{
    sample_cleanup(&sample);
}

TestSuite(past, .init = start, .fini = stop, .timeout = 60);

/* EIP-2935: the contract whose storage every block changes, at slot (number - 1) mod 8191. */
static const address HISTORY = {{0x00, 0x00, 0xf9, 0x08, 0x27, 0xf1, 0xc5, 0x3a, 0x10, 0xcb,
                                 0x7a, 0x02, 0x33, 0x5b, 0x17, 0x53, 0x20, 0x00, 0x29, 0x35}};

static void make_blocks(unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        address to = {{0x77, (uint8_t)(i * 37), (uint8_t)i}};
        struct transaction tx = sample_transfer(&sample, i % 3, &to, i + 1);
        cr_assert(sample_submit(&sample, &tx) == POOL_OK);
        sample_block(&sample);
    }
}

/* The account and one slot, proved at `height` and compared with what time travel says. */
static void check_proof(const struct ledger_view *view, uint64_t height, const address *account,
                        uint64_t slot)
{
    struct arena arena = {0};
    struct account_proof proof;
    struct header header;
    struct state_reader reader;
    struct account expected;
    struct bytes leaf;
    struct error error = {0};
    const u256 key = u256_from_u64(slot);
    uint8_t key_bytes[32];
    hash256 hash;
    cr_assert(view_prove(view, height, account, &key, 1, NULL, NULL, &arena, &proof, &error), "%s",
              error.text);
    cr_assert(view_header(view, height, &header, &hash, &error));
    cr_assert(view_state_at(view, height, &arena, &reader, &error));
    reader.ops->account(reader.context, account, &expected);
    const hash256 place = keccak256(account->bytes, sizeof account->bytes);
    cr_assert(proof_shows(&header.state_root, &place, &proof.proof, &leaf), "height %lu",
              (unsigned long)height);
    cr_expect_eq(proof.account.nonce, expected.nonce);
    cr_expect(u256_equal(&proof.account.balance, &expected.balance));
    cr_expect(hash256_equal(&proof.account.code_hash, &expected.code_hash));

    u256_store_be(key_bytes, &key);
    const hash256 slot_place = keccak256(key_bytes, sizeof key_bytes);
    const u256 value = reader.ops->slot(reader.context, account, &key);
    cr_assert(proof_shows(&proof.account.storage_root, &slot_place, &proof.slots[0].proof, &leaf));
    cr_expect(u256_equal(&proof.slots[0].value, &value));
    arena_cleanup(&arena);
}

Test(past, proves_accounts_and_slots_of_the_last_128_blocks)
{
    struct error error = {0};
    make_blocks(140);
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    for (uint64_t height = 12; height <= 140; height++) {
        const address nobody = {{0x99, (uint8_t)height}};
        check_proof(view, height, &sample.accounts[height % 3], 0);
        check_proof(view, height, &HISTORY, height - 1);
        check_proof(view, height, &HISTORY, height - 3);
        check_proof(view, height, &nobody, 1);
    }
    ledger_view_close(view);
}

Test(past, says_how_far_back_proofs_reach)
{
    struct error error = {0};
    struct arena arena = {0};
    struct account_proof proof;
    make_blocks(140);
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_expect(!view_prove(view, 11, &HISTORY, NULL, 0, NULL, NULL, &arena, &proof, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    cr_expect_str_eq(error.text,
                     "proofs reach 128 blocks back: block 11 is too old, expected 12 to "
                     "140");
    cr_expect(!view_prove(view, 141, &HISTORY, NULL, 0, NULL, NULL, &arena, &proof, &error));
    cr_expect_str_eq(error.text, "block 141 not found: the newest is 140");
    ledger_view_close(view);
}

/* A view keeps proving its own blocks while later ones drop what it reads. */
Test(past, an_open_view_is_not_disturbed_by_new_blocks)
{
    struct error error = {0};
    make_blocks(10);
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    make_blocks(135);
    for (uint64_t height = 0; height <= 10; height++)
        check_proof(view, height, &sample.accounts[0], 0);
    ledger_view_close(view);
}

/* Only the last blocks leave something behind. */
Test(past, what_is_too_old_is_dropped)
{
    make_blocks(PAST_BLOCKS + 12);
    struct store_iterator *iterator = store_iterator_new(sample.ledger->store, NULL);
    const struct store_key from = key_of(KEY_PAST), oldest = key_numbered(KEY_PAST, 13);
    store_iterator_seek(iterator, key_view(&from));
    cr_assert(store_iterator_valid(iterator));
    cr_expect(bytes_equal(store_iterator_key(iterator), key_view(&oldest)));
    store_iterator_free(iterator);
}

static bool at_once(void *context)
{
    (void)context;
    return true;
}

Test(past, ends_when_told_to)
{
    struct error error = {0};
    struct arena arena = {0};
    struct account_proof proof;
    make_blocks(3);
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_expect(!view_prove(view, 1, &HISTORY, NULL, 0, at_once, NULL, &arena, &proof, &error));
    cr_expect_eq(error.code, ERROR_BUSY);
    ledger_view_close(view);
    arena_cleanup(&arena);
}

/* A ledger from before these records: its earlier blocks are refused, new ones are not. */
Test(past, blocks_made_without_a_record_are_named)
{
    struct error error = {0};
    struct arena arena = {0};
    struct account_proof proof;
    make_blocks(5);
    struct store_batch *batch = store_batch_new();
    const struct store_key map = key_numbered(KEY_PAST, 3);
    store_batch_delete(batch, key_view(&map));
    cr_assert(ledger_write(sample.ledger, batch, &error));
    store_batch_free(batch);
    struct ledger_view *view = ledger_view_open(sample.ledger, &error);
    cr_expect(!view_prove(view, 2, &HISTORY, NULL, 0, NULL, NULL, &arena, &proof, &error));
    cr_expect_eq(error.code, ERROR_NOT_FOUND);
    cr_expect(strstr(error.text, "block 3 was made before") != NULL, "%s", error.text);
    check_proof(view, 3, &sample.accounts[0], 0);
    ledger_view_close(view);
    arena_cleanup(&arena);
}

Test(past, the_check_of_the_store_follows_the_diffs)
{
    struct error error = {0};
    struct buffer report = {0};
    make_blocks(5);
    cr_expect(ledger_check(sample.ledger, NULL, &report, &error), "%s", error.text);
    struct store_batch *batch = store_batch_new();
    const struct store_key slice = key_past_slice(4, 0), other = key_past_slice(5, 0);
    struct buffer value = {0};
    bool found = false;
    cr_assert(store_get(sample.ledger->store, NULL, key_view(&other), &value, &found, &error));
    store_batch_put(batch, key_view(&slice), buffer_view(&value)); /* another block's */
    cr_assert(ledger_write(sample.ledger, batch, &error));
    store_batch_free(batch);
    buffer_clear(&report);
    cr_expect(!ledger_check(sample.ledger, NULL, &report, &error));
    buffer_append_u8(&report, 0);
    cr_expect(strstr((const char *)report.data,
                     "block 3: the trie diffs since do not lead to its state root")
                  != NULL,
              "%s", (const char *)report.data);
    buffer_cleanup(&value);
    buffer_cleanup(&report);
}

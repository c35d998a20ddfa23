/* The committee contract on real ledgers: from READY by transactions to the next committee. */
#include "ledger/org/committee.h"

#include <criterion/criterion.h>

#include "ledger/export.h"
#include "tests/unit/ledger/realm.h"
#include "tests/unit/ledger/vectors.h"
#include "vm/base/hex.h"

static struct realm realm;

static void start(void)
{
    realm_start_founded(&realm, 1, QUORUM_BFT);
}

static void stop(void)
{
    realm_cleanup(&realm);
}

TestSuite(committee_ledger, .init = start, .fini = stop, .timeout = 120);

static struct secret_key operator_key(unsigned number)
{
    struct secret_key key = {{3}};
    key.bytes[31] = (uint8_t)(number + 1);
    return key;
}

static void send(const struct secret_key *key, uint64_t nonce, struct buffer *input)
{
    struct error error = {0};
    struct transaction tx = {.type = TRANSACTION_DYNAMIC_FEE,
                             .has_chain_id = true,
                             .chain_id = ledger_chain_id(realm.ledger),
                             .nonce = nonce,
                             .gas_limit = 2000000,
                             .to = COMMITTEE_ADDRESS,
                             .data = arena_copy(&realm.arena, buffer_view(input))};
    buffer_cleanup(input);
    transaction_sign(&tx, key, &realm.arena);
    cr_assert_eq(ledger_submit(realm.ledger, &tx, realm.now_ms, &error), POOL_OK, "%s", error.text);
}

/* By the member's keys, of the newest block. */
static void send_ready(unsigned member)
{
    const struct signing_domain domain = ledger_signing_domain(realm.ledger);
    const struct secret_key key = operator_key(member);
    const address sender = secret_key_address(&key);
    const struct committee_ready ready = {.entry = realm.members[member].entry,
                                          .height = ledger_head(realm.ledger)->number,
                                          .protocol_lowest = PROTOCOL_VERSION,
                                          .protocol_highest = PROTOCOL_VERSION,
                                          .fork = VM_FORK_NEWEST};
    const hash256 digest = committee_ready_digest(&domain, &sender, &ready);
    signature signed_by;
    struct buffer input = {0};
    secret_key_sign(&realm.members[member].key, &digest, &signed_by);
    committee_put_ready(&ready, &signed_by, &input);
    send(&key, 0, &input);
}

/* The realm's poster is its founder. */
static void send_change(const unsigned *leaving, size_t leaving_count, const unsigned *joining,
                        size_t joining_count, enum quorum_mode mode)
{
    address left[REALM_MEMBERS], joined[REALM_MEMBERS];
    struct buffer input = {0};
    for (size_t i = 0; i < leaving_count; i++)
        left[i] = realm.members[leaving[i]].entry.consensus;
    for (size_t i = 0; i < joining_count; i++)
        joined[i] = realm.members[joining[i]].entry.consensus;
    committee_put_change(left, leaving_count, joined, joining_count, mode, &input);
    send(&realm.poster, realm.poster_nonce++, &input);
}

static void expect_committee(const unsigned *members, unsigned count)
{
    const struct epoch_record *record = ledger_epoch_record(realm.ledger);
    struct committee_entry expected[REALM_MEMBERS];
    for (unsigned i = 0; i < count; i++)
        expected[i] = realm.members[members[i]].entry;
    const hash256 hash = committee_hash(expected, count);
    const hash256 found = committee_hash(record->committee, record->committee_size);
    cr_expect(hash256_equal(&found, &hash));
}

static void expect_sound(void)
{
    struct buffer report = {0};
    struct error error;
    cr_expect(ledger_check(realm.ledger, realm.vm, &report, &error), "%.*s", (int)report.size,
              (const char *)report.data);
    buffer_cleanup(&report);
}

/* 1 -> 2 -> 3 in mode crash -> 2 others; each block of a change is a seal. */
Test(committee_ledger, a_founders_transaction_makes_the_next_committee)
{
    const unsigned two[] = {0, 1}, three[] = {0, 1, 2}, left[] = {0}, last[] = {1, 2};
    send_ready(1);
    realm_block(&realm);
    cr_expect_eq(ledger_epoch_record(realm.ledger)->epoch, 1);
    send_change(NULL, 0, &two[1], 1, QUORUM_BFT);
    realm_block(&realm);
    const struct epoch_record *record = ledger_epoch_record(realm.ledger);
    cr_expect_eq(record->epoch, 2);
    cr_expect_eq(record->first_height, 3);
    cr_expect_eq(record->quorum, 2);
    cr_expect_eq(record->protocol_version, realm.genesis.protocol_version);
    cr_expect_eq(record->parameters.gas_limit, realm.genesis.parameters.gas_limit);
    expect_committee(two, 2);

    send_ready(2);
    realm_block(&realm);
    send_change(NULL, 0, &three[2], 1, QUORUM_CRASH);
    realm_block(&realm);
    record = ledger_epoch_record(realm.ledger);
    cr_expect_eq(record->epoch, 3);
    cr_expect_eq(record->mode, QUORUM_CRASH);
    cr_expect_eq(record->quorum, 2);
    expect_committee(three, 3);

    send_change(left, 1, NULL, 0, QUORUM_CRASH);
    realm_block(&realm);
    expect_committee(last, 2);
    realm_block(&realm);
    expect_sound();
    realm_reopen(&realm);
    expect_committee(last, 2);
    expect_sound();
}

/* docs/formats.md */
Test(committee_ledger, ready_is_signed_as_documented)
{
    const struct secret_key key = {{[31] = 1}};
    struct committee_ready ready = {
        .entry = {.consensus = secret_key_address(&key),
                  .weight = 1,
                  .endpoint = "box.example:30800"},
        .height = 7,
        .protocol_highest = 1,
        .fork = VM_FORK_OSAKA,
    };
    struct epoch_record record = {
        .epoch = 1, .committee = &ready.entry, .committee_size = 1, .quorum = 1};
    address sender;
    hash256 block_0;
    memset(ready.entry.node_key, 1, sizeof ready.entry.node_key);
    ready.entry.node_key[0] = 2;
    memset(ready.entry.payout.bytes, 1, sizeof ready.entry.payout.bytes);
    memset(ready.entry.reveal_salt.bytes, 3, sizeof ready.entry.reveal_salt.bytes);
    memset(ready.entry.reveal_commitment.bytes, 4, sizeof ready.entry.reveal_commitment.bytes);
    memset(sender.bytes, 0x22, sizeof sender.bytes);
    memset(block_0.bytes, 0x55, sizeof block_0.bytes);
    const struct signing_domain domain = signing_domain_of(1234, &block_0, &record);
    const hash256 digest = committee_ready_digest(&domain, &sender, &ready);
    char digits[65] = {0};
    hex_encode(digits, digest.bytes, sizeof digest.bytes);
    cr_expect_str_eq(digits, VECTOR_READY);
}

/* A READY of another epoch is refused by the contract, and the block is as good as any. */
Test(committee_ledger, what_is_refused_leaves_the_epoch_as_it_is)
{
    const unsigned joining[] = {1};
    send_change(NULL, 0, joining, 1, QUORUM_BFT); /* not READY */
    realm_block(&realm);
    cr_expect_eq(ledger_head(realm.ledger)->number, 1);
    cr_expect_eq(ledger_epoch_record(realm.ledger)->epoch, 1);
    expect_sound();
}

/* Whoever re-executes the ledger elsewhere begins with the contract's storage. */
Test(committee_ledger, the_exported_genesis_has_the_contracts_storage)
{
    struct error error;
    struct buffer out = {0};
    struct ledger_view *view = ledger_view_open(realm.ledger, &error);
    cr_assert_not_null(view);
    cr_assert(export_genesis(view, &out, &error), "%s", error.text);
    buffer_append_u8(&out, 0);
    const char *account =
        memmem(out.data, out.size, "6f72670000000000000000000000000000000001", 40);
    cr_assert_not_null(account);
    cr_expect_not_null(strstr(account, "\"storage\""));
    ledger_view_close(view);
    buffer_cleanup(&out);
}

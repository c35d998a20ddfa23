/* Blocks that carry requests, over a state whose outboxes hold entries: built, sent, validated. */
#include <criterion/criterion.h>

#include <stdio.h>

#include "ledger/chain/build.h"
#include "ledger/chain/validate.h"
#include "ledger/state/memory.h"
#include "tests/unit/ledger/vectors.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"
#include "vm/crypto/secret_key.h"

/* A ledger of Osaka with a committee of one, at block 0, without a store. */
static struct chain {
    struct arena arena;
    struct genesis genesis;
    struct committee_entry member;
    struct reveal_chain *reveals;
    struct epoch_record record;
    struct chain_rules rules;
    struct tip tip;
    struct memory_state *memory;
    struct ground ground;
} chain;

static hash256 no_hash(void *context, uint64_t number)
{
    (void)context, (void)number;
    return (hash256){{0}};
}

/* Genesis state, and on top what `entries` put there. */
static void fill_state(void (*entries)(struct state *state))
{
    struct error error;
    hash256 root;
    chain.memory = memory_state_new();
    struct state_changes changes = genesis_state(&chain.genesis, &chain.arena);
    cr_assert(memory_state_root_after(chain.memory, &changes, &root, &error));
    cr_assert(memory_state_apply(chain.memory, &changes, &error));
    chain.ground = (struct ground){.vm = vm_new(),
                                   .reader = memory_state_reader(chain.memory),
                                   .nodes = memory_state_source(chain.memory),
                                   .block_hash = no_hash};
    struct state *state = state_new(&chain.ground.reader);
    state_begin_transaction(state);
    entries(state);
    state_end_transaction(state);
    changes = state_changes(state, &chain.arena);
    cr_assert(memory_state_root_after(chain.memory, &changes, &root, &error));
    cr_assert(memory_state_apply(chain.memory, &changes, &error));
    state_free(state);
}

static void set_up(void (*entries)(struct state *state))
{
    struct secret_key key = {{[31] = 1}};
    chain = (struct chain){.genesis = genesis_defaults()};
    chain.reveals = reveal_chain_new(&key, &chain.member.reveal_salt, 64);
    chain.member.payout.bytes[0] = 9;
    chain.member.reveal_commitment = reveal_chain_commitment(chain.reveals);
    chain.genesis.committee = &chain.member;
    chain.genesis.committee_size = 1;
    fill_state(entries);
    chain.tip.header =
        (struct header){.state_root = memory_state_root(chain.memory), .timestamp = 1000};
    chain.tip.hash = header_hash(&chain.tip.header, chain.genesis.fork);
    chain.tip.members = 1;
    chain.tip.reveals[0].last = chain.member.reveal_commitment;
    chain.record = genesis_epoch_record(&chain.genesis, &chain.tip.hash);
    chain.rules = (struct chain_rules){.genesis = &chain.genesis,
                                       .chain_id = 9,
                                       .record = &chain.record,
                                       .record_hash = epoch_record_hash(&chain.record)};
}

static void tear_down(void)
{
    vm_free(chain.ground.vm);
    memory_state_free(chain.memory);
    reveal_chain_free(chain.reveals);
    arena_cleanup(&chain.arena);
}

TestSuite(block_requests, .fini = tear_down);

static const struct transaction *no_transaction(void *context)
{
    (void)context;
    return NULL;
}

static bool build(struct candidate *candidate, struct error *error)
{
    struct build_request request = {
        .view = 1, .now_ms = 1001000, .beneficiary = chain.member.payout, .parent = chain.tip.hash};
    const struct build_source source = {.next = no_transaction};
    cr_assert(reveal_chain_at(chain.reveals, 0, &request.reveal, error));
    return block_build(&chain.rules, &chain.tip, &chain.ground, &request, &source, candidate,
                       error);
}

static bool no_sender(void *context, const struct transaction *tx, address *sender)
{
    (void)context, (void)tx, (void)sender;
    return false;
}

static enum block_verdict verdict_on(struct bytes container)
{
    struct candidate candidate = {0};
    struct error error;
    const struct sender_cache senders = {.sender = no_sender};
    candidate.container = arena_copy(&candidate.arena, container);
    enum block_verdict verdict = block_container_decode(&candidate.block, chain.genesis.fork,
                                                        candidate.container, &candidate.arena);
    if (verdict == BLOCK_OK)
        cr_assert(block_validate(&chain.rules, &chain.tip, &chain.ground, &senders, &candidate,
                                 &verdict, &error),
                  "%s", error.text);
    candidate_cleanup(&candidate);
    return verdict;
}

/* ---- States --------------------------------------------------------------------------------- */

/* An entry of up to 31 bytes, as Outbox.sol lays it out: number 0 at keccak256(0 ‖ 1). */
static void put_entry(struct state *state, const address *outbox, const char *entry)
{
    uint8_t preimage[64] = {[63] = 1}, word[32] = {0};
    const hash256 hash = keccak256(preimage, sizeof preimage);
    const u256 key = u256_from_hash(&hash), numbers = {{0, 1, 0, 0}};
    memcpy(word, entry, strlen(entry));
    word[31] = (uint8_t)(2 * strlen(entry));
    const u256 value = u256_load_be(word, sizeof word);
    state_set_slot(state, outbox, &key, &value);
    state_set_slot(state, outbox, &U256_ZERO, &numbers);
}

/* [1, 8, "backups"] and [1, 2]: no kinds of the protocol's, only RLP. */
static void put_two_entries(struct state *state)
{
    put_entry(state, &WITHDRAWALS_ADDRESS,
              "\xca\x01\x08\x87"
              "backups");
    put_entry(state, &CONSOLIDATIONS_ADDRESS, "\xc2\x01\x02");
}

static void put_failing_contract(struct state *state)
{
    state_set_code(state, &CONSOLIDATIONS_ADDRESS, bytes_of("\xfe", 1));
}

/* ---- Tests ---------------------------------------------------------------------------------- */

static void expect_hex(struct bytes bytes, const char *expected)
{
    struct buffer text = {0};
    hex_append(&text, bytes);
    cr_expect(text.size == 2 + strlen(expected)
                  && memcmp(text.data + 2, expected, text.size - 2) == 0,
              "%.*s, expected %s", (int)text.size, (const char *)text.data, expected);
    buffer_cleanup(&text);
}

Test(block_requests, stand_in_the_container_and_in_the_header)
{
    struct candidate candidate = {0};
    struct error error;
    struct buffer list = {0};
    set_up(put_two_entries);
    cr_assert(build(&candidate, &error), "%s", error.text);
    const struct block *block = &candidate.block;
    requests_encode(&block->requests, &list);
    expect_hex(buffer_view(&list), VECTOR_REQUESTS);
    expect_hex(bytes_of(block->header.requests_hash.bytes, 32), VECTOR_REQUESTS_HASH);
    cr_expect_eq(verdict_on(candidate.container), BLOCK_OK);
    buffer_cleanup(&list);
    candidate_cleanup(&candidate);
}

/* The header alone decides which requests are the block's; execution whether the header is
 * right. */
Test(block_requests, left_out_or_changed_are_found)
{
    struct candidate candidate = {0};
    struct error error;
    struct buffer out = {0};
    set_up(put_two_entries);
    cr_assert(build(&candidate, &error), "%s", error.text);
    struct block block = candidate.block;
    block.requests.data[REQUEST_CONSOLIDATIONS] = (struct bytes){0};
    block_container_encode(&block, chain.genesis.fork, &out);
    cr_expect_eq(verdict_on(buffer_view(&out)), BLOCK_BAD_TRANSFER);
    block.header.requests_hash = requests_hash(&block.requests);
    buffer_clear(&out);
    block_container_encode(&block, chain.genesis.fork, &out);
    cr_expect_eq(verdict_on(buffer_view(&out)), BLOCK_BAD_REQUESTS);
    block.requests.data[REQUEST_CONSOLIDATIONS] =
        candidate.block.requests.data[REQUEST_CONSOLIDATIONS];
    block.requests.data[REQUEST_DEPOSITS] = bytes_of("deposit", 7);
    block.header.requests_hash = requests_hash(&block.requests);
    buffer_clear(&out);
    block_container_encode(&block, chain.genesis.fork, &out);
    cr_expect_eq(verdict_on(buffer_view(&out)), BLOCK_BAD_REQUESTS);
    buffer_cleanup(&out);
    candidate_cleanup(&candidate);
}

/* EIP-7251: a failing call invalidates the block, so none can be built either. */
Test(block_requests, a_failing_system_call_makes_every_block_invalid)
{
    struct candidate candidate = {0};
    struct error error;
    set_up(put_failing_contract);
    cr_expect(!build(&candidate, &error));
    cr_expect(strstr(error.text, "system call") != NULL, "%s", error.text);
    candidate_cleanup(&candidate);
    tear_down();

    set_up(put_two_entries);
    candidate = (struct candidate){0};
    cr_assert(build(&candidate, &error), "%s", error.text);
    struct buffer container = {0};
    buffer_append_bytes(&container, candidate.container);
    candidate_cleanup(&candidate);
    struct state *state = state_new(&chain.ground.reader);
    hash256 root;
    put_failing_contract(state);
    struct state_changes changes = state_changes(state, &chain.arena);
    cr_assert(memory_state_root_after(chain.memory, &changes, &root, &error));
    cr_assert(memory_state_apply(chain.memory, &changes, &error));
    state_free(state);
    cr_expect_eq(verdict_on(buffer_view(&container)), BLOCK_SYSTEM_CALL_FAILED);
    buffer_cleanup(&container);
}

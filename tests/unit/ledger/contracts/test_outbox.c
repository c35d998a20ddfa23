/* The outboxes: people may not post, and a block's end drains what stands in storage. What the
 * committee contract posts is in test_committee.c. */
#include <criterion/criterion.h>

#include <stdio.h>
#include <stdlib.h>

#include "ledger/chain/system_calls.h"
#include "ledger/contracts/contracts.h"
#include "ledger/state/memory.h"
#include "vm/base/hex.h"
#include "vm/crypto/keccak.h"

/* A block of Prague with the two outboxes of block 0. */
static struct world {
    struct memory_state *memory;
    struct state_reader reader;
    struct arena arena;
    struct execution execution;
} world;

static const address POSTER = {{0xaa}};
static const address LEADER = {{0x1e, 0xad}};

static void place(const address *account, const char *code_hex)
{
    struct buffer code = {0};
    cr_assert(hex_decode_append(&code, code_hex, strlen(code_hex)));
    state_set_code(world.execution.state, account, buffer_view(&code));
    buffer_cleanup(&code);
}

static void set_up(void)
{
    world = (struct world){.memory = memory_state_new()};
    world.reader = memory_state_reader(world.memory);
    world.execution = (struct execution){.vm = vm_new(),
                                         .state = state_new(&world.reader),
                                         .arena = &world.arena,
                                         .environment = {.fork = VM_FORK_PRAGUE,
                                                         .chain_id = 9,
                                                         .number = 7,
                                                         .timestamp = 1000,
                                                         .gas_limit = 60000000,
                                                         .beneficiary = LEADER,
                                                         .blob_base_fee = {{1, 0, 0, 0}}}};
    place(&WITHDRAWALS_ADDRESS, PUBLIC_OUTBOX_CODE);
    place(&CONSOLIDATIONS_ADDRESS, SEAL_OUTBOX_CODE);
}

static void tear_down(void)
{
    vm_free(world.execution.vm);
    state_free(world.execution.state);
    memory_state_free(world.memory);
    arena_cleanup(&world.arena);
}

TestSuite(outbox, .init = set_up, .fini = tear_down);

/* ---- Calling ------------------------------------------------------------------------------- */

/* Calls with `function`'s selector and `arguments` behind it. */
static struct transaction_outcome call(const address *to, const char *function,
                                       struct bytes arguments)
{
    struct buffer input = {0};
    const hash256 hash = keccak256(function, strlen(function));
    buffer_append_bytes(&input, bytes_of(hash.bytes, 4));
    buffer_append_bytes(&input, arguments);
    const struct transaction tx = {.type = TRANSACTION_DYNAMIC_FEE,
                                   .gas_limit = 10000000,
                                   .sender = POSTER,
                                   .to = *to,
                                   .data = arena_copy(&world.arena, buffer_view(&input))};
    struct transaction_outcome outcome;
    cr_assert_eq(execute_call(&world.execution, &tx, &outcome), TRANSACTION_OK);
    buffer_cleanup(&input);
    return outcome;
}

static uint64_t asked(const address *to, const char *function, struct bytes arguments)
{
    const struct transaction_outcome outcome = call(to, function, arguments);
    cr_assert_eq(outcome.status, VM_SUCCESS);
    cr_assert_eq(outcome.output.size, 32);
    const u256 answer = u256_load_be(outcome.output.data, 32);
    return answer.limbs[0];
}

static void put_word(struct buffer *out, uint64_t value)
{
    uint8_t word[32];
    const u256 wide = u256_from_u64(value);
    u256_store_be(word, &wide);
    buffer_append_bytes(out, bytes_of(word, sizeof word));
}

static struct transaction_outcome post(const address *to, struct bytes entry)
{
    static const uint8_t zeros[32];
    struct buffer arguments = {0};
    put_word(&arguments, 32);
    put_word(&arguments, entry.size);
    buffer_append_bytes(&arguments, entry);
    buffer_append_bytes(&arguments, bytes_of(zeros, (32 - entry.size % 32) % 32));
    const struct transaction_outcome outcome = call(to, "post(bytes)", buffer_view(&arguments));
    buffer_cleanup(&arguments);
    return outcome;
}

/* Does the output begin with the selector of the error `function`? */
static bool is_error(struct bytes output, const char *function)
{
    const hash256 hash = keccak256(function, strlen(function));
    return output.size >= 4 && memcmp(output.data, hash.bytes, 4) == 0;
}

static struct requests drain(void)
{
    struct requests requests;
    cr_assert_eq(execution_collect_requests(&world.execution, NULL, 0, NULL, &requests),
                 REQUESTS_OK);
    return requests;
}

/* ---- Storage as Outbox.sol lays it out ------------------------------------------------------ */

static void set_slot(const address *account, const u256 *key, const u256 *value)
{
    state_set_slot(world.execution.state, account, key, value);
}

static void set_numbers(const address *account, uint64_t oldest, uint64_t next)
{
    const u256 value = {{oldest, next, 0, 0}};
    set_slot(account, &U256_ZERO, &value);
}

/* keccak256(number ‖ 1): where entry `number` begins. */
static u256 entry_slot(uint64_t number)
{
    uint8_t preimage[64] = {0};
    const u256 key = u256_from_u64(number);
    u256_store_be(preimage, &key);
    preimage[63] = 1;
    const hash256 hash = keccak256(preimage, sizeof preimage);
    return u256_from_hash(&hash);
}

/* Solidity's `bytes`: up to 31 beside twice their size, longer ones at keccak256(slot). */
static void set_entry(const address *account, uint64_t number, struct bytes entry)
{
    const u256 slot = entry_slot(number);
    uint8_t word[32] = {0};
    if (entry.size < 32) {
        memcpy(word, entry.data, entry.size);
        word[31] = (uint8_t)(2 * entry.size);
        const u256 value = u256_load_be(word, 32);
        set_slot(account, &slot, &value);
        return;
    }
    const u256 value = u256_from_u64(2 * entry.size + 1);
    set_slot(account, &slot, &value);
    u256_store_be(word, &slot);
    hash256 hash = keccak256(word, sizeof word);
    u256 key = u256_from_hash(&hash);
    for (size_t done = 0; done < entry.size; done += 32) {
        const size_t size = entry.size - done < 32 ? entry.size - done : 32;
        memset(word, 0, sizeof word);
        memcpy(word, entry.data + done, size);
        const u256 part = u256_load_be(word, 32);
        set_slot(account, &key, &part);
        key = u256_add(&key, &U256_ONE);
    }
}

/* An entry of `size` bytes that tells its number. */
static struct bytes entry_of(uint64_t number, size_t size)
{
    uint8_t *entry = arena_alloc(&world.arena, size);
    for (size_t i = 0; i < size; i++)
        entry[i] = (uint8_t)(number + i + 1);
    return bytes_of(entry, size);
}

/* RLP [entry, ...] of the numbers from `first`. */
static void expect_entries(struct bytes data, uint64_t first, size_t count, size_t size)
{
    struct buffer expected = {0};
    const size_t list = rlp_open_list(&expected);
    for (size_t i = 0; i < count; i++)
        rlp_put_string(&expected, entry_of(first + i, size));
    rlp_close_list(&expected, list);
    cr_expect(bytes_equal(data, buffer_view(&expected)), "%zu entries of %zu bytes", count, size);
    buffer_cleanup(&expected);
}

/* Slots of the account that are not zero, after what was done so far. */
static size_t slots_used(const address *account)
{
    struct state_changes changes = state_changes(world.execution.state, &world.arena);
    size_t used = 0;
    for (size_t i = 0; i < changes.accounts_count; i++)
        for (size_t k = 0; k < changes.accounts[i].slots_count; k++)
            used += address_equal(&changes.accounts[i].address, account)
                    && !u256_is_zero(&changes.accounts[i].slots[k].after);
    return used;
}

/* ---- Tests --------------------------------------------------------------------------------- */

Test(outbox, empty_ones_give_no_request)
{
    for (int block = 0; block < 3; block++) {
        const struct requests requests = drain();
        for (unsigned type = 0; type < REQUEST_TYPE_COUNT; type++)
            cr_expect_eq(requests.data[type].size, 0);
    }
    cr_expect_eq(slots_used(&WITHDRAWALS_ADDRESS), 0);
}

Test(outbox, nobody_may_post_and_the_error_says_so)
{
    const address *const outboxes[] = {&WITHDRAWALS_ADDRESS, &CONSOLIDATIONS_ADDRESS};
    for (size_t i = 0; i < 2; i++) {
        const struct transaction_outcome outcome = post(outboxes[i], bytes_of("\xc2\x01\x02", 3));
        cr_expect_eq(outcome.status, VM_REVERT);
        cr_expect(is_error(outcome.output, "MayNotPost(address)"));
        cr_assert_eq(outcome.output.size, 36);
        cr_expect_arr_eq(outcome.output.data + 16, POSTER.bytes, 20);
        cr_expect_eq(asked(outboxes[i], "queued()", bytes_of(NULL, 0)), 0);
    }
    cr_expect_eq(drain().data[REQUEST_WITHDRAWALS].size, 0);
}

/* Only the system's call drains: everybody else is told so, also with no data at all. */
Test(outbox, nobody_but_the_system_may_drain)
{
    set_entry(&WITHDRAWALS_ADDRESS, 0, entry_of(0, 5));
    set_numbers(&WITHDRAWALS_ADDRESS, 0, 1);
    const struct transaction_outcome outcome =
        call(&WITHDRAWALS_ADDRESS, "drain()", bytes_of(NULL, 0));
    cr_expect_eq(outcome.status, VM_REVERT);
    cr_expect(is_error(outcome.output, "NotTheSystem(address,address)"));
    const struct transaction bare = {.type = TRANSACTION_DYNAMIC_FEE,
                                     .gas_limit = 1000000,
                                     .sender = POSTER,
                                     .to = WITHDRAWALS_ADDRESS};
    struct transaction_outcome bare_outcome;
    cr_assert_eq(execute_call(&world.execution, &bare, &bare_outcome), TRANSACTION_OK);
    cr_expect_eq(bare_outcome.status, VM_REVERT);
    cr_expect_eq(asked(&WITHDRAWALS_ADDRESS, "queued()", bytes_of(NULL, 0)), 1);
}

/* Each size at which RLP or Solidity's storage changes its form. */
Test(outbox, entries_of_every_form_are_drained_and_cleared)
{
    static const size_t sizes[] = {2,   30,  31,  32,  33,  54,  55,  56,  63,   64,   252, 253,
                                   254, 255, 256, 257, 511, 512, 992, 993, 1022, 1023, 1024};
    uint64_t number = 3;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++, number += 2) {
        for (uint64_t k = 0; k < 2; k++)
            set_entry(&WITHDRAWALS_ADDRESS, number + k, entry_of(number + k, sizes[i]));
        set_numbers(&WITHDRAWALS_ADDRESS, number, number + 2);
        const struct requests requests = drain();
        expect_entries(requests.data[REQUEST_WITHDRAWALS], number, 2, sizes[i]);
        cr_expect_eq(requests.data[REQUEST_CONSOLIDATIONS].size, 0);
        cr_expect_eq(slots_used(&WITHDRAWALS_ADDRESS), 1, "only the numbers stay");
        cr_expect_eq(asked(&WITHDRAWALS_ADDRESS, "queued()", bytes_of(NULL, 0)), 0);
    }
}

/* The two stand apart: each has its queue and its request. */
Test(outbox, each_drains_its_own)
{
    set_entry(&WITHDRAWALS_ADDRESS, 0, entry_of(0, 40));
    set_numbers(&WITHDRAWALS_ADDRESS, 0, 1);
    set_entry(&CONSOLIDATIONS_ADDRESS, 9, entry_of(9, 4));
    set_numbers(&CONSOLIDATIONS_ADDRESS, 9, 10);
    const struct requests requests = drain();
    expect_entries(requests.data[REQUEST_WITHDRAWALS], 0, 1, 40);
    expect_entries(requests.data[REQUEST_CONSOLIDATIONS], 9, 1, 4);
}

/* 150 of the largest: 64, 64 and 22, oldest first, and then nothing. The gas that a system call
 * has must do for the most there can be. */
Test(outbox, at_most_64_a_block_and_the_rest_waits, .timeout = 60)
{
    for (uint64_t number = 0; number < 150; number++)
        set_entry(&CONSOLIDATIONS_ADDRESS, number, entry_of(number, OUTBOX_ENTRY_SIZE_MAX));
    set_numbers(&CONSOLIDATIONS_ADDRESS, 0, 150);
    static const size_t counts[] = {64, 64, 22};
    uint64_t number = 0;
    for (size_t i = 0; i < 3; i++) {
        const struct requests requests = drain();
        expect_entries(requests.data[REQUEST_CONSOLIDATIONS], number, counts[i],
                       OUTBOX_ENTRY_SIZE_MAX);
        cr_expect_leq(requests.data[REQUEST_CONSOLIDATIONS].size, OUTBOX_DATA_SIZE_MAX);
        number += counts[i];
        cr_expect_eq(asked(&CONSOLIDATIONS_ADDRESS, "queued()", bytes_of(NULL, 0)), 150 - number);
    }
    cr_expect_eq(drain().data[REQUEST_CONSOLIDATIONS].size, 0);
    cr_expect_eq(slots_used(&CONSOLIDATIONS_ADDRESS), 2, "the numbers and the leader's blocks");
}

/* The numbers never come near their end, but at it nothing reverts either. */
Test(outbox, drains_up_to_the_last_number)
{
    set_entry(&WITHDRAWALS_ADDRESS, UINT64_MAX - 1, entry_of(5, 6));
    set_numbers(&WITHDRAWALS_ADDRESS, UINT64_MAX - 1, UINT64_MAX);
    expect_entries(drain().data[REQUEST_WITHDRAWALS], 5, 1, 6);
}

Test(outbox, the_one_of_seals_counts_blocks_by_payout_account)
{
    static const address other = {{0x0d}};
    struct buffer leader = {0};
    static const uint8_t zeros[12];
    buffer_append_bytes(&leader, bytes_of(zeros, sizeof zeros));
    buffer_append_bytes(&leader, bytes_of(LEADER.bytes, sizeof LEADER.bytes));
    for (uint64_t block = 1; block <= 3; block++) {
        (void)drain();
        cr_expect_eq(asked(&CONSOLIDATIONS_ADDRESS, "blocksOf(address)", buffer_view(&leader)),
                     block);
    }
    world.execution.environment.beneficiary = other;
    (void)drain();
    cr_expect_eq(asked(&CONSOLIDATIONS_ADDRESS, "blocksOf(address)", buffer_view(&leader)), 3);
    buffer_cleanup(&leader);
}

/* ---- Posting: an outbox that takes entries from everybody (OpenOutbox.sol) ------------------- */

/* The value of "deployedBytecode" in the artifact of that contract. */
static void place_open_outbox(const address *account)
{
    static const char key[] = "\"deployedBytecode\": \"";
    char text[65536];
    FILE *file = fopen(LEITHER_SOURCE "/tests/unit/ledger/contracts/OpenOutbox.json", "re");
    cr_assert(file != NULL);
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    char *code = strstr(text, key);
    cr_assert(code != NULL);
    code += sizeof key - 1;
    *strchr(code, '"') = 0;
    place(account, code);
}

Test(outbox, what_is_posted_is_drained_in_order)
{
    place_open_outbox(&WITHDRAWALS_ADDRESS);
    for (uint64_t number = 0; number < 70; number++)
        cr_assert_eq(post(&WITHDRAWALS_ADDRESS, entry_of(number, 100)).status, VM_SUCCESS);
    cr_expect_eq(asked(&WITHDRAWALS_ADDRESS, "queued()", bytes_of(NULL, 0)), 70);
    expect_entries(drain().data[REQUEST_WITHDRAWALS], 0, 64, 100);
    cr_assert_eq(post(&WITHDRAWALS_ADDRESS, entry_of(70, 100)).status, VM_SUCCESS);
    expect_entries(drain().data[REQUEST_WITHDRAWALS], 64, 7, 100);
    cr_expect_eq(drain().data[REQUEST_WITHDRAWALS].size, 0);
    cr_expect_eq(slots_used(&WITHDRAWALS_ADDRESS), 1);
}

Test(outbox, an_entry_too_short_or_too_long_is_refused)
{
    static const size_t refused[] = {0, 1, 1025, 5000}, taken[] = {2, 1024};
    place_open_outbox(&WITHDRAWALS_ADDRESS);
    for (size_t i = 0; i < 4; i++) {
        const struct transaction_outcome outcome =
            post(&WITHDRAWALS_ADDRESS, entry_of(0, refused[i]));
        cr_expect_eq(outcome.status, VM_REVERT);
        cr_assert(is_error(outcome.output, "EntrySize(uint256,uint256,uint256)"));
        const u256 size = u256_load_be(outcome.output.data + 4, 32);
        const u256 max = u256_load_be(outcome.output.data + 68, 32);
        cr_expect_eq(size.limbs[0], refused[i]);
        cr_expect_eq(max.limbs[0], OUTBOX_ENTRY_SIZE_MAX);
    }
    for (size_t i = 0; i < 2; i++)
        cr_expect_eq(post(&WITHDRAWALS_ADDRESS, entry_of(0, taken[i])).status, VM_SUCCESS);
}

#include "ledger/chain/system_calls.h"

#include <criterion/criterion.h>

#include "ledger/state/memory.h"
#include "vm/base/hex.h"

/* A block of Prague without transactions. */
static struct world {
    struct memory_state *memory;
    struct state_reader reader;
    struct arena arena;
    struct execution execution;
} world;

static const address FRIEND = {{0xbb}};
static const address CONTRACT = {{0xdd}};

static void set_up(void)
{
    world = (struct world){.memory = memory_state_new()};
    world.reader = memory_state_reader(world.memory);
    world.execution = (struct execution){.vm = vm_new(),
                                         .state = state_new(&world.reader),
                                         .arena = &world.arena,
                                         .environment = {.fork = VM_FORK_PRAGUE,
                                                         .chain_id = 9,
                                                         .number = 20000,
                                                         .timestamp = 1000,
                                                         .gas_limit = 1000000,
                                                         .parent_hash = {{0xab, 0xcd}},
                                                         .blob_base_fee = {{1, 0, 0, 0}}}};
}

static void tear_down(void)
{
    vm_free(world.execution.vm);
    state_free(world.execution.state);
    memory_state_free(world.memory);
    arena_cleanup(&world.arena);
}

TestSuite(system_calls, .init = set_up, .fini = tear_down);

static void place(const address *account, const char *code_hex)
{
    uint8_t code[256];
    const size_t size = strlen(code_hex) / 2;
    cr_assert(size <= sizeof code && hex_decode(code, size, code_hex));
    state_set_code(world.execution.state, account, bytes_of(code, size));
}

static u256 slot(const address *account, uint64_t number)
{
    const u256 key = u256_from_u64(number);
    return state_slot(world.execution.state, account, &key);
}

Test(system_calls, withdrawals_are_credited_in_whole_gwei)
{
    struct withdrawal withdrawals[] = {{0, 1, FRIEND, 3}, {1, 2, FRIEND, 4}, {2, 3, CONTRACT, 0}};
    struct arena arena = {0};
    execution_end_block(&world.execution, withdrawals, 3);
    cr_expect_eq(state_account(world.execution.state, &FRIEND).balance.limbs[0], 7000000000);
    cr_expect_eq(state_changes(world.execution.state, &arena).accounts_count, 1);
    arena_cleanup(&arena);
}

/* The standard code of EIP-4788 keeps the time and the root in two ring buffers. */
static const char BEACON_ROOTS_CODE[] =
    "3373fffffffffffffffffffffffffffffffffffffffe14604d57602036146024575f5ffd5b5f358015604957"
    "62001fff810690815414603c575f5ffd5b62001fff01545f5260205ff35b5f5ffd5b62001fff42064281555f"
    "359062001fff015500";
/* EIP-2935's keeps the parent's hash under (number - 1) mod 8191. */
static const char HISTORY_STORAGE_CODE[] =
    "3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257"
    "611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500";

Test(system_calls, a_blocks_start_stores_beacon_root_and_parent)
{
    execution_begin_block(&world.execution); /* without the contracts: nothing happens */
    place(&BEACON_ROOTS_ADDRESS, BEACON_ROOTS_CODE);
    place(&HISTORY_STORAGE_ADDRESS, HISTORY_STORAGE_CODE);
    world.execution.environment.parent_beacon_block_root.bytes[31] = 0x42;
    execution_begin_block(&world.execution);
    cr_expect_eq(slot(&BEACON_ROOTS_ADDRESS, 1000 % 8191).limbs[0], 1000);
    cr_expect_eq(slot(&BEACON_ROOTS_ADDRESS, 1000 % 8191 + 8191).limbs[0], 0x42);
    const u256 parent = u256_from_hash(&world.execution.environment.parent_hash);
    const u256 stored = slot(&HISTORY_STORAGE_ADDRESS, 19999 % 8191);
    cr_expect(u256_equal(&stored, &parent));
    cr_expect_eq(world.execution.gas_used, 0);
}

Test(system_calls, before_prague_no_parent_is_stored_and_no_request_made)
{
    struct requests requests;
    world.execution.environment.fork = VM_FORK_CANCUN;
    place(&HISTORY_STORAGE_ADDRESS, HISTORY_STORAGE_CODE);
    place(&WITHDRAWALS_ADDRESS, "fe");
    place(&CONSOLIDATIONS_ADDRESS, "fe");
    execution_begin_block(&world.execution);
    const u256 nothing = slot(&HISTORY_STORAGE_ADDRESS, 19999 % 8191);
    cr_expect(u256_is_zero(&nothing));
    cr_expect_eq(execution_collect_requests(&world.execution, NULL, 0, NULL, &requests),
                 REQUESTS_OK);
    for (unsigned type = 0; type < REQUEST_TYPE_COUNT; type++)
        cr_expect_eq(requests.data[type].size, 0);
}

static enum requests_verdict collect(struct requests *requests)
{
    return execution_collect_requests(&world.execution, NULL, 0, NULL, requests);
}

/* MSTORE8(0, x); RETURN(0, 1), with x = 0x11 and 0x22; the first asks that the caller is the
 * system's address, without which it fails. */
static const char WITHDRAWALS_SAMPLE[] =
    "73fffffffffffffffffffffffffffffffffffffffe3314601b57fe5b60115f5360015ff3";
static const char CONSOLIDATIONS_SAMPLE[] = "60225f5360015ff3";

Test(system_calls, a_blocks_end_collects_what_the_two_contracts_return)
{
    struct requests requests;
    place(&WITHDRAWALS_ADDRESS, WITHDRAWALS_SAMPLE);
    place(&CONSOLIDATIONS_ADDRESS, CONSOLIDATIONS_SAMPLE);
    cr_assert_eq(collect(&requests), REQUESTS_OK);
    cr_expect_eq(requests.data[REQUEST_DEPOSITS].size, 0);
    cr_expect(bytes_equal(requests.data[REQUEST_WITHDRAWALS], bytes_of("\x11", 1)));
    cr_expect(bytes_equal(requests.data[REQUEST_CONSOLIDATIONS], bytes_of("\x22", 1)));
    cr_expect_eq(world.execution.gas_used, 0);
}

Test(system_calls, a_missing_contract_or_a_failing_call_is_told)
{
    struct requests requests;
    place(&WITHDRAWALS_ADDRESS, WITHDRAWALS_SAMPLE);
    cr_expect_eq(collect(&requests), REQUESTS_NO_CONTRACT);
    place(&CONSOLIDATIONS_ADDRESS, "60015f555f5ffd"); /* SSTORE(0, 1); REVERT(0, 0) */
    cr_expect_eq(collect(&requests), REQUESTS_CALL_FAILED);
    const u256 undone = slot(&CONSOLIDATIONS_ADDRESS, 0);
    cr_expect(u256_is_zero(&undone));
    place(&CONSOLIDATIONS_ADDRESS, "5b5f56"); /* jumps until its gas is gone */
    cr_expect_eq(collect(&requests), REQUESTS_CALL_FAILED);
    place(&CONSOLIDATIONS_ADDRESS, CONSOLIDATIONS_SAMPLE);
    cr_expect_eq(collect(&requests), REQUESTS_OK);
    place(&WITHDRAWALS_ADDRESS, "fe");
    cr_expect_eq(collect(&requests), REQUESTS_CALL_FAILED);
}

/* ---- Deposits ------------------------------------------------------------------------------ */

/* The ABI encoding of five byte strings of 48, 32, 8, 96 and 8 bytes, each of one digit. */
static void fill_deposit(uint8_t log[576])
{
    static const unsigned offsets[] = {160, 256, 320, 384, 512}, sizes[] = {48, 32, 8, 96, 8};
    memset(log, 0, 576);
    for (unsigned i = 0; i < 5; i++) {
        log[32 * i + 30] = (uint8_t)(offsets[i] >> 8);
        log[32 * i + 31] = (uint8_t)offsets[i];
        log[offsets[i] + 31] = (uint8_t)sizes[i];
        memset(log + offsets[i] + 32, (int)i + 1, sizes[i]);
    }
}

static struct log deposit_log(const uint8_t *data, size_t size)
{
    struct log log = {
        .account = MAINNET_DEPOSIT_CONTRACT, .topics_count = 1, .data = bytes_of(data, size)};
    cr_assert(hex_decode(log.topics[0].bytes, 32,
                         "649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5"));
    return log;
}

static enum requests_verdict collect_from(struct log *logs, size_t count, struct requests *requests)
{
    struct receipt receipts[2] = {{.logs = NULL}, {.logs = logs, .logs_count = count}};
    return execution_collect_requests(&world.execution, receipts, 2, &MAINNET_DEPOSIT_CONTRACT,
                                      requests);
}

Test(system_calls, deposits_are_the_fields_of_their_logs_in_order)
{
    struct requests requests;
    uint8_t data[576], expected[192];
    place(&WITHDRAWALS_ADDRESS, "00");
    place(&CONSOLIDATIONS_ADDRESS, "00");
    fill_deposit(data);
    struct log logs[] = {deposit_log(data, 576), deposit_log(data, 576), deposit_log(data, 1),
                         deposit_log(data, 1)};
    logs[2].account = FRIEND;        /* another contract's log */
    logs[3].topics[0].bytes[0] ^= 1; /* another event */
    memset(expected, 1, 48);
    memset(expected + 48, 2, 32);
    memset(expected + 80, 3, 8);
    memset(expected + 88, 4, 96);
    memset(expected + 184, 5, 8);
    cr_assert_eq(collect_from(logs, 4, &requests), REQUESTS_OK);
    cr_assert_eq(requests.data[REQUEST_DEPOSITS].size, 384);
    for (size_t i = 0; i < 384; i += 192)
        cr_expect_arr_eq(requests.data[REQUEST_DEPOSITS].data + i, expected, 192);
}

/* EIP-6110: another layout makes the block invalid. */
Test(system_calls, a_deposit_of_another_layout_is_told)
{
    static const unsigned layout[] = {31, 63, 95, 127, 159, 191, 287, 351, 415, 543, 0, 160};
    struct requests requests;
    uint8_t data[577];
    place(&WITHDRAWALS_ADDRESS, "00");
    place(&CONSOLIDATIONS_ADDRESS, "00");
    for (size_t i = 0; i < sizeof layout / sizeof *layout; i++) {
        fill_deposit(data);
        data[layout[i]] ^= 1;
        struct log log = deposit_log(data, 576);
        cr_expect_eq(collect_from(&log, 1, &requests), REQUESTS_BAD_DEPOSIT, "byte %u", layout[i]);
    }
    fill_deposit(data);
    for (size_t size = 575; size <= 577; size++) {
        struct log log = deposit_log(data, size);
        cr_expect_eq(collect_from(&log, 1, &requests),
                     size == 576 ? REQUESTS_OK : REQUESTS_BAD_DEPOSIT, "%zu", size);
    }
}

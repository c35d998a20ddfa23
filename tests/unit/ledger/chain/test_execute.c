#include "ledger/chain/execute.h"

#include <criterion/criterion.h>

#include "ledger/state/memory.h"
#include "vm/delegation.h"

#define FUNDS 1000000000000000000ull

/* A sender with a coin, a base fee of 7, and room for what a test wants. */
struct world {
    struct memory_state *memory;
    struct state_reader reader;
    struct arena arena;
    struct execution execution;
};

static const address SENDER = {{0xaa}};
static const address FRIEND = {{0xbb}};
static const address COINBASE = {{0xcc}};
static const address CONTRACT = {{0xdd}};

static void set_up(struct world *world)
{
    u256 funds = u256_from_u64(FUNDS);
    *world = (struct world){.memory = memory_state_new()};
    world->reader = memory_state_reader(world->memory);
    world->execution = (struct execution){.vm = vm_new(),
                                          .state = state_new(&world->reader),
                                          .arena = &world->arena,
                                          .chain_id_check = 9,
                                          .environment = {.fork = VM_FORK_CANCUN,
                                                          .chain_id = 9,
                                                          .number = 1,
                                                          .timestamp = 1000,
                                                          .gas_limit = 1000000,
                                                          .beneficiary = COINBASE,
                                                          .base_fee = {{7, 0, 0, 0}},
                                                          .blob_base_fee = {{1, 0, 0, 0}}}};
    state_add_balance(world->execution.state, &SENDER, &funds);
}

static void tear_down(struct world *world)
{
    vm_free(world->execution.vm);
    state_free(world->execution.state);
    memory_state_free(world->memory);
    arena_cleanup(&world->arena);
}

static struct transaction payment(void)
{
    return (struct transaction){.type = TRANSACTION_DYNAMIC_FEE,
                                .has_chain_id = true,
                                .chain_id = 9,
                                .gas_limit = 21000,
                                .max_fee = {{10, 0, 0, 0}},
                                .max_priority = {{2, 0, 0, 0}},
                                .to = FRIEND,
                                .value = {{1000, 0, 0, 0}},
                                .sender = SENDER};
}

static uint64_t balance(struct world *world, address at)
{
    return state_account(world->execution.state, &at).balance.limbs[0];
}

static void deploy(struct world *world, const char *code, size_t size)
{
    state_set_code(world->execution.state, &CONTRACT, bytes_of(code, size));
}

static enum transaction_verdict run(struct world *world, struct transaction tx,
                                    struct receipt *receipt, struct transaction_outcome *outcome)
{
    return execute_transaction(&world->execution, &tx, receipt, outcome);
}

Test(execute, a_payment_moves_value_pays_the_tip_and_burns_the_base_fee)
{
    struct world world;
    struct receipt receipt;
    struct transaction_outcome outcome;
    set_up(&world);
    cr_assert_eq(run(&world, payment(), &receipt, &outcome), TRANSACTION_OK);
    cr_expect_eq(outcome.status, VM_SUCCESS);
    cr_expect_eq(outcome.gas_used, 21000);
    cr_expect_eq(balance(&world, SENDER), FUNDS - 1000 - 21000 * 9);
    cr_expect_eq(balance(&world, FRIEND), 1000);
    cr_expect_eq(balance(&world, COINBASE), 21000 * 2);
    cr_expect_eq(world.execution.burnt_wei.limbs[0], 21000 * 7);
    cr_expect_eq(world.execution.gas_used, 21000);
    cr_expect(receipt.is_success && receipt.cumulative_gas_used == 21000
              && receipt.type == TRANSACTION_DYNAMIC_FEE && receipt.logs_count == 0);
    cr_expect_eq(state_account(world.execution.state, &SENDER).nonce, 1);
    tear_down(&world);
}

static void expect_refused(struct world *world, struct transaction tx,
                           enum transaction_verdict expected)
{
    struct transaction_outcome outcome;
    struct arena arena = {0};
    size_t changed = state_changes(world->execution.state, &arena).accounts_count;
    uint64_t gas = world->execution.gas_used;
    enum transaction_verdict verdict = run(world, tx, NULL, &outcome);
    cr_expect_eq(verdict, expected, "got: %s, expected: %s", transaction_verdict_text(verdict),
                 transaction_verdict_text(expected));
    cr_expect_eq(world->execution.gas_used, gas);
    cr_expect_eq(state_changes(world->execution.state, &arena).accounts_count, changed);
    arena_cleanup(&arena);
}

Test(execute, every_refusal_has_its_verdict_and_changes_nothing)
{
    struct world world;
    struct transaction tx;
    set_up(&world);
    tx = payment();
    tx.chain_id = 8;
    expect_refused(&world, tx, TRANSACTION_WRONG_CHAIN_ID);
    tx = payment();
    tx.type = TRANSACTION_LEGACY;
    tx.has_chain_id = false;
    expect_refused(&world, tx, TRANSACTION_NO_CHAIN_ID);
    tx = payment();
    tx.type = TRANSACTION_BLOB;
    expect_refused(&world, tx, TRANSACTION_TYPE_BLOB);
    tx = payment();
    tx.nonce = 1;
    expect_refused(&world, tx, TRANSACTION_NONCE_TOO_HIGH);
    tx = payment();
    tx.max_fee.limbs[0] = 6;
    expect_refused(&world, tx, TRANSACTION_FEE_BELOW_BASE);
    tx = payment();
    tx.max_priority.limbs[0] = 11;
    expect_refused(&world, tx, TRANSACTION_TIP_ABOVE_FEE);
    tx = payment();
    tx.gas_limit = 1000001;
    expect_refused(&world, tx, TRANSACTION_GAS_OVER_BLOCK);
    tx = payment();
    tx.gas_limit = 20999;
    expect_refused(&world, tx, TRANSACTION_GAS_BELOW_INTRINSIC);
    tx = payment();
    tx.value.limbs[0] = FUNDS - 21000 * 10 + 1;
    expect_refused(&world, tx, TRANSACTION_INSUFFICIENT_FUNDS);
    tx = payment();
    tx.sender = CONTRACT;
    deploy(&world, "\x00", 1);
    expect_refused(&world, tx, TRANSACTION_SENDER_HAS_CODE);
    state_set_nonce(world.execution.state, &SENDER, 5);
    tx = payment();
    tx.nonce = 4;
    expect_refused(&world, tx, TRANSACTION_NONCE_TOO_LOW);
    state_set_nonce(world.execution.state, &SENDER, UINT64_MAX);
    tx.nonce = UINT64_MAX;
    expect_refused(&world, tx, TRANSACTION_NONCE_MAX);
    tear_down(&world);
}

Test(execute, the_block_has_room_only_for_what_is_left_of_its_gas)
{
    struct world world;
    struct transaction_outcome outcome;
    struct transaction tx = payment();
    set_up(&world);
    world.execution.environment.gas_limit = 50000;
    for (tx.nonce = 0; tx.nonce < 2; tx.nonce++)
        cr_assert_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
    expect_refused(&world, tx, TRANSACTION_GAS_OVER_BLOCK);
    tear_down(&world);
}

/* SSTORE(0, CALLDATALOAD(0)): clearing a slot refunds 4800, at most a fifth of the gas used. */
Test(execute, refunds_are_capped_at_a_fifth)
{
    struct world world;
    struct transaction_outcome outcome;
    struct transaction tx = payment();
    u256 zero = U256_ZERO;
    u256 one = U256_ONE;
    set_up(&world);
    deploy(&world, "\x5f\x35\x5f\x55", 4);
    state_begin_transaction(world.execution.state);
    state_set_slot(world.execution.state, &CONTRACT, &zero, &one);
    state_end_transaction(world.execution.state);
    tx.to = CONTRACT;
    tx.gas_limit = 100000;
    tx.value = U256_ZERO;
    cr_assert_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
    uint64_t spent = 21000 + 2 + 3 + 2 + 2100 + 2900;
    cr_expect_eq(outcome.gas_used, spent - 4800, "%lu", (unsigned long)outcome.gas_used);
    cr_expect_eq(balance(&world, SENDER), FUNDS - 9 * outcome.gas_used);
    tear_down(&world);
}

/* LOG0, then REVERT: no log, the gas used so far is paid, the rest given back. */
Test(execute, a_revert_keeps_nothing_but_the_fee)
{
    struct world world;
    struct receipt receipt;
    struct transaction_outcome outcome;
    struct transaction tx = payment();
    set_up(&world);
    deploy(&world, "\x5f\x5f\xa0\x60\x20\x5f\xfd", 7);
    tx.to = CONTRACT;
    tx.gas_limit = 100000;
    cr_assert_eq(run(&world, tx, &receipt, &outcome), TRANSACTION_OK);
    cr_expect_eq(outcome.status, VM_REVERT);
    cr_expect_eq(outcome.output.size, 32);
    cr_expect_not(receipt.is_success);
    cr_expect_eq(receipt.logs_count, 0);
    cr_expect_lt(outcome.gas_used, 22000);
    cr_expect_eq(balance(&world, SENDER), FUNDS - 9 * outcome.gas_used);
    cr_expect_eq(state_account(world.execution.state, &SENDER).nonce, 1);
    tear_down(&world);
}

Test(execute, a_creation_tells_its_address_and_logs_outlive_the_transaction)
{
    struct world world;
    struct receipt receipt;
    struct transaction_outcome outcome;
    struct transaction tx = payment();
    set_up(&world);
    tx.is_create = true;
    tx.gas_limit = 200000;
    /* MSTORE8(0, 1); LOG0(0, 1); RETURN(0, 1) */
    tx.data = bytes_of("\x60\x01\x5f\x53\x60\x01\x5f\xa0\x60\x01\x5f\xf3", 12);
    cr_assert_eq(run(&world, tx, &receipt, &outcome), TRANSACTION_OK);
    cr_expect_eq(outcome.status, VM_SUCCESS, "%s", vm_status_name(outcome.status));
    address expected = vm_create_address(&SENDER, 0);
    cr_expect(outcome.is_create && address_equal(&outcome.created, &expected));
    struct bytes code = state_code(world.execution.state, &expected);
    cr_expect(bytes_equal(code, bytes_of("\x01", 1)));
    struct transaction next = payment();
    next.nonce = 1;
    cr_assert_eq(run(&world, next, NULL, &outcome), TRANSACTION_OK);
    cr_assert_eq(receipt.logs_count, 1);
    cr_expect(bytes_equal(receipt.logs[0].data, bytes_of("\x01", 1)));
    cr_expect(bloom_may_contain(receipt.bloom, bytes_of(expected.bytes, 20)));
    tear_down(&world);
}

Test(execute, a_call_needs_no_nonce_and_no_fee_but_the_value)
{
    struct world world;
    struct transaction_outcome outcome;
    struct transaction tx = payment();
    set_up(&world);
    tx.nonce = 77;
    tx.max_fee = tx.max_priority = U256_ZERO;
    tx.gas_limit = 50000000; /* over the block's: a call has its own bound */
    deploy(&world, "\x48\x5f\x52\x60\x20\x5f\xf3", 7); /* returns BASEFEE: 0 in a free call */
    tx.to = CONTRACT;
    cr_assert_eq(execute_call(&world.execution, &tx, &outcome), TRANSACTION_OK);
    cr_expect_eq(outcome.status, VM_SUCCESS);
    cr_expect(outcome.output.size == 32 && outcome.output.data[31] == 0);
    cr_expect_eq(balance(&world, SENDER), FUNDS - 1000);
    tx.value.limbs[0] = FUNDS;
    cr_expect_eq(execute_call(&world.execution, &tx, &outcome), TRANSACTION_INSUFFICIENT_FUNDS);
    tx.value = U256_ZERO;
    tx.gas_limit = 100;
    cr_expect_eq(execute_call(&world.execution, &tx, &outcome), TRANSACTION_GAS_BELOW_INTRINSIC);
    tear_down(&world);
}

/* Many payments and contracts that call themselves to pieces: what was there is there, or was
 * burnt, or destroyed. */
Test(execute, balances_burnt_and_destroyed_add_up)
{
    struct world world;
    struct transaction_outcome outcome;
    struct transaction tx = payment();
    set_up(&world);
    tx.gas_limit = 100000;
    for (tx.nonce = 0; tx.nonce < 8; tx.nonce++) {
        tx.is_create = tx.nonce % 2 == 1;
        tx.data = tx.is_create ? bytes_of("\x30\xff", 2) : bytes_of(NULL, 0); /* to itself */
        cr_assert_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
        cr_expect_eq(outcome.status, VM_SUCCESS);
    }
    uint64_t burnt = world.execution.burnt_wei.limbs[0];
    uint64_t destroyed = state_destroyed(world.execution.state).limbs[0];
    cr_expect_eq(destroyed, 4000);
    cr_expect_eq(balance(&world, SENDER) + balance(&world, FRIEND) + balance(&world, COINBASE)
                     + burnt + destroyed,
                 FUNDS);
    tear_down(&world);
}

/* ---- Set-code transactions (EIP-7702) ---- */

static const address DELEGATE = {{0xee}};

static struct secret_key authority_key(uint8_t number)
{
    struct secret_key key;
    uint8_t bytes[32];
    memset(bytes, number, sizeof bytes);
    cr_assert(secret_key_load(&key, bytes));
    return key;
}

static struct authorization authorize(uint8_t who, uint64_t chain_id, uint64_t nonce,
                                      address delegate)
{
    struct secret_key key = authority_key(who);
    struct authorization authorization = {
        .chain_id = u256_from_u64(chain_id), .delegate = delegate, .nonce = nonce};
    authorization_sign(&authorization, &key);
    return authorization;
}

static struct transaction set_code(struct authorization *authorizations, size_t count)
{
    struct transaction tx = payment();
    tx.type = TRANSACTION_SET_CODE;
    tx.gas_limit = 500000;
    tx.value = U256_ZERO;
    tx.authorizations = authorizations;
    tx.authorizations_count = count;
    return tx;
}

/* The account the authority delegates to; zero if it has no code. */
static address delegate_of(struct world *world, address authority)
{
    address delegate = {{0}};
    struct bytes code = state_code(world->execution.state, &authority);
    cr_assert(code.size == 0 || vm_delegation_decode(code, &delegate));
    return delegate;
}

static bool delegates_to(struct world *world, address authority, address delegate)
{
    address found = delegate_of(world, authority);
    return address_equal(&found, &delegate);
}

static uint64_t nonce_of(struct world *world, address at)
{
    return state_account(world->execution.state, &at).nonce;
}

static void set_up_prague(struct world *world)
{
    set_up(world);
    world->execution.environment.fork = VM_FORK_PRAGUE;
}

Test(execute, an_authorization_sets_code_and_nonce_and_outlives_a_failure)
{
    struct world world;
    struct receipt receipt;
    struct transaction_outcome outcome;
    set_up_prague(&world);
    deploy(&world, "\xfe", 1);
    struct authorization list[] = {authorize(1, 9, 0, DELEGATE)};
    struct transaction tx = set_code(list, 1);
    tx.to = CONTRACT; /* fails */
    cr_assert_eq(run(&world, tx, &receipt, &outcome), TRANSACTION_OK);
    cr_expect_eq(outcome.status, VM_INVALID_OPCODE);
    cr_expect_eq(receipt.type, 4);
    cr_expect(delegates_to(&world, list[0].authority, DELEGATE));
    cr_expect_eq(nonce_of(&world, list[0].authority), 1);
    cr_expect_eq(outcome.gas_used, 500000);
    tear_down(&world);
}

Test(execute, an_authorization_that_does_not_fit_is_passed_over)
{
    struct world world;
    struct transaction_outcome outcome;
    set_up_prague(&world);
    struct authorization list[] = {
        authorize(1, 8, 0, DELEGATE),          /* another chain's */
        authorize(2, 9, 1, DELEGATE),          /* nonce ahead */
        authorize(3, 9, UINT64_MAX, DELEGATE), /* no nonce after it */
        authorize(4, 9, 0, DELEGATE),          /* of a contract */
        authorize(5, 9, 0, DELEGATE),          /* signed by nobody */
        authorize(6, 0, 0, DELEGATE),          /* for every chain: fits */
    };
    list[4].has_authority = false;
    state_set_nonce(world.execution.state, &list[2].authority, UINT64_MAX);
    state_set_code(world.execution.state, &list[3].authority, bytes_of("\x00", 1));
    state_begin_transaction(world.execution.state);
    cr_assert_eq(run(&world, set_code(list, 6), NULL, &outcome), TRANSACTION_OK);
    for (size_t i = 0; i < 3; i++)
        cr_expect(delegates_to(&world, list[i].authority, (address){{0}}), "%zu", i);
    cr_expect_eq(state_code(world.execution.state, &list[3].authority).size, 1);
    cr_expect(delegates_to(&world, list[5].authority, DELEGATE));
    cr_expect_eq(nonce_of(&world, list[0].authority), 0);
    cr_expect_eq(outcome.gas_used, 21000 + 6 * 25000, "all are paid for: %lu",
                 (unsigned long)outcome.gas_used);
    tear_down(&world);
}

/* 12500 come back for an account that is there already, within the cap of a fifth. */
Test(execute, an_authority_that_is_no_new_account_costs_less)
{
    struct world world;
    struct transaction_outcome outcome;
    set_up_prague(&world);
    struct authorization list[] = {authorize(1, 9, 0, DELEGATE), authorize(1, 9, 1, FRIEND),
                                   authorize(1, 9, 1, CONTRACT)};
    cr_assert_eq(run(&world, set_code(list, 1), NULL, &outcome), TRANSACTION_OK);
    cr_expect_eq(outcome.gas_used, 46000, "a new account: %lu", (unsigned long)outcome.gas_used);
    struct transaction tx = set_code(list + 1, 2);
    tx.nonce = 1;
    cr_assert_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
    cr_expect_eq(outcome.gas_used, 71000 - 12500);
    cr_expect(delegates_to(&world, list[0].authority, FRIEND), "the last that fits counts");
    cr_expect_eq(nonce_of(&world, list[0].authority), 2);
    tear_down(&world);
}

Test(execute, authorizations_of_one_authority_follow_each_other)
{
    struct world world;
    struct transaction_outcome outcome;
    set_up_prague(&world);
    struct authorization list[] = {authorize(1, 9, 0, DELEGATE), authorize(1, 9, 1, FRIEND),
                                   authorize(1, 9, 2, (address){{0}})};
    cr_assert_eq(run(&world, set_code(list, 3), NULL, &outcome), TRANSACTION_OK);
    cr_expect_eq(nonce_of(&world, list[0].authority), 3);
    struct account account = state_account(world.execution.state, &list[0].authority);
    cr_expect(hash256_equal(&account.code_hash, &EMPTY_CODE_HASH), "cleared");
    cr_expect_eq(outcome.gas_used, 96000 - 96000 / 5, "two refunds, capped");
    tear_down(&world);
}

/* Its own nonce is counted up before its authorizations are looked at. */
Test(execute, a_sender_authorizes_itself_with_the_next_nonce)
{
    struct world world;
    struct transaction_outcome outcome;
    set_up_prague(&world);
    struct authorization wrong = authorize(7, 9, 0, DELEGATE), right = authorize(7, 9, 1, DELEGATE);
    u256 funds = u256_from_u64(FUNDS);
    state_add_balance(world.execution.state, &right.authority, &funds);
    struct transaction tx = set_code(&wrong, 1);
    tx.sender = wrong.authority;
    cr_assert_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
    cr_expect(delegates_to(&world, right.authority, (address){{0}}));
    tx = set_code(&right, 1);
    right = authorize(7, 9, 2, DELEGATE);
    tx.sender = right.authority;
    tx.nonce = 1;
    cr_assert_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
    cr_expect(delegates_to(&world, right.authority, DELEGATE));
    cr_expect_eq(nonce_of(&world, right.authority), 3);
    /* EIP-3607's exception: it still sends, as the account it is */
    tx = payment();
    tx.sender = right.authority;
    tx.nonce = 3;
    cr_expect_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
    world.execution.environment.fork = VM_FORK_CANCUN;
    tx.nonce = 4;
    expect_refused(&world, tx, TRANSACTION_SENDER_HAS_CODE);
    tear_down(&world);
}

/* ADDRESS BALANCE at the delegate: the authority's, called in the very transaction. */
Test(execute, a_delegated_recipient_runs_its_delegates_code_at_once)
{
    struct world world;
    struct transaction_outcome outcome;
    set_up_prague(&world);
    deploy(&world, "\x30\x31\x5f\x52\x60\x20\x5f\xf3", 8);
    struct authorization list[] = {authorize(1, 9, 0, CONTRACT)};
    struct transaction tx = set_code(list, 1);
    tx.to = list[0].authority;
    tx.value.limbs[0] = 77;
    cr_assert_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
    cr_expect_eq(outcome.status, VM_SUCCESS);
    cr_assert_eq(outcome.output.size, 32);
    cr_expect_eq(outcome.output.data[31], 77);
    cr_expect_eq(outcome.gas_used, 46000 + 2 + 100 + 2 + 3 + 3 + 3 + 2);
    tear_down(&world);
}

/* The authority is warm afterwards, good nonce or not; its new delegate is not. */
Test(execute, an_authorization_warms_its_authority)
{
    for (uint64_t nonce = 0; nonce < 2; nonce++) {
        struct world world;
        struct transaction_outcome outcome;
        set_up_prague(&world);
        struct authorization list[] = {authorize(1, 9, nonce, DELEGATE)};
        uint8_t code[] = {0x73, [21] = 0x31, [22] = 0x73, [43] = 0x31}; /* PUSH20 BALANCE, twice */
        memcpy(code + 1, list[0].authority.bytes, 20);
        memcpy(code + 23, DELEGATE.bytes, 20);
        deploy(&world, (const char *)code, sizeof code);
        struct transaction tx = set_code(list, 1);
        tx.to = CONTRACT;
        cr_assert_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
        cr_expect_eq(outcome.gas_used, 46000 + 3 + 100 + 3 + 2600);
        tear_down(&world);
    }
}

/* ---- Calldata's floor (EIP-7623) and the gas cap (EIP-7825) ---- */

Test(execute, calldata_costs_its_floor_when_little_is_run)
{
    struct world world;
    struct transaction_outcome outcome;
    struct transaction tx = payment();
    uint8_t data[1000];
    memset(data, 1, sizeof data);
    set_up_prague(&world);
    tx.data = bytes_of(data, sizeof data);
    tx.gas_limit = 100000;
    cr_assert_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
    cr_expect_eq(outcome.gas_used, 21000 + 40 * 1000);
    cr_expect_eq(balance(&world, SENDER), FUNDS - 1000 - 9 * outcome.gas_used);
    cr_expect_eq(balance(&world, COINBASE), 2 * outcome.gas_used);
    world.execution.environment.fork = VM_FORK_CANCUN;
    tx.nonce = 1;
    cr_assert_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
    cr_expect_eq(outcome.gas_used, 21000 + 16 * 1000);
    tear_down(&world);
}

/* The floor is compared with what is left after refunds, and costs nothing above it. */
Test(execute, the_floor_comes_after_refunds)
{
    struct world world;
    struct transaction_outcome outcome;
    struct transaction tx = payment();
    u256 zero = U256_ZERO, one = U256_ONE;
    uint8_t data[200] = {0};
    set_up_prague(&world);
    deploy(&world, "\x5f\x35\x5f\x55", 4); /* clears slot 0 */
    state_begin_transaction(world.execution.state);
    state_set_slot(world.execution.state, &CONTRACT, &zero, &one);
    state_end_transaction(world.execution.state);
    tx.to = CONTRACT;
    tx.gas_limit = 100000;
    tx.value = U256_ZERO;
    tx.data = bytes_of(data, sizeof data);
    cr_assert_eq(run(&world, tx, NULL, &outcome), TRANSACTION_OK);
    uint64_t spent = 21000 + 4 * 200 + 2 + 3 + 2 + 2100 + 2900;
    cr_expect_lt(spent - 4800, 21000 + 10 * 200);
    cr_expect_eq(outcome.gas_used, 21000 + 10 * 200);
    tear_down(&world);
}

Test(execute, calls_know_the_floor_but_no_cap)
{
    struct world world;
    struct transaction_outcome outcome;
    struct transaction tx = payment();
    uint8_t data[100];
    memset(data, 1, sizeof data);
    set_up(&world);
    world.execution.environment.fork = VM_FORK_OSAKA;
    tx.max_fee = tx.max_priority = U256_ZERO;
    tx.gas_limit = 50000000;
    cr_expect_eq(execute_call(&world.execution, &tx, &outcome), TRANSACTION_OK);
    tx.data = bytes_of(data, sizeof data);
    tx.gas_limit = 21000 + 40 * 100 - 1;
    cr_expect_eq(execute_call(&world.execution, &tx, &outcome), TRANSACTION_GAS_BELOW_FLOOR);
    tx.gas_limit++;
    cr_expect_eq(execute_call(&world.execution, &tx, &outcome), TRANSACTION_OK);
    cr_expect_eq(outcome.gas_used, 21000 + 40 * 100);
    tx = payment();
    tx.nonce = nonce_of(&world, SENDER);
    world.execution.environment.gas_limit = 100000000;
    tx.gas_limit = 16777217;
    expect_refused(&world, tx, TRANSACTION_GAS_OVER_CAP);
    tear_down(&world);
}

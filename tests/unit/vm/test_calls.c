#include "vm/calls.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/vm/world.h"
#include "vm/crypto/keccak.h"

#define PLENTY 10000000

static struct world *new_world(void)
{
    struct world *world = memory_new(sizeof *world);
    world_init(world);
    return world;
}

static void free_world(struct world *world)
{
    world_cleanup(world);
    free(world);
}

static uint64_t balance_of(struct world *world, uint64_t number)
{
    address account = world_address(number);
    return world_account(world, &account)->balance.limbs[0];
}

static uint64_t slot_of(struct world *world, uint64_t account_number, uint64_t key)
{
    address account = world_address(account_number);
    return world_slot(world, &account, key)->current.limbs[0];
}

/* CALL(gas 0xffff, to 0xbeef, value, no input, output 32 bytes at 0); leaves the verdict. */
#define CALL_BEEF(value) "6020 5f 5f 5f " value " 61beef 61ffff f1"
#define RETURN_WORD      "5f52 6020 5ff3"
#define PUSHES           (3 + 2 + 2 + 2 + 2 + 3 + 3)

Test(calls, pay_for_cold_accounts_value_and_new_accounts)
{
    struct world *world = new_world();
    /* no code, no value: 2600 and memory; nothing of the gas given is used */
    struct vm_result result = world_run(world, CALL_BEEF("5f"), PLENTY);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(PLENTY - result.gas_left, PUSHES + 2600 + 3);
    /* warm now; value to an account that does not exist: the stipend comes back */
    result = world_run(world, CALL_BEEF("6001"), PLENTY);
    cr_expect_eq(PLENTY - result.gas_left, PUSHES + 1 + 100 + 3 + 9000 + 25000 - 2300);
    cr_expect_eq(balance_of(world, 0xbeef), 1);
    result = world_run(world, CALL_BEEF("6001"), PLENTY);
    cr_expect_eq(PLENTY - result.gas_left, PUSHES + 1 + 100 + 3 + 9000 - 2300);
    cr_expect_eq(balance_of(world, WORLD_CONTRACT), 5000 - 2);
    free_world(world);
}

Test(calls, return_output_verdict_and_return_data)
{
    struct world *world = new_world();
    world_set_code(world, 0xbeef, "602a" RETURN_WORD);
    /* the output, at 0 */
    struct vm_result result = world_run(world, CALL_BEEF("5f") "50 6020 5f f3", PLENTY);
    cr_expect_eq(world_answer(result).limbs[0], 42);
    result = world_run(world, CALL_BEEF("5f") RETURN_WORD, PLENTY);
    cr_expect_eq(world_answer(result).limbs[0], 1);
    /* RETURNDATACOPY to 64 */
    result = world_run(world, CALL_BEEF("5f") "3d 5f 6040 3e 6020 6040 f3", PLENTY);
    cr_expect_eq(world_answer(result).limbs[0], 42);
    result = world_run(world, CALL_BEEF("5f") "6021 5f 6040 3e", PLENTY);
    cr_expect_eq(result.status, VM_RETURN_DATA_OUT_OF_BOUNDS);
    result = world_run(world, CALL_BEEF("5f") "5f 6020 5f 3e", PLENTY);
    cr_expect_eq(result.status, VM_SUCCESS, "reading nothing at the very end");
    result = world_run(world, CALL_BEEF("5f") "5f 6021 5f 3e", PLENTY);
    cr_expect_eq(result.status, VM_RETURN_DATA_OUT_OF_BOUNDS);
    /* reverted: verdict 0, data there, storage as before */
    world_set_code(world, 0xbeef, "6001 5f 55 602a 5f52 6020 5ffd");
    result = world_run(world, CALL_BEEF("5f") "5f51 01" RETURN_WORD, PLENTY);
    cr_expect_eq(world_answer(result).limbs[0], 42);
    cr_expect_eq(slot_of(world, 0xbeef, 0), 0);
    /* failed: verdict 0, no data, all the gas given gone */
    world_set_code(world, 0xbeef, "fe");
    result = world_run(world, CALL_BEEF("5f") "3d 01" RETURN_WORD, PLENTY);
    cr_expect_eq(world_answer(result).limbs[0], 0);
    cr_expect_gt(PLENTY - result.gas_left, 0xffff);
    free_world(world);
}

Test(calls, keep_one_64th_of_the_gas)
{
    struct world *world = new_world();
    world_set_code(world, 0xbeef, "5a" RETURN_WORD);
    /* asks for all there is: PUSH0 x5, PUSH2, PUSH32.. is NOT(0) */
    struct vm_result result =
        world_run(world, "6020 5f 5f 5f 5f 61beef 5f19 f1 50 6020 5f f3", 100000);
    uint64_t left = 100000 - (3 + 2 + 2 + 2 + 2 + 3 + 2 + 3) - 2600 - 3;
    cr_expect_eq(world_answer(result).limbs[0], left - left / 64 - 2);
    free_world(world);
}

Test(calls, run_in_the_right_storage_for_the_right_parties)
{
    struct world *world = new_world();
    /* stores sender, value and own address in slots 1, 2, 3 */
    world_set_code(world, 0xbeef, "33 6001 55 34 6002 55 30 6003 55");
    (void)world_run(world, "5f 5f 5f 5f 6009 61beef 5a f1", PLENTY);
    cr_expect_eq(slot_of(world, 0xbeef, 1), WORLD_CONTRACT);
    cr_expect_eq(slot_of(world, 0xbeef, 2), 9);
    cr_expect_eq(slot_of(world, 0xbeef, 3), 0xbeef);
    (void)world_run(world, "5f 5f 5f 5f 6008 61beef 5a f2", PLENTY);
    cr_expect_eq(slot_of(world, WORLD_CONTRACT, 1), WORLD_CONTRACT);
    cr_expect_eq(slot_of(world, WORLD_CONTRACT, 2), 8);
    cr_expect_eq(slot_of(world, WORLD_CONTRACT, 3), WORLD_CONTRACT);
    cr_expect_eq(balance_of(world, 0xbeef), 9, "CALLCODE moves nothing");
    (void)world_run(world, "5f 5f 5f 5f 61beef 5a f4", PLENTY);
    cr_expect_eq(slot_of(world, WORLD_CONTRACT, 1), WORLD_SENDER);
    cr_expect_eq(slot_of(world, WORLD_CONTRACT, 2), 0);
    free_world(world);
}

Test(calls, static_ones_change_nothing)
{
    static const char *const changes[] = {
        "5f 5f 55",              /* SSTORE */
        "5f 5f 5d",              /* TSTORE */
        "5f 5f a0",              /* LOG0 */
        "5f 5f 5f f0",           /* CREATE */
        "5f 5f 5f 5f f5",        /* CREATE2 */
        "5f ff",                 /* SELFDESTRUCT */
        "5f5f5f5f 6001 5f 5a f1" /* CALL with value */
    };
    for (size_t index = 0; index < sizeof changes / sizeof *changes; index++) {
        struct world *world = new_world();
        address beef = world_address(0xbeef);
        world_account(world, &beef)->balance = u256_from_u64(100);
        world_set_code(world, 0xbeef, changes[index]);
        struct vm_result result =
            world_run(world, "5f 5f 5f 5f 61beef 620fffff fa" RETURN_WORD, PLENTY);
        cr_expect_eq(world_answer(result).limbs[0], 0, "%s", changes[index]);
        result = world_run(world, "5f 5f 5f 5f 5f 61beef 620fffff f1" RETURN_WORD, PLENTY);
        cr_expect_eq(world_answer(result).limbs[0], 1, "%s", changes[index]);
        free_world(world);
    }
    struct world *world = new_world();
    world_set_code(world, 0xbeef, "5f5f5f5f 6001 5f 5a f2 6007 5f 55"); /* deeper and after */
    world_set_code(world, 0xcafe, "5f5f5f5f5f 61beef 5a f1" RETURN_WORD);
    struct vm_result result =
        world_run(world, "6020 5f 5f 5f 61cafe 620fffff fa 5f51 01" RETURN_WORD, PLENTY);
    cr_expect_eq(world_answer(result).limbs[0], 1, "the inner call fails, the outer succeeds");
    free_world(world);
}

Test(calls, without_the_balance_fail_and_keep_the_gas)
{
    struct world *world = new_world();
    struct vm_result result = world_run(world, CALL_BEEF("611389") RETURN_WORD, PLENTY);
    cr_expect_eq(world_answer(result).limbs[0], 0);
    cr_expect_eq(PLENTY - result.gas_left,
                 PUSHES + 1 + 2600 + 3 + 9000 + 25000 - 2300 + (2 + 3 + 3 + 2));
    free_world(world);
}

/* Counts its own depth in slot 0 on the way down: SLOAD 1 ADD SSTORE, then calls itself with
 * all the gas there is. */
#define RECURSE_HEAD "5f 54 6001 01 5f 55"
#define RECURSE_TAIL "5f 5f 5f 5f 5f 30 5a f1 00"
#define RECURSE      RECURSE_HEAD RECURSE_TAIL

static void *run_deep(void *argument)
{
    struct world *world = argument;
    struct vm_result result = world_run(world, RECURSE, UINT64_C(1) << 50);
    cr_expect_eq(result.status, VM_SUCCESS);
    return NULL;
}

Test(calls, reach_1024_below_the_first_on_a_small_native_stack)
{
    struct world *world = new_world();
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    cr_assert_eq(pthread_attr_setstacksize(&attributes, 256 * 1024), 0);
    cr_assert_eq(pthread_create(&thread, &attributes, run_deep, world), 0);
    pthread_join(thread, NULL);
    pthread_attr_destroy(&attributes);
    cr_expect_eq(slot_of(world, WORLD_CONTRACT, 0), 1025);
    free_world(world);
}

static bool cancel_at_once_deep_down(void *context)
{
    struct world *world = context;
    return slot_of(world, WORLD_CONTRACT, 0) >= 500;
}

/* The machine asks every 4,096 calls and jumps back, so the contract at each depth turns a few
 * loops before it goes deeper. */
Test(calls, a_cancelled_run_leaves_nothing_at_any_depth)
{
    struct world *world = new_world();
    world->environment.is_cancelled = cancel_at_once_deep_down;
    world->environment.cancel_context = world;
    struct vm_result result = world_run(
        world, RECURSE_HEAD "6014 5b 6001 90 03 80 6009 57 50" RECURSE_TAIL, UINT64_C(1) << 50);
    cr_expect_eq(result.status, VM_CANCELLED);
    cr_expect_eq(result.gas_left, 0);
    cr_expect_eq(slot_of(world, WORLD_CONTRACT, 0), 0);
    world->environment.is_cancelled = NULL;
    result = world_run(world, "00", PLENTY);
    cr_expect_eq(result.status, VM_SUCCESS, "the machine can be used again");
    free_world(world);
}

/* ---- Creates ---- */

Test(creates, deposit_code_and_charge_for_it)
{
    struct world *world = new_world();
    address creator = world_address(WORLD_CONTRACT);
    world_account(world, &creator)->nonce = 1;
    /* init code: PUSH1 0xfe PUSH0 MSTORE8 PUSH1 1 PUSH0 RETURN: deploys 1 byte, "fe" */
    struct vm_result result =
        world_run(world, "68 60fe5f5360015ff3 00 5f 52 6009 6017 6003 f0" RETURN_WORD, PLENTY);
    address expected = vm_create_address(&creator, 1);
    u256 answer = world_answer(result);
    address got = u256_to_address(&answer);
    cr_expect(address_equal(&got, &expected));
    struct world_account *made = world_account(world, &expected);
    cr_expect_eq(made->nonce, 1);
    cr_expect_eq(made->balance.limbs[0], 3);
    cr_expect(made->is_created);
    cr_expect(made->is_warm);
    cr_assert_eq(made->code.size, 1);
    cr_expect_eq(made->code.data[0], 0xfe);
    cr_expect_eq(world_account(world, &creator)->nonce, 2);
    uint64_t inner = 3 + 2 + 3 + 3 + 3 + 2 + 0 + 200;
    cr_expect_eq(PLENTY - result.gas_left, 3 + 2 + 6 + 3 * 3 + 32000 + 2 + inner + (2 + 3 + 3 + 2));
    free_world(world);
}

Test(creates, create2_has_the_address_of_eip_1014)
{
    /* The EIP's examples 1 and 2, and one whose init code is 0xdeadbeef. */
    address zero = {{0}}, got;
    hash256 salt = {{0}};
    uint8_t code[4] = {0};
    hash256 hash = keccak256(code, 1);
    static const uint8_t first[20] = {0x4d, 0x1a, 0x2e, 0x2b, 0xb4, 0xf8, 0x8f, 0x02, 0x50, 0xf2,
                                      0x6f, 0xff, 0xf0, 0x98, 0xb0, 0xb3, 0x0b, 0x26, 0xbf, 0x38};
    got = vm_create2_address(&zero, &salt, &hash);
    cr_expect_arr_eq(got.bytes, first, 20);
    address deadbeef = {{0xde, 0xad, 0xbe, 0xef}};
    static const uint8_t second[20] = {0xb9, 0x28, 0xf6, 0x9b, 0xb1, 0xd9, 0x1c, 0xd6, 0x52, 0x74,
                                       0xe3, 0xc7, 0x9d, 0x89, 0x86, 0x36, 0x29, 0x84, 0xfd, 0xa3};
    got = vm_create2_address(&deadbeef, &salt, &hash);
    cr_expect_arr_eq(got.bytes, second, 20);

    struct world *world = new_world();
    address creator = world_address(WORLD_CONTRACT);
    /* no init code, salt 5 */
    struct vm_result result = world_run(world, "6005 5f 5f 5f f5" RETURN_WORD, PLENTY);
    salt.bytes[31] = 5;
    hash = keccak256(NULL, 0);
    address expected = vm_create2_address(&creator, &salt, &hash);
    u256 answer = world_answer(result);
    got = u256_to_address(&answer);
    cr_expect(address_equal(&got, &expected));
    /* the same again collides: zero, and the gas given is gone */
    result = world_run(world, "6005 5f 5f 5f f5" RETURN_WORD, PLENTY);
    answer = world_answer(result);
    cr_expect(u256_is_zero(&answer));
    cr_expect_lt(result.gas_left, PLENTY / 32);
    cr_expect_eq(world_account(world, &creator)->nonce, 2, "a collision uses the nonce up");
    free_world(world);
}

Test(creates, the_create_address_is_known)
{
    /* From the yellow paper's rule; nonces whose RLP has one, two and nine bytes. */
    static const struct {
        uint64_t nonce;
        uint8_t expected[4];
    } table[] = {
        {0, {0xcd, 0x23, 0x4a, 0x47}},
        {1, {0x34, 0x3c, 0x43, 0xa3}},
    };
    address sender = {{0x6a, 0xc7, 0xea, 0x33, 0xf8, 0x83, 0x1e, 0xa9, 0xdc, 0xc5,
                       0x33, 0x93, 0xaa, 0xa8, 0x8b, 0x25, 0xa7, 0x85, 0xdb, 0xf0}};
    for (size_t row = 0; row < 2; row++) {
        address got = vm_create_address(&sender, table[row].nonce);
        cr_expect_arr_eq(got.bytes, table[row].expected, 4);
    }
    static const uint64_t nonces[] = {0x7f, 0x80, 0xffff, UINT64_MAX};
    for (size_t row = 0; row < 4; row++) {
        uint8_t rlp[40] = {0};
        uint8_t nonce_size = 0;
        for (uint64_t rest = nonces[row]; rest > 0; rest >>= 8)
            nonce_size++;
        uint8_t prefix = nonces[row] >= 0x80, body = (uint8_t)(21 + nonce_size + prefix);
        rlp[0] = (uint8_t)(0xc0 + body);
        rlp[1] = 0x94;
        memcpy(rlp + 2, sender.bytes, 20);
        if (prefix)
            rlp[22] = (uint8_t)(0x80 + nonce_size);
        for (uint8_t byte = 0; byte < nonce_size; byte++)
            rlp[22 + prefix + byte] = (uint8_t)(nonces[row] >> (8 * (nonce_size - 1 - byte)));
        hash256 hash = keccak256(rlp, body + 1u);
        address got = vm_create_address(&sender, nonces[row]);
        cr_expect_arr_eq(got.bytes, hash.bytes + 12, 20, "row %zu", row);
    }
}

Test(creates, fail_without_a_trace)
{
    static const struct {
        const char *init; /* PUSHn and the init code, right-aligned */
        unsigned size;
        const char *why;
        bool keeps_gas; /* about all of it */
    } table[] = {
        {"61 5ffe", 2, "invalid", false},
        {"64 60205ffd00", 5, "revert", true},
        {"67 60ef5f5360015ff3", 8, "EIP-3541", false}, /* 9 bytes without the 00 */
        {"65 6160015ff300", 6, "EIP-170: 24577 bytes", false},
        {"65 61ffff5ff300", 6, "far too large", false},
    };
    for (size_t row = 0; row < sizeof table / sizeof *table; row++) {
        struct world *world = new_world();
        char code[256];
        snprintf(code, sizeof code, "%s 5f 52 60%02x 60%02x 6002 f0 3d 5f 52 6020 52 6040 5f f3",
                 table[row].init, table[row].size, 32 - table[row].size);
        struct vm_result result = world_run(world, code, PLENTY);
        cr_assert_eq(result.status, VM_SUCCESS, "%s: %s", table[row].why,
                     vm_status_name(result.status));
        cr_assert_eq(result.output.size, 64);
        u256 verdict = u256_load_be(result.output.data + 32, 32);
        cr_expect(u256_is_zero(&verdict), "%s", table[row].why);
        cr_expect_eq(result.output.data[31], table[row].keeps_gas ? 32 : 0, "%s", table[row].why);
        cr_expect_eq(result.gas_left > PLENTY / 2, table[row].keeps_gas, "%s", table[row].why);
        cr_expect_eq(balance_of(world, WORLD_CONTRACT), 5000, "%s", table[row].why);
        address creator = world_address(WORLD_CONTRACT);
        cr_expect_eq(world_account(world, &creator)->nonce, 1, "%s", table[row].why);
        free_world(world);
    }
}

Test(creates, with_the_last_nonce_fail_and_keep_the_gas)
{
    struct world *world = new_world();
    address creator = world_address(WORLD_CONTRACT);
    world_account(world, &creator)->nonce = UINT64_MAX;
    struct vm_result result = world_run(world, "5f 5f 5f f0" RETURN_WORD, PLENTY);
    u256 answer = world_answer(result);
    cr_expect(u256_is_zero(&answer));
    cr_expect_eq(PLENTY - result.gas_left, 6 + 32000 + 2 + 3 + 3 + 3 + 2);
    free_world(world);
}

static struct vm_result create(struct world *world, struct bytes init_code, uint64_t value)
{
    struct vm_message message = {.kind = VM_CREATE,
                                 .gas = PLENTY,
                                 .sender = world_address(WORLD_SENDER),
                                 .recipient = world_address(0xface),
                                 .value = u256_from_u64(value),
                                 .input = init_code};
    struct vm_host host = world_host(world);
    return vm_execute(world->vm, &world->environment, &host, &message, world->tracer);
}

Test(creates, as_the_outermost_message)
{
    static const uint8_t deploy_one_byte[] = {0x60, 0x01, 0x5f, 0x53, 0x60, 0x01, 0x5f, 0xf3};
    struct world *world = new_world();
    struct vm_result result = create(world, bytes_of(deploy_one_byte, 8), 4);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(PLENTY - result.gas_left, 3 + 2 + 3 + 3 + 3 + 2 + 200);
    address made = world_address(0xface);
    cr_expect_eq(world_account(world, &made)->code.size, 1);
    cr_expect_eq(world_account(world, &made)->nonce, 1);
    cr_expect_eq(balance_of(world, 0xface), 4);
    result = create(world, bytes_of(deploy_one_byte, 8), 4);
    cr_expect_eq(result.status, VM_CREATE_COLLISION);
    cr_expect_eq(result.gas_left, 0);
    cr_expect_eq(balance_of(world, 0xface), 4);
    free_world(world);
    world = new_world();
    result = create(world, bytes_of(NULL, 0), 1000001);
    cr_expect_eq(result.status, VM_INSUFFICIENT_BALANCE);
    result = create(world, bytes_of(NULL, 0), 0);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(result.gas_left, PLENTY);
    free_world(world);
}

Test(selfdestruct, moves_the_balance_and_pays_for_new_accounts)
{
    struct world *world = new_world();
    struct vm_result result = world_run(world, "61beef ff", PLENTY);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(PLENTY - result.gas_left, 3 + 5000 + 2600 + 25000);
    cr_expect_eq(balance_of(world, 0xbeef), 5000);
    /* nothing left to move: nothing new to pay for, and warm by now */
    result = world_run(world, "61beef ff", PLENTY);
    cr_expect_eq(PLENTY - result.gas_left, 3 + 5000);
    result = world_run(world, "61dead ff", PLENTY);
    cr_expect_eq(PLENTY - result.gas_left, 3 + 5000 + 2600);
    free_world(world);
}

/* ---- Tracing ---- */

#define FF32 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

struct calls_seen {
    unsigned entered, left, deepest;
    uint8_t opcodes[8];
    uint64_t cost_of_call;
    enum vm_status last_failure;
    uint8_t opcode;
    enum vm_status ends[8]; /* in the order in which messages ended */
    uint64_t gas_used[8];
    unsigned logs;
    address log_account, heir;
    size_t log_topics, log_size;
    uint64_t log_topic;
    u256 inheritance;
};

static void see_enter(void *context, const struct vm_enter *enter)
{
    struct calls_seen *seen = context;
    seen->opcodes[seen->entered++] = enter->opcode;
    if (enter->depth > seen->deepest)
        seen->deepest = enter->depth;
}

static void see_exit(void *context, enum vm_status status, uint64_t gas_used, struct bytes output)
{
    struct calls_seen *seen = context;
    (void)output;
    seen->ends[seen->left] = status;
    seen->gas_used[seen->left++] = gas_used;
}

static void see_step(void *context, const struct vm_step *step)
{
    ((struct calls_seen *)context)->opcode = step->opcode;
}

static void see_step_end(void *context, uint64_t gas_cost, enum vm_status status)
{
    struct calls_seen *seen = context;
    if (seen->opcode == VM_OP_CALL)
        seen->cost_of_call = gas_cost;
    if (status != VM_SUCCESS)
        seen->last_failure = status;
}

/* The gas comes back, but was given. */
Test(tracer, sees_what_a_call_costs_that_cannot_be_entered)
{
    struct world *world = new_world();
    struct calls_seen seen = {0};
    struct vm_tracer tracer = {.context = &seen,
                               .on_enter = see_enter,
                               .on_exit = see_exit,
                               .on_step = see_step,
                               .on_step_end = see_step_end};
    world->tracer = &tracer;
    (void)world_run(world, "5f5f5f5f 7f" FF32 " 61beef 61ffff f1", PLENTY);
    cr_expect_eq(seen.entered, 2);
    cr_expect_eq(seen.left, 2);
    cr_expect_eq(seen.ends[0], VM_INSUFFICIENT_BALANCE);
    cr_expect_eq(seen.gas_used[0], 0);
    cr_expect_eq(seen.deepest, 2);
    cr_expect_eq(seen.cost_of_call, 2600 + 9000 + 25000 + 0xffff);
    free_world(world);
}

/* Too poor, and with a nonce that cannot grow: the step and what follows are as ever. */
Test(tracer, sees_creates_that_are_refused)
{
    struct world *world = new_world();
    struct calls_seen seen = {0};
    struct vm_tracer tracer = {.context = &seen,
                               .on_enter = see_enter,
                               .on_exit = see_exit,
                               .on_step = see_step,
                               .on_step_end = see_step_end};
    const address contract = world_address(WORLD_CONTRACT);
    struct vm_result plain = world_run(world, "5f5f 7f" FF32 " f0 50", PLENTY);
    world->tracer = &tracer;
    struct vm_result traced = world_run(world, "5f5f 7f" FF32 " f0 50", PLENTY);
    cr_expect_eq(traced.gas_left, plain.gas_left);
    cr_expect_eq(seen.entered, 2);
    cr_expect_eq(seen.opcodes[1], VM_OP_CREATE);
    cr_expect_eq(seen.ends[0], VM_INSUFFICIENT_BALANCE);
    world_account(world, &contract)->nonce = UINT64_MAX;
    (void)world_run(world, "5f5f5f f0 50", PLENTY);
    cr_expect_eq(seen.entered, 4);
    cr_expect_eq(seen.ends[2], VM_NONCE_OVERFLOW);
    free_world(world);
}

static void see_log(void *context, const struct vm_log *log)
{
    struct calls_seen *seen = context;
    seen->logs++;
    seen->log_account = log->account;
    seen->log_topics = log->topics_count;
    seen->log_topic = log->topics_count > 0 ? log->topics[0].limbs[0] : 0;
    seen->log_size = log->data.size;
}

static void see_selfdestruct(void *context, const address *account, const address *beneficiary,
                             const u256 *balance)
{
    struct calls_seen *seen = context;
    (void)account;
    seen->heir = *beneficiary;
    seen->inheritance = *balance;
}

Test(tracer, sees_logs_and_selfdestructs)
{
    struct world *world = new_world();
    struct calls_seen seen = {0};
    struct vm_tracer tracer = {
        .context = &seen, .on_log = see_log, .on_selfdestruct = see_selfdestruct};
    address contract = world_address(WORLD_CONTRACT), heir = world_address(0xbeef);
    world->tracer = &tracer;
    world_account(world, &contract)->balance = u256_from_u64(77);
    /* LOG2 of 3 bytes with topics 7 and 9, then SELFDESTRUCT */
    (void)world_run(world, "6009 6007 6003 5f a2 61beef ff", PLENTY);
    cr_expect_eq(seen.logs, 1);
    cr_expect(address_equal(&seen.log_account, &contract));
    cr_expect_eq(seen.log_topics, 2);
    cr_expect_eq(seen.log_topic, 7);
    cr_expect_eq(seen.log_size, 3);
    cr_expect(address_equal(&seen.heir, &heir));
    cr_expect_eq(seen.inheritance.limbs[0], 77);
    free_world(world);
}

Test(tracer, sees_every_message_and_what_a_call_costs)
{
    struct world *world = new_world();
    struct calls_seen seen = {0};
    struct vm_tracer tracer = {.context = &seen,
                               .on_enter = see_enter,
                               .on_exit = see_exit,
                               .on_step = see_step,
                               .on_step_end = see_step_end};
    world->tracer = &tracer;
    world_set_code(world, 0xbeef, "5f5f5f f0 fe");
    (void)world_run(world, CALL_BEEF("5f"), PLENTY);
    cr_expect_eq(seen.entered, 3);
    cr_expect_eq(seen.left, 3);
    cr_expect_eq(seen.deepest, 3);
    cr_expect_eq(seen.opcodes[0], VM_OP_CALL);
    cr_expect_eq(seen.opcodes[1], VM_OP_CALL);
    cr_expect_eq(seen.opcodes[2], VM_OP_CREATE);
    cr_expect_eq(seen.cost_of_call, 2600 + 3 + 0xffff);
    cr_expect_eq(seen.last_failure, VM_INVALID_OPCODE);
    free_world(world);
}

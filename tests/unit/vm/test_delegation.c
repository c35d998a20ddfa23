#include "vm/delegation.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/vm/world.h"
#include "vm/crypto/keccak.h"

#define PLENTY      10000000
#define AUTHORITY   0xbeef
#define DELEGATE    0xde1e
#define RETURN_WORD "5f52 6020 5ff3"

static struct world *new_world(enum vm_fork fork)
{
    struct world *world = memory_new(sizeof *world);
    world_init(world);
    world->environment.fork = fork;
    return world;
}

static void free_world(struct world *world)
{
    world_cleanup(world);
    free(world);
}

static void delegate(struct world *world, uint64_t from, uint64_t to)
{
    uint8_t code[VM_DELEGATION_SIZE];
    address target = world_address(to);
    vm_delegation_encode(code, &target);
    world_set_code_bytes(world, from, bytes_of(code, sizeof code));
}

static uint64_t slot_of(struct world *world, uint64_t account_number, uint64_t key)
{
    address account = world_address(account_number);
    return world_slot(world, &account, key)->current.limbs[0];
}

static bool is_warm(struct world *world, uint64_t number)
{
    address account = world_address(number);
    return world_account(world, &account)->is_warm;
}

/* A call (opcode) of `account` with 0xffff gas, no value, and 32 bytes of output at 0. */
static const char *call_of(const char *opcode, unsigned account)
{
    static char code[128];
    bool has_value = strcmp(opcode, "f1") == 0 || strcmp(opcode, "f2") == 0;
    snprintf(code, sizeof code, "6020 5f 5f 5f %s 61%04x 61ffff %s", has_value ? "5f" : "", account,
             opcode);
    return code;
}

static uint64_t push_gas(const char *opcode)
{
    bool has_value = strcmp(opcode, "f1") == 0 || strcmp(opcode, "f2") == 0;
    return 3 + 2 + 2 + 2 + (has_value ? 2 : 0) + 3 + 3;
}

static const char *const CALLS[] = {"f1", "f2", "f4", "fa"};

Test(delegation, is_a_designator_of_23_bytes)
{
    uint8_t code[VM_DELEGATION_SIZE + 1] = {0};
    address account = world_address(0x1234), back = {{0}};
    vm_delegation_encode(code, &account);
    cr_expect(code[0] == 0xef && code[1] == 0x01 && code[2] == 0x00);
    cr_expect(vm_delegation_decode(bytes_of(code, VM_DELEGATION_SIZE), &back));
    cr_expect(address_equal(&account, &back));
    cr_expect_not(vm_delegation_decode(bytes_of(code, VM_DELEGATION_SIZE - 1), &back));
    cr_expect_not(vm_delegation_decode(bytes_of(code, VM_DELEGATION_SIZE + 1), &back));
    cr_expect_not(vm_delegation_decode(bytes_of(NULL, 0), &back));
    for (size_t byte = 0; byte < 3; byte++) {
        code[byte] ^= 1;
        cr_expect_not(vm_delegation_decode(bytes_of(code, VM_DELEGATION_SIZE), &back));
        code[byte] ^= 1;
    }
}

/* Every call runs the delegate's code, and pays for the access of both accounts. */
Test(delegation, is_followed_by_every_call_at_the_price_of_an_access)
{
    for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++) {
        struct world *world = new_world(VM_FORK_PRAGUE);
        char code[160];
        const uint64_t callee = 3 + 2 + 3 + 3 + 3 + 2; /* PUSH1, and RETURN_WORD but its end */
        world_set_code(world, DELEGATE, "602a" RETURN_WORD);
        delegate(world, AUTHORITY, DELEGATE);
        snprintf(code, sizeof code, "%s 50 6020 5ff3", call_of(CALLS[i], AUTHORITY));
        uint64_t own = push_gas(CALLS[i]) + 3 + 2 + 3 + 2;
        struct vm_result result = world_run(world, code, PLENTY);
        cr_assert_eq(result.status, VM_SUCCESS);
        cr_expect_eq(world_answer(result).limbs[0], 42, "opcode %s", CALLS[i]);
        uint64_t cold = PLENTY - result.gas_left;
        result = world_run(world, code, PLENTY);
        uint64_t warm = PLENTY - result.gas_left;
        cr_expect_eq(cold - warm, 2 * 2500, "opcode %s", CALLS[i]);
        cr_expect_eq(warm, own + 100 + 100 + callee, "opcode %s: %lu", CALLS[i],
                     (unsigned long)warm);
        free_world(world);
    }
}

Test(delegation, is_not_followed_before_prague)
{
    struct world *world = new_world(VM_FORK_CANCUN);
    char code[160];
    world_set_code(world, DELEGATE, "602a" RETURN_WORD);
    delegate(world, AUTHORITY, DELEGATE);
    snprintf(code, sizeof code, "%s" RETURN_WORD, call_of("f1", AUTHORITY));
    struct vm_result result = world_run(world, code, PLENTY);
    cr_expect_eq(world_answer(result).limbs[0], 0, "0xef is no opcode");
    cr_expect_not(is_warm(world, DELEGATE));
    free_world(world);
}

/* The designator that the delegate has is run as code, which it is not. */
Test(delegation, is_followed_one_step_only)
{
    static const uint64_t targets[] = {DELEGATE, AUTHORITY}; /* a chain, and a loop */
    for (size_t i = 0; i < 2; i++) {
        struct world *world = new_world(VM_FORK_PRAGUE);
        char code[160];
        world_set_code(world, 0xabcd, "602a" RETURN_WORD);
        delegate(world, DELEGATE, 0xabcd);
        delegate(world, AUTHORITY, targets[i]);
        snprintf(code, sizeof code, "%s" RETURN_WORD, call_of("f1", AUTHORITY));
        struct vm_result result = world_run(world, code, PLENTY);
        cr_expect_eq(world_answer(result).limbs[0], 0);
        cr_expect_gt(PLENTY - result.gas_left, 0xffff, "all the gas given is gone");
        cr_expect_not(is_warm(world, 0xabcd));
        free_world(world);
    }
}

/* EIP-7702: "the retrieved code is considered empty"; the account is warm like any precompile. */
Test(delegation, to_a_precompile_runs_nothing)
{
    for (size_t i = 0; i < sizeof CALLS / sizeof *CALLS; i++) {
        struct world *world = new_world(VM_FORK_PRAGUE);
        char code[160];
        delegate(world, AUTHORITY, 4); /* identity */
        snprintf(code, sizeof code, "%s 3d 5f52 602052 6040 5ff3", call_of(CALLS[i], AUTHORITY));
        struct vm_result result = world_run(world, code, PLENTY);
        cr_assert_eq(result.status, VM_SUCCESS);
        cr_assert_eq(result.output.size, 64);
        cr_expect_eq(result.output.data[31], 0, "no return data");
        cr_expect_eq(result.output.data[63], 1, "the call succeeds");
        free_world(world);
    }
}

Test(delegation, runs_in_the_authoritys_place)
{
    struct world *world = new_world(VM_FORK_PRAGUE);
    char code[160];
    /* stores sender, own address, and how large its own and the authority's code are */
    world_set_code(world, DELEGATE, "33 6001 55 30 6002 55 38 6003 55 30 3b 6004 55");
    delegate(world, AUTHORITY, DELEGATE);
    snprintf(code, sizeof code, "5f 5f 5f 5f 5f 61%04x 5a f1", AUTHORITY);
    (void)world_run(world, code, PLENTY);
    cr_expect_eq(slot_of(world, AUTHORITY, 1), WORLD_CONTRACT);
    cr_expect_eq(slot_of(world, AUTHORITY, 2), AUTHORITY);
    cr_expect_eq(slot_of(world, AUTHORITY, 3), 17, "CODESIZE is the delegate's");
    cr_expect_eq(slot_of(world, AUTHORITY, 4), 23, "EXTCODESIZE is the designator's");
    cr_expect_eq(slot_of(world, DELEGATE, 2), 0);
    free_world(world);
}

Test(delegation, is_seen_as_a_designator_by_what_reads_code)
{
    struct world *world = new_world(VM_FORK_PRAGUE);
    uint8_t designator[VM_DELEGATION_SIZE];
    address target = world_address(DELEGATE);
    vm_delegation_encode(designator, &target);
    hash256 hash = keccak256(designator, sizeof designator);
    u256 hash_word = u256_from_hash(&hash);
    world_set_code(world, DELEGATE, "602a" RETURN_WORD);
    delegate(world, AUTHORITY, DELEGATE);
    struct vm_result result = world_run(world, "61beef 3b" RETURN_WORD, PLENTY);
    cr_expect_eq(world_answer(result).limbs[0], 23);
    result = world_run(world, "61beef 3f" RETURN_WORD, PLENTY);
    u256 answer = world_answer(result);
    cr_expect(u256_equal(&answer, &hash_word));
    result = world_run(world, "6020 5f 5f 61beef 3c 6020 5ff3", PLENTY);
    cr_assert_eq(result.output.size, 32);
    cr_expect_eq(memcmp(result.output.data, designator, sizeof designator), 0);
    cr_expect_not(is_warm(world, DELEGATE), "reading does not touch the delegate");
    free_world(world);
}

/* The outermost message follows it, too, free of charge, and warms the delegate. */
Test(delegation, of_the_outermost_recipient_costs_nothing)
{
    struct world *world = new_world(VM_FORK_PRAGUE);
    world_set_code(world, DELEGATE, "602a" RETURN_WORD);
    delegate(world, WORLD_CONTRACT, DELEGATE);
    struct vm_result result = world_call(world, PLENTY, bytes_of(NULL, 0));
    cr_expect_eq(world_answer(result).limbs[0], 42);
    cr_expect_eq(PLENTY - result.gas_left, 3 + 2 + 3 + 3 + 3 + 2);
    cr_expect(is_warm(world, DELEGATE));
    free_world(world);
}

/* Gas that reaches for the account but not for its delegate fails the caller, at every limit, and
 * the two loops agree. */
Test(delegation, that_cannot_be_paid_for_fails_the_caller)
{
    const uint64_t before = 3 + 2 + 2 + 2 + 2 + 3 + 3 + 3; /* pushes, memory */
    for (uint64_t gas = before + 2600; gas <= before + 5200; gas += 100) {
        struct world *world = new_world(VM_FORK_PRAGUE);
        struct vm_tracer tracer = {0};
        char code[160];
        delegate(world, AUTHORITY, DELEGATE);
        snprintf(code, sizeof code, "%s 00", call_of("f1", AUTHORITY));
        struct vm_result plain = world_run(world, code, gas);
        cr_expect_eq(plain.status, gas < before + 5200 ? VM_OUT_OF_GAS : VM_SUCCESS, "gas %lu",
                     (unsigned long)gas);
        uint64_t left = plain.gas_left;
        free_world(world);

        world = new_world(VM_FORK_PRAGUE);
        world->tracer = &tracer;
        delegate(world, AUTHORITY, DELEGATE);
        struct vm_result traced = world_run(world, code, gas);
        cr_expect_eq(traced.status, plain.status);
        cr_expect_eq(traced.gas_left, left);
        free_world(world);
    }
}

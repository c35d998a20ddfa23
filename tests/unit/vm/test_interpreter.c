#include "vm/interpreter.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/unit/vm/world.h"
#include "vm/base/hex.h"
#include "vm/opcodes.h"

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

/* What a piece of code leaves on the stack, and what it costs until then. */
struct expectation {
    const char *code;
    const char *answer; /* hexadecimal, of the topmost word */
    uint64_t gas;
};

/* MSTORE at 0 and RETURN of the word: PUSH0 MSTORE PUSH1 32 PUSH0 RETURN. */
#define RETURN_WORD     "5f52 6020 5ff3"
#define RETURN_WORD_GAS (2 + 3 + 3 + 3 + 2)

static void check(enum vm_fork fork, const struct expectation *table, size_t count)
{
    for (size_t row = 0; row < count; row++) {
        struct world *world = new_world();
        world->environment.fork = fork;
        char code[4096];
        u256 expected = U256_ZERO;
        snprintf(code, sizeof code, "%s %s", table[row].code, RETURN_WORD);
        cr_assert(u256_parse_hex(&expected, table[row].answer, strlen(table[row].answer)));
        struct vm_result result = world_run(world, code, PLENTY);
        cr_expect_eq(result.status, VM_SUCCESS, "%s: %s", table[row].code,
                     vm_status_name(result.status));
        if (result.status == VM_SUCCESS) {
            u256 answer = world_answer(result);
            char text[U256_HEX_SIZE];
            u256_format_quantity(text, &answer);
            cr_expect(u256_equal(&answer, &expected), "%s: %s", table[row].code, text);
            cr_expect_eq(PLENTY - result.gas_left, table[row].gas + RETURN_WORD_GAS, "%s: gas %lu",
                         table[row].code,
                         (unsigned long)(PLENTY - result.gas_left - RETURN_WORD_GAS));
        }
        free_world(world);
    }
}
#define CHECK_IN(fork, table) check(fork, table, sizeof table / sizeof *table)
#define CHECK(table)          CHECK_IN(VM_FORK_CANCUN, table)
#define ONES                  "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
#define MINUS_2               "0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe"

Test(interpreter, arithmetic_and_comparison)
{
    /* Operands are pushed in reverse: the last is the first operand. */
    static const struct expectation table[] = {
        {"6002 6003 01", "0x5", 9},
        {"6001 5f19 01", "0x0", 3 + 2 + 3 + 3},
        {"6002 6003 02", "0x6", 11},
        {"6002 6003 03", "0x1", 9},
        {"6003 6002 03", ONES, 9},
        {"6003 600a 04", "0x3", 11},
        {"5f 600a 04", "0x0", 10},
        {"6002 6003 5f03 05", ONES, 3 + 3 + 2 + 3 + 5}, /* -3 / 2 truncates to -1 */
        {"6003 600a 06", "0x1", 11},
        {"6002 6003 5f03 07", ONES, 16},
        {"6008 5f19 5f19 08", "0x6", 3 + 5 + 5 + 8},
        {"6008 5f19 5f19 09", "0x1", 3 + 5 + 5 + 8},
        {"6003 6002 0a", "0x8", 6 + 10 + 50},
        {"5f 6002 0a", "0x1", 5 + 10},
        {"610100 6002 0a", "0x0", 6 + 10 + 100},
        {"60ff 5f 0b", ONES, 5 + 5},
        {"607f 5f 0b", "0x7f", 10},
        {"6002 6001 10", "0x1", 9},
        {"6001 6002 10", "0x0", 9},
        {"6001 6002 11", "0x1", 9},
        {"5f 5f19 12", "0x1", 2 + 5 + 3},
        {"5f 5f19 13", "0x0", 10},
        {"5f19 5f 13", "0x1", 10},
        {"6007 6007 14", "0x1", 9},
        {"6007 15", "0x0", 6},
        {"5f 15", "0x1", 5},
        {"600c 600a 16", "0x8", 9},
        {"600c 600a 17", "0xe", 9},
        {"600c 600a 18", "0x6", 9},
        {"6001 19", MINUS_2, 6},
        {"61abcd 601e 1a", "0xab", 9},
        {"61abcd 6020 1a", "0x0", 9},
        {"6001 6004 1b", "0x10", 9},
        {"6010 6004 1c", "0x1", 9},
        {"6010 610100 1c", "0x0", 9},
        {"6001 19 6001 1d", ONES, 3 + 3 + 3 + 3},
        {"5f 5f 20", "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470", 4 + 30},
    };
    CHECK(table);
}

/* EIP-7939: from Osaka on, and counted over all 256 bits. */
Test(interpreter, leading_zeros_are_counted_in_osaka)
{
    static const struct expectation table[] = {
        {"5f 1e", "0x100", 2 + 5},
        {"6001 1e", "0xff", 3 + 5},
        {"5f19 1e", "0x0", 2 + 3 + 5},
        {"6001 60ff 1b 1e", "0x0", 3 + 3 + 3 + 5},
        {"6001 60fe 1b 1e", "0x1", 3 + 3 + 3 + 5},
        {"67ffffffffffffffff 1e", "0xc0", 3 + 5},
        {"68010000000000000000 1e", "0xbf", 3 + 5},
        {"6001 6080 1b 1e", "0x7f", 3 + 3 + 3 + 5},
        {"6001 60c0 1b 1e", "0x3f", 3 + 3 + 3 + 5},
        {"6001 60bf 1b 1e", "0x40", 3 + 3 + 3 + 5},
    };
    CHECK_IN(VM_FORK_OSAKA, table);

    struct world *world = new_world();
    for (enum vm_fork fork = VM_FORK_CANCUN; fork < VM_FORK_COUNT; fork++) {
        world->environment.fork = fork;
        struct vm_result result = world_run(world, "5f 1e 00", PLENTY);
        cr_expect_eq(result.status, fork < VM_FORK_OSAKA ? VM_INVALID_OPCODE : VM_SUCCESS);
        result = world_run(world, "1e 00", PLENTY);
        cr_expect_eq(result.status, fork < VM_FORK_OSAKA ? VM_INVALID_OPCODE : VM_STACK_UNDERFLOW);
    }
    free_world(world);
}

Test(interpreter, pushes_of_every_size_dups_and_swaps)
{
    struct world *world = new_world();
    for (unsigned size = 1; size <= 32; size++) {
        char code[256];
        int length = snprintf(code, sizeof code, "%02x", 0x5f + size);
        for (unsigned byte = 0; byte < size; byte++)
            length += snprintf(code + length, sizeof code - (size_t)length, "%02x", byte + 0x81);
        snprintf(code + length, sizeof code - (size_t)length, RETURN_WORD);
        struct vm_result result = world_run(world, code, PLENTY);
        cr_assert_eq(result.status, VM_SUCCESS);
        for (unsigned byte = 0; byte < size; byte++)
            cr_expect_eq(result.output.data[32 - size + byte], byte + 0x81, "PUSH%u", size);
        for (unsigned byte = size; byte < 32; byte++)
            cr_expect_eq(result.output.data[31 - byte], 0);
    }
    for (unsigned depth = 1; depth <= 16; depth++) {
        char code[512] = "";
        int length = 0;
        for (unsigned word = 17; word > 0; word--) /* 17 at the bottom, 1 on top */
            length += snprintf(code + length, sizeof code - (size_t)length, "60%02x", word);
        snprintf(code + length, sizeof code - (size_t)length, "%02x" RETURN_WORD, 0x7f + depth);
        struct vm_result result = world_run(world, code, PLENTY);
        cr_assert_eq(result.status, VM_SUCCESS);
        cr_expect_eq(result.output.data[31], depth, "DUP%u", depth);
        snprintf(code + length, sizeof code - (size_t)length, "%02x" RETURN_WORD, 0x8f + depth);
        result = world_run(world, code, PLENTY);
        cr_assert_eq(result.status, VM_SUCCESS);
        cr_expect_eq(result.output.data[31], depth + 1, "SWAP%u", depth);
    }
    free_world(world);
}

Test(interpreter, what_the_environment_answers)
{
    static const struct expectation answers[] = {
        {"30", "0xc0de", 2},
        {"61c0de 31", "0x1388", 3 + 100},
        {"61dead 31", "0x0", 3 + 2600},
        {"61dead 31 61dead 31", "0x0", 3 + 2600 + 3 + 100},
        {"32", "0x5e4d", 2},
        {"33", "0x5e4d", 2},
        {"34", "0x0", 2},
        {"36", "0x0", 2},
        {"38", "0x7", 2},
        {"3a", "0x9", 2},
        {"3d", "0x0", 2},
        {"61dead 3b", "0x0", 3 + 2600},
        {"61c0de 3b", "0xa", 3 + 100},
        {"61dead 3f", "0x0", 3 + 2600},
        {"6103e7 40", "0x13e7", 3 + 20},
        {"6102e8 40", "0x12e8", 3 + 20}, /* 1000 - 256 */
        {"6102e7 40", "0x0", 3 + 20},
        {"6103e8 40", "0x0", 3 + 20},
        {"41", "0xc01", 2},
        {"42", "0x6553f100", 2},
        {"43", "0x3e8", 2},
        {"45", "0x1c9c380", 2},
        {"46", "0x4d", 2},
        {"47", "0x1388", 5},
        {"48", "0x7", 2},
        {"5f 49", "0x0", 2 + 3},
        {"4a", "0x1", 2},
        {"58", "0x0", 2},
        {"5f50 58", "0x2", 2 + 2 + 2},
        {"59", "0x0", 2},
        {"5f51 50 59", "0x20", 2 + 3 + 3 + 2 + 2 - 3},
        {"5a", "0x98967e", 2},
        {"5f50 5a", "0x98967a", 2 + 2 + 2},
    };
    CHECK(answers);
}

Test(interpreter, running_off_the_end_stops)
{
    struct world *world = new_world();
    struct vm_result result = world_run(world, "6001 6002 01", 9);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(result.gas_left, 0);
    cr_expect_eq(result.output.size, 0);
    result = world_run(world, "6001 6002 01", 8);
    cr_expect_eq(result.status, VM_OUT_OF_GAS);
    result = world_run(world, "7f01", 3); /* data missing at the end of the code is zero */
    cr_expect_eq(result.status, VM_SUCCESS);
    free_world(world);
}

Test(interpreter, failures_have_names)
{
    static const struct {
        const char *code;
        uint64_t gas;
        enum vm_status status;
    } table[] = {
        {"01", PLENTY, VM_STACK_UNDERFLOW},
        {"6001 01", PLENTY, VM_STACK_UNDERFLOW},
        {"6001 01", 5, VM_STACK_UNDERFLOW},
        {"6001 6001 01", 8, VM_OUT_OF_GAS},
        {"fe", PLENTY, VM_INVALID_OPCODE},
        {"0c", PLENTY, VM_INVALID_OPCODE},
        {"b0", PLENTY, VM_INVALID_OPCODE},
        {"1e", PLENTY, VM_INVALID_OPCODE}, /* CLZ comes with Osaka */
        {"6001 56", PLENTY, VM_INVALID_JUMP},
        {"5f19 56", PLENTY, VM_INVALID_JUMP},
        {"6004 56 60 5b", PLENTY, VM_INVALID_JUMP},
        {"6001 6006 57 60 5b", PLENTY, VM_INVALID_JUMP},
        {"5b 5f 5f 56", PLENTY, VM_STACK_OVERFLOW}, /* leaves a word a turn */
        {"6001 5f 5f 3e", PLENTY, VM_RETURN_DATA_OUT_OF_BOUNDS},
        {"5f 6001 5f 3e", PLENTY, VM_RETURN_DATA_OUT_OF_BOUNDS},
        {"5f 5f19 52", PLENTY, VM_OUT_OF_GAS},
        {"5f 64ffffffffff 52", UINT64_MAX, VM_OUT_OF_GAS},
        {"5f19 5f f3", PLENTY, VM_OUT_OF_GAS},
        {"6001 5f19 5f 37", PLENTY, VM_SUCCESS}, /* offset beyond the input, size 1 */
        {"5f19 5f 5f 37", PLENTY, VM_OUT_OF_GAS},
        {"5f 5f 5f f0 50", 100, VM_OUT_OF_GAS},
        {"61c001 5f 5f f0", PLENTY, VM_INITCODE_TOO_LARGE},
        {"5f5ffd", PLENTY, VM_REVERT},
    };
    for (size_t row = 0; row < sizeof table / sizeof *table; row++) {
        struct world *world = new_world();
        struct vm_result result = world_run(world, table[row].code, table[row].gas);
        cr_expect_eq(result.status, table[row].status, "%s: %s", table[row].code,
                     vm_status_name(result.status));
        if (result.status != VM_SUCCESS && result.status != VM_REVERT)
            cr_expect_eq(result.gas_left, 0);
        free_world(world);
    }
}

Test(interpreter, jumps_land_only_on_destinations_outside_push_data)
{
    struct world *world = new_world();
    /* 0: PUSH1 4, JUMP, 3: INVALID, 4: JUMPDEST, PUSH1 7, return */
    struct vm_result result = world_run(world, "6004 56 fe 5b 6007" RETURN_WORD, PLENTY);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(PLENTY - result.gas_left, 3 + 8 + 1 + 3 + RETURN_WORD_GAS);
    /* the same with a target that is computed */
    result = world_run(world, "6002 6003 01 56 fe 5b 6007" RETURN_WORD, PLENTY);
    cr_expect_eq(result.status, VM_INVALID_JUMP);
    result = world_run(world, "6003 6004 01 56 fe 5b 6007" RETURN_WORD, PLENTY);
    cr_expect_eq(result.status, VM_SUCCESS);
    /* a loop of 100 turns, by JUMPI: PUSH 100, JUMPDEST, PUSH1 1 SWAP1 SUB DUP1 PUSH1 2 JUMPI */
    result = world_run(world, "6064 5b 6001 90 03 80 6002 57 00", PLENTY);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(PLENTY - result.gas_left, 3 + 100 * (1 + 3 + 3 + 3 + 3 + 3 + 10));
    /* a fused branch not taken */
    result = world_run(world, "5f 6006 57 6001 5b 6007" RETURN_WORD, PLENTY);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(PLENTY - result.gas_left, 2 + 3 + 10 + 3 + 1 + 3 + RETURN_WORD_GAS);
    free_world(world);
}

Test(interpreter, the_stack_holds_1024_words)
{
    struct world *world = new_world();
    struct buffer code = {0};
    for (unsigned word = 0; word < 1024; word++)
        buffer_append_u8(&code, VM_OP_PUSH0);
    world_set_code_bytes(world, WORLD_CONTRACT, buffer_view(&code));
    cr_expect_eq(world_call(world, 2048, bytes_of(NULL, 0)).status, VM_SUCCESS);
    cr_expect_eq(world_call(world, 2047, bytes_of(NULL, 0)).status, VM_OUT_OF_GAS);
    buffer_append_u8(&code, VM_OP_PUSH0);
    world_set_code_bytes(world, WORLD_CONTRACT, buffer_view(&code));
    cr_expect_eq(world_call(world, PLENTY, bytes_of(NULL, 0)).status, VM_STACK_OVERFLOW);
    buffer_cleanup(&code);
    free_world(world);
}

Test(interpreter, memory_costs_3_a_word_and_its_square_over_512)
{
    struct world *world = new_world();
    /* MSTORE8 at 0xffff: 2048 words, 3 * 2048 + 2048^2 / 512 */
    struct vm_result result = world_run(world, "6001 61ffff 53", PLENTY);
    cr_expect_eq(PLENTY - result.gas_left, 9 + 3 * 2048 + 8192);
    /* twice the same costs once */
    result = world_run(world, "6001 61ffff 53 6001 61ffff 53", PLENTY);
    cr_expect_eq(PLENTY - result.gas_left, 18 + 3 * 2048 + 8192);
    /* MCOPY grows by its source, too: 2 words copied, memory of 4 */
    result = world_run(world, "6040 6040 5f 5e 59" RETURN_WORD, PLENTY);
    cr_expect_eq(result.output.data[31], 128);
    cr_expect_eq(PLENTY - result.gas_left, 3 + 3 + 2 + 3 + 2 * 3 + 4 * 3 + 2 + 2 + 3 + 3 + 2);
    /* copies of nothing touch nothing, wherever they are */
    result = world_run(world, "5f 5f19 5f19 5e 59" RETURN_WORD, PLENTY);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(result.output.data[31], 0);
    free_world(world);
}

Test(interpreter, calldata_beyond_its_end_is_zero)
{
    struct world *world = new_world();
    uint8_t input[33];
    for (unsigned index = 0; index < sizeof input; index++)
        input[index] = (uint8_t)(index + 1);
    world_set_code(world, WORLD_CONTRACT, "6001 35" RETURN_WORD);
    struct vm_result result = world_call(world, PLENTY, bytes_of(input, sizeof input));
    cr_expect_arr_eq(result.output.data, input + 1, 32);
    world_set_code(world, WORLD_CONTRACT, "6020 35" RETURN_WORD);
    result = world_call(world, PLENTY, bytes_of(input, sizeof input));
    cr_expect_eq(result.output.data[0], 33);
    cr_expect_eq(result.output.data[1], 0);
    world_set_code(world, WORLD_CONTRACT, "5f19 35" RETURN_WORD);
    u256 answer = world_answer(world_call(world, PLENTY, bytes_of(input, sizeof input)));
    cr_expect(u256_is_zero(&answer));
    /* CALLDATACOPY of 32 bytes from 32 on */
    world_set_code(world, WORLD_CONTRACT, "6020 6020 5f 37 6020 5f f3");
    result = world_call(world, PLENTY, bytes_of(input, sizeof input));
    cr_expect_eq(result.output.data[0], 33);
    cr_expect_eq(result.output.data[31], 0);
    cr_expect_eq(PLENTY - result.gas_left, 3 + 3 + 2 + 3 + 3 + 3 + 3 + 2);
    free_world(world);
}

/* Gas, SSTORE's current, original and new values: EIP-2200's table at the prices of EIP-3529.
 * The contract stores two values to slot 0 one after the other. */
Test(interpreter, sstore_follows_eip_3529)
{
    static const struct {
        unsigned original, first, second;
        uint64_t gas;
        int64_t refund;
    } table[] = {
        {0, 0, 0, 2300, 0},    {0, 0, 1, 22200, 0},   {0, 1, 0, 22200, 19900}, {0, 1, 2, 22200, 0},
        {0, 1, 1, 22200, 0},   {1, 0, 0, 5100, 4800}, {1, 0, 1, 5100, 2800},   {1, 0, 2, 5100, 0},
        {1, 2, 0, 5100, 4800}, {1, 2, 3, 5100, 0},    {1, 2, 1, 5100, 2800},   {1, 2, 2, 5100, 0},
        {1, 1, 0, 5100, 4800}, {1, 1, 2, 5100, 0},    {1, 1, 1, 2300, 0},
    };
    for (size_t row = 0; row < sizeof table / sizeof *table; row++) {
        struct world *world = new_world();
        address contract = world_address(WORLD_CONTRACT);
        struct world_slot *slot = world_slot(world, &contract, 0);
        slot->current = slot->original = u256_from_u64(table[row].original);
        char code[64];
        snprintf(code, sizeof code, "60%02x 5f 55 60%02x 5f 55", table[row].first,
                 table[row].second);
        struct vm_result result = world_run(world, code, PLENTY);
        cr_expect_eq(result.status, VM_SUCCESS);
        cr_expect_eq(PLENTY - result.gas_left, 10 + table[row].gas, "row %zu: %lu", row,
                     (unsigned long)(PLENTY - result.gas_left - 10));
        cr_expect_eq(world->now.refund, table[row].refund, "row %zu: %ld", row,
                     (long)world->now.refund);
        u256 stored = world_slot(world, &contract, 0)->current;
        cr_expect_eq(stored.limbs[0], table[row].second);
        free_world(world);
    }
}

Test(interpreter, sstore_needs_more_than_the_stipend)
{
    struct world *world = new_world();
    address contract = world_address(WORLD_CONTRACT);
    world_slot(world, &contract, 0)->is_warm = true;
    cr_expect_eq(world_run(world, "5f 5f 55", 4 + 2300).status, VM_OUT_OF_GAS);
    struct vm_result result = world_run(world, "5f 5f 55", 4 + 2301);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(result.gas_left, 2301 - 100);
    free_world(world);
}

Test(interpreter, slots_are_cold_once)
{
    struct world *world = new_world();
    struct vm_result result = world_run(world, "5f 54 5f 54", PLENTY);
    cr_expect_eq(PLENTY - result.gas_left, 2 + 2100 + 2 + 100);
    result = world_run(world, "6007 6001 5d 6001 5c" RETURN_WORD, PLENTY);
    cr_expect_eq(result.output.data[31], 7);
    cr_expect_eq(PLENTY - result.gas_left, 6 + 100 + 3 + 100 + RETURN_WORD_GAS);
    free_world(world);
}

Test(interpreter, logs_carry_topics_in_order)
{
    struct world *world = new_world();
    /* data "0x..07" (32 bytes), topics 1 and 2 */
    struct vm_result result = world_run(world, "6007 5f 52 6002 6001 6020 5f a2", PLENTY);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(PLENTY - result.gas_left, 3 + 2 + 6 + 3 * 3 + 2 + 375 * 3 + 8 * 32);
    cr_assert_eq(world->now.logs_count, 1);
    const struct world_log *log = &world->now.logs[0];
    cr_expect_eq(log->topics_count, 2);
    cr_expect_eq(log->topics[0].limbs[0], 1);
    cr_expect_eq(log->topics[1].limbs[0], 2);
    cr_expect_eq(log->data_size, 32);
    cr_expect_eq(log->data[31], 7);
    /* a revert takes the log back */
    world->now.logs_count = 0;
    result = world_run(world, "5f 5f a0 5f 5f fd", PLENTY);
    cr_expect_eq(result.status, VM_REVERT);
    cr_expect_eq(world->now.logs_count, 0);
    free_world(world);
}

static bool says_cancel(void *context)
{
    unsigned *asked = context;
    return ++*asked > 3;
}

Test(interpreter, an_endless_loop_ends_when_cancelled)
{
    struct world *world = new_world();
    unsigned asked = 0;
    world->environment.is_cancelled = says_cancel;
    world->environment.cancel_context = &asked;
    struct vm_result result = world_run(world, "6001 5f 55 5b 6004 56", UINT64_MAX / 2);
    cr_expect_eq(result.status, VM_CANCELLED);
    cr_expect_eq(result.gas_left, 0);
    address contract = world_address(WORLD_CONTRACT);
    cr_expect(u256_is_zero(&world_slot(world, &contract, 0)->current));
    free_world(world);
}

/* ---- The two loops, and every gas limit ---- */

struct counted {
    uint64_t steps, gas, ends;
    bool is_sum_wrong;
};

static void count_step(void *context, const struct vm_step *step)
{
    struct counted *counted = context;
    counted->steps++;
    if (!vm_opcode_is_defined(step->opcode, VM_FORK_CANCUN) || step->stack_size > 1024)
        counted->is_sum_wrong = true;
}

static void count_end(void *context, uint64_t gas_cost, enum vm_status status)
{
    struct counted *counted = context;
    (void)status;
    counted->ends++;
    counted->gas += gas_cost;
}

/* Storage, memory, a loop, GAS, a log, keccak: in one contract. */
#define MIXED                                                                                      \
    "6003 5b 6001 90 03 80 80 55 80 5a 5f 52 80 6020 5f 20 5f 53 6002 57 5f 54 50 5f 5f a0 61ffff" \
    " 5f 5e 5f 6004 01 50 5b 5a" RETURN_WORD

/* The same contract at every gas limit, analysed and `otherwise`. */
static void expect_same_ends(struct world *otherwise, const struct counted *counted)
{
    struct world *analysed = new_world();
    world_set_code(analysed, WORLD_CONTRACT, MIXED);
    world_set_code(otherwise, WORLD_CONTRACT, MIXED);
    struct world_state start = analysed->now, start_otherwise = otherwise->now;
    uint64_t used = 70000;
    for (uint64_t gas = 0; gas <= used + 10; gas += gas % 7 == 0 || gas > 600 ? 37 : 1) {
        uint64_t gas_before = counted->gas;
        analysed->now = start;
        otherwise->now = start_otherwise;
        analysis_cache_clear(); /* or it would find what the other left */
        struct vm_result b = world_call(otherwise, gas, bytes_of(NULL, 0));
        struct vm_result a = world_call(analysed, gas, bytes_of(NULL, 0));
        cr_assert_eq(a.status, b.status, "gas %lu: %s, otherwise %s", (unsigned long)gas,
                     vm_status_name(a.status), vm_status_name(b.status));
        cr_assert_eq(a.gas_left, b.gas_left, "gas %lu", (unsigned long)gas);
        cr_assert(bytes_equal(a.output, b.output), "gas %lu", (unsigned long)gas);
        cr_assert_eq(analysed->now.refund, otherwise->now.refund);
        cr_assert_eq(analysed->now.slots_count, otherwise->now.slots_count);
        if (b.status != VM_SUCCESS) /* nothing of a failed run is left */
            cr_assert_eq(analysed->now.slots_count, 0);
        else if (otherwise->tracer != NULL)
            cr_assert_eq(counted->gas - gas_before, gas - b.gas_left);
    }
    cr_expect_eq(world_call(analysed, used, bytes_of(NULL, 0)).status, VM_SUCCESS);
    free_world(analysed);
    free_world(otherwise);
}

Test(interpreter, the_traced_loop_ends_exactly_as_the_plain_one_at_every_gas_limit)
{
    struct counted counted = {0};
    struct vm_tracer tracer = {
        .context = &counted, .on_step = count_step, .on_step_end = count_end};
    struct world *traced = new_world();
    traced->tracer = &tracer;
    expect_same_ends(traced, &counted);
    cr_expect_eq(counted.steps, counted.ends);
    cr_expect_not(counted.is_sum_wrong);
}

Test(interpreter, code_not_analysed_ends_exactly_as_analysed_code_at_every_gas_limit)
{
    struct counted none = {0};
    struct world *stepwise = new_world(), *warming = new_world();
    stepwise->vm->heat_needed = WORLD_STEPWISE;
    warming->vm->heat_needed = WORLD_WARMING;
    expect_same_ends(stepwise, &none);
    expect_same_ends(warming, &none);
}

/* Code is analysed when it has used gas enough for its size: in a run that jumps back, or by
 * several runs. */
Test(interpreter, analyses_code_that_has_used_enough_gas)
{
    static const char LOOP[] = "60ff 5b 6001 90 03 80 6002 57"; /* 255 rounds */
    struct world *world = new_world();
    world->vm->heat_needed = ANALYSIS_HEAT_NEEDED;
    cr_assert_eq(world_run(world, "5b 00", 1000).status, VM_SUCCESS);
    size_t cold = analysis_cache_size_bytes();
    for (unsigned run = 0; run < 8; run++)
        cr_assert_eq(world_run(world, "5b 00", 1000).status, VM_SUCCESS);
    size_t warm = analysis_cache_size_bytes();
    cr_expect_gt(warm, cold);
    cr_expect_eq(analysis_cache_count(), 1, "in place of the one before");
    cr_assert_eq(world_run(world, LOOP, 20000).status, VM_SUCCESS);
    size_t looped = analysis_cache_size_bytes();
    cr_assert_eq(world_run(world, LOOP, 20000).status, VM_SUCCESS);
    cr_expect_eq(analysis_cache_size_bytes(), looped, "the first run was enough");
    cr_expect_eq(analysis_cache_count(), 2);
    free_world(world);
}

/* Opcodes of all kinds over small numbers, so that most of them find operands that do something;
 * now and then a byte of anything. */
static size_t random_code(uint8_t *code, size_t size_max, unsigned *state)
{
    static const uint8_t favourites[] = {
        0x01, 0x03, 0x04, 0x0a, 0x15, 0x16, 0x20, 0x31, 0x35, 0x37, 0x39, 0x3b,
        0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56,
        0x57, 0x58, 0x59, 0x5a, 0x5c, 0x5d, 0x5e, 0x5f, 0x80, 0x81, 0x83, 0x90,
        0x92, 0xa0, 0xa1, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xfa, 0xfd, 0xff,
    };
    size_t size = 20 + (size_t)rand_r(state) % (size_max - 20);
    for (size_t pc = 0; pc < size; pc++) {
        int kind = rand_r(state) % 16;
        if (kind < 8 && pc + 1 < size) {
            code[pc++] = VM_OP_PUSH1;
            code[pc] = (uint8_t)(rand_r(state) % (rand_r(state) % 2 ? 4 : 128));
        } else if (kind == 8) {
            code[pc] = VM_OP_JUMPDEST;
        } else if (kind == 9 && rand_r(state) % 4 == 0) {
            code[pc] = (uint8_t)rand_r(state);
        } else {
            code[pc] = favourites[(size_t)rand_r(state) % sizeof favourites];
        }
    }
    return size;
}

static bool has_same_slots(struct world *a, struct world *b)
{
    if (a->now.slots_count != b->now.slots_count)
        return false;
    for (size_t index = 0; index < a->now.slots_count; index++)
        if (!u256_equal(&a->now.slots[index].current, &b->now.slots[index].current)
            || !u256_equal(&a->now.slots[index].transient, &b->now.slots[index].transient))
            return false;
    return true;
}

static bool has_same_accounts(struct world *a, struct world *b)
{
    if (a->now.accounts_count != b->now.accounts_count)
        return false;
    for (size_t index = 0; index < a->now.accounts_count; index++) {
        struct world_account *x = &a->now.accounts[index], *y = &b->now.accounts[index];
        if (!address_equal(&x->address, &y->address) || !u256_equal(&x->balance, &y->balance)
            || x->nonce != y->nonce || x->is_warm != y->is_warm || !bytes_equal(x->code, y->code))
            return false;
    }
    return true;
}

static bool has_failed(enum vm_status status)
{
    return status != VM_SUCCESS && status != VM_REVERT;
}

Test(interpreter, random_programs_end_alike_however_they_are_run_at_any_gas_limit)
{
    const char *text = getenv("LEITHER_SEED");
    unsigned seed = text != NULL ? (unsigned)strtoul(text, NULL, 0) : (unsigned)time(NULL);
    unsigned state = seed, successes = 0;
    for (unsigned round = 0; round < 300; round++) {
        struct world *plain = new_world(), *other = new_world();
        struct counted counted = {0};
        struct vm_tracer tracer = {.context = &counted, .on_step = count_step};
        uint8_t code[200];
        size_t size = random_code(code, sizeof code, &state);
        if (round % 3 == 0)
            other->tracer = &tracer;
        else
            other->vm->heat_needed = round % 3 == 1 ? WORLD_STEPWISE : WORLD_WARMING;
        world_set_code_bytes(plain, WORLD_CONTRACT, bytes_of(code, size));
        world_set_code_bytes(other, WORLD_CONTRACT, bytes_of(code, size));
        struct world_state start_plain = plain->now, start_other = other->now;
        uint64_t gas = 150000;
        for (unsigned cut = 0; cut < 12; cut++) {
            plain->now = start_plain;
            other->now = start_other;
            analysis_cache_clear(); /* or it would find what the other left */
            struct vm_result b = world_call(other, gas, bytes_of(code, size));
            struct vm_result a = world_call(plain, gas, bytes_of(code, size));
            bool is_same = has_failed(a.status) == has_failed(b.status)
                           && (a.status == VM_REVERT) == (b.status == VM_REVERT)
                           && a.gas_left == b.gas_left && bytes_equal(a.output, b.output)
                           && plain->now.refund == other->now.refund
                           && plain->now.logs_count == other->now.logs_count
                           && has_same_slots(plain, other) && has_same_accounts(plain, other);
            cr_assert(is_same, "LEITHER_SEED=%u round %u gas %lu: %s, otherwise %s", seed, round,
                      (unsigned long)gas, vm_status_name(a.status), vm_status_name(b.status));
            cr_assert_leq(a.gas_left, gas);
            successes += a.status == VM_SUCCESS;
            uint64_t used = gas - a.gas_left;
            if (cut == 0 && !has_failed(a.status))
                gas = used; /* exactly enough, then ever less */
            else
                gas -= 1 + (uint64_t)rand_r(&state) % (gas / 6 + 1);
            if (gas < 20)
                break;
        }
        free_world(plain);
        free_world(other);
    }
    cr_expect_gt(successes, 5, "LEITHER_SEED=%u: hardly any program ran", seed);
}

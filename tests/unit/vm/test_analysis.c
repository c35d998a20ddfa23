#include "vm/analysis.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

#include "vm/analysis_cache.h"
#include "vm/crypto/keccak.h"
#include "vm/gas.h"

Test(analysis, blocks_sum_gas_and_stack_needs)
{
    /* ADD; PUSH1 1; DUP2; POP; GAS | POP; JUMPDEST | STOP */
    static const uint8_t code[] = {0x01, 0x60, 0x01, 0x81, 0x50, 0x5a, 0x50, 0x5b, 0x00};
    struct vm_analysis *analysis = vm_analysis_new(bytes_of(code, sizeof code), VM_FORK_CANCUN);
    const struct vm_block *block = analysis->blocks;
    cr_expect_eq(block[0].gas, 3 + 3 + 3 + 2 + 2);
    cr_expect_eq(block[0].stack_need, 2);
    cr_expect_eq(block[0].stack_growth, 1);
    cr_expect_eq(block[0].pc, 0);
    cr_expect_eq(block[1].gas, 2);
    cr_expect_eq(block[1].stack_need, 1);
    cr_expect_eq(block[1].stack_growth, 0);
    cr_expect_eq(block[1].pc, 6);
    cr_expect_eq(block[2].gas, 1);
    cr_expect_eq(block[2].pc, 7);
    cr_expect_eq(analysis->instructions[0].operation, VM_OPERATION_BLOCK);
    const struct vm_instruction *target = vm_analysis_jump(analysis, 7);
    cr_assert_not_null(target);
    cr_expect_eq(target->operation, VM_OP_JUMPDEST);
    cr_expect_eq(target->operand, 2);
    vm_analysis_free(analysis);
}

/* Byte by byte, as the rule reads: a JUMPDEST that no PUSH before it has swallowed. */
static void mark_slowly(const uint8_t *code, size_t size, bool *is_dest)
{
    for (size_t pc = 0; pc < size; pc++) {
        is_dest[pc] = code[pc] == 0x5b;
        if (code[pc] >= 0x60 && code[pc] <= 0x7f)
            pc += code[pc] - 0x5fu;
    }
}

Test(analysis, jump_destinations_of_random_code)
{
    const char *text = getenv("LEITHER_SEED");
    unsigned seed = text != NULL ? (unsigned)strtoul(text, NULL, 0) : (unsigned)time(NULL);
    unsigned state = seed;
    for (unsigned round = 0; round < 300; round++) {
        uint8_t code[700] = {0};
        bool is_dest[sizeof code] = {false};
        size_t size = (size_t)rand_r(&state) % sizeof code;
        for (size_t pc = 0; pc < size; pc++) {
            int kind = rand_r(&state) % 4;
            code[pc] = kind == 0   ? 0x5b
                       : kind == 1 ? (uint8_t)(0x5f + rand_r(&state) % 33)
                       : kind == 2 ? (uint8_t)rand_r(&state)
                                   : (uint8_t)(rand_r(&state) % 2 ? 0x56 : 0x57);
        }
        mark_slowly(code, size, is_dest);
        struct vm_analysis *analysis = vm_analysis_new(bytes_of(code, size), VM_FORK_CANCUN);
        for (size_t pc = 0; pc < sizeof code; pc++) {
            const struct vm_instruction *target = vm_analysis_jump(analysis, pc);
            cr_assert_eq(target != NULL, pc < size && is_dest[pc], "LEITHER_SEED=%u pc %zu", seed,
                         pc);
            if (target == NULL)
                continue;
            cr_assert_eq(target->operation, VM_OP_JUMPDEST);
            cr_assert_eq(analysis->blocks[target->operand].pc, pc);
        }
        cr_expect_null(vm_analysis_jump(analysis, UINT64_MAX));
        vm_analysis_free(analysis);
    }
}

static struct vm_code code_of(uint32_t *number, struct buffer *bytes, size_t size)
{
    buffer_clear(bytes);
    while (bytes->size < size)
        buffer_append_u32_be(bytes, *number);
    ++*number;
    return (struct vm_code){buffer_view(bytes), keccak256(bytes->data, bytes->size)};
}

/* Where only the jumps are marked there is the same to jump to. */
Test(analysis, of_jumps_alone_marks_the_same)
{
    uint8_t code[1000];
    unsigned state = 7;
    for (unsigned round = 0; round < 200; round++) {
        size_t size = (size_t)rand_r(&state) % sizeof code;
        for (size_t pc = 0; pc < size; pc++) {
            int kind = rand_r(&state) % 16;
            code[pc] = kind < (int)(round % 12) ? 0x5b
                       : kind == 15             ? 0x61
                                                : (uint8_t)rand_r(&state);
        }
        struct vm_analysis *whole = vm_analysis_new(bytes_of(code, size), VM_FORK_CANCUN);
        struct vm_analysis *jumps = vm_analysis_new_jumps(bytes_of(code, size), VM_FORK_CANCUN);
        bool is_dest[sizeof code] = {false};
        mark_slowly(code, size, is_dest);
        cr_assert(vm_analysis_is_whole(whole) && !vm_analysis_is_whole(jumps));
        for (size_t pc = 0; pc < size; pc++) {
            cr_assert_eq(vm_analysis_is_jump(jumps, pc), is_dest[pc], "round %u pc %zu", round, pc);
            cr_assert_eq(vm_analysis_jump(whole, pc) != NULL, is_dest[pc]);
        }
        cr_assert_not(vm_analysis_is_jump(jumps, size));
        cr_assert_not(vm_analysis_is_jump(jumps, UINT64_MAX));
        vm_analysis_free(whole);
        vm_analysis_free(jumps);
    }
}

Test(analysis_cache, finds_what_it_was_asked_before)
{
    struct analysis_reader reader;
    struct vm_analysis *own;
    struct buffer bytes = {0};
    uint32_t number = 1;
    analysis_reader_init(&reader);
    analysis_reader_enter(&reader);
    struct vm_code code = code_of(&number, &bytes, 64);
    const struct vm_analysis *first = analysis_cache_get(&reader, &code, VM_FORK_CANCUN, 0, &own);
    cr_assert_not_null(first);
    cr_expect_eq(analysis_cache_get(&reader, &code, VM_FORK_CANCUN, 0, &own), first);
    cr_expect_neq(analysis_cache_get(&reader, &code, VM_FORK_OSAKA, 0, &own), first,
                  "another fork, other opcodes");
    cr_expect_eq(analysis_cache_count(), 2);
    analysis_reader_leave(&reader);
    analysis_cache_clear();
    cr_expect_eq(analysis_cache_count(), 0);
    cr_expect_eq(analysis_cache_size_bytes(), 0);
    analysis_reader_cleanup(&reader);
    buffer_cleanup(&bytes);
}

Test(analysis_cache, analyses_whole_what_has_used_gas_enough)
{
    struct analysis_reader reader;
    struct vm_analysis *own;
    struct buffer bytes = {0};
    uint32_t number = 1;
    analysis_reader_init(&reader);
    analysis_reader_enter(&reader);
    struct vm_code code = code_of(&number, &bytes, 64);
    const struct vm_analysis *cold = analysis_cache_get(&reader, &code, VM_FORK_CANCUN, 10, &own);
    cr_expect_not(vm_analysis_is_whole(cold));
    cr_expect_eq(analysis_cache_heat_missing(cold, 10), 640);
    analysis_cache_add_heat(cold, 639);
    cr_expect_eq(analysis_cache_get(&reader, &code, VM_FORK_CANCUN, 10, &own), cold);
    analysis_cache_add_heat(cold, 1);
    const struct vm_analysis *whole = analysis_cache_get(&reader, &code, VM_FORK_CANCUN, 10, &own);
    cr_expect(vm_analysis_is_whole(whole));
    cr_expect_eq(analysis_cache_get(&reader, &code, VM_FORK_CANCUN, 10, &own), whole);
    cr_expect_eq(analysis_cache_count(), 1);
    analysis_reader_leave(&reader);
    analysis_cache_clear();
    analysis_reader_cleanup(&reader);
    buffer_cleanup(&bytes);
}

/* With no room left anywhere, a code is not analysed whole at every call. */
Test(analysis_cache, a_whole_analysis_without_room_has_to_be_earned_again)
{
    enum { CODES = 450 };
    static struct buffer codes[CODES];
    struct vm_analysis *own;
    struct analysis_reader reader;
    size_t owned = 0;
    analysis_reader_init(&reader);
    analysis_reader_enter(&reader);
    for (unsigned round = 0; round < 3; round++)
        for (uint32_t index = 0; index < CODES; index++) {
            uint32_t number = 0x5b5b0000 + index;
            struct vm_code code = code_of(&number, &codes[index], 24000);
            const struct vm_analysis *found =
                analysis_cache_get(&reader, &code, VM_FORK_CANCUN, 1, &own);
            if (!vm_analysis_is_whole(found) && round == 0)
                analysis_cache_add_heat(found, 24000);
            owned += own != NULL;
            cr_assert(own == NULL || round == 1, "once each");
            vm_analysis_free(own);
        }
    cr_expect_gt(owned, 0);
    analysis_reader_leave(&reader);
    analysis_cache_clear();
    analysis_reader_cleanup(&reader);
    for (size_t index = 0; index < CODES; index++)
        buffer_cleanup(&codes[index]);
}

Test(analysis_cache, keeps_what_a_run_may_still_use_and_stays_bounded)
{
    struct analysis_reader running, writer;
    struct vm_analysis *own;
    struct buffer bytes = {0};
    uint32_t number = 1;
    analysis_reader_init(&running);
    analysis_reader_init(&writer);
    analysis_reader_enter(&running);
    struct vm_code code = code_of(&number, &bytes, 20000);
    const struct vm_analysis *held = analysis_cache_get(&running, &code, VM_FORK_CANCUN, 0, &own);
    cr_assert_not_null(held);
    hash256 hash = held->code_hash;
    for (unsigned round = 0; round < 2000; round++) { /* far more than fits */
        analysis_reader_enter(&writer);
        code = code_of(&number, &bytes, 20000);
        (void)analysis_cache_get(&writer, &code, VM_FORK_CANCUN, 0, &own);
        vm_analysis_free(own);
        analysis_reader_leave(&writer);
        cr_assert_leq(analysis_cache_size_bytes(),
                      ANALYSIS_CACHE_SIZE_MAX + 2 * ANALYSIS_CACHE_WAITING_MAX);
    }
    cr_expect(hash256_equal(&held->code_hash, &hash), "still readable");
    analysis_reader_leave(&running);
    analysis_cache_clear();
    cr_expect_eq(analysis_cache_size_bytes(), 0);
    analysis_reader_cleanup(&running);
    analysis_reader_cleanup(&writer);
    buffer_cleanup(&bytes);
}

/* Calls of many codes in turn: none of them is analysed again and again in one run. */
Test(analysis_cache, a_run_keeps_what_does_not_fit)
{
    enum { CODES = 150 };
    static struct buffer codes[CODES];
    const struct vm_analysis *seen[CODES];
    struct vm_analysis *own;
    struct analysis_reader reader;
    size_t others = 0;
    analysis_reader_init(&reader);
    analysis_reader_enter(&reader);
    for (unsigned round = 0; round < 3; round++)
        for (uint32_t index = 0; index < CODES; index++) {
            uint32_t number = 0x5b5b0000 + index; /* many blocks */
            struct vm_code code = code_of(&number, &codes[index], 20000);
            const struct vm_analysis *found =
                analysis_cache_get(&reader, &code, VM_FORK_CANCUN, 0, &own);
            cr_expect_null(own);
            cr_expect(hash256_equal(&found->code_hash, &code.hash));
            others += round == 2 && found != seen[index];
            seen[index] = found;
        }
    cr_expect_eq(others, 0);
    cr_expect_gt(reader.kept_bytes, 0);
    analysis_reader_leave(&reader);
    cr_expect_eq(reader.kept_bytes, 0);
    analysis_cache_clear();
    cr_expect_eq(analysis_cache_size_bytes(), 0);
    analysis_reader_cleanup(&reader);
    for (size_t index = 0; index < CODES; index++)
        buffer_cleanup(&codes[index]);
}

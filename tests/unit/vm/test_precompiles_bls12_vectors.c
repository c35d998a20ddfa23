/* The public vectors of EIP-2537, from the folder that LEITHER_VECTORS names (default:
 * ../shared/vectors, run from the project's root). The contracts in them are straight rows of
 * calls that must all fail: read here as rows of calls, not run. */
#include "vm/precompiles.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/vm/world.h"
#include "vm/base/hex.h"

#define FOLDER "state_tests/prague/eip2537_bls_12_381_precompiles"

/* The operands of a CALL, the last pushed first. */
struct call {
    uint64_t gas, address, value, input_at, input_size, output_at, output_size;
};

/* A contract of these vectors calls with what memory holds: zeros, which are infinities and zero
 * scalars. So a call fails for lack of gas, or the input's size is wrong. */
static void expect_to_fail(const struct call *call, bool for_one_gas, const char *name)
{
    address account = world_address(call->address);
    const struct vm_precompile *precompile = vm_precompile_find(VM_FORK_PRAGUE, &account);
    cr_assert_not_null(precompile, "%s: address %llu", name, (unsigned long long)call->address);
    uint8_t *zeros = memory_new_zeroed(call->input_size + 1, 1);
    struct bytes input = bytes_of(zeros, call->input_size);
    struct buffer output = {0};
    uint64_t gas = precompile->gas(input);
    if (for_one_gas)
        cr_expect_eq(gas, call->gas + 1, "%s: %zu bytes", name, input.size);
    cr_expect(gas > call->gas || !precompile->run(input, &output), "%s: %zu bytes", name,
              input.size);
    buffer_cleanup(&output);
    free(zeros);
}

/* Returns how many calls the code makes. */
static size_t walk(struct bytes code, bool for_one_gas, const char *name)
{
    uint64_t pushed[16] = {0};
    size_t count = 0, calls = 0;
    for (size_t pc = 0; pc < code.size; pc++) {
        uint8_t opcode = code.data[pc];
        if (opcode >= 0x60 && opcode <= 0x67 && pc + opcode - 0x5f < code.size) { /* PUSH1 to 8 */
            uint64_t value = 0;
            for (int left = opcode - 0x5f; left > 0; left--)
                value = value << 8 | code.data[++pc];
            cr_assert_lt(count, 16);
            pushed[count++] = value;
        } else if (opcode == 0xf1) { /* CALL; its answer stays */
            cr_assert_geq(count, 7);
            const uint64_t *top = pushed + count;
            struct call call = {top[-1], top[-2], top[-3], top[-4], top[-5], top[-6], top[-7]};
            expect_to_fail(&call, for_one_gas, name);
            count -= 6;
            calls++;
        } else {
            cr_assert_eq(opcode, 0x55, "%s: opcode %02x", name, opcode); /* SSTORE */
            cr_assert_geq(count, 2);
            count -= 2;
        }
    }
    return calls;
}

static size_t run_case(const char *name, const json_t *test, bool for_one_gas)
{
    const char *to = json_string_value(json_object_get(json_object_get(test, "transaction"), "to"));
    const json_t *account = to ? json_object_get(json_object_get(test, "pre"), to) : NULL;
    const char *hex = json_string_value(json_object_get(account, "code"));
    struct buffer code = {0};
    cr_assert(hex != NULL && hex_decode_append(&code, hex, strlen(hex)), "%s", name);
    size_t calls = walk(buffer_view(&code), for_one_gas, name);
    buffer_cleanup(&code);
    return calls;
}

static size_t run_file(const char *folder, const char *file)
{
    char path[1024];
    const char *name;
    json_t *test;
    size_t calls = 0;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    json_t *tests = json_load_file(path, 0, NULL);
    cr_assert_not_null(tests, "%s", path);
    bool for_one_gas = strncmp(file, "test_invalid_gas_", 17) == 0;
    json_object_foreach(tests, name, test) calls += run_case(name, test, for_one_gas);
    json_decref(tests);
    return calls;
}

Test(precompiles_bls12_vectors, every_call_fails)
{
    const char *vectors = getenv("LEITHER_VECTORS");
    char folder[512];
    snprintf(folder, sizeof folder, "%s/" FOLDER, vectors != NULL ? vectors : "../shared/vectors");
    DIR *files = opendir(folder);
    if (files == NULL)
        cr_skip_test("no folder %s; LEITHER_VECTORS names where the vectors are", folder);
    size_t calls = 0;
    for (struct dirent *entry = readdir(files); entry != NULL; entry = readdir(files)) {
        size_t size = strlen(entry->d_name);
        if (strncmp(entry->d_name, "test_invalid_", 13) == 0 && size > 5
            && strcmp(entry->d_name + size - 5, ".json") == 0)
            calls += run_file(folder, entry->d_name);
    }
    closedir(files);
    cr_expect_gt(calls, 0, "no vectors in %s", folder);
}

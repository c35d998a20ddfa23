#include "vm/precompiles_bls12.h"

#include <criterion/criterion.h>

#include "tests/unit/vm/world.h"
#include "vm/base/hex.h"
#include "vm/crypto/digest.h"
#include "vm/vm.h"

/* The constant polynomial 2: commitment 2 G1, value 2 anywhere, proof infinity. */
#define TWO_G1                                                                                     \
    "a572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62ae28f75bb8f1c7c42c39a8c5529bf" \
    "0f4e"

static void point_evaluation_input(struct buffer *input)
{
    buffer_clear(input);
    uint8_t *bytes = buffer_extend(input, 192);
    struct buffer commitment = {0};
    cr_assert(hex_decode_append(&commitment, "0x" TWO_G1, 2 + 96));
    memset(bytes, 0, 192);
    memcpy(bytes + 96, commitment.data, 48);
    hash256 hash = sha256(buffer_view(&commitment));
    memcpy(bytes, hash.bytes, sizeof hash.bytes);
    bytes[0] = 1;
    bytes[63] = 77;
    bytes[95] = 2;
    bytes[144] = 0xc0;
    buffer_cleanup(&commitment);
}

Test(precompiles_bls12, point_evaluation_answers_with_constants)
{
    struct buffer input = {0}, output = {0}, text = {0};
    point_evaluation_input(&input);
    cr_assert_eq(point_evaluation_gas(buffer_view(&input)), 50000);
    cr_assert(point_evaluation_run(buffer_view(&input), &output));
    hex_append(&text, buffer_view(&output));
    buffer_append_u8(&text, 0);
    cr_expect_str_eq((char *)text.data,
                     "0x0000000000000000000000000000000000000000000000000000000000001000"
                     "73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001");
    buffer_cleanup(&input);
    buffer_cleanup(&output);
    buffer_cleanup(&text);
}

/* Every byte matters: changed, the call fails, but for z, where every value is 2. */
Test(precompiles_bls12, point_evaluation_fails_for_any_other_input)
{
    struct buffer input = {0}, output = {0};
    for (size_t i = 0; i < 192; i += i == 0 || i == 95 || i == 143 ? 1 : 5) {
        point_evaluation_input(&input);
        input.data[i] ^= 1;
        bool is_z = i >= 33 && i < 64; /* byte 32 makes it no less than the order, or not */
        if (i != 32)
            cr_expect_eq(point_evaluation_run(buffer_view(&input), &output), is_z, "byte %zu", i);
    }
    point_evaluation_input(&input);
    buffer_clear(&output);
    for (size_t size = 0; size < 192; size++)
        cr_expect(!point_evaluation_run(bytes_of(input.data, size), &output), "%zu", size);
    buffer_append_u8(&input, 0);
    cr_expect(!point_evaluation_run(buffer_view(&input), &output));
    cr_expect_eq(output.size, 0, "a failed call has no output");
    buffer_cleanup(&input);
    buffer_cleanup(&output);
}

Test(precompiles_bls12, the_machine_calls_point_evaluation)
{
    struct world *world = memory_new(sizeof *world);
    struct buffer input = {0};
    world_init(world);
    point_evaluation_input(&input);
    struct vm_message message = {.kind = VM_CALL,
                                 .gas = 50001,
                                 .sender = world_address(WORLD_SENDER),
                                 .recipient = world_address(10),
                                 .code_address = world_address(10),
                                 .input = buffer_view(&input)};
    struct vm_host host = world_host(world);
    struct vm_result result = vm_execute(world->vm, &world->environment, &host, &message, NULL);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(result.gas_left, 1);
    cr_expect_eq(result.output.size, 64);
    message.gas = 49999;
    result = vm_execute(world->vm, &world->environment, &host, &message, NULL);
    cr_expect_eq(result.status, VM_OUT_OF_GAS);
    message.gas = 50001;
    input.data[95] = 3;
    result = vm_execute(world->vm, &world->environment, &host, &message, NULL);
    cr_expect_eq(result.status, VM_PRECOMPILE_FAILURE);
    cr_expect_eq(result.gas_left, 0);
    buffer_cleanup(&input);
    world_cleanup(world);
    free(world);
}

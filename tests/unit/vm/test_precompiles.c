#include "vm/precompiles.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/unit/vm/world.h"
#include "vm/base/hex.h"

static struct vm_result call(struct world *world, uint64_t number, struct bytes input, uint64_t gas)
{
    struct vm_message message = {.kind = VM_CALL,
                                 .gas = gas,
                                 .sender = world_address(WORLD_SENDER),
                                 .recipient = world_address(number),
                                 .code_address = world_address(number),
                                 .input = input};
    struct vm_host host = world_host(world);
    return vm_execute(world->vm, &world->environment, &host, &message, NULL);
}

static void expect(struct world *world, uint64_t number, const char *input_hex, uint64_t gas,
                   const char *output_hex)
{
    struct buffer input = {0}, output = {0};
    cr_assert(hex_decode_append(&input, input_hex, strlen(input_hex)));
    struct vm_result result = call(world, number, buffer_view(&input), gas);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(result.gas_left, 0);
    hex_append(&output, result.output);
    buffer_append_u8(&output, 0);
    cr_expect_str_eq((char *)output.data, output_hex);
    result = call(world, number, buffer_view(&input), gas - 1);
    cr_expect_eq(result.status, VM_OUT_OF_GAS);
    cr_expect_eq(result.output.size, 0);
    buffer_cleanup(&input);
    buffer_cleanup(&output);
}

/* Fails and takes all the gas it is given, be it little or much. */
static void expect_failure(struct world *world, uint64_t number, const char *input_hex)
{
    struct buffer input = {0};
    cr_assert(hex_decode_append(&input, input_hex, strlen(input_hex)));
    struct vm_result result = call(world, number, buffer_view(&input), 1000000);
    cr_expect_eq(result.status, VM_PRECOMPILE_FAILURE, "%s", input_hex);
    cr_expect_eq(result.gas_left, 0);
    cr_expect_eq(result.output.size, 0);
    buffer_cleanup(&input);
}

#define ZEROS_31 "00000000000000000000000000000000000000000000000000000000000000"

Test(precompiles, known_answers)
{
    struct world *world = memory_new(sizeof *world);
    world_init(world);
    expect(world, 2, "0x616263", 60 + 12,
           "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(world, 3, "0x616263", 600 + 120,
           "0x0000000000000000000000008eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
    expect(world, 4, "0x616263", 15 + 3, "0x616263");
    expect(world, 4, "0x", 15, "0x");
    /* EIP-155's example: digest, v, r, s and the signer */
    expect(world, 1,
           "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53" ZEROS_31 "1b"
           "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
           "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
           3000, "0x0000000000000000000000009d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
    /* v of 29, and nothing at all, recover nobody and say so with no output */
    expect(world, 1,
           "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53" ZEROS_31 "1d"
           "28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"
           "67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83",
           3000, "0x");
    expect(world, 1, "0x", 3000, "0x");
    world_cleanup(world);
    free(world);
}

/* EIP-198's example: 3 ^ (p - 1) mod p is 1. */
Test(precompiles, modexp_is_one)
{
    struct world *world = memory_new(sizeof *world);
    world_init(world);
    expect(world, 5,
           "0x" ZEROS_31 "01" ZEROS_31 "20" ZEROS_31 "20"
           "03"
           "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e"
           "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f",
           1360, "0x" ZEROS_31 "01");
    world_cleanup(world);
    free(world);
}

#define BLAKE2F_STATE                                                  \
    "48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5" \
    "d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b"
#define ZEROS_64      ZEROS_31 ZEROS_31 "0000"
#define BLAKE2F_INPUT BLAKE2F_STATE "61626300" ZEROS_64 ZEROS_31 ZEROS_15 ZEROS_14 "0300" ZEROS_14
#define ZEROS_14      "0000000000000000000000000000"
#define ZEROS_15      ZEROS_14 "00"

/* The vectors of EIP-152: wrong sizes and flags fail, then 0, 12 and 1 rounds. */
Test(precompiles, blake2f_answers_as_eip_152_says)
{
    struct world *world = memory_new(sizeof *world);
    world_init(world);
    expect_failure(world, 9, "0x");
    expect_failure(world, 9, "0x00000c" BLAKE2F_INPUT "01");
    expect_failure(world, 9, "0x000000000c" BLAKE2F_INPUT "01");
    expect_failure(world, 9, "0x0000000c" BLAKE2F_INPUT "02");
    expect(world, 9, "0x0000000c" BLAKE2F_INPUT "01", 12,
           "0xba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
           "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
    expect(world, 9, "0x0000000c" BLAKE2F_INPUT "00", 12,
           "0x75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d28752"
           "98743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116fde4735");
    expect(world, 9, "0x00000001" BLAKE2F_INPUT "01", 1,
           "0xb63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fb"
           "a551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fed7a421");
    struct buffer input = {0};
    cr_assert(hex_decode_append(&input, "0x00000000" BLAKE2F_INPUT "01", 2 + 2 * 213));
    struct vm_result result = call(world, 9, buffer_view(&input), 0);
    cr_expect_eq(result.status, VM_SUCCESS);
    cr_expect_eq(result.output.data[0], 0x08); /* 0 rounds, for nothing */
    cr_expect_eq(result.output.data[63], 0x5b);
    buffer_cleanup(&input);
    world_cleanup(world);
    free(world);
}

#define BN254_ONE ZEROS_31 "01" ZEROS_31 "02" /* the generator, and twice it */
#define BN254_TWO                                                      \
    "030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd3" \
    "15ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4"
#define BN254_TWIST                                                    \
    "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2" \
    "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed" \
    "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b" \
    "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"

/* EIPs 196 and 197, at EIP-1108's prices. */
Test(precompiles, bn254_adds_multiplies_and_pairs)
{
    struct world *world = memory_new(sizeof *world);
    world_init(world);
    expect(world, 6, "0x" BN254_ONE BN254_ONE, 150, "0x" BN254_TWO);
    expect(world, 7, "0x" BN254_ONE ZEROS_31 "02", 6000, "0x" BN254_TWO);
    expect(world, 8, "0x", 45000, "0x" ZEROS_31 "01");
    expect(world, 8, "0x" BN254_ONE BN254_TWIST, 79000, "0x" ZEROS_31 "00");
    expect_failure(world, 6, "0x" BN254_ONE ZEROS_31 "01" ZEROS_31 "01");
    expect_failure(world, 7, "0x" ZEROS_31 "01" ZEROS_31 "01");
    expect_failure(world, 8, "0x" BN254_ONE BN254_TWIST "00");
    world_cleanup(world);
    free(world);
}

static void expect_p256(struct bytes input, bool is_good)
{
    address account = {{[18] = 1}};
    struct buffer output = {0};
    const struct vm_precompile *precompile = vm_precompile_find(VM_FORK_OSAKA, &account);
    cr_assert_not_null(precompile);
    cr_expect_eq(precompile->gas(input), 6900);
    cr_expect(precompile->run(input, &output));
    cr_expect_eq(output.size, is_good ? 32 : 0);
    cr_expect(!is_good || output.data[31] == 1);
    buffer_cleanup(&output);
}

/* EIP-7951: from Osaka on, at 0x100; what is wrong is answered with nothing. */
Test(precompiles, p256_comes_with_osaka)
{
    address account = {{[18] = 1}};
    struct buffer input = {0};
    const char *hex = "0xbb5a52f42f9c9261ed4361f59422a1e30036e7c32b270c8807a419feca605023"
                      "2ba3a8be6b94d5ec80a6d9d1190a436effe50d85a1eee859b8cc6af9bd5c2e18"
                      "4cd60b855d442f5b3c7b11eb6c4e0ae7525fe710fab9aa7c77a67f79e6fadd76"
                      "2927b10512bae3eddcfe467828128bad2903269919f7086069c8c4df6c732838"
                      "c7787964eaac00e5921fb1498a60f4606766b3d9685001558d1a974e7341513e";
    cr_expect_null(vm_precompile_find(VM_FORK_PRAGUE, &account));
    cr_assert(hex_decode_append(&input, hex, strlen(hex)));
    expect_p256(buffer_view(&input), true);
    expect_p256(bytes_of(input.data, input.size - 1), false);
    expect_p256(bytes_of(NULL, 0), false);
    buffer_append_u8(&input, 0);
    expect_p256(buffer_view(&input), false);
    input.data[0] ^= 1;
    expect_p256(bytes_of(input.data, input.size - 1), false);
    buffer_cleanup(&input);
}

/* A fork runs the newest row it has, and counts an address once. */
Test(precompiles, a_later_fork_replaces_an_earlier_row)
{
    address account = world_address(5);
    uint8_t zeros[96] = {0};
    const struct vm_precompile *cancun = vm_precompile_find(VM_FORK_CANCUN, &account);
    const struct vm_precompile *prague = vm_precompile_find(VM_FORK_PRAGUE, &account);
    const struct vm_precompile *osaka = vm_precompile_find(VM_FORK_OSAKA, &account);
    cr_expect_eq(cancun, prague);
    cr_expect_eq(cancun->gas(bytes_of(zeros, sizeof zeros)), 200);
    cr_expect_eq(osaka->gas(bytes_of(zeros, sizeof zeros)), 500);
    cr_assert(vm_precompile_at(VM_FORK_OSAKA, 5, &account));
    cr_expect_eq(account.bytes[19], 6);
}

Test(precompiles, end_at_the_last_address_of_the_fork)
{
    struct world *world = memory_new(sizeof *world);
    world_init(world);
    struct vm_result result = call(world, 11, bytes_of(NULL, 0), 100000);
    cr_expect_eq(result.status, VM_SUCCESS); /* an account without code */
    cr_expect_eq(result.gas_left, 100000);
    world_cleanup(world);
    free(world);
}

Test(precompiles, are_listed_by_address)
{
    address account;
    for (size_t index = 0; index < 10; index++) {
        cr_assert(vm_precompile_at(VM_FORK_CANCUN, index, &account));
        address expected = world_address(index + 1);
        cr_expect(address_equal(&account, &expected));
        cr_expect(vm_is_precompile(VM_FORK_CANCUN, &account));
    }
    cr_expect(!vm_precompile_at(VM_FORK_CANCUN, 10, &account));
    account = world_address(0);
    cr_expect(!vm_is_precompile(VM_FORK_CANCUN, &account));
    account = world_address(1);
    account.bytes[0] = 1;
    cr_expect(!vm_is_precompile(VM_FORK_CANCUN, &account));
}

/* Each can be priced and run, in every fork that has it. */
Test(precompiles, have_both_their_functions)
{
    for (enum vm_fork fork = VM_FORK_CANCUN; fork < VM_FORK_COUNT; fork++) {
        address account;
        for (size_t index = 0; vm_precompile_at(fork, index, &account); index++) {
            const struct vm_precompile *precompile = vm_precompile_find(fork, &account);
            struct buffer output = {0};
            cr_assert_not_null(precompile);
            cr_assert_not_null(precompile->name);
            cr_expect_leq(precompile->gas(bytes_of(NULL, 0)), 50000);
            (void)precompile->run(bytes_of(NULL, 0), &output);
            buffer_cleanup(&output);
        }
    }
}

/* Through a contract: output in memory, return data, and the identity of more than a page. */
Test(precompiles, answer_contracts)
{
    struct world *world = memory_new(sizeof *world);
    world_init(world);
    /* 8192 bytes of memory, the last one 7, through identity to 0x4000 */
    struct vm_result result = world_run(
        world, "6007 611fff 53 612000 614000 612000 5f 5f 6004 620fffff f1 50 6020 615fe0 f3",
        1000000);
    cr_expect_eq(world_answer(result).limbs[0], 7);
    result = world_run(world, "5f 5f 6021 5f 6004 5a fa 3d 5f 52 6020 5f f3", 1000000);
    cr_expect_eq(world_answer(result).limbs[0], 33);
    world_cleanup(world);
    free(world);
}

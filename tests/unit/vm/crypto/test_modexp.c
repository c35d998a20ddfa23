#include "vm/crypto/modexp.h"

#include <criterion/criterion.h>
#include <pthread.h>

#include "tests/unit/vm/crypto/seeded.h"
#include "vm/base/hex.h"

static void append_size(struct buffer *input, uint64_t size)
{
    static const uint8_t zeros[24];
    buffer_append(input, zeros, sizeof zeros);
    buffer_append_u64_be(input, size);
}

static struct buffer call_of(struct bytes base, struct bytes exponent, struct bytes modulus)
{
    struct buffer input = {0};
    append_size(&input, base.size);
    append_size(&input, exponent.size);
    append_size(&input, modulus.size);
    buffer_append_bytes(&input, base);
    buffer_append_bytes(&input, exponent);
    buffer_append_bytes(&input, modulus);
    return input;
}

static struct buffer power(struct bytes base, struct bytes exponent, struct bytes modulus)
{
    struct buffer input = call_of(base, exponent, modulus), output = {0};
    cr_assert(modexp_run(buffer_view(&input), &output));
    cr_assert_eq(output.size, modulus.size);
    buffer_cleanup(&input);
    return output;
}

static void expect_run(const char *input_hex, const char *output_hex)
{
    struct buffer input = {0}, output = {0}, expected = {0};
    cr_assert(hex_decode_append(&input, input_hex, strlen(input_hex)));
    cr_assert(hex_decode_append(&expected, output_hex, strlen(output_hex)));
    cr_expect(modexp_run(buffer_view(&input), &output));
    cr_expect(bytes_equal(buffer_view(&output), buffer_view(&expected)), "%s", input_hex);
    buffer_cleanup(&input);
    buffer_cleanup(&output);
    buffer_cleanup(&expected);
}

#define ZEROS_30  "000000000000000000000000000000000000000000000000000000000000"
#define ZEROS_28  "00000000000000000000000000000000000000000000000000000000"
#define SIZE_0    ZEROS_30 "0000"
#define SIZE_1    ZEROS_30 "0001"
#define SIZE_2    ZEROS_30 "0002"
#define SIZE_32   ZEROS_30 "0020"
#define FIELD     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f"
#define FIELD_1   "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e"
#define SIZE_HUGE "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

Test(modexp, known_answers)
{
    /* the examples of EIP-198: Fermat's little theorem, a base of no bytes, zeros at the end */
    expect_run("0x" SIZE_1 SIZE_32 SIZE_32 "03" FIELD_1 FIELD, "0x" SIZE_1);
    expect_run("0x" SIZE_0 SIZE_32 SIZE_32 FIELD_1 FIELD, "0x" SIZE_0);
    expect_run("0x" SIZE_1 SIZE_2 SIZE_32 "03ffff"
               "8000000000000000000000000000000000000000000000000000000000000000"
               "07",
               "0x3b01b01ac41f2d6e917c6d6a221ce793802469026d9ab7578fa2e79e4da6aaab");
    expect_run("0x" SIZE_1 SIZE_2 SIZE_32 "03ffff80",
               "0x3b01b01ac41f2d6e917c6d6a221ce793802469026d9ab7578fa2e79e4da6aaab");
    /* nothing, no modulus, a modulus of zero, of one, and zero to the power of zero */
    expect_run("0x", "0x");
    expect_run("0x" SIZE_1 SIZE_1 SIZE_0 "0203", "0x");
    expect_run("0x" SIZE_1 SIZE_1 SIZE_2 "02030000", "0x0000");
    expect_run("0x" SIZE_1 SIZE_1 SIZE_2 "02030001", "0x0000");
    expect_run("0x" SIZE_1 SIZE_0 SIZE_1 "0201", "0x00");
    expect_run("0x" SIZE_0 SIZE_0 SIZE_2 "0005", "0x0001");
    expect_run("0x" SIZE_0 SIZE_HUGE SIZE_0, "0x");
}

static u256 slow_power(u256 base, const u256 *exponent, const u256 *modulus)
{
    u256 result = u256_mod(&U256_ONE, modulus);
    for (unsigned bit = 256; bit-- > 0;) {
        result = u256_mulmod(&result, &result, modulus);
        if (exponent->limbs[bit / 64] >> (bit % 64) & 1)
            result = u256_mulmod(&result, &base, modulus);
    }
    return result;
}

Test(modexp, agrees_with_words_squared_and_multiplied)
{
    struct seeded random = seeded_new();
    for (unsigned round = 0; round < 300; round++) {
        u256 words[3];
        uint8_t encoded[3][32];
        for (size_t i = 0; i < 3; i++) {
            words[i] = seeded_word(&random);
            u256 bits = u256_from_u64(seeded_u64(&random) % 256);
            words[i] = u256_shr(&words[i], &bits);
            u256_store_be(encoded[i], &words[i]);
        }
        struct buffer got =
            power(bytes_of(encoded[0], 32), bytes_of(encoded[1], 32), bytes_of(encoded[2], 32));
        u256 number = u256_load_be(got.data, 32);
        u256 expected = slow_power(words[0], &words[1], &words[2]);
        cr_expect(u256_equal(&number, &expected), SEED_FORMAT, SEED_OF(random));
        buffer_cleanup(&got);
    }
}

/* (x ^ a) ^ b = (x ^ b) ^ a, for moduli on both sides of the change of algorithm. */
Test(modexp, powers_of_powers_commute_at_every_size)
{
    static const size_t sizes[] = {1, 33, 512, 2047, 2048, 2049, 2056, 2057, 3000, 6000};
    struct seeded random = seeded_new();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t x[100], a[5], b[3];
        struct buffer modulus = {0};
        seeded_fill(&random, x, sizeof x);
        seeded_fill(&random, a, sizeof a);
        seeded_fill(&random, b, sizeof b);
        seeded_fill(&random, buffer_extend(&modulus, sizes[i]), sizes[i]);
        if (i % 2 == 1)
            modulus.data[sizes[i] - 1] = 0; /* even */
        struct buffer xa =
            power(bytes_of(x, sizeof x), bytes_of(a, sizeof a), buffer_view(&modulus));
        struct buffer xb =
            power(bytes_of(x, sizeof x), bytes_of(b, sizeof b), buffer_view(&modulus));
        struct buffer ab = power(buffer_view(&xa), bytes_of(b, sizeof b), buffer_view(&modulus));
        struct buffer ba = power(buffer_view(&xb), bytes_of(a, sizeof a), buffer_view(&modulus));
        cr_expect(bytes_equal(buffer_view(&ab), buffer_view(&ba)), SEED_FORMAT " size %zu",
                  SEED_OF(random), sizes[i]);
        buffer_cleanup(&xa);
        buffer_cleanup(&xb);
        buffer_cleanup(&ab);
        buffer_cleanup(&ba);
        buffer_cleanup(&modulus);
    }
}

/* Where the input ends does not matter if only zeros would follow. */
Test(modexp, reads_zeros_beyond_the_inputs_end)
{
    struct seeded random = seeded_new();
    static uint8_t base[70], exponent[9000], modulus[40];
    seeded_fill(&random, base, sizeof base);
    seeded_fill(&random, exponent, sizeof exponent);
    seeded_fill(&random, modulus, sizeof modulus);
    memset(exponent + 100, 0, sizeof exponent - 100);
    struct buffer whole = call_of(bytes_of(base, sizeof base), bytes_of(exponent, sizeof exponent),
                                  bytes_of(modulus, sizeof modulus));
    struct buffer output = {0}, expected = {0};

    /* The modulus is gone with the zeros of the exponent: it is zero then, and so is the answer. */
    cr_assert(modexp_run(bytes_of(whole.data, 96 + 70 + 100), &output));
    for (size_t i = 0; i < output.size; i++)
        cr_assert_eq(output.data[i], 0);
    cr_assert_eq(output.size, sizeof modulus);

    /* A modulus cut in its middle is one that ends in zeros. */
    memset(whole.data + whole.size - 15, 0, 15);
    buffer_clear(&output);
    cr_assert(modexp_run(bytes_of(whole.data, whole.size - 15), &output));
    cr_assert(modexp_run(buffer_view(&whole), &expected));
    cr_expect(bytes_equal(buffer_view(&output), buffer_view(&expected)), SEED_FORMAT,
              SEED_OF(random));
    buffer_cleanup(&whole);
    buffer_cleanup(&output);
    buffer_cleanup(&expected);
}

struct priced {
    size_t base, exponent, modulus;
    uint8_t exponent_fill; /* all its bytes */
    uint64_t eip2565, eip7883;
};

/* The nagydani cases of the EIPs have equal bases and moduli of 64 to 1024 bytes. */
static const struct priced prices[] = {
    {64, 1, 64, 0x02, 200, 500},
    {128, 1, 128, 0x03, 200, 512},
    {256, 1, 256, 0x02, 341, 2048},
    {512, 1, 512, 0x02, 1365, 8192},
    {1024, 1, 1024, 0x03, 5461, 32768},
    {64, 32, 64, 0xff, 64 * 255 / 3, 2 * 64 * 255},
    {1, 32, 1, 0xff, 200, 16 * 255},
    {33, 33, 1, 0x01, 25 * (248 + 8) / 3, 2 * 25 * (248 + 16)},
    {8, 1024, 9, 0x00, 4 * 8 * 992 / 3, 16 * 16 * 992},
    {0, 32, 1, 0x00, 200, 500},
    {0, 0, 0, 0x00, 200, 500},
};

Test(modexp, is_priced_by_each_forks_rule)
{
    static uint8_t filled[1024], zeros[1024];
    for (size_t i = 0; i < sizeof prices / sizeof *prices; i++) {
        const struct priced *row = &prices[i];
        memset(filled, row->exponent_fill, sizeof filled);
        struct buffer input = call_of(bytes_of(zeros, row->base), bytes_of(filled, row->exponent),
                                      bytes_of(zeros, row->modulus));
        cr_expect_eq(modexp_gas_eip2565(buffer_view(&input)), row->eip2565, "row %zu", i);
        cr_expect_eq(modexp_gas_eip7883(buffer_view(&input)), row->eip7883, "row %zu", i);
        buffer_cleanup(&input);
    }
}

static uint64_t price_of_sizes(const char *hex)
{
    struct buffer input = {0};
    cr_assert(hex_decode_append(&input, hex, strlen(hex)));
    uint64_t gas = modexp_gas_eip2565(buffer_view(&input));
    buffer_cleanup(&input);
    return gas;
}

Test(modexp, prices_sizes_that_nobody_can_pay)
{
    cr_expect_eq(price_of_sizes("0x" SIZE_HUGE SIZE_1 SIZE_1), UINT64_MAX);
    cr_expect_eq(price_of_sizes("0x" SIZE_1 SIZE_HUGE SIZE_1), UINT64_MAX);
    cr_expect_eq(price_of_sizes("0x" SIZE_1 SIZE_1 SIZE_HUGE), UINT64_MAX);
    cr_expect_eq(price_of_sizes("0x" SIZE_HUGE SIZE_HUGE SIZE_HUGE), UINT64_MAX);
    cr_expect_eq(price_of_sizes("0x" SIZE_0 SIZE_HUGE SIZE_0), 200);
    cr_expect_eq(price_of_sizes("0x" SIZE_1 SIZE_1 ZEROS_28 "01000000"), (UINT64_C(1) << 42) / 3);
    cr_expect_eq(price_of_sizes("0x" SIZE_1 SIZE_1 ZEROS_28 "01000001"), UINT64_MAX);
}

Test(modexp, refuses_long_operands_from_osaka_on)
{
    static const uint8_t zeros[MODEXP_SIZE_MAX_OSAKA + 1];
    for (size_t operand = 0; operand < 3; operand++) {
        for (size_t size = MODEXP_SIZE_MAX_OSAKA; size <= sizeof zeros; size++) {
            struct bytes operands[3] = {bytes_of(zeros, 1), bytes_of(zeros, 1), bytes_of(zeros, 1)};
            struct buffer output = {0};
            operands[operand].size = size;
            struct buffer input = call_of(operands[0], operands[1], operands[2]);
            bool is_taken = modexp_run_eip7823(buffer_view(&input), &output);
            cr_expect_eq(is_taken, size <= MODEXP_SIZE_MAX_OSAKA);
            cr_expect_neq(modexp_gas_eip7883(buffer_view(&input)), UINT64_MAX);
            buffer_cleanup(&input);
            buffer_cleanup(&output);
        }
    }
}

static void *run_on_small_stack(void *input)
{
    struct buffer output = {0};
    cr_assert(modexp_run(buffer_view(input), &output));
    buffer_cleanup(&output);
    return NULL;
}

#ifdef __SANITIZE_ADDRESS__
#define IS_STACK_REAL false /* the sanitizer's frames are larger */
#else
#define IS_STACK_REAL true
#endif

/* The worst that was found, on s390x: divisions just short of where GMP takes its temporary numbers
 * from the heap cost 197,256 bytes there, 174,432 elsewhere; and what cost mpz_powm() 248,280. */
Test(modexp, needs_less_than_256_kib_of_native_stack)
{
    static const size_t sizes[][2] = {{7729, 28218}, {7946, 29000}, {8357, 30500}, {6987, 25500},
                                      {7934, 77032}, {77032, 7934}, {2048, 2048},  {15900, 15900}};
    struct seeded random = seeded_new();
    pthread_attr_t attributes;
    cr_assert_eq(pthread_attr_init(&attributes), 0);
    if (IS_STACK_REAL)
        cr_assert_eq(pthread_attr_setstacksize(&attributes, 216 * 1024), 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct buffer base = {0}, modulus = {0};
        seeded_fill(&random, buffer_extend(&base, sizes[i][0]), sizes[i][0]);
        seeded_fill(&random, buffer_extend(&modulus, sizes[i][1]), sizes[i][1]);
        modulus.data[modulus.size - 1] = 0;
        const uint8_t exponent = 7;
        struct buffer input =
            call_of(buffer_view(&base), bytes_of(&exponent, 1), buffer_view(&modulus));
        pthread_t thread;
        cr_assert_eq(pthread_create(&thread, &attributes, run_on_small_stack, &input), 0);
        cr_assert_eq(pthread_join(thread, NULL), 0);
        buffer_cleanup(&base);
        buffer_cleanup(&modulus);
        buffer_cleanup(&input);
    }
    pthread_attr_destroy(&attributes);
}

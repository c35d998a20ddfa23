#include "vm/base/u256.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 20000

/* LEITHER_SEED replays a failed run. */
static uint64_t seed_of_run(void)
{
    const char *text = getenv("LEITHER_SEED");
    return text != NULL ? strtoull(text, NULL, 0) : (uint64_t)time(NULL);
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64 */
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* Limbs of all ones, all zeros, single bits and anything, and often few of them: where carries
 * and wrong quotient digits hide. */
static u256 random_word(uint64_t *state)
{
    u256 word = U256_ZERO;
    size_t limbs = next_random(state) % 5;
    for (size_t limb = 0; limb < limbs; limb++) {
        uint64_t value = next_random(state);
        switch (next_random(state) % 5) {
        case 0: value = UINT64_MAX; break;
        case 1: value = UINT64_C(1) << (value % 64); break;
        case 2: value = -(UINT64_C(1) << (value % 64)); break;
        case 3: value = 0; break;
        }
        word.limbs[limb] = value;
    }
    return word;
}

static u256 word_of(const char *hex)
{
    u256 word = U256_ZERO;
    cr_assert(u256_parse_hex(&word, hex, strlen(hex)), "%s", hex);
    return word;
}

static void expect_equal(u256 got, u256 expected, const char *what, uint64_t seed)
{
    char got_text[U256_HEX_SIZE], expected_text[U256_HEX_SIZE];
    u256_format_quantity(got_text, &got);
    u256_format_quantity(expected_text, &expected);
    cr_expect(u256_equal(&got, &expected), "%s: got %s, expected %s, LEITHER_SEED=%llu", what,
              got_text, expected_text, (unsigned long long)seed);
}

Test(u256, quotient_times_divisor_plus_remainder_is_the_numerator)
{
    uint64_t seed = seed_of_run(), state = seed;
    for (size_t round = 0; round < ROUNDS; round++) {
        u256 a = random_word(&state), b = random_word(&state);
        if (u256_is_zero(&b))
            continue;
        u256 quotient = u256_div(&a, &b), remainder = u256_mod(&a, &b), back;
        cr_expect(u256_less(&remainder, &b), "LEITHER_SEED=%llu", (unsigned long long)seed);
        cr_expect(!u256_mul_overflows(&quotient, &b, &back));
        cr_expect(!u256_add_overflows(&back, &remainder, &back));
        expect_equal(back, a, "(a/b)*b + a%b", seed);
    }
}

/* a * 2^k mod m by doubling, without any wide arithmetic. */
static u256 slow_addmod(u256 a, u256 b, const u256 *modulus)
{
    a = u256_mod(&a, modulus);
    b = u256_mod(&b, modulus);
    u256 room = u256_sub(modulus, &b);
    return u256_less(&a, &room) ? u256_add(&a, &b) : u256_sub(&a, &room);
}

static u256 slow_mulmod(const u256 *a, const u256 *b, const u256 *modulus)
{
    u256 sum = U256_ZERO;
    for (unsigned bit = 256; bit-- > 0;) {
        sum = slow_addmod(sum, sum, modulus);
        if (b->limbs[bit / 64] >> (bit % 64) & 1)
            sum = slow_addmod(sum, *a, modulus);
    }
    return sum;
}

Test(u256, modular_sums_and_products_equal_the_long_way)
{
    uint64_t seed = seed_of_run(), state = seed;
    for (size_t round = 0; round < ROUNDS / 40; round++) {
        u256 a = random_word(&state), b = random_word(&state), m = random_word(&state);
        if (u256_is_zero(&m))
            continue;
        expect_equal(u256_addmod(&a, &b, &m), slow_addmod(a, b, &m), "addmod", seed);
        expect_equal(u256_mulmod(&a, &b, &m), slow_mulmod(&a, &b, &m), "mulmod", seed);
    }
}

/* From the exponent's bottom up, by plain products. */
static u256 slow_exp(u256 base, const u256 *exponent)
{
    u256 power = U256_ONE;
    for (unsigned bit = 0; bit < 256; bit++) {
        if (exponent->limbs[bit / 64] >> (bit % 64) & 1)
            power = u256_mul(&power, &base);
        base = u256_mul(&base, &base);
    }
    return power;
}

Test(u256, powers_equal_the_long_way)
{
    uint64_t seed = seed_of_run(), state = seed;
    for (size_t round = 0; round < ROUNDS / 10; round++) {
        u256 base = random_word(&state), exponent = random_word(&state);
        u256 bits = u256_from_u64(round % 257); /* of every length */
        exponent = u256_shr(&exponent, &bits);
        expect_equal(u256_exp(&base, &exponent), slow_exp(base, &exponent), "exp", seed);
    }
}

Test(u256, products_distribute_over_sums)
{
    uint64_t seed = seed_of_run(), state = seed;
    for (size_t round = 0; round < ROUNDS; round++) {
        u256 a = random_word(&state), b = random_word(&state), c = random_word(&state);
        u256 sum = u256_add(&a, &b), left = u256_mul(&sum, &c);
        u256 ac = u256_mul(&a, &c), bc = u256_mul(&b, &c);
        expect_equal(left, u256_add(&ac, &bc), "(a+b)*c", seed);
        u256 difference = u256_sub(&sum, &b);
        expect_equal(difference, a, "(a+b)-b", seed);
        u256 wrapped;
        cr_expect_eq(u256_add_overflows(&a, &b, &wrapped), u256_less(&sum, &a));
        (void)u256_mul_overflows(&a, &c, &wrapped);
        expect_equal(wrapped, ac, "mul_overflows", seed);
    }
}

Test(u256, shifts_are_products_and_quotients_by_powers_of_two)
{
    uint64_t seed = seed_of_run(), state = seed;
    u256 two = u256_from_u64(2);
    for (uint64_t bits = 0; bits < 256; bits++) {
        u256 a = random_word(&state), count = u256_from_u64(bits);
        u256 power = u256_exp(&two, &count);
        expect_equal(u256_shl(&a, &count), u256_mul(&a, &power), "shl", seed);
        expect_equal(u256_shr(&a, &count), u256_div(&a, &power), "shr", seed);
        u256 inverted = u256_not(&a), shifted = u256_sar(&inverted, &count);
        u256 expected = u256_sar(&a, &count);
        expect_equal(u256_not(&shifted), expected, "sar of the complement", seed);
    }
    u256 ones = u256_not(&(u256){{0}});
    u256 beyond = u256_from_u64(256), huge = word_of("0x10000000000000000");
    expect_equal(u256_shl(&ones, &beyond), U256_ZERO, "shl 256", seed);
    expect_equal(u256_shr(&ones, &huge), U256_ZERO, "shr 2^64", seed);
    expect_equal(u256_sar(&ones, &huge), ones, "sar 2^64", seed);
}

Test(u256, signed_operations_follow_the_yellow_paper)
{
    u256 zero = U256_ZERO, one = U256_ONE, three = u256_from_u64(3), seven = u256_from_u64(7);
    u256 minus_one = u256_sub(&zero, &one), minus_seven = u256_sub(&zero, &seven);
    u256 minus_two = u256_sub(&minus_one, &one), minus_three = u256_sub(&zero, &three);
    u256 least = word_of("0x8000000000000000000000000000000000000000000000000000000000000000");
    expect_equal(u256_sdiv(&minus_seven, &three), minus_two, "-7 / 3", 0);
    expect_equal(u256_smod(&minus_seven, &three), minus_one, "-7 % 3", 0);
    expect_equal(u256_smod(&seven, &minus_three), one, "7 % -3", 0);
    expect_equal(u256_sdiv(&least, &minus_one), least, "-2^255 / -1", 0);
    expect_equal(u256_sdiv(&seven, &zero), zero, "7 / 0", 0);
    expect_equal(u256_smod(&seven, &zero), zero, "7 % 0", 0);
    cr_expect(u256_signed_less(&minus_one, &zero));
    cr_expect(!u256_signed_less(&zero, &minus_one));
    cr_expect(u256_signed_less(&minus_two, &minus_one));
    u256 index = u256_from_u64(0), byte_80 = u256_from_u64(0x1280), byte_7f = u256_from_u64(0x127f);
    u256 minus_128 = u256_from_u64(128), expected_7f = u256_from_u64(0x7f);
    minus_128 = u256_sub(&zero, &minus_128);
    expect_equal(u256_signextend(&index, &byte_80), minus_128, "signextend 0x80", 0);
    expect_equal(u256_signextend(&index, &byte_7f), expected_7f, "signextend 0x7f", 0);
    u256 index_31 = u256_from_u64(31);
    expect_equal(u256_signextend(&index_31, &least), least, "signextend 31", 0);
}

Test(u256, known_values)
{
    u256 a = word_of("0xfedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210");
    u256 b = word_of("0x123456789abcdef0123456789abcdef");
    u256 m = word_of("0xffffffffffffffffffffffffffffffffffffffffffffffffffffffff00000001");
    expect_equal(u256_mul(&a, &b),
                 word_of("0x46b1a52125b2c86446b1a52125b2c864458fab20783af1222236d88fe5618cf0"),
                 "mul", 0);
    expect_equal(u256_div(&a, &b), word_of("0xe0000000000000d2f00000000000c694d0"), "div", 0);
    expect_equal(u256_mod(&a, &b), word_of("0xd4b3e00000000000d4b3e0"), "mod", 0);
    expect_equal(u256_mulmod(&a, &a, &m),
                 word_of("0x40038f5cfd43a7a0f3dbd04bff9d9d74a7b4113b01f79349594712bd963f5233"),
                 "mulmod", 0);
    expect_equal(u256_exp(&b, &a),
                 word_of("0x909f7f3ceb104c1983b3d997508cc47171723417b0ca87f3df71cc5a081eb901"),
                 "exp", 0);
}

Test(u256, division_and_remainder_by_zero_are_zero)
{
    u256 a = word_of("0x10000000000000000000000000000000001"), zero = U256_ZERO;
    expect_equal(u256_div(&a, &zero), zero, "div", 0);
    expect_equal(u256_mod(&a, &zero), zero, "mod", 0);
    expect_equal(u256_addmod(&a, &a, &zero), zero, "addmod", 0);
    expect_equal(u256_mulmod(&a, &a, &zero), zero, "mulmod", 0);
}

/* The rare path in which the quotient's guessed digit would overflow. */
Test(u256, division_survives_equal_leading_limbs)
{
    u256 a = {{0, 5, UINT64_MAX, UINT64_C(0x8000000000000000)}};
    u256 b = {{UINT64_MAX, UINT64_MAX, UINT64_C(0x8000000000000000), 0}};
    u256 quotient = u256_div(&a, &b), remainder = u256_mod(&a, &b), back = u256_mul(&quotient, &b);
    expect_equal(u256_add(&back, &remainder), a, "identity", 0);
    cr_expect(u256_less(&remainder, &b));
}

Test(u256, bytes_go_out_as_they_came_in)
{
    uint8_t bytes[32], out[32];
    for (size_t index = 0; index < sizeof bytes; index++)
        bytes[index] = (uint8_t)(index + 1);
    u256 value = u256_load_be(bytes, sizeof bytes);
    cr_expect_eq(value.limbs[0], UINT64_C(0x191a1b1c1d1e1f20));
    u256_store_be(out, &value);
    cr_expect_arr_eq(out, bytes, sizeof bytes);
    value = u256_load_be(bytes, 3);
    cr_expect_eq(value.limbs[0], 0x010203u);
    value = u256_load_be(NULL, 0);
    cr_expect(u256_is_zero(&value));
    address account = {{1, 2, 3}};
    value = u256_from_address(&account);
    address back = u256_to_address(&value);
    cr_expect(address_equal(&account, &back));
}

Test(u256, decimal_text_is_exact_up_to_the_largest_value)
{
    const char *largest =
        "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    const char *too_large =
        "115792089237316195423570985008687907853269984665640564039457584007913129639936";
    char out[U256_DECIMAL_SIZE];
    u256 value;
    cr_assert(u256_parse_decimal(&value, largest, strlen(largest)));
    u256_format_decimal(out, &value);
    cr_expect_str_eq(out, largest);
    cr_expect(!u256_parse_decimal(&value, too_large, strlen(too_large)));
    cr_expect(!u256_parse_decimal(&value, "", 0));
    cr_expect(!u256_parse_decimal(&value, "12a", 3));
    cr_expect(!u256_parse_decimal(&value, "-1", 2));
    value = U256_ZERO;
    u256_format_decimal(out, &value);
    cr_expect_str_eq(out, "0");
}

Test(u256, quantities_have_no_leading_zeros)
{
    char out[U256_HEX_SIZE];
    u256 value = U256_ZERO;
    u256_format_quantity(out, &value);
    cr_expect_str_eq(out, "0x0");
    value = word_of("0x001F");
    u256_format_quantity(out, &value);
    cr_expect_str_eq(out, "0x1f");
    value = u256_not(&(u256){{0}});
    u256_format_quantity(out, &value);
    cr_expect_eq(strlen(out), 66);
    cr_expect(!u256_parse_hex(&value, "0x", 2));
    cr_expect(!u256_parse_hex(&value, "1f", 2));
    cr_expect(!u256_parse_hex(&value, "0xg", 3));
}

Test(u256, lengths_and_comparisons)
{
    u256 zero = U256_ZERO, one = U256_ONE, big = {{0, 0, 0, 1}};
    cr_expect_eq(u256_bit_length(&zero), 0);
    cr_expect_eq(u256_byte_length(&zero), 0);
    cr_expect_eq(u256_bit_length(&one), 1);
    cr_expect_eq(u256_bit_length(&big), 193);
    cr_expect_eq(u256_byte_length(&big), 25);
    cr_expect_gt(u256_compare(&big, &one), 0);
    cr_expect_lt(u256_compare(&one, &big), 0);
    cr_expect_eq(u256_compare(&big, &big), 0);
    cr_expect(u256_less(&one, &big));
    cr_expect(!u256_less(&big, &big));
    cr_expect(!u256_fits_u64(&big));
}

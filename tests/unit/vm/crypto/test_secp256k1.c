/* Our arithmetic on secp256k1 beside u256's modular forms, and recovery beside libsecp256k1. */
#include "vm/crypto/curve_context.h"
#include "vm/crypto/recover.h"
#include "vm/crypto/secp256k1_sum.h"

#include <criterion/criterion.h>
#include <secp256k1_recovery.h>
#include <string.h>

#include "tests/unit/vm/crypto/seeded.h"

#define ROUNDS 3000

static u256 number_of(const secp_fp *value)
{
    return (u256){{value->limbs[0], value->limbs[1], value->limbs[2], value->limbs[3]}};
}

static secp_fp limbs_of(const u256 *number)
{
    return (secp_fp){{number->limbs[0], number->limbs[1], number->limbs[2], number->limbs[3]}};
}

/* Any four limbs; two of three are p, 0 or 2^256, give or take a number of few or of 33 bits. */
static secp_fp random_limbs(struct seeded *random)
{
    const uint64_t few = seeded_u64(random) % 5, many = seeded_u64(random) % (UINT64_C(1) << 33);
    const u256 distance = u256_from_u64(seeded_u64(random) % 2 == 0 ? few : many);
    const u256 base = seeded_u64(random) % 2 == 0 ? SECP_FIELD : U256_ZERO;
    u256 word = seeded_word(random);
    const uint64_t choice = seeded_u64(random) % 3;
    if (choice == 1)
        word = u256_add(&base, &distance);
    else if (choice == 2)
        word = u256_sub(&base, &distance);
    return limbs_of(&word);
}

static bool stands_for(const secp_fp *value, const u256 *expected)
{
    const u256 number = secp_fp_number(value);
    return u256_equal(&number, expected);
}

Test(secp256k1, sums_and_products_are_those_modulo_p)
{
    struct seeded random = seeded_new();
    for (unsigned round = 0; round < 20 * ROUNDS; round++) {
        const secp_fp a = random_limbs(&random), b = random_limbs(&random);
        const u256 x = number_of(&a), y = number_of(&b);
        secp_fp out, back;

        u256 expected = u256_mulmod(&x, &y, &SECP_FIELD);
        secp_fp_mul(&out, &a, &b);
        cr_assert(stands_for(&out, &expected), "product, " SEED_FORMAT, SEED_OF(random));

        expected = u256_mulmod(&x, &x, &SECP_FIELD);
        secp_fp_square(&out, &a);
        cr_assert(stands_for(&out, &expected), "square, " SEED_FORMAT, SEED_OF(random));

        expected = u256_addmod(&x, &y, &SECP_FIELD);
        secp_fp_add(&out, &a, &b);
        cr_assert(stands_for(&out, &expected), "sum, " SEED_FORMAT, SEED_OF(random));

        const u256 whole = secp_fp_number(&a);
        secp_fp_sub(&back, &out, &b);
        cr_assert(stands_for(&back, &whole), "difference, " SEED_FORMAT, SEED_OF(random));

        secp_fp_halve(&out, &a);
        secp_fp_add(&out, &out, &out);
        cr_assert(stands_for(&out, &whole), "half, " SEED_FORMAT, SEED_OF(random));

        secp_fp_neg(&out, &a);
        secp_fp_add(&out, &out, &a);
        cr_assert(secp_fp_is_zero(&out), "opposite, " SEED_FORMAT, SEED_OF(random));
        cr_assert(secp_fp_is_zero(&a) == u256_is_zero(&whole), "zero, " SEED_FORMAT,
                  SEED_OF(random));
    }
}

/* The square of 2^32, written as the number p more: its last fold carries into the second limb. */
Test(secp256k1, the_last_carry_of_a_product_reaches_the_second_limb)
{
    const u256 number = u256_from_u64(UINT64_C(1) << 32);
    const u256 above = u256_add(&number, &SECP_FIELD), expected = {{0, 1, 0, 0}};
    const secp_fp value = limbs_of(&above);
    secp_fp out;
    secp_fp_mul(&out, &value, &value);
    cr_expect(stands_for(&out, &expected));
    secp_fp_square(&out, &value);
    cr_expect(stands_for(&out, &expected));
}

Test(secp256k1, inverses_and_roots_are_what_they_say)
{
    struct seeded random = seeded_new();
    for (unsigned round = 0; round < ROUNDS; round++) {
        const secp_fp a = random_limbs(&random);
        secp_fp out, square, negative;
        if (secp_fp_is_zero(&a))
            continue;
        secp_fp_invert(&out, &a);
        secp_fp_mul(&out, &out, &a);
        cr_assert(stands_for(&out, &U256_ONE), "inverse, " SEED_FORMAT, SEED_OF(random));

        secp_fp_square(&square, &a);
        secp_fp_neg(&negative, &square); /* -1 is no square modulo p */
        cr_assert(!secp_fp_sqrt(&out, &negative), "no root, " SEED_FORMAT, SEED_OF(random));
        cr_assert(secp_fp_sqrt(&out, &square), "root, " SEED_FORMAT, SEED_OF(random));
        secp_fp_square(&out, &out);
        secp_fp_sub(&out, &out, &square);
        cr_assert(secp_fp_is_zero(&out), "root squared, " SEED_FORMAT, SEED_OF(random));
    }
}

static bool sum_of(secp_point *out, const secp_point *r, const u256 *a, uint64_t b)
{
    const u256 times = u256_from_u64(b);
    return secp_sum(out, a, r, &times);
}

/* With R a small multiple of G, every way in which a sum meets itself or its opposite. */
Test(secp256k1, sums_of_equal_and_opposite_points_are_right)
{
    const u256 generator_x = {{UINT64_C(0x59f2815b16f81798), UINT64_C(0x029bfcdb2dce28d9),
                               UINT64_C(0x55a06295ce870b07), UINT64_C(0x79be667ef9dcbbac)}};
    secp_point generator, r, sum, expected;
    cr_assert(secp_point_at(&generator, &generator_x, false));
    for (uint64_t k = 1; k < 20; k++) {
        const u256 multiple = u256_from_u64(k);
        cr_assert(sum_of(&r, &generator, &multiple, 0));
        for (uint64_t b = 0; b < 20; b++) {
            for (uint64_t a = 0; a < 20; a++) {
                const u256 total = u256_from_u64(a + k * b);
                const u256 first = u256_from_u64(a);
                const bool is_point = sum_of(&sum, &r, &first, b);
                cr_assert_eq(is_point, !u256_is_zero(&total));
                if (!is_point)
                    continue;
                cr_assert(sum_of(&expected, &generator, &total, 0));
                const u256 x = secp_fp_number(&expected.x), y = secp_fp_number(&expected.y);
                cr_assert(stands_for(&sum.x, &x) && stands_for(&sum.y, &y),
                          "%llu G + %llu (%llu G)", (unsigned long long)a, (unsigned long long)b,
                          (unsigned long long)k);
            }
            const u256 less = u256_from_u64(k * b);
            const u256 opposite = b == 0 ? U256_ZERO : u256_sub(&SECP_ORDER, &less);
            cr_assert(!sum_of(&sum, &r, &opposite, b), "infinity from %llu times %llu",
                      (unsigned long long)b, (unsigned long long)k);
        }
    }
}

static bool recover_by_library(const signature *sig, const hash256 *digest, public_key *signer)
{
    secp256k1_ecdsa_recoverable_signature parsed;
    secp256k1_pubkey point;
    unsigned char serialised[65];
    size_t size = sizeof serialised;
    if (sig->bytes[64] > 1
        || !secp256k1_ecdsa_recoverable_signature_parse_compact(curve_context(), &parsed,
                                                                sig->bytes, sig->bytes[64])
        || !secp256k1_ecdsa_recover(curve_context(), &point, &parsed, digest->bytes))
        return false;
    secp256k1_ec_pubkey_serialize(curve_context(), serialised, &size, &point,
                                  SECP256K1_EC_UNCOMPRESSED);
    memcpy(signer->bytes, serialised + 1, sizeof signer->bytes);
    return true;
}

/* Every second number random; the others near 0 or near the order, or with few bits. */
static void random_number(struct seeded *random, uint8_t out[32])
{
    u256 word = seeded_word(random);
    const u256 shift = u256_from_u64(seeded_u64(random) % 256);
    const u256 small = u256_from_u64(seeded_u64(random) % 4);
    switch (seeded_u64(random) % 6) {
    case 0: word = u256_sub(&SECP_ORDER, &small); break;
    case 1: word = u256_add(&SECP_ORDER, &small); break;
    case 2: word = u256_shr(&word, &shift); break;
    default: break;
    }
    u256_store_be(out, &word);
}

Test(secp256k1, signers_are_those_that_libsecp256k1_recovers)
{
    struct seeded random = seeded_new();
    unsigned recovered = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        signature sig;
        hash256 digest;
        public_key ours = {{0}}, theirs = {{0}};
        random_number(&random, sig.bytes);
        random_number(&random, sig.bytes + 32);
        random_number(&random, digest.bytes);
        sig.bytes[64] = seeded_u64(&random) % 32 == 0 ? 2 : seeded_u64(&random) % 2;
        const bool expected = recover_by_library(&sig, &digest, &theirs);
        cr_assert_eq(signature_recover(&sig, &digest, &ours), expected, SEED_FORMAT,
                     SEED_OF(random));
        if (!expected)
            continue;
        recovered++;
        cr_assert_arr_eq(ours.bytes, theirs.bytes, sizeof ours.bytes, SEED_FORMAT, SEED_OF(random));
    }
    cr_assert_gt(recovered, ROUNDS / 5);
}

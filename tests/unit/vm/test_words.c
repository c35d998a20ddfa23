#include "vm/words.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

/* Limbs of all ones and all zeros among others: where carries run through. */
static u256 random_word(unsigned *state)
{
    u256 word;
    for (size_t limb = 0; limb < 4; limb++) {
        uint64_t any =
            (uint64_t)rand_r(state) << 62 ^ (uint64_t)rand_r(state) << 31 ^ (uint64_t)rand_r(state);
        int kind = rand_r(state) % 4;
        word.limbs[limb] = kind == 0 ? UINT64_MAX : kind == 1 ? 0 : any;
    }
    return word;
}

Test(words, do_what_their_u256_namesakes_do)
{
    const char *text = getenv("LEITHER_SEED");
    unsigned seed = text != NULL ? (unsigned)strtoul(text, NULL, 0) : (unsigned)time(NULL);
    unsigned state = seed;
    for (unsigned round = 0; round < 20000; round++) {
        u256 a = random_word(&state), b = rand_r(&state) % 8 ? random_word(&state) : a;
        u256 expected = u256_add(&a, &b), got = a;
        word_add(&got, &got, &b); /* in place, as the loop does */
        cr_assert(u256_equal(&got, &expected), "add, LEITHER_SEED=%u", seed);
        expected = u256_sub(&a, &b);
        got = b;
        word_sub(&got, &a, &got);
        cr_assert(u256_equal(&got, &expected), "sub, LEITHER_SEED=%u", seed);
        cr_assert_eq(word_less(&a, &b), u256_less(&a, &b), "less, LEITHER_SEED=%u", seed);
        cr_assert_eq(word_signed_less(&a, &b), u256_signed_less(&a, &b),
                     "signed less, LEITHER_SEED=%u", seed);
        cr_assert_eq(word_equal(&a, &b), u256_equal(&a, &b));
        cr_assert_eq(word_is_zero(&a), u256_is_zero(&a));
        cr_assert_eq(word_is_small(&a), u256_fits_u64(&a));
        uint8_t bytes[32], expected_bytes[32];
        word_store_be(bytes, &a);
        u256_store_be(expected_bytes, &a);
        cr_assert_arr_eq(bytes, expected_bytes, 32);
        word_load_be(&got, bytes);
        cr_assert(u256_equal(&got, &a));
        u256 c = a, d = b;
        word_swap(&c, &d);
        cr_assert(u256_equal(&c, &b) && u256_equal(&d, &a));
        word_copy(&c, &a);
        cr_assert(u256_equal(&c, &a));
    }
}

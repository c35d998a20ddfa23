/* Who says which HELLO on which connection is believed, and what every other one is told. */
#include <criterion/criterion.h>

#include "node/net/hello.h"
#include "vm/base/hex.h"

static struct secret_key key_of(uint8_t number)
{
    struct secret_key key = {{0}};
    key.bytes[31] = number;
    return key;
}

/* 1 dials 2. */
static struct hello_terms terms_of(uint8_t number)
{
    const struct secret_key key = key_of(number);
    struct hello_terms terms = {.network = 7, .us = node_id_of(&key)};
    memset(terms.exporter.bytes, 0x55, sizeof terms.exporter.bytes);
    return terms;
}

static void sign_first(uint8_t out[HELLO_SIZE])
{
    const struct hello_terms terms = terms_of(1);
    const struct secret_key key = key_of(1);
    const struct node_id other = terms_of(2).us;
    hello_sign(&terms, HELLO_DIALS, &other, &key, out);
}

static enum hello_verdict check(const struct hello_terms *terms, const uint8_t *hello, size_t size)
{
    struct node_id from;
    return hello_check(terms, HELLO_DIALS, NULL, bytes_of(hello, size), &from);
}

/* The vector of docs/formats.md. */
Test(hello, is_made_of_the_published_bytes)
{
    uint8_t hello[HELLO_SIZE];
    char text[2 * HELLO_SIZE + 1] = {0};
    sign_first(hello);
    hex_encode(text, hello, sizeof hello);
    cr_expect_str_eq(text, "0100000000070279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2"
                           "815b16f8179802c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac"
                           "09b95c709ee52223b885baa59518e1bc3c27b498ffa2aebcbb2d349662218f54d1"
                           "6c3536a027405d492073903bf2a0f06aae5b9f5da56b5e819671225bf72e64f252"
                           "981f82bf01");
}

Test(hello, names_who_signed_it_to_who_was_dialled)
{
    const struct hello_terms second = terms_of(2);
    const struct node_id first = terms_of(1).us;
    struct node_id from;
    uint8_t hello[HELLO_SIZE];
    sign_first(hello);
    cr_assert_eq(hello_check(&second, HELLO_DIALS, &first, bytes_of(hello, sizeof hello), &from),
                 HELLO_OK);
    cr_expect(node_id_equal(&from, &first));
}

Test(hello, is_refused_with_the_reason)
{
    struct hello_terms terms = terms_of(2);
    const struct node_id third = terms_of(3).us;
    struct node_id from;
    uint8_t hello[HELLO_SIZE + 1] = {0};
    sign_first(hello);
    const struct bytes whole = bytes_of(hello, HELLO_SIZE);

    terms.network = 8;
    cr_expect_eq(check(&terms, hello, HELLO_SIZE), HELLO_OTHER_NETWORK);
    terms = terms_of(2);
    terms.exporter.bytes[0] ^= 1; /* signed on another connection */
    cr_expect_eq(check(&terms, hello, HELLO_SIZE), HELLO_BAD_SIGNATURE);
    terms = terms_of(1);
    cr_expect_eq(check(&terms, hello, HELLO_SIZE), HELLO_FROM_US);
    terms = terms_of(3);
    cr_expect_eq(check(&terms, hello, HELLO_SIZE), HELLO_FOR_ANOTHER);
    terms = terms_of(2);
    cr_expect_eq(hello_check(&terms, HELLO_DIALS, &third, whole, &from), HELLO_FROM_ANOTHER);
    cr_expect_eq(hello_check(&terms, HELLO_ACCEPTS, NULL, whole, &from), HELLO_MALFORMED,
                 "sent back to who said it, it is good for nothing");
    hello[0] = HELLO_VERSION + 1;
    cr_expect_eq(check(&terms, hello, HELLO_SIZE), HELLO_OTHER_VERSION);
}

/* A peer may cut or pad it anywhere, and change any bit. */
Test(hello, is_good_in_one_form_only)
{
    const struct hello_terms second = terms_of(2);
    uint8_t hello[HELLO_SIZE + 1] = {0};
    sign_first(hello);
    for (size_t size = 0; size <= sizeof hello; size++)
        cr_expect_eq(check(&second, hello, size) == HELLO_OK, size == HELLO_SIZE, "%zu", size);
    for (unsigned bit = 0; bit < 8 * HELLO_SIZE; bit++) {
        hello[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cr_expect_neq(check(&second, hello, HELLO_SIZE), HELLO_OK, "bit %u", bit);
        hello[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

Test(hello, has_words_for_every_verdict_and_any_byte)
{
    for (unsigned verdict = 0; verdict < 256; verdict++)
        cr_expect(strlen(hello_verdict_text((enum hello_verdict)verdict)) > 8, "%u", verdict);
}

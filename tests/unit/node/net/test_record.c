#include <criterion/criterion.h>

#include <stdio.h>

#include "node/net/record.h"
#include "vm/base/hex.h"

static const struct secret_key key = {{[31] = 1}};

static struct node_record sample(void)
{
    struct node_record record = {.sequence = 0x0102030405060708, .endpoints_count = 2};
    strcpy(record.endpoints[0], "box.example:30800");
    strcpy(record.endpoints[1], "[2001:db8::1]:30800");
    return record;
}

static void sign(struct node_record record, struct buffer *out)
{
    cr_assert(record_sign(&record, &key, out));
}

/* The vector of docs/formats.md. */
Test(record, is_made_of_the_published_bytes)
{
    struct buffer encoded = {0};
    char text[2 * RECORD_SIZE_MAX + 1] = {0};
    sign(sample(), &encoded);
    hex_encode(text, encoded.data, encoded.size);
    cr_expect_str_eq(text, "0101020304050607080279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28"
                           "d959f2815b16f817980211626f782e6578616d706c653a3330383030135b323030"
                           "313a6462383a3a315d3a3330383030bdfb01562c585fb83eaeff0569b98c6346bd"
                           "480801641cb7e50cc3daf556e35b45ecc936e730da6e24e8434509c94bf1a76387"
                           "ad0c95dee2dbe8370acda6f9aa00");
    buffer_cleanup(&encoded);
}

Test(record, says_who_is_to_be_found_where)
{
    struct buffer encoded = {0};
    struct node_record record;
    const struct node_id who = node_id_of(&key);
    sign(sample(), &encoded);
    cr_assert(record_decode(&record, buffer_view(&encoded)));
    cr_expect(node_id_equal(&record.who, &who));
    cr_expect_eq(record.sequence, 0x0102030405060708);
    cr_expect_eq(record.endpoints_count, 2);
    cr_expect_str_eq(record.endpoints[0], "box.example:30800");
    cr_expect_str_eq(record.endpoints[1], "[2001:db8::1]:30800");
    buffer_cleanup(&encoded);
}

Test(record, may_have_no_endpoint)
{
    struct buffer encoded = {0};
    struct node_record record = {.sequence = 1};
    sign(record, &encoded);
    cr_expect(record_decode(&record, buffer_view(&encoded)));
    buffer_cleanup(&encoded);
}

Test(record, is_not_signed_when_it_would_be_too_long)
{
    struct buffer encoded = {0};
    struct node_record record = {.endpoints_count = 4};
    for (unsigned i = 0; i < 4; i++)
        strcpy(record.endpoints[i], "a-very-long-name-of-a-box.at-a-very-long.example:30800");
    cr_expect_not(record_sign(&record, &key, &encoded));
    cr_expect_eq(encoded.size, 0);
}

/* Whoever passes it on may cut or pad it anywhere, and change any bit. */
Test(record, is_good_in_one_form_only)
{
    struct buffer encoded = {0};
    struct node_record record;
    sign(sample(), &encoded);
    const size_t size = encoded.size;
    buffer_append_u8(&encoded, 0);
    for (size_t cut = 0; cut <= encoded.size; cut++)
        cr_expect_eq(record_decode(&record, bytes_of(encoded.data, cut)), cut == size, "%zu", cut);
    for (size_t bit = 0; bit < 8 * size; bit++) {
        encoded.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
        cr_expect_not(record_decode(&record, bytes_of(encoded.data, size)), "bit %zu", bit);
        encoded.data[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    buffer_cleanup(&encoded);
}

/* Signed by its owner, and no place to dial all the same. */
Test(record, has_no_endpoint_that_is_none)
{
    static const char *const bad[] = {"box", "box:0", " box:1", "box:1 ", ""};
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct buffer encoded = {0};
        struct node_record record = {.endpoints_count = 1};
        snprintf(record.endpoints[0], sizeof record.endpoints[0], "%s", bad[i]);
        sign(record, &encoded);
        cr_expect_not(record_decode(&record, buffer_view(&encoded)), "\"%s\"", bad[i]);
        buffer_cleanup(&encoded);
    }
}

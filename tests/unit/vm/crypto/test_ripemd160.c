#include "vm/crypto/ripemd160.h"

#include <criterion/criterion.h>

#include "vm/base/hex.h"

static void expect_digest(struct bytes data, const char *expected)
{
    uint8_t out[20];
    char text[41] = {0};
    ripemd160(out, data);
    hex_encode(text, out, sizeof out);
    cr_expect_str_eq(text, expected);
}

/* The authors' own, from the algorithm's page. */
Test(ripemd160, known_answers)
{
    static const char *const cases[][2] = {
        {"", "9c1185a5c5e9fc54612808977ee8f548b2258d31"},
        {"a", "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe"},
        {"abc", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"},
        {"message digest", "5d0689ef49d2fae572b881b123a85ffa21595f36"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "12a053384a9c0c88e405a06c27dcf49ada62eb2b"},
        {"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
         "b0e20b6e3116640286ed3a87a5713079b21f5189"},
        {"1234567890123456789012345678901234567890"
         "1234567890123456789012345678901234567890",
         "9b752e45573d4b39f4dbd3323cab82bf63326bfb"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_digest(bytes_of_text(cases[i][0]), cases[i][1]);
}

Test(ripemd160, of_a_million_letters)
{
    static char letters[1000000];
    memset(letters, 'a', sizeof letters);
    expect_digest(bytes_of(letters, sizeof letters), "52783243c1697bdbe16d37f97f68f08325dc1528");
}

#include "vm/crypto/digest.h"

#include <criterion/criterion.h>

#include "vm/base/hex.h"

Test(digest, sha256_known_answers)
{
    char text[65] = {0};
    hash256 hash = sha256(bytes_of_text("abc"));
    hex_encode(text, hash.bytes, 32);
    cr_expect_str_eq(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash = sha256(bytes_of(NULL, 0));
    hex_encode(text, hash.bytes, 32);
    cr_expect_str_eq(text, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

Test(digest, ripemd160_known_answers)
{
    char text[41] = {0};
    uint8_t out[20];
    ripemd160(out, bytes_of_text("abc"));
    hex_encode(text, out, sizeof out);
    cr_expect_str_eq(text, "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
    ripemd160(out, bytes_of(NULL, 0));
    hex_encode(text, out, sizeof out);
    cr_expect_str_eq(text, "9c1185a5c5e9fc54612808977ee8f548b2258d31");
}

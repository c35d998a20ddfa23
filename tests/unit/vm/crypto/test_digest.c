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

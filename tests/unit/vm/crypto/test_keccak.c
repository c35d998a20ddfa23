#include "vm/crypto/keccak.h"

#include <criterion/criterion.h>

#include "vm/base/hex.h"

static void expect_hash(const hash256 *hash, const char *expected)
{
    char text[65] = {0};
    hex_encode(text, hash->bytes, sizeof hash->bytes);
    cr_expect_str_eq(text, expected);
}

Test(keccak, known_answers)
{
    hash256 hash = keccak256(NULL, 0);
    expect_hash(&hash, "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
    hash = keccak256("abc", 3);
    expect_hash(&hash, "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
    hash = keccak256("\x80", 1); /* the empty trie */
    expect_hash(&hash, "56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");
    const char *fox = "The quick brown fox jumps over the lazy dog";
    hash = keccak256(fox, strlen(fox));
    expect_hash(&hash, "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15");
}

/* Sizes around the block of 136 bytes, hashed together; the digest is the reference's. */
Test(keccak, sizes_around_the_block)
{
    uint8_t data[300];
    for (size_t index = 0; index < sizeof data; index++)
        data[index] = (uint8_t)(index * 7 + 1);
    struct keccak all;
    keccak_init(&all);
    for (size_t size = 0; size <= sizeof data; size++) {
        hash256 one = keccak256(data, size);
        keccak_update(&all, one.bytes, sizeof one.bytes);
    }
    hash256 hash = keccak_finish(&all);
    expect_hash(&hash, "8dd19977dfdd6685525932916c2e20b53a7471cab73fbe43eb0772396bdf27f3");
}

Test(keccak, pieces_hash_as_the_whole)
{
    uint8_t data[500];
    for (size_t index = 0; index < sizeof data; index++)
        data[index] = (uint8_t)(index * 13 + 5);
    hash256 whole = keccak256(data, sizeof data);
    for (size_t first = 0; first <= 300; first++)
        for (size_t second = 0; second <= 200; second += 17) {
            struct keccak pieces;
            keccak_init(&pieces);
            keccak_update(&pieces, data, first);
            keccak_update(&pieces, data + first, second);
            keccak_update(&pieces, data + first + second, sizeof data - first - second);
            hash256 hash = keccak_finish(&pieces);
            cr_expect(hash256_equal(&hash, &whole), "%zu %zu", first, second);
        }
}

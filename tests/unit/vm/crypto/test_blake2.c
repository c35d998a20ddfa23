#include "vm/crypto/blake2.h"

#include <criterion/criterion.h>
#include <openssl/evp.h>

#include "tests/unit/vm/crypto/seeded.h"

static uint64_t word_at(const uint8_t *bytes)
{
    uint64_t word = 0;
    for (unsigned i = 8; i-- > 0;)
        word = word << 8 | bytes[i];
    return word;
}

/* RFC 7693, 3.3: the hash without a key, of 64 bytes. */
static void hash(uint8_t out[64], const uint8_t *data, size_t size)
{
    uint64_t state[8] = {
        UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b), UINT64_C(0x3c6ef372fe94f82b),
        UINT64_C(0xa54ff53a5f1d36f1), UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),
        UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179),
    };
    struct blake2_block block = {0};
    state[0] ^= 0x01010040;
    for (size_t done = 0; !block.is_last;) {
        uint8_t bytes[128] = {0};
        size_t taken = size - done < 128 ? size - done : 128;
        memcpy(bytes, data + done, taken);
        done += taken;
        for (size_t i = 0; i < 16; i++)
            block.words[i] = word_at(bytes + 8 * i);
        block.offset[0] = done;
        block.is_last = done == size;
        blake2_compress(state, &block, 12);
    }
    for (size_t i = 0; i < 64; i++)
        out[i] = (uint8_t)(state[i / 8] >> (8 * (i % 8)));
}

/* The whole hash, built on our function, against OpenSSL's. */
Test(blake2, hashes_as_openssl_does)
{
    struct seeded random = seeded_new();
    for (size_t size = 0; size <= 520; size += 13) {
        uint8_t data[520], ours[64], theirs[64];
        seeded_fill(&random, data, size);
        hash(ours, data, size);
        cr_assert(EVP_Digest(data, size, theirs, NULL, EVP_blake2b512(), NULL));
        cr_expect_arr_eq(ours, theirs, 64, "size %zu", size);
    }
}

struct counted {
    uint32_t rounds;
    uint64_t first, second; /* words of the state that comes out */
};

/* By RFC 7693's text, word for word, in another language: the schedule repeats after 10. */
static const struct counted counted[] = {
    {10, UINT64_C(0x052f1ea6730fa2cd), UINT64_C(0x9015ae9ed0ff39e3)},
    {11, UINT64_C(0xc5299af2f2255b1a), UINT64_C(0xbdbe8b136240991a)},
    {19, UINT64_C(0xe2f16c3dfcb4cd7a), UINT64_C(0xf77c281b12af8e3a)},
    {20, UINT64_C(0xc9aeb8823fa6ec06), UINT64_C(0x3f3e66c306645508)},
    {29, UINT64_C(0xb2117234f8f5f0e7), UINT64_C(0x55c4d44925d5695b)},
    {1003, UINT64_C(0xb8c7a3bdb3410398), UINT64_C(0xa4866b95b259c6f1)},
};

Test(blake2, runs_any_number_of_rounds)
{
    const struct blake2_block block = {
        .words = {9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24},
        .offset = {5, 6},
    };
    for (size_t i = 0; i < sizeof counted / sizeof *counted; i++) {
        uint64_t state[8] = {1, 2, 3, 4, 5, 6, 7, 8};
        blake2_compress(state, &block, counted[i].rounds);
        cr_expect_eq(state[0], counted[i].first, "%u rounds", counted[i].rounds);
        cr_expect_eq(state[1], counted[i].second, "%u rounds", counted[i].rounds);
    }
}

/* BLAKE2b's compression function F with any number of rounds (RFC 7693, EIP-152). */
#ifndef VM_CRYPTO_BLAKE2_H
#define VM_CRYPTO_BLAKE2_H
#include <stdbool.h>
#include <stdint.h>

struct blake2_block {
    uint64_t words[16];
    uint64_t offset[2]; /* bytes hashed so far, low half first */
    bool is_last;
};

/* About 10 ns a round: the caller bounds `rounds`, by gas for example. */
void blake2_compress(uint64_t state[8], const struct blake2_block *block, uint32_t rounds);
#endif

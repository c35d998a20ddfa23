/* Secret halves: keys that sign. Wiped by secret_key_cleanup(); never in an arena, a log
 * line or an error text. */
#ifndef VM_CRYPTO_SECRET_KEY_H
#define VM_CRYPTO_SECRET_KEY_H
#include "vm/base/error.h"
#include "vm/crypto/recover.h"

struct secret_key {
    uint8_t bytes[32];
};

/* From the system's random source; false only when that fails. */
bool secret_key_generate(struct secret_key *key, struct error *error)
    __attribute__((warn_unused_result));
/* False if the 32 bytes are 0 or not below the group order. */
bool secret_key_load(struct secret_key *key, const uint8_t bytes[32])
    __attribute__((warn_unused_result));
void secret_key_cleanup(struct secret_key *key);

/* Adds `tweak` modulo the group order, as BIP-32 derives children. False, the key as it was, if
 * the tweak is not below the order or the sum is 0. */
bool secret_key_add(struct secret_key *key, const uint8_t tweak[32])
    __attribute__((warn_unused_result));

void secret_key_public(const struct secret_key *key, public_key *out);
/* SEC 1's compressed form: 2 or 3, then x. */
void secret_key_public_compressed(const struct secret_key *key, uint8_t out[33]);
address secret_key_address(const struct secret_key *key);
/* Deterministic (RFC 6979), low s, recovery id 0 or 1. */
void secret_key_sign(const struct secret_key *key, const hash256 *digest, signature *out);
#endif

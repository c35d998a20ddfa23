/* Many keys from one seed (BIP-32), at the places where other wallets look for them (BIP-44).
 * All of it is secret and wiped by whoever holds it. */
#ifndef WALLET_DERIVATION_H
#define WALLET_DERIVATION_H
#include "vm/crypto/secret_key.h"

#define DERIVATION_HARDENED  0x80000000u
#define DERIVATION_INDEX_MAX 0x7fffffffu
#define DERIVATION_PATH      "m/44'/60'/0'/0/" /* BIP-44; coin type 60 is Ether's (SLIP-44) */

struct extended_key {
    struct secret_key key;
    uint8_t chain_code[32];
};
void extended_key_wipe(struct extended_key *key);

/* Each false for what BIP-32 calls invalid (less than one seed or index in 2^127). */
bool extended_key_of_seed(struct extended_key *out, struct bytes seed)
    __attribute__((warn_unused_result));
/* In place: the child at `index`, hardened from DERIVATION_HARDENED on. */
bool extended_key_descend(struct extended_key *key, uint32_t index)
    __attribute__((warn_unused_result));

/* The key of account `index` at DERIVATION_PATH. */
bool derivation_account_key(struct secret_key *key, struct bytes seed, uint32_t index,
                            struct error *error) __attribute__((warn_unused_result));
#endif

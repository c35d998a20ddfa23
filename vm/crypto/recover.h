/* Public halves of secp256k1 signatures: recovering and checking signers.
 * Nothing here is secret: see secp256k1_sum.h. */
#ifndef VM_CRYPTO_RECOVER_H
#define VM_CRYPTO_RECOVER_H
#include "vm/base/bytes.h"

/* r, s big-endian, then the recovery id: 0 or 1. */
#define SIGNATURE_SIZE 65
typedef struct {
    uint8_t bytes[SIGNATURE_SIZE];
} signature;

/* The uncompressed public key without its 0x04. */
typedef struct {
    uint8_t bytes[64];
} public_key;

address public_key_address(const public_key *key);

/* Recovers the signer of `digest`. False for r or s of 0 or at least the group order, a
 * recovery id over 1, or no such point. High s is accepted: callers that must refuse it
 * (EIP-2 transactions, votes) ask signature_is_low_s(). */
bool signature_recover(const signature *sig, const hash256 *digest, public_key *signer);
bool signature_recover_address(const signature *sig, const hash256 *digest, address *signer);
bool signature_is_low_s(const signature *sig); /* EIP-2: s at most half the group order */
#endif

/* Key files: Web3 Secret Storage, version 3, as geth, ethers and other wallets write them.
 *
 *   derived  = scrypt or PBKDF2-HMAC-SHA256 (password, salt), 32 bytes or more
 *   cipher   = AES-128-CTR (derived[0..16], iv) over the 32-byte key
 *   mac      = keccak256 (derived[16..32] | cipher text)
 *
 * Key files come from outside: derivations that would take more than KEYSTORE_MEMORY_MAX bytes
 * or an unreasonable time are refused before anything is allocated. Passwords are taken as
 * bytes, as geth takes them. Source: Ethereum wiki, "Web3 Secret Storage Definition". */
#ifndef LEDGER_CODEC_KEYSTORE_H
#define LEDGER_CODEC_KEYSTORE_H
#include "vm/base/error.h"
#include "vm/crypto/secret_key.h"

#define KEYSTORE_FILE_MAX       16384
#define KEYSTORE_MEMORY_MAX     (512u * 1024 * 1024) /* 128 * n * r */
#define KEYSTORE_WORK_MAX       (1u << 25)           /* n * r * p; geth's standard is 2^21 */
#define KEYSTORE_ITERATIONS_MAX 20000000u            /* of PBKDF2; geth's is 2^18 */

/* scrypt (RFC 7914): n is a power of two above 1; memory is 128 * n * r bytes. */
struct keystore_cost {
    uint64_t n;
    uint32_t r;
    uint32_t p;
};
extern const struct keystore_cost KEYSTORE_COST_STANDARD; /* geth's: 256 MiB, about a second */
extern const struct keystore_cost KEYSTORE_COST_LIGHT;    /* geth's light one: 4 MiB */

/* Appends the JSON document. False when the cost is out of bounds or randomness fails. */
bool keystore_encrypt(const struct secret_key *key, struct bytes password,
                      const struct keystore_cost *cost, struct buffer *out, struct error *error)
    __attribute__((warn_unused_result));

/* ERROR_DENIED: wrong password, or the file is damaged where only the password can tell.
 * ERROR_INVALID: no such document. ERROR_UNSUPPORTED: another version, cipher or derivation.
 * ERROR_BUSY: the derivation is over the bounds above. The key's address is compared with the
 * document's, if it has one. */
bool keystore_decrypt(struct secret_key *key, struct bytes document, struct bytes password,
                      struct error *error) __attribute__((warn_unused_result));

/* The address written in the document (the field is optional: ERROR_NOT_FOUND without it). It
 * is proven only by keystore_decrypt(). */
bool keystore_address(address *account, struct bytes document, struct error *error)
    __attribute__((warn_unused_result));
#endif

/* Signatures on the curve P-256 (secp256r1, FIPS 186-5), checked by OpenSSL's arithmetic. */
#ifndef VM_CRYPTO_P256_H
#define VM_CRYPTO_P256_H
#include <stdbool.h>
#include <stdint.h>

#define P256_CHECK_SIZE 160

/* digest 32 | r 32 | s 32 | the key's x 32 | y 32, big-endian. True if r and s are within the
 * order, the key is a point of the curve, and the signature is good (EIP-7951). High s is good. */
bool p256_verify(const uint8_t check[P256_CHECK_SIZE]);
#endif

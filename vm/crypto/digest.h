/* SHA-256 and RIPEMD-160, one shot, by OpenSSL. */
#ifndef VM_CRYPTO_DIGEST_H
#define VM_CRYPTO_DIGEST_H
#include "vm/base/bytes.h"

hash256 sha256(struct bytes data);
void ripemd160(uint8_t out[20], struct bytes data);
#endif

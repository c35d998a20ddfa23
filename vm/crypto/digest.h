/* SHA-256, HMAC-SHA256 and RIPEMD-160, one shot, by OpenSSL. */
#ifndef VM_CRYPTO_DIGEST_H
#define VM_CRYPTO_DIGEST_H
#include "vm/base/bytes.h"

hash256 sha256(struct bytes data);
hash256 hmac_sha256(struct bytes key, struct bytes message); /* RFC 2104 */
void ripemd160(uint8_t out[20], struct bytes data);
#endif

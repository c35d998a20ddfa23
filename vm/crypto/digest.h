/* SHA-256 and HMAC-SHA256, one shot, by OpenSSL. */
#ifndef VM_CRYPTO_DIGEST_H
#define VM_CRYPTO_DIGEST_H
#include "vm/base/bytes.h"

hash256 sha256(struct bytes data);
hash256 hmac_sha256(struct bytes key, struct bytes message); /* RFC 2104 */
#endif

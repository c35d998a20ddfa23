#include "vm/crypto/digest.h"

#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>

/* Both are in OpenSSL's default provider (RIPEMD-160 since 3.0.7), which needs no files. A
 * wrong answer here would split a ledger, so an OpenSSL without them ends the process. */
static void digest(uint8_t *out, struct bytes data, const EVP_MD *kind, const char *name)
{
    unsigned size = 0;
    if (!EVP_Digest(data.data, data.size, out, &size, kind, NULL)) {
        fprintf(stderr, "OpenSSL cannot compute %s, expected of version 3.0.7 or newer\n", name);
        abort();
    }
}

hash256 sha256(struct bytes data)
{
    hash256 hash;
    digest(hash.bytes, data, EVP_sha256(), "SHA-256");
    return hash;
}

void ripemd160(uint8_t out[20], struct bytes data)
{
    digest(out, data, EVP_ripemd160(), "RIPEMD-160");
}

hash256 hmac_sha256(struct bytes key, struct bytes message)
{
    hash256 hash;
    unsigned size = sizeof hash.bytes;
    if (key.size > INT_MAX
        || HMAC(EVP_sha256(), key.data, (int)key.size, message.data, message.size, hash.bytes,
                &size)
               == NULL) {
        fputs("OpenSSL cannot compute HMAC-SHA256\n", stderr);
        abort();
    }
    return hash;
}

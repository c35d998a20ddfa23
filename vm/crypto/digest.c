#include "vm/crypto/digest.h"

/* SHA256_Init() and its like are deprecated in favour of EVP_Digest(), which looks the algorithm
 * up and allocates at every call: ten times the time of a short digest. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include <limits.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

/* A wrong answer here would split a ledger, so an OpenSSL that gives none ends the process. */
static void expect(bool is_good, const char *name)
{
    if (is_good)
        return;
    fprintf(stderr, "OpenSSL cannot compute %s\n", name);
    abort();
}

hash256 sha256(struct bytes data)
{
    SHA256_CTX context;
    hash256 hash;
    expect(SHA256_Init(&context) && SHA256_Update(&context, data.data, data.size)
               && SHA256_Final(hash.bytes, &context),
           "SHA-256");
    return hash;
}

hash256 hmac_sha256(struct bytes key, struct bytes message)
{
    hash256 hash;
    unsigned size = sizeof hash.bytes;
    expect(key.size <= INT_MAX
               && HMAC(EVP_sha256(), key.data, (int)key.size, message.data, message.size,
                       hash.bytes, &size)
                      != NULL,
           "HMAC-SHA256");
    return hash;
}

#include "vm/crypto/curve_context.h"

#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

static secp256k1_context *context;
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void make_context(void)
{
    unsigned char seed[32];
    context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN | SECP256K1_CONTEXT_VERIFY);
    /* getrandom() of up to 256 bytes is whole or an error, and never an error once the
     * system's pool was filled at boot. */
    if (context == NULL || getrandom(seed, sizeof seed, 0) != (ssize_t)sizeof seed
        || !secp256k1_context_randomize(context, seed)) {
        fprintf(stderr, "libsecp256k1: the context could not be made and randomised\n");
        abort();
    }
    OPENSSL_cleanse(seed, sizeof seed);
}

const secp256k1_context *curve_context(void)
{
    pthread_once(&made, make_context);
    return context;
}

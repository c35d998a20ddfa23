#include "wallet/derivation.h"

#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>

#define HMAC_SIZE 64

void extended_key_wipe(struct extended_key *key)
{
    OPENSSL_cleanse(key, sizeof *key);
}

static bool hmac_sha512(struct bytes key, struct bytes message, uint8_t out[HMAC_SIZE])
{
    unsigned size = HMAC_SIZE;
    return HMAC(EVP_sha512(), key.data, (int)key.size, message.data, message.size, out, &size)
           != NULL;
}

/* BIP-32, master key generation: I = HMAC-SHA512("Bitcoin seed", S), key and chain code. */
bool extended_key_of_seed(struct extended_key *out, struct bytes seed)
{
    uint8_t derived[HMAC_SIZE];
    bool ok = hmac_sha512(bytes_of_text("Bitcoin seed"), seed, derived)
              && secret_key_load(&out->key, derived);
    if (ok)
        memcpy(out->chain_code, derived + 32, sizeof out->chain_code);
    OPENSSL_cleanse(derived, sizeof derived);
    return ok;
}

/* BIP-32, CKDpriv: hardened children hash the secret key, the others the public one. */
bool extended_key_descend(struct extended_key *key, uint32_t index)
{
    uint8_t data[37] = {0};
    uint8_t derived[HMAC_SIZE];
    if (index >= DERIVATION_HARDENED)
        memcpy(data + 1, key->key.bytes, sizeof key->key.bytes);
    else
        secret_key_public_compressed(&key->key, data);
    for (size_t i = 0; i < 4; i++)
        data[33 + i] = (uint8_t)(index >> (24 - 8 * i));
    bool ok = hmac_sha512(bytes_of(key->chain_code, sizeof key->chain_code),
                          bytes_of(data, sizeof data), derived)
              && secret_key_add(&key->key, derived);
    if (ok)
        memcpy(key->chain_code, derived + 32, sizeof key->chain_code);
    OPENSSL_cleanse(data, sizeof data);
    OPENSSL_cleanse(derived, sizeof derived);
    return ok;
}

bool derivation_account_key(struct secret_key *key, struct bytes seed, uint32_t index,
                            struct error *error)
{
    const uint32_t path[] = {DERIVATION_HARDENED | 44, DERIVATION_HARDENED | 60,
                             DERIVATION_HARDENED | 0, 0, index};
    struct extended_key at;
    bool ok = extended_key_of_seed(&at, seed);
    for (size_t i = 0; i < sizeof path / sizeof *path && ok; i++)
        ok = extended_key_descend(&at, path[i]);
    if (ok)
        *key = at.key;
    extended_key_wipe(&at);
    return ok
           || error_set(error, ERROR_INVALID,
                        "there is no key at " DERIVATION_PATH "%" PRIu32 "; take the next one",
                        index);
}

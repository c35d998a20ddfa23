#include "vm/crypto/secret_key.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>
#include <sys/random.h>

#include "vm/crypto/curve_context.h"

bool secret_key_generate(struct secret_key *key, struct error *error)
{
    uint8_t bytes[32];
    do { /* all but one in 2^127 are valid */
        ssize_t got;
        do {
            got = getrandom(bytes, sizeof bytes, 0);
        } while (got < 0 && errno == EINTR);
        if (got != (ssize_t)sizeof bytes) {
            OPENSSL_cleanse(bytes, sizeof bytes);
            return error_set_errno(error, "the system's random source gave no %zu bytes",
                                   sizeof bytes);
        }
    } while (!secret_key_load(key, bytes));
    OPENSSL_cleanse(bytes, sizeof bytes);
    return true;
}

bool secret_key_load(struct secret_key *key, const uint8_t bytes[32])
{
    if (!secp256k1_ec_seckey_verify(curve_context(), bytes))
        return false;
    memcpy(key->bytes, bytes, sizeof key->bytes);
    return true;
}

void secret_key_cleanup(struct secret_key *key)
{
    OPENSSL_cleanse(key->bytes, sizeof key->bytes);
}

bool secret_key_add(struct secret_key *key, const uint8_t tweak[32])
{
    uint8_t sum[32]; /* the library clears it when it refuses */
    memcpy(sum, key->bytes, sizeof sum);
    bool ok = secp256k1_ec_seckey_tweak_add(curve_context(), sum, tweak);
    if (ok)
        memcpy(key->bytes, sum, sizeof sum);
    OPENSSL_cleanse(sum, sizeof sum);
    return ok;
}

static void serialise(const struct secret_key *key, uint8_t *out, size_t size, unsigned form)
{
    secp256k1_pubkey point;
    int is_valid = secp256k1_ec_pubkey_create(curve_context(), &point, key->bytes);
    assert(is_valid); /* secret_key_load() checked it */
    secp256k1_ec_pubkey_serialize(curve_context(), out, &size, &point, form);
}

void secret_key_public(const struct secret_key *key, public_key *out)
{
    uint8_t serialised[65];
    serialise(key, serialised, sizeof serialised, SECP256K1_EC_UNCOMPRESSED);
    memcpy(out->bytes, serialised + 1, sizeof out->bytes);
}

void secret_key_public_compressed(const struct secret_key *key, uint8_t out[33])
{
    serialise(key, out, 33, SECP256K1_EC_COMPRESSED);
}

address secret_key_address(const struct secret_key *key)
{
    public_key public_half;
    secret_key_public(key, &public_half);
    return public_key_address(&public_half);
}

void secret_key_sign(const struct secret_key *key, const hash256 *digest, signature *out)
{
    secp256k1_ecdsa_recoverable_signature made;
    int is_signed = secp256k1_ecdsa_sign_recoverable(curve_context(), &made, digest->bytes,
                                                     key->bytes, NULL, NULL);
    assert(is_signed);
    int recovery_id = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(curve_context(), out->bytes,
                                                            &recovery_id, &made);
    /* Over 1 means r was over the group order: nobody can find such a digest. */
    assert(recovery_id <= 1);
    out->bytes[64] = (uint8_t)recovery_id;
}

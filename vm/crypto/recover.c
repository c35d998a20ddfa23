#include "vm/crypto/recover.h"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include "vm/crypto/curve_context.h"
#include "vm/crypto/keccak.h"

address public_key_address(const public_key *key)
{
    hash256 hash = keccak256(key->bytes, sizeof key->bytes);
    address account;
    memcpy(account.bytes, hash.bytes + 12, sizeof account.bytes);
    return account;
}

bool signature_recover(const signature *sig, const hash256 *digest, public_key *signer)
{
    secp256k1_ecdsa_recoverable_signature parsed;
    secp256k1_pubkey point;
    int recovery_id = sig->bytes[64];
    if (recovery_id > 1)
        return false;
    /* Refuses r and s at or over the group order; recovery refuses zero. */
    if (!secp256k1_ecdsa_recoverable_signature_parse_compact(curve_context(), &parsed, sig->bytes,
                                                             recovery_id)
        || !secp256k1_ecdsa_recover(curve_context(), &point, &parsed, digest->bytes))
        return false;

    unsigned char serialised[65];
    size_t size = sizeof serialised;
    secp256k1_ec_pubkey_serialize(curve_context(), serialised, &size, &point,
                                  SECP256K1_EC_UNCOMPRESSED);
    memcpy(signer->bytes, serialised + 1, sizeof signer->bytes);
    return true;
}

bool signature_recover_address(const signature *sig, const hash256 *digest, address *signer)
{
    public_key key;
    if (!signature_recover(sig, digest, &key))
        return false;
    *signer = public_key_address(&key);
    return true;
}

bool signature_is_low_s(const signature *sig)
{
    static const uint8_t half_order[32] = {
        0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0xff, 0xff, 0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4,
        0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0,
    };
    return memcmp(sig->bytes + 32, half_order, sizeof half_order) <= 0;
}

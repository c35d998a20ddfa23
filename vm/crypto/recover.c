#include "vm/crypto/recover.h"

#include "vm/crypto/keccak.h"
#include "vm/crypto/secp256k1_sum.h"

address public_key_address(const public_key *key)
{
    hash256 hash = keccak256(key->bytes, sizeof key->bytes);
    address account;
    memcpy(account.bytes, hash.bytes + 12, sizeof account.bytes);
    return account;
}

static bool is_scalar(const u256 *number)
{
    return !u256_is_zero(number) && u256_less(number, &SECP_ORDER);
}

/* The signer Q of z by (r, s) made R = (z G + r Q) / s, whose x is r modulo the order: Q is
 * (s R - z G) / r (SEC 1, section 4.1.6). An x of r + order, which fewer than one signature in
 * 2^127 has, would have a recovery id over 1. */
bool signature_recover(const signature *sig, const hash256 *digest, public_key *signer)
{
    const u256 r = u256_load_be(sig->bytes, 32), s = u256_load_be(sig->bytes + 32, 32);
    const int recovery_id = sig->bytes[64];
    secp_point nonce_point, key;
    if (recovery_id > 1 || !is_scalar(&r) || !is_scalar(&s)
        || !secp_point_at(&nonce_point, &r, recovery_id == 1))
        return false;

    u256 inverse, a, b;
    limbs_invert(inverse.limbs, r.limbs, SECP_ORDER.limbs);
    const u256 z = u256_from_hash(digest);
    a = u256_mulmod(&z, &inverse, &SECP_ORDER);
    if (!u256_is_zero(&a))
        a = u256_sub(&SECP_ORDER, &a);
    b = u256_mulmod(&s, &inverse, &SECP_ORDER);
    if (!secp_sum(&key, &a, &nonce_point, &b))
        return false;
    const u256 x = secp_fp_number(&key.x), y = secp_fp_number(&key.y);
    u256_store_be(signer->bytes, &x);
    u256_store_be(signer->bytes + 32, &y);
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

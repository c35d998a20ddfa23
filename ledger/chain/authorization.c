#include "ledger/chain/authorization.h"

#include "vm/crypto/keccak.h"
#include "vm/crypto/recover.h"

#define MAGIC 0x05 /* EIP-7702: in front of what is signed */

struct authorization authorization_read(struct rlp_reader *in)
{
    struct authorization authorization = {0};
    struct rlp_reader fields = rlp_list(in);
    authorization.chain_id = rlp_u256(&fields);
    rlp_fixed(&fields, authorization.delegate.bytes, sizeof authorization.delegate.bytes);
    authorization.nonce = rlp_u64(&fields);
    uint64_t y_parity = rlp_u64(&fields);
    if (y_parity > UINT8_MAX)
        rlp_fail(&fields, RLP_TOO_LARGE);
    authorization.y_parity = (uint8_t)y_parity;
    authorization.r = rlp_u256(&fields);
    authorization.s = rlp_u256(&fields);
    rlp_leave(in, &fields);
    return authorization;
}

static void put_signed_fields(const struct authorization *authorization, struct buffer *out)
{
    rlp_put_u256(out, &authorization->chain_id);
    rlp_put_address(out, &authorization->delegate);
    rlp_put_u64(out, authorization->nonce);
}

void authorization_put(const struct authorization *authorization, struct buffer *out)
{
    size_t list = rlp_open_list(out);
    put_signed_fields(authorization, out);
    rlp_put_u64(out, authorization->y_parity);
    rlp_put_u256(out, &authorization->r);
    rlp_put_u256(out, &authorization->s);
    rlp_close_list(out, list);
}

static hash256 signing_hash(const struct authorization *authorization)
{
    struct buffer message = {0};
    buffer_append_u8(&message, MAGIC);
    size_t list = rlp_open_list(&message);
    put_signed_fields(authorization, &message);
    rlp_close_list(&message, list);
    hash256 hash = keccak256(message.data, message.size);
    buffer_cleanup(&message);
    return hash;
}

void authorization_recover(struct authorization *authorization)
{
    signature sig;
    u256_store_be(sig.bytes, &authorization->r);
    u256_store_be(sig.bytes + 32, &authorization->s);
    sig.bytes[64] = authorization->y_parity;
    hash256 digest = signing_hash(authorization);
    authorization->has_authority =
        signature_is_low_s(&sig)
        && signature_recover_address(&sig, &digest, &authorization->authority);
}

void authorization_sign(struct authorization *authorization, const struct secret_key *key)
{
    signature sig;
    hash256 digest = signing_hash(authorization);
    secret_key_sign(key, &digest, &sig);
    authorization->r = u256_load_be(sig.bytes, 32);
    authorization->s = u256_load_be(sig.bytes + 32, 32);
    authorization->y_parity = sig.bytes[64];
    authorization->has_authority = true;
    authorization->authority = secret_key_address(key);
}

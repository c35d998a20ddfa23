#include "node/net/hello.h"

#include <string.h>

#include "vm/base/cursor.h"
#include "vm/crypto/keccak.h"

#define MESSAGE_HELLO 6 /* docs/formats.md, What is signed */

struct node_id node_id_of(const struct secret_key *key)
{
    struct node_id id;
    secret_key_public_compressed(key, id.key);
    return id;
}

bool node_id_equal(const struct node_id *a, const struct node_id *b)
{
    return memcmp(a->key, b->key, sizeof a->key) == 0;
}

bool node_id_signed(const struct node_id *id, const signature *sig, const hash256 *digest)
{
    public_key signer;
    struct node_id recovered;
    if (!signature_is_low_s(sig) || !signature_recover(sig, digest, &signer))
        return false;
    recovered.key[0] = 2 + (signer.bytes[63] & 1);
    memcpy(recovered.key + 1, signer.bytes, 32);
    return node_id_equal(&recovered, id);
}

hash256 node_digest(uint8_t message, struct bytes bound, struct bytes content)
{
    const uint8_t domain[] = {'O', 'R', 'G', '1', message};
    struct keccak hash;
    keccak_init(&hash);
    keccak_update(&hash, domain, sizeof domain);
    keccak_update(&hash, bound.data, bound.size);
    keccak_update(&hash, content.data, content.size);
    return keccak_finish(&hash);
}

const char *hello_verdict_text(enum hello_verdict verdict)
{
    switch (verdict) {
    case HELLO_OK: return "is welcome";
    case HELLO_MALFORMED: return "sent something that is no HELLO";
    case HELLO_OTHER_VERSION: return "speaks another version of the protocol";
    case HELLO_OTHER_NETWORK: return "is of another network";
    case HELLO_FROM_US:
        return "has this node's own key: either it is this node, or a second one has a copy";
    case HELLO_FOR_ANOTHER: return "wants another node than this one";
    case HELLO_FROM_ANOTHER: return "is not the node that was dialled";
    case HELLO_BAD_SIGNATURE: return "did not sign this connection with its node key";
    case HELLO_VERDICT_COUNT: break;
    }
    return "gave a reason that is not known here";
}

static hash256 digest(const hash256 *exporter, struct bytes signed_part)
{
    return node_digest(MESSAGE_HELLO, bytes_of(exporter->bytes, sizeof exporter->bytes),
                       signed_part);
}

void hello_sign(const struct hello_terms *terms, enum hello_role role, const struct node_id *other,
                const struct secret_key *key, uint8_t out[HELLO_SIZE])
{
    struct buffer hello = {0};
    signature sig;
    buffer_append_u8(&hello, HELLO_VERSION);
    buffer_append_u8(&hello, (uint8_t)role);
    buffer_append_u32_be(&hello, terms->network);
    buffer_append(&hello, terms->us.key, sizeof terms->us.key);
    buffer_append(&hello, other->key, sizeof other->key);
    const hash256 signed_hash = digest(&terms->exporter, buffer_view(&hello));
    secret_key_sign(key, &signed_hash, &sig);
    buffer_append(&hello, sig.bytes, sizeof sig.bytes);
    memcpy(out, hello.data, HELLO_SIZE);
    buffer_cleanup(&hello);
}

enum hello_verdict hello_check(const struct hello_terms *terms, enum hello_role role,
                               const struct node_id *dialled, struct bytes hello,
                               struct node_id *from)
{
    struct cursor in = cursor_over(hello.data, hello.size);
    struct node_id claimed, wanted;
    signature sig;
    const uint8_t version = cursor_u8(&in);
    const uint8_t its_role = cursor_u8(&in);
    const uint32_t network = cursor_u32_be(&in);
    cursor_copy(&in, claimed.key, sizeof claimed.key);
    cursor_copy(&in, wanted.key, sizeof wanted.key);
    cursor_copy(&in, sig.bytes, sizeof sig.bytes);

    if (hello.size > 0 && version != HELLO_VERSION)
        return HELLO_OTHER_VERSION;
    if (!cursor_finished(&in) || its_role != role)
        return HELLO_MALFORMED;
    if (network != terms->network)
        return HELLO_OTHER_NETWORK;
    if (node_id_equal(&claimed, &terms->us))
        return HELLO_FROM_US;
    if (!node_id_equal(&wanted, &terms->us))
        return HELLO_FOR_ANOTHER;
    if (dialled != NULL && !node_id_equal(&claimed, dialled))
        return HELLO_FROM_ANOTHER;
    const hash256 hash =
        digest(&terms->exporter, bytes_of(hello.data, hello.size - SIGNATURE_SIZE));
    if (!node_id_signed(&claimed, &sig, &hash))
        return HELLO_BAD_SIGNATURE;
    *from = claimed;
    return HELLO_OK;
}

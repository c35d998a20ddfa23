/* Who is at the other end of a TLS connection: each side signs the connection with its node key.
 *
 *   version u8 | role u8 | network u32 | own node key 33 | the other's node key 33 | signature 65
 *
 * big-endian. The signature is over keccak256("ORG1" | 6 | exporter 32 | all before it), where the
 * exporter is 32 bytes that TLS makes for this connection alone (RFC 8446, 7.5), so a HELLO is good
 * on one connection and in one direction only. Who dials knows whom, and speaks first; who accepts
 * answers when that is good. Nothing else is read before. Node keys are compressed points of
 * secp256k1. Format and test vector: docs/formats.md; design: consensus 5, form B. */
#ifndef NODE_NET_HELLO_H
#define NODE_NET_HELLO_H
#include "vm/crypto/secret_key.h"

#define HELLO_VERSION 1
#define HELLO_SIZE    (1 + 1 + 4 + 33 + 33 + SIGNATURE_SIZE)

struct node_id {
    uint8_t key[33];
};
struct node_id node_id_of(const struct secret_key *key);
bool node_id_equal(const struct node_id *a, const struct node_id *b);
/* With low s, as secret_key_sign() does. */
bool node_id_signed(const struct node_id *id, const signature *sig, const hash256 *digest);
/* What a node key signs: keccak256("ORG1" | message | bound | content), bound to no ledger. The
 * messages' numbers stand in docs/formats.md, What is signed. */
hash256 node_digest(uint8_t message, struct bytes bound, struct bytes content);

enum hello_role {
    HELLO_DIALS,
    HELLO_ACCEPTS,
};

/* What both sides of a connection must agree on. */
struct hello_terms {
    uint32_t network;  /* nodes of different networks do not talk */
    hash256 exporter;  /* of this connection */
    struct node_id us; /* whose key signs ours */
};

/* In the order in which they are looked for. Their numbers are sent (channel.h). */
enum hello_verdict {
    HELLO_OK,
    HELLO_MALFORMED,
    HELLO_OTHER_VERSION,
    HELLO_OTHER_NETWORK,
    HELLO_FROM_US,      /* our own key: this node itself, or a second one with a copy of it */
    HELLO_FOR_ANOTHER,  /* it wants a node that is not this one */
    HELLO_FROM_ANOTHER, /* this is not the node that was dialled */
    HELLO_BAD_SIGNATURE,
    HELLO_VERDICT_COUNT,
};
/* What it means to the one who said it. */
const char *hello_verdict_text(enum hello_verdict verdict);

void hello_sign(const struct hello_terms *terms, enum hello_role role, const struct node_id *other,
                const struct secret_key *key, uint8_t out[HELLO_SIZE]);
/* `role` is the other's. `dialled`: who it must be; NULL: anybody. `from` is set when it is OK. */
enum hello_verdict hello_check(const struct hello_terms *terms, enum hello_role role,
                               const struct node_id *dialled, struct bytes hello,
                               struct node_id *from) __attribute__((warn_unused_result));
#endif

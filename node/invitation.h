/* An invitation to join a ledger, as one person hands it to another: a link, or its QR code.
 *
 *   link = "leither:" and the base64url (RFC 4648, 5, without padding) of
 *
 *   version u8 | network u32 | ledger 32 | expires u64 | ticket 16 | addresses u8
 *   | (node key 33 | size u8 | "host:port") each | signature 65
 *
 * big-endian. The first address is that of the node that invites, whose node key signs
 * keccak256("ORG1" | 9 | all before the signature): a link that was cut or changed on its way does
 * not hold, and the node knows its own invitations without keeping them. It takes the ticket once.
 * Whoever has the link may use it, so it is told to one person. Format and test vector:
 * docs/formats.md; design: organisation.md, Founding. */
#ifndef NODE_INVITATION_H
#define NODE_INVITATION_H
#include "node/net/endpoint.h"
#include "node/net/hello.h"

#define INVITATION_VERSION       1
#define INVITATION_SCHEME        "leither:"
#define INVITATION_TICKET_SIZE   16
#define INVITATION_ADDRESSES_MAX 3
/* Bytes behind the base64url. */
#define INVITATION_SIZE_MAX                      \
    (1 + 4 + 32 + 8 + INVITATION_TICKET_SIZE + 1 \
     + INVITATION_ADDRESSES_MAX * (33 + 1 + ENDPOINT_SIZE - 1) + SIGNATURE_SIZE)
#define INVITATION_LINK_SIZE_MAX \
    (sizeof INVITATION_SCHEME - 1 + (INVITATION_SIZE_MAX * 4 + 2) / 3) /* characters */

struct invitation_address {
    struct node_id who;
    char endpoint[ENDPOINT_SIZE]; /* one endpoint_parse() takes */
};

struct invitation {
    uint32_t network;
    hash256 ledger;     /* of block 0: what the joiner will not be talked out of */
    uint64_t expires_s; /* since 1970; good before it */
    uint8_t ticket[INVITATION_TICKET_SIZE]; /* random */
    struct invitation_address addresses[INVITATION_ADDRESSES_MAX];
    unsigned addresses_count; /* at least one */
};

/* Appends the link. The first address must be of `node_key`. */
void invitation_format(const struct invitation *invitation, const struct secret_key *node_key,
                       struct buffer *out);
/* Accepts only what invitation_format() writes, with white space around it; the signature is
 * checked. ERROR_INVALID says what was found instead of a link or what happened to it,
 * ERROR_VERSION that it needs a newer program. */
bool invitation_parse(struct invitation *invitation, struct bytes text, struct error *error)
    __attribute__((warn_unused_result));
/* ERROR_INVALID for a node of another network, or from the time on when it expires. */
bool invitation_check(const struct invitation *invitation, uint32_t network, uint64_t now_s,
                      struct error *error) __attribute__((warn_unused_result));
#endif

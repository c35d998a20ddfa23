/* What members send each other about agreement: kind u8, then the message of that kind.
 *
 *   1 PROPOSAL         proposal.h          5 GET_CERTIFICATE  epoch u64 | view u64 | kinds u8
 *   2 VOTE             vote.h              6 GET_BLOCK        block hash 32
 *   3 CERTIFICATE      chain/finality.h    7 BLOCK            block hash 32 | stored block
 *   4 STATUS           status.h
 *
 * `kinds` has bit (message type - 2) for each kind of certificate that would help. The frame
 * around a message (its size, checked before anything is allocated) is the channel's.
 * Formats: docs/formats.md; design: consensus 2.2, 2.7b. */
#ifndef NODE_CONSENSUS_MESSAGE_H
#define NODE_CONSENSUS_MESSAGE_H
#include "node/consensus/proposal.h"
#include "node/consensus/status.h"
#include "node/consensus/vote.h"

enum peer_message {
    PEER_PROPOSAL = 1,
    PEER_VOTE,
    PEER_CERTIFICATE,
    PEER_STATUS,
    PEER_GET_CERTIFICATE,
    PEER_GET_BLOCK,
    PEER_BLOCK,
};

#define CERTIFICATE_KIND_BIT(kind) ((uint8_t)(1U << ((kind)-MESSAGE_NOTARIZE)))
#define CERTIFICATE_KINDS_ALL      7

struct certificate_request {
    uint64_t epoch;
    uint64_t view;
    uint8_t kinds; /* CERTIFICATE_KIND_BIT() of each that would help; not 0 */
};

struct block_answer {
    hash256 block;
    struct bytes body; /* borrowed, not empty */
};

struct message {
    enum peer_message kind;
    union {
        struct proposal proposal;
        struct vote vote;
        struct certificate certificate;
        struct status status;
        struct certificate_request get_certificate;
        hash256 get_block;
        struct block_answer block;
    };
};

void message_encode(const struct message *message, struct buffer *out);
/* Accepts only what message_encode() writes, from members below `committee_size`. Bodies borrow
 * from `encoded`, certificates live in the arena. */
bool message_decode(struct message *message, struct bytes encoded, unsigned committee_size,
                    struct arena *arena);
#endif

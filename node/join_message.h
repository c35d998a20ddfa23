/* What whoever was invited says to the node that invited it; kinds go on from node/pool_message.h.
 *
 *   48 JOIN         size u16 | link
 *   49 WELCOME      founding document, as its hash is in block 0
 *   50 NOT_WELCOME  size u16 | sentence
 *
 * big-endian. A sentence is printable ASCII. Formats: docs/formats.md; design: organisation.md,
 * Founding. */
#ifndef NODE_JOIN_MESSAGE_H
#define NODE_JOIN_MESSAGE_H
#include "vm/base/bytes.h"

#define JOIN_SENTENCE_MAX 320

enum join_message_kind {
    JOIN_REQUEST = 48,
    JOIN_WELCOME,
    JOIN_NOT_WELCOME,
};

struct join_message {
    enum join_message_kind kind;
    struct bytes text; /* link, document or sentence; borrowed; not empty */
};

/* A sentence's other characters are left out, and so is what is too long. */
void join_message_encode(const struct join_message *message, struct buffer *out);
/* Accepts only what join_message_encode() writes. */
bool join_message_decode(struct join_message *message, struct bytes encoded);
#endif

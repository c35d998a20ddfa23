/* How transactions that wait are passed on among members; kinds go on from node/sync/message.h.
 *
 *   32 TRANSACTIONS  count u16 | (size u32 | transaction in its EIP-2718 form) each
 *   33 HAVE          count u16 | transaction hash 32 each
 *   34 WANT          count u16 | transaction hash 32 each
 *
 * big-endian, counts 1 to POOL_MESSAGE_COUNT_MAX, a message of POOL_MESSAGE_SIZE_MAX bytes at most. Who
 * takes a transaction from a user sends it to all members at once, and nobody passes on what came from
 * a member; who has no seat sends it to two members, which pass it on. What still waits after a while is
 * named in a HAVE, and who lacks it answers with a WANT.
 * Formats: docs/formats.md; design: consensus 2.8. */
#ifndef NODE_POOL_MESSAGE_H
#define NODE_POOL_MESSAGE_H
#include "ledger/chain/transaction.h"
#include "vm/base/arena.h"

#define POOL_MESSAGE_COUNT_MAX 1024
#define POOL_MESSAGE_SIZE_MAX  524288

enum pool_message_kind {
    POOL_TRANSACTIONS = 32,
    POOL_HAVE,
    POOL_WANT,
};

struct pool_message {
    enum pool_message_kind kind;
    unsigned count;
    struct bytes *transactions; /* TRANSACTIONS: encoded, borrowed, none empty */
    hash256 *hashes;            /* HAVE, WANT */
};

void pool_message_encode(const struct pool_message *message, struct buffer *out);
/* How many transactions or hashes a message says that it has, by its first three bytes alone; 0: it is
 * none that pool_message_decode() accepts. */
unsigned pool_message_count(struct bytes encoded);
/* Accepts only what pool_message_encode() writes; the lists live in the arena, transactions borrow
 * from `encoded`. Whether they are any is for a worker to look at. */
bool pool_message_decode(struct pool_message *message, struct bytes encoded, struct arena *arena);
#endif

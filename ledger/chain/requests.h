/* Requests: what a block hands to whoever follows the chain without executing it (EIP-7685).
 *
 * At most one request a type; on Ethereum the types are deposits (EIP-6110), withdrawals
 * (EIP-7002) and consolidations (EIP-7251). On our ledgers 0x01 carries public entries and 0x02
 * the next committee, from the outboxes that stand at those two addresses; there is no 0x00.
 * A type whose data is empty has no request. How they come into being: system_calls.h. */
#ifndef LEDGER_CHAIN_REQUESTS_H
#define LEDGER_CHAIN_REQUESTS_H
#include "ledger/codec/rlp.h"

enum request_type {
    REQUEST_DEPOSITS = 0x00,       /* EIP-6110 */
    REQUEST_WITHDRAWALS = 0x01,    /* EIP-7002; ours: public entries */
    REQUEST_CONSOLIDATIONS = 0x02, /* EIP-7251; ours: the next committee and parameters */
    REQUEST_TYPE_COUNT,
};

struct requests {
    struct bytes data[REQUEST_TYPE_COUNT]; /* without the type's byte; empty: no such request */
};

/* EIP-7685: sha256 over the sha256 of each request (type ‖ data), by rising type. */
hash256 requests_hash(const struct requests *requests);

/* The list as the Engine API and our containers carry it: RLP [type ‖ data, ...], rising types,
 * only those that are there. */
void requests_encode(const struct requests *requests, struct buffer *out);
/* Takes the next item, such a list; views borrow from the reader's bytes. */
void requests_read(struct rlp_reader *in, struct requests *requests);
#endif

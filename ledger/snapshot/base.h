/* What a node needs to go on from a block besides accounts and slots.
 *
 *   base = RLP [[issued, re-issued, burnt, retired, destroyed], tail left,
 *               [[used, last reveal] a member, ...], [header, ...], container, [receipt, ...]]
 *
 * Headers are the last 256 up to the block's own, oldest first: BLOCKHASH reaches so far. Container
 * as in chain/block.h; receipts are strings in their EIP-2718 form. Nothing in it depends on who
 * signed the block. */
#ifndef LEDGER_SNAPSHOT_BASE_H
#define LEDGER_SNAPSHOT_BASE_H
#include "ledger/chain/finality.h"
#include "ledger/chain/receipt.h"
#include "ledger/chain/reveal.h"

#define BASE_HEADERS_MAX 256

struct snapshot_base {
    struct supply supply; /* after the block */
    uint64_t tail_left;   /* empty blocks still due */
    unsigned members;     /* of the committee in force after it */
    struct reveal_progress reveals[COMMITTEE_SIZE_MAX];
    struct bytes *headers; /* RLP each */
    size_t headers_count;
    struct bytes container;
    struct receipt *receipts;
    size_t receipts_count;
};

/* No base of the block with this header is larger: its gas bounds what its receipts hold. */
size_t base_size_max(const struct header *header);
void base_encode(const struct snapshot_base *base, struct buffer *out);
/* Takes exactly what base_encode() writes, without looking into headers and container. Strings
 * borrow from `encoded`, arrays live in `arena`. ERROR_INVALID says what is wrong. */
bool base_decode(struct snapshot_base *base, struct bytes encoded, struct arena *arena,
                 struct error *error) __attribute__((warn_unused_result));
#endif

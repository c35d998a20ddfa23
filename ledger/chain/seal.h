/* The seal of an epoch: the block whose requests say what the next epoch is to be.
 *
 *   request 0x02 = RLP [entry, ...], what the outbox at the EIP-7251 address drained
 *   first entry  = RLP [version 1, kind 1, protocol version, fork, mode,
 *                       [pulse ms, tail, block size max, gas limit], n]
 *   the others   = RLP [version 1, kind 2, committee entry, ...], n committee entries in all, in
 *                  index order, as many to an outbox entry as its 1,024 bytes hold
 *
 * Only the committee contract posts there (ledger/contracts/Committee.sol). What is posted is
 * either exactly that, or it decides nothing: the block is good and no seal, since a block that
 * were bad because of what waits in an outbox could never be followed by a good one. What can be
 * read and asks for a fork or protocol version that this program does not know is a seal that it
 * must not pass (consensus 2.12). */
#ifndef LEDGER_CHAIN_SEAL_H
#define LEDGER_CHAIN_SEAL_H
#include "ledger/chain/finality.h"
#include "ledger/chain/reveal.h"
#include "vm/base/error.h"

#define SEAL_ENTRY_VERSION  1
#define SEAL_ENTRY_SIZE_MAX 1024 /* Outbox.sol, ENTRY_SIZE_MAX */

enum seal_entry_kind {
    SEAL_ENTRY_EPOCH = 1,
    SEAL_ENTRY_MEMBERS = 2,
};

enum seal_verdict {
    SEAL_NONE,        /* nothing, or nothing that decides: not a seal */
    SEAL_READ,        /* the next epoch is known */
    SEAL_UNSUPPORTED, /* needs a newer program */
};

/* Reads the data of request 0x02 of a block in the epoch of `record`. With SEAL_READ, `next` has
 * protocol version, fork, mode, quorum, parameters and, in `arena`, the committee. */
enum seal_verdict seal_read(struct bytes data, const struct epoch_record *record,
                            struct arena *arena, struct epoch_record *next);
/* Fills in what follows from the seal itself: number, first height, hashes and totals. */
void seal_complete(struct epoch_record *next, const struct epoch_record *record,
                   const struct header *seal, const hash256 *seal_hash,
                   const struct supply *supply);
/* What a committee contract would have posted for `next`, as the request's data. */
void seal_encode(const struct epoch_record *next, struct buffer *out);

/* How far the next committee's reveal chains are open when it begins: who stays with the same
 * chain goes on in it, the others begin theirs. `before` has one a member of `record`. */
void seal_carry_reveals(const struct epoch_record *record, const struct reveal_progress *before,
                        const struct epoch_record *next, struct reveal_progress *after);
#endif

/* The committee contract (ledger/contracts/Committee.sol) as it is spoken to: where it stands, how
 * block 0 creates it, what a node signs to say READY. In protocol version 1 the founder decides
 * who sits in the committee. Design: consensus 2.12. */
#ifndef LEDGER_ORG_COMMITTEE_H
#define LEDGER_ORG_COMMITTEE_H
#include "ledger/chain/finality.h"
#include "ledger/org/genesis.h"

extern const address COMMITTEE_ADDRESS;

#define MESSAGE_READY              8    /* beside enum consensus_message */
#define COMMITTEE_READY_BLOCKS_MAX 8192 /* Committee.sol, READY_BLOCKS_MAX */

/* Appends the arguments of the constructor, which stand behind COMMITTEE_INIT_CODE. */
void committee_put_constructor(const struct genesis *genesis, struct buffer *out);

/* What a node says that can join, or that goes on with a new entry. The entry's weight is 1. */
struct committee_ready {
    struct committee_entry entry;
    uint64_t height; /* up to which it has the ledger */
    uint64_t protocol_lowest;
    uint64_t protocol_highest;
    uint64_t fork; /* the newest it knows; enum vm_fork */
};
/* What its consensus key signs, in the domain of the epoch in which the transaction from
 * `operator_account` is to be executed:
 *   body = operator account 20 | height u64 | lowest protocol u64 | highest protocol u64
 *          | fork u64 | keccak256(committee entry) */
hash256 committee_ready_digest(const struct signing_domain *domain, const address *operator_account,
                               const struct committee_ready *ready);
/* Appends the input of that transaction to COMMITTEE_ADDRESS. */
void committee_put_ready(const struct committee_ready *ready, const signature *signed_by,
                         struct buffer *out);
/* Appends the input of the founder's transaction: consensus addresses of who leaves and of who
 * joins, and the quorum mode from then on. */
void committee_put_change(const address *leaving, size_t leaving_count, const address *joining,
                          size_t joining_count, enum quorum_mode mode, struct buffer *out);
#endif

/* What is signed before a ledger of several members begins: by the founder what nodes are asked to
 * found, so that nobody asks in another's name; by each member that it does, so that no organisation
 * is founded without one of its own members. */
#ifndef LEDGER_ORG_ACCEPTANCE_H
#define LEDGER_ORG_ACCEPTANCE_H
#include "ledger/org/genesis.h"

#define MESSAGE_ACCEPTANCE 10 /* beside enum consensus_message */
#define MESSAGE_FOUNDING   11

#define FOUNDING_SESSION_SIZE 16 /* random bytes that name a founding under way */

enum founding_step {
    FOUNDING_OFFER = 1, /* the document is the terms, without committee */
    FOUNDING_ACCEPT = 2,
};

/* What the founder's account signs: keccak256("ORG1" | 11 | step u8 | session 16 | keccak256(label)
 * | keccak256(document)). */
hash256 founding_digest(enum founding_step step, const uint8_t session[FOUNDING_SESSION_SIZE],
                        const char *label, struct bytes document);

/* What a member's consensus key signs: the domain of epoch 1 says it all, the body is empty. */
hash256 acceptance_digest(const struct genesis *genesis, uint64_t chain_id, const hash256 *block_0);
/* One of each member, in index order; ERROR_INVALID names the first that is missing or is not the
 * member's. */
bool acceptance_check(const struct genesis *genesis, uint64_t chain_id, const hash256 *block_0,
                      const signature *signatures, size_t count, struct error *error)
    __attribute__((warn_unused_result));
#endif

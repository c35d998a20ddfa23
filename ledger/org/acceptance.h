/* Acceptance: what each member of a founding committee signs before its ledger begins, so that no
 * organisation is founded without one of its own members. */
#ifndef LEDGER_ORG_ACCEPTANCE_H
#define LEDGER_ORG_ACCEPTANCE_H
#include "ledger/org/genesis.h"

#define MESSAGE_ACCEPTANCE 10 /* beside enum consensus_message */

/* What a member's consensus key signs: the domain of epoch 1 says it all, the body is empty. */
hash256 acceptance_digest(const struct genesis *genesis, uint64_t chain_id, const hash256 *block_0);
/* One of each member, in index order; ERROR_INVALID names the first that is missing or is not the
 * member's. */
bool acceptance_check(const struct genesis *genesis, uint64_t chain_id, const hash256 *block_0,
                      const signature *signatures, size_t count, struct error *error)
    __attribute__((warn_unused_result));
#endif

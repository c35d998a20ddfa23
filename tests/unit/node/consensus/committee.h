/* A committee with its secret keys, for tests of what its members sign; of any kind, so without
 * Criterion. */
#ifndef TESTS_UNIT_NODE_CONSENSUS_COMMITTEE_H
#define TESTS_UNIT_NODE_CONSENSUS_COMMITTEE_H
#include "node/consensus/proposal.h"
#include "node/consensus/status.h"
#include "node/consensus/vote.h"
#include "vm/base/arena.h"
#include "vm/crypto/secret_key.h"

struct committee {
    struct secret_key keys[COMMITTEE_SIZE_MAX];
    struct committee_entry entries[COMMITTEE_SIZE_MAX];
    struct epoch_record record;
    struct signing_domain domain;
};

/* Epoch 1 of chain 1337, mode bft. */
void committee_init(struct committee *committee, unsigned size);
hash256 block_named(uint64_t number);

struct vote committee_vote(const struct committee *committee, unsigned signer,
                           enum consensus_message kind, uint64_t view, const hash256 *proposal);
/* Signed by members `first` to `first` + quorum - 1; memory of the arena. */
struct certificate committee_certificate(const struct committee *committee, unsigned first,
                                         enum consensus_message kind, uint64_t view,
                                         uint64_t parent_view, const hash256 *block,
                                         struct arena *arena);
/* By `status->signer`. */
void committee_sign_status(const struct committee *committee, struct status *status);
/* Without body or certificates. */
struct proposal committee_proposal(const struct committee *committee, unsigned leader,
                                   uint64_t view, uint64_t parent_view, const hash256 *block);
#endif

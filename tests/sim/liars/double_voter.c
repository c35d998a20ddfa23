#include "tests/sim/liars/liar.h"

/* Every kind of vote for each proposal, to some. */
static void hears(struct sim *sim, unsigned box, const struct message *message)
{
    if (message->kind != PEER_PROPOSAL)
        return;
    const struct proposal *proposal = &message->proposal;
    for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++)
        liar_vote(sim, box, liar_some(sim, 60),
                  (struct vote){.kind = (enum consensus_message)kind,
                                .epoch = proposal->epoch,
                                .view = proposal->view,
                                .proposal = proposal_digest_of(proposal)});
}

const struct liar liar_double_voter = {.name = "double voter", .hears = hears};

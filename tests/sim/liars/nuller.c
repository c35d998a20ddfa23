#include "tests/sim/liars/liar.h"

static void hears(struct sim *sim, unsigned box, const struct message *message)
{
    if (message->kind == PEER_PROPOSAL && sim_chance(sim, 70)) {
        const struct proposal *proposal = &message->proposal;
        struct vote vote = {.kind = MESSAGE_NULLIFY,
                            .epoch = proposal->epoch,
                            .view = proposal->view + sim_draw(sim) % 2};
        liar_vote(sim, box, ~0ULL, vote);
        vote.kind = MESSAGE_FINALIZE;
        vote.view = proposal->view;
        vote.proposal = proposal_digest_of(proposal);
        if (sim_chance(sim, 50))
            liar_vote(sim, box, liar_some(sim, 70), vote);
    }
}

const struct liar liar_nuller = {.name = "nuller", .hears = hears};

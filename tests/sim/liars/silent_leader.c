#include "tests/sim/liars/liar.h"

static void says(struct sim *sim, unsigned box, uint64_t to, struct message *message)
{
    if (message->kind == PEER_PROPOSAL
        && liar_leads(sim, box, message->proposal.epoch, message->proposal.view)) {
        sim->figures.lies++;
        return;
    }
    sim_send(sim, box, to, message);
}

const struct liar liar_silent_leader = {.name = "silent leader", .says = says};

#include "tests/sim/liars/liar.h"

/* About when the members give up waiting for the leader, to each at another moment. */
static void says(struct sim *sim, unsigned box, uint64_t to, struct message *message)
{
    const bool is_late = message->kind == PEER_PROPOSAL
                         && liar_leads(sim, box, message->proposal.epoch, message->proposal.view);
    const uint64_t now = sim->now;
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        if ((to & BIT(i)) == 0)
            continue;
        if (is_late) {
            sim->now = now + 300 + sim_draw(sim) % 500;
            sim->figures.lies++;
        }
        sim_send(sim, box, BIT(i), message);
        sim->now = now;
    }
}

const struct liar liar_late_leader = {.name = "late leader", .says = says};

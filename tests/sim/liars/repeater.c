#include "tests/sim/liars/liar.h"

/* The parent itself again, though there is something new. */
static void says(struct sim *sim, unsigned box, uint64_t to, struct message *message)
{
    if (message->kind == PEER_PROPOSAL
        && liar_leads(sim, box, message->proposal.epoch, message->proposal.view)) {
        const struct sim_block *block = sim_block_of(sim, &message->proposal.block);
        if (block != NULL && block->info.view == message->proposal.view) {
            struct proposal again = message->proposal;
            again.block = block->info.parent;
            again.form = PROPOSAL_WITHOUT_BLOCK;
            again.body = (struct bytes){0};
            liar_propose(sim, box, to, again);
            return;
        }
    }
    sim_send(sim, box, to, message);
}

const struct liar liar_repeater = {.name = "repeater", .says = says};

#include "tests/sim/liars/liar.h"

/* Its proposals come without block or without what they stand on; asked for a block, it has none, or
 * another. */
static void says(struct sim *sim, unsigned box, uint64_t to, struct message *message)
{
    if (message->kind == PEER_BLOCK && sim_chance(sim, 50))
        return;
    if (message->kind == PEER_BLOCK && sim_chance(sim, 50)) /* bytes that are not the block */
        message->block.body = bytes_of_text("no block");
    if (message->kind == PEER_CERTIFICATE && sim_chance(sim, 50))
        return;
    if (message->kind == PEER_PROPOSAL && message->proposal.body.size > 0) {
        const uint64_t whole = liar_some(sim, 30); /* these may pass it on */
        sim_send(sim, box, to & whole, message);
        to &= ~whole;
        message->proposal.form = PROPOSAL_WITHOUT_BLOCK;
        message->proposal.body = (struct bytes){0};
        sim->figures.lies++;
    }
    sim_send(sim, box, to, message);
}

const struct liar liar_withholder = {.name = "withholder", .says = says};

#include "tests/sim/liars/liar.h"

/* Small changes to real messages, signed again: they go further than random bytes. */
static void mutate_vote(struct sim *sim, unsigned box, uint64_t to, struct vote vote)
{
    switch (sim_draw(sim) % 4) {
    case 0: vote.view++; break;
    case 1: vote.view -= vote.view > 1; break;
    case 2: vote.kind = MESSAGE_NOTARIZE + (unsigned)(sim_draw(sim) % 3); break;
    default: vote.epoch += sim_draw(sim) % 2 ? 1 : -1ULL; break;
    }
    if (vote.kind != MESSAGE_NULLIFY && hash256_is_zero(&vote.proposal))
        vote.proposal.bytes[0] = 1;
    liar_vote(sim, box, to, vote);
}

static void mutate_proposal(struct sim *sim, unsigned box, uint64_t to, struct proposal proposal)
{
    switch (sim_draw(sim) % 4) {
    case 0: proposal.parent_view++; break;
    case 1: proposal.parent_view -= proposal.parent_view > 0; break;
    case 2: proposal.view += sim_committee(sim, proposal.epoch)->of.members; break;
    default: proposal.block.bytes[3] ^= 1; break;
    }
    liar_propose(sim, box, to, proposal);
}

static void says(struct sim *sim, unsigned box, uint64_t to, struct message *message)
{
    if (message->kind == PEER_VOTE && sim_chance(sim, 20))
        mutate_vote(sim, box, liar_some(sim, 60), message->vote);
    else if (message->kind == PEER_PROPOSAL && sim_chance(sim, 40))
        mutate_proposal(sim, box, liar_some(sim, 60), message->proposal);
    sim_send(sim, box, to, message);
}

const struct liar liar_mutator = {.name = "mutator", .says = says};

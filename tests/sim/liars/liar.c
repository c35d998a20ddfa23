#include "tests/sim/liars/liar.h"

const struct liar *liar_draw(struct sim *sim)
{
    static const struct liar *const kinds[] = {
        &liar_double_voter, &liar_equivocator, &liar_silent_leader, &liar_late_leader,
        &liar_withholder,   &liar_selective,   &liar_nuller,        &liar_forger,
        &liar_replayer,     &liar_braggart,    &liar_mutator,       &liar_bad_builder,
        &liar_repeater,     &liar_equivocator, &liar_double_voter};
    return kinds[sim_draw(sim) % (sizeof kinds / sizeof *kinds)];
}

uint64_t liar_some(struct sim *sim, unsigned percent)
{
    uint64_t some = 0;
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (sim_chance(sim, percent))
            some |= BIT(i);
    return some;
}

bool liar_leads(const struct sim *sim, unsigned box, uint64_t epoch, uint64_t view)
{
    const struct committee *committee = sim_committee(sim, epoch);
    if (committee == NULL)
        return false;
    return committee->identities[committee->leaders[view % committee->of.members]]
           == sim->boxes[box].identity;
}

void liar_vote(struct sim *sim, unsigned box, uint64_t to, struct vote vote)
{
    const struct committee *committee = sim_committee(sim, vote.epoch);
    const unsigned index =
        committee == NULL ? 0 : committee_index(committee, sim->boxes[box].identity);
    if (committee == NULL || index == committee->of.members)
        return;
    struct message message = {.kind = PEER_VOTE};
    vote.signer = (uint16_t)index;
    if (vote.kind == MESSAGE_NULLIFY)
        vote.proposal = (hash256){{0}};
    sim_sign_vote(sim, box, &vote);
    message.vote = vote;
    sim->figures.lies++;
    sim_send(sim, box, to, &message);
}

void liar_propose(struct sim *sim, unsigned box, uint64_t to, struct proposal proposal)
{
    struct message message = {.kind = PEER_PROPOSAL};
    if (!liar_leads(sim, box, proposal.epoch, proposal.view))
        return;
    sim_sign_proposal(sim, box, &proposal);
    proposal.certificates_count = 0;
    message.proposal = proposal;
    sim->figures.lies++;
    sim_send(sim, box, to, &message);
}

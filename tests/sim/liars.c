#include "tests/sim/sim.h"

void sim_fake_sign(struct vote *vote)
{
    vote->signature.bytes[0] = (uint8_t)(vote->signer + 1);
    vote->signature.bytes[1] = (uint8_t)vote->kind;
    memcpy(vote->signature.bytes + 2, vote->proposal.bytes, 16);
}

void sim_lie(struct sim *sim, unsigned index, const struct proposal *proposal)
{
    const hash256 digest = proposal_digest_of(proposal);
    for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++) {
        struct message message = {.kind = PEER_VOTE};
        message.vote = (struct vote){.kind = (enum consensus_message)kind,
                                     .epoch = 1,
                                     .view = proposal->view,
                                     .signer = (uint16_t)index};
        if (kind != MESSAGE_NULLIFY)
            message.vote.proposal = digest;
        sim_fake_sign(&message.vote);
        for (unsigned to = 0; to < sim->n; to++)
            if (sim_chance(sim, 60))
                sim_send_message(sim, index, to, &message);
    }
}

void sim_equivocate(struct sim *sim, unsigned index, struct proposal proposal)
{
    const struct sim_block *first = sim_block_of(sim, &proposal.block);
    const struct sim_block *parent = first == NULL ? NULL : sim_block_of(sim, &first->info.parent);
    const struct simplex_block origin = {.height = 0};
    struct message message = {.kind = PEER_PROPOSAL};
    if (first == NULL || first->info.view != proposal.view)
        return;
    const struct simplex_block parent_info = parent == NULL ? origin : parent->info;
    if (parent == NULL)
        return;
    const struct sim_block *grand = sim_block_of(sim, &parent_info.parent);
    const bool skips =
        grand != NULL && sim_chance(sim, 50); /* the parent, and a view, are left out */
    const struct simplex_block under = skips ? grand->info : parent_info;
    if (skips)
        proposal.parent_view = under.view;
    struct sim_block *other = sim_make_block(sim, &under, proposal.view);
    for (unsigned i = 0; i < sim->n; i++)
        other->has[i] = false;
    other->has[index] = true;
    proposal.block = other->info.hash;
    proposal.signature.bytes[0]++;
    proposal.form = PROPOSAL_WHOLE_BLOCK;
    proposal.body = bytes_of_text("body");
    message.proposal = proposal;
    sim_show(sim, &proposal);
    for (unsigned to = 0; to < sim->n; to++)
        if (sim_chance(sim, 50))
            sim_send_message(sim, index, to, &message);
    sim_lie(sim, index, &proposal);
}

#include "tests/sim/liars/liar.h"

/* Another block for the same view, on the same parent or, leaving a view out, on that one's. */
static bool make_other(struct sim *sim, unsigned box, struct proposal *proposal)
{
    const struct sim_block *first = sim_block_of(sim, &proposal->block);
    if (first == NULL || first->info.view != proposal->view || first->epoch != proposal->epoch)
        return false;
    const struct sim_block *parent = sim_block_of(sim, &first->info.parent);
    if (parent == NULL || parent->epoch != first->epoch)
        return false;
    struct simplex_block under = parent->info;
    const struct sim_block *grand = sim_block_of(sim, &under.parent);
    if (grand != NULL && grand->epoch == first->epoch && sim_chance(sim, 50)) {
        under = grand->info;
        proposal->parent_view = under.view;
    }
    struct sim_block *other = sim_make_block(sim, &under, proposal->epoch, proposal->view);
    other->has = BIT(box);
    proposal->block = other->info.hash;
    proposal->form = PROPOSAL_WHOLE_BLOCK;
    proposal->body = bytes_of(other->info.hash.bytes, sizeof other->info.hash.bytes);
    return true;
}

static void says(struct sim *sim, unsigned box, uint64_t to, struct message *message)
{
    if (message->kind == PEER_PROPOSAL
        && liar_leads(sim, box, message->proposal.epoch, message->proposal.view)) {
        const uint64_t others = liar_some(sim, 50);
        struct proposal other = message->proposal;
        if (make_other(sim, box, &other)) {
            const hash256 digests[2] = {proposal_digest_of(&message->proposal),
                                        proposal_digest_of(&other)};
            liar_propose(sim, box, others, other);
            for (unsigned i = 0; i < 2; i++)
                for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++)
                    liar_vote(sim, box, i == 0 ? ~others : others,
                              (struct vote){.kind = (enum consensus_message)kind,
                                            .epoch = other.epoch,
                                            .view = other.view,
                                            .proposal = digests[i]});
            to &= sim_chance(sim, 50) ? ~others : to;
        }
    }
    sim_send(sim, box, to, message);
}

const struct liar liar_equivocator = {.name = "equivocator", .says = says};

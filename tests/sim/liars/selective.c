#include "tests/sim/liars/liar.h"

/* Who hears it changes with the view it speaks of. */
static uint64_t half_of(const struct sim *sim, unsigned box, uint64_t view)
{
    uint64_t bits = (view + 1) * 0x9e3779b97f4a7c15ULL ^ sim->seed * 0xff51afd7ed558ccdULL ^ box;
    bits ^= bits >> 29;
    return bits;
}

static void says(struct sim *sim, unsigned box, uint64_t to, struct message *message)
{
    const uint64_t view = message->kind == PEER_PROPOSAL      ? message->proposal.view
                          : message->kind == PEER_VOTE        ? message->vote.view
                          : message->kind == PEER_CERTIFICATE ? message->certificate.view
                                                              : sim->now / 4000;
    sim->figures.lies++;
    sim_send(sim, box, to & half_of(sim, box, view), message);
}

const struct liar liar_selective = {.name = "selective sender", .says = says};

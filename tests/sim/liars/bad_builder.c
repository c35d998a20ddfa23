#include "tests/sim/liars/liar.h"
#include "tests/sim/member.h"

/* Where blocks are hashes. */
static void builds(struct sim *sim, unsigned box, struct sim_block *block)
{
    (void)box;
    if (sim_chance(sim, 60)) {
        block->is_invalid = true;
        sim->figures.bad_blocks++;
        sim->figures.lies++;
    }
}

/* With a real ledger: a header that its own execution does not give, proposed to all; or to some the
 * right header with other parts, which they must get from somebody else. */
static void says(struct sim *sim, unsigned box, uint64_t to, struct message *message)
{
    struct arena arena = {0};
    struct proposal *proposal = &message->proposal;
    if (sim->chains != NULL && message->kind == PEER_PROPOSAL && proposal->body.size > 0
        && liar_leads(sim, box, proposal->epoch, proposal->view) && sim_chance(sim, 60)) {
        struct proposal other = *proposal;
        sim->figures.bad_blocks++;
        if (member_spoil(sim, box, &other.body, &arena, &other.block)) {
            liar_propose(sim, box, to, other);
            to = 0;
        } else {
            const uint64_t some = liar_some(sim, 50);
            liar_propose(sim, box, to & some, other);
            to &= ~some;
        }
    }
    if (to != 0)
        sim_send(sim, box, to, message);
    arena_cleanup(&arena);
}

const struct liar liar_bad_builder = {.name = "bad builder", .says = says, .builds = builds};

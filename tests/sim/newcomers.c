/* Who joins without the past: followers whose machines start late, and boxes whose store is gone.
 * They need so many members to agree on a checkpoint as may not all lie. */
#include "tests/sim/chain.h"
#include "tests/sim/member.h"

#define NEAR_CHECKPOINTS_PERCENT 50 /* of the runs have them every few blocks, beside seals */
#define LATE_PERCENT             40 /* of the followers */
#define JOINS_PERCENT            50 /* of the stores that are gone; the others begin with block 0 */

void sim_draw_newcomers(struct sim *sim)
{
    const unsigned members = sim->committees[1]->of.members;
    if (sim->chains == NULL)
        return;
    if (sim_chance(sim, NEAR_CHECKPOINTS_PERCENT))
        chains_space_checkpoints(sim->chains, 8 + (unsigned)(sim_draw(sim) % 48));
    for (unsigned i = members; i < sim->boxes_count; i++)
        if (sim_chance(sim, LATE_PERCENT)) {
            member_be_new(sim, i);
            sim_post(sim, 10000 + sim_draw(sim) % 90000, ON_RESTART, i);
        }
}

/* Honest members that the box hears and that have a store. */
static unsigned servers(const struct sim *sim, const struct committee *committee, unsigned box)
{
    unsigned count = 0;
    for (unsigned i = 0; i < committee->of.members; i++) {
        const unsigned other = committee->identities[i];
        count += other != box && !sim_is_faulty(sim, other) && sim_is_linked(sim, box, other)
                 && !member_standing(sim, other).has_no_store;
    }
    return count;
}

/* Whoever joins again has old blocks no more: where some never hear each other, it may be the only
 * one from whom another could have them. */
static bool has_full_mesh(const struct sim *sim)
{
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (sim->boxes[i].not_linked != 0)
            return false;
    return true;
}

bool sim_joins(struct sim *sim, unsigned box)
{
    const struct committee *committee = sim_committee(sim, sim->epoch);
    return sim->chains != NULL && sim_chance(sim, JOINS_PERCENT) && has_full_mesh(sim)
           && servers(sim, committee, box) > committee->of.liars_live;
}

bool sim_serves(const struct sim *sim, const struct committee *committee)
{
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (member_standing(sim, i).has_no_store
            && servers(sim, committee, i) <= committee->of.liars_live)
            return false;
    return true;
}

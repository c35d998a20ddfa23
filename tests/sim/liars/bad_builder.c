#include "tests/sim/liars/liar.h"

static void builds(struct sim *sim, unsigned box, struct sim_block *block)
{
    (void)box;
    if (sim_chance(sim, 60)) {
        block->is_invalid = true;
        sim->figures.bad_blocks++;
        sim->figures.lies++;
    }
}

const struct liar liar_bad_builder = {.name = "bad builder", .builds = builds};

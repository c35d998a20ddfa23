#include "tests/sim/liars/liar.h"

#define KEPT_AGE_MS 60000

/* Sends what it hears again, up to a minute later, to whomever. */
static void hears(struct sim *sim, unsigned box, const struct message *message)
{
    const uint64_t now = sim->now;
    if (message->kind == PEER_GET_BLOCK || !sim_chance(sim, 10))
        return;
    sim->now = now + sim_draw(sim) % KEPT_AGE_MS;
    sim->figures.lies++;
    sim_send(sim, box, liar_some(sim, 40), message);
    sim->now = now;
}

const struct liar liar_replayer = {.name = "replayer", .hears = hears};

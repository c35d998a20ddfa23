/* Queues that are full: pools of a few transactions, and members that cannot send as fast as they
 * talk. What a pool refuses comes again; what waits too long for a peer ends the connection to it,
 * with all that was under way, until both connect anew. */
#include "tests/sim/chain.h"
#include "tests/sim/member.h"

/* In runs that have such queues. */
#define SHORT_QUEUE_PERCENT 10
#define SMALL_POOL_PERCENT  10

static void draw_short_queues(struct sim *sim)
{
    if (sim->bytes_per_second == 0)
        sim->bytes_per_second = 5000 + sim_draw(sim) % 100000;
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (sim_chance(sim, 50))
            sim->boxes[i].queue_most_ms = 50 + (unsigned)(sim_draw(sim) % 2000);
}

void sim_draw_queues(struct sim *sim)
{
    if (sim_chance(sim, SHORT_QUEUE_PERCENT))
        draw_short_queues(sim);
    if (sim->chains != NULL && sim_chance(sim, SMALL_POOL_PERCENT))
        chains_limit_pools(sim->chains, 2 + (unsigned)(sim_draw(sim) % 7));
}

static struct connection *connection_of(struct sim *sim, unsigned a, unsigned b)
{
    return a < b ? &sim->connections[a][b] : &sim->connections[b][a];
}

/* Each end notices in its time. */
static void tell_ends(struct sim *sim, unsigned a, unsigned b, uint64_t after)
{
    sim_post(sim, after + sim_draw(sim) % 100, ON_PEER, a)->from = b;
    sim_post(sim, after + sim_draw(sim) % 100, ON_PEER, b)->from = a;
}

void sim_end_connection(struct sim *sim, unsigned a, unsigned b)
{
    struct connection *connection = connection_of(sim, a, b);
    const uint64_t down_ms = 500 + sim_draw(sim) % 5000;
    connection->number++;
    connection->ended_until = sim->now + down_ms;
    sim->figures.full_queues++;
    sim_note(sim, a, "cannot send as fast as it talks: its connection to member %u ends", b);
    tell_ends(sim, a, b, 1);
    tell_ends(sim, a, b, down_ms);
}

unsigned sim_connection(const struct sim *sim, unsigned a, unsigned b)
{
    return (a < b ? &sim->connections[a][b] : &sim->connections[b][a])->number;
}

bool sim_is_connected(const struct sim *sim, unsigned a, unsigned b)
{
    const uint64_t ended_until =
        (a < b ? &sim->connections[a][b] : &sim->connections[b][a])->ended_until;
    return sim_is_linked(sim, a, b) && sim->now >= ended_until;
}

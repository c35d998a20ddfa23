#include "tests/sim/sim.h"

static void send_bytes(struct sim *sim, unsigned from, unsigned to, struct bytes bytes)
{
    const bool is_quiet = sim->now >= QUIET_MS;
    if (from == to || (!is_quiet && (sim->side[from] & sim->side[to]) == 0))
        return;
    const unsigned copies = !is_quiet && sim_chance(sim, sim->repeat) ? 2 : 1;
    for (unsigned i = 0; i < copies; i++) {
        if (!is_quiet && sim_chance(sim, sim->drop))
            continue;
        uint64_t delay = 5 + sim_draw(sim) % 60;
        if (!is_quiet && sim_chance(sim, 10))
            delay += sim_draw(sim) % sim->delay_most;
        struct event *event = sim_post(sim, delay, ON_MESSAGE, to);
        event->from = from;
        buffer_append_bytes(&event->bytes, bytes);
        sim->messages++;
    }
}

void sim_send_message(struct sim *sim, unsigned from, uint32_t to, const struct message *message)
{
    struct buffer bytes = {0};
    message_encode(message, &bytes);
    for (unsigned i = 0; i < sim->n; i++)
        if (to == SIMPLEX_ALL || to == i)
            send_bytes(sim, from, i, buffer_view(&bytes));
    buffer_cleanup(&bytes);
}

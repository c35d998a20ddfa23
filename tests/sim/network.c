#include "tests/sim/world.h"

#include <stdlib.h>

#define WAIT_MOST_MS 10000 /* what would wait longer is dropped */

bool sim_is_linked(const struct sim *sim, unsigned a, unsigned b)
{
    return (sim->boxes[a].not_linked & BIT(b)) == 0;
}

bool sim_passes(const struct sim *sim, unsigned from, unsigned to)
{
    if (!sim_is_connected(sim, from, to))
        return false;
    return (sim->boxes[from].side & sim->boxes[to].side) != 0
           && (sim->boxes[from].not_reached & BIT(to)) == 0;
}

/* How long the message waits for those that the box sent before it; false: too long. */
static bool take_uplink(struct sim *sim, struct box *box, size_t size, uint64_t *wait)
{
    const unsigned most_ms = box->queue_most_ms != 0 ? box->queue_most_ms : WAIT_MOST_MS;
    *wait = 0;
    if (sim->is_quiet || sim->bytes_per_second == 0)
        return true;
    const uint64_t start = box->uplink_free_ms > sim->now ? box->uplink_free_ms : sim->now;
    if (start - sim->now > most_ms)
        return false;
    box->uplink_free_ms = start + size * 1000 / sim->bytes_per_second;
    *wait = box->uplink_free_ms - sim->now;
    return true;
}

static void send_one(struct sim *sim, unsigned from, unsigned to, struct packet *packet,
                     size_t size)
{
    uint64_t wait;
    if (!sim_passes(sim, from, to))
        return;
    const unsigned copies = !sim->is_quiet && sim_chance(sim, sim->repeat) ? 2 : 1;
    sim->figures.repeated += copies - 1;
    for (unsigned i = 0; i < copies; i++) {
        const bool has_room = take_uplink(sim, &sim->boxes[from], size, &wait);
        if (!has_room || (!sim->is_quiet && sim_chance(sim, sim->drop))) {
            sim->figures.lost++;
            if (has_room || sim->boxes[from].queue_most_ms == 0)
                continue;
            sim_end_connection(sim, from, to);
            return;
        }
        uint64_t delay = 5 + sim_draw(sim) % 60;
        if (!sim->is_quiet && sim_chance(sim, 10)) {
            delay += sim_draw(sim) % sim->delay_most;
            sim->figures.late++;
        }
        struct event *event = sim_post(sim, wait + delay, ON_MESSAGE, to);
        event->from = from;
        event->life = sim->boxes[from].life;
        event->connection = sim_connection(sim, from, to);
        event->packet = packet;
        packet->uses++;
        sim->figures.messages++;
    }
}

static void send_packet(struct sim *sim, unsigned from, uint64_t to, struct packet *packet,
                        size_t size)
{
    packet->uses = 1;
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (i != from && (to & BIT(i)) != 0)
            send_one(sim, from, i, packet, size);
    if (--packet->uses == 0) {
        buffer_cleanup(&packet->bytes);
        free(packet);
    }
}

/* Blocks travel as a few bytes and weigh what they would. */
static size_t weight_of(struct sim *sim, const struct message *message, size_t size)
{
    const hash256 *block = message->kind == PEER_PROPOSAL && message->proposal.body.size > 0
                               ? &message->proposal.block
                           : message->kind == PEER_BLOCK ? &message->block.block
                                                         : NULL;
    const struct sim_block *found = block == NULL ? NULL : sim_block_of(sim, block);
    return found == NULL ? size : size + found->size;
}

void sim_send(struct sim *sim, unsigned from, uint64_t to, const struct message *message)
{
    if (message->kind == PEER_PROPOSAL)
        sim_show(sim, &message->proposal);
    for (unsigned i = 0; i < sim->boxes_count && sim->may_pass != NULL; i++)
        if ((to & BIT(i)) != 0 && !sim->may_pass(sim, from, i, message))
            to &= ~BIT(i);
    struct packet *packet = memory_new_zeroed(1, sizeof *packet);
    message_encode(message, &packet->bytes);
    send_packet(sim, from, to, packet, weight_of(sim, message, packet->bytes.size));
}

void sim_send_bytes(struct sim *sim, unsigned from, uint64_t to, struct bytes bytes)
{
    struct packet *packet = memory_new_zeroed(1, sizeof *packet);
    buffer_append_bytes(&packet->bytes, bytes);
    send_packet(sim, from, to, packet, bytes.size);
}

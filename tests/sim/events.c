#include "tests/sim/world.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

uint64_t sim_draw(struct sim *sim)
{
    sim->random ^= sim->random << 13;
    sim->random ^= sim->random >> 7;
    sim->random ^= sim->random << 17;
    return sim->random;
}

bool sim_chance(struct sim *sim, unsigned percent)
{
    return sim_draw(sim) % 100 < percent;
}

void sim_fail(struct sim *sim, const char *what, unsigned box, uint64_t number)
{
    printf("BROKEN seed=%" PRIu64 " now_ms=%" PRIu64 " member=%u number=%" PRIu64 ": %s\n",
           sim->seed, sim->now, box, number, what);
    fflush(stdout);
    _Exit(1);
}

static bool before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->number < b->number;
}

struct event *sim_post(struct sim *sim, uint64_t after, enum event_kind kind, unsigned box)
{
    struct event *event = memory_new_zeroed(1, sizeof *event);
    event->at = sim->now + after;
    event->number = sim->numbers++;
    event->kind = kind;
    event->box = box;
    event->life = sim->boxes[box].life;
    if (sim->heap_count == sim->heap_capacity) {
        sim->heap_capacity = sim->heap_capacity == 0 ? 64 : 2 * sim->heap_capacity;
        sim->heap = memory_resize(sim->heap, sim->heap_capacity * sizeof *sim->heap);
    }
    size_t at = sim->heap_count++;
    while (at > 0 && before(event, sim->heap[(at - 1) / 2])) {
        sim->heap[at] = sim->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    return sim->heap[at] = event;
}

struct event *sim_take(struct sim *sim)
{
    struct event *first = sim->heap[0], *last = sim->heap[--sim->heap_count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= sim->heap_count)
            break;
        if (child + 1 < sim->heap_count && before(sim->heap[child + 1], sim->heap[child]))
            child++;
        if (!before(sim->heap[child], last))
            break;
        sim->heap[at] = sim->heap[child];
        at = child;
    }
    sim->heap[at] = last;
    return first;
}

void sim_drop_event(struct event *event)
{
    if (event->packet != NULL && --event->packet->uses == 0) {
        buffer_cleanup(&event->packet->bytes);
        free(event->packet);
    }
    free(event);
}

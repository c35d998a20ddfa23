#include "tests/sim/sim.h"

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

void sim_fail(struct sim *sim, const char *what, unsigned node, uint64_t number)
{
    printf("BROKEN seed=%" PRIu64 " now=%" PRIu64 " node=%u number=%" PRIu64 ": %s\n", sim->seed,
           sim->now, node, number, what);
    exit(1);
}

static bool before(const struct event *a, const struct event *b)
{
    return a->at != b->at ? a->at < b->at : a->number < b->number;
}

struct event *sim_post(struct sim *sim, uint64_t after, enum event_kind kind, unsigned node)
{
    struct event *event = memory_new_zeroed(1, sizeof *event);
    *event = (struct event){.at = sim->now + after,
                            .number = sim->numbers++,
                            .kind = kind,
                            .node = node,
                            .life = sim->nodes[node].life};
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

static struct event *take(struct sim *sim)
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

static void run(uint64_t seed)
{
    static const unsigned sizes[] = {1, 2, 3, 4, 4, 4, 4, 5, 7, 10};
    struct sim *sim = memory_new_zeroed(1, sizeof *sim);
    sim->seed = seed;
    sim->random = seed * 0x9e3779b97f4a7c15ULL + 1;
    for (unsigned i = 0; i < 10; i++)
        sim_draw(sim);
    sim->n = sizes[sim_draw(sim) % 10];
    sim->of = thresholds_of(sim->n, quorum_size(QUORUM_BFT, sim->n));
    sim->drop = (unsigned)(sim_draw(sim) % 21);
    sim->repeat = (unsigned)(sim_draw(sim) % 11);
    sim->delay_most = 1 + (unsigned)(sim_draw(sim) % 2000);
    sim->crash = sim->n == 1 ? 0 : (unsigned)(sim_draw(sim) % 30);
    sim->lose_log = (unsigned)(sim_draw(sim) % 30);
    const unsigned liars = sim->n < 4 ? 0 : (unsigned)(sim_draw(sim) % (sim->of.liars_live + 1));
    for (unsigned i = 0; i < sim->n; i++) {
        sim->side[i] = 3;
        sim->nodes[i].log_is_whole = true;
        sim->nodes[i].is_liar = i < liars;
    }
    if (liars > 0) /* a lost log and a liar are both more than the bound allows at once */
        sim->lose_log = 0;
    sim->loses_certificates = sim->lose_log == 0 && sim_chance(sim, 30);
    if (sim_chance(sim, 20)) /* so much that votes reach some and not others */
        sim->drop += 25;
    sim->has_work = true;
    for (unsigned i = 0; i < sim->n; i++)
        sim_start_node(sim, i);
    if (sim_chance(sim, 50))
        sim_post(sim, 20000, ON_WORK, 0);
    sim_post(sim, 5000, ON_NETWORK, 0);
    if (sim->crash > 0)
        sim_post(sim, 7000, ON_CRASH, 0);
    const bool stops_at_once =
        sim_chance(sim, 30); /* what the faults left must become final by itself */
    uint64_t at_quiet = 0, idle_at = UINT64_MAX - IDLE_MS;
    while (sim->heap_count > 0
           && sim->heap[0]->at < (sim->is_ending ? idle_at + IDLE_MS : END_MS)) {
        struct event *event = take(sim);
        if (sim->now < QUIET_MS && event->at >= QUIET_MS)
            at_quiet = sim->highest;
        sim->now = event->at;
        sim_on_event(sim, event);
        sim->trace = sim->trace * 1099511628211ULL + event->at * 31 + event->kind * 7 + event->node;
        buffer_cleanup(&event->bytes);
        free(event);
        if (!sim->is_ending && sim->now > QUIET_MS
            && (stops_at_once || sim->highest >= at_quiet + 5)) {
            sim->is_ending = true;
            sim->has_work = false;
            idle_at = sim->now;
            sim_give_work(sim);
        }
    }
    if (!sim->is_ending) {
        for (unsigned i = 0; i < sim->n; i++)
            if (sim->nodes[i].is_up)
                printf("node %u view %" PRIu64 " final %" PRIu64 "/%" PRIu64
                       " audited %d timer %" PRIu64 "\n",
                       i, simplex_view(sim->nodes[i].engine),
                       simplex_final_view(sim->nodes[i].engine),
                       simplex_final_height(sim->nodes[i].engine), sim->nodes[i].is_audited,
                       simplex_next_ms(sim->nodes[i].engine));
        sim_fail(sim, "no five blocks after the faults stopped", sim->n, sim->highest);
    }
    sim_check_idle(sim);
    printf("seed=%" PRIu64 " n=%u liars=%u final=%" PRIu64 " messages=%" PRIu64 " crashes=%" PRIu64
           " lost_logs=%" PRIu64 " accused=%" PRIu64 " trace=%016" PRIx64 "\n",
           seed, sim->n, liars, sim->highest, sim->messages, sim->crashes, sim->losses,
           sim->accused, sim->trace);
    while (sim->heap_count > 0) {
        struct event *event = take(sim);
        buffer_cleanup(&event->bytes);
        free(event);
    }
    for (unsigned i = 0; i < sim->n; i++) {
        simplex_free(sim->nodes[i].engine);
        resolver_free(sim->nodes[i].resolver);
        for (size_t j = 0; j < sim->nodes[i].log_count; j++)
            free(sim->nodes[i].log[j].certificate.signatures);
        free(sim->nodes[i].log);
        if (sim->nodes[i].has_final_certificate)
            free(sim->nodes[i].final_certificate.signatures);
    }
    free(sim->shown);
    free(sim->heap);
    free(sim->blocks);
    for (unsigned i = 0; i < sim->n; i++)
        free(sim->said[i]);
    free(sim);
}

int main(int count, char **arguments)
{
    const uint64_t seed = count > 1 ? strtoull(arguments[1], NULL, 10) : 1;
    const uint64_t runs = count > 2 ? strtoull(arguments[2], NULL, 10) : 1;
    for (uint64_t i = 0; i < runs; i++)
        run(seed + i);
    printf("%" PRIu64 " passed, 0 failed\n", runs);
    return 0;
}

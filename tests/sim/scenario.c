#include "tests/sim/watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/sim/member.h"

/* Four members, of whom three decide. The network breaks in two halves, of which neither decides;
 * it heals; then one member is cut off and the three others go on; it comes back. */
enum step { BREAK_IN_HALF, SETTLE, HALF_A_WHILE, HEAL, CUT_ONE, ONE_A_WHILE, COME_BACK, REST, END };

struct moment {
    uint64_t at_ms;
    enum step step;
    const char *says;
};

static const struct moment moments[] = {
    {8000, BREAK_IN_HALF, "the network breaks: 0 and 1 on one side, 2 and 3 on the other"},
    {9000, SETTLE, NULL},
    {28000, HALF_A_WHILE, NULL},
    {28001, HEAL, "the network is whole again"},
    {50000, CUT_ONE, "the network breaks: member 3 is alone"},
    {70000, ONE_A_WHILE, NULL},
    {70001, COME_BACK, "the network is whole again"},
    {90000, REST, "no transactions any more"},
    {120000, END, NULL},
};
#define MOMENTS (sizeof moments / sizeof *moments)

struct partition {
    uint64_t at_break, at_heal, at_cut, alone_at;
    unsigned failed;
    bool is_over;
    bool shows_moments;
};

static void split(struct sim *sim, uint64_t second_side)
{
    for (unsigned i = 0; i < sim->boxes_count; i++)
        sim->boxes[i].side = (second_side & BIT(i)) != 0 ? 2 : 1;
}

static void check(struct partition *partition, bool holds, const char *what)
{
    printf("%s %s\n", holds ? "ok    " : "FAILED", what);
    partition->failed += !holds;
}

static bool all_sleep(const struct sim *sim)
{
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        const struct standing standing = member_standing(sim, i);
        if (standing.final_height != sim->highest || standing.next_ms != UINT64_MAX)
            return false;
    }
    return true;
}

static void on_partition(struct sim *sim, uint64_t index)
{
    struct partition *partition = sim->scenario;
    const struct moment *moment = &moments[index];
    if (moment->step == HALF_A_WHILE || moment->step == ONE_A_WHILE || moment->step == END
        || moment->step == BREAK_IN_HALF || moment->step == CUT_ONE)
        if (partition->shows_moments)
            watch_draw(sim->watch, sim);
    if (moment->says != NULL)
        sim_note(sim, NOBODY, "%s", moment->says);
    switch (moment->step) {
    case BREAK_IN_HALF:
        check(partition, sim->highest >= FINAL_LAST, "a whole committee agrees on blocks");
        split(sim, BIT(2) | BIT(3));
        break;
    case SETTLE: partition->at_break = sim->highest; break;
    case HALF_A_WHILE:
        check(partition, sim->highest == partition->at_break,
              "two halves of which neither decides: nothing becomes final");
        break;
    case HEAL:
        split(sim, 0);
        partition->at_heal = sim->highest;
        break;
    case CUT_ONE:
        check(partition, sim->highest >= partition->at_heal + FINAL_LAST,
              "whole again: blocks become final");
        split(sim, BIT(3));
        partition->at_cut = sim->highest;
        partition->alone_at = member_standing(sim, 3).final_height;
        break;
    case ONE_A_WHILE:
        check(partition, sim->highest >= partition->at_cut + FINAL_LAST,
              "three of four: blocks become final");
        check(partition, member_standing(sim, 3).final_height <= partition->alone_at + 1,
              "one alone: nothing becomes final there");
        break;
    case COME_BACK: split(sim, 0); break;
    case REST:
        check(partition, member_standing(sim, 3).final_height + 2 >= sim->highest,
              "whole again: it has caught up");
        sim->has_work = false;
        sim_give_work(sim);
        break;
    case END:
        check(partition, all_sleep(sim), "without transactions: everybody has all and sleeps");
        partition->is_over = true;
        break;
    }
}

static int run_partition(const struct watch_view *view)
{
    struct partition partition = {.shows_moments = view->is_plain && view->every_ms == 0};
    struct watch_view shown = *view;
    if (!partition.shows_moments && shown.every_ms == 0)
        shown.every_ms = 500;
    struct sim *sim = sim_new(1);
    sim_found(sim, 4, QUORUM_BFT, 4);
    sim->watch = watch_new(&shown, "a partition heals");
    sim->has_work = true;
    sim->on_scenario = on_partition;
    sim->scenario = &partition;
    for (unsigned i = 0; i < MOMENTS; i++)
        sim_post(sim, moments[i].at_ms, ON_SCENARIO, 0)->view = i;
    for (unsigned i = 0; i < sim->boxes_count; i++)
        member_start(sim, i);
    while (!partition.is_over) {
        watch_until(sim->watch, sim, sim->heap[0]->at);
        sim_step(sim);
    }
    watch_free(sim->watch);
    sim_free(sim);
    printf("%u passed, %u failed\n", 7 - partition.failed, partition.failed);
    return partition.failed == 0 ? 0 : 1;
}

int watch_run(const char *what, const struct watch_view *view)
{
    char title[60], *end;
    struct figures figures = {0};
    struct watch_view shown = *view;
    const uint64_t seed = strtoull(what, &end, 10);
    if (strcmp(what, "partition") == 0)
        return run_partition(view);
    if (end == what || *end != '\0') {
        fprintf(stderr, "sim: --watch %s: expected a seed, or partition\n", what);
        return 3;
    }
    if (shown.every_ms == 0)
        shown.every_ms = 500;
    snprintf(title, sizeof title, "seed %" PRIu64, seed);
    struct watch *watch = watch_new(&shown, title);
    sim_run(seed, true, watch, &figures);
    watch_free(watch);
    return 0;
}

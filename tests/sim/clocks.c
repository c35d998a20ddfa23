#include "tests/sim/chain.h"
#include "tests/sim/member.h"

#include "node/replica/block_time.h"

#define SKEW_MOST_MS  3600000
#define SKEW_SMALL_MS 20000 /* about what a block may be ahead */

uint64_t sim_wall_ms(const struct sim *sim, unsigned box)
{
    if (sim->boxes[box].clock_is_unset)
        return sim->now;
    return (uint64_t)((int64_t)(CHAIN_TIME_MS + sim->now) + sim->boxes[box].clock_skew_ms);
}

static void set(struct sim *sim, unsigned box, int64_t skew_ms)
{
    struct box *one = &sim->boxes[box];
    one->clock_is_unset = false;
    one->clock_skew_ms = skew_ms;
    if (skew_ms > 0 && (uint64_t)skew_ms > one->ahead_most_ms)
        one->ahead_most_ms = (uint64_t)skew_ms;
    sim->figures.clocks += skew_ms != 0;
}

static void unset(struct sim *sim, unsigned box)
{
    sim->boxes[box].clock_is_unset = sim->boxes[box].was_unset = true;
    sim->figures.clocks++;
}

static int64_t draw_within(struct sim *sim, int64_t most_ms)
{
    return (int64_t)(sim_draw(sim) % (2 * (uint64_t)most_ms + 1)) - most_ms;
}

static void draw_clock(struct sim *sim, unsigned box)
{
    switch (sim_draw(sim) % 4) {
    case 0: set(sim, box, draw_within(sim, SKEW_MOST_MS)); break;
    case 1: set(sim, box, draw_within(sim, SKEW_SMALL_MS)); break;
    default: set(sim, box, 0); break;
    }
}

static void post(struct sim *sim, unsigned box)
{
    sim_post(sim, 3000 + sim_draw(sim) % 60000, ON_CLOCK, box);
}

void sim_draw_clocks(struct sim *sim)
{
    if (!sim_chance(sim, 20))
        return;
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        sim->boxes[i].has_no_battery = sim_chance(sim, 25);
        draw_clock(sim, i);
        sim_start_clock(sim, i);
        post(sim, i);
    }
}

void sim_start_clock(struct sim *sim, unsigned box)
{
    if (sim->boxes[box].has_no_battery && !sim->is_quiet)
        unset(sim, box);
}

void sim_on_clock(struct sim *sim, unsigned box)
{
    const bool was_unset = sim->boxes[box].clock_is_unset;
    draw_clock(sim, box);
    if (was_unset)
        sim_note(sim, box, "learns the time");
    else if (sim->boxes[box].clock_skew_ms != 0)
        sim_note(sim, box, "has a clock that is %d s off",
                 (int)(sim->boxes[box].clock_skew_ms / 1000));
    member_on_clock(sim, box);
    post(sim, box);
}

static bool is_right(const struct box *box)
{
    return !box->clock_is_unset && box->clock_skew_ms == 0;
}

void sim_set_clocks(struct sim *sim)
{
    const struct committee *committee = sim_committee(sim, sim->epoch);
    const unsigned liars = sim_liars_in(sim, committee);
    unsigned wrong = committee->of.down_max > liars ? committee->of.down_max - liars : 0;
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        const bool is_member =
            committee_index(committee, sim->boxes[i].identity) < committee->of.members;
        if (is_right(&sim->boxes[i]) || sim->boxes[i].liar != NULL)
            continue;
        if (sim->change_epoch == 0 && (!is_member || wrong > 0)) { /* nobody joins any more */
            wrong -= is_member;
            continue;
        }
        set(sim, i, 0);
        member_on_clock(sim, i);
    }
}

uint64_t sim_ahead_ms(const struct sim *sim)
{
    const uint64_t right_ms = CHAIN_TIME_MS + sim->now;
    uint64_t newest_ms = right_ms;
    for (size_t i = 0; i < sim->blocks_count; i++) {
        const struct sim_block *block = &sim->blocks[i];
        const bool has_others = (block->executed & (block->executed - 1)) != 0;
        if (has_others && block->time_ms > newest_ms)
            newest_ms = block->time_ms;
    }
    return newest_ms - right_ms;
}

/* ---- What must hold --------------------------------------------------------------------------- */

void sim_check_final_time(struct sim *sim, unsigned box, const struct sim_block *block)
{
    const struct sim_block *parent = sim_block_of(sim, &block->info.parent);
    uint64_t latest_ms = CHAIN_TIME_MS + sim->now + BLOCK_TIME_AHEAD_MS + block->info.height;
    uint64_t ahead_most_ms = 0;
    if (parent != NULL && block->time_ms <= parent->time_ms)
        sim_fail(sim, "a final block is not later than its parent", box, block->info.height);
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        if (sim->boxes[i].was_unset)
            return; /* who knows no time takes any */
        if (sim->boxes[i].ahead_most_ms > ahead_most_ms)
            ahead_most_ms = sim->boxes[i].ahead_most_ms;
    }
    latest_ms += ahead_most_ms;
    if (block->time_ms > latest_ms)
        sim_fail(sim, "a final block is of the future", box, block->info.height);
}

void sim_check_voted_time(struct sim *sim, unsigned box, const struct sim_block *block)
{
    const struct box *one = &sim->boxes[box];
    const struct committee *committee = sim_committee(sim, block->epoch);
    const unsigned leader = committee->leaders[block->info.view % committee->of.members];
    const uint64_t latest_ms = CHAIN_TIME_MS + sim->now + one->ahead_most_ms + BLOCK_TIME_AHEAD_MS;
    if (!one->was_unset && block->time_ms > latest_ms
        && committee->identities[leader] != one->identity)
        sim_fail(sim, "a vote for a block of the future (R6)", box, block->info.view);
}

/* Disks that fail: writes with an error or without room, stores that are damaged, disks of some time
 * ago. How many may forget what they said is what the committee recovers from (faults.c). */
#include "tests/sim/member.h"

/* In runs that have such disks. */
#define FAIL_WRITE_PERCENT   15
#define DAMAGE_STORE_PERCENT 10
#define COPY_DISKS_PERCENT   10

void sim_draw_broken_disks(struct sim *sim)
{
    const struct committee *first = sim->committees[1];
    const unsigned most = first->mode == QUORUM_CRASH ? 0 : first->of.liars_live;
    if (sim_chance(sim, FAIL_WRITE_PERCENT))
        sim->fail_write = 1 + (unsigned)(sim_draw(sim) % 20);
    if (sim_chance(sim, DAMAGE_STORE_PERCENT))
        sim->damage_store = 5 + (unsigned)(sim_draw(sim) % 30);
    if (!sim_chance(sim, COPY_DISKS_PERCENT))
        return;
    sim->copy_disks = 5 + (unsigned)(sim_draw(sim) % 30);
    for (unsigned i = sim_liars_in(sim, first); i < most && sim_chance(sim, 70); i++)
        sim->boxes[i].is_copied = sim->boxes[i].is_twin = true;
}

/* Another committee is decided on, and its epoch has not begun. */
static bool is_changing(const struct sim *sim)
{
    return sim->chains != NULL ? sim->posts >= sim->epoch : sim->change_epoch == sim->epoch;
}

/* A store that is not what it was forgets in what epochs its member voted, too: then those of the
 * next committee must bear it. */
static bool may_lose_store(const struct sim *sim, unsigned box)
{
    const struct committee *committee = sim_committee(sim, sim->epoch);
    unsigned old = sim_liars_in(sim, committee);
    if (sim_is_faulty(sim, sim->boxes[box].identity) || !sim_may_forget(sim, box))
        return false;
    if (!sim->has_changes)
        return true;
    for (unsigned i = 0; i < committee->of.members; i++)
        old += member_standing(sim, committee->identities[i]).store_is_old;
    return !is_changing(sim) && old < committee->of.down_max;
}

static bool lose_store(struct sim *sim, unsigned box)
{
    if (!sim_chance(sim, sim->damage_store) || !may_lose_store(sim, box))
        return false;
    const bool joins = sim_joins(sim, box);
    sim->figures.damaged_stores++;
    sim_note(sim, box,
             joins ? "finds its store damaged"
                   : "finds its store damaged, and begins with block 0");
    member_lose_store(sim, box, joins);
    return true;
}

static bool put_back(struct sim *sim, unsigned box)
{
    const bool unnoticed = sim->boxes[box].is_copied;
    if (!sim_chance(sim, sim->copy_disks) || !member_has_copy(sim, box)
        || (!unnoticed && !may_lose_store(sim, box)))
        return false;
    sim->figures.old_disks++;
    sim_note(sim, box,
             unnoticed ? "has an old disk, and does not notice" : "is restored from a backup");
    member_put_back(sim, box, unnoticed);
    return true;
}

void sim_break_disk(struct sim *sim, unsigned box)
{
    if (sim->is_quiet || (sim->damage_store == 0 && sim->copy_disks == 0)
        || member_standing(sim, box).has_no_store)
        return;
    const bool is_lost = lose_store(sim, box) || put_back(sim, box);
    if (!is_lost && sim->copy_disks > 0 && sim_chance(sim, 25))
        member_copy_disk(sim, box);
    if (!is_lost || !sim_chance(sim, 30))
        return;
    /* Another at the same time. */
    const unsigned other = (unsigned)(sim_draw(sim) % sim->boxes_count);
    if (!member_standing(sim, other).is_up)
        return;
    sim->figures.crashes++;
    sim_stop(sim, other, false, 500 + sim_draw(sim) % 20000);
    if (!put_back(sim, other))
        lose_store(sim, other);
}

bool sim_write_fails(struct sim *sim, bool *is_full)
{
    if (sim->is_quiet || sim->fail_write == 0 || sim_draw(sim) % 1000 >= sim->fail_write)
        return false;
    *is_full = sim_chance(sim, 30);
    return true;
}

void sim_stop_for_disk(struct sim *sim, unsigned box, bool is_full)
{
    sim->figures.failed_writes++;
    sim_note(sim, box, is_full ? "stops: its disk is full" : "stops: a write failed");
    sim_stop(sim, box, false, is_full ? 5000 + sim_draw(sim) % 55000 : 500 + sim_draw(sim) % 5000);
}

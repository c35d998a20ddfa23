#include "tests/sim/liars/liar.h"

#include <stdlib.h>

#include "tests/sim/chain.h"
#include "tests/sim/member.h"

#define TRANSACTIONS_WAITING 24

static void draw_links(struct sim *sim)
{
    const struct thresholds *of = &sim->committees[1]->of;
    const unsigned tries = 4 * of->members;
    if (of->members < 3 || !sim_chance(sim, 20))
        return;
    for (unsigned i = 0; i < tries; i++) {
        const unsigned a = (unsigned)(sim_draw(sim) % sim->boxes_count);
        const unsigned b = (unsigned)(sim_draw(sim) % sim->boxes_count);
        if (a == b)
            continue;
        sim->boxes[a].not_linked |= BIT(b);
        sim->boxes[b].not_linked |= BIT(a);
        if (committee_is_fit(sim, sim->committees[1]))
            continue;
        sim->boxes[a].not_linked &= ~BIT(b);
        sim->boxes[b].not_linked &= ~BIT(a);
    }
}

static void draw_machines(struct sim *sim)
{
    const bool has_slow = sim_chance(sim, 15), has_slow_disks = sim_chance(sim, 15);
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        sim->boxes[i].slowness = has_slow && sim_chance(sim, 30) ? 20 : 1;
        sim->boxes[i].sync_most_ms = has_slow_disks && sim_chance(sim, 50) ? 400 : 30;
    }
}

static void draw_liars(struct sim *sim)
{
    const struct committee *committee = sim->committees[1];
    const unsigned most = committee->mode == QUORUM_CRASH ? 0 : committee->of.liars_live;
    const unsigned liars = (unsigned)(sim_draw(sim) % (most + 1));
    for (unsigned i = 0; i < liars; i++)
        sim->boxes[i].liar = liar_draw(sim);
}

void sim_draw_faults(struct sim *sim)
{
    draw_liars(sim);
    sim_draw_broken_disks(sim);
    sim_draw_newcomers(sim);
    draw_links(sim);
    draw_machines(sim);
    sim->drop = (unsigned)(sim_draw(sim) % 21);
    if (sim_chance(sim, 20)) /* so much that votes reach some and not others */
        sim->drop += 25;
    sim->repeat = (unsigned)(sim_draw(sim) % 11);
    sim->delay_most = 1 + (unsigned)(sim_draw(sim) % 2000);
    sim->fail_build = 5;
    sim->crash = (unsigned)(sim_draw(sim) % 30);
    sim->lose_log = sim_chance(sim, 50) ? (unsigned)(sim_draw(sim) % 30) : 0;
    /* Beyond what a log in order can lose: all that voted must be there to vote again. */
    sim->loses_certificates = sim->lose_log + sim->damage_store + sim->copy_disks == 0
                              && sim_liars_in(sim, sim->committees[1]) == 0 && sim_chance(sim, 30);
    sim->makes_big_blocks = sim_chance(sim, 20);
    sim->bytes_per_second = sim_chance(sim, 20) ? 30000 + sim_draw(sim) % 1000000 : 0;
    if (sim_chance(sim, 60)) {
        sim->has_sides = sim_chance(sim, 70);
        if (sim->has_sides)
            sim_post(sim, 5000, ON_SIDES, 0);
        if (!sim->has_sides || sim_chance(sim, 50))
            sim_post(sim, 8000, ON_SWIZZLE, 0);
    }
    if (sim_chance(sim, 50))
        sim_post(sim, 20000, ON_WORK, 0);
    if (sim->crash > 0)
        sim_post(sim, 7000, ON_CRASH, 0);
    sim->has_changes = sim_chance(sim, 25);
    if (sim->has_changes)
        sim_post(sim, 3000 + sim_draw(sim) % 40000, ON_CHANGE, 0);
    sim_draw_clocks(sim);
    sim_draw_queues(sim);
}

/* Some hear both sides. */
static void draw_sides(struct sim *sim)
{
    sim->figures.cuts++;
    for (unsigned i = 0; i < sim->boxes_count; i++)
        sim->boxes[i].side = sim_chance(sim, 50) ? 3 : 1 + (unsigned)(sim_draw(sim) % 2);
    sim_note(sim, NOBODY, "the network splits in another way");
    sim_post(sim, 2000 + sim_draw(sim) % 30000, ON_SIDES, 0);
}

static void shuffle_links(struct sim *sim, struct swizzle *swizzle)
{
    for (unsigned i = swizzle->count; i > 1; i--) {
        const unsigned other = (unsigned)(sim_draw(sim) % i);
        const struct link kept = swizzle->links[i - 1];
        swizzle->links[i - 1] = swizzle->links[other];
        swizzle->links[other] = kept;
    }
}

/* Links to be cut: of some boxes all, or any in one direction only. */
static void draw_swizzle(struct sim *sim, struct swizzle *swizzle)
{
    const uint64_t some = liar_some(sim, 30);
    const bool is_one_way = sim_chance(sim, 50);
    swizzle->count = swizzle->next = 0;
    for (unsigned i = 0; i < sim->boxes_count; i++)
        for (unsigned j = 0; j < sim->boxes_count; j++) {
            const bool is_hit =
                is_one_way ? sim_chance(sim, 15) : ((some & (BIT(i) | BIT(j))) != 0);
            if (i != j && is_hit && swizzle->count < sizeof swizzle->links / sizeof(struct link))
                swizzle->links[swizzle->count++] = (struct link){(uint8_t)i, (uint8_t)j};
        }
    shuffle_links(sim, swizzle);
}

/* One link more stops; when all have, they come back one by one in another order. */
static void swizzle(struct sim *sim)
{
    struct swizzle *swizzle = &sim->swizzle;
    if (swizzle->next < swizzle->count) {
        const struct link link = swizzle->links[swizzle->next++];
        if (swizzle->is_restoring)
            sim->boxes[link.from].not_reached &= ~BIT(link.to);
        else
            sim->boxes[link.from].not_reached |= BIT(link.to);
        sim->figures.cuts += !swizzle->is_restoring;
        sim_note(sim, link.from,
                 swizzle->is_restoring ? "reaches member %u again" : "does not reach member %u",
                 link.to);
        sim_post(sim, 50 + sim_draw(sim) % (20000 / swizzle->count), ON_SWIZZLE, 0);
        return;
    }
    swizzle->is_restoring = !swizzle->is_restoring;
    swizzle->next = 0;
    if (!swizzle->is_restoring)
        draw_swizzle(sim, swizzle);
    else
        shuffle_links(sim, swizzle);
    sim_post(sim, 1000 + sim_draw(sim) % 15000, ON_SWIZZLE, 0);
}

/* Honest members whom the box hears and who remember. */
static unsigned witnesses(const struct sim *sim, const struct committee *committee, unsigned box,
                          uint64_t forgetful)
{
    unsigned count = 0;
    for (unsigned i = 0; i < committee->of.members; i++) {
        const unsigned other = committee->identities[i];
        count += other != box && !sim_is_faulty(sim, other) && (forgetful & BIT(other)) == 0
                 && sim_is_linked(sim, box, other);
    }
    return count;
}

static bool have_witnesses(const struct sim *sim, const struct committee *committee,
                           uint64_t forgetful)
{
    for (unsigned i = 0; i < committee->of.members; i++)
        if ((forgetful & BIT(committee->identities[i])) != 0
            && witnesses(sim, committee, committee->identities[i], forgetful)
                   < committee->of.remember)
            return false;
    return true;
}

bool sim_can_begin(const struct sim *sim, const struct committee *committee)
{
    unsigned silent = sim_liars_in(sim, committee);
    uint64_t forgetful = 0;
    for (unsigned i = 0; i < committee->of.members; i++) {
        const unsigned box = committee->identities[i];
        const struct standing standing = member_standing(sim, box);
        const bool may_have_voted = /* as far as it knows, when it comes there */
            standing.store_is_old || (standing.has_no_store && !standing.log_is_whole);
        if (!may_have_voted || sim_is_faulty(sim, box))
            continue;
        forgetful |= BIT(box);
        silent++;
    }
    if (!sim_serves(sim, committee))
        return false;
    return forgetful == 0
           || (silent <= committee->of.down_max && have_witnesses(sim, committee, forgetful));
}

/* It does not know all that it said in the committee's epoch, or will not when it comes there. */
static bool is_forgetful(const struct sim *sim, const struct standing *standing)
{
    return !standing->log_is_whole || (standing->store_is_old && standing->epoch < sim->epoch);
}

/* The highest final view of the epoch that is in any store. Higher views may come again: who left
 * them may have lost what led out of them, by a crash of all who had it. */
static uint64_t stored_view(const struct sim *sim)
{
    uint64_t highest = 0;
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        const struct standing standing = member_standing(sim, i);
        if (standing.epoch == sim->epoch && standing.final_view > highest)
            highest = standing.final_view;
    }
    return highest;
}

/* With more than n - q members silent in one view it can never end; and who forgot needs so many
 * that remember. */
bool sim_may_forget(const struct sim *sim, unsigned box)
{
    const struct committee *committee = sim_committee(sim, sim->epoch);
    const uint64_t over = stored_view(sim);
    unsigned silent = sim_liars_in(sim, committee);
    uint64_t forgetful = BIT(box);
    if (committee_index(committee, sim->boxes[box].identity) == committee->of.members)
        return true;
    if (sim_is_faulty(sim, sim->boxes[box].identity))
        return false;
    for (unsigned i = 0; i < committee->of.members; i++) {
        const unsigned other = committee->identities[i];
        const struct standing standing = member_standing(sim, other);
        if (is_forgetful(sim, &standing))
            forgetful |= BIT(other);
        silent += other != box && !sim_is_faulty(sim, other)
                  && (is_forgetful(sim, &standing)
                      || (standing.epoch == sim->epoch && standing.silent_until > over));
    }
    return silent < committee->of.down_max && have_witnesses(sim, committee, forgetful);
}

void sim_stop(struct sim *sim, unsigned box, bool loses_log, uint64_t down_ms)
{
    sim->boxes[box].life++;
    member_stop(sim, box, loses_log);
    sim_post(sim, down_ms, ON_RESTART, box);
}

void sim_crash(struct sim *sim, unsigned box)
{
    const struct standing standing = member_standing(sim, box);
    if (!standing.is_up && !standing.is_joining)
        return;
    const bool loses_log =
        standing.is_up && sim_chance(sim, sim->lose_log) && sim_may_forget(sim, box);
    sim->figures.crashes++;
    sim->figures.lost_logs += loses_log;
    sim_stop(sim, box, loses_log,
             sim_chance(sim, 30) ? 20 + sim_draw(sim) % 200 : 500 + sim_draw(sim) % 20000);
    sim_note(sim, box, loses_log ? "crashes, and its vote log is lost" : "crashes");
    sim_break_disk(sim, box);
}

/* One member, or now and then everybody at once: a power cut. */
static void crash(struct sim *sim)
{
    const bool is_for_all = sim_chance(sim, 5);
    const unsigned one = (unsigned)(sim_draw(sim) % sim->boxes_count);
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (is_for_all || i == one)
            sim_crash(sim, i);
    sim_post(sim, sim_draw(sim) % (400000 / (1 + sim->crash)), ON_CRASH, 0);
}

/* Which honest member hears of it first tells the others by its votes, unless it is silent. */
void sim_give_work(struct sim *sim)
{
    const unsigned first = (unsigned)(sim_draw(sim) % sim->boxes_count);
    bool is_told = false;
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        const unsigned box = (first + i) % sim->boxes_count;
        const struct standing standing = member_standing(sim, box);
        const bool is_to_hear = !sim->has_work || !is_told || !sim_chance(sim, 30);
        if (!standing.is_up || !is_to_hear)
            continue;
        member_on_work(sim, box, sim->has_work);
        is_told =
            is_told
            || (standing.is_member && standing.epoch == sim->epoch && sim->boxes[box].liar == NULL
                && standing.is_audited && standing.silent_until < standing.view);
    }
}

/* What a committee decided on comes as transactions. */
static void post_change(struct sim *sim)
{
    struct committee *next = sim_draw_committee(sim, sim_committee(sim, sim->epoch));
    sim->posts++;
    chains_make_post(sim->chains, next->identities, next->of.members, next->mode);
    free(next);
}

/* One more transaction, and to each box, perhaps, all that are in no block yet. */
static void on_transactions(struct sim *sim)
{
    if (sim->has_work && chains_count(sim->chains) < sim->mined + TRANSACTIONS_WAITING)
        chains_make_transfer(sim->chains);
    const size_t count = chains_count(sim->chains);
    for (unsigned i = 0; i < sim->boxes_count && sim->mined < count; i++)
        if (member_standing(sim, i).is_up && sim_chance(sim, 50))
            for (size_t j = 0; j < count; j++)
                if (!chains_is_mined(sim->chains, j))
                    member_on_transaction(sim, i, chains_transaction(sim->chains, j));
    sim_post(sim, 100 + sim_draw(sim) % 2000, ON_TRANSACTIONS, 0);
}

void sim_on_fault(struct sim *sim, const struct event *event)
{
    if (event->kind == ON_RESTART) {
        const struct standing standing = member_standing(sim, event->box);
        if (!standing.is_up && !standing.is_joining) {
            sim_start_clock(sim, event->box);
            member_start(sim, event->box);
        }
        return;
    }
    if (event->kind == ON_TRANSACTIONS) {
        on_transactions(sim);
        return;
    }
    if (sim->is_quiet)
        return;
    switch (event->kind) {
    case ON_SIDES: draw_sides(sim); break;
    case ON_SWIZZLE: swizzle(sim); break;
    case ON_CRASH: crash(sim); break;
    case ON_CLOCK: sim_on_clock(sim, event->box); break;
    case ON_WORK:
        sim->has_work = !sim->has_work;
        sim_note(sim, NOBODY, sim->has_work ? "transactions come" : "no transactions for a while");
        sim_give_work(sim);
        sim_post(sim, 1000 + sim_draw(sim) % 60000, ON_WORK, 0);
        break;
    case ON_CHANGE:
        if (sim->epoch < EPOCHS_MAX)
            sim->change_epoch = sim->epoch;
        if (sim->chains != NULL && sim->epoch < EPOCHS_MAX)
            post_change(sim);
        sim_note(sim, NOBODY, "another committee is decided on");
        sim_post(sim, 10000 + sim_draw(sim) % 60000, ON_CHANGE, 0);
        break;
    default: break;
    }
}

void sim_end_faults(struct sim *sim)
{
    sim->is_quiet = true;
    sim->has_work = true;
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        sim->boxes[i].side = 3;
        sim->boxes[i].not_reached = 0;
    }
    sim_set_clocks(sim);
    sim_note(sim, NOBODY, "the network is whole, and nobody crashes any more");
    sim_give_work(sim);
}

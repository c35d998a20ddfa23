#include "tests/sim/chain.h"
#include "tests/sim/member.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define REAL_PERCENT     10 /* of the runs have real ledgers */
#define REAL_MEMBERS_MAX 10
#define SLEEP_MS         60000

struct sim *sim_new(uint64_t seed)
{
    struct sim *sim = memory_new_zeroed(1, sizeof *sim);
    sim->seed = seed;
    sim->random = seed * 0x9e3779b97f4a7c15ULL + 1;
    for (unsigned i = 0; i < 10; i++)
        sim_draw(sim);
    sim->delay_most = 1;
    sim->epoch = 1;
    return sim;
}

void sim_found(struct sim *sim, unsigned n, enum quorum_mode mode, unsigned boxes_count)
{
    unsigned identities[BOXES_MAX];
    hash256 mix_hash = {{0}};
    const uint64_t random = sim_draw(sim);
    memcpy(mix_hash.bytes, &random, sizeof random);
    sim->boxes_count = boxes_count;
    for (unsigned i = 0; i < boxes_count; i++) {
        sim->boxes[i] = (struct box){.identity = i, .slowness = 1, .sync_most_ms = 30, .side = 3};
        sim->members[i] = member_new(i);
        identities[i] = i;
    }
    sim->committees[1] = committee_new(1, mode, identities, n, &mix_hash);
    sim->figures.members = n;
    sim->figures.runs = 1;
    sim->figures.epochs = 1;
}

void sim_free(struct sim *sim)
{
    while (sim->heap_count > 0)
        sim_drop_event(sim_take(sim));
    for (unsigned i = 0; i < sim->boxes_count; i++)
        member_free(sim->members[i]);
    chains_free(sim->chains);
    for (unsigned i = 0; i < BOXES_MAX; i++)
        for (unsigned j = 0; j <= EPOCHS_MAX; j++)
            free(sim->said[i][j].views);
    for (size_t i = 0; i < sim->blocks_count; i++)
        free(sim->blocks[i].next);
    for (unsigned i = 0; i <= EPOCHS_MAX; i++)
        free(sim->certified[i].views);
    free(sim->committees[1]); /* the others belong to their seals */
    free(sim->blocks);
    free(sim->block_places);
    free(sim->shown);
    free(sim->heap);
    free(sim);
}

static void add_to_trace(struct sim *sim, const struct event *event)
{
    uint64_t hash = sim->trace;
    hash = (hash ^ event->at) * 0x100000001b3ULL;
    hash = (hash ^ ((uint64_t)event->kind << 8 | event->box)) * 0x100000001b3ULL;
    for (size_t i = 0; event->packet != NULL && i < event->packet->bytes.size; i++)
        hash = (hash ^ event->packet->bytes.data[i]) * 0x100000001b3ULL;
    sim->trace = hash ^ hash >> 31;
}

static void follow(struct sim *sim, unsigned box)
{
    const struct standing standing = member_standing(sim, box);
    if (!standing.is_up)
        return;
    sim_check_standing(sim, box, &standing);
    if (standing.epoch > sim->epoch) {
        sim->views_before += sim->highest_view;
        sim->highest_view = 0;
        sim->figures.epochs += standing.epoch - sim->epoch;
        sim->epoch = standing.epoch;
    }
    if (standing.epoch == sim->epoch && standing.view > sim->highest_view)
        sim->highest_view = standing.view;
    sim->figures.views = sim->views_before + sim->highest_view;
}

void sim_step(struct sim *sim)
{
    struct event *event = sim_take(sim);
    sim->now = event->at;
    if (event->kind == ON_MESSAGE)
        sim_deliver(sim, event);
    else if (event->kind == ON_SCENARIO)
        sim->on_scenario(sim, event->view);
    else if (event->kind < ON_SCENARIO)
        sim_on_fault(sim, event);
    else
        member_on_event(sim, event);
    add_to_trace(sim, event);
    follow(sim, event->box);
    sim_drop_event(event);
}

/* The leaders are drawn by what block 0 has. */
static void found_chains(struct sim *sim, unsigned n, enum quorum_mode mode)
{
    struct committee *drawn = sim->committees[1];
    sim->chains = chains_new(sim->boxes_count, n, mode);
    struct chain *chain = chain_open(sim->chains, 0);
    const hash256 mix_hash = ledger_head(chain_ledger(chain))->header.mix_hash;
    chain_close(chain);
    sim->committees[1] = committee_new(1, mode, drawn->identities, n, &mix_hash);
    free(drawn);
    sim->figures.real = 1;
    sim_post(sim, 500, ON_TRANSACTIONS, 0);
}

static unsigned draw_members(struct sim *sim)
{
    static const struct {
        unsigned members, percent;
    } shares[] = {{1, 5}, {2, 10}, {3, 15}, {4, 30}, {5, 10}, {7, 20}, {10, 7}, {31, 3}};
    unsigned drawn = (unsigned)(sim_draw(sim) % 100), i = 0;
    while (drawn >= shares[i].percent)
        drawn -= shares[i++].percent;
    return shares[i].members;
}

static enum quorum_mode draw_mode(struct sim *sim)
{
    const uint64_t drawn = sim_draw(sim) % 100;
    return drawn < 80 ? QUORUM_BFT : drawn < 95 ? QUORUM_CRASH : QUORUM_ALL;
}

void sim_describe(const struct sim *sim, char *out, size_t size)
{
    const struct committee *committee = sim->committees[1];
    const struct figures *f = &sim->figures;
    snprintf(out, size,
             "seed=%" PRIu64 " ledgers=%s members=%u mode=%s liars=%u epochs=%" PRIu64
             " views=%" PRIu64 " final=%" PRIu64 " messages=%" PRIu64 " crashes=%" PRIu64
             " lost_logs=%" PRIu64 " failed_writes=%" PRIu64 " damaged_stores=%" PRIu64
             " old_disks=%" PRIu64 " joined=%" PRIu64 " cuts=%" PRIu64 " lies=%" PRIu64
             " accused=%" PRIu64 " trace=%016" PRIx64,
             sim->seed, sim->chains != NULL ? "real" : "none", committee->of.members,
             quorum_mode_name(committee->mode), sim_liars_in(sim, committee), f->epochs, f->views,
             f->finals, f->messages, f->crashes, f->lost_logs, f->failed_writes, f->damaged_stores,
             f->old_disks, f->joined, f->cuts, f->lies, f->accused, sim->trace);
}

static void print_standings(struct sim *sim)
{
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        const struct standing s = member_standing(sim, i);
        printf("member %u%s%s%s: epoch %" PRIu64 " view %" PRIu64 " final %" PRIu64 "/%" PRIu64
               "%s%s silent until %" PRIu64 ", next %" PRIu64 " ms, wall clock %" PRIu64 "\n",
               i,
               s.is_up        ? ""
               : s.is_joining ? " joins"
                              : " down",
               s.is_member ? "" : " follows", sim->boxes[i].liar != NULL ? " lies" : "", s.epoch,
               s.view, s.final_view, s.final_height, s.is_audited ? "" : " not audited",
               s.log_is_whole ? "" : " log lost", s.silent_until, s.next_ms, sim_wall_ms(sim, i));
    }
}

void figures_add(struct figures *sum, const struct figures *figures)
{
    uint64_t *all = (uint64_t *)sum;
    const uint64_t *one = (const uint64_t *)figures;
    for (size_t i = 0; i < sizeof *sum / sizeof *all; i++)
        all[i] += one[i];
}

/* The faults, until enough views or time have passed. */
static void run_faults(struct sim *sim)
{
    while (sim->heap_count > 0 && sim->heap[0]->at < QUIET_MS
           && sim->figures.views < sim->views_most) {
        if (sim->watch != NULL)
            watch_until(sim->watch, sim, sim->heap[0]->at);
        sim_step(sim);
    }
    sim_end_faults(sim);
}

static void run_until(struct sim *sim, uint64_t end, uint64_t height)
{
    while (sim->heap_count > 0 && sim->heap[0]->at < end && sim->highest < height) {
        if (sim->watch != NULL)
            watch_until(sim->watch, sim, sim->heap[0]->at);
        sim_step(sim);
    }
}

static void sleep_on(struct sim *sim)
{
    run_until(sim, sim->now + SLEEP_MS, UINT64_MAX);
}

uint64_t sim_run(uint64_t seed, bool describes, struct watch *watch, struct figures *figures)
{
    struct sim *sim = sim_new(seed);
    const unsigned n = draw_members(sim);
    const enum quorum_mode mode = draw_mode(sim);
    sim->watch = watch;
    sim_found(sim, n, mode, n + (unsigned)(sim_draw(sim) % 4));
    if (n <= REAL_MEMBERS_MAX && sim_chance(sim, REAL_PERCENT))
        found_chains(sim, n, mode);
    sim->views_most = n > 10 ? 60 : 300;
    sim_draw_faults(sim);
    /* In some runs what the faults left must become final by itself. */
    const bool stops_at_once = sim_chance(sim, 30);
    sim->has_work = true;
    for (unsigned i = 0; i < sim->boxes_count; i++)
        if (!member_standing(sim, i).has_no_store)
            member_start(sim, i);
    run_faults(sim);
    if (!stops_at_once) {
        const uint64_t height = sim->highest + FINAL_LAST;
        run_until(sim, sim->now + (n + 5) * 60000 + sim_ahead_ms(sim), height);
        if (sim->highest < height) {
            print_standings(sim);
            sim_fail(sim, "no five blocks after the faults stopped", sim->boxes_count,
                     sim->highest);
        }
    }
    sim->has_work = false;
    sim_note(sim, NOBODY, "no transactions any more");
    sim_give_work(sim);
    run_until(sim, sim->now + IDLE_MS + sim_ahead_ms(sim), UINT64_MAX);
    sim_check_idle(sim);
    sim_check_sleep(sim, sleep_on);
    figures_add(figures, &sim->figures);
    const uint64_t trace = sim->trace;
    if (describes) {
        char line[500];
        sim_describe(sim, line, sizeof line);
        printf("%s\n", line);
    }
    sim_free(sim);
    return trace;
}

/* culprits: committees in which more members lie than is safe.
 *
 * With n members and quorum q up to 2q - n - 1 liars can do no harm. Here at least 2q - n lie
 * together, and fewer than q: the network divides the honest members, the liars speak with both
 * sides, and two blocks of one height become final. Then what honest members heard by that moment
 * must prove at least 2q - n culprits, each of them a liar, and never, in any run, an honest member
 * (design: consensus 4.2; why it must: node/consensus/README.md, "More liars than is safe").
 *
 * A liar is a twin, one machine of honest code on each side, or a colluder, who votes for all that
 * it sees, or a double voter or equivocator of liars/, who tells some this and others that. Exit
 * code 0: all held; 1: something broke, or nothing ever split; 3: not understood. */
#include "tests/sim/liars/liar.h"
#include "tests/sim/proofs.h"
#include "tests/sim/workers.h"

#include <assert.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tests/sim/member.h"

#define MEMBERS_MAX 10
#define RUN_MS      30000

enum side { SIDE_ONE = 1, SIDE_OTHER = 2, SIDE_BOTH = 3 };

struct plot {
    struct proofs *proofs;
    bool is_split;
};

/* ---- Who lies -------------------------------------------------------------------------------- */

static struct vote vote_of(const struct proposal *proposal, enum consensus_message kind)
{
    return (struct vote){.kind = kind,
                         .epoch = proposal->epoch,
                         .view = proposal->view,
                         .proposal = proposal_digest_of(proposal)};
}

/* For every proposal, and against every view that anybody gives up. */
static void collude(struct sim *sim, unsigned box, const struct message *message)
{
    if (message->kind == PEER_PROPOSAL) {
        liar_vote(sim, box, ~0ULL, vote_of(&message->proposal, MESSAGE_NOTARIZE));
        liar_vote(sim, box, ~0ULL, vote_of(&message->proposal, MESSAGE_FINALIZE));
    }
    if (message->kind == PEER_VOTE && message->vote.kind == MESSAGE_NULLIFY
        && !sim_is_faulty(sim, sim->boxes[message->vote.signer].identity))
        liar_vote(sim, box, ~0ULL, message->vote);
}

/* Leads as an equivocator does. */
static void equivocate(struct sim *sim, unsigned box, uint64_t to, struct message *message)
{
    liar_equivocator.says(sim, box, to, message);
}

static const struct liar colluder = {.name = "colluder", .says = equivocate, .hears = collude};

static const struct liar *draw_liar(struct sim *sim)
{
    const uint64_t drawn = sim_draw(sim) % 6;
    return drawn == 0 ? &liar_double_voter : drawn == 1 ? &liar_equivocator : &colluder;
}

/* ---- The world of a seed ----------------------------------------------------------------------- */

static unsigned draw_order(struct sim *sim, unsigned order[], unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        order[i] = i;
    for (unsigned i = count; i > 1; i--) {
        const unsigned other = (unsigned)(sim_draw(sim) % i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
    return count;
}

/* Identities `liars[0..count-1]` lie. Twins take the boxes after the members'. */
static void make_liars(struct sim *sim, const unsigned liars[], unsigned count, unsigned twins)
{
    unsigned box = sim->boxes_count - twins;
    for (unsigned i = 0; i < count; i++) {
        struct box *one = &sim->boxes[liars[i]], *other = &sim->boxes[box];
        if (i >= twins) {
            one->liar = draw_liar(sim);
            continue;
        }
        other->identity = liars[i];
        one->is_twin = other->is_twin = true;
        one->side = SIDE_ONE;
        other->side = SIDE_OTHER;
        box++;
    }
}

/* The honest members in two groups, in any way in which the liars make a quorum with either; now
 * and then nobody is cut off. */
static void divide(struct sim *sim)
{
    const struct thresholds *of = &sim->committees[1]->of;
    const unsigned liars = sim_liars_in(sim, sim->committees[1]);
    const bool is_whole = sim->may_pass == NULL && sim_chance(sim, 25);
    unsigned counts[2], sides[MEMBERS_MAX];
    do {
        counts[0] = counts[1] = 0;
        for (unsigned i = 0; i < of->members; i++) {
            sides[i] = (unsigned)(sim_draw(sim) % 2);
            counts[sides[i]] += !sim_is_faulty(sim, i);
        }
    } while (counts[0] + liars < of->quorum || counts[1] + liars < of->quorum || counts[0] == 0
             || counts[1] == 0);
    for (unsigned i = 0; i < of->members; i++)
        if (!sim_is_faulty(sim, i))
            sim->boxes[i].side = is_whole ? SIDE_BOTH : sides[i] == 0 ? SIDE_ONE : SIDE_OTHER;
    sim->figures.cuts++;
}

static void on_scenario(struct sim *sim, uint64_t step)
{
    divide(sim);
    sim_post(sim, 500 + sim_draw(sim) % 10000, ON_SCENARIO, 0)->view = step + 1;
}

/* So that hardly more is said than what splits: on one side nobody hears anything after its first
 * final block; on the other side nobody hears the finalize votes of most views, so that what is
 * notarized there becomes final with a later block. */
static bool may_pass(struct sim *sim, unsigned from, unsigned to, const struct message *message)
{
    (void)from;
    if (sim->boxes[to].side == SIDE_ONE)
        return member_standing(sim, to).final_height == 0;
    if (message->kind != PEER_VOTE || message->vote.kind != MESSAGE_FINALIZE)
        return true;
    const uint64_t drawn = (message->vote.view + sim->seed) * 0x9e3779b97f4a7c15ULL;
    return sim->boxes[to].side != SIDE_OTHER || (drawn >> 32) % 4 == 0;
}

static void draw_network(struct sim *sim)
{
    if (sim_chance(sim, 30)) {
        sim->may_pass = may_pass;
        divide(sim);
    }
    sim->drop = (unsigned)(sim_draw(sim) % 30);
    sim->repeat = (unsigned)(sim_draw(sim) % 5);
    sim->delay_most = 1 + (unsigned)(sim_draw(sim) % 1000);
    sim->fail_build = 5;
    sim->crash = sim_chance(sim, 50) ? (unsigned)(sim_draw(sim) % 20) : 0;
    if (sim->crash > 0)
        sim_post(sim, 3000, ON_CRASH, 0);
    if (sim->may_pass == NULL)
        sim_post(sim, sim_draw(sim) % 3000, ON_SCENARIO, 0);
}

static void on_heard(struct sim *sim, const struct message *message)
{
    const struct plot *plot = sim->scenario;
    proofs_on_message(plot->proofs, sim, message);
}

/* The claim. */
static void on_split(struct sim *sim, const struct sim_block *block)
{
    struct plot *plot = sim->scenario;
    const struct thresholds *of = &sim_committee(sim, block->epoch)->of;
    const unsigned due = 2 * of->quorum - of->members;
    const unsigned named =
        (unsigned)__builtin_popcountll(proofs_culprits(plot->proofs, block->epoch));
    if (plot->is_split)
        return;
    plot->is_split = true;
    if (named < due)
        sim_fail(sim, "two blocks of a height are final, and fewer than 2q - n culprits are proven",
                 named, block->info.height);
    assert(due <= DUE_MAX);
    assert(named <= LIARS_MAX);
    sim->figures.splits++;
    sim->figures.named[due][named]++;
}

static void run_seed(void *context, uint64_t task, struct figures *figures)
{
    static const struct {
        unsigned members;
        enum quorum_mode mode;
    } sizes[] = {{3, QUORUM_CRASH}, {4, QUORUM_BFT},   {5, QUORUM_BFT}, {5, QUORUM_CRASH},
                 {7, QUORUM_BFT},   {7, QUORUM_CRASH}, {10, QUORUM_BFT}};
    const uint64_t first = *(const uint64_t *)context;
    struct sim *sim = sim_new(first + task);
    struct plot plot = {.proofs = proofs_new()};
    const size_t size = sim_draw(sim) % (sizeof sizes / sizeof *sizes);
    const unsigned n = sizes[size].members, q = quorum_size(sizes[size].mode, n);
    const unsigned least = 2 * q - n;
    const unsigned liars = least + (unsigned)(sim_draw(sim) % (q - least)); /* fewer than q */
    const unsigned twins = sim_chance(sim, 40) ? liars : (unsigned)(sim_draw(sim) % (liars + 1));
    unsigned order[MEMBERS_MAX];
    sim_found(sim, n, sizes[size].mode, n + twins);
    draw_order(sim, order, n);
    make_liars(sim, order, liars, twins);
    sim->scenario = &plot;
    sim->on_scenario = on_scenario;
    sim->on_heard = on_heard;
    sim->on_split = on_split;
    sim->has_work = true;
    draw_network(sim);
    for (unsigned i = 0; i < sim->boxes_count; i++)
        member_start(sim, i);
    while (!plot.is_split && sim->now < RUN_MS)
        sim_step(sim);
    figures_add(figures, &sim->figures);
    proofs_free(plot.proofs);
    sim_free(sim);
}

/* ---- Many of them ------------------------------------------------------------------------------ */

static void say_failed(void *context, uint64_t task)
{
    printf("failed: seed %" PRIu64 "; again: culprits --seeds 1 --first %" PRIu64 "\n",
           *(const uint64_t *)context + task, *(const uint64_t *)context + task);
}

static void print_named(const struct figures *f)
{
    for (unsigned due = 1; due <= DUE_MAX; due++) {
        unsigned least = LIARS_MAX, most = 0;
        uint64_t splits = 0;
        for (unsigned named = 0; named <= LIARS_MAX; named++) {
            if (f->named[due][named] == 0)
                continue;
            least = named < least ? named : least;
            most = named > most ? named : most;
            splits += f->named[due][named];
        }
        if (splits > 0)
            printf("  2q - n = %u: %" PRIu64 " splits, %u to %u culprits proven\n", due, splits,
                   least, most);
    }
}

static void print_summary(const struct work_done *done, uint64_t first, unsigned jobs)
{
    const struct figures *f = &done->figures;
    printf("culprits: %" PRIu64 " seeds from %" PRIu64
           " on in %.0f s on %u processors; with 2q - n liars or more two blocks of one height "
           "became final in %" PRIu64 "\n",
           f->runs, first, done->seconds, jobs, f->splits);
    print_named(f);
    printf("  by two notarize votes %" PRIu64 ", two finalize votes %" PRIu64
           ", nullify and finalize %" PRIu64 ", two proposals %" PRIu64
           "; against honest members none\n",
           f->proofs[0], f->proofs[1], f->proofs[2], f->proofs[3]);
    if (f->splits == 0)
        printf("FAILED nothing split: such runs prove nothing\n");
    printf("%" PRIu64 " passed, %" PRIu64 " failed\n", f->runs, done->failures + (f->splits == 0));
}

static int refuse(void)
{
    fprintf(stderr, "culprits [--seeds N] [--first SEED] [--jobs J]\n"
                    "    runs with more liars than is safe (default: 1,000): two final blocks of\n"
                    "    one height must prove 2q - n culprits\n");
    return 3;
}

int main(int count, char **arguments)
{
    static const struct option options[] = {{"seeds", required_argument, NULL, 's'},
                                            {"first", required_argument, NULL, 'f'},
                                            {"jobs", required_argument, NULL, 'j'},
                                            {NULL, 0, NULL, 0}};
    uint64_t first = (uint64_t)time(NULL) * 1000;
    struct work work = {.count = 1000,
                        .jobs = workers_default(),
                        .run = run_seed,
                        .on_failure = say_failed,
                        .context = &first};
    int option;
    setvbuf(stdout, NULL, _IOLBF, 0);
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1)
        switch (option) {
        case 's': work.count = strtoull(optarg, NULL, 10); break;
        case 'f': first = strtoull(optarg, NULL, 10); break;
        case 'j': work.jobs = (unsigned)strtoul(optarg, NULL, 10); break;
        default: return refuse();
        }
    if (optind < count || work.count == 0 || work.jobs == 0 || work.jobs > 64)
        return refuse();
    const struct work_done done = workers_run(&work);
    print_summary(&done, first, work.jobs);
    return done.failures == 0 && done.figures.splits > 0 ? 0 : 1;
}

/* twins: one of four members runs twice, on two machines with one key, and honest code on both.
 *
 * After "Twins: BFT Systems Made Robust" (Bano and others, 2020): the network is cut in two in each
 * of the first four views, each view in its own way. Five machines are split in two in 16 ways, so
 * there are 16^4 = 65,536 scenarios; all are run. A message belongs to the view it speaks of, and
 * crosses that view's cut only once the cut is over, a while after the first machine came to the
 * view. The paper also names each round's leader; here the epoch's seal draws the leaders, each of
 * the four members once in four views, and --leads says in which view the twins lead. After the
 * four views the network is whole.
 *
 * Safety holds in each scenario, and nobody but the twins is accused; afterwards three more blocks
 * become final everywhere. Exit code 0: all held; 1: something broke; 3: not understood. */
#include "tests/sim/member.h"
#include "tests/sim/workers.h"

#include <assert.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define MEMBERS     4
#define MACHINES    5
#define ROUNDS      4
#define SPLITS      16 /* of five machines in two */
#define SCENARIOS   (SPLITS * SPLITS * SPLITS * SPLITS)
#define CUT_MS      1500
#define AFTERWARDS  3 /* blocks */
#define PROGRESS_MS 300000
#define ALL_LEADS   0

static_assert(MACHINES - 1 == ROUNDS, "the first machine's side has no name: 2^4 splits");

struct scenario {
    unsigned splits[ROUNDS + 1];   /* by view from 1 on: who is not with machine 0 */
    uint64_t began_ms[ROUNDS + 1]; /* 0: nobody came there yet */
};

static uint64_t view_of(const struct sim *sim, unsigned from, const struct message *message)
{
    switch (message->kind) {
    case PEER_PROPOSAL: return message->proposal.view;
    case PEER_VOTE: return message->vote.view;
    case PEER_CERTIFICATE: return message->certificate.view;
    default: return member_standing(sim, from).view;
    }
}

static bool may_pass(struct sim *sim, unsigned from, unsigned to, const struct message *message)
{
    struct scenario *scenario = sim->scenario;
    const uint64_t view = view_of(sim, from, message);
    if (view == 0 || view > ROUNDS)
        return true;
    if (scenario->began_ms[view] == 0)
        scenario->began_ms[view] = sim->now + 1;
    const unsigned split = scenario->splits[view] << 1; /* machine 0 is on side 0 */
    return sim->now > scenario->began_ms[view] + CUT_MS || (split >> from & 1) == (split >> to & 1);
}

/* All that speak honestly have the block. */
static uint64_t lowest_final(const struct sim *sim)
{
    uint64_t lowest = UINT64_MAX;
    for (unsigned i = 0; i < sim->boxes_count; i++) {
        const uint64_t height = member_standing(sim, i).final_height;
        if (!sim->boxes[i].is_twin && height < lowest)
            lowest = height;
    }
    return lowest;
}

static void make_twins(struct sim *sim, unsigned leads)
{
    const struct committee *committee = sim->committees[1];
    const unsigned twin = committee->identities[committee->leaders[leads % MEMBERS]];
    sim->boxes[MACHINES - 1].identity = twin;
    sim->boxes[MACHINES - 1].is_twin = sim->boxes[twin].is_twin = true;
}

static void run_scenario(uint64_t number, unsigned leads, struct figures *figures)
{
    struct scenario scenario = {.splits = {0}};
    struct sim *sim = sim_new(number + 1);
    for (unsigned i = 0; i < ROUNDS; i++)
        scenario.splits[i + 1] = (unsigned)(number / (1U << 4 * i)) % SPLITS;
    sim_found(sim, MEMBERS, QUORUM_BFT, MACHINES);
    make_twins(sim, leads);
    sim->scenario = &scenario;
    sim->may_pass = may_pass;
    sim->has_work = sim->is_quiet = true; /* no faults but these */
    for (unsigned i = 0; i < MACHINES; i++)
        member_start(sim, i);
    while (sim->highest_view <= ROUNDS && sim->now < PROGRESS_MS)
        sim_step(sim);
    const uint64_t height = sim->highest + AFTERWARDS;
    while (lowest_final(sim) < height && sim->now < PROGRESS_MS)
        sim_step(sim);
    if (lowest_final(sim) < height)
        sim_fail(sim, "no three more blocks after the twins' four views", leads, lowest_final(sim));
    figures_add(figures, &sim->figures);
    sim_free(sim);
}

struct twins {
    unsigned leads; /* the twins lead this view of the four; ALL_LEADS: each in turn */
    uint64_t every; /* one scenario of so many */
    const char *program;
};

static void number_of(const struct twins *twins, uint64_t task, uint64_t *number, unsigned *leads)
{
    const uint64_t count = SCENARIOS / twins->every;
    *number = task % count * twins->every + task % twins->every; /* not always the same last bits */
    *leads = twins->leads == ALL_LEADS ? 1 + (unsigned)(task / count) : twins->leads;
}

static void run_task(void *context, uint64_t task, struct figures *figures)
{
    uint64_t number;
    unsigned leads;
    number_of(context, task, &number, &leads);
    run_scenario(number, leads, figures);
}

static void say_failed(void *context, uint64_t task)
{
    const struct twins *twins = context;
    uint64_t number;
    unsigned leads;
    number_of(twins, task, &number, &leads);
    printf("failed: scenario %" PRIu64 " with twins that lead view %u; again: %s --leads %u"
           " --scenario %" PRIu64 "\n",
           number, leads, twins->program, leads, number);
}

static void print_summary(const struct work_done *done, unsigned jobs)
{
    const struct figures *f = &done->figures;
    const double n = f->runs == 0 ? 1 : (double)f->runs;
    printf("twins: %" PRIu64 " scenarios in %.0f s on %u processors: %.0f a second\n", f->runs,
           done->seconds, jobs, done->seconds > 0 ? (double)f->runs / done->seconds : 0);
    printf("  a scenario: %.1f views, %.1f final blocks, %.0f messages; "
           "the twins contradicted themselves %.2f times, nobody else ever\n",
           (double)f->views / n, (double)f->finals / n, (double)f->messages / n,
           (double)f->accused / n);
    printf("%" PRIu64 " passed, %" PRIu64 " failed\n", f->runs, done->failures);
}

static int refuse(void)
{
    fprintf(stderr, "twins [--leads 1..4] [--sample N] [--scenario NUMBER] [--jobs J]\n"
                    "    all 65,536 scenarios for each view that the twins may lead, or for one;\n"
                    "    --sample: N of each\n");
    return 3;
}

int main(int count, char **arguments)
{
    static const struct option options[] = {{"leads", required_argument, NULL, 'l'},
                                            {"sample", required_argument, NULL, 's'},
                                            {"scenario", required_argument, NULL, 'n'},
                                            {"jobs", required_argument, NULL, 'j'},
                                            {NULL, 0, NULL, 0}};
    struct twins twins = {.leads = ALL_LEADS, .every = 1, .program = arguments[0]};
    struct work work = {
        .jobs = workers_default(), .run = run_task, .on_failure = say_failed, .context = &twins};
    uint64_t sample = SCENARIOS, number = UINT64_MAX;
    int option;
    setvbuf(stdout, NULL, _IOLBF, 0);
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1)
        switch (option) {
        case 'l': twins.leads = (unsigned)strtoul(optarg, NULL, 10); break;
        case 's': sample = strtoull(optarg, NULL, 10); break;
        case 'n': number = strtoull(optarg, NULL, 10); break;
        case 'j': work.jobs = (unsigned)strtoul(optarg, NULL, 10); break;
        default: return refuse();
        }
    if (optind < count || twins.leads > ROUNDS || sample == 0 || sample > SCENARIOS
        || work.jobs == 0 || work.jobs > 64 || (number != UINT64_MAX && number >= SCENARIOS))
        return refuse();
    if (number != UINT64_MAX) {
        struct figures figures = {0};
        run_scenario(number, twins.leads == ALL_LEADS ? 1 : twins.leads, &figures);
        printf("1 passed, 0 failed\n");
        return 0;
    }
    twins.every = SCENARIOS / sample;
    work.count = SCENARIOS / twins.every * (twins.leads == ALL_LEADS ? ROUNDS : 1);
    const struct work_done done = workers_run(&work);
    print_summary(&done, work.jobs);
    return done.failures == 0 ? 0 : 1;
}

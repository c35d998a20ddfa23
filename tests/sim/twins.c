/* twins: one of four members runs twice, on two machines with one key, and honest code on both; or
 * two of seven do.
 *
 * After "Twins: BFT Systems Made Robust" (Bano and others, 2020): the network is cut in two in each
 * of the first four views, each view in its own way. Five machines are split in two in 16 ways, so
 * there are 16^4 = 65,536 scenarios; all are run. A message belongs to the view it speaks of, and
 * crosses that view's cut only once the cut is over, a while after the first machine came to the
 * view. The paper also names each round's leader; here the epoch's seal draws the leaders, each of
 * the four members once in four views, and --leads says in which view the twins lead. After the
 * four views the network is whole. Seven members with two pairs are nine machines: of 256^4 cuts,
 * for each two views that the pairs may lead, a sample is run.
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
#include <time.h>

#define ROUNDS      4
#define CUT_MS      1500
#define AFTERWARDS  3 /* blocks */
#define PROGRESS_MS 300000
#define ALL_LEADS   0
#define PAIRS_MAX   2

/* Machine 0's side has no name, so there are 2^(machines - 1) splits. */
#define SPLITS_OF_FOUR  16
#define SCENARIOS       (SPLITS_OF_FOUR * SPLITS_OF_FOUR * SPLITS_OF_FOUR * SPLITS_OF_FOUR)
#define SPLITS_OF_SEVEN 256
#define LEADS_OF_SEVEN  6 /* two of the four views */
#define SAMPLE_OF_SEVEN 20000

static_assert(SPLITS_OF_FOUR == 1 << (4 + 1 - 1), "five machines");
static_assert(SPLITS_OF_SEVEN == 1 << (7 + 2 - 1), "nine machines");

struct scenario {
    uint64_t number;
    unsigned members, pairs;       /* of twins: 4 and 1, or 7 and 2 */
    unsigned leads[PAIRS_MAX];     /* the view that each pair leads */
    unsigned splits[ROUNDS + 1];   /* by view from 1 on: who is not with machine 0 */
    uint64_t began_ms[ROUNDS + 1]; /* 0: nobody came there yet */
};

static struct scenario scenario_of_four(uint64_t number, unsigned leads)
{
    struct scenario scenario = {.number = number, .members = 4, .pairs = 1, .leads = {leads}};
    for (unsigned i = 0; i < ROUNDS; i++)
        scenario.splits[i + 1] = (unsigned)(number >> 4 * i) % SPLITS_OF_FOUR;
    return scenario;
}

static struct scenario scenario_of_seven(uint64_t number)
{
    static const unsigned leads[LEADS_OF_SEVEN][PAIRS_MAX] = {{1, 2}, {1, 3}, {1, 4},
                                                              {2, 3}, {2, 4}, {3, 4}};
    const unsigned *led = leads[(number >> 8 * ROUNDS) % LEADS_OF_SEVEN];
    struct scenario scenario = {
        .number = number, .members = 7, .pairs = 2, .leads = {led[0], led[1]}};
    for (unsigned i = 0; i < ROUNDS; i++)
        scenario.splits[i + 1] = (unsigned)(number >> 8 * i) % SPLITS_OF_SEVEN;
    return scenario;
}

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

static void make_twins(struct sim *sim, const struct scenario *scenario)
{
    const struct committee *committee = sim->committees[1];
    for (unsigned i = 0; i < scenario->pairs; i++) {
        const unsigned index = committee->leaders[scenario->leads[i] % scenario->members];
        const unsigned twin = committee->identities[index];
        struct box *other = &sim->boxes[scenario->members + i];
        other->identity = twin;
        other->is_twin = sim->boxes[twin].is_twin = true;
    }
}

static void run_scenario(struct scenario *scenario, struct figures *figures)
{
    struct sim *sim = sim_new(scenario->number + 1);
    sim_found(sim, scenario->members, QUORUM_BFT, scenario->members + scenario->pairs);
    make_twins(sim, scenario);
    sim->scenario = scenario;
    sim->may_pass = may_pass;
    sim->has_work = sim->is_quiet = true; /* no faults but these */
    for (unsigned i = 0; i < sim->boxes_count; i++)
        member_start(sim, i);
    while (sim->highest_view <= ROUNDS && sim->now < PROGRESS_MS)
        sim_step(sim);
    const uint64_t height = sim->highest + AFTERWARDS;
    while (lowest_final(sim) < height && sim->now < PROGRESS_MS)
        sim_step(sim);
    if (lowest_final(sim) < height)
        sim_fail(sim, "no three more blocks after the twins' four views", scenario->leads[0],
                 lowest_final(sim));
    figures_add(figures, &sim->figures);
    sim_free(sim);
}

struct twins {
    bool is_of_seven;
    unsigned leads; /* of four: the twins lead this view; ALL_LEADS: each in turn */
    uint64_t every; /* of four: one scenario of so many */
    uint64_t first; /* of seven: draws the scenarios */
    const char *program;
};

/* Any number gives a scenario; neighbours have nothing in common. */
static uint64_t draw_number(uint64_t seed)
{
    uint64_t drawn = (seed + 1) * 0x9e3779b97f4a7c15ULL;
    drawn = (drawn ^ drawn >> 30) * 0xbf58476d1ce4e5b9ULL;
    drawn = (drawn ^ drawn >> 27) * 0x94d049bb133111ebULL;
    return (drawn ^ drawn >> 31) >> 16;
}

static struct scenario scenario_of_task(const struct twins *twins, uint64_t task)
{
    if (twins->is_of_seven)
        return scenario_of_seven(draw_number(twins->first + task));
    const uint64_t count = SCENARIOS / twins->every;
    const uint64_t number =
        task % count * twins->every + task % twins->every; /* not always the same last bits */
    return scenario_of_four(number, twins->leads == ALL_LEADS ? 1 + (unsigned)(task / count)
                                                              : twins->leads);
}

static void run_task(void *context, uint64_t task, struct figures *figures)
{
    struct scenario scenario = scenario_of_task(context, task);
    run_scenario(&scenario, figures);
}

static void say_failed(void *context, uint64_t task)
{
    const struct twins *twins = context;
    const struct scenario scenario = scenario_of_task(twins, task);
    printf("failed: scenario %" PRIu64 " with twins that lead view %u; again: %s ", scenario.number,
           scenario.leads[0], twins->program);
    if (twins->is_of_seven)
        printf("--seven --scenario %" PRIu64 "\n", scenario.number);
    else
        printf("--leads %u --scenario %" PRIu64 "\n", scenario.leads[0], scenario.number);
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
    fprintf(
        stderr,
        "twins [--leads 1..4] [--sample N] [--scenario NUMBER] [--jobs J]\n"
        "    all 65,536 scenarios of four members for each view that the twins may lead, or for\n"
        "    one; --sample: N of each\n"
        "twins --seven [--sample N] [--first SEED] [--scenario NUMBER] [--jobs J]\n"
        "    N scenarios of seven members with two pairs of twins (default: 20,000)\n");
    return 3;
}

static int run_one(const struct twins *twins, uint64_t number)
{
    struct scenario scenario =
        twins->is_of_seven ? scenario_of_seven(number)
                           : scenario_of_four(number, twins->leads == ALL_LEADS ? 1 : twins->leads);
    struct figures figures = {0};
    run_scenario(&scenario, &figures);
    printf("1 passed, 0 failed\n");
    return 0;
}

int main(int count, char **arguments)
{
    static const struct option options[] = {{"seven", no_argument, NULL, '7'},
                                            {"leads", required_argument, NULL, 'l'},
                                            {"sample", required_argument, NULL, 's'},
                                            {"scenario", required_argument, NULL, 'n'},
                                            {"first", required_argument, NULL, 'f'},
                                            {"jobs", required_argument, NULL, 'j'},
                                            {NULL, 0, NULL, 0}};
    struct twins twins = {.leads = ALL_LEADS,
                          .every = 1,
                          .first = (uint64_t)time(NULL) * 100000,
                          .program = arguments[0]};
    struct work work = {
        .jobs = workers_default(), .run = run_task, .on_failure = say_failed, .context = &twins};
    uint64_t sample = 0, number = UINT64_MAX;
    int option;
    setvbuf(stdout, NULL, _IOLBF, 0);
    while ((option = getopt_long(count, arguments, "", options, NULL)) != -1)
        switch (option) {
        case '7': twins.is_of_seven = true; break;
        case 'l': twins.leads = (unsigned)strtoul(optarg, NULL, 10); break;
        case 's': sample = strtoull(optarg, NULL, 10); break;
        case 'n': number = strtoull(optarg, NULL, 10); break;
        case 'f': twins.first = strtoull(optarg, NULL, 10); break;
        case 'j': work.jobs = (unsigned)strtoul(optarg, NULL, 10); break;
        default: return refuse();
        }
    if (sample == 0)
        sample = twins.is_of_seven ? SAMPLE_OF_SEVEN : SCENARIOS;
    if (optind < count || twins.leads > ROUNDS || (twins.is_of_seven && twins.leads != ALL_LEADS)
        || work.jobs == 0 || work.jobs > 64)
        return refuse();
    if (!twins.is_of_seven && (sample > SCENARIOS || (number != UINT64_MAX && number >= SCENARIOS)))
        return refuse();
    if (number != UINT64_MAX)
        return run_one(&twins, number);
    twins.every = SCENARIOS / (sample < SCENARIOS ? sample : SCENARIOS);
    work.count = twins.is_of_seven
                     ? sample
                     : SCENARIOS / twins.every * (twins.leads == ALL_LEADS ? ROUNDS : 1);
    if (twins.is_of_seven)
        printf("twins: seven members, two pairs; scenarios drawn from %" PRIu64 " on\n",
               twins.first);
    const struct work_done done = workers_run(&work);
    print_summary(&done, work.jobs);
    return done.failures == 0 ? 0 : 1;
}

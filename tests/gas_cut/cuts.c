#include "tests/gas_cut/cuts.h"

#include <inttypes.h>
#include <stdio.h>

#include "tests/gas_cut/frames.h"

#define LONG_STEPS 100000 /* transactions beyond run a part of the cuts by all three loops only */
#define LONG_WHOLE 10     /* one of so many */

/* A failed or reverted transaction leaves nothing but its fee and what came before its message. */
static const char *leftover(const struct run *run, const struct survey *survey,
                            const struct subject *subject, struct arena *arena)
{
    const struct transaction_outcome *outcome = &run->outcome;
    struct state_changes expected = survey_expected(survey, subject, outcome->gas_used, arena);
    if (run->marks != survey->marks)
        return "access lists, transient storage, refund or logs are not as before the message";
    return changes_difference(&run->changes, &expected, arena);
}

static void count(struct cuts_tally *tally, const struct run *run)
{
    tally->cuts++;
    switch (run->outcome.status) {
    case VM_SUCCESS: tally->successes++; break;
    case VM_REVERT: tally->reverts++; break;
    default: tally->failures++; break;
    }
}

/* One gas limit by both dispatchers over analysed code; empty text if all is well. */
static const char *cut_plain(const struct subject *subject, const struct survey *survey,
                             uint64_t gas_limit, struct run *plain, struct arena *arena)
{
    struct run_mode mode = {.dispatch = DISPATCH_GOTO, .gas_limit = gas_limit};
    *plain = run_at(subject, &mode, arena);
    mode.dispatch = DISPATCH_SWITCH;
    struct run other = run_at(subject, &mode, arena);
    const char *what = run_difference(&other, plain, false, arena);
    if (what[0] != '\0')
        return arena_format(arena, "by switch, not computed goto: %s", what);
    if (plain->verdict != TRANSACTION_OK || plain->outcome.status == VM_SUCCESS)
        return "";
    what = leftover(plain, survey, subject, arena);
    if (what[0] != '\0')
        return arena_format(arena, "ended with \"%s\": %s", vm_status_name(plain->outcome.status),
                            what);
    return "";
}

/* The same step by step, now and then with an analysis in the middle of the run. Here and below
 * the dispatchers take turns: the loops are one source. */
static const char *cut_stepwise(const struct subject *subject, uint64_t gas_limit,
                                const struct run *plain, struct arena *arena)
{
    struct run_mode mode = {.dispatch = gas_limit % 2 == 0 ? DISPATCH_SWITCH : DISPATCH_GOTO,
                            .heat_needed = gas_limit % 3 == 0 ? RUN_WARMING : RUN_STEPWISE,
                            .gas_limit = gas_limit};
    struct run run = run_at(subject, &mode, arena);
    const char *what = run_difference(&run, plain, true, arena);
    if (what[0] == '\0')
        return what;
    return arena_format(arena, "step by step, not analysed: %s", what);
}

/* The same by a traced loop, and what each message within left. */
static const char *cut_traced(const struct subject *subject, uint64_t gas_limit,
                              const struct run *plain, struct cuts_tally *tally,
                              struct arena *arena)
{
    enum dispatch dispatch = gas_limit % 2 == 0 ? DISPATCH_GOTO : DISPATCH_SWITCH;
    struct frames_verdict frames = frames_check(subject, dispatch, gas_limit, arena);
    tally->messages += frames.checked;
    const char *what = run_difference(&frames.run, plain, true, arena);
    if (what[0] != '\0')
        return arena_format(arena, "traced, not plain: %s", what);
    return frames.what;
}

static const char *cut(const struct subject *subject, const struct survey *survey,
                       uint64_t gas_limit, bool is_whole, struct cuts_tally *tally,
                       struct arena *arena)
{
    struct run plain;
    const char *what = cut_plain(subject, survey, gas_limit, &plain, arena);
    if (plain.verdict == TRANSACTION_OK)
        count(tally, &plain);
    if (what[0] == '\0' && is_whole)
        what = cut_stepwise(subject, gas_limit, &plain, arena);
    if (what[0] == '\0' && is_whole)
        what = cut_traced(subject, gas_limit, &plain, tally, arena);
    return what;
}

void cuts_of(const struct subject *subject, const char *name, struct survey_share share,
             struct seeded *random, struct cuts_tally *tally)
{
    struct arena arena = {0}, one = {0};
    struct survey survey = survey_run(subject, share, random, &arena);
    const char *what = "";
    uint64_t gas_limit = subject->tx.gas_limit;
    if (survey.run.verdict != TRANSACTION_OK || !survey.has_run) {
        tally->refused++;
        arena_cleanup(&arena);
        return;
    }
    what = cut(subject, &survey, gas_limit, true, tally, &one);
    for (size_t i = 0; i < survey.spent_count && what[0] == '\0'; i++) {
        if (survey.spent[i] == 0)
            continue;
        arena_reset(&one);
        gas_limit = survey.intrinsic + survey.spent[i] - 1;
        bool is_whole = survey.steps < LONG_STEPS || i % LONG_WHOLE == 0;
        what = cut(subject, &survey, gas_limit, is_whole, tally, &one);
    }
    if (what[0] == '\0') {
        tally->passed++;
    } else {
        tally->failed++;
        printf("FAILED gas cut: %s, gas limit %" PRIu64 ": %s\n", name, gas_limit, what);
    }
    arena_cleanup(&one);
    arena_cleanup(&arena);
}

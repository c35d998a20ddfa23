#include "tests/gas_cut/frames.h"

#include "tests/gas_cut/state_marks.h"
#include "vm/gas.h"
#include "vm/tracer.h"

/* From 1: a message that is refused is one deeper than any that runs. */
#define DEPTHS (CALL_DEPTH_MAX + 3)

#define CHECKED_MAX 256 /* messages in one run whose states are compared */

/* Messages are numbered in the order they begin, the outermost 0. */
struct watch {
    struct state *state;
    struct arena *arena;
    uint64_t begun;
    uint64_t number[DEPTHS]; /* by depth */
    unsigned depth;
    uint64_t failed[CHECKED_MAX]; /* sorted after the first run */
    size_t failed_count;
    bool is_second;
    uint64_t before[DEPTHS]; /* fingerprints, by depth */
    const char *what;
};

static bool is_watched(const struct watch *watch)
{
    for (size_t i = 0; i < watch->failed_count; i++)
        if (watch->failed[i] == watch->number[watch->depth])
            return true;
    return false;
}

static void see_enter(void *context, const struct vm_enter *enter)
{
    struct watch *watch = context;
    watch->depth = enter->depth;
    watch->number[enter->depth] = watch->begun++;
    if (watch->is_second && is_watched(watch))
        watch->before[enter->depth] = state_fingerprint(watch->state);
}

static void see_exit(void *context, enum vm_status status, uint64_t gas_used, struct bytes output)
{
    struct watch *watch = context;
    (void)gas_used, (void)output;
    if (!watch->is_second) {
        if (status != VM_SUCCESS && watch->depth > 1 && watch->failed_count < CHECKED_MAX)
            watch->failed[watch->failed_count++] = watch->number[watch->depth];
    } else if (is_watched(watch) && watch->before[watch->depth] != state_fingerprint(watch->state)
               && watch->what[0] == '\0') {
        watch->what = arena_format(
            watch->arena, "message %llu at depth %u ended with \"%s\" and left something behind",
            (unsigned long long)watch->number[watch->depth], watch->depth, vm_status_name(status));
    }
    watch->depth--;
}

static void on_state(void *context, struct state *state)
{
    ((struct watch *)context)->state = state;
}

struct frames_verdict frames_check(const struct subject *subject, enum dispatch dispatch,
                                   uint64_t gas_limit, struct arena *arena)
{
    struct watch watch = {.arena = arena, .what = ""};
    struct vm_tracer tracer = {.context = &watch, .on_enter = see_enter, .on_exit = see_exit};
    struct run_mode mode = {.dispatch = dispatch,
                            .gas_limit = gas_limit,
                            .tracer = &tracer,
                            .on_state = on_state,
                            .context = &watch};
    struct frames_verdict verdict = {.run = run_at(subject, &mode, arena)};
    verdict.checked = watch.failed_count;
    if (watch.failed_count > 0) {
        watch.is_second = true;
        watch.begun = 0;
        watch.depth = 0;
        (void)run_at(subject, &mode, arena);
    }
    verdict.what = watch.what;
    return verdict;
}

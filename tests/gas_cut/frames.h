/* Message by message: one that fails or reverts leaves the state exactly as it found it, also
 * deep inside a transaction that goes on and succeeds. */
#ifndef TESTS_GAS_CUT_FRAMES_H
#define TESTS_GAS_CUT_FRAMES_H
#include "tests/gas_cut/run.h"

struct frames_verdict {
    struct run run;   /* of the traced loop */
    size_t checked;   /* messages below the outermost that failed or reverted */
    const char *what; /* empty, or what the first wrong one left; in the arena */
};

/* Runs by the traced loop of `dispatch`, and again if a message within failed. */
struct frames_verdict frames_check(const struct subject *subject, enum dispatch dispatch,
                                   uint64_t gas_limit, struct arena *arena);
#endif

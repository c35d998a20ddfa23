/* What a transaction does at the gas limit it came with: how much gas each of its steps had behind
 * it, and what the state was like when its message began, to which a failure must come back. */
#ifndef TESTS_GAS_CUT_SURVEY_H
#define TESTS_GAS_CUT_SURVEY_H
#include "tests/gas_cut/run.h"
#include "tests/unit/vm/crypto/seeded.h"

/* Which steps are kept: each one of a run of up to `all_up_to` steps, else `drawn` of them. */
struct survey_share {
    size_t all_up_to, drawn;
};

struct survey {
    struct run run;     /* of the traced loop */
    bool has_run;       /* a message began */
    uint64_t intrinsic; /* gas taken before it */
    uint64_t steps;
    /* Gas that all messages together had spent before each step that was kept, and at the end.
     * Sorted, without duplicates. */
    uint64_t *spent;
    size_t spent_count;
    /* When the outermost message began: */
    struct state_changes changes;
    uint64_t marks;
    bool has_beneficiary; /* existed before */
    struct account beneficiary;
};

/* Everything lives in the arena. */
struct survey survey_run(const struct subject *subject, struct survey_share share,
                         struct seeded *random, struct arena *arena);

/* What a failed or reverted transaction that used this much gas must leave: the state at the
 * message's beginning, the rest of the gas given back, the beneficiary paid. */
struct state_changes survey_expected(const struct survey *survey, const struct subject *subject,
                                     uint64_t gas_used, struct arena *arena);
#endif

/* Cutting one transaction's gas at its steps, and judging what is left of it. */
#ifndef TESTS_GAS_CUT_CUTS_H
#define TESTS_GAS_CUT_CUTS_H
#include "tests/gas_cut/survey.h"

/* What was done, added up; the order of the fields is that of the summary line. */
struct cuts_tally {
    uint64_t passed, failed; /* transactions */
    uint64_t refused;        /* never began: too little gas, or not valid at all */
    uint64_t cuts, failures, reverts, successes;
    uint64_t messages; /* within, that failed */
};

/* Runs the subject at the gas it came with and at every limit that ends right before one of its
 * steps: by both dispatchers, plain and traced. Prints what was wrong, with `name`. */
void cuts_of(const struct subject *subject, const char *name, struct survey_share share,
             struct seeded *random, struct cuts_tally *tally);
#endif

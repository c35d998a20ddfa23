/* Random contracts that call, create and destroy one another, and a transaction into them. */
#ifndef TESTS_GAS_CUT_PROGRAM_H
#define TESTS_GAS_CUT_PROGRAM_H
#include "ledger/state/memory.h"
#include "tests/gas_cut/run.h"
#include "tests/unit/vm/crypto/seeded.h"

/* Makes `pre`, which is empty, a world of random contracts, and fills the subject but for its
 * machine. The transaction's data lives in the arena. The same random numbers make the same. */
void program_make(struct subject *subject, struct memory_state *pre, struct seeded *random,
                  struct arena *arena);
#endif

/* What can be proven against members with all that honest ones heard: votes, certificates,
 * proposals. A statement of one kind by one member in one view is kept once; the next that
 * contradicts it is evidence (E1 to E4, node/consensus/evidence.h), which is held against its own
 * codec and signatures. */
#ifndef TESTS_SIM_PROOFS_H
#define TESTS_SIM_PROOFS_H
#include "tests/sim/world.h"

struct proofs; /* opaque */

struct proofs *proofs_new(void);
void proofs_free(struct proofs *proofs);

/* An honest member heard it, and its signatures are good. Fails when it proves anything against an
 * honest member. */
void proofs_on_message(struct proofs *proofs, struct sim *sim, const struct message *message);
/* Indexes in the committee of that epoch of those who contradicted themselves, a bit each. */
uint64_t proofs_culprits(const struct proofs *proofs, uint64_t epoch);
#endif

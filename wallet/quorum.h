/* What a committee's size and quorum mode mean for the people who run it, in plain words. */
#ifndef WALLET_QUORUM_H
#define WALLET_QUORUM_H
#include "ledger/chain/finality.h"
#include "vm/base/arena.h"

/* "any 1 of 2 off = the ledger pauses"; in mode crash also whom one has to trust. In `arena`. */
const char *quorum_meaning(enum quorum_mode mode, unsigned members, struct arena *arena);
/* What would help where any member that is off makes the ledger pause; NULL if nothing has to. */
const char *quorum_advice(enum quorum_mode mode, unsigned members);
#endif

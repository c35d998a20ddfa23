/* A look inside the ledger's state: what its journal must put back, and what no public function
 * shows because it ends with the transaction. */
#ifndef TESTS_GAS_CUT_STATE_MARKS_H
#define TESTS_GAS_CUT_STATE_MARKS_H
#include "ledger/state/state.h"

/* A number for all that one transaction leaves behind in a state besides accounts and slots: which
 * accounts and slots are warm, transient values, refund, logs, accounts created and destructed.
 * What was only read makes no difference, nor does the order in which it was. */
uint64_t state_marks(const struct state *state);

/* The same with the values of all accounts and slots, the originals of slots (EIP-2200), the wei
 * destroyed and the journal's length: all that a revert must restore. */
uint64_t state_fingerprint(const struct state *state);

/* Does the account exist in the state's reader? */
bool state_existed(struct state *state, const address *account);
#endif

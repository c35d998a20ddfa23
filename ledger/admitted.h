/* Whoever wants to hear of the transactions that a ledger's pool takes. */
#ifndef LEDGER_ADMITTED_H
#define LEDGER_ADMITTED_H
#include "ledger/ledger.h"

/* On the ledger's actor, from now on within ledger_submit() for each that is admitted; those that the
 * pool's journal brought back are not told. NULL: nobody. */
void ledger_on_admitted(struct ledger *ledger,
                        void (*on_admitted)(void *context, const struct transaction *tx),
                        void *context);
#endif

/* What this node said in a ledger's committee, as the ledger's store knows it: which vote log has
 * all of it. The store says so in the batch that begins an epoch, since nothing was said in that yet;
 * a log with another id, or none, has forgotten something. The ledger keeps the record and knows
 * nothing of votes. Design: consensus 2.9. */
#ifndef LEDGER_STORE_PROMISES_H
#define LEDGER_STORE_PROMISES_H
#include "vm/base/bytes.h"

enum promises_state {
    PROMISES_LOST,   /* no log has all that was said in the epoch in force */
    PROMISES_NONE,   /* nothing was said in it: any log has all of it */
    PROMISES_LOGGED, /* `log` has */
};

struct promises {
    enum promises_state state;
    hash256 log; /* the id of a vote log */
    /* The store began anew, or was put back: it may be epochs behind what was said. */
    bool is_old;
    /* Of an old store: the log was adopted in the epoch in force after a silence up to that view
     * (node/consensus/audit.h); 0: it was not. */
    uint64_t silent_until;
};
#endif

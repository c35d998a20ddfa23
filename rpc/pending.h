/* The tag `pending`: a call that reads it goes by way of the ledger's actor, which copies what the
 * pool holds, to a worker, which executes it; from then on the request's scope has the block to
 * come and its state. */
#ifndef RPC_PENDING_H
#define RPC_PENDING_H
#include "rpc/call.h"

/* Whether one of the call's arguments names it and its method shows what waits. */
bool pending_is_asked_for(const struct call *call);
/* A call_fn for the ledger's actor; it ends in the method's own function. */
enum call_outcome pending_collect(struct call *call);
#endif

/* What requests that were read together share: the ledger they pin, and the view they read.
 *
 *   request ─► pin, open a view ─► answer ─► turn_keep ┐
 *   request ◄─ turn_take ◄────────────────────────────┘
 *           ─► answer ─► turn_keep ... turn_drop
 *
 * All of them had come before the view was opened, so none sees less than it may expect; and what
 * all workers write, counters and locks, is written once for many. Each thread has one turn, and
 * keeps something only between two requests of one connection. */
#ifndef RPC_TURN_H
#define RPC_TURN_H
#include "rpc/host.h"

/* What the request before left for this organisation (NULL: the default one), or NULL. Now the
 * caller's: the view, which may be NULL, is closed before the ledger is released. */
struct rpc_ledger *turn_take(const struct rpc_host *host, const char *org,
                             struct ledger_view **view);
/* Nothing may be kept already. */
void turn_keep(const struct rpc_host *host, const char *org, struct rpc_ledger *ledger,
               struct ledger_view *view);
/* Gives back what is kept; false if nothing is. */
bool turn_drop(const struct rpc_host *host);
#endif

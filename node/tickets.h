/* Which invitations to a ledger were used here, and by whom: a file in its folder, a line each of
 * those that have not expired. On the ledger's actor. */
#ifndef NODE_TICKETS_H
#define NODE_TICKETS_H
#include "node/invitation.h"

#define TICKETS_MAX 1024

/* Good for the node that used it first, however often it asks. ERROR_EXISTS when that was another one,
 * ERROR_BUSY when too many that have not expired were used. */
bool tickets_take(const char *folder, const struct invitation *invitation,
                  const struct node_id *who, uint64_t now_s, struct error *error)
    __attribute__((warn_unused_result));
#endif

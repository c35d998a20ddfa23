/* Whom to dial, and when: a pure machine.
 *
 *   wanted ─► due ─► dialled ─► connected
 *              ▲        │           │
 *              └─ back-off ◄────────┘ lost
 *
 * A node is wanted under one or more endpoints, which take turns. After a failure the next attempt
 * waits: a second after all endpoints failed once, twice as long after each further round, a minute
 * at most, a quarter more or less so that a committee that lost its power does not dial in step.
 * Who was connected for a minute begins anew. At most DIALER_AT_ONCE are dialled at a time; who has
 * been due longest goes first, so no dead node keeps a living one waiting. A connection that the
 * other side made counts as well. Times are milliseconds of a clock that never jumps. */
#ifndef NODE_NET_DIALER_H
#define NODE_NET_DIALER_H
#include "node/net/endpoint.h"
#include "node/net/hello.h"

#define DIALER_AT_ONCE       8
#define DIALER_ENDPOINTS_MAX 4 /* of one node */

struct dialer; /* opaque */

struct dialer *dialer_new(uint64_t seed); /* spreads the waits */
void dialer_free(struct dialer *dialer);  /* accepts NULL */

/* From now on under these endpoints, 1 to DIALER_ENDPOINTS_MAX; new ones are tried at once. */
void dialer_want(struct dialer *dialer, const struct node_id *who, const struct endpoint *endpoints,
                 unsigned count, uint64_t now_ms);
/* No longer; a dial under way may still come to something. */
void dialer_forget(struct dialer *dialer, const struct node_id *who);
bool dialer_wants(const struct dialer *dialer, const struct node_id *who);

struct dial {
    struct node_id who;
    struct endpoint to;
};
/* The next dial that is due; false: none now. It is under way until one of the three below. */
bool dialer_take(struct dialer *dialer, uint64_t now_ms, struct dial *dial);
void dialer_on_failed(struct dialer *dialer, const struct node_id *who, uint64_t now_ms);
void dialer_on_connected(struct dialer *dialer, const struct node_id *who, uint64_t now_ms);
void dialer_on_lost(struct dialer *dialer, const struct node_id *who, uint64_t now_ms);
/* The network came back, or an operator asks: all that wait are due now. */
void dialer_on_hope(struct dialer *dialer, uint64_t now_ms);

/* When dialer_take() may have something; UINT64_MAX: not before one of the above. */
uint64_t dialer_next_ms(const struct dialer *dialer);
#endif

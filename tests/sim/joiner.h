/* The newcomer's way to a store (node/sync/README.md): the chain of seals from the genesis document
 * to the newest record, a checkpoint on which enough of its members agree, and the store that is
 * rebuilt of it. Block sync brings the rest, once the member is up.
 *
 *   SEALS ──► CHECKPOINT ──► PROOF ──► CHUNKS ──► a store; the member starts
 *     ▲    offers, manifest  header of its block     or, where there is no checkpoint yet, with
 *     └──────────────────────┘ of a later epoch      block 0
 *
 * Requests and answers go over the world's network. Private to the member. */
#ifndef TESTS_SIM_JOINER_H
#define TESTS_SIM_JOINER_H
#include "tests/sim/member_state.h"

struct joiner;

/* Of a member that is down and has no store. */
void joiner_start(struct sim *sim, unsigned box);
/* Chunks that came stay on the disk. Accepts NULL. */
void joiner_free(struct joiner *joiner);
/* ON_JOIN, and ON_PEER. */
void joiner_on_event(struct sim *sim, const struct event *event);
void joiner_on_message(struct sim *sim, unsigned box, unsigned from, struct bytes bytes);
#endif

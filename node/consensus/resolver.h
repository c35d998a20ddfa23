/* The one place of a member that asks others for what its engine misses: certificates by view and
 * kinds, blocks by hash.
 *
 *   want ─► waiting ──┬─► in flight at one peer ─┬─► came: gone
 *              ▲      │ at most 32               │
 *              └──────┴──── 3D, wrong, down ◄────┘   then the next peer
 *
 * Order of peers: whoever is named first (the proposer), then those who signed, then any member;
 * nobody twice before all that are connected were asked, and then again, more slowly. Among
 * requests the one that has waited longest goes first, so what nobody can answer keeps nothing
 * waiting. A wanted thing is asked for until it came or a finalization made it needless. With more
 * than RESOLVER_REQUESTS_MAX things wanted at once a new one is refused: the engine says again
 * what it misses with each t_retry, and what was taken in is never dropped for something newer.
 *
 * A pure machine: it is told what happened and when (milliseconds of a clock that never jumps);
 * after each call, and at resolver_next_ms(), resolver_take() gives what to send until there is no
 * more. What comes is checked by the caller: only verified certificates and blocks whose parts fit
 * their header are reported here. Design: consensus 2.7b, 2.13. */
#ifndef NODE_CONSENSUS_RESOLVER_H
#define NODE_CONSENSUS_RESOLVER_H
#include "node/consensus/simplex.h"

#define RESOLVER_OPEN_MAX     32 /* in flight, 2.7b */
#define RESOLVER_BLOCKS_MAX   2  /* of them blocks, at one peer, 2.13 */
#define RESOLVER_REQUESTS_MAX 4096

struct resolver; /* opaque */

/* Of a committee's epoch; `own_index` as in struct simplex_config. Nobody is connected yet. */
struct resolver *resolver_new(uint64_t epoch, unsigned members, unsigned own_index,
                              uint64_t delay_ms);
void resolver_free(struct resolver *resolver); /* accepts NULL */

/* D, the one-way delay between members. */
void resolver_set_delay(struct resolver *resolver, uint64_t delay_ms);
/* A member is connected, or no longer. What it was asked is asked of the next one at once. */
void resolver_on_peer(struct resolver *resolver, unsigned member, bool is_up, uint64_t now_ms);

/* SIMPLEX_WANT_CERTIFICATE or SIMPLEX_WANT_BLOCK of the engine. What is wanted already is not
 * wanted twice; certificates of one view and other kinds are another request. False: refused. */
bool resolver_want(struct resolver *resolver, const struct simplex_action *want, uint64_t now_ms);

/* A verified certificate came from `from` (any number beyond the members: from ourselves). It ends
 * what asks for its kind, a finalization all for certificates up to its view. One that does not
 * help is no fault; the next peer is asked at once. */
void resolver_on_certificate(struct resolver *resolver, unsigned from, enum consensus_message kind,
                             uint64_t view, uint64_t now_ms);
/* The block is here, from wherever. */
void resolver_on_block(struct resolver *resolver, const hash256 *block);
/* What `from` sent as this block, asked or not, is not it (BAD_TRANSFER): asked elsewhere at once. */
void resolver_on_bad_block(struct resolver *resolver, unsigned from, const hash256 *block,
                           uint64_t now_ms);
/* simplex_final_view() rose: nothing up to it is needed any more. */
void resolver_on_final(struct resolver *resolver, uint64_t view);

struct resolver_request {
    unsigned to;
    bool is_block;
    hash256 block;                          /* PEER_GET_BLOCK */
    struct certificate_request certificate; /* PEER_GET_CERTIFICATE */
};
/* The next request to send now; false: nothing more. */
bool resolver_take(struct resolver *resolver, uint64_t now_ms, struct resolver_request *request);
/* When to call resolver_take() again without an event; UINT64_MAX: nothing is pending. */
uint64_t resolver_next_ms(const struct resolver *resolver);

size_t resolver_open_count(const struct resolver *resolver);
size_t resolver_waiting_count(const struct resolver *resolver);
#endif

/* The chain of seals: from an epoch record that is trusted (the genesis, or the hash in an
 * invitation) to the newest, without any block between.
 *
 *     record e ── seal of e, final by e's committee, names ──► record e + 1 ── ... ──► newest
 *
 * Links are asked for in order, SYNC_LINKS_MAX at a time, and each is checked by a worker against
 * the record before it: what was good stays, whoever sent the next, and however long it takes
 * (cometbft#742: a deadline over the whole chain). The totals in the newest record are a claim
 * (ledger/chain/seal_chain.h), so the link to it is asked for again with what follows, and another's
 * may take its place. The chain ends where nobody who is connected has more and enough of them came
 * to the same record; who connects later may have more.
 *
 * A pure machine, driven as blocks.h says. Design: consensus 2.12, 3. */
#ifndef NODE_SYNC_SEALS_H
#define NODE_SYNC_SEALS_H
#include "node/sync/message.h"
#include "node/sync/peers.h"

struct seals_sync; /* opaque */

/* How far the links lead that were checked. */
struct seals_progress {
    uint64_t confirmed; /* epoch whose record is certain: it was trusted, or its seal names it */
    uint64_t epoch;     /* of the newest record: that one or the next */
    hash256 record;     /* its hash */
    unsigned agree;     /* how many must come to it: one more than may lie in its committee */
};

struct seals_sync *seals_sync_new(const struct seals_progress *progress);
void seals_sync_free(struct seals_sync *sync); /* as block_sync_free() */

void seals_sync_on_peer(struct seals_sync *sync, unsigned peer);
void seals_sync_on_gone(struct seals_sync *sync, unsigned peer);
/* A SEALS came, decoded from `encoded`, which is copied. What nobody asked for is ignored. */
void seals_sync_on_seals(struct seals_sync *sync, unsigned from, const struct span_answer *answer,
                         struct bytes encoded, uint64_t now_ms);
/* What VERIFY asked for: how far the links lead now; `is_bad`: not all of them hold, or there are not
 * as many as it says. */
void seals_sync_on_verified(struct seals_sync *sync, const struct seals_progress *progress,
                            bool is_bad);

enum seals_action_kind {
    SEALS_REQUEST, /* GET_SEALS of `first`, `count` to `peer`: from the confirmed record on */
    SEALS_VERIFY,  /* `answer`, on a worker; then seals_sync_on_verified() */
    SEALS_FAULT,   /* `peer` lied: `fault` */
    SEALS_DONE,    /* the record of epoch `first`, as it was checked last, is the newest */
};
struct seals_action {
    enum seals_action_kind kind;
    unsigned peer;
    enum sync_fault fault;
    uint64_t first; /* epoch */
    unsigned count;
    struct bytes answer; /* the SEALS message as it came */
};
bool seals_sync_take(struct seals_sync *sync, uint64_t now_ms, struct seals_action *action);
uint64_t seals_sync_next_ms(const struct seals_sync *sync);

uint64_t seals_sync_epoch(const struct seals_sync *sync); /* of the newest good record */
#endif

/* Whom the machines of this folder ask: who is connected, who is slow, who lied.
 *
 * A peer is a number below SYNC_PEERS_MAX that the caller gives it while it is connected; members
 * have their index. Who does not answer is left alone for a while, ever longer, and then has to
 * answer one request before it gets more; who was caught lying is not asked again until it
 * connects anew (the caller decides when that is). */
#ifndef NODE_SYNC_PEERS_H
#define NODE_SYNC_PEERS_H
#include <stdbool.h>
#include <stdint.h>

#define SYNC_PEERS_MAX     128
#define SYNC_STALL_MS      20000 /* nothing came from a peer that owes something */
#define SYNC_PAUSE_MS      1000  /* after that; doubled with each time in a row */
#define SYNC_PAUSE_MOST_MS 60000

enum sync_fault {
    SYNC_FAULT_LOWERED_CLAIM, /* it has less than it said (CVE-2025-24371) */
    SYNC_FAULT_BAD_CONTENT,   /* what came is not what its proof or hash says */
};

struct sync_peer {
    bool is_up;
    bool is_liar;
    unsigned open; /* requests it owes an answer to */
    unsigned strikes;
    uint64_t resume_ms;   /* not asked before */
    uint64_t answered_ms; /* when something came last */
};

typedef uint8_t sync_peer_set[SYNC_PEERS_MAX / 8];
bool sync_set_has(const sync_peer_set set, unsigned peer);
void sync_set_add(sync_peer_set set, unsigned peer);

void sync_peer_connect(struct sync_peer *peer);
bool sync_peer_is_usable(const struct sync_peer *peer); /* connected, and no liar */
bool sync_peer_may_be_asked(const struct sync_peer *peer, uint64_t now_ms, unsigned open_max);
/* When what was asked at `asked_ms` is given up: nothing came for SYNC_STALL_MS, or for three
 * times as long not this. */
uint64_t sync_peer_due_ms(const struct sync_peer *peer, uint64_t asked_ms);
void sync_peer_strike(struct sync_peer *peer, uint64_t now_ms);
void sync_peer_praise(struct sync_peer *peer);

/* For the machines' next_ms(): the earlier of `next` and `at_ms`, unless that was over when they
 * were last asked what to do. */
uint64_t sync_earlier_ms(uint64_t next, uint64_t taken_ms, uint64_t at_ms);
#endif

#include "node/sync/peers.h"

bool sync_set_has(const sync_peer_set set, unsigned peer)
{
    return set[peer / 8] >> (peer % 8) & 1;
}

void sync_set_add(sync_peer_set set, unsigned peer)
{
    set[peer / 8] |= (uint8_t)(1U << (peer % 8));
}

void sync_peer_connect(struct sync_peer *peer)
{
    *peer = (struct sync_peer){.is_up = true};
}

bool sync_peer_is_usable(const struct sync_peer *peer)
{
    return peer->is_up && !peer->is_liar;
}

bool sync_peer_may_be_asked(const struct sync_peer *peer, uint64_t now_ms, unsigned open_max)
{
    return sync_peer_is_usable(peer) && now_ms >= peer->resume_ms
           && peer->open < (peer->strikes > 0 ? 1 : open_max);
}

uint64_t sync_peer_due_ms(const struct sync_peer *peer, uint64_t asked_ms)
{
    const uint64_t since = peer->answered_ms > asked_ms ? peer->answered_ms : asked_ms;
    const uint64_t stalled = since + SYNC_STALL_MS, late = asked_ms + 3 * SYNC_STALL_MS;
    return stalled < late ? stalled : late;
}

void sync_peer_strike(struct sync_peer *peer, uint64_t now_ms)
{
    uint64_t pause = SYNC_PAUSE_MS;
    for (unsigned i = 0; i < peer->strikes && pause < SYNC_PAUSE_MOST_MS; i++)
        pause *= 2;
    peer->strikes++;
    peer->resume_ms = now_ms + (pause < SYNC_PAUSE_MOST_MS ? pause : SYNC_PAUSE_MOST_MS);
}

void sync_peer_praise(struct sync_peer *peer)
{
    peer->strikes = 0;
    peer->resume_ms = 0;
}

uint64_t sync_earlier_ms(uint64_t next, uint64_t taken_ms, uint64_t at_ms)
{
    return at_ms > taken_ms && at_ms < next ? at_ms : next;
}

#include "node/sync/seals.h"

#include <assert.h>
#include <stdlib.h>

#define NEVER  UINT64_MAX
#define NOBODY SYNC_PEERS_MAX

struct seals_peer {
    struct sync_peer state;
    bool has_fault; /* to be told */
    bool was_asked; /* for what comes next, in this round through the peers */
    bool has_ended; /* nothing comes next, it said: it came to */
    hash256 record; /* this one, of the newest epoch */
};

enum seals_state {
    SEALS_IDLE,
    SEALS_ASKED, /* of `peer` */
    SEALS_ARRIVED,
    SEALS_VERIFYING,
};

struct seals_sync {
    struct seals_progress progress;
    enum seals_state state;
    struct seals_peer peers[SYNC_PEERS_MAX];
    unsigned peer; /* who was asked, or sent `answer`; NOBODY: it is gone */
    uint64_t asked_ms;
    unsigned span;      /* links that a request asks for: the one to the newest record, and more */
    uint64_t resume_ms; /* nobody is asked before */
    struct buffer answer;
    unsigned answer_count;
    bool is_done; /* and was told */
    uint64_t taken_ms;
};

struct seals_sync *seals_sync_new(const struct seals_progress *progress)
{
    struct seals_sync *sync = memory_new_zeroed(1, sizeof *sync);
    sync->progress = *progress;
    sync->peer = NOBODY;
    sync->span = SYNC_LINKS_MAX;
    return sync;
}

void seals_sync_free(struct seals_sync *sync)
{
    if (sync == NULL)
        return;
    buffer_cleanup(&sync->answer);
    free(sync);
}

static void idle(struct seals_sync *sync)
{
    if (sync->state == SEALS_ASKED)
        sync->peers[sync->peer].state.open--;
    buffer_cleanup(&sync->answer);
    sync->state = SEALS_IDLE;
    sync->peer = NOBODY;
}

/* ---- what happens ---- */

void seals_sync_on_peer(struct seals_sync *sync, unsigned peer)
{
    if (peer >= SYNC_PEERS_MAX || sync->peers[peer].state.is_up)
        return;
    sync_peer_connect(&sync->peers[peer].state);
    sync->is_done = false; /* it may have more */
}

void seals_sync_on_gone(struct seals_sync *sync, unsigned peer)
{
    if (peer >= SYNC_PEERS_MAX)
        return;
    if (sync->peer == peer && sync->state == SEALS_VERIFYING)
        sync->peer = NOBODY;
    else if (sync->peer == peer)
        idle(sync);
    sync->peers[peer] = (struct seals_peer){0};
}

static void end(const struct seals_sync *sync, struct seals_peer *peer)
{
    peer->has_ended = true;
    peer->record = sync->progress.record;
}

void seals_sync_on_seals(struct seals_sync *sync, unsigned from, const struct span_answer *answer,
                         struct bytes encoded, uint64_t now_ms)
{
    if (from >= SYNC_PEERS_MAX || !sync_peer_is_usable(&sync->peers[from].state)
        || !sync->peers[from].was_asked || sync->state > SEALS_ASKED
        || answer->first != sync->progress.confirmed)
        return;
    struct seals_peer *peer = &sync->peers[from];
    peer->state.answered_ms = now_ms;
    if (answer->count == 0) {
        if (sync->progress.epoch == sync->progress.confirmed)
            end(sync, peer); /* else it is behind */
        sync_peer_praise(&peer->state);
        if (sync->peer == from)
            idle(sync);
        return;
    }
    idle(sync); /* also when another is asked by now: what is late is good, too */
    sync->peer = from;
    sync->state = SEALS_ARRIVED;
    sync->answer_count = answer->count;
    buffer_append_bytes(&sync->answer, encoded);
}

/* Everybody may have what comes next now. */
static void start_round(struct seals_sync *sync, bool forgets_ends)
{
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++) {
        sync->peers[i].has_ended = sync->peers[i].has_ended && !forgets_ends;
        sync->peers[i].was_asked = sync->peers[i].has_ended;
    }
}

void seals_sync_on_verified(struct seals_sync *sync, const struct seals_progress *progress,
                            bool is_bad)
{
    assert(sync->state == SEALS_VERIFYING);
    assert(progress->epoch >= sync->progress.epoch);
    assert(progress->confirmed >= sync->progress.confirmed);
    const unsigned from = sync->peer;
    const bool has_grown = progress->epoch > sync->progress.epoch;
    idle(sync);
    sync->progress = *progress;
    if (has_grown) {
        sync->span = 2 * sync->span < SYNC_LINKS_MAX ? 2 * sync->span : SYNC_LINKS_MAX;
        start_round(sync, true);
    }
    if (from == NOBODY)
        return;
    struct seals_peer *peer = &sync->peers[from];
    if (is_bad) {
        peer->state.is_liar = true;
        peer->has_fault = true;
        return;
    }
    if (!has_grown)
        end(sync, peer);
    sync_peer_praise(&peer->state);
}

/* ---- what to do ---- */

static unsigned choose_peer(const struct seals_sync *sync, uint64_t now_ms)
{
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++) {
        const unsigned peer = (unsigned)((sync->progress.epoch + i) % SYNC_PEERS_MAX);
        if (!sync->peers[peer].was_asked
            && sync_peer_may_be_asked(&sync->peers[peer].state, now_ms, 1))
            return peer;
    }
    return NOBODY;
}

/* Whether everybody was asked for what comes next. */
static bool round_is_over(const struct seals_sync *sync)
{
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++)
        if (sync_peer_is_usable(&sync->peers[i].state) && !sync->peers[i].was_asked)
            return false;
    return true;
}

static bool came_to(const struct seals_peer *peer, const hash256 *record)
{
    return sync_peer_is_usable(&peer->state) && peer->has_ended
           && hash256_equal(&peer->record, record);
}

/* Whose record enough came to: the number of one of them, or NOBODY. */
static unsigned find_agreed(const struct seals_sync *sync)
{
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++) {
        unsigned count = 0;
        for (unsigned j = 0; j < SYNC_PEERS_MAX; j++)
            count += came_to(&sync->peers[j], &sync->peers[i].record);
        if (came_to(&sync->peers[i], &sync->peers[i].record) && count >= sync->progress.agree)
            return i;
    }
    return NOBODY;
}

static bool tell_fault(struct seals_sync *sync, struct seals_action *action)
{
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++)
        if (sync->peers[i].has_fault) {
            sync->peers[i].has_fault = false;
            *action = (struct seals_action){
                .kind = SEALS_FAULT, .peer = i, .fault = SYNC_FAULT_BAD_CONTENT};
            return true;
        }
    return false;
}

static bool ask(struct seals_sync *sync, uint64_t now_ms, struct seals_action *action)
{
    if (sync->is_done || now_ms < sync->resume_ms)
        return false;
    const unsigned peer = choose_peer(sync, now_ms);
    if (peer != NOBODY) {
        sync->state = SEALS_ASKED;
        sync->peer = peer;
        sync->asked_ms = now_ms;
        sync->peers[peer].was_asked = true;
        sync->peers[peer].state.open++;
        *action = (struct seals_action){.kind = SEALS_REQUEST,
                                        .peer = peer,
                                        .first = sync->progress.confirmed,
                                        .count = sync->span};
        return true;
    }
    if (!round_is_over(sync))
        return false;
    const unsigned agreed = find_agreed(sync);
    if (agreed == NOBODY) {
        start_round(sync, false);
        sync->resume_ms = now_ms + SYNC_PAUSE_MS;
        return false;
    }
    if (!came_to(&sync->peers[agreed], &sync->progress.record)) {
        sync->peers[agreed].was_asked = false; /* once more: another's was checked after it */
        sync->peers[agreed].has_ended = false;
        return ask(sync, now_ms, action);
    }
    sync->is_done = true;
    *action = (struct seals_action){.kind = SEALS_DONE, .first = sync->progress.epoch};
    return true;
}

bool seals_sync_take(struct seals_sync *sync, uint64_t now_ms, struct seals_action *action)
{
    sync->taken_ms = now_ms;
    if (sync->state == SEALS_ASKED
        && now_ms >= sync_peer_due_ms(&sync->peers[sync->peer].state, sync->asked_ms)) {
        sync_peer_strike(&sync->peers[sync->peer].state, now_ms);
        sync->span = sync->span > 4 ? sync->span / 2 : 2; /* the way may be slow */
        idle(sync);
    }
    if (tell_fault(sync, action))
        return true;
    if (sync->state == SEALS_ARRIVED) {
        sync->state = SEALS_VERIFYING;
        *action = (struct seals_action){.kind = SEALS_VERIFY,
                                        .peer = sync->peer,
                                        .first = sync->progress.confirmed,
                                        .count = sync->answer_count,
                                        .answer = buffer_view(&sync->answer)};
        return true;
    }
    return sync->state == SEALS_IDLE && ask(sync, now_ms, action);
}

uint64_t seals_sync_next_ms(const struct seals_sync *sync)
{
    uint64_t next = NEVER;
    if (sync->state == SEALS_ASKED)
        return sync_peer_due_ms(&sync->peers[sync->peer].state, sync->asked_ms);
    if (sync->state != SEALS_IDLE || sync->is_done)
        return NEVER;
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++) {
        const struct seals_peer *peer = &sync->peers[i];
        if (!sync_peer_is_usable(&peer->state) || peer->has_ended)
            continue;
        const uint64_t at_ms =
            peer->state.resume_ms > sync->resume_ms ? peer->state.resume_ms : sync->resume_ms;
        next = sync_earlier_ms(next, sync->taken_ms, at_ms);
    }
    return next;
}

uint64_t seals_sync_epoch(const struct seals_sync *sync)
{
    return sync->progress.epoch;
}

#include "node/sync/blocks.h"

#include <assert.h>
#include <stdlib.h>

#include "node/sync/ranges.h"

#define NEVER  UINT64_MAX
#define NOBODY SYNC_PEERS_MAX

struct block_peer {
    struct sync_peer state;
    uint64_t earliest, final; /* as it says */
    bool has_fault;           /* to be told */
    enum sync_fault fault;
};

struct block_sync {
    uint64_t height; /* imported */
    hash256 hash;
    bool has_target;
    hash256 target;
    uint64_t target_ms;
    bool is_synced; /* to be told: the target before */
    uint64_t synced_height;
    hash256 synced;
    bool is_halted, has_told_halt;
    bool is_running;
    struct block_peer *peers; /* an idle ledger knows few */
    unsigned peers_count;
    struct range_list list;
    unsigned span;         /* blocks that a request asks for */
    size_t expected_bytes; /* of an answer, as the last one was */
    uint64_t taken_ms;     /* of the last block_sync_take() */
};

struct block_sync *block_sync_new(uint64_t height, const hash256 *hash)
{
    struct block_sync *sync = memory_new_zeroed(1, sizeof *sync);
    sync->height = height;
    sync->hash = *hash;
    sync->span = SYNC_BLOCKS_MAX;
    return sync;
}

void block_sync_free(struct block_sync *sync)
{
    if (sync == NULL)
        return;
    range_list_cleanup(&sync->list);
    free(sync->peers);
    free(sync);
}

/* ---- ranges that go back or away ---- */

static void want_again(struct block_sync *sync, struct range *range, uint64_t due_ms)
{
    if (range->state == RANGE_ASKED)
        sync->peers[range->peer].state.open--;
    range_move(&sync->list, range, RANGE_WANTED);
    range->due_ms = due_ms;
}

static void forget(struct block_sync *sync, struct range *range)
{
    if (range->state == RANGE_ASKED)
        sync->peers[range->peer].state.open--;
    range_list_remove(&sync->list, range);
}

/* What the peer owes is asked of others, what it sent and nobody looked at is not trusted. */
static void leave_peer(struct block_sync *sync, unsigned peer, bool with_answers)
{
    for (size_t i = 0; i < sync->list.count; i++) {
        struct range *range = sync->list.ranges[i];
        if (range->peer == peer
            && (range->state == RANGE_ASKED || (with_answers && range->state == RANGE_ARRIVED)))
            want_again(sync, range, 0);
    }
}

static void accuse(struct block_sync *sync, unsigned peer, enum sync_fault fault)
{
    if (peer == NOBODY || !sync_peer_is_usable(&sync->peers[peer].state))
        return;
    struct block_peer *of = &sync->peers[peer];
    of->state.is_liar = true;
    of->has_fault = true;
    of->fault = fault;
    leave_peer(sync, peer, true);
}

/* Drops what the head has passed; what a job works on goes when its verdict comes. */
static void drop_passed(struct block_sync *sync)
{
    for (size_t i = sync->list.count; i > 0; i--) {
        struct range *range = sync->list.ranges[i - 1];
        if (range->first <= sync->height && !range_is_busy(range))
            forget(sync, range);
    }
}

/* ---- what happens ---- */

void block_sync_on_peer(struct block_sync *sync, unsigned peer, uint64_t earliest, uint64_t final,
                        uint64_t now_ms)
{
    (void)now_ms;
    if (peer >= SYNC_PEERS_MAX)
        return;
    if (peer >= sync->peers_count) {
        sync->peers = memory_resize(sync->peers, (peer + 1) * sizeof *sync->peers);
        memset(&sync->peers[sync->peers_count], 0,
               (peer + 1 - sync->peers_count) * sizeof *sync->peers);
        sync->peers_count = peer + 1;
    }
    struct block_peer *of = &sync->peers[peer];
    if (!of->state.is_up)
        sync_peer_connect(&of->state);
    else if (final < of->final)
        accuse(sync, peer, SYNC_FAULT_LOWERED_CLAIM);
    of->earliest = earliest;
    of->final = final;
}

void block_sync_on_gone(struct block_sync *sync, unsigned peer)
{
    if (peer >= sync->peers_count)
        return;
    leave_peer(sync, peer, true);
    for (size_t i = 0; i < sync->list.count; i++) { /* its number may become another's */
        struct range *range = sync->list.ranges[i];
        if (range->peer == peer)
            range->peer = NOBODY;
    }
    sync->peers[peer] = (struct block_peer){0};
}

static void reach(struct block_sync *sync, uint64_t height)
{
    sync->has_target = false;
    sync->is_synced = true;
    sync->synced = sync->target;
    sync->synced_height = height;
}

void block_sync_on_target(struct block_sync *sync, const hash256 *block, uint64_t now_ms)
{
    if (block == NULL) {
        sync->has_target = false;
        return;
    }
    if (sync->has_target && hash256_equal(&sync->target, block))
        return;
    if (sync->synced_height > 0 && hash256_equal(&sync->synced, block)) {
        sync->is_synced = true; /* said before it was heard */
        return;
    }
    sync->has_target = true;
    sync->target = *block;
    sync->target_ms = now_ms;
    if (hash256_equal(&sync->hash, block))
        reach(sync, sync->height);
}

void block_sync_on_head(struct block_sync *sync, uint64_t height, const hash256 *hash)
{
    if (height <= sync->height)
        return;
    sync->height = height;
    sync->hash = *hash;
    if (sync->has_target && hash256_equal(&sync->target, hash))
        reach(sync, height);
    drop_passed(sync);
}

/* The range that this answers; NULL if it was not asked of this peer, or is here already. */
static struct range *answered_range(struct block_sync *sync, unsigned from, uint64_t first)
{
    for (size_t i = 0; i < sync->list.count; i++) {
        struct range *range = sync->list.ranges[i];
        if (range->first == first && range->state <= RANGE_ASKED
            && sync_set_has(range->asked, from))
            return range;
    }
    return NULL;
}

/* Requests ask for as much as came, or for more while as much comes as was asked for. */
static void adapt_span(struct block_sync *sync, unsigned asked, unsigned came)
{
    if (came == asked && asked >= sync->span)
        sync->span = sync->span * 2 < SYNC_BLOCKS_MAX ? sync->span * 2 : SYNC_BLOCKS_MAX;
    else if (came < asked && came < sync->span)
        sync->span = came;
}

/* The lowest range is taken whatever it weighs: without it nothing goes on. */
static bool has_room_for(const struct block_sync *sync, const struct range *range, size_t size)
{
    return range->first == sync->height + 1 || sync->list.held_bytes + size <= BLOCK_SYNC_HELD_MAX;
}

void block_sync_on_range(struct block_sync *sync, unsigned from, const struct span_answer *answer,
                         struct bytes encoded, uint64_t now_ms)
{
    if (from >= sync->peers_count || !sync_peer_is_usable(&sync->peers[from].state))
        return;
    struct block_peer *peer = &sync->peers[from];
    struct range *range = answered_range(sync, from, answer->first);
    if (range == NULL)
        return;
    const bool is_late = range->state != RANGE_ASKED || range->peer != from;
    if (answer->count > range->count)
        return; /* to an earlier request, which asked for more */
    peer->state.answered_ms = now_ms;
    if (answer->count == 0) {
        if (is_late)
            return;
        if (range->first <= peer->final) /* it said that it has it */
            sync_peer_strike(&peer->state, now_ms);
        want_again(sync, range, now_ms + SYNC_PAUSE_MS);
        return;
    }
    sync->expected_bytes = encoded.size;
    if (!has_room_for(sync, range, encoded.size)) {
        if (!is_late)
            want_again(sync, range, now_ms);
        return;
    }
    adapt_span(sync, range->count, answer->count);
    if (range->state == RANGE_ASKED)
        sync->peers[range->peer].state.open--;
    range->peer = from;
    range->count = answer->count;
    range_take_answer(&sync->list, range, encoded);
}

void block_sync_on_verified(struct block_sync *sync, uint64_t number, enum range_verdict verdict,
                            const hash256 *parent, const hash256 *hashes, uint64_t now_ms)
{
    struct range *range = range_list_find(&sync->list, number);
    assert(range != NULL);
    assert(range->state == RANGE_VERIFYING);
    const unsigned from = range->peer;
    if (verdict == RANGE_EARLY && range->was_next && range->first > sync->height)
        verdict = RANGE_BAD; /* nothing comes before it: it goes past a seal */
    switch (verdict) {
    case RANGE_GOOD:
        range_move(&sync->list, range, RANGE_VERIFIED);
        range->parent = *parent;
        range->hashes = memory_new(range->count * sizeof *hashes);
        memcpy(range->hashes, hashes, range->count * sizeof *hashes);
        if (from != NOBODY)
            sync_peer_praise(&sync->peers[from].state);
        break;
    case RANGE_EARLY:
        range_move(&sync->list, range, RANGE_ARRIVED);
        range->is_early = true;
        break;
    case RANGE_BAD:
        want_again(sync, range, now_ms);
        accuse(sync, from, SYNC_FAULT_BAD_CONTENT);
        break;
    }
    drop_passed(sync);
}

void block_sync_on_imported(struct block_sync *sync, uint64_t number, enum import_verdict verdict,
                            uint64_t now_ms)
{
    struct range *range = range_list_find(&sync->list, number);
    assert(range != NULL);
    assert(range->state == RANGE_IMPORTING);
    const uint64_t last = range->first + range->count - 1;
    switch (verdict) {
    case IMPORT_DONE:
        for (unsigned i = 0; i < range->count && sync->has_target; i++)
            if (hash256_equal(&range->hashes[i], &sync->target))
                reach(sync, range->first + i);
        if (last > sync->height) {
            sync->height = last;
            sync->hash = range->hashes[range->count - 1];
        }
        range_list_remove(&sync->list, range);
        break;
    case IMPORT_BAD: {
        const unsigned from = range->peer;
        want_again(sync, range, now_ms);
        accuse(sync, from, SYNC_FAULT_BAD_CONTENT);
        break;
    }
    case IMPORT_DIVERGED:
        sync->is_halted = true;
        range_list_remove(&sync->list, range);
        break;
    }
    drop_passed(sync);
}

/* ---- what to do: whom to ask for what ---- */

/* The highest height that somebody says to have whom we may ask now or who owes us answers. */
static uint64_t highest_claim(const struct block_sync *sync, uint64_t now_ms)
{
    uint64_t highest = 0;
    for (unsigned i = 0; i < sync->peers_count; i++) {
        const struct block_peer *peer = &sync->peers[i];
        if (sync_peer_is_usable(&peer->state) && now_ms >= peer->state.resume_ms
            && peer->earliest <= sync->height + 1 && peer->final > highest)
            highest = peer->final;
    }
    return highest;
}

static bool must_run(const struct block_sync *sync, uint64_t now_ms)
{
    const uint64_t claim = highest_claim(sync, now_ms);
    const uint64_t ahead = claim > sync->height ? claim - sync->height : 0;
    if (sync->is_halted)
        return false;
    if (sync->has_target && now_ms >= sync->target_ms + BLOCK_SYNC_GRACE_MS)
        return true;
    return ahead > (sync->is_running ? 0 : BLOCK_SYNC_BEHIND);
}

static bool is_claimed(const struct block_peer *peer, uint64_t height)
{
    return peer->earliest <= height && height <= peer->final;
}

/* Who says so; and for the block that is next and must exist anybody, for he may have it without
 * having said so, and who says so may lie. */
static bool should_have(const struct block_sync *sync, unsigned peer, uint64_t height)
{
    const struct block_peer *of = &sync->peers[peer];
    return is_claimed(of, height)
           || (sync->has_target && height == sync->height + 1 && of->earliest <= height);
}

/* Whom to ask first: who says that he has it, then who owes fewer answers. */
static bool is_better(const struct block_sync *sync, unsigned peer, unsigned than, uint64_t height)
{
    const struct block_peer *one = &sync->peers[peer], *other = &sync->peers[than];
    if (is_claimed(one, height) != is_claimed(other, height))
        return is_claimed(one, height);
    return one->state.open < other->state.open;
}

/* NOBODY if none may be asked; those who were asked in this round only if it is over. */
static unsigned choose_peer(const struct block_sync *sync, const struct range *range,
                            bool is_new_round, uint64_t now_ms)
{
    unsigned best = NOBODY;
    for (unsigned i = 0; i < sync->peers_count; i++) {
        const unsigned peer = (unsigned)((range->first / SYNC_BLOCKS_MAX + i) % sync->peers_count);
        const struct sync_peer *state = &sync->peers[peer].state;
        if ((is_new_round || !sync_set_has(range->asked, peer))
            && sync_peer_may_be_asked(state, now_ms, BLOCK_SYNC_PEER_OPEN_MAX)
            && should_have(sync, peer, range->first)
            && (best == NOBODY || is_better(sync, peer, best, range->first)))
            best = peer;
    }
    return best;
}

/* Whether everybody who should have it was asked in this round, and somebody was. */
static bool round_is_over(const struct block_sync *sync, const struct range *range)
{
    bool any = false;
    for (unsigned i = 0; i < sync->peers_count; i++) {
        if (!sync_peer_is_usable(&sync->peers[i].state) || !should_have(sync, i, range->first))
            continue;
        if (!sync_set_has(range->asked, i))
            return false;
        any = true;
    }
    return any;
}

/* The list is full: the highest range above `first` gives way, so that the lowest goes on. */
static bool make_room(struct block_sync *sync, uint64_t first)
{
    for (size_t i = sync->list.count; i > 0; i--) {
        struct range *range = sync->list.ranges[i - 1];
        if (range->first <= first)
            return false;
        if (!range_is_busy(range)) {
            forget(sync, range);
            return true;
        }
    }
    return false;
}

/* Makes ranges of what nobody looks after, up to as many as may be under way. */
static void cover(struct block_sync *sync, uint64_t now_ms)
{
    uint64_t to = highest_claim(sync, now_ms), first, count;
    if (sync->has_target && to <= sync->height)
        to = sync->height + BLOCK_SYNC_BEHIND;
    if (to > sync->height + BLOCK_SYNC_AHEAD_MAX)
        to = sync->height + BLOCK_SYNC_AHEAD_MAX;
    while (range_list_gap(&sync->list, sync->height + 1, to, &first, &count)) {
        const bool is_next = first == sync->height + 1;
        const unsigned under_way = range_list_count(&sync->list, RANGE_WANTED)
                                   + range_list_count(&sync->list, RANGE_ASKED);
        const size_t bytes = sync->list.held_bytes + (under_way + 1) * sync->expected_bytes;
        if (!is_next && (under_way >= BLOCK_SYNC_OPEN_MAX || bytes > BLOCK_SYNC_HELD_MAX))
            return;
        if (sync->list.count == RANGES_MAX && !make_room(sync, first))
            return;
        range_list_insert(&sync->list, first, (unsigned)(count < sync->span ? count : sync->span));
    }
}

static bool ask(struct block_sync *sync, uint64_t now_ms, struct block_sync_action *action)
{
    const unsigned open = range_list_count(&sync->list, RANGE_ASKED);
    if (open >= BLOCK_SYNC_OPEN_MAX)
        return false;
    for (size_t i = 0; i < sync->list.count; i++) {
        struct range *range = sync->list.ranges[i];
        if (range->state != RANGE_WANTED || now_ms < range->due_ms
            || !has_room_for(sync, range, (open + 1) * sync->expected_bytes))
            continue;
        unsigned peer = choose_peer(sync, range, false, now_ms);
        if (peer == NOBODY && round_is_over(sync, range)) {
            peer = choose_peer(sync, range, true, now_ms);
            if (peer != NOBODY) /* until then a late answer is good */
                memset(range->asked, 0, sizeof range->asked);
        }
        if (peer == NOBODY)
            continue;
        const struct block_peer *of = &sync->peers[peer];
        if (is_claimed(of, range->first) && of->final - range->first < range->count)
            range->count = (unsigned)(of->final - range->first + 1);
        if (range->count > sync->span)
            range->count = sync->span;
        range_move(&sync->list, range, RANGE_ASKED);
        sync_set_add(range->asked, peer);
        range->peer = peer;
        range->asked_ms = now_ms;
        sync->peers[peer].state.open++;
        *action = (struct block_sync_action){
            .kind = BLOCK_SYNC_REQUEST, .peer = peer, .first = range->first, .count = range->count};
        return true;
    }
    return false;
}

/* ---- what to do: the rest ---- */

/* A peer that stalls is left with one strike, whatever it owes; the next requests are smaller. */
static void give_up_stalled(struct block_sync *sync, uint64_t now_ms)
{
    for (size_t i = 0; i < sync->list.count; i++) {
        struct range *range = sync->list.ranges[i];
        if (range->state != RANGE_ASKED)
            continue;
        struct sync_peer *peer = &sync->peers[range->peer].state;
        if (now_ms < sync_peer_due_ms(peer, range->asked_ms))
            continue;
        sync_peer_strike(peer, now_ms);
        leave_peer(sync, range->peer, false);
        if (sync->span > 1)
            sync->span /= 2;
    }
}

static bool tell_fault(struct block_sync *sync, struct block_sync_action *action)
{
    for (unsigned i = 0; i < sync->peers_count; i++)
        if (sync->peers[i].has_fault) {
            sync->peers[i].has_fault = false;
            *action = (struct block_sync_action){
                .kind = BLOCK_SYNC_FAULT, .peer = i, .fault = sync->peers[i].fault};
            return true;
        }
    return false;
}

static struct block_sync_action job_of(struct range *range, enum block_sync_action_kind kind)
{
    return (struct block_sync_action){.kind = kind,
                                      .peer = range->peer,
                                      .range = range->number,
                                      .first = range->first,
                                      .count = range->count,
                                      .answer = buffer_view(&range->answer)};
}

static bool import_next(struct block_sync *sync, struct block_sync_action *action)
{
    struct range *range = sync->list.count == 0 ? NULL : sync->list.ranges[0];
    if (range == NULL || sync->is_halted || range->state != RANGE_VERIFIED
        || range->first != sync->height + 1)
        return false;
    if (!hash256_equal(&range->parent, &sync->hash)) {
        *action = job_of(range, BLOCK_SYNC_DIVERGED);
        action->answer = (struct bytes){0};
        sync->is_halted = true;
        return true;
    }
    range_move(&sync->list, range, RANGE_IMPORTING);
    *action = job_of(range, BLOCK_SYNC_IMPORT);
    return true;
}

static bool verify_next(struct block_sync *sync, struct block_sync_action *action)
{
    if (sync->is_halted || range_list_count(&sync->list, RANGE_VERIFYING) >= BLOCK_SYNC_VERIFY_MAX)
        return false;
    for (size_t i = 0; i < sync->list.count; i++) {
        struct range *range = sync->list.ranges[i];
        if (range->state != RANGE_ARRIVED || (range->is_early && range->first != sync->height + 1))
            continue;
        range_move(&sync->list, range, RANGE_VERIFYING);
        range->was_next = range->first == sync->height + 1;
        *action = job_of(range, BLOCK_SYNC_VERIFY);
        return true;
    }
    return false;
}

bool block_sync_take(struct block_sync *sync, uint64_t now_ms, struct block_sync_action *action)
{
    sync->taken_ms = now_ms;
    give_up_stalled(sync, now_ms);
    if (sync->is_synced) {
        sync->is_synced = false;
        *action = (struct block_sync_action){
            .kind = BLOCK_SYNC_SYNCED, .first = sync->synced_height, .hash = sync->synced};
        return true;
    }
    if (tell_fault(sync, action) || import_next(sync, action) || verify_next(sync, action))
        return true;
    sync->is_running = must_run(sync, now_ms);
    if (!sync->is_running)
        return false;
    cover(sync, now_ms);
    return ask(sync, now_ms, action);
}

uint64_t block_sync_next_ms(const struct block_sync *sync)
{
    uint64_t next = NEVER;
    if (sync->is_halted)
        return NEVER;
    if (sync->has_target && !sync->is_running)
        next = sync_earlier_ms(next, sync->taken_ms, sync->target_ms + BLOCK_SYNC_GRACE_MS);
    for (size_t i = 0; i < sync->list.count; i++) {
        const struct range *range = sync->list.ranges[i];
        if (range->state == RANGE_ASKED)
            next =
                sync_earlier_ms(next, sync->taken_ms,
                                sync_peer_due_ms(&sync->peers[range->peer].state, range->asked_ms));
        if (range->state == RANGE_WANTED && sync->is_running)
            next = sync_earlier_ms(next, sync->taken_ms, range->due_ms);
    }
    for (unsigned i = 0; i < sync->peers_count; i++) {
        const struct block_peer *peer = &sync->peers[i];
        if (sync_peer_is_usable(&peer->state) && (sync->has_target || peer->final > sync->height))
            next = sync_earlier_ms(next, sync->taken_ms, peer->state.resume_ms);
    }
    return next;
}

bool block_sync_needs_checkpoint(const struct block_sync *sync)
{
    bool is_behind = false;
    for (unsigned i = 0; i < sync->peers_count; i++) {
        const struct block_peer *peer = &sync->peers[i];
        if (!sync_peer_is_usable(&peer->state) || peer->final <= sync->height)
            continue;
        if (peer->earliest <= sync->height + 1)
            return false;
        is_behind = true;
    }
    return is_behind;
}

uint64_t block_sync_height(const struct block_sync *sync)
{
    return sync->height;
}

uint64_t block_sync_claimed(const struct block_sync *sync)
{
    uint64_t claimed = sync->height;
    for (unsigned i = 0; i < sync->peers_count; i++)
        if (sync_peer_is_usable(&sync->peers[i].state) && sync->peers[i].final > claimed)
            claimed = sync->peers[i].final;
    return claimed;
}

bool block_sync_is_running(const struct block_sync *sync)
{
    return sync->is_running;
}

size_t block_sync_held_bytes(const struct block_sync *sync)
{
    return sync->list.held_bytes;
}

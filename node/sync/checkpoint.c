#include "node/sync/checkpoint.h"

#include <assert.h>
#include <stdlib.h>

#define NEVER  UINT64_MAX
#define NOBODY SYNC_PEERS_MAX

enum state { CHOOSING, LISTING, FETCHING, REBUILDING, DONE };

#define TO(state) (1U << (state))
static const unsigned allowed_moves[] = {
    [CHOOSING] = TO(LISTING),
    [LISTING] = TO(CHOOSING) | TO(FETCHING),
    [FETCHING] = TO(CHOOSING) | TO(REBUILDING),
    [REBUILDING] = TO(CHOOSING) | TO(DONE),
    [DONE] = 0,
};

struct checkpoint_peer {
    struct sync_peer state;
    bool is_member;
    bool has_fault; /* to be told */
    bool was_polled, owes_offers;
    uint64_t polled_ms;
    struct checkpoint_offers offers; /* without what it said that it does not have */
};

struct open_chunk {
    uint32_t index;
    unsigned peer;
    uint64_t asked_ms;
};

struct checkpoint_sync {
    uint64_t height_least;
    unsigned agree;
    uint64_t began_ms; /* choosing */
    enum state state;
    bool is_done_told;
    struct checkpoint_peer peers[SYNC_PEERS_MAX];

    struct checkpoint_offer taken; /* from LISTING on */
    unsigned lister;               /* who was asked for the manifest; NOBODY: nobody now */
    uint64_t listed_ms;
    hash256 rejected[CHECKPOINT_REJECTED_MAX];
    unsigned rejected_count;

    hash256 *chunks; /* of `taken`, in FETCHING and REBUILDING */
    uint8_t *held;   /* bit by index */
    uint32_t here;
    uint32_t next; /* no chunk below is missing and not asked for */
    struct open_chunk open[CHECKPOINT_OPEN_MAX];
    unsigned open_count;

    hash256 *stored; /* all that the caller has */
    size_t stored_count, stored_capacity;
    uint64_t taken_ms; /* of the last checkpoint_sync_take() */
};

static void move(struct checkpoint_sync *sync, enum state state)
{
    assert((allowed_moves[sync->state] & TO(state)) != 0);
    sync->state = state;
}

struct checkpoint_sync *checkpoint_sync_new(uint64_t height_least, unsigned agree, uint64_t now_ms)
{
    struct checkpoint_sync *sync = memory_new_zeroed(1, sizeof *sync);
    assert(agree >= 1);
    sync->height_least = height_least;
    sync->agree = agree;
    sync->began_ms = now_ms;
    sync->lister = NOBODY;
    return sync;
}

void checkpoint_sync_free(struct checkpoint_sync *sync)
{
    if (sync == NULL)
        return;
    free(sync->chunks);
    free(sync->held);
    free(sync->stored);
    free(sync);
}

/* ---- what is under way ---- */

static bool is_held(const struct checkpoint_sync *sync, uint32_t index)
{
    return sync->held[index / 8] >> (index % 8) & 1;
}

static void hold(struct checkpoint_sync *sync, uint32_t index)
{
    sync->held[index / 8] |= (uint8_t)(1U << (index % 8));
    sync->here++;
}

static void close_at(struct checkpoint_sync *sync, unsigned at)
{
    sync->peers[sync->open[at].peer].state.open--;
    if (!is_held(sync, sync->open[at].index) && sync->open[at].index < sync->next)
        sync->next = sync->open[at].index;
    sync->open[at] = sync->open[--sync->open_count];
}

static void close_lister(struct checkpoint_sync *sync)
{
    if (sync->lister != NOBODY)
        sync->peers[sync->lister].state.open--;
    sync->lister = NOBODY;
}

/* What the peer owes is asked of others. */
static void leave_peer(struct checkpoint_sync *sync, unsigned peer)
{
    if (sync->lister == peer)
        close_lister(sync);
    for (unsigned i = sync->open_count; i > 0; i--)
        if (sync->open[i - 1].peer == peer)
            close_at(sync, i - 1);
}

static void accuse(struct checkpoint_sync *sync, unsigned peer)
{
    struct checkpoint_peer *of = &sync->peers[peer];
    if (!sync_peer_is_usable(&of->state))
        return;
    leave_peer(sync, peer);
    of->state.is_liar = true;
    of->has_fault = true;
}

/* What was stored stays. */
static void choose_again(struct checkpoint_sync *sync, uint64_t now_ms)
{
    close_lister(sync);
    while (sync->open_count > 0)
        close_at(sync, sync->open_count - 1);
    free(sync->chunks);
    free(sync->held);
    sync->chunks = NULL;
    sync->held = NULL;
    sync->here = 0;
    sync->began_ms = now_ms;
    move(sync, CHOOSING);
}

/* ---- what members offer ---- */

static bool is_same(const struct checkpoint_offer *a, const struct checkpoint_offer *b)
{
    return a->height == b->height && hash256_equal(&a->block, &b->block)
           && hash256_equal(&a->manifest, &b->manifest) && a->manifest_size == b->manifest_size
           && a->chunks == b->chunks;
}

static bool offers(const struct checkpoint_peer *peer, const struct checkpoint_offer *offer)
{
    for (unsigned i = 0; i < peer->offers.count; i++)
        if (is_same(&peer->offers.offers[i], offer))
            return sync_peer_is_usable(&peer->state);
    return false;
}

static bool serves(const struct checkpoint_sync *sync, unsigned peer)
{
    return offers(&sync->peers[peer], &sync->taken);
}

static bool is_rejected(const struct checkpoint_sync *sync, const hash256 *manifest)
{
    for (unsigned i = 0; i < sync->rejected_count && i < CHECKPOINT_REJECTED_MAX; i++)
        if (hash256_equal(&sync->rejected[i], manifest))
            return true;
    return false;
}

static bool is_agreed(const struct checkpoint_sync *sync, const struct checkpoint_offer *offer)
{
    unsigned count = 0;
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++)
        count += sync->peers[i].is_member && offers(&sync->peers[i], offer);
    return count >= sync->agree;
}

/* The newest on which enough members agree. */
static bool find_agreed(const struct checkpoint_sync *sync, struct checkpoint_offer *best)
{
    bool found = false;
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++) {
        const struct checkpoint_offers *of = &sync->peers[i].offers;
        for (unsigned j = 0; j < of->count; j++) {
            const struct checkpoint_offer *offer = &of->offers[j];
            if (offer->height >= sync->height_least && (!found || offer->height > best->height)
                && !is_rejected(sync, &offer->manifest) && is_agreed(sync, offer)) {
                *best = *offer;
                found = true;
            }
        }
    }
    return found;
}

static bool somebody_may_still_say(const struct checkpoint_sync *sync)
{
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++)
        if (sync->peers[i].is_member && sync_peer_is_usable(&sync->peers[i].state)
            && (sync->peers[i].owes_offers || !sync->peers[i].was_polled))
            return true;
    return false;
}

static void choose(struct checkpoint_sync *sync, uint64_t now_ms)
{
    if ((somebody_may_still_say(sync) && now_ms < sync->began_ms + CHECKPOINT_CHOOSE_MS)
        || !find_agreed(sync, &sync->taken))
        return;
    sync->listed_ms = 0;
    move(sync, LISTING);
}

static bool anybody_serves(const struct checkpoint_sync *sync)
{
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++)
        if (serves(sync, i))
            return true;
    return false;
}

static void reject(struct checkpoint_sync *sync, uint64_t now_ms)
{
    sync->rejected[sync->rejected_count++ % CHECKPOINT_REJECTED_MAX] = sync->taken.manifest;
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++)
        if (offers(&sync->peers[i], &sync->taken))
            accuse(sync, i);
    choose_again(sync, now_ms);
}

/* ---- what happens ---- */

void checkpoint_sync_on_peer(struct checkpoint_sync *sync, unsigned peer, bool is_member)
{
    if (peer >= SYNC_PEERS_MAX || sync->peers[peer].state.is_up)
        return;
    sync_peer_connect(&sync->peers[peer].state);
    sync->peers[peer].is_member = is_member;
}

void checkpoint_sync_on_gone(struct checkpoint_sync *sync, unsigned peer)
{
    if (peer >= SYNC_PEERS_MAX)
        return;
    leave_peer(sync, peer);
    sync->peers[peer] = (struct checkpoint_peer){0};
}

void checkpoint_sync_on_offers(struct checkpoint_sync *sync, unsigned from,
                               const struct checkpoint_offers *offered, uint64_t now_ms)
{
    if (from >= SYNC_PEERS_MAX || !sync->peers[from].owes_offers
        || !sync_peer_is_usable(&sync->peers[from].state))
        return;
    struct checkpoint_peer *peer = &sync->peers[from];
    peer->owes_offers = false;
    peer->offers = *offered;
    peer->state.answered_ms = now_ms;
}

bool checkpoint_sync_wants(const struct checkpoint_sync *sync, unsigned from,
                           enum sync_message_kind kind, const struct chunk_answer *answer)
{
    if (from >= SYNC_PEERS_MAX || sync->state == CHOOSING || !serves(sync, from)
        || !hash256_equal(&answer->manifest, &sync->taken.manifest))
        return false;
    if (kind == SYNC_MANIFEST)
        return sync->state == LISTING
               && (answer->content.size == 0 || answer->content.size == sync->taken.manifest_size);
    return kind == SYNC_CHUNK && sync->state == FETCHING && answer->index < sync->taken.chunks
           && !is_held(sync, answer->index);
}

/* It offered this and does not have it now: it may have moved on, and says so when asked again. */
static void on_lack(struct checkpoint_sync *sync, unsigned from)
{
    struct checkpoint_offers *of = &sync->peers[from].offers;
    unsigned kept = 0;
    for (unsigned i = 0; i < of->count; i++)
        if (!is_same(&of->offers[i], &sync->taken))
            of->offers[kept++] = of->offers[i];
    of->count = kept;
    leave_peer(sync, from);
}

enum checkpoint_verdict checkpoint_sync_on_manifest(struct checkpoint_sync *sync, unsigned from,
                                                    const hash256 *manifest, const hash256 *hash,
                                                    uint64_t now_ms)
{
    const struct chunk_answer answer = {.manifest = *manifest};
    if (!checkpoint_sync_wants(sync, from, SYNC_MANIFEST, &answer))
        return CHECKPOINT_UNWANTED;
    sync->peers[from].state.answered_ms = now_ms;
    if (hash == NULL) {
        on_lack(sync, from);
        return CHECKPOINT_UNWANTED;
    }
    if (!hash256_equal(hash, &sync->taken.manifest)) {
        accuse(sync, from);
        return CHECKPOINT_WRONG;
    }
    sync_peer_praise(&sync->peers[from].state);
    close_lister(sync);
    sync->listed_ms = NEVER; /* it is here: nobody is asked while it is decoded */
    return CHECKPOINT_TAKE;
}

static int compare_hashes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(hash256));
}

/* Marks what is stored already, and forgets what is stored and not in this manifest. */
static void hold_stored(struct checkpoint_sync *sync)
{
    hash256 *kept = memory_new(sync->taken.chunks * sizeof *kept);
    size_t kept_count = 0;
    if (sync->stored_count > 0)
        qsort(sync->stored, sync->stored_count, sizeof *sync->stored, compare_hashes);
    for (uint32_t i = 0; i < sync->taken.chunks; i++)
        if (sync->stored_count > 0
            && bsearch(&sync->chunks[i], sync->stored, sync->stored_count, sizeof *sync->stored,
                       compare_hashes)
                   != NULL) {
            hold(sync, i);
            kept[kept_count++] = sync->chunks[i];
        }
    free(sync->stored);
    sync->stored = kept;
    sync->stored_count = kept_count;
    sync->stored_capacity = sync->taken.chunks;
}

void checkpoint_sync_on_entries(struct checkpoint_sync *sync, const hash256 *chunks, size_t count,
                                uint64_t now_ms)
{
    if (sync->state != LISTING || sync->listed_ms != NEVER)
        return; /* given up in the meantime */
    sync->listed_ms = 0;
    if (chunks == NULL || count != sync->taken.chunks) {
        reject(sync, now_ms);
        return;
    }
    sync->chunks = memory_new(count * sizeof *chunks);
    memcpy(sync->chunks, chunks, count * sizeof *chunks);
    sync->held = memory_new_zeroed((count + 7) / 8, 1);
    sync->here = 0;
    sync->next = 0;
    hold_stored(sync);
    move(sync, FETCHING);
}

void checkpoint_sync_on_stored(struct checkpoint_sync *sync, const hash256 *chunk)
{
    if (sync->stored_count == sync->stored_capacity) {
        sync->stored_capacity = sync->stored_capacity == 0 ? 64 : 2 * sync->stored_capacity;
        sync->stored = memory_resize(sync->stored, sync->stored_capacity * sizeof *sync->stored);
    }
    sync->stored[sync->stored_count++] = *chunk;
}

enum checkpoint_verdict checkpoint_sync_on_chunk(struct checkpoint_sync *sync, unsigned from,
                                                 const struct chunk_answer *chunk,
                                                 const hash256 *hash, uint64_t now_ms)
{
    if (!checkpoint_sync_wants(sync, from, SYNC_CHUNK, chunk))
        return CHECKPOINT_UNWANTED;
    sync->peers[from].state.answered_ms = now_ms;
    if (hash == NULL) {
        on_lack(sync, from);
        return CHECKPOINT_UNWANTED;
    }
    if (!hash256_equal(hash, &sync->chunks[chunk->index])) {
        accuse(sync, from);
        return CHECKPOINT_WRONG;
    }
    sync_peer_praise(&sync->peers[from].state);
    hold(sync, chunk->index);
    checkpoint_sync_on_stored(sync, hash);
    for (unsigned i = sync->open_count; i > 0; i--) /* also when another is asked by now */
        if (sync->open[i - 1].index == chunk->index)
            close_at(sync, i - 1);
    return CHECKPOINT_TAKE;
}

void checkpoint_sync_on_rebuilt(struct checkpoint_sync *sync, bool is_good, uint64_t now_ms)
{
    assert(sync->state == REBUILDING);
    if (is_good)
        move(sync, DONE);
    else
        reject(sync, now_ms);
}

/* ---- what to do ---- */

/* When the first of what the peer owes is given up; NEVER: it owes nothing. */
static uint64_t due_ms(const struct checkpoint_sync *sync, unsigned peer)
{
    const struct sync_peer *state = &sync->peers[peer].state;
    uint64_t due = sync->lister == peer ? sync_peer_due_ms(state, sync->listed_ms) : NEVER;
    for (unsigned i = 0; i < sync->open_count && state->open > 0; i++) {
        if (sync->open[i].peer != peer)
            continue;
        const uint64_t at = sync_peer_due_ms(state, sync->open[i].asked_ms);
        due = at < due ? at : due;
    }
    return due;
}

static void give_up_stalled(struct checkpoint_sync *sync, uint64_t now_ms)
{
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++) {
        struct checkpoint_peer *peer = &sync->peers[i];
        if (peer->owes_offers && now_ms >= peer->polled_ms + SYNC_STALL_MS)
            peer->owes_offers = false;
        if (now_ms >= due_ms(sync, i)) {
            sync_peer_strike(&peer->state, now_ms);
            leave_peer(sync, i);
        }
    }
}

static bool tell_fault(struct checkpoint_sync *sync, struct checkpoint_action *action)
{
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++)
        if (sync->peers[i].has_fault) {
            sync->peers[i].has_fault = false;
            *action = (struct checkpoint_action){
                .kind = CHECKPOINT_FAULT, .peer = i, .fault = SYNC_FAULT_BAD_CONTENT};
            return true;
        }
    return false;
}

/* When the peer is to be asked what it serves; NEVER while it owes that. */
static uint64_t poll_ms(const struct checkpoint_peer *peer)
{
    if (!sync_peer_is_usable(&peer->state) || peer->owes_offers)
        return NEVER;
    return peer->was_polled ? peer->polled_ms + CHECKPOINT_POLL_MS : 0;
}

static bool poll(struct checkpoint_sync *sync, uint64_t now_ms, struct checkpoint_action *action)
{
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++) {
        struct checkpoint_peer *peer = &sync->peers[i];
        if (now_ms < poll_ms(peer))
            continue;
        peer->was_polled = peer->owes_offers = true;
        peer->polled_ms = now_ms;
        *action = (struct checkpoint_action){.kind = CHECKPOINT_ASK_OFFERS, .peer = i};
        return true;
    }
    return false;
}

static unsigned choose_peer(const struct checkpoint_sync *sync, uint64_t now_ms)
{
    unsigned best = NOBODY;
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++) {
        const struct sync_peer *state = &sync->peers[i].state;
        if (sync_peer_may_be_asked(state, now_ms, CHECKPOINT_PEER_OPEN_MAX) && serves(sync, i)
            && (best == NOBODY || state->open < sync->peers[best].state.open))
            best = i;
    }
    return best;
}

static bool ask_manifest(struct checkpoint_sync *sync, uint64_t now_ms,
                         struct checkpoint_action *action)
{
    if (sync->lister != NOBODY || sync->listed_ms == NEVER)
        return false;
    const unsigned peer = choose_peer(sync, now_ms);
    if (peer == NOBODY)
        return false;
    sync->lister = peer;
    sync->listed_ms = now_ms;
    sync->peers[peer].state.open++;
    *action = (struct checkpoint_action){
        .kind = CHECKPOINT_ASK_MANIFEST, .peer = peer, .offer = sync->taken};
    return true;
}

static bool is_open(const struct checkpoint_sync *sync, uint32_t index)
{
    for (unsigned i = 0; i < sync->open_count; i++)
        if (sync->open[i].index == index)
            return true;
    return false;
}

static bool ask_chunk(struct checkpoint_sync *sync, uint64_t now_ms,
                      struct checkpoint_action *action)
{
    while (sync->next < sync->taken.chunks
           && (is_held(sync, sync->next) || is_open(sync, sync->next)))
        sync->next++;
    if (sync->next == sync->taken.chunks || sync->open_count == CHECKPOINT_OPEN_MAX)
        return false;
    const unsigned peer = choose_peer(sync, now_ms);
    if (peer == NOBODY)
        return false;
    sync->open[sync->open_count++] = (struct open_chunk){sync->next, peer, now_ms};
    sync->peers[peer].state.open++;
    *action = (struct checkpoint_action){
        .kind = CHECKPOINT_ASK_CHUNK, .peer = peer, .offer = sync->taken, .index = sync->next++};
    return true;
}

bool checkpoint_sync_take(struct checkpoint_sync *sync, uint64_t now_ms,
                          struct checkpoint_action *action)
{
    sync->taken_ms = now_ms;
    give_up_stalled(sync, now_ms);
    if (tell_fault(sync, action))
        return true;
    if (sync->state < REBUILDING && poll(sync, now_ms, action))
        return true;
    if ((sync->state == LISTING || sync->state == FETCHING) && !anybody_serves(sync)
        && sync->listed_ms != NEVER && sync->here < sync->taken.chunks)
        choose_again(sync, now_ms);
    if (sync->state == CHOOSING)
        choose(sync, now_ms);
    if (sync->state == FETCHING && sync->here == sync->taken.chunks) {
        move(sync, REBUILDING);
        *action = (struct checkpoint_action){.kind = CHECKPOINT_REBUILD, .offer = sync->taken};
        return true;
    }
    if (sync->state == DONE && !sync->is_done_told) {
        sync->is_done_told = true;
        *action = (struct checkpoint_action){.kind = CHECKPOINT_DONE, .offer = sync->taken};
        return true;
    }
    if (sync->state == LISTING)
        return ask_manifest(sync, now_ms, action);
    return sync->state == FETCHING && ask_chunk(sync, now_ms, action);
}

uint64_t checkpoint_sync_next_ms(const struct checkpoint_sync *sync)
{
    uint64_t next = NEVER;
    if (sync->state >= REBUILDING)
        return NEVER;
    if (sync->state == CHOOSING)
        next = sync_earlier_ms(next, sync->taken_ms, sync->began_ms + CHECKPOINT_CHOOSE_MS);
    for (unsigned i = 0; i < SYNC_PEERS_MAX; i++) {
        const struct checkpoint_peer *peer = &sync->peers[i];
        if (!sync_peer_is_usable(&peer->state))
            continue;
        next = sync_earlier_ms(next, sync->taken_ms, due_ms(sync, i));
        next = sync_earlier_ms(next, sync->taken_ms, poll_ms(peer));
        next = sync_earlier_ms(next, sync->taken_ms, peer->state.resume_ms);
        if (peer->owes_offers)
            next = sync_earlier_ms(next, sync->taken_ms, peer->polled_ms + SYNC_STALL_MS);
    }
    return next;
}

void checkpoint_sync_progress(const struct checkpoint_sync *sync, uint32_t *here, uint32_t *total)
{
    const bool is_listed = sync->chunks != NULL;
    *here = is_listed ? sync->here : 0;
    *total = is_listed ? sync->taken.chunks : 0;
}

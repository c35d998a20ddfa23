#include "node/consensus/resolver.h"

#include <assert.h>
#include <stdlib.h>

#define NEVER          UINT64_MAX
#define NOBODY         UINT32_MAX
#define TIMEOUT_DELAYS 3     /* 2.7b: 3D */
#define PAUSE_MOST_MS  10000 /* between two rounds through all peers */
#define PAUSE_GROWTH   8     /* doublings */

typedef uint8_t member_set[(COMMITTEE_SIZE_MAX + 7) / 8];

struct request {
    bool is_block;
    hash256 block;
    uint64_t view; /* a block's: the highest that named it */
    uint8_t kinds;
    unsigned first; /* asked first; NOBODY: no one */
    member_set signers;
    member_set asked;  /* in this round */
    unsigned rounds;   /* through all peers, without an answer */
    unsigned peer;     /* in flight there; NOBODY: waiting */
    uint64_t due_ms;   /* in flight: when it is given up; waiting: not before */
    uint64_t sequence; /* who waits longest goes first */
};

struct resolver {
    uint64_t epoch;
    unsigned members, own_index;
    uint64_t delay_ms;
    member_set is_up;
    unsigned open[COMMITTEE_SIZE_MAX];   /* in flight at each */
    unsigned blocks[COMMITTEE_SIZE_MAX]; /* of them blocks */
    struct request *requests;
    size_t count, capacity;
    size_t open_count;
    uint64_t sequence;
    uint64_t taken_ms; /* the time of the last resolver_take() */
};

static bool set_has(const member_set set, unsigned member)
{
    return set[member / 8] >> (member % 8) & 1;
}

static void set_add(member_set set, unsigned member)
{
    set[member / 8] |= (uint8_t)(1U << (member % 8));
}

static void set_drop(member_set set, unsigned member)
{
    set[member / 8] &= (uint8_t) ~(1U << (member % 8));
}

struct resolver *resolver_new(uint64_t epoch, unsigned members, unsigned own_index,
                              uint64_t delay_ms)
{
    struct resolver *resolver = memory_new_zeroed(1, sizeof *resolver);
    assert(members >= 1 && members <= COMMITTEE_SIZE_MAX);
    resolver->epoch = epoch;
    resolver->members = members;
    resolver->own_index = own_index;
    resolver->delay_ms = delay_ms;
    return resolver;
}

void resolver_free(struct resolver *resolver)
{
    if (resolver == NULL)
        return;
    free(resolver->requests);
    free(resolver);
}

void resolver_set_delay(struct resolver *resolver, uint64_t delay_ms)
{
    resolver->delay_ms = delay_ms;
}

/* ---- one request ---- */

static void land(struct resolver *resolver, struct request *request)
{
    if (request->peer == NOBODY)
        return;
    resolver->open[request->peer]--;
    resolver->blocks[request->peer] -= request->is_block;
    resolver->open_count--;
    request->peer = NOBODY;
}

/* Back to those that wait, behind them. */
static void try_next(struct resolver *resolver, struct request *request, uint64_t now_ms)
{
    land(resolver, request);
    request->due_ms = now_ms;
    request->sequence = resolver->sequence++;
}

static void remove_at(struct resolver *resolver, size_t index)
{
    land(resolver, &resolver->requests[index]);
    resolver->requests[index] = resolver->requests[--resolver->count];
}

/* Whether the peer may be asked this now: connected, not asked in this round, not busy. */
static bool may_ask(const struct resolver *resolver, const struct request *request, unsigned peer)
{
    return peer < resolver->members && peer != resolver->own_index && set_has(resolver->is_up, peer)
           && !set_has(request->asked, peer)
           && (!request->is_block || resolver->blocks[peer] < RESOLVER_BLOCKS_MAX);
}

/* The least busy of the signers, or of all; NOBODY if none may be asked. */
static unsigned least_busy(const struct resolver *resolver, const struct request *request,
                           bool only_signers)
{
    unsigned best = NOBODY;
    for (unsigned i = 0; i < resolver->members; i++) {
        const unsigned peer = (unsigned)((request->view + i) % resolver->members);
        if (may_ask(resolver, request, peer) && (!only_signers || set_has(request->signers, peer))
            && (best == NOBODY || resolver->open[peer] < resolver->open[best]))
            best = peer;
    }
    return best;
}

static unsigned choose_peer(const struct resolver *resolver, const struct request *request)
{
    if (may_ask(resolver, request, request->first))
        return request->first;
    const unsigned signer = least_busy(resolver, request, true);
    return signer != NOBODY ? signer : least_busy(resolver, request, false);
}

/* Whether everybody who is connected was asked in this round, and somebody was. */
static bool round_is_over(const struct resolver *resolver, const struct request *request)
{
    bool any = false;
    for (unsigned peer = 0; peer < resolver->members; peer++) {
        if (!set_has(resolver->is_up, peer) || peer == resolver->own_index)
            continue;
        if (!set_has(request->asked, peer))
            return false;
        any = true;
    }
    return any;
}

static void start_round(const struct resolver *resolver, struct request *request, uint64_t now_ms)
{
    uint64_t pause = TIMEOUT_DELAYS * resolver->delay_ms;
    for (unsigned i = 0; i < request->rounds && i < PAUSE_GROWTH; i++)
        pause *= 2;
    request->rounds++;
    request->due_ms = now_ms + (pause < PAUSE_MOST_MS ? pause : PAUSE_MOST_MS);
    memset(request->asked, 0, sizeof request->asked);
}

/* ---- what happens ---- */

void resolver_on_peer(struct resolver *resolver, unsigned member, bool is_up, uint64_t now_ms)
{
    if (member >= resolver->members || set_has(resolver->is_up, member) == is_up)
        return;
    if (is_up)
        set_add(resolver->is_up, member);
    else
        set_drop(resolver->is_up, member);
    for (size_t i = 0; i < resolver->count; i++) {
        struct request *request = &resolver->requests[i];
        if (!is_up && request->peer == member)
            try_next(resolver, request, now_ms);
        if (is_up) {
            set_drop(request->asked, member);
            if (request->peer == NOBODY)
                request->due_ms = now_ms;
        }
    }
}

static bool is_same(const struct request *request, const struct simplex_action *want)
{
    if (request->is_block)
        return want->kind == SIMPLEX_WANT_BLOCK && hash256_equal(&request->block, &want->block);
    return want->kind == SIMPLEX_WANT_CERTIFICATE && request->view == want->view
           && request->kinds == want->kinds;
}

static void learn(struct request *request, const struct simplex_action *want)
{
    if (want->to != SIMPLEX_ALL)
        request->first = want->to;
    for (size_t i = 0; i < sizeof request->signers; i++)
        request->signers[i] |= want->signers[i];
    if (want->view > request->view)
        request->view = want->view;
}

bool resolver_want(struct resolver *resolver, const struct simplex_action *want, uint64_t now_ms)
{
    assert(want->kind == SIMPLEX_WANT_BLOCK || want->kind == SIMPLEX_WANT_CERTIFICATE);
    for (size_t i = 0; i < resolver->count; i++)
        if (is_same(&resolver->requests[i], want)) {
            learn(&resolver->requests[i], want);
            return true;
        }
    if (resolver->count == RESOLVER_REQUESTS_MAX)
        return false;
    if (resolver->count == resolver->capacity) {
        resolver->capacity = resolver->capacity == 0 ? 16 : 2 * resolver->capacity;
        resolver->requests =
            memory_resize(resolver->requests, resolver->capacity * sizeof *resolver->requests);
    }
    struct request *request = &resolver->requests[resolver->count++];
    *request = (struct request){.is_block = want->kind == SIMPLEX_WANT_BLOCK,
                                .block = want->block,
                                .view = want->view,
                                .kinds = want->kinds,
                                .first = NOBODY,
                                .peer = NOBODY,
                                .due_ms = now_ms,
                                .sequence = resolver->sequence++};
    learn(request, want);
    return true;
}

void resolver_on_certificate(struct resolver *resolver, unsigned from, enum consensus_message kind,
                             uint64_t view, uint64_t now_ms)
{
    for (size_t i = resolver->count; i > 0; i--) {
        struct request *request = &resolver->requests[i - 1];
        if (request->is_block || request->view > view
            || (kind != MESSAGE_FINALIZE && request->view != view))
            continue;
        if (kind == MESSAGE_FINALIZE || (request->kinds & CERTIFICATE_KIND_BIT(kind)) != 0)
            remove_at(resolver, i - 1);
        else if (request->peer == from)
            try_next(resolver, request, now_ms);
    }
}

static struct request *find_block(struct resolver *resolver, const hash256 *block)
{
    for (size_t i = 0; i < resolver->count; i++)
        if (resolver->requests[i].is_block && hash256_equal(&resolver->requests[i].block, block))
            return &resolver->requests[i];
    return NULL;
}

void resolver_on_block(struct resolver *resolver, const hash256 *block)
{
    const struct request *request = find_block(resolver, block);
    if (request != NULL)
        remove_at(resolver, (size_t)(request - resolver->requests));
}

void resolver_on_bad_block(struct resolver *resolver, unsigned from, const hash256 *block,
                           uint64_t now_ms)
{
    struct request *request = find_block(resolver, block);
    if (request == NULL)
        return;
    if (from < resolver->members)
        set_add(request->asked, from);
    if (request->peer == from)
        try_next(resolver, request, now_ms);
}

void resolver_on_final(struct resolver *resolver, uint64_t view)
{
    for (size_t i = resolver->count; i > 0; i--)
        if (resolver->requests[i - 1].view <= view)
            remove_at(resolver, i - 1);
}

/* ---- what to send ---- */

static void give_up_overdue(struct resolver *resolver, uint64_t now_ms)
{
    for (size_t i = 0; i < resolver->count; i++)
        if (resolver->requests[i].peer != NOBODY && now_ms >= resolver->requests[i].due_ms)
            try_next(resolver, &resolver->requests[i], now_ms);
}

/* The request that has waited longest and whose `*peer` may be asked; NULL if none. */
static struct request *choose(struct resolver *resolver, uint64_t now_ms, unsigned *peer)
{
    struct request *best = NULL;
    for (size_t i = 0; i < resolver->count; i++) {
        struct request *request = &resolver->requests[i];
        if (request->peer != NOBODY || now_ms < request->due_ms
            || (best != NULL && request->sequence > best->sequence))
            continue;
        const unsigned candidate = choose_peer(resolver, request);
        if (candidate != NOBODY) {
            best = request;
            *peer = candidate;
        } else if (round_is_over(resolver, request)) {
            start_round(resolver, request, now_ms);
        }
    }
    return best;
}

bool resolver_take(struct resolver *resolver, uint64_t now_ms, struct resolver_request *out)
{
    unsigned peer;
    resolver->taken_ms = now_ms;
    give_up_overdue(resolver, now_ms);
    if (resolver->open_count == RESOLVER_OPEN_MAX)
        return false;
    struct request *request = choose(resolver, now_ms, &peer);
    if (request == NULL)
        return false;
    set_add(request->asked, peer);
    request->peer = peer;
    request->due_ms = now_ms + TIMEOUT_DELAYS * resolver->delay_ms;
    resolver->open[peer]++;
    resolver->blocks[peer] += request->is_block;
    resolver->open_count++;
    *out = (struct resolver_request){
        .to = peer,
        .is_block = request->is_block,
        .block = request->block,
        .certificate = {resolver->epoch, request->view, request->kinds},
    };
    return true;
}

/* What waits and was due at the last resolver_take() waits for an event: a peer, or one in flight
 * that lands. */
uint64_t resolver_next_ms(const struct resolver *resolver)
{
    uint64_t next = NEVER;
    for (size_t i = 0; i < resolver->count; i++) {
        const uint64_t due_ms = resolver->requests[i].due_ms;
        if (due_ms > resolver->taken_ms && due_ms < next)
            next = due_ms;
    }
    return next;
}

size_t resolver_open_count(const struct resolver *resolver)
{
    return resolver->open_count;
}

size_t resolver_waiting_count(const struct resolver *resolver)
{
    return resolver->count - resolver->open_count;
}

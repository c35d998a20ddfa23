#include "node/consensus/simplex.h"

#include <assert.h>
#include <stdlib.h>

#include "ledger/chain/leader.h"
#include "node/consensus/round.h"
#include "node/consensus/rule.h"

#define VIEWS_AHEAD    2   /* consensus 2.13: votes up to two views above ours */
#define TIMEOUT_LEAST  200 /* 2.5, milliseconds */
#define TIMEOUT_MOST   60000
#define TIMEOUT_GROWTH 8 /* 2.5: x 1.5 up to eight times */
#define RETRY_LEAST    1000
#define DELAY_MS       100 /* one-way delay between members, until it is measured */
#define EMPTY_WAIT_MS  10
#define NEVER          UINT64_MAX

enum verdict { VERDICT_UNKNOWN, VERDICT_VALID, VERDICT_INVALID };

struct block {
    struct simplex_block info;
    bool has_info;
    bool was_wanted;
    enum verdict verdict;
};

struct timers {
    uint64_t slot, leader, advance, retry;
};

struct simplex {
    struct simplex_config config;
    unsigned leaders[COMMITTEE_SIZE_MAX]; /* by view modulo members */

    uint64_t view;
    uint64_t final_view;
    struct simplex_block final; /* its info, as far as known: hash and height always */
    bool has_final_certificate;
    struct certificate final_certificate;
    bool has_pending_final; /* final, but not all blocks up to it are valid here */
    struct certificate pending_final;

    struct round **rounds; /* above the final view, in increasing order */
    size_t rounds_count, rounds_capacity;
    struct block *blocks;
    size_t blocks_count, blocks_capacity;

    bool is_started;
    bool is_halted;
    bool is_sealed;
    bool has_work;
    uint64_t silent_until;
    unsigned timeouts; /* k: views timed out since the last finalization */
    struct timers timers;
    uint64_t notarized_ms;                  /* when we last entered a view by a notarization */
    uint64_t helped_ms[COMMITTEE_SIZE_MAX]; /* when each member was last sent what it lacked */
};

void simplex_queue_cleanup(struct simplex_queue *queue)
{
    free(queue->actions);
    arena_cleanup(&queue->memory);
    *queue = (struct simplex_queue){0};
}

void simplex_queue_clear(struct simplex_queue *queue)
{
    queue->count = 0;
    arena_reset(&queue->memory);
}

static struct simplex_action *append(struct simplex_queue *out, enum simplex_action_kind kind)
{
    if (out->count == out->capacity) {
        out->capacity = out->capacity == 0 ? 16 : 2 * out->capacity;
        out->actions = memory_resize(out->actions, out->capacity * sizeof *out->actions);
    }
    out->actions[out->count] = (struct simplex_action){.kind = kind};
    return &out->actions[out->count++];
}

static void put_certificate(struct simplex_action *action, const struct certificate *certificate,
                            struct simplex_queue *out)
{
    action->message.kind = PEER_CERTIFICATE;
    action->message.certificate = *certificate;
    action->message.certificate.signatures =
        arena_array(&out->memory, certificate->signatures_count, sizeof *certificate->signatures);
    memcpy(action->message.certificate.signatures, certificate->signatures,
           certificate->signatures_count * sizeof *certificate->signatures);
}

/* ---- Views and blocks ---------------------------------------------------------------------- */

static size_t round_place(const struct simplex *s, uint64_t view)
{
    size_t low = 0, high = s->rounds_count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (s->rounds[middle]->view < view)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct round *find_round(const struct simplex *s, uint64_t view)
{
    const size_t at = round_place(s, view);
    return at < s->rounds_count && s->rounds[at]->view == view ? s->rounds[at] : NULL;
}

static struct round *need_round(struct simplex *s, uint64_t view)
{
    const size_t at = round_place(s, view);
    if (at < s->rounds_count && s->rounds[at]->view == view)
        return s->rounds[at];
    if (s->rounds_count == s->rounds_capacity) {
        s->rounds_capacity = s->rounds_capacity == 0 ? 8 : 2 * s->rounds_capacity;
        s->rounds = memory_resize(s->rounds, s->rounds_capacity * sizeof *s->rounds);
    }
    memmove(&s->rounds[at + 1], &s->rounds[at], (s->rounds_count - at) * sizeof *s->rounds);
    s->rounds_count++;
    return s->rounds[at] = round_new(view);
}

static const struct certificate *certificate_of(const struct simplex *s, uint64_t view,
                                                enum consensus_message kind)
{
    const struct round *round = find_round(s, view);
    return round == NULL ? NULL : round_certificate(round, kind);
}

static struct block *find_block(struct simplex *s, const hash256 *hash)
{
    for (size_t i = 0; i < s->blocks_count; i++)
        if (hash256_equal(&s->blocks[i].info.hash, hash))
            return &s->blocks[i];
    return NULL;
}

static struct block *need_block(struct simplex *s, const hash256 *hash)
{
    struct block *found = find_block(s, hash);
    if (found != NULL)
        return found;
    if (s->blocks_count == s->blocks_capacity) {
        s->blocks_capacity = s->blocks_capacity == 0 ? 8 : 2 * s->blocks_capacity;
        s->blocks = memory_resize(s->blocks, s->blocks_capacity * sizeof *s->blocks);
    }
    s->blocks[s->blocks_count] = (struct block){.info.hash = *hash};
    return &s->blocks[s->blocks_count++];
}

static bool is_final_block(const struct simplex *s, const hash256 *hash)
{
    return hash256_equal(&s->final.hash, hash);
}

static enum verdict verdict_of(struct simplex *s, const hash256 *hash)
{
    if (is_final_block(s, hash))
        return VERDICT_VALID;
    const struct block *block = find_block(s, hash);
    return block == NULL ? VERDICT_UNKNOWN : block->verdict;
}

/* NULL while the header is not here. */
static const struct simplex_block *info_of(struct simplex *s, const hash256 *hash)
{
    if (is_final_block(s, hash))
        return &s->final;
    const struct block *block = find_block(s, hash);
    return block != NULL && block->has_info ? &block->info : NULL;
}

static void want_block(struct simplex *s, const hash256 *hash, struct simplex_queue *out)
{
    if (is_final_block(s, hash))
        return;
    struct block *block = need_block(s, hash);
    if (block->was_wanted || block->has_info)
        return;
    block->was_wanted = true;
    append(out, SIMPLEX_WANT_BLOCK)->block = *hash;
}

static unsigned leader_of(const struct simplex *s, uint64_t view)
{
    return s->leaders[view % s->config.thresholds.members];
}

static bool is_member(const struct simplex *s)
{
    return s->config.own_index < s->config.thresholds.members;
}

/* ---- What is sent -------------------------------------------------------------------------- */

static void send_certificate(const struct certificate *certificate, uint32_t to,
                             struct simplex_queue *out)
{
    struct simplex_action *send = append(out, SIMPLEX_SEND);
    send->to = to;
    put_certificate(send, certificate, out);
}

static void send_vote(const struct vote *vote, uint32_t to, struct simplex_queue *out)
{
    struct simplex_action *send = append(out, SIMPLEX_SEND);
    send->to = to;
    send->message.kind = PEER_VOTE;
    send->message.vote = *vote;
}

/* What led into the current view: any certificate of the one before. */
static const struct certificate *entry_certificate(const struct simplex *s)
{
    const uint64_t before = s->view - 1;
    if (before == s->final_view)
        return s->has_final_certificate ? &s->final_certificate : NULL;
    const struct round *round = find_round(s, before);
    const struct certificate *with_block = round == NULL ? NULL : round_block_certificate(round);
    return with_block != NULL ? with_block : certificate_of(s, before, MESSAGE_NULLIFY);
}

static void ask(struct simplex *s, uint64_t view, uint32_t to, uint64_t now_ms,
                struct simplex_queue *out)
{
    struct round *round = need_round(s, view);
    if (round->was_asked && now_ms < round->asked_ms + RETRY_LEAST)
        return;
    round->was_asked = true;
    round->asked_ms = now_ms;
    struct simplex_action *send = append(out, SIMPLEX_SEND);
    send->to = to;
    send->message.kind = PEER_GET_CERTIFICATE;
    send->message.get_certificate =
        (struct certificate_request){s->config.epoch, view, CERTIFICATE_KINDS_ALL};
}

/* ---- Timers (2.5) -------------------------------------------------------------------------- */

static uint64_t grown(const struct simplex *s, uint64_t timeout_ms)
{
    for (unsigned i = 0; i < s->timeouts && i < TIMEOUT_GROWTH; i++)
        timeout_ms += timeout_ms / 2;
    if (timeout_ms < TIMEOUT_LEAST)
        return TIMEOUT_LEAST;
    return timeout_ms > TIMEOUT_MOST ? TIMEOUT_MOST : timeout_ms;
}

static uint64_t slot_ms(const struct simplex *s)
{
    const uint64_t pulse = s->config.pulse_ms > 0 ? s->config.pulse_ms : EMPTY_WAIT_MS;
    return s->notarized_ms + pulse;
}

/* t_leader counts from the slot, so that waiting for it is no fault of the leader. */
static void arm(struct simplex *s, uint64_t now_ms)
{
    struct round *round = need_round(s, s->view);
    if (round->is_armed || s->is_sealed)
        return;
    round->is_armed = true;
    const uint64_t slot = slot_ms(s) > now_ms ? slot_ms(s) - now_ms : 0;
    const uint64_t wait = slot > 2 * DELAY_MS ? slot : 2 * DELAY_MS;
    const uint64_t leader = grown(s, wait + 2 * DELAY_MS + s->config.execution_ms);
    const uint64_t advance = leader + grown(s, 2 * DELAY_MS + s->config.execution_ms);
    s->timers.leader = now_ms + leader;
    s->timers.advance = now_ms + advance;
    s->timers.retry = now_ms + (advance / 2 > RETRY_LEAST ? advance / 2 : RETRY_LEAST);
}

static void disarm(struct simplex *s)
{
    struct round *round = find_round(s, s->view);
    s->timers = (struct timers){NEVER, NEVER, NEVER, NEVER};
    if (round != NULL)
        round->is_armed = false;
}

/* The highest view with a certified block, F counting. */
static uint64_t tip_view(const struct simplex *s)
{
    for (size_t i = s->rounds_count; i > 0; i--)
        if (round_block_certificate(s->rounds[i - 1]) != NULL)
            return s->rounds[i - 1]->view;
    return s->final_view;
}

/* 2.8: something new to include, or a tip that is notarized and not final. */
static bool work_pending(const struct simplex *s)
{
    return !s->is_sealed && (s->has_work || tip_view(s) > s->final_view);
}

/* ---- Votes --------------------------------------------------------------------------------- */

static void receive_vote(struct simplex *s, const struct vote *vote, uint64_t now_ms,
                         struct simplex_queue *out);
static void receive_certificate(struct simplex *s, struct certificate certificate, uint64_t now_ms,
                                struct simplex_queue *out);
static void try_propose(struct simplex *s, uint64_t now_ms, struct simplex_queue *out);
static void consider(struct simplex *s, struct round *round, uint64_t now_ms,
                     struct simplex_queue *out);

/* Whether any vote or proposal may be made in the view (R0, 2.9). */
static bool may_speak(const struct simplex *s, uint64_t view)
{
    return s->is_started && !s->is_halted && !s->is_sealed && is_member(s) && view > s->silent_until
           && (view > s->final_view || !RULE_R0_NOTHING_FINAL);
}

/* The only place where a vote is promised. */
static void cast(struct simplex *s, struct round *round, enum consensus_message kind,
                 const hash256 *proposal, uint64_t now_ms, struct simplex_queue *out)
{
    struct own_vote *own = &round->own[KIND_INDEX(kind)];
    if (!may_speak(s, round->view))
        return;
    if (RULE_R1_ONCE)
        assert(!own->is_cast);
    own->is_cast = true;
    own->vote = (struct vote){.kind = kind,
                              .epoch = s->config.epoch,
                              .view = round->view,
                              .signer = (uint16_t)s->config.own_index};
    if (proposal != NULL)
        own->vote.proposal = *proposal;
    struct simplex_action *action = append(out, SIMPLEX_CAST);
    action->view = round->view;
    action->vote = own->vote;
    arm(s, now_ms); /* an own vote is always resent */
}

static bool has_cast(const struct round *round, enum consensus_message kind)
{
    return round->own[KIND_INDEX(kind)].is_cast;
}

/* R2, the only emitter of NULLIFY. */
static void try_nullify(struct simplex *s, uint64_t view, uint64_t now_ms,
                        struct simplex_queue *out)
{
    if (view != s->view || view <= s->final_view)
        return;
    struct round *round = need_round(s, view);
    if ((has_cast(round, MESSAGE_FINALIZE) && RULE_R2_NOT_AFTER_FINALIZE)
        || has_cast(round, MESSAGE_NULLIFY))
        return;
    cast(s, round, MESSAGE_NULLIFY, NULL, now_ms, out);
}

/* R3, the only emitter of FINALIZE. */
static void try_finalize(struct simplex *s, struct round *round, uint64_t now_ms,
                         struct simplex_queue *out)
{
    const struct certificate *notarization = round_certificate(round, MESSAGE_NOTARIZE);
    if (notarization == NULL || round->view <= s->final_view
        || verdict_of(s, &notarization->block_hash) != VERDICT_VALID)
        return;
    const hash256 proposal = proposal_digest(s->config.epoch, round->view,
                                             notarization->parent_view, &notarization->block_hash);
    const struct own_vote *notarized = &round->own[KIND_INDEX(MESSAGE_NOTARIZE)];
    if ((has_cast(round, MESSAGE_NULLIFY) && RULE_R3_NOT_AFTER_NULLIFY)
        || has_cast(round, MESSAGE_FINALIZE)
        || (notarized->is_cast && !hash256_equal(&notarized->vote.proposal, &proposal)))
        return;
    cast(s, round, MESSAGE_FINALIZE, &proposal, now_ms, out);
}

/* The first view in (parent, view) or at the parent that lacks its certificate; 0 if none. */
static uint64_t ancestry_missing(const struct simplex *s, uint64_t parent_view, uint64_t view)
{
    if (parent_view > s->final_view) {
        const struct round *parent = find_round(s, parent_view);
        if (parent == NULL || round_block_certificate(parent) == NULL)
            return parent_view;
    }
    for (uint64_t v = parent_view + 1; v < view && RULE_R1_SKIPPED_VIEWS; v++)
        if (certificate_of(s, v, MESSAGE_NULLIFY) == NULL)
            return v;
    return 0;
}

static hash256 certified_block(const struct simplex *s, uint64_t view)
{
    if (view == s->final_view)
        return s->final.hash;
    return round_block_certificate(find_round(s, view))->block_hash;
}

/* Whether the proposed block may stand on the block certified at its parent view (R1). */
enum fit { FIT_GOOD, FIT_WAIT, FIT_BAD };
static enum fit block_fits(struct simplex *s, const struct proposal *proposal, uint64_t now_ms,
                           struct simplex_queue *out)
{
    const hash256 parent = certified_block(s, proposal->parent_view);
    const struct simplex_block *parent_info = info_of(s, &parent);
    const struct simplex_block *info = info_of(s, &proposal->block);
    if (verdict_of(s, &parent) != VERDICT_VALID || parent_info == NULL || info == NULL)
        return FIT_WAIT;
    if (hash256_equal(&proposal->block, &parent))
        return FIT_GOOD; /* a re-proposal: nothing to check beyond its certificate */
    if (parent_info->is_seal || !hash256_equal(&info->parent, &parent)
        || info->view != proposal->view)
        return FIT_BAD;
    if (parent_info->height >= s->final.height + SIMPLEX_DEPTH_MAX) {
        ask(s, proposal->parent_view, leader_of(s, proposal->view), now_ms, out);
        return FIT_WAIT; /* its final block may be newer than ours */
    }
    switch (verdict_of(s, &proposal->block)) {
    case VERDICT_VALID: return FIT_GOOD;
    case VERDICT_INVALID: return FIT_BAD;
    case VERDICT_UNKNOWN: return FIT_WAIT;
    }
    return FIT_WAIT;
}

/* R1, the only emitter of NOTARIZE. */
static void try_notarize(struct simplex *s, struct round *round, uint64_t now_ms,
                         struct simplex_queue *out)
{
    const struct proposal *proposal = &round->proposal;
    if (!round->has_proposal || round->view != s->view
        || (has_cast(round, MESSAGE_NOTARIZE) && RULE_R1_ONCE) || has_cast(round, MESSAGE_NULLIFY))
        return;
    if (proposal->parent_view >= proposal->view || proposal->parent_view < s->final_view) {
        try_nullify(s, round->view, now_ms, out);
        return;
    }
    const uint64_t missing = ancestry_missing(s, proposal->parent_view, proposal->view);
    if (missing != 0) {
        ask(s, missing, leader_of(s, proposal->view), now_ms, out);
        return;
    }
    switch (block_fits(s, proposal, now_ms, out)) {
    case FIT_GOOD: cast(s, round, MESSAGE_NOTARIZE, &round->digest, now_ms, out); break;
    case FIT_BAD: try_nullify(s, round->view, now_ms, out); break;
    case FIT_WAIT: break; /* the timers decide */
    }
}

/* ---- Finality ------------------------------------------------------------------------------ */

static void prune(struct simplex *s)
{
    const size_t gone = round_place(s, s->final_view + 1);
    for (size_t i = 0; i < gone; i++)
        round_free(s->rounds[i], s->config.thresholds.members);
    memmove(s->rounds, s->rounds + gone, (s->rounds_count - gone) * sizeof *s->rounds);
    s->rounds_count -= gone;
    size_t kept = 0;
    for (size_t i = 0; i < s->blocks_count; i++)
        if (!s->blocks[i].has_info || s->blocks[i].info.height > s->final.height)
            s->blocks[kept++] = s->blocks[i];
    s->blocks_count = kept;
}

/* The blocks from above F up to `hash`, lowest first; false when not all are valid here. */
static bool chain_to(struct simplex *s, hash256 hash, hash256 chain[], size_t chain_max,
                     size_t *count)
{
    for (*count = 0; !is_final_block(s, &hash); (*count)++) {
        const struct simplex_block *info = info_of(s, &hash);
        if (info == NULL || verdict_of(s, &hash) != VERDICT_VALID || *count == chain_max)
            return false;
        chain[*count] = hash;
        hash = info->parent;
    }
    for (size_t i = 0; i < *count / 2; i++) {
        const hash256 swapped = chain[i];
        chain[i] = chain[*count - 1 - i];
        chain[*count - 1 - i] = swapped;
    }
    return true;
}

static void keep_pending(struct simplex *s, const struct certificate *finalization,
                         struct simplex_queue *out)
{
    if (!s->has_pending_final || finalization->view > s->pending_final.view) {
        struct certificate copy = certificate_copy(finalization);
        if (s->has_pending_final)
            free(s->pending_final.signatures);
        s->pending_final = copy;
        s->has_pending_final = true;
    }
    append(out, SIMPLEX_SYNC)->block = finalization->block_hash;
}

/* `block` and all below it are stored or about to be: the new F. */
static void move_final(struct simplex *s, const struct certificate *finalization,
                       const struct simplex_block *block, struct simplex_queue *out)
{
    const struct simplex_block next = *block;
    struct certificate copy = certificate_copy(finalization);
    if (s->has_final_certificate)
        free(s->final_certificate.signatures);
    s->final_certificate = copy;
    s->has_final_certificate = true;
    s->final = next;
    s->final_view = copy.view;
    s->timeouts = 0;
    if (s->has_pending_final && s->pending_final.view <= s->final_view) {
        free(s->pending_final.signatures);
        s->has_pending_final = false;
    }
    prune(s);
    if (s->final.is_seal) {
        s->is_sealed = true;
        append(out, SIMPLEX_SEALED)->block = s->final.hash;
    }
    if (!work_pending(s))
        disarm(s);
}

static void set_final(struct simplex *s, const struct certificate *finalization,
                      struct simplex_queue *out)
{
    hash256 chain[2 * SIMPLEX_DEPTH_MAX];
    size_t count;
    if (finalization->view <= s->final_view)
        return;
    if (!chain_to(s, finalization->block_hash, chain, 2 * SIMPLEX_DEPTH_MAX, &count)) {
        keep_pending(s, finalization, out);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        struct simplex_action *commit = append(out, SIMPLEX_COMMIT);
        commit->block = chain[i];
        commit->view = finalization->view;
        if (i + 1 == count)
            put_certificate(commit, finalization, out);
    }
    move_final(s, finalization, info_of(s, &finalization->block_hash), out);
}

void simplex_on_synced(struct simplex *s, const struct simplex_block *block, uint64_t now_ms,
                       struct simplex_queue *out)
{
    if (!s->has_pending_final || !hash256_equal(&s->pending_final.block_hash, &block->hash))
        return;
    struct certificate pending = certificate_copy(&s->pending_final);
    move_final(s, &pending, block, out);
    free(pending.signatures);
    struct round *round = find_round(s, s->view);
    if (round != NULL)
        try_notarize(s, round, now_ms, out);
    try_propose(s, now_ms, out);
}

/* ---- Entering views (R4) ------------------------------------------------------------------- */

/* R2: the leader itself gives the view up, or so many that one of them is honest. */
static bool must_nullify(const struct simplex *s, const struct round *round)
{
    const struct thresholds *of = &s->config.thresholds;
    return round_vote(round, MESSAGE_NULLIFY, leader_of(s, round->view)) != NULL
           || round_count(round, MESSAGE_NULLIFY, NULL, of->members) >= of->amplify;
}

static void enter(struct simplex *s, uint64_t view, uint64_t now_ms, struct simplex_queue *out)
{
    s->view = view;
    s->timers = (struct timers){NEVER, NEVER, NEVER, NEVER};
    struct round *round = need_round(s, view);
    round->is_armed = false;
    const unsigned members = s->config.thresholds.members, leader = leader_of(s, view);
    const struct certificate *entry = entry_certificate(s);
    if (entry != NULL && leader != s->config.own_index)
        send_certificate(entry, leader, out);
    if (work_pending(s) || round_count(round, MESSAGE_NULLIFY, NULL, members) > 0)
        arm(s, now_ms);
    if (must_nullify(s, round)) /* votes that came early */
        try_nullify(s, view, now_ms, out);
    try_propose(s, now_ms, out);
    if (s->view == view && round->has_proposal)
        consider(s, round, now_ms, out);
}

/* ---- Certificates -------------------------------------------------------------------------- */

static void halt(struct simplex *s, const hash256 *block, struct simplex_queue *out)
{
    s->is_halted = true;
    append(out, SIMPLEX_HALT)->block = *block;
}

/* Takes the certificate's memory. */
static void receive_certificate(struct simplex *s, struct certificate certificate, uint64_t now_ms,
                                struct simplex_queue *out)
{
    const uint64_t view = certificate.view;
    if (s->is_sealed || view <= s->final_view
        || certificate_of(s, view, certificate.kind) != NULL) {
        free(certificate.signatures);
        return;
    }
    round_put_certificate(need_round(s, view), &certificate);
    struct simplex_action *log = append(out, SIMPLEX_LOG);
    log->view = view;
    put_certificate(log, &certificate, out);
    if (certificate.kind != MESSAGE_NULLIFY) {
        want_block(s, &certificate.block_hash, out);
        if (verdict_of(s, &certificate.block_hash) == VERDICT_INVALID)
            halt(s, &certificate.block_hash, out);
        if (view >= s->view)
            s->notarized_ms = now_ms;
    }
    if (certificate.kind == MESSAGE_NOTARIZE)
        try_finalize(s, find_round(s, view), now_ms, out);
    if (certificate.kind == MESSAGE_FINALIZE)
        set_final(s, &certificate, out);
    if (s->is_sealed)
        return;
    if (view >= s->view) {
        enter(s, view + 1, now_ms, out);
        return;
    }
    struct round *current = find_round(s, s->view); /* ancestry may be complete now */
    if (current != NULL)
        try_notarize(s, current, now_ms, out);
    try_propose(s, now_ms, out);
}

static void try_certificate(struct simplex *s, struct round *round, enum consensus_message kind,
                            const hash256 *proposal, uint64_t now_ms, struct simplex_queue *out)
{
    const struct thresholds *of = &s->config.thresholds;
    if (round_certificate(round, kind) != NULL
        || round_count(round, kind, proposal, of->members) < of->quorum)
        return;
    if (kind != MESSAGE_NULLIFY
        && !(round->has_proposal && hash256_equal(&round->digest, proposal))) {
        ask(s, round->view, SIMPLEX_ALL, now_ms, out);
        return;
    }
    struct certificate certificate =
        round_make_certificate(round, kind, proposal, of->members, of->quorum);
    if (kind != MESSAGE_NULLIFY) {
        certificate.parent_view = round->proposal.parent_view;
        certificate.block_hash = round->proposal.block;
    }
    receive_certificate(s, certificate, now_ms, out);
}

void simplex_on_certificate(struct simplex *s, const struct certificate *certificate,
                            uint64_t now_ms, struct simplex_queue *out)
{
    if (certificate->epoch == s->config.epoch && certificate->view > s->final_view)
        receive_certificate(s, certificate_copy(certificate), now_ms, out);
}

/* ---- Votes of others ----------------------------------------------------------------------- */

/* E1 to E3, once a member and view. */
static void look_for_evidence(struct round *round, const struct vote *vote,
                              struct simplex_queue *out)
{
    struct evidence evidence;
    if (round->accused[vote->signer / 8] >> (vote->signer % 8) & 1)
        return;
    for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++) {
        const struct vote *first = round_vote(round, (enum consensus_message)kind, vote->signer);
        if (first == NULL || !evidence_of_votes(&evidence, first, vote))
            continue;
        round->accused[vote->signer / 8] |= (uint8_t)(1U << (vote->signer % 8));
        append(out, SIMPLEX_ACCUSE)->evidence = evidence;
        return;
    }
}

/* The sender is behind: it gets what leads it here, not more often than it would ask again. */
static void help(struct simplex *s, uint32_t member, uint64_t now_ms, struct simplex_queue *out)
{
    if (member == s->config.own_index || now_ms < s->helped_ms[member] + RETRY_LEAST / 2)
        return;
    s->helped_ms[member] = now_ms;
    const struct certificate *entry = entry_certificate(s);
    if (s->has_final_certificate)
        send_certificate(&s->final_certificate, member, out);
    if (entry != NULL && s->view - 1 != s->final_view)
        send_certificate(entry, member, out);
}

static void receive_vote(struct simplex *s, const struct vote *vote, uint64_t now_ms,
                         struct simplex_queue *out)
{
    const struct thresholds *of = &s->config.thresholds;
    struct round *round = need_round(s, vote->view);
    look_for_evidence(round, vote, out);
    if (round_vote(round, vote->kind, vote->signer) != NULL)
        return; /* the first stays */
    round_put_vote(round, vote, of->members);
    if (vote->kind == MESSAGE_NULLIFY && vote->view == s->view) {
        arm(s, now_ms); /* somebody has work */
        if (vote->signer == leader_of(s, s->view)
            || round_count(round, MESSAGE_NULLIFY, NULL, of->members) >= of->amplify)
            try_nullify(s, s->view, now_ms, out);
    }
    try_certificate(s, round, vote->kind, &vote->proposal, now_ms, out);
}

void simplex_on_vote(struct simplex *s, const struct vote *vote, uint64_t now_ms,
                     struct simplex_queue *out)
{
    if (vote->epoch != s->config.epoch || vote->signer >= s->config.thresholds.members)
        return;
    if (vote->view < s->view)
        help(s, vote->signer, now_ms, out);
    if (s->is_sealed || vote->view <= s->final_view || vote->view > s->view + VIEWS_AHEAD)
        return;
    receive_vote(s, vote, now_ms, out);
}

void simplex_on_cast(struct simplex *s, const struct vote *vote, uint64_t now_ms,
                     struct simplex_queue *out)
{
    if (vote->view <= s->final_view || s->is_sealed)
        return;
    struct round *round = need_round(s, vote->view);
    struct own_vote *own = &round->own[KIND_INDEX(vote->kind)];
    assert(own->is_cast);
    own->vote = *vote;
    own->is_sent = true;
    send_vote(vote, SIMPLEX_ALL, out);
    receive_vote(s, vote, now_ms, out);
}

/* ---- Proposals ----------------------------------------------------------------------------- */

static void consider(struct simplex *s, struct round *round, uint64_t now_ms,
                     struct simplex_queue *out)
{
    if (round->view == s->view) {
        arm(s, now_ms);
        s->timers.leader = NEVER;
    }
    want_block(s, &round->proposal.block, out);
    try_notarize(s, round, now_ms, out);
}

void simplex_on_proposal(struct simplex *s, const struct proposal *proposal, uint64_t now_ms,
                         struct simplex_queue *out)
{
    struct evidence evidence;
    const uint64_t view = proposal->view;
    if (proposal->epoch != s->config.epoch || s->is_sealed)
        return;
    for (unsigned i = 0; i < proposal->certificates_count; i++)
        simplex_on_certificate(s, &proposal->certificates[i], now_ms, out);
    if (s->is_sealed || view <= s->final_view || view > s->view + 1)
        return;
    struct round *round = need_round(s, view);
    if (round->has_proposal) {
        const unsigned leader = leader_of(s, view);
        if (!(round->accused[leader / 8] >> (leader % 8) & 1)
            && evidence_of_proposals(&evidence, &round->proposal, proposal, (uint16_t)leader)) {
            round->accused[leader / 8] |= (uint8_t)(1U << (leader % 8));
            append(out, SIMPLEX_ACCUSE)->evidence = evidence;
        }
        return;
    }
    round->has_proposal = true;
    round->proposal = *proposal;
    round->proposal.body = (struct bytes){0};
    round->proposal.form = PROPOSAL_WITHOUT_BLOCK;
    round->proposal.certificates = NULL;
    round->proposal.certificates_count = 0;
    round->digest = proposal_digest_of(proposal);
    const hash256 digest = round->digest;
    try_certificate(s, round, MESSAGE_NOTARIZE, &digest, now_ms, out);
    if (view > s->final_view && !s->is_sealed)
        try_certificate(s, need_round(s, view), MESSAGE_FINALIZE, &digest, now_ms, out);
    if (view > s->final_view && !s->is_sealed)
        consider(s, need_round(s, view), now_ms, out);
}

/* The parent that a proposal of the current view may take: the highest certified view whose block
 * is valid here and above which all was nullified. False, and what is missing is asked for. */
static bool find_parent(struct simplex *s, uint64_t *parent_view, hash256 *parent, uint64_t now_ms,
                        struct simplex_queue *out)
{
    for (uint64_t view = s->view - 1; view > s->final_view; view--) {
        const struct round *round = find_round(s, view);
        const struct certificate *certified = round == NULL ? NULL : round_block_certificate(round);
        if (certified != NULL && verdict_of(s, &certified->block_hash) == VERDICT_VALID) {
            *parent_view = view;
            *parent = certified->block_hash;
            return true;
        }
        if (certificate_of(s, view, MESSAGE_NULLIFY) == NULL) {
            ask(s, view, SIMPLEX_ALL, now_ms, out);
            return false;
        }
    }
    *parent_view = s->final_view;
    *parent = s->final.hash;
    return true;
}

/* The parent's certificate and what the views between need; borrowed. */
static unsigned justify(const struct simplex *s, uint64_t parent_view, uint64_t view,
                        struct certificate out[PROPOSAL_CERTIFICATES_MAX])
{
    unsigned count = 0;
    if (parent_view > s->final_view)
        out[count++] = *round_block_certificate(find_round(s, parent_view));
    else if (s->has_final_certificate)
        out[count++] = s->final_certificate;
    for (uint64_t v = parent_view + 1; v < view && count < PROPOSAL_CERTIFICATES_MAX; v++)
        out[count++] = *certificate_of(s, v, MESSAGE_NULLIFY);
    return count;
}

/* R7: the proposal is fixed here, and logged before it leaves. */
static void propose(struct simplex *s, struct round *round, uint64_t parent_view,
                    const hash256 *block, struct simplex_queue *out)
{
    round->own_proposal = OWN_PROPOSAL_MADE;
    struct simplex_action *action = append(out, SIMPLEX_PROPOSE);
    action->view = round->view;
    action->message.kind = PEER_PROPOSAL;
    action->message.proposal = (struct proposal){
        .epoch = s->config.epoch, .view = round->view, .parent_view = parent_view, .block = *block};
}

static bool must_repropose(struct simplex *s, const hash256 *parent)
{
    const struct simplex_block *info = info_of(s, parent);
    if (!RULE_REPROPOSE)
        return false;
    return info != NULL
           && (info->is_seal || info->height >= s->final.height + SIMPLEX_DEPTH_MAX
               || !s->has_work);
}

static void try_propose(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    uint64_t parent_view;
    hash256 parent;
    if (leader_of(s, s->view) != s->config.own_index || !may_speak(s, s->view) || !work_pending(s))
        return;
    struct round *round = need_round(s, s->view);
    if ((round->own_proposal != OWN_PROPOSAL_NONE && RULE_R7_ONE_PROPOSAL)
        || has_cast(round, MESSAGE_NOTARIZE) || has_cast(round, MESSAGE_NULLIFY)
        || has_cast(round, MESSAGE_FINALIZE) || !find_parent(s, &parent_view, &parent, now_ms, out))
        return;
    const bool again = must_repropose(s, &parent);
    const uint64_t slot = slot_ms(s) + (again ? 2 * DELAY_MS : 0);
    if (now_ms < slot) {
        s->timers.slot = slot;
        return;
    }
    if (again) {
        propose(s, round, parent_view, &parent, out);
        return;
    }
    round->own_proposal = OWN_PROPOSAL_BUILDING;
    struct simplex_action *build = append(out, SIMPLEX_BUILD);
    build->view = s->view;
    build->block = parent;
    round->proposal.parent_view = parent_view; /* of what is built; has_proposal is false */
}

void simplex_on_built(struct simplex *s, const struct simplex_block *info, uint64_t now_ms,
                      struct simplex_queue *out)
{
    (void)now_ms;
    if (info->height > s->final.height) {
        struct block *block = need_block(s, &info->hash);
        block->info = *info;
        block->has_info = true;
        block->verdict = VERDICT_VALID;
    }
    struct round *round = find_round(s, info->view);
    if (round == NULL || info->view != s->view || !may_speak(s, s->view)
        || round->own_proposal != OWN_PROPOSAL_BUILDING || has_cast(round, MESSAGE_NULLIFY)
        || round->has_proposal)
        return;
    propose(s, round, round->proposal.parent_view, &info->hash, out);
}

void simplex_on_build_failed(struct simplex *s, uint64_t view, bool has_nothing, uint64_t now_ms,
                             struct simplex_queue *out)
{
    struct round *round = find_round(s, view);
    if (round == NULL || view != s->view || round->own_proposal != OWN_PROPOSAL_BUILDING)
        return;
    if (!has_nothing) {
        try_nullify(s, view, now_ms, out);
        return;
    }
    s->has_work = false;
    round->own_proposal = OWN_PROPOSAL_NONE; /* nothing was logged or left */
    if (work_pending(s))
        try_propose(s, now_ms, out);
    else
        disarm(s);
}

static void send_proposal(struct simplex *s, struct round *round, struct simplex_queue *out)
{
    struct certificate certificates[PROPOSAL_CERTIFICATES_MAX];
    if (ancestry_missing(s, round->proposal.parent_view, round->view) != 0
        || round->proposal.parent_view < s->final_view)
        return;
    const unsigned count = justify(s, round->proposal.parent_view, round->view, certificates);
    for (unsigned i = 0; i < count; i++)
        send_certificate(&certificates[i], SIMPLEX_ALL, out);
    struct simplex_action *send = append(out, SIMPLEX_SEND);
    send->to = SIMPLEX_ALL;
    send->message.kind = PEER_PROPOSAL;
    send->message.proposal = round->proposal;
}

void simplex_on_proposed(struct simplex *s, const struct proposal *proposal, uint64_t now_ms,
                         struct simplex_queue *out)
{
    struct round *round = find_round(s, proposal->view);
    if (round == NULL || proposal->view <= s->final_view || s->is_sealed)
        return;
    assert(round->own_proposal == OWN_PROPOSAL_MADE);
    round->own_proposal = OWN_PROPOSAL_SENT;
    simplex_on_proposal(s, proposal, now_ms, out);
    round = find_round(s, proposal->view);
    if (round != NULL)
        send_proposal(s, round, out);
}

/* ---- Blocks -------------------------------------------------------------------------------- */

void simplex_on_block(struct simplex *s, const struct simplex_block *info, uint64_t now_ms,
                      struct simplex_queue *out)
{
    if (info->height <= s->final.height)
        return;
    struct block *block = need_block(s, &info->hash);
    block->info = *info;
    block->has_info = true;
    struct round *round = find_round(s, s->view);
    if (round != NULL)
        try_notarize(s, round, now_ms, out);
}

static bool is_certified(const struct simplex *s, const hash256 *block)
{
    for (size_t i = 0; i < s->rounds_count; i++) {
        const struct certificate *certified = round_block_certificate(s->rounds[i]);
        if (certified != NULL && hash256_equal(&certified->block_hash, block))
            return true;
    }
    return false;
}

void simplex_on_executed(struct simplex *s, const hash256 *hash, bool is_valid, uint64_t now_ms,
                         struct simplex_queue *out)
{
    struct block *block = find_block(s, hash);
    if (block == NULL || block->verdict != VERDICT_UNKNOWN)
        return; /* a verdict is stable (R5) */
    block->verdict = is_valid ? VERDICT_VALID : VERDICT_INVALID;
    if (!is_valid && is_certified(s, hash))
        halt(s, hash, out);
    for (size_t i = 0; i < s->rounds_count; i++) /* may be for a view that we have left */
        try_finalize(s, s->rounds[i], now_ms, out);
    struct round *round = find_round(s, s->view);
    if (round != NULL)
        try_notarize(s, round, now_ms, out);
    if (s->has_pending_final) {
        const struct certificate pending = certificate_copy(&s->pending_final);
        set_final(s, &pending, out);
        free(pending.signatures);
    }
    try_propose(s, now_ms, out);
}

/* ---- Time and work ------------------------------------------------------------------------- */

void simplex_on_work(struct simplex *s, bool is_waiting, uint64_t now_ms, struct simplex_queue *out)
{
    s->has_work = is_waiting;
    if (!is_waiting || s->is_sealed || !s->is_started)
        return;
    arm(s, now_ms);
    try_propose(s, now_ms, out);
}

uint64_t simplex_next_ms(const struct simplex *s)
{
    const uint64_t all[] = {s->timers.slot, s->timers.leader, s->timers.advance, s->timers.retry};
    uint64_t next = NEVER;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        next = all[i] < next ? all[i] : next;
    return next;
}

static void time_out(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    struct round *round = need_round(s, s->view);
    if (!round->is_timed_out)
        s->timeouts++;
    round->is_timed_out = true;
    try_nullify(s, s->view, now_ms, out);
}

/* t_retry: whatever of ours is above F, and how others get to our view. Stored bytes only. */
static void resend(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    for (size_t i = 0; i < s->rounds_count && RULE_RESEND; i++)
        for (unsigned kind = 0; kind < VOTE_KINDS; kind++)
            if (s->rounds[i]->own[kind].is_sent)
                send_vote(&s->rounds[i]->own[kind].vote, SIMPLEX_ALL, out);
    struct round *round = need_round(s, s->view);
    if (round->own_proposal == OWN_PROPOSAL_SENT)
        send_proposal(s, round, out);
    const struct certificate *entry = entry_certificate(s);
    if (entry != NULL)
        send_certificate(entry, SIMPLEX_ALL, out);
    for (size_t i = 0; i < s->blocks_count; i++)
        if (s->blocks[i].was_wanted && !s->blocks[i].has_info)
            append(out, SIMPLEX_WANT_BLOCK)->block = s->blocks[i].info.hash;
    try_notarize(s, round, now_ms, out); /* asks again for what is missing */
    try_propose(s, now_ms, out);
}

void simplex_on_time(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    const struct timers due = s->timers;
    if (now_ms >= due.slot) {
        s->timers.slot = NEVER;
        try_propose(s, now_ms, out);
    }
    if (now_ms >= due.leader || now_ms >= due.advance) {
        s->timers.leader = NEVER;
        if (now_ms >= due.advance)
            s->timers.advance = NEVER;
        time_out(s, now_ms, out);
    }
    if (now_ms >= due.retry) {
        const uint64_t wait = grown(s, 2 * DELAY_MS + s->config.execution_ms);
        s->timers.retry = now_ms + (wait > RETRY_LEAST ? wait : RETRY_LEAST);
        resend(s, now_ms, out);
    }
}

void simplex_on_certificate_request(struct simplex *s, uint32_t from,
                                    const struct certificate_request *request,
                                    struct simplex_queue *out)
{
    if (request->epoch != s->config.epoch)
        return;
    if (request->view <= s->final_view) {
        if (s->has_final_certificate)
            send_certificate(&s->final_certificate, from, out);
        return;
    }
    for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++) {
        const struct certificate *held =
            certificate_of(s, request->view, (enum consensus_message)kind);
        if (held != NULL && (request->kinds & CERTIFICATE_KIND_BIT(kind)) != 0)
            send_certificate(held, from, out);
    }
}

/* ---- Life ---------------------------------------------------------------------------------- */

struct simplex *simplex_new(const struct simplex_config *config)
{
    struct simplex *s = memory_new_zeroed(1, sizeof *s);
    assert(config->thresholds.members <= COMMITTEE_SIZE_MAX);
    s->config = *config;
    for (unsigned i = 0; i < config->thresholds.members; i++)
        s->leaders[i] = leader_of_view(&config->seal_mix_hash, config->thresholds.members, i);
    s->final_view = config->final_view;
    s->final.hash = config->final_block;
    s->final.height = config->final_height;
    if (config->finalization != NULL) {
        s->final_certificate = certificate_copy(config->finalization);
        s->has_final_certificate = true;
    }
    s->config.finalization = NULL;
    s->view = config->final_view + 1;
    s->timers = (struct timers){NEVER, NEVER, NEVER, NEVER};
    s->notarized_ms = config->now_ms;
    s->silent_until = UINT64_MAX; /* until the startup audit is over */
    return s;
}

void simplex_free(struct simplex *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < s->rounds_count; i++)
        round_free(s->rounds[i], s->config.thresholds.members);
    if (s->has_final_certificate)
        free(s->final_certificate.signatures);
    if (s->has_pending_final)
        free(s->pending_final.signatures);
    free(s->rounds);
    free(s->blocks);
    free(s);
}

void simplex_on_logged_vote(struct simplex *s, enum consensus_message kind, uint64_t view,
                            const hash256 *proposal)
{
    if (view <= s->final_view)
        return;
    struct own_vote *own = &need_round(s, view)->own[KIND_INDEX(kind)];
    own->is_cast = true;
    own->vote = (struct vote){.kind = kind,
                              .epoch = s->config.epoch,
                              .view = view,
                              .proposal = *proposal,
                              .signer = (uint16_t)s->config.own_index};
}

void simplex_on_logged_proposal(struct simplex *s, uint64_t view, uint64_t parent_view,
                                const hash256 *block)
{
    if (view <= s->final_view)
        return;
    struct round *round = need_round(s, view);
    round->own_proposal = OWN_PROPOSAL_MADE;
    round->proposal = (struct proposal){
        .epoch = s->config.epoch, .view = view, .parent_view = parent_view, .block = *block};
}

void simplex_on_logged_certificate(struct simplex *s, const struct certificate *certificate)
{
    if (certificate->view <= s->final_view
        || certificate_of(s, certificate->view, certificate->kind) != NULL)
        return;
    const struct certificate copy = certificate_copy(certificate);
    round_put_certificate(need_round(s, copy.view), &copy);
    if (copy.view >= s->view)
        s->view = copy.view + 1;
}

void simplex_on_start(struct simplex *s, uint64_t now_ms, struct simplex_queue *out)
{
    const struct certificate *final = NULL;
    s->is_started = true;
    for (size_t i = 0; i < s->rounds_count; i++) {
        const struct certificate *certified = round_block_certificate(s->rounds[i]);
        if (certified != NULL)
            want_block(s, &certified->block_hash, out);
        if (round_certificate(s->rounds[i], MESSAGE_FINALIZE) != NULL)
            final = round_certificate(s->rounds[i], MESSAGE_FINALIZE);
    }
    if (final != NULL)
        set_final(s, final, out);
    enter(s, s->view, now_ms, out);
}

/* Own votes of before are signed again (deterministically: the same bytes), sent and counted; a
 * logged proposal of this view is sent as it was (R7). */
void simplex_on_audited(struct simplex *s, uint64_t silent_until, uint64_t now_ms,
                        struct simplex_queue *out)
{
    s->silent_until = silent_until;
    for (size_t i = 0; i < s->rounds_count; i++) {
        struct round *round = s->rounds[i];
        for (unsigned kind = 0; kind < VOTE_KINDS; kind++) {
            if (!round->own[kind].is_cast || round->own[kind].is_sent)
                continue;
            struct simplex_action *action = append(out, SIMPLEX_CAST);
            action->view = round->view;
            action->vote = round->own[kind].vote;
        }
        if (round->own_proposal == OWN_PROPOSAL_MADE && round->view == s->view)
            propose(s, round, round->proposal.parent_view, &round->proposal.block, out);
        try_finalize(s, round, now_ms, out);
    }
    struct round *current = need_round(s, s->view);
    if (current->is_timed_out || must_nullify(s, current)) /* came while we were silent */
        try_nullify(s, s->view, now_ms, out);
    if (current->has_proposal)
        consider(s, current, now_ms, out);
    try_propose(s, now_ms, out);
}

uint64_t simplex_view(const struct simplex *s)
{
    return s->view;
}

uint64_t simplex_final_view(const struct simplex *s)
{
    return s->final_view;
}

uint64_t simplex_final_height(const struct simplex *s)
{
    return s->final.height;
}

void simplex_fill_status(const struct simplex *s, uint32_t member, struct status *status)
{
    const struct certificate *entry = entry_certificate(s);
    status->epoch = s->config.epoch;
    status->signer = (uint16_t)s->config.own_index;
    status->view = s->view;
    status->final_height = s->final.height;
    status->final_hash = s->final.hash;
    status->final_view = s->final_view;
    status->entry_kind = entry == NULL ? (enum consensus_message)0 : entry->kind;
    status->entry_view = s->view - 1;
    status->highest_voted_view = s->final_view;
    status->votes_count = 0;
    for (unsigned kind = MESSAGE_NOTARIZE; kind <= MESSAGE_FINALIZE; kind++) {
        const struct vote *latest = NULL;
        for (size_t i = 0; i < s->rounds_count; i++) {
            const struct round *round = s->rounds[i];
            const struct vote *vote = round_vote(round, (enum consensus_message)kind, member);
            latest = vote != NULL ? vote : latest;
            if (round->own[KIND_INDEX(kind)].is_cast && round->view > status->highest_voted_view)
                status->highest_voted_view = round->view;
        }
        if (latest != NULL)
            status->votes[status->votes_count++] = *latest;
    }
}

const struct certificate *simplex_finalization(const struct simplex *s)
{
    return s->has_final_certificate ? &s->final_certificate : NULL;
}
